"""What a record costs in a small archive and in a large one.

One archive grows tenfold at a time; at each size the same number of new comments is ingested, and
its cost held against that at the first size.

    python -m benchmarks.growth [--most 1000000] [--probe 20000]
"""

import argparse
import shutil
import sys
import tempfile
from pathlib import Path

from benchmarks._comments import write_comments
from benchmarks._measure import Run, run

_PIECE = 500_000


def main() -> None:
    """Measure, and print one table."""
    options = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    options.add_argument("--most", type=int, default=1_000_000)
    options.add_argument("--probe", type=int, default=20_000)
    given = options.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="muniment-bench-"))
    try:
        _measure(folder, given.most, given.probe)
    finally:
        shutil.rmtree(folder)


def _measure(folder: Path, most: int, probe: int) -> None:
    muniment = str(Path(sys.executable).parent / "muniment")
    setting = {"MUNIMENT_ARCHIVE": str(folder / "archive"), "MUNIMENT_KEYS": str(folder / "keys")}
    named = ["--name", "Bench", "--actor", "ada", "--no-passphrase"]
    run([muniment, "init", str(folder / "archive"), *named], setting)
    source = folder / "comments.jsonl"
    held = 0

    def take(count: int) -> Run:
        nonlocal held
        write_comments(source, count, held)
        held += count
        return run([muniment, "ingest", str(source), "--account", "bench"], setting)

    print(f"{probe} more comments in an archive that holds some")
    print(
        f"{'records':>12} {'records/s':>10} {'µs each':>8} {'processor µs':>13} {'times first':>12}"
    )
    first = 0.0
    size = 10_000
    while size <= most:
        while held < size:
            take(min(_PIECE, size - held))
        taken = take(probe)
        first = first or taken.seconds
        each, worked = (1e6 * value / probe for value in (taken.seconds, taken.processor))
        row = f"{size:12,} {1e6 / each:10,.0f} {each:8.1f} {worked:13.1f}"
        print(f"{row} {taken.seconds / first:12.2f}", flush=True)
        size *= 10


if __name__ == "__main__":
    main()
