"""What changes while a process runs: accounts come, go, and cannot be asked for a while."""

import asyncio

import pytest

from archive import accounts
from ingest.live import Tokens, standings, unwatch, watch
from tests.ingest.live.following import Following
from tests.ingest.live.server import Recorded
from tests.ingest.live.test_feed import feed
from tests.ingest.live.town import answers, shows, status
from tests.ingest.live.watching import Watching

TICK = 15.0


@pytest.fixture
def town(recorded: Recorded) -> Recorded:
    answers(recorded)
    shows(recorded, status(11))
    recorded.stream("/api/v1/streaming/user")
    recorded.answer("/feed.xml", feed(("one", 1)))
    return recorded


def add_feed(watching: Watching, town: Recorded) -> None:
    watching.add("feed", "news", f"{town.base}/feed.xml", secret="")


def test_an_account_that_is_added_is_watched_from_then_on(
    town: Recorded, watching: Watching
) -> None:
    add_feed(watching, town)

    async def follow() -> None:
        async with Following(watching) as running:
            await running.until(lambda: "About one" in watching.texts())
            watching.add("mastodon", "library@town.example", town.base)
            await running.time.asleep(2)
            await running.time.advance(TICK)
            await running.until(lambda: "post 11" in watching.texts())

    asyncio.run(follow())
    assert watching.said == ["mastodon library@town.example is watched from now on"]


def test_an_account_that_is_removed_is_watched_no_more(town: Recorded, watching: Watching) -> None:
    add_feed(watching, town)
    watching.add("mastodon", "library@town.example", town.base, secret="")

    async def follow() -> None:
        async with Following(watching) as running:
            await running.until(lambda: {"About one", "post 11"} <= watching.texts().keys())
            with watching.room.archive.write(watching.room.signer) as writer:
                unwatch(writer, "library@town.example")
            await running.time.asleep(3)
            await running.time.advance(TICK)
            async with asyncio.timeout(30):
                while not watching.said:
                    await asyncio.sleep(0)
            assert watching.said == ["mastodon library@town.example is watched no more"]
            asked = len(town.asked)
            await running.time.advance(3600)
            await running.until(lambda: len(town.asked) > asked)
            assert {one.path for one in town.asked[asked:]} == {"/feed.xml"}

    asyncio.run(follow())


def test_an_account_that_is_watched_otherwise_is_asked_otherwise(
    town: Recorded, watching: Watching
) -> None:
    add_feed(watching, town)
    town.answer("/other.xml", feed(("two", 2)))

    async def follow() -> None:
        async with Following(watching) as running:
            await running.until(lambda: "About one" in watching.texts())
            with watching.room.archive.write(watching.room.signer) as writer:
                watch(writer, "feed", "news", address=f"{town.base}/other.xml", promise=30)
            await running.time.asleep(2)
            await running.time.advance(TICK)
            await running.until(lambda: "About two" in watching.texts())

    asyncio.run(follow())


@pytest.mark.parametrize("token", ["two words", "tökén", None])
def test_a_token_that_is_none_stops_that_account_alone(
    town: Recorded, watching: Watching, token: str | None
) -> None:
    add_feed(watching, town)
    watching.add("mastodon", "library@town.example", town.base)
    watching.tokens = {"library": token} if token else {}
    outcomes = asyncio.run(watching.capture().once())
    assert sorted(bool(one.trouble) for one in outcomes) == [False, True]
    assert "About one" in watching.texts()

    async def follow() -> None:
        async with Following(watching) as running:
            await running.time.asleep(3)

    watching.said.clear()
    asyncio.run(follow())
    [said] = watching.said
    assert said.startswith("mastodon library@town.example: ")
    assert "token" in said
    assert not token or token not in said
    with watching.room.archive.read() as reader:
        library = accounts.get(reader, "library@town.example").id
        states = {
            one.watch.account.id: one for one in standings(reader, watching.room.archive.clock())
        }
    assert states[library].state == "failing"
    assert "token" in states[library].why
    assert sorted(one.state for one in states.values()) == ["failing", "well"]


def test_a_token_that_is_put_right_is_found_at_the_next_try(
    town: Recorded, watching: Watching, monkeypatch: pytest.MonkeyPatch
) -> None:
    watching.add("mastodon", "library@town.example", town.base, secret="later")
    kept: dict[str, str] = {}

    async def follow() -> None:
        async with Following(watching) as running:
            await running.time.asleep(2)
            kept["later"] = "secret"
            await running.time.advance(900)
            await running.until(lambda: "post 11" in watching.texts())

    monkeypatch.setattr(Tokens, "find", lambda _self, name: kept.get(name))
    asyncio.run(follow())
