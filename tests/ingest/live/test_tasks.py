"""Tasks side by side: when one fails, it is heard of, and the others end."""

import asyncio

import pytest

from ingest.live._tasks import Tasks


async def forever() -> None:
    await asyncio.Event().wait()


def test_the_first_failure_is_heard_of() -> None:
    async def fails() -> None:
        raise ValueError("it broke")

    async def run() -> None:
        tasks = Tasks()
        tasks.start("a", forever())
        tasks.start("b", fails())
        try:
            await tasks.failed()
        finally:
            await tasks.end_all()
            assert asyncio.all_tasks() == {asyncio.current_task()}

    with pytest.raises(ValueError, match="it broke"):
        asyncio.run(run())
