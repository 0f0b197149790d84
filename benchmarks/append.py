"""Appending to the log against bare SQLAlchemy inserts of the same bytes.

The log makes commitments, encrypts, hashes the tree, signs, keeps the table of records, and commits
in batches. The other side inserts the rows that came of it, as they are, into tables of the same
columns without guards, in batches of the same size under the same settings of SQLite.

    python -m benchmarks.append [--records 50000] [--rounds 3]
"""

import argparse
import shutil
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Engine, MetaData, create_engine, event, select

from archive import Archive, Draft, Parts, Writer, actors, keys, new_id, records
from benchmarks._comments import comments
from benchmarks._measure import Run, measured, median

_BATCH = 2000
_TABLES = ("entry", "sealed", "data_key", "record")
_SETTINGS = ("journal_mode=WAL", "synchronous=FULL", "secure_delete=ON", "cache_size=-65536")


def main() -> None:
    """Measure, and print one table."""
    options = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    options.add_argument("--records", type=int, default=50_000)
    options.add_argument("--rounds", type=int, default=3)
    given = options.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="muniment-bench-"))
    try:
        log, bare = _measure(folder, given.records, given.rounds)
    finally:
        shutil.rmtree(folder)
    print(f"{given.records} short comments in batches of {_BATCH}, {given.rounds} rounds, medians")
    print(f"{'':24} {'records/s':>10} {'µs each':>8} {'peak MiB':>9} {'times bare':>11}")
    for name, runs in (("muniment: the log", log), ("bare SQLAlchemy inserts", bare)):
        seconds = median([one.seconds for one in runs])
        ratio = median([a.seconds / b.seconds for a, b in zip(runs, bare, strict=True)])
        rate, each = given.records / seconds, 1e6 * seconds / given.records
        peak = max(one.peak for one in runs)
        print(f"{name:24} {rate:10,.0f} {each:8.1f} {peak:9.0f} {ratio:11.2f}")


def _measure(folder: Path, count: int, rounds: int) -> tuple[list[Run], list[Run]]:
    log: list[Run] = []
    bare: list[Run] = []
    for number in range(rounds):
        home, copy = folder / f"archive-{number}", folder / f"bare-{number}.db"
        log.append(measured(append, home, count))
        bare.append(measured(insert, home / "archive.db", copy))
        shutil.rmtree(home)
        copy.unlink()
    return log, bare


def append(home: Path, count: int) -> float:
    """Seconds to append so many comments to a new archive."""
    key = Ed25519PrivateKey.generate()
    with Archive.create(home, name="Bench", actor_name="ada", actor_key=key) as archive:
        with archive.read() as reader:
            ada = keys.ActorKey(actors.by_name(reader, "ada").id, key)
        items = list(comments(count))
        run, account = new_id(), new_id()
        started = time.perf_counter()
        for batch in _batches(items):
            with archive.write(ada) as writer:
                writer.capture([_draft(writer, run, account, item) for item in batch], run, {})
        return time.perf_counter() - started


def insert(source: Path, target: Path) -> float:
    """Seconds to insert the rows of an archive's database into bare tables of another."""
    read, write = create_engine(f"sqlite:///{source}"), _engine(target)
    found, bare = MetaData(), MetaData()
    found.reflect(read, only=_TABLES)
    rows: dict[str, Sequence[dict[str, Any]]] = {}
    for name in _TABLES:
        found.tables[name].to_metadata(bare)
        with read.connect() as connection:
            rows[name] = [
                dict(row) for row in connection.execute(select(found.tables[name])).mappings()
            ]
    bare.create_all(write)
    batches = [_batches(rows[name]) for name in _TABLES]
    started = time.perf_counter()
    for _ in range(-(-len(rows["entry"]) // _BATCH)):
        with write.begin() as connection:
            for name, pieces in zip(_TABLES, batches, strict=True):
                if piece := next(pieces, None):
                    connection.execute(bare.tables[name].insert(), piece)
    seconds = time.perf_counter() - started
    read.dispose()
    write.dispose()
    return seconds


def _draft(writer: Writer, run: str, account: str, item: dict[str, str]) -> Draft:
    data = {
        "account": account,
        "kind": item["kind"],
        "lookup": records.lookup_of(writer, "jsonl", account, item["id"]),
        "platform": "jsonl",
        "run": run,
        "state": "live",
        "version": 1,
    }
    parts = Parts.of(
        [
            ("text", item["text"]),
            ("author/name", item["author"]),
            ("author/handle", item["handle"]),
            ("url", item["url"]),
            ("native_id", item["id"]),
            ("parent", item["parent"]),
            ("occurred_at", item["occurred_at"]),
        ]
    )
    return Draft("record.captured", new_id(), data, parts)


def _batches(items: Sequence[Any]) -> Iterator[Sequence[Any]]:
    for start in range(0, len(items), _BATCH):
        yield items[start : start + _BATCH]


def _engine(path: Path) -> Engine:
    engine = create_engine(f"sqlite:///{path}")

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: object) -> None:
        for setting in _SETTINGS:
            connection.execute(f"PRAGMA {setting}").close()

    return engine


if __name__ == "__main__":
    main()
