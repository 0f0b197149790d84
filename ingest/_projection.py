"""Runs and rejected items as tables of the log."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from sqlalchemy import (
    BigInteger,
    Column,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    bindparam,
    select,
    update,
)

from archive import Entry, Event, Parts, Projection, Reader, insert_rows, rows_among, times

_metadata = MetaData()
_number = BigInteger().with_variant(Integer, "sqlite")
COUNTS = (
    "seen",
    "new",
    "changed",
    "unchanged",
    "disposed",
    "rejected",
    "vanished",
    "reappeared",
    "direct",
    "attachments",
    "missing",
)

run_table = Table(
    "ingest_run",
    _metadata,
    Column("id", Text, primary_key=True),
    Column("account", Text, nullable=False),
    Column("reader", Text, nullable=False),
    Column("reader_version", Integer, nullable=False),
    Column("made_at", Text),
    Column("file", Text),
    Column("retried", Text),
    Column("started_at", Text, nullable=False),
    Column("finished_at", Text),
    Column("items", _number),
    Column("position", _number),
    *(Column(name, Integer) for name in COUNTS),
)
rejected_table = Table(
    "ingest_rejected",
    _metadata,
    Column("id", Text, primary_key=True),
    Column("run", Text, nullable=False),
    Column("lookup", Text, nullable=False),
    Column("recovered", Text),
    Index("ingest_rejected_by_lookup", "lookup"),
)


@dataclass(frozen=True, slots=True)
class Run:
    """One ingest of one export, which was made at `made_at` when it says so.

    Without `finished_at` it was interrupted, or is under way.
    """

    id: str
    account: str
    reader: str
    reader_version: int
    made_at: str | None
    file: str | None
    retried: str | None
    started_at: str
    finished_at: str | None
    items: int | None
    position: int | None
    seen: int | None
    new: int | None
    changed: int | None
    unchanged: int | None
    disposed: int | None
    rejected: int | None
    vanished: int | None
    reappeared: int | None
    direct: int | None
    attachments: int | None
    missing: int | None


def runs(reader: Reader, account: str = "") -> list[Run]:
    """All runs, or those of one account, in the order in which they were started."""
    query = select(run_table).order_by(run_table.c.id)
    if account:
        query = query.where(run_table.c.account == account)
    return [Run(**row) for row in reader.conn.execute(query).mappings()]


def made_at(reader: Reader, run: str) -> str:
    """When the export of a run was made; "" when it does not say."""
    query = select(run_table.c.made_at).where(run_table.c.id == run)
    return reader.conn.execute(query).scalar() or ""


def reader_of(reader: Reader, run: str) -> str:
    """The name of the reader that a run used; "" when there is no such run."""
    query = select(run_table.c.reader).where(run_table.c.id == run)
    return reader.conn.execute(query).scalar() or ""


def file_of(reader: Reader, run: str) -> str:
    """The keyed hash of the digest of the export that a run read; "" when it is not known."""
    query = select(run_table.c.file).where(run_table.c.id == run)
    return reader.conn.execute(query).scalar() or ""


def file_key(reader: Reader, sha256: str) -> str:
    """The keyed hash under which the runs of one export are found again."""
    return reader.lookup("export", sha256)


def rejected_before(reader: Reader, lookups: Sequence[str]) -> set[str]:
    """Those of `lookups` whose rejected bytes are kept already."""
    column = rejected_table.c.lookup
    return {found for (found,) in rows_among(reader.conn, select(column), column, lookups)}


def _apply(reader: Reader, events: Sequence[Event]) -> None:
    for entry_type, run in groupby(events, key=lambda event: event[0].type):
        if entry_type == "capture.batch":
            _count(reader, [entry for entry, _ in run if "items" in entry.data])
            continue
        for entry, parts in run:
            _noted(reader, entry, parts)


def _noted(reader: Reader, entry: Entry, parts: Parts | None) -> None:
    data, at = entry.data, times.to_text(entry.at)
    if entry.type == "capture.rejected":
        insert_rows(
            reader.conn, rejected_table, [(entry.subject, data["run"], data["lookup"], None)]
        )
    elif entry.type == "ingest.started":
        names = ("account", "reader", "reader_version")
        digest = None if parts is None else parts.get("file/sha256")
        file = file_key(reader, digest) if digest else None
        told = (data.get("made"), file, data.get("retried"), at)
        row = (entry.subject, *(data[name] for name in names), *told)
        nothing_yet = (None, None, None, *(None for _ in COUNTS))
        insert_rows(reader.conn, run_table, [(*row, *nothing_yet)])
    elif entry.type == "ingest.finished":
        counts = {name: data.get(name) for name in COUNTS}
        change = update(run_table).where(run_table.c.id == entry.subject)
        reader.conn.execute(change.values(finished_at=at, **counts))
    elif entry.type == "capture.recovered":
        change = update(rejected_table).where(rejected_table.c.id == entry.subject)
        reader.conn.execute(change.values(recovered=data["run"]))


_SO_FAR = (
    update(run_table)
    .where(run_table.c.id == bindparam("run"))
    .values({name: bindparam(f"now_{name}") for name in ("items", "position", *COUNTS)})
)


def _count(reader: Reader, batches: Sequence[Entry]) -> None:
    """How far runs are by these batches, of which the last of each run counts."""
    rows = {
        entry.subject: {
            "run": entry.subject,
            "now_items": entry.data["items"],
            "now_position": entry.seq,
            **{f"now_{name}": entry.data.get(name) for name in COUNTS},
        }
        for entry in batches
    }
    if rows:
        reader.conn.execute(_SO_FAR, list(rows.values()))


PROJECTION = Projection(
    "ingest",
    2,
    _metadata,
    frozenset({"ingest.started", "ingest.finished", "capture."}),
    _apply,
)
