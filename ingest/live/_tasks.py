"""Tasks that run side by side, each group of them under a name, until they are ended."""

import asyncio
from collections.abc import Awaitable


class Tasks:
    """The running tasks. When one of them fails, `failed` raises what it failed with."""

    def __init__(self) -> None:
        self._running: dict[str, list[asyncio.Future[None]]] = {}
        self._failure: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def start(self, name: str, *doing: Awaitable[None]) -> None:
        """Run these from now on."""
        for one in doing:
            task = asyncio.ensure_future(one)
            task.add_done_callback(self._done)
            self._running.setdefault(name, []).append(task)

    async def end(self, name: str) -> None:
        """Cancel those of a name, and wait until they are over."""
        tasks = self._running.pop(name, [])
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def end_all(self) -> None:
        """Cancel everything, and wait until it is over."""
        await asyncio.gather(*map(self.end, list(self._running)))
        self._failure.cancel()

    async def failed(self) -> None:
        """Wait, without end while nothing fails."""
        await asyncio.shield(self._failure)

    def _done(self, task: "asyncio.Future[None]") -> None:
        error = None if task.cancelled() else task.exception()
        if error is not None and not self._failure.done():
            self._failure.set_exception(error)
