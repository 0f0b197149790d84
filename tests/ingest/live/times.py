"""A time for live capture that moves when a test says so."""

import asyncio
from datetime import datetime, timedelta

from tests.conftest import Clock


class Hours:
    """The archive's clock, and sleepers that wake when it is moved; chance is always a half."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._sleepers: list[tuple[datetime, asyncio.Future[None]]] = []
        self._changed = asyncio.Condition()
        self.slept: list[float] = []

    def now(self) -> datetime:
        return self._clock.now

    def chance(self) -> float:
        return 0.5

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        waking: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        mine = (self._clock.now + timedelta(seconds=seconds), waking)
        self._sleepers.append(mine)
        async with self._changed:
            self._changed.notify_all()
        try:
            await waking
        finally:
            self._sleepers.remove(mine)

    async def asleep(self, number: int) -> None:
        """Wait until so many sleep at once."""
        async with self._changed:
            await asyncio.wait_for(
                self._changed.wait_for(lambda: len(self._sleepers) >= number), timeout=30
            )

    async def advance(self, seconds: float) -> None:
        """Move the clock, and wake whoever has slept long enough."""
        self._clock.now += timedelta(seconds=seconds)
        for due, waking in list(self._sleepers):
            if due <= self._clock.now and not waking.done():
                waking.set_result(None)
        await asyncio.sleep(0)
