"""Live capture: from publication to the committed entry, many events, many accounts.

A Mastodon-like server in another process posts by its accounts' streams. Latency runs from the
moment at which it hands an event to the stream to the return of the commit that archived it. A long
case has a line for each of its parts: memory that is flat stays the same from line to line, once
what is remembered of each account is full.

    python -m benchmarks.capture [--rate 500] [--accounts 100] [--many 1000] [--minutes 60]
"""

import argparse
import asyncio
import resource
import sys
import tempfile
import time
from collections import defaultdict, deque
from collections.abc import Callable, Mapping
from multiprocessing import get_context
from pathlib import Path

import httpx

import ingest
from archive import Archive, Signer
from benchmarks._library import create
from benchmarks._measure import median
from benchmarks._town import handle, serving
from ingest.live import Capture, Tokens, watch

_PAGE = resource.getpagesize()
_PATIENCE = 600.0
_HEADING = (
    f"{'':28} {'seconds':>8} {'processor':>10} "
    f"{'events/s':>9} {'median s':>9} {'95 % s':>8} {'RSS MiB':>8}"
)


def main() -> None:
    """Measure, and print one table."""
    options = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    options.add_argument("--rate", type=float, default=500, help="events a second")
    options.add_argument("--accounts", type=int, default=100, help="accounts that they come from")
    options.add_argument("--many", type=int, default=1000, help="accounts that are polled")
    options.add_argument("--minutes", type=float, default=0, help="sustain that for so long, alone")
    given = options.parse_args()
    print(_HEADING, flush=True)
    if given.minutes:
        _alone(_follow, "sustained", given.accounts, given.rate, given.minutes * 60, 60.0)
        return
    _alone(_follow, "one stream", 1, 5.0, 10.0, 10.0)
    _alone(_follow, "100 streams", 100, 20.0, 10.0, 10.0)
    _alone(_follow, "sustained", given.accounts, given.rate, 20.0, 5.0)
    _alone(_poll, given.many)
    _alone(_follow, f"{given.many} streams", given.many, 20.0, 10.0, 10.0)


def _alone(task: Callable[..., None], *arguments: object) -> None:
    """Run a case in a fresh process against a fresh server; it prints its lines."""
    with serving() as base:
        process = get_context("spawn").Process(target=_case, args=(task, base, arguments))
        process.start()
        process.join()
    if process.exitcode:
        sys.exit(process.exitcode)


def _case(task: Callable[..., None], base: str, arguments: tuple[object, ...]) -> None:
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    with tempfile.TemporaryDirectory(prefix="muniment-bench-") as folder:
        home = Path(folder) / "archive"
        signer = create(home)
        with Archive.open(home, projections=ingest.PROJECTIONS) as archive:
            task(archive, signer, base, *arguments)


class _Meter:
    """The time, processor time and memory of this process since the last line."""

    def __init__(self) -> None:
        self._wall, self._processor = time.perf_counter(), _processor()

    def line(self, name: str, latencies: list[float] | None = None) -> None:
        wall, processor = time.perf_counter(), _processor()
        seconds, used = wall - self._wall, processor - self._processor
        self._wall, self._processor = wall, processor
        events = ""
        if latencies:
            most = sorted(latencies)[int(0.95 * len(latencies))]
            events = f"{len(latencies) / seconds:9.1f} {median(latencies):9.3f} {most:8.3f}"
        print(f"{name:28} {seconds:8.2f} {used:10.2f} {events:28} {_resident():8.0f}", flush=True)


class _Following:
    """Waits for events to be committed, and matches them with when they were sent."""

    def __init__(self, numbers: Mapping[str, str]) -> None:
        self._numbers = numbers
        self._sent: dict[str, deque[float]] = defaultdict(deque)
        self._done: dict[str, deque[float]] = defaultdict(deque)
        self._commit = asyncio.Event()
        self.new = 0

    def committed(self, kept: Mapping[str, object]) -> None:
        now = time.monotonic()
        for account, one in kept.items():
            new = getattr(one, "new", 0)
            self.new += new
            self._done[self._numbers[account]].extend([now] * new)
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

    async def until(self, new: int) -> None:
        """Wait until so much was archived in all."""
        async with asyncio.timeout(_PATIENCE):
            while self.new < new:
                self._commit.clear()
                await self._commit.wait()


def _watched(archive: Archive, signer: Signer, base: str, accounts: int) -> dict[str, str]:
    """Watch so many accounts; the number of each by its id."""
    with archive.write(signer) as writer:
        return {
            watch(
                writer, "mastodon", handle(number), address=base, promise=60, secret=f"t{number}"
            ).account.id: str(number)
            for number in range(accounts)
        }


def _capture(archive: Archive, signer: Signer, accounts: int, following: _Following) -> Capture:
    return Capture(
        archive,
        signer,
        tokens=Tokens(
            {f"t{number}": str(number) for number in range(accounts)}, {}, lambda _: None
        ),
        say=lambda text: print(text, file=sys.stderr, flush=True),
        committed=following.committed,
    )


def _follow(
    archive: Archive,
    signer: Signer,
    base: str,
    name: str,
    accounts: int,
    rate: float,
    seconds: float,
    part: float,
) -> None:
    """Follow streams by which so much is published, part by part without a pause."""
    following = _Following(_watched(archive, signer, base, accounts))
    capture = _capture(archive, signer, accounts, following)
    meter = _Meter()

    async def publish() -> None:
        await following.until(accounts)
        while capture.streams < accounts:
            await asyncio.sleep(0.05)
        following.forget()
        meter.line(f"{name}: {accounts} opened")
        async with httpx.AsyncClient(base_url=base, timeout=None) as client:
            for _ in range(round(seconds / part)):
                asked = {"rate": rate, "seconds": part}
                answer = await client.post("/publish", json=asked)
                following.sent(answer.json())
                meter.line(f"{name}: {rate:g}/s", following.latencies())
        await following.until(accounts + round(rate * part) * round(seconds / part))
        meter.line(f"{name}: the rest", following.latencies())
        capture.stop.set()

    asyncio.run(capture.run(publish()))


def _poll(archive: Archive, signer: Signer, base: str, accounts: int) -> None:
    """Poll many accounts, for the first time and again."""
    following = _Following(_watched(archive, signer, base, accounts))
    for name in ("the first time", "again"):
        meter = _Meter()
        capture = _capture(archive, signer, accounts, following)
        troubles = [one.trouble for one in asyncio.run(capture.once()) if one.trouble]
        if troubles:
            raise SystemExit(f"{len(troubles)} polls failed, the first: {troubles[0]}")
        meter.line(f"{accounts} polled, {name}")


def _processor() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _resident() -> float:
    """How much memory this process holds now, in MiB, as Linux tells it."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * _PAGE / 2**20


if __name__ == "__main__":
    main()
