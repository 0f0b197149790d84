"""The time that live capture goes by: one place to hand in another in tests."""

import asyncio
import random
from collections.abc import Callable
from datetime import datetime
from typing import Protocol


class Time(Protocol):
    """A clock that can be waited on, and chance."""

    def now(self) -> datetime: ...

    async def sleep(self, seconds: float) -> None: ...

    def chance(self) -> float:
        """A number from 0 up to 1."""
        ...


class SystemTime:
    """The machine's own; `clock` is the archive's."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self.now = clock

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    def chance(self) -> float:
        return random.random()  # noqa: S311  # it spreads calls out, and keeps no secret
