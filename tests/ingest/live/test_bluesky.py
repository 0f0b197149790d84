"""Bluesky, against a Personal Data Server on loopback."""

import asyncio
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import httpx
import pytest

from ingest.live import Outcome
from tests.conftest import Clock
from tests.ingest.live.following import Following
from tests.ingest.live.watching import Watching
from tests.pds import PIXEL, Author, Pds

LATER = 301.0


@pytest.fixture
def clock() -> Clock:
    """The time that it is: the server's own times are of now."""
    return Clock(datetime.now(UTC))


@pytest.fixture
def watched(watching: Watching, pds: Pds, city: Author) -> Watching:
    """The city's account, watched at its server."""
    watching.add("bluesky", city.handle, pds.base, secret="")
    return watching


def poll(watching: Watching) -> Outcome:
    [outcome] = asyncio.run(watching.capture().once())
    return outcome


def once(watching: Watching) -> None:
    outcome = poll(watching)
    assert outcome.trouble == "", outcome


def test_a_poll_captures_the_repository_and_later_what_is_new(
    watched: Watching, city: Author
) -> None:
    city.name("City of Springfield")
    first = city.post("Road closed")
    city.picture("A map")
    once(watched)
    assert watched.texts() == {"": "live", "Road closed": "live", "A map": "live"}
    before = len(watched.entries("record.captured", "record.edited"))
    once(watched)
    assert len(watched.entries("record.captured", "record.edited")) == before
    city.edit(first, "Road closed until Friday")
    city.post("Road open")
    once(watched)
    known = watched.record("Road closed until Friday")
    assert watched.versions(known) == ["Road closed", "Road closed until Friday"]
    assert watched.room.newest(known).get("native_id") == first["uri"]
    assert "Road open" in watched.texts()
    assert watched.entries("capture.rejected") == []


def test_a_picture_is_fetched_from_the_repository(watched: Watching, city: Author) -> None:
    city.picture("A map")
    once(watched)
    parts = watched.room.newest(watched.record("A map"))
    assert parts.get("attachment/0/blob")
    assert parts.get("attachment/0/sha256") == sha256(PIXEL).hexdigest()
    assert parts.get("attachment/0/url") is None


def test_what_was_deleted_and_what_was_taken_down_has_vanished_after_two_looks(
    watched: Watching, pds: Pds, city: Author
) -> None:
    deleted, taken = city.post("a typo"), city.post("an insult")
    city.post("harmless")
    once(watched)
    city.delete(deleted)
    pds.take_down(taken)
    once(watched)
    assert watched.entries("record.vanished") == []
    watched.clock.advance(seconds=LATER)
    once(watched)
    assert watched.texts() == {"a typo": "vanished", "an insult": "vanished", "harmless": "live"}
    for entry in watched.entries("record.vanished"):
        told = watched.sealed(entry)
        for number in (0, 1):
            assert told.get(f"look/{number}/status") == "400"
            assert "com.atproto.repo.getRecord" in (told.get(f"look/{number}/address") or "")
        assert "RecordNotFound" in (told.bytes_of("look/1/raw") or b"").decode()


@pytest.mark.parametrize("how", ["by its owner", "by the server"])
def test_an_account_that_is_not_to_be_seen_takes_nothing_with_it(
    watched: Watching, pds: Pds, city: Author, how: str
) -> None:
    city.post("there")
    once(watched)
    if how == "by its owner":
        city.leave()
    else:
        pds.take_down({"did": city.did})
    for _ in range(3):
        assert "the account" in poll(watched).trouble
        watched.clock.advance(hours=2)
    assert watched.texts()["there"] == "live"
    assert watched.entries("record.vanished") == []


def test_the_stream_brings_posts_replies_edits_and_deletions(
    watched: Watching, city: Author, resident: Author
) -> None:
    old = city.post("there before")
    resident.post("nobody asked")

    async def follow() -> None:
        async with Following(watched) as running:
            await running.streaming()
            post = await asyncio.to_thread(city.post, "as it happens")
            reply = await asyncio.to_thread(resident.post, "nonsense", post)
            await asyncio.to_thread(resident.post, "something else")
            await asyncio.to_thread(city.edit, post, "as it happened")
            await asyncio.to_thread(resident.delete, reply)
            await asyncio.to_thread(city.delete, old)
            await running.until(lambda: watched.texts().get("there before") == "removed")

    asyncio.run(follow())
    assert watched.texts() == {
        "there before": "removed",
        "as it happened": "live",
        "nonsense": "removed",
    }
    assert watched.versions(watched.record("as it happened")) == ["as it happens", "as it happened"]
    reply = watched.room.newest(watched.record("nonsense"))
    assert reply.get("author/handle") == resident.did
    assert watched.entries("capture.rejected", "capture.gap") == []


def test_what_happened_while_nothing_ran_comes_by_the_stream_before_the_poll(
    watched: Watching, city: Author, resident: Author
) -> None:
    post = city.post("first")

    async def follow() -> None:
        async with Following(watched) as running:
            await running.streaming()
            city.post("second")
            await running.until(lambda: "second" in watched.texts())

    async def go_on() -> None:
        async with Following(watched) as running:
            await running.until(lambda: "third" in watched.texts() and "last" in watched.texts())
            await running.streaming()

    asyncio.run(follow())
    city.edit(post, "first, and in between")
    city.edit(post, "first, at last")
    deleted = city.post("third")
    resident.post("said meanwhile", post)
    city.delete(deleted)
    city.post("last")
    asyncio.run(go_on())
    assert watched.texts() == {
        "first, at last": "live",
        "second": "live",
        "third": "removed",
        "said meanwhile": "live",
        "last": "live",
    }
    known = watched.record("first, at last")
    assert watched.versions(known) == ["first", "first, and in between", "first, at last"]
    assert len(watched.entries("record.captured")) == 5
    assert watched.entries("record.vanished", "record.reappeared", "capture.gap") == []


def test_the_downloaded_repository_says_nothing_new(
    watched: Watching, pds: Pds, city: Author, tmp_path: Path
) -> None:
    city.name("City of Springfield")
    post = city.post("Road closed")
    city.picture("A map")
    once(watched)
    answer = httpx.get(f"{pds.base}/xrpc/com.atproto.sync.getRepo", params={"did": city.did})
    (tmp_path / "repo.car").write_bytes(answer.raise_for_status().content)
    summary = watched.room.take(tmp_path / "repo.car", account=city.handle)
    assert (summary.seen, summary.unchanged) == (3, 3)
    assert watched.room.newest(watched.record("Road closed")).get("revision") == post["cid"]
