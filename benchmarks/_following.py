"""Accounts of the Mastodon-like server, captured, and what is seen of that from outside."""

import asyncio
import os
import resource
import sys
import time
from collections import defaultdict, deque
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx

from archive import Archive, Signer
from benchmarks._town import Server, handle
from ingest.live import Capture, Tokens, watch

_PAGE = resource.getpagesize()
_TICKS = os.sysconf("SC_CLK_TCK")
_PATIENCE = 600.0


class Following:
    """Waits for events to be committed, and matches them with when they were sent."""

    def __init__(self, numbers: Mapping[str, str]) -> None:
        self._numbers = numbers
        self._sent: dict[str, deque[float]] = defaultdict(deque)
        self._done: dict[str, deque[float]] = defaultdict(deque)
        self._commit = asyncio.Event()
        self.archived = 0
        """How many items are new or changed by what was committed."""

    def committed(self, kept: Mapping[str, object]) -> None:
        now = time.monotonic()
        for account, one in kept.items():
            archived = getattr(one, "new", 0) + getattr(one, "changed", 0)
            self.archived += archived
            self._done[self._numbers[account]].extend([now] * archived)
        self._commit.set()

    def forget(self) -> None:
        self._done.clear()

    def sent(self, moments: Mapping[str, list[float]]) -> None:
        for number, some in moments.items():
            self._sent[number].extend(some)

    def latencies(self) -> list[float]:
        """Those of what was committed since the last call."""
        found = []
        for number, sent in self._sent.items():
            done = self._done[number]
            while sent and done:
                found.append(done.popleft() - sent.popleft())
        return found

    async def until(self, archived: int) -> None:
        """Wait until so much was archived in all."""
        async with asyncio.timeout(_PATIENCE):
            while self.archived < archived:
                self._commit.clear()
                await self._commit.wait()


def watched(archive: Archive, signer: Signer, base: str, accounts: int) -> dict[str, str]:
    """Watch so many accounts; the number of each by its id."""
    with archive.write(signer) as writer:
        return {
            watch(
                writer, "mastodon", handle(number), address=base, promise=60, secret=f"t{number}"
            ).account.id: str(number)
            for number in range(accounts)
        }


def capturing(archive: Archive, signer: Signer, accounts: int, following: Following) -> Capture:
    """What captures these accounts."""
    return Capture(
        archive,
        signer,
        tokens=Tokens(
            {f"t{number}": str(number) for number in range(accounts)}, {}, lambda _: None
        ),
        say=lambda text: print(text, file=sys.stderr, flush=True),
        committed=following.committed,
    )


async def opened(capture: Capture, following: Following, accounts: int) -> None:
    """Wait until all accounts were polled and their streams are open."""
    await following.until(accounts)
    while capture.streams < accounts:
        await asyncio.sleep(0.05)
    following.forget()


async def publish_by(
    server: Server, rate: float, seconds: float, *, changes: bool = False
) -> dict[str, Any]:
    """Let the server publish; its answer once it has."""
    asked = {"rate": rate, "seconds": seconds, "changes": changes}
    async with httpx.AsyncClient(base_url=server.base, timeout=None) as client:
        answer: dict[str, Any] = (await client.post("/publish", json=asked)).json()
    return answer


def processor(process: int | None = None) -> float:
    """The processor seconds that this process used, or another one, as Linux tells it."""
    if process is None:
        used = resource.getrusage(resource.RUSAGE_SELF)
        return used.ru_utime + used.ru_stime
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def resident() -> float:
    """How much memory this process holds now, in MiB, as Linux tells it."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * _PAGE / 2**20
