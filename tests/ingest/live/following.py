"""A process of live capture that a test drives, and waits for."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any, Self, TypeVar

from ingest.live import Capture
from tests.ingest.live.times import Hours
from tests.ingest.live.watching import Watching

T = TypeVar("T")


class Following:
    """Runs until the block ends, and then stops cleanly. `time` moves when the test says so."""

    def __init__(self, watching: Watching, **more: Any) -> None:
        self.time = Hours(watching.clock)
        self.process: Capture = watching.capture(self.time, committed=self._committed, **more)
        self._commits = asyncio.Event()

    def _committed(self, _kept: Mapping[str, object]) -> None:
        self._commits.set()

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self.process.run())
        return self

    async def __aexit__(self, *_: object) -> None:
        self.process.stop.set()
        await asyncio.wait_for(self._task, timeout=30)

    async def until(self, wanted: Callable[[], T]) -> T:
        """Wait for a commit after which something is true; what it is then."""
        while not (found := wanted()):
            self._commits.clear()
            if not (found := wanted()):
                await asyncio.wait_for(self._commits.wait(), timeout=30)
        return found

    async def streaming(self, accounts: int = 1) -> None:
        """Wait until nothing is left to do but to wait: streams are open, and polls are over."""
        async with asyncio.timeout(30):
            while self.process.streams < accounts:
                await asyncio.sleep(0)
        await self.time.asleep(accounts + 1)
