"""What keeps an interface from answering: told apart, waited for, never taken for a deletion."""

import asyncio
import json
from datetime import timedelta

import pytest

from ingest.live import standings
from tests.ingest.live.following import Following
from tests.ingest.live.server import Recorded, Told
from tests.ingest.live.test_mastodon import once, poll
from tests.ingest.live.town import answers, event, shows, status
from tests.ingest.live.watching import Watching

STATUSES = "/api/v1/accounts/7/statuses"


def waits(watching: Watching, town: Recorded, answer: Told) -> list[float]:
    """How long a running process waits after such answers to its first calls."""

    async def follow() -> list[float]:
        town.first("/api/v1/accounts/verify_credentials", answer, answer)
        async with Following(watching) as running:
            await running.time.asleep(3)
            return running.time.slept

    return asyncio.run(follow())


def test_pages_are_followed_to_their_end(town: Recorded, watching: Watching) -> None:
    shows(town, *(status(number) for number in range(100, 230)))
    once(watching)
    assert len([one for one in watching.texts() if one.startswith("post ")]) == 130


def test_a_limit_is_kept_to(town: Recorded, watching: Watching) -> None:
    assert 77.5 in waits(watching, town, Told({}, 429, {"Retry-After": "77"}))


def test_a_server_that_fails_is_asked_again_after_a_while(
    town: Recorded, watching: Watching
) -> None:
    assert 1.0 in waits(watching, town, Told(b"<html>", 502))


def test_an_outage_makes_nothing_vanish(town: Recorded, watching: Watching) -> None:
    shows(town, status(11), status(12))
    once(watching)
    shows(town, status(12))
    for answer in (Told(b"", 500), Told(b"", 503), Told({}, 403), Told(b"", 301)):
        watching.clock.advance(hours=2)
        town.first("/api/v1/statuses/11", answer)
        assert poll(watching).trouble
    assert watching.entries("record.vanished") == []


def test_an_account_that_is_gone_takes_nothing_with_it(town: Recorded, watching: Watching) -> None:
    shows(town, status(11))
    once(watching)
    shows(town)
    town.delete("/api/v1/statuses/11")
    town.delete("/api/v1/accounts/7")
    said = []
    for _ in range(3):
        watching.clock.advance(hours=2)
        said.append(poll(watching).trouble)
    assert "nothing is taken for vanished" in said[-1]
    assert watching.entries("record.vanished") == []


def test_a_post_that_is_there_again_at_the_second_look_has_not_vanished(
    town: Recorded, watching: Watching
) -> None:
    shows(town, status(11))
    once(watching)
    shows(town)
    town.first("/api/v1/statuses/11", Told({"error": "Record not found"}, 404))
    for _ in range(3):
        watching.clock.advance(hours=2)
        once(watching)
    assert watching.entries("record.vanished") == []


def test_a_tombstone_is_as_good_as_nothing(town: Recorded, watching: Watching) -> None:
    shows(town, status(11))
    once(watching)
    shows(town)
    town.delete("/api/v1/statuses/11", 410, {"error": "Gone"})
    for _ in range(2):
        watching.clock.advance(hours=2)
        once(watching)
    [vanished] = watching.entries("record.vanished")
    assert watching.sealed(vanished).get("look/1/status") == "410"
    assert watching.texts()["post 11"] == "vanished"
    shows(town, status(11))
    watching.clock.advance(hours=2)
    once(watching)
    assert watching.texts()["post 11"] == "live"


def test_an_answer_that_makes_no_sense_is_said(town: Recorded, watching: Watching) -> None:
    town.first(STATUSES, Told(b"<html>we are busy</html>"))
    assert "no JSON" in poll(watching).trouble
    town.first(STATUSES, Told([{"id": None}]))
    assert poll(watching).trouble


def test_an_item_that_cannot_be_read_is_kept(town: Recorded, watching: Watching) -> None:
    odd = {**status(12), "uri": ""}
    half = {**status(14), "account": "library", "mentions": "nobody"}
    shows(town, status(11), odd, status(13), half)
    once(watching)
    assert {"post 11", "post 13", "post 14"} < set(watching.texts())
    [rejected] = watching.entries("capture.rejected")
    assert json.loads(watching.sealed(rejected).bytes_of("raw") or b"") == odd


def test_a_gap_is_an_entry_and_shows(town: Recorded, watching: Watching) -> None:
    once(watching)
    watching.clock.advance(minutes=59)
    once(watching)
    assert watching.entries("capture.gap") == []
    watching.clock.advance(minutes=90)
    town.first("/api/v1/accounts/verify_credentials", Told(b"", 502))
    poll(watching)
    with watching.room.archive.read() as reader:
        [standing] = standings(reader, watching.clock())
    assert standing.state == "late"
    assert "502" in standing.why
    once(watching)
    [gap] = watching.entries("capture.gap")
    assert "502" in watching.sealed(gap).text("reason")
    with watching.room.archive.read() as reader:
        [standing] = standings(reader, watching.clock())
    assert (standing.state, standing.gaps) == ("well", 1)
    assert standing.gap is not None
    assert standing.heard == watching.clock()


def test_heartbeats_come_every_half_promise(town: Recorded, watching: Watching) -> None:
    town.stream("/api/v1/streaming/user")

    async def follow() -> None:
        async with Following(watching) as running:
            await running.streaming()
            for _ in range(8):
                await running.time.advance(timedelta(minutes=10).total_seconds())
                await running.streaming()

    asyncio.run(follow())
    beats = watching.entries("capture.heartbeat")
    assert len(beats) == 4
    assert all(one.data["well"] for one in beats)
    assert sum(one.data["looks"] for one in beats) >= 8


def test_a_stream_that_breaks_is_back_filled(town: Recorded, watching: Watching) -> None:
    town.stream("/api/v1/streaming/user")

    async def follow() -> None:
        async with Following(watching) as running:
            await running.streaming()
            await asyncio.to_thread(town.wait_for_streams)
            shows(town, status(11))
            town.hang_up("/api/v1/streaming/user")
            await running.until(lambda: "post 11" in watching.texts())

    asyncio.run(follow())
    assert [one.data["well"] for one in watching.entries("capture.heartbeat")][-1] is True


@pytest.mark.parametrize("known", [True, False])
def test_a_deletion_by_number_alone_is_looked_up_in_the_archive(
    town: Recorded, watching: Watching, known: bool
) -> None:
    shows(town, status(11))
    once(watching)
    town.stream("/api/v1/streaming/user")
    watching.clock.advance(days=60)
    number = 11 if known else 12

    async def follow() -> None:
        async with Following(watching) as running:
            await running.streaming()
            await asyncio.to_thread(town.wait_for_streams)
            shows(town)
            town.send("/api/v1/streaming/user", b"event: delete\ndata: %d\n\n" % number)
            town.send("/api/v1/streaming/user", event("update", status(13)))
            await running.until(lambda: "post 13" in watching.texts())
            await running.time.advance(600)
            await running.streaming()

    asyncio.run(follow())
    assert watching.texts()["post 11"] == ("removed" if known else "live")
    assert watching.entries("capture.rejected") == []


def test_a_stream_that_cannot_be_had_is_said_and_polls_go_on(
    town: Recorded, watching: Watching
) -> None:
    async def follow() -> None:
        async with Following(watching) as running:
            for _ in range(4):
                await running.time.asleep(3)
                await running.time.advance(3600)
            await running.time.asleep(3)

    asyncio.run(follow())
    with watching.room.archive.read() as reader:
        [standing] = standings(reader, watching.clock())
    assert (standing.state, standing.gaps) == ("well", 0)
    assert "/api/v1/streaming/user answered 404" in standing.why
    assert all(one.data["well"] for one in watching.entries("capture.heartbeat"))
    assert len(watching.said) == 1


def test_without_a_token_there_is_no_stream(recorded: Recorded, watching: Watching) -> None:
    answers(recorded)
    watching.add("mastodon", "library@town.example", recorded.base, secret="")

    async def follow() -> None:
        async with Following(watching) as running:
            await running.time.asleep(2)

    asyncio.run(follow())
    assert not any("streaming" in path for path in recorded.paths())
    assert watching.said == []
