"""Live capture on both databases: polled, streamed, stopped, taken up again, vanished."""

import asyncio
from collections.abc import Iterator

import pytest

from archive import verify
from tests.conftest import BOTH, database_of
from tests.ingest.live.following import Following
from tests.ingest.live.server import Recorded
from tests.ingest.live.test_mastodon import once
from tests.ingest.live.town import event, shows, status
from tests.ingest.live.watching import Watching

STREAM = "/api/v1/streaming/user"


@pytest.fixture
def database(request: pytest.FixtureRequest) -> Iterator[str]:
    yield from database_of(request)


@BOTH
def test_what_is_polled_streamed_and_gone_is_so_on_both_databases(
    town: Recorded, watching: Watching
) -> None:
    town.stream(STREAM)
    shows(town, status(11), status(12))

    async def follow() -> None:
        async with Following(watching) as running:
            await running.until(lambda: "post 12" in watching.texts())
            await running.streaming()
            town.send(STREAM, event("update", status(13)))
            await running.until(lambda: "post 13" in watching.texts())

    asyncio.run(follow())
    shows(town, status(11), status(13))
    town.delete("/api/v1/statuses/12")
    watching.clock.advance(hours=2)
    once(watching)
    watching.clock.advance(seconds=301)
    once(watching)
    assert watching.texts() == {
        "": "live",
        "post 11": "live",
        "post 12": "vanished",
        "post 13": "live",
    }
    assert len(watching.entries("record.vanished")) == 1
    assert watching.entries("capture.gap")
    archive = watching.room.archive
    assert verify(archive).findings == ()
    assert archive.differing_tables() == []
