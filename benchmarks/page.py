"""Verifying a bundle's page in Chromium: every digest, commitment, leaf, proof and the signature.

Beside it stands the same work by the browser's own SHA-256, which answers later: the promises of
200 records at once, nothing but digests. Processor seconds are those of the page's main thread.

    python -m benchmarks.page [--records 10000] [--chromium PROGRAM]
"""

import argparse
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

from archive import Archive, Reader, records
from benchmarks._corpus import Comment
from benchmarks._library import create, fill
from exports import ProducedRecord, ProducedRequest
from exports.bundle import _page
from exports.bundle._disclosed import Item
from exports.bundle._numbering import Numbering
from exports.bundle._summary import Summary

_WORDS = "the library opens late on Monday, the board meets then"
_TIMES = 5
_OWN = (
    "async () => { const at = performance.now(); await verify(); return performance.now() - at; }"
)
_LATER = """async () => {
  const joined = (...pieces) => {
    const out = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
    let at = 0;
    for (const piece of pieces) { out.set(piece, at); at += piece.length; }
    return out;
  };
  const later = async (bytes) => new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  const digest = (part) => {
    if (part.digest !== undefined) return fromHex(part.digest, 32);
    const path = utf8.encode(part.path);
    const before = [Uint8Array.of(0), fromHex(part.salt, 16)];
    const size = Uint8Array.of(path.length >> 8, path.length);
    return later(joined(...before, size, path, utf8.encode(part.value)));
  };
  const whole = async (record) => {
    const digests = await Promise.all(record.parts.map(digest));
    await later(joined(Uint8Array.of(2, 0, 0, digests.length >> 8, digests.length), ...digests));
    let hash = await later(joined(Uint8Array.of(0), utf8.encode(record.header)));
    for (const text of record.path) {
      hash = await later(joined(Uint8Array.of(1), fromBase64(text), hash));
    }
  };
  const at = performance.now();
  for (let i = 0; i < records.length; i += 200) {
    await Promise.all(records.slice(i, i + 200).map(whole));
  }
  return performance.now() - at;
}"""


def main() -> None:
    """Measure, and print one table."""
    options = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    options.add_argument("--records", type=int, default=10_000)
    options.add_argument("--chromium", default=shutil.which("chromium"))
    given = options.parse_args()
    if given.chromium is None:
        print("a bundle's page is not measured: there is no Chromium here")
        return
    from playwright.sync_api import sync_playwright

    with (
        tempfile.TemporaryDirectory(prefix="muniment-bench-") as folder,
        sync_playwright() as driver,
    ):
        page_file = Path(folder) / "index.html"
        _write(Path(folder) / "archive", page_file, given.records)
        arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
        browser = driver.chromium.launch(executable_path=given.chromium, args=arguments)
        page = browser.new_page()
        page.set_default_timeout(600_000)
        session = page.context.new_cdp_session(page)
        session.send("Performance.enable", {"timeDomain": "threadTicks"})

        def processor() -> float:
            metrics = session.send("Performance.getMetrics")["metrics"]
            return next(one["value"] for one in metrics if one["name"] == "TaskDuration")

        started = time.perf_counter()
        page.goto(page_file.as_uri())
        opened = time.perf_counter() - started
        parts = page.evaluate("records.reduce((sum, record) => sum + record.parts.length, 0)")
        size = page_file.stat().st_size / 2**20
        print(f"{given.records:,} records of {parts:,} parts, {size:.1f} MiB")
        print(f"Chromium {browser.version}")
        print(f"opened and listed in {opened:.2f} s")
        print(f"{'':24} {'seconds':>8} {'processor':>10}")
        for name, work, times in (
            ("the page", _OWN, _TIMES),
            ("WebCrypto, digests alone", _LATER, 1),
        ):
            taken = []
            for _ in range(times):
                before = processor()
                seconds = page.evaluate(work) / 1e3
                taken.append((seconds, processor() - before))
            seconds, used = min(taken)
            print(f"{name:24} {seconds:8.2f} {used:10.2f}", flush=True)
        print(page.inner_text("#result"))
        browser.close()


def _write(home: Path, out: Path, count: int) -> None:
    signer = create(home)
    with Archive.open(home) as archive:
        fill(archive, signer, map(_comment, range(count)))
        with archive.read() as reader:
            day = datetime(2026, 3, 2, tzinfo=UTC)
            request = ProducedRequest(
                "", "2026-1", "Bench", "Bench", day.date(), day.date(), "us-il", "Bench"
            )
            head = reader.head
            summary = Summary(
                request,
                reader.checkpoint(),
                head.size,
                head.at,
                archive.log_key,
                {},
                Numbering("B", 1),
                {"release": count},
                {},
            )
            with out.open("wb") as file:
                file.writelines(_page.page(summary, _records(reader, count, summary), {}))


def _comment(number: int) -> Comment:
    words = [_WORDS.split()[(number * 7 + i * i) % 10] for i in range(8 + number % 33)]
    return Comment(
        number, " ".join(words), f"Patron {number}", "mastodon", datetime(2026, 1, 1, tzinfo=UTC)
    )


def _records(reader: Reader, count: int, summary: Summary) -> Iterator[bytes]:
    captured = reader.entries(types={"record.captured"})
    for number, (entry, sealed) in enumerate(reader.open(islice(captured, count)), 1):
        if sealed is None:
            raise ValueError(f"entry {entry.seq} has no content")
        record = records.get(reader, entry.subject)
        item = Item.of(ProducedRecord(number, record, entry, sealed, "release", {}, (), ""))
        summary.count(item)
        yield _page.page_record(item, tuple(reader.inclusion_proof(entry.seq)))


if __name__ == "__main__":
    main()
