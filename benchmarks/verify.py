"""Verifying an archive against SHA-256 over the same stored bytes.

`muniment verify` derives everything anew: headers, tree, checkpoints, signatures, contents,
projections. The other side reads the same headers and sealed halves from the same database and
hashes them, nothing more, on one processor.

    python -m benchmarks.verify [--records 100000] [--rounds 3]
"""

import argparse
import shutil
import sqlite3
import tempfile
import time
from hashlib import sha256
from pathlib import Path

from archive import Archive, verify
from benchmarks._measure import Run, measured, median
from benchmarks.append import append


def main() -> None:
    """Measure, and print one table."""
    options = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    options.add_argument("--records", type=int, default=100_000)
    options.add_argument("--rounds", type=int, default=3)
    given = options.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="muniment-bench-"))
    tasks = {
        "verify: everything": whole,
        "verify: the log only": log_only,
        "SHA-256 of the bytes": hashed,
    }
    taken: dict[str, list[Run]] = {name: [] for name in tasks}
    try:
        append(folder / "archive", given.records)
        for _ in range(given.rounds):
            for name, task in tasks.items():
                taken[name].append(measured(task, folder / "archive"))
    finally:
        shutil.rmtree(folder)
    reference = taken["SHA-256 of the bytes"]
    print(f"{given.records} short comments, {given.rounds} rounds, medians")
    print(f"{'':22} {'records/s':>10} {'seconds':>8} {'peak MiB':>9} {'times SHA-256':>14}")
    for name, runs in taken.items():
        seconds = median([one.seconds for one in runs])
        ratio = median([a.seconds / b.seconds for a, b in zip(runs, reference, strict=True)])
        peak = max(one.peak for one in runs)
        row = f"{name:22} {given.records / seconds:10,.0f} {seconds:8.2f} {peak:9.0f}"
        print(f"{row} {ratio:14.2f}")


def whole(home: Path) -> float:
    """Seconds to verify everything."""
    return _verified(home, only_log=False)


def log_only(home: Path) -> float:
    """Seconds to verify the log without contents and projections."""
    return _verified(home, only_log=True)


def hashed(home: Path) -> float:
    """Seconds to read and hash every header and sealed half."""
    connection = sqlite3.connect(home / "archive.db")
    started = time.perf_counter()
    digest = sha256()
    query = "SELECT header, ciphertext FROM entry LEFT JOIN sealed USING (seq) ORDER BY seq"
    for header, ciphertext in connection.execute(query):
        digest.update(header)
        digest.update(ciphertext or b"")
    seconds = time.perf_counter() - started
    connection.close()
    return seconds


def _verified(home: Path, *, only_log: bool) -> float:
    started = time.perf_counter()
    with Archive.open(home) as archive:
        report = verify(archive, log_only=only_log)
    seconds = time.perf_counter() - started
    if not report.ok:
        raise AssertionError(report.findings[0])
    return seconds


if __name__ == "__main__":
    main()
