"""An account on X by the API v2, against recorded answers."""

import asyncio
import json
from typing import Any

import pytest

from tests.ingest.live.following import Following
from tests.ingest.live.server import Asked, Recorded, Told
from tests.ingest.live.test_mastodon import once, poll
from tests.ingest.live.watching import TOKEN, Watching

USER = {"data": {"id": "7", "name": "Library", "username": "library"}}
TWEETS, MENTIONS, BY_ID = "/users/7/tweets", "/users/7/mentions", "/tweets"


def post(number: int, words: str, **more: Any) -> dict[str, Any]:
    return {
        "id": str(number),
        "text": words,
        "author_id": "7",
        "created_at": "2026-02-20T12:00:00.000Z",
        "edit_history_tweet_ids": [str(number)],
        **more,
    }


class Account:
    """Posts and mentions, newest first, two a page."""

    def __init__(self, server: Recorded) -> None:
        server.token = TOKEN
        self.posts: list[dict[str, Any]] = []
        self.mentions: list[dict[str, Any]] = []
        self.problem = "resource-not-found"
        server.answer("/users/by/username/library", USER)
        server.answer("/users/7", USER)
        server.answer_by(TWEETS, lambda asked: self._listed(self.posts, asked))
        server.answer_by(MENTIONS, lambda asked: self._listed(self.mentions, asked))
        server.answer_by(BY_ID, self._by_id)

    def _listed(self, found: list[dict[str, Any]], asked: Asked) -> Told:
        since = int(asked.params.get("since_id", "0"))
        start = int(asked.params.get("pagination_token", "0"))
        newer = [one for one in found if int(one["id"]) > since]
        shown = newer[start : start + 2]
        if not shown:
            return Told({"meta": {"result_count": 0}})
        more = {"next_token": str(start + 2)} if start + 2 < len(newer) else {}
        meta = {"result_count": len(shown), "newest_id": shown[0]["id"], **more}
        return Told({"data": shown, "includes": {"users": [USER["data"]]}, "meta": meta})

    def _by_id(self, asked: Asked) -> Told:
        wanted = asked.params["ids"].split(",")
        shown = [one for one in (*self.posts, *self.mentions) if one["id"] in wanted]
        gone = set(wanted) - {one["id"] for one in shown}
        kind = f"https://api.twitter.com/2/problems/{self.problem}"
        errors = [{"resource_id": one, "type": kind, "title": "…"} for one in sorted(gone)]
        answer: dict[str, Any] = {"errors": errors} if errors else {}
        if shown:
            answer |= {"data": shown, "includes": {"users": [USER["data"]]}}
        return Told(answer)


@pytest.fixture
def account(recorded: Recorded, watching: Watching) -> Account:
    watching.add("x", "library", recorded.base)
    return Account(recorded)


def test_posts_and_mentions_of_every_page_are_captured_once(
    account: Account, recorded: Recorded, watching: Watching
) -> None:
    account.posts = [post(number, f"post {number}") for number in range(15, 10, -1)]
    answered = {"referenced_tweets": [{"type": "replied_to", "id": "15"}], "author_id": "8"}
    account.mentions = [post(20, "@library why?", **answered)]
    once(watching)
    once(watching)
    said = {*(f"post {number}" for number in range(11, 16)), "@library why?"}
    assert watching.texts() == dict.fromkeys(said, "live")
    assert watching.entries("record.edited", "capture.rejected") == []
    assert watching.room.newest(watching.record("@library why?")).get("parent") == "15"
    account.posts.insert(0, post(30, "later"))
    once(watching)
    assert "later" in watching.texts()
    asked = [one.params.get("since_id", "") for one in recorded.asked if one.path == TWEETS]
    assert asked == ["", "", "", "15", "15"]


def test_a_listing_that_breaks_off_goes_on_where_it_was(
    account: Account, recorded: Recorded, watching: Watching
) -> None:
    account.posts = [post(number, f"post {number}") for number in range(15, 10, -1)]
    recorded.answer_by(
        TWEETS,
        lambda asked: (
            Told({}, 503)
            if "pagination_token" in asked.params
            else account._listed(account.posts, asked)  # the account's own
        ),
    )
    assert "503" in poll(watching).trouble
    recorded.answer_by(TWEETS, lambda asked: account._listed(account.posts, asked))
    once(watching)
    assert len(watching.texts()) == 5
    tokens = [one.params.get("pagination_token") for one in recorded.asked if one.path == TWEETS]
    assert tokens == [None, "2", "2", "4"]


def test_a_post_that_is_not_found_vanishes_after_two_looks(
    account: Account, watching: Watching
) -> None:
    account.posts = [post(12, "stays"), post(11, "goes")]
    once(watching)
    del account.posts[1]
    once(watching)
    assert watching.texts()["goes"] == "live"
    watching.clock.advance(seconds=301)
    once(watching)
    assert watching.texts() == {"stays": "live", "goes": "vanished"}
    [vanished] = watching.entries("record.vanished")
    said = watching.sealed(vanished).bytes_of("look/1/raw") or b""
    assert json.loads(said)["errors"][0]["resource_id"] == "11"


def test_what_may_not_be_seen_has_not_vanished(account: Account, watching: Watching) -> None:
    account.posts = [post(11, "hidden from us")]
    account.problem = "not-authorized-for-resource"
    once(watching)
    account.posts = []
    for _ in range(3):
        watching.clock.advance(hours=2)
        once(watching)
    assert watching.texts() == {"hidden from us": "live"}


def test_posts_are_not_asked_for_again_where_that_is_said(
    recorded: Recorded, watching: Watching
) -> None:
    watching.add("x", "library", recorded.base, options={"deletions": "no"})
    Account(recorded).posts = [post(11, "once")]
    for _ in range(2):
        once(watching)
        watching.clock.advance(hours=2)
    assert BY_ID not in recorded.paths()


@pytest.mark.parametrize(
    ("answer", "wait"),
    [
        (Told({}, 429, {"x-rate-limit-remaining": "0", "x-rate-limit-reset": "1772463690"}), 90.5),
        (Told({"type": "https://api.twitter.com/2/problems/usage-capped"}, 429), 6 * 3600 + 0.5),
        (Told({"title": "Unauthorized"}, 401), 900.0),
        (Told({"title": "Forbidden"}, 403), 900.0),
        (Told(b"<html>", 502), 1.0),
    ],
)
def test_limits_and_failures_are_waited_for(
    account: Account, recorded: Recorded, watching: Watching, answer: Told, wait: float
) -> None:
    recorded.first(TWEETS, answer)

    async def follow() -> list[float]:
        async with Following(watching) as running:
            await running.time.asleep(2)
            return running.time.slept

    assert wait in asyncio.run(follow())
    assert TOKEN not in "".join(watching.said)
