"""Ingesting short comments: Muniment against `sqlite-utils insert` plus `enable-fts`.

Both take the same JSON Lines file, in turn, several times. Muniment archives (commitments,
encryption, tree, signatures, projections) and then indexes; sqlite-utils inserts the rows and makes
a full-text index, with no integrity and no encryption.

    python -m benchmarks.ingest [--records 100000] [--rounds 3]
"""

import argparse
import shutil
import sys
import tempfile
from pathlib import Path

from benchmarks._comments import write_comments
from benchmarks._measure import Run, median, run, together


def main() -> None:
    """Measure, and print one table."""
    options = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    options.add_argument("--records", type=int, default=100_000)
    options.add_argument("--rounds", type=int, default=3)
    given = options.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="muniment-bench-"))
    try:
        _report(given.records, _measure(folder, given.records, given.rounds))
    finally:
        shutil.rmtree(folder)


def _measure(folder: Path, count: int, rounds: int) -> dict[str, list[Run]]:
    source = folder / "comments.jsonl"
    write_comments(source, count)
    beside = Path(sys.executable).parent
    muniment, sqlite_utils = str(beside / "muniment"), str(beside / "sqlite-utils")
    taken: dict[str, list[Run]] = {"archive": [], "index": [], "sqlite-utils": []}
    for number in range(rounds):
        archive = folder / f"archive-{number}"
        setting = {
            "MUNIMENT_ARCHIVE": str(archive),
            "MUNIMENT_KEYS": str(folder / f"keys-{number}"),
        }
        named = ["--name", "Bench", "--actor", "ada", "--no-passphrase"]
        run([muniment, "init", str(archive), *named], setting)
        ingest = [muniment, "ingest", str(source), "--source", "jsonl", "--account", "bench"]
        taken["archive"].append(run(ingest, setting))
        taken["index"].append(run([muniment, "search", "parking", "--count"], setting))
        table = str(folder / f"rows-{number}.db")
        insert = [sqlite_utils, "insert", table, "comments", str(source), "--nl"]
        index = [sqlite_utils, "enable-fts", table, "comments", "text", "author"]
        taken["sqlite-utils"].append(together([run(insert), run(index)]))
        shutil.rmtree(archive)
    return taken


def _report(count: int, taken: dict[str, list[Run]]) -> None:
    both = [together(pair) for pair in zip(taken["archive"], taken["index"], strict=True)]
    rows = {
        "muniment: archive": taken["archive"],
        "muniment: archive and index": both,
        "sqlite-utils: insert and FTS": taken["sqlite-utils"],
    }
    reference = taken["sqlite-utils"]
    print(f"{count} short comments, {len(reference)} rounds, medians")
    print(f"{'':30} {'records/s':>10} {'seconds':>8} {'peak MiB':>9} {'times sqlite-utils':>19}")
    for name, runs in rows.items():
        seconds = median([one.seconds for one in runs])
        ratio = median([a.seconds / b.seconds for a, b in zip(runs, reference, strict=True)])
        peak = max(one.peak for one in runs)
        print(f"{name:30} {count / seconds:10,.0f} {seconds:8.2f} {peak:9.0f} {ratio:19.2f}")


if __name__ == "__main__":
    main()
