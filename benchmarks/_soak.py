"""A soak: events for a long time, edits and deletions among them, and nothing may grow or be lost.

Where a poll shows an edit before the stream brings what was there before it, and the post is gone
before its history is asked for, that edit is archived twice: below and above the earlier text.

The lines are comma-separated: minutes, RSS in MiB, events archived so far, median and greatest
latency in seconds since the line before, and processor seconds so far.
"""

import asyncio
from collections import Counter

from archive import Archive, Signer, verify
from benchmarks._following import (
    Following,
    capturing,
    opened,
    processor,
    publish_by,
    resident,
    watched,
)
from benchmarks._measure import median
from benchmarks._town import Server

_PART = 30.0
_TYPES = {"update": "record.captured", "status.update": "record.edited", "delete": "record.deleted"}


def soak(
    archive: Archive, signer: Signer, server: Server, accounts: int, rate: float, minutes: float
) -> None:
    """Capture so many events a second for so many minutes, and look whether each is archived."""
    following = Following(watched(archive, signer, server.base, accounts))
    capture = capturing(archive, signer, accounts, following)
    published: Counter[str] = Counter()

    async def publish() -> None:
        await opened(capture, following, accounts)
        print("minute,rss_mib,archived,median_s,longest_s,processor_s", flush=True)
        _line(0.0, 0, [])
        for part in range(1, round(minutes * 60 / _PART) + 1):
            answer = await publish_by(server, rate, _PART, changes=True)
            following.sent(answer["sent"])
            published.update(answer["kinds"])
            _line(part * _PART / 60, following.archived - accounts, following.latencies())
        await following.until(accounts + published.total())
        capture.stop.set()

    asyncio.run(capture.run(publish()))
    with archive.read() as reader:
        held = Counter(one.type for one in reader.entries(types=set(_TYPES.values())))
    held["record.captured"] -= accounts
    for event, kind in _TYPES.items():
        print(f"{event}: {published[event]} published, {held[kind]} archived", flush=True)
    findings = verify(archive).findings
    print("it verifies" if not findings else f"it does not verify: {findings[0]}", flush=True)
    if findings or any(published[event] > held[kind] for event, kind in _TYPES.items()):
        raise SystemExit(1)


def _line(minute: float, archived: int, latencies: list[float]) -> None:
    lag = f"{median(latencies):.3f},{max(latencies):.3f}" if latencies else ","
    print(f"{minute:.1f},{resident():.1f},{archived},{lag},{processor():.1f}", flush=True)
