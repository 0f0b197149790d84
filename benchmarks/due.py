"""Retention in a large archive: what is due, proposing its disposal, and running it.

Ten years of one account are ingested and indexed; one fortieth of them is due. Every command is a
process of its own. Beside each stands how many times as long it takes as to count the records by
their status, with one SELECT and nothing decided, opening the archive included.

    python -m benchmarks.due [--records 1000000] [--keep FOLDER]

A folder that is kept serves the next run with as many records. In the copy that is disposed of the
search index is made anew first, where the kept one is of an earlier version of the program.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from sqlalchemy import func, select

from archive import Archive
from archive.records import record_table
from benchmarks._decade import SCHEDULE, THREADS, write_decade
from benchmarks._measure import Run, measured, run

_MUNIMENT = str(Path(sys.executable).parent / "muniment")
_DAY = "2026-01-01"


def main() -> None:
    """Measure, and print one table."""
    options = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    options.add_argument("--records", type=int, default=1_000_000)
    options.add_argument("--keep", type=Path, help="where the archive is made, and left")
    given = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="muniment-bench-") as folder:
        made = (given.keep or Path(folder)) / str(given.records)
        if not made.exists():
            _make(made, given.records)
        _measure(made, Path(folder) / "copy", given.records)


def _make(folder: Path, count: int) -> None:
    """An archive with two who may approve, the schedule adopted, the index built."""
    making = folder.with_name(f"{folder.name}.making")
    shutil.rmtree(making, ignore_errors=True)
    making.mkdir(parents=True)
    write_decade(making / "decade.jsonl", count)
    for name, text in (("decade", SCHEDULE), ("threads", THREADS)):
        (making / f"{name}.toml").write_text(text)
    named = ("--name", "Bench", "--actor", "ada", "--no-passphrase")
    _do(making, "init", str(making / "archive"), *named)
    _do(making, "actor", "add", "ben", "--role", "director", "--no-passphrase")
    _do(making, "ingest", str(making / "decade.jsonl"), "--account", "bench")
    _do(making, "schedule", "adopt", str(making / "decade.toml"))
    _do(making, "search", "parking", "--count")
    making.rename(folder)


def _measure(made: Path, copy: Path, count: int) -> None:
    plain = measured(_count, made / "archive")
    print(f"{count:,} records, of which one fortieth is due")
    print(f"{'':24} {'seconds':>8} {'processor':>10} {'peak MiB':>9} {'times a count':>14}")

    def show(name: str, taken: Run) -> None:
        row = f"{name:24} {taken.seconds:8.2f} {taken.processor:10.2f} {taken.peak:9.0f}"
        print(f"{row} {taken.seconds / plain.seconds:14.1f}", flush=True)

    show("SELECT count", plain)
    for further in ([], ["--by-year"], ["--list"]):
        words = ["schedule", "due", *further]
        show(" ".join(words), _do(made, *words, "--as-of", _DAY))
    shutil.copytree(made, copy)
    _do(copy, "search", "parking", "--count")
    show("disposal propose", _do(copy, "disposal", "propose", "--as-of", _DAY))
    (disposal,) = json.loads(_answer(copy, "disposal", "list", "--json"))
    for actor in ("ada", "ben"):
        _do(copy, "--as", actor, "disposal", "approve", disposal["id"])
    show("disposal run", _do(copy, "disposal", "run", disposal["id"]))
    _do(copy, "schedule", "adopt", str(copy / "threads.toml"))
    for further in ([], ["--by-year"]):
        words = ["schedule", "due", *further]
        show(f"{' '.join(words)}, threads", _do(copy, *words, "--as-of", _DAY))


def _do(folder: Path, *words: str) -> Run:
    return run([_MUNIMENT, *words], _setting(folder))


def _answer(folder: Path, *words: str) -> bytes:
    return subprocess.run(
        [_MUNIMENT, *words], env={**os.environ, **_setting(folder)}, check=True, capture_output=True
    ).stdout


def _setting(folder: Path) -> dict[str, str]:
    return {
        "MUNIMENT_ARCHIVE": str(folder / "archive"),
        "MUNIMENT_KEYS": str(folder / "keys"),
        "MUNIMENT_ACTOR": "ada",
    }


def _count(folder: Path) -> float:
    started = time.perf_counter()
    with Archive.open(folder) as archive, archive.read() as reader:
        status = record_table.c.status
        query = select(func.count()).where(status != "disposed")
        reader.conn.execute(query).scalar_one()
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
