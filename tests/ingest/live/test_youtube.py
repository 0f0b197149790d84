"""A YouTube channel by the Data API, against recorded answers."""

import asyncio
import json
from datetime import UTC, datetime
from typing import Any

import pytest

from ingest.live.platforms._google import until_midnight
from tests.ingest.live.following import Following
from tests.ingest.live.server import Asked, Recorded, Told
from tests.ingest.live.test_mastodon import once, poll
from tests.ingest.live.watching import Watching

CHANNEL = "UC" + "a" * 22
THREADS, COMMENTS = "/commentThreads", "/comments"


def comment(key: str, words: str, second: int = 0, **snippet: Any) -> dict[str, Any]:
    at = f"2026-02-20T12:00:{second:02}Z"
    said = {"textOriginal": words, "publishedAt": at, "updatedAt": at, "channelId": CHANNEL}
    return {"kind": "youtube#comment", "id": key, "snippet": {**said, **snippet}}


def thread(top: dict[str, Any], *replies: dict[str, Any]) -> dict[str, Any]:
    shown = [{**one, "snippet": {**one["snippet"], "videoId": "v1"}} for one in replies[:1]]
    snippet = {"videoId": "v1", "topLevelComment": top, "totalReplyCount": len(replies)}
    below = {"replies": {"comments": shown}} if shown else {}
    return {"kind": "youtube#commentThread", "id": top["id"], "snippet": snippet, **below}


class Channel:
    """Threads, newest first, by their moderation status; their replies."""

    def __init__(self, server: Recorded) -> None:
        self.threads: dict[str, list[dict[str, Any]]] = {}
        self.replies: dict[str, list[dict[str, Any]]] = {}
        server.answer_by(THREADS, self._threads)
        server.answer_by(COMMENTS, self._comments)
        server.answer("/channels", {"items": [{"id": CHANNEL}]})

    def _threads(self, asked: Asked) -> Told:
        status = asked.params.get("moderationStatus", "published")
        if "id" in asked.params:
            wanted = asked.params["id"].split(",")
            every = [one for some in self.threads.values() for one in some]
            return listed("commentThread", [one for one in every if one["id"] in wanted])
        start = int(asked.params.get("pageToken", "0"))
        found = self.threads.get(status, [])
        more = {"nextPageToken": str(start + 2)} if start + 2 < len(found) else {}
        return listed("commentThread", found[start : start + 2], **more)

    def _comments(self, asked: Asked) -> Told:
        if "parentId" in asked.params:
            return listed("comment", self.replies.get(asked.params["parentId"], []))
        tops = [one["snippet"]["topLevelComment"] for some in self.threads.values() for one in some]
        every = [*tops, *(one for some in self.replies.values() for one in some)]
        return listed("comment", [one for one in every if one["id"] == asked.params["id"]])


def listed(kind: str, items: list[Any], **more: str) -> Told:
    return Told({"kind": f"youtube#{kind}ListResponse", **more, "items": items})


def error(status: int, reason: str) -> Told:
    return Told({"error": {"code": status, "errors": [{"reason": reason}]}}, status)


@pytest.fixture
def channel(recorded: Recorded, watching: Watching) -> Channel:
    watching.add("youtube", CHANNEL, recorded.base)
    return Channel(recorded)


def test_threads_and_replies_of_every_page_and_status_are_captured_once(
    channel: Channel, watching: Watching
) -> None:
    replies = [comment(f"t5.r{number}", f"reply {number}", 30, parentId="t5") for number in (1, 2)]
    threads = [thread(comment(f"t{number}", f"top {number}", number)) for number in (4, 3, 2, 1)]
    channel.threads = {
        "published": [thread(comment("t5", "top 5", 5), *replies), *threads],
        "heldForReview": [thread(comment("h", "held", moderationStatus="heldForReview"))],
        "likelySpam": [thread(comment("s", "spam", moderationStatus="likelySpam"))],
    }
    channel.replies = {"t5": replies}
    once(watching)
    once(watching)
    said = {*(f"top {number}" for number in range(1, 6)), "reply 1", "reply 2"}
    assert watching.texts() == {**dict.fromkeys(said, "live"), "held": "pending", "spam": "pending"}
    assert watching.entries("record.edited", "capture.rejected") == []
    reply = watching.room.newest(watching.record("reply 2"))
    assert (reply.get("parent"), reply.get("url")) == (
        "t5",
        "https://www.youtube.com/watch?v=v1&lc=t5.r2",
    )


def test_edits_moderation_and_deletions_are_seen(channel: Channel, watching: Watching) -> None:
    texts = [comment(f"t{number}", f"top {number}", number) for number in (3, 2, 1)]
    channel.threads = {"published": [thread(one) for one in texts]}
    once(watching)
    texts[0]["snippet"] |= {"textOriginal": "edited", "updatedAt": "2026-02-21T12:00:00Z"}
    texts[1]["snippet"] |= {"moderationStatus": "rejected"}
    channel.threads = {"published": [thread(one) for one in texts[:2]]}
    once(watching)
    watching.clock.advance(seconds=301)
    assert watching.texts() == {"edited": "live", "top 2": "removed", "top 1": "live"}
    once(watching)
    assert watching.texts()["top 1"] == "vanished"
    [vanished] = watching.entries("record.vanished")
    said = watching.sealed(vanished).bytes_of("look/1/raw") or b""
    assert json.loads(said)["items"] == []


def test_a_key_goes_into_a_header_and_shows_what_is_public(
    channel: Channel, recorded: Recorded, watching: Watching
) -> None:
    watching.tokens = {"library": "AIza-key"}
    channel.threads = {"published": [thread(comment("t1", "top 1"))]}
    once(watching)
    assert {one.headers.get("x-goog-api-key") for one in recorded.asked} == {"AIza-key"}
    assert not any("moderationStatus" in one.params for one in recorded.asked)


def test_an_access_token_is_made_anew_when_it_has_expired(
    channel: Channel, recorded: Recorded, watching: Watching
) -> None:
    told = {"client_id": "c", "client_secret": "s", "refresh_token": "r"}
    watching.tokens = {"library": json.dumps({**told, "token_uri": recorded.base + "/token"})}
    recorded.answer("/token", {"access_token": "fresh"})
    recorded.first(THREADS, error(401, "authError"))
    channel.threads = {"published": [thread(comment("t1", "top 1"))]}
    once(watching)
    assert recorded.paths().count("/token") == 2
    assert watching.texts() == {"top 1": "live"}
    recorded.answer("/token", {"error": "invalid_grant"}, 400)
    assert "refresh token is refused" in poll(watching).trouble


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (error(403, "quotaExceeded"), "quota of the day"),
        (error(403, "rateLimitExceeded"), "rateLimitExceeded"),
        (error(401, "authError"), "authError"),
        (error(400, "keyInvalid"), "keyInvalid"),
        (error(503, "backendError"), "503"),
    ],
)
def test_troubles_are_told_apart(
    channel: Channel, recorded: Recorded, watching: Watching, answer: Told, said: str
) -> None:
    recorded.first(THREADS, answer)
    assert said in poll(watching).trouble
    assert watching.entries("record.vanished") == []


def test_a_quota_is_waited_for_until_midnight_in_california(
    channel: Channel, recorded: Recorded, watching: Watching
) -> None:
    assert until_midnight(datetime(2026, 3, 2, 15, tzinfo=UTC)) == 17 * 3600
    recorded.first(THREADS, error(403, "quotaExceeded"))

    async def follow() -> list[float]:
        async with Following(watching) as running:
            await running.time.asleep(2)
            return running.time.slept

    assert 17 * 3600 + 0.5 in asyncio.run(follow())
