"""Bluesky's services, by recorded answers: pages, an AppView, the entryway, troubles."""

import asyncio
from typing import Any

import pytest

from ingest.live import Outcome
from ingest.live.platforms import _bluesky_services
from tests.ingest.live.server import Asked, Recorded, Told
from tests.ingest.live.watching import Watching

CITY, STRANGER = "did:plc:city", "did:plc:stranger"
POST = "app.bsky.feed.post"
AT = "2026-03-02T10:00:00Z"
LATER = 301.0
LIST, STATUS = "/xrpc/com.atproto.repo.listRecords", "/xrpc/com.atproto.sync.getRepoStatus"


def uri(did: str, number: int) -> str:
    return f"at://{did}/{POST}/{number:04}"


def record(text: str, **more: Any) -> dict[str, Any]:
    return {"$type": POST, "text": text, "createdAt": AT, **more}


def serve(recorded: Recorded, posts: int) -> None:
    """Serve a repository with so many posts, and no profile."""
    found: list[dict[str, Any]] = [
        {"uri": uri(CITY, one), "cid": f"c{one}", "value": record(f"post {one}")}
        for one in range(posts)
    ]

    def listed(asked: Asked) -> Told:
        if asked.params["collection"] != POST:
            return Told({"records": []})
        if asked.params.get("reverse") != "true":
            return Told({"records": found[::-1][:100]})
        after = asked.params.get("cursor", "")
        rest = [one for one in found if not after or one["uri"].rpartition("/")[2] > after]
        return Told({"records": rest[:100], "cursor": "more"})

    def status(asked: Asked) -> Told:
        if asked.params["did"] != CITY:
            return Told({"error": "RepoNotFound", "message": "Could not find repo"}, 400)
        return Told({"did": CITY, "active": True, "rev": "3"})

    missing = {"error": "RecordNotFound", "message": "Could not locate record"}
    recorded.answer_by(LIST, listed)
    recorded.answer_by(STATUS, status)
    recorded.answer("/xrpc/com.atproto.repo.getRecord", missing, 400)


def poll(watching: Watching) -> Outcome:
    [outcome] = asyncio.run(watching.capture().once())
    return outcome


def once(watching: Watching) -> None:
    assert poll(watching).trouble == ""


def test_all_pages_are_read_and_later_only_what_is_new(
    watching: Watching, recorded: Recorded
) -> None:
    watching.add("bluesky", CITY, recorded.base, secret="")
    serve(recorded, 230)
    once(watching)
    assert len(watching.texts()) == 230
    before = recorded.paths().count(LIST)
    once(watching)
    assert recorded.paths().count(LIST) == before + 2


@pytest.mark.parametrize("trouble", [Told(b"", 502), Told({}, 429), Told(b"<html>", 400)])
def test_a_trouble_is_no_answer(watching: Watching, recorded: Recorded, trouble: Told) -> None:
    watching.add("bluesky", CITY, recorded.base, secret="")
    serve(recorded, 3)
    once(watching)
    recorded.first(LIST, trouble)
    assert poll(watching).trouble
    assert watching.entries("record.vanished", "capture.rejected") == []


def test_an_appview_shows_replies_from_elsewhere_and_whether_they_are_gone(
    watching: Watching, recorded: Recorded
) -> None:
    watching.add("bluesky", CITY, recorded.base, secret="", options={"appview": recorded.base})
    serve(recorded, 1)
    above = {"uri": uri(CITY, 0), "cid": "c0"}
    view = {"author": {"did": CITY, "handle": "city.example"}, "indexedAt": AT}
    root = {**view, **above, "record": record("an older text")}
    reply = {
        "uri": uri(STRANGER, 1),
        "cid": "r1",
        "author": {"did": STRANGER, "handle": "stranger.example"},
        "record": record("a reply", reply={"root": above, "parent": above}),
        "indexedAt": AT,
    }

    def thread(*replies: Any) -> None:
        shown = {"post": root, "replies": [{"post": one} for one in replies]}
        recorded.answer("/xrpc/app.bsky.feed.getPostThread", {"thread": shown})
        recorded.answer("/xrpc/app.bsky.feed.getPosts", {"posts": list(replies)})

    thread(reply)
    once(watching)
    assert watching.texts() == {"post 0": "live", "a reply": "live"}
    answered = watching.room.newest(watching.record("a reply"))
    assert answered.get("author/handle") == "stranger.example"
    thread()
    once(watching)
    assert watching.texts()["a reply"] == "live"
    watching.clock.advance(seconds=LATER)
    once(watching)
    assert watching.texts() == {"post 0": "live", "a reply": "vanished"}


def test_bluesky_names_the_server_of_an_account(
    watching: Watching, recorded: Recorded, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_bluesky_services, "ENTRYWAY", recorded.base)
    home = recorded.base.replace("127.0.0.1", "localhost")
    watching.add("bluesky", "city.example", recorded.base, secret="")
    serve(recorded, 1)
    service = {"id": "#atproto_pds", "serviceEndpoint": home}
    recorded.answer("/xrpc/com.atproto.identity.resolveHandle", {"did": CITY})
    recorded.answer("/xrpc/com.atproto.repo.describeRepo", {"didDoc": {"service": [service]}})
    once(watching)
    assert set(watching.texts()) == {"post 0"}
    hosts = [one.headers["host"].partition(":")[0] for one in recorded.asked]
    assert hosts[:2] == ["127.0.0.1", "127.0.0.1"]
    assert set(hosts[2:]) == {"localhost"}
