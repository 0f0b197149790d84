"""Live capture: from publication to the committed entry, many events, many accounts.

A Mastodon-like server in another process posts by its accounts' streams. Latency runs from the
moment at which it hands an event to the stream to the return of the commit that archived it. The
processor's time is that of the process that captures; the server's stands beside it. A soak tells
every half minute how much memory is held, and in the end whether everything is archived and the
archive verifies.

    python -m benchmarks.capture [--rate 500] [--accounts 100] [--many 1000]
    python -m benchmarks.capture --soak 60 [--rate 100] [--accounts 200]
"""

import argparse
import asyncio
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from multiprocessing import get_context
from pathlib import Path

import ingest
from archive import Archive, Signer
from benchmarks._following import (
    Following,
    capturing,
    opened,
    processor,
    publish_by,
    resident,
    watched,
)
from benchmarks._library import create
from benchmarks._measure import median
from benchmarks._soak import soak
from benchmarks._town import Server, serving

_HEADING = (
    f"{'':28} {'seconds':>8} {'processor':>10} {'server':>8} "
    f"{'events/s':>9} {'median s':>9} {'95 % s':>8} {'RSS MiB':>8}"
)


def main() -> None:
    """Measure, and print one table."""
    options = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    options.add_argument("--rate", type=float, help="events a second (500, of a soak 100)")
    options.add_argument("--accounts", type=int, help="accounts that they come from (100, 200)")
    options.add_argument("--many", type=int, default=1000, help="accounts that are polled")
    options.add_argument("--soak", type=float, metavar="MINUTES", help="soak for so long, alone")
    given = options.parse_args()
    if given.soak:
        _alone(soak, given.accounts or 200, given.rate or 100.0, given.soak)
        return
    print(_HEADING, flush=True)
    _alone(_follow, "one stream", 1, 5.0, 10.0, 10.0)
    _alone(_follow, "100 streams", 100, 20.0, 10.0, 10.0)
    _alone(_follow, "sustained", given.accounts or 100, given.rate or 500.0, 20.0, 5.0)
    _alone(_poll, given.many)
    _alone(_follow, f"{given.many} streams", given.many, 20.0, 10.0, 10.0)


def _alone(task: Callable[..., None], *arguments: object) -> None:
    """Run a case in a fresh process against a fresh server; it prints its lines."""
    with serving() as server:
        process = get_context("spawn").Process(target=_case, args=(task, server, arguments))
        process.start()
        process.join()
    if process.exitcode:
        sys.exit(process.exitcode)


def _case(task: Callable[..., None], server: Server, arguments: tuple[object, ...]) -> None:
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    with tempfile.TemporaryDirectory(prefix="muniment-bench-") as folder:
        home = Path(folder) / "archive"
        signer = create(home)
        with Archive.open(home, projections=ingest.PROJECTIONS) as archive:
            task(archive, signer, server, *arguments)


class _Meter:
    """The time, processor time and memory of this process since the last line."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._before = self._now()

    def _now(self) -> tuple[float, float, float]:
        return time.perf_counter(), processor(), processor(self._server.process)

    def line(self, name: str, latencies: list[float] | None = None) -> None:
        now = self._now()
        wall, own, served = (new - old for new, old in zip(now, self._before, strict=True))
        self._before = now
        events = ""
        if latencies:
            most = sorted(latencies)[int(0.95 * len(latencies))]
            events = f"{len(latencies) / wall:9.1f} {median(latencies):9.3f} {most:8.3f}"
        print(
            f"{name:28} {wall:8.2f} {own:10.2f} {served:8.2f} {events:28} {resident():8.0f}",
            flush=True,
        )


def _follow(
    archive: Archive,
    signer: Signer,
    server: Server,
    name: str,
    accounts: int,
    rate: float,
    seconds: float,
    part: float,
) -> None:
    """Follow streams by which so much is published, part by part without a pause."""
    following = Following(watched(archive, signer, server.base, accounts))
    capture = capturing(archive, signer, accounts, following)
    meter = _Meter(server)

    async def publish() -> None:
        await opened(capture, following, accounts)
        meter.line(f"{name}: {accounts} opened")
        for _ in range(round(seconds / part)):
            following.sent((await publish_by(server, rate, part))["sent"])
            meter.line(f"{name}: {rate:g}/s", following.latencies())
        await following.until(accounts + round(rate * part) * round(seconds / part))
        meter.line(f"{name}: the rest", following.latencies())
        capture.stop.set()

    asyncio.run(capture.run(publish()))


def _poll(archive: Archive, signer: Signer, server: Server, accounts: int) -> None:
    """Poll many accounts, for the first time and again."""
    following = Following(watched(archive, signer, server.base, accounts))
    for name in ("the first time", "again"):
        meter = _Meter(server)
        capture = capturing(archive, signer, accounts, following)
        troubles = [one.trouble for one in asyncio.run(capture.once()) if one.trouble]
        if troubles:
            raise SystemExit(f"{len(troubles)} polls failed, the first: {troubles[0]}")
        meter.line(f"{accounts} polled, {name}")


if __name__ == "__main__":
    main()
