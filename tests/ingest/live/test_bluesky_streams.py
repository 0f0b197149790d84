"""Bluesky's streams of events when they break, lose something, or come from elsewhere."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from archive import Entry
from tests.conftest import Clock
from tests.ingest.live.following import Following
from tests.ingest.live.relay import Relay, frame, relaying
from tests.ingest.live.watching import Watching
from tests.pds import POST, Author, Pds


@pytest.fixture
def clock() -> Clock:
    """The time that it is: the server's own times are of now."""
    return Clock(datetime.now(UTC))


Doing = Callable[[Relay, Following], Awaitable[None]]


def follow(
    watching: Watching, pds: Pds, city: Author, doing: Doing, option: str = "relay"
) -> Relay:
    """Watch the city by a relay while something is done."""
    relay = Relay(pds.base)

    async def run() -> None:
        async with relaying(relay):
            options = {option: relay.base}
            watching.add("bluesky", city.handle, pds.base, secret="", options=options)
            async with Following(watching) as running:
                await running.streaming()
                await doing(relay, running)

    asyncio.run(run())
    return relay


def reason(watching: Watching, gap: Entry) -> str:
    return watching.sealed(gap).text("reason")


def test_a_stream_that_breaks_is_back_filled_and_goes_on_where_it_was(
    watching: Watching, pds: Pds, city: Author, resident: Author
) -> None:
    async def doing(relay: Relay, running: Following) -> None:
        post = await asyncio.to_thread(city.post, "before")
        await asyncio.to_thread(resident.post, "a reply", post)
        await running.until(lambda: "a reply" in watching.texts())
        await relay.hang_up()
        await asyncio.to_thread(city.post, "meanwhile")
        await running.time.asleep(3)
        await running.time.advance(2)
        await running.streaming()
        await asyncio.to_thread(city.post, "after")
        await running.until(lambda: "after" in watching.texts())

    relay = follow(watching, pds, city, doing)
    assert set(watching.texts()) == {"before", "a reply", "meanwhile", "after"}
    assert len(watching.entries("record.captured", "record.edited")) == 4
    assert ["cursor=" in one for one in relay.asked] == [False, True]


def test_what_a_stream_left_out_is_said_and_asked_for(
    watching: Watching, pds: Pds, city: Author, resident: Author
) -> None:
    async def doing(relay: Relay, running: Following) -> None:
        post = await asyncio.to_thread(city.post, "before")
        await asyncio.to_thread(resident.post, "a reply", post)
        await running.until(lambda: "a reply" in watching.texts())
        relay.losing = True
        await asyncio.to_thread(city.post, "lost")
        await asyncio.wait_for(relay.lost.acquire(), timeout=30)
        relay.losing = False
        await asyncio.to_thread(city.post, "after")
        await running.until(lambda: {"lost", "after"} <= set(watching.texts()))

    follow(watching, pds, city, doing)
    [gap] = watching.entries("capture.gap")
    assert reason(watching, gap) == "the event stream left out what the account did"


@pytest.mark.parametrize("patient", [True, False])
def test_a_poll_waits_for_a_stream_that_is_behind_but_not_for_ever(
    watching: Watching, pds: Pds, city: Author, resident: Author, *, patient: bool
) -> None:
    post = city.post("first")

    async def run() -> None:
        async with relaying(Relay(pds.base)) as relay:
            options = {"relay": relay.base}
            watching.add("bluesky", city.handle, pds.base, secret="", options=options)
            async with Following(watching) as running:
                await running.streaming()
                await asyncio.to_thread(resident.post, "a reply", post)
                await running.until(lambda: "a reply" in watching.texts())
            await asyncio.to_thread(city.edit, post, "second")
            await asyncio.to_thread(city.edit, post, "third")
            relay.going_on.clear()
            async with Following(watching) as running:
                await running.time.asleep(2)
                assert set(watching.texts()) == {"first", "a reply"}
                if not patient:
                    await running.time.advance(31)
                    await running.until(lambda: "third" in watching.texts())
                relay.going_on.set()
                known = watching.record("third" if not patient else "first")
                wanted = 3 if patient else 4
                await running.until(lambda: len(watching.versions(known)) == wanted)

    asyncio.run(run())
    late = ["first", "third", "second", "third"]
    versions = watching.versions(watching.record("third"))
    assert versions == (["first", "second", "third"] if patient else late)


def test_a_stream_that_does_not_go_back_so_far_is_a_gap(
    watching: Watching, pds: Pds, city: Author
) -> None:
    async def doing(relay: Relay, running: Following) -> None:
        told = {"name": "OutdatedCursor", "message": "Requested cursor exceeded limit."}
        await relay.say(frame({"op": 1, "t": "#info"}, told))
        await running.until(lambda: watching.entries("capture.gap"))

    follow(watching, pds, city, doing)
    [gap] = watching.entries("capture.gap")
    assert "does not go back so far: OutdatedCursor" in reason(watching, gap)


def test_a_stream_that_begins_anew_is_followed_from_its_beginning(
    watching: Watching, pds: Pds, city: Author
) -> None:
    async def doing(relay: Relay, running: Following) -> None:
        await asyncio.to_thread(city.post, "before")
        await running.until(lambda: "before" in watching.texts())
        told = {"error": "FutureCursor", "message": "Cursor in the future."}
        await relay.say(frame({"op": -1}, told))
        await running.until(lambda: watching.entries("capture.gap"))
        await running.time.asleep(3)
        await running.time.advance(2)
        await running.streaming()

    relay = follow(watching, pds, city, doing)
    [gap] = watching.entries("capture.gap")
    assert "begins anew" in reason(watching, gap)
    assert ["cursor=" in one for one in relay.asked] == [False, False]


def test_jetstream_is_read_as_well(
    watching: Watching, pds: Pds, city: Author, resident: Author
) -> None:
    async def doing(relay: Relay, running: Following) -> None:
        post = await asyncio.to_thread(city.post, "asked")
        above = {"uri": post["uri"], "cid": post["cid"]}
        answer = {
            "$type": POST,
            "text": "answered",
            "createdAt": "2026-11-28T12:00:00Z",
            "reply": {"root": above, "parent": above},
        }
        commit = {"rev": "3", "collection": POST, "rkey": "3n3fbxto3os2i"}
        made = {**commit, "operation": "create", "record": answer, "cid": post["cid"]}
        other = {**made, "rkey": "3n3fbxto3os2j", "record": {**answer, "reply": None, "text": "?"}}
        await relay.say(line(resident, 1, other))
        await relay.say(line(resident, 2, made))
        await running.until(lambda: "answered" in watching.texts())
        await relay.say(line(resident, 3, {**commit, "operation": "delete"}))
        await running.until(lambda: watching.texts()["answered"] == "removed")

    relay = follow(watching, pds, city, doing, "jetstream")
    assert "?" not in watching.texts()
    assert "wantedCollections=app.bsky.feed.post" in relay.asked[0]
    assert watching.entries("capture.rejected") == []


def line(author: Author, at: int, commit: dict[str, Any]) -> str:
    """An event as Jetstream sends it."""
    event = {"did": author.did, "time_us": 1795867200000000 + at, "kind": "commit"}
    return json.dumps({**event, "commit": commit})
