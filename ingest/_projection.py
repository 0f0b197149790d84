"""Runs and rejected items as tables of the log."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import BigInteger, Column, Index, Integer, MetaData, Table, Text, select, update

from archive import Entry, Event, Projection, Reader, insert_rows, rows_among, times

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
    for entry, parts in events:
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
            _count(reader, entry, finished_at=at)
        elif entry.type == "capture.batch" and "items" in data:
            _count(reader, entry, items=data["items"], position=entry.seq)
        elif entry.type == "capture.recovered":
            change = update(rejected_table).where(rejected_table.c.id == entry.subject)
            reader.conn.execute(change.values(recovered=data["run"]))


def _count(reader: Reader, entry: Entry, **more: str | int) -> None:
    counts = {name: entry.data.get(name) for name in COUNTS}
    change = update(run_table).where(run_table.c.id == entry.subject)
    reader.conn.execute(change.values(**more, **counts))


PROJECTION = Projection(
    "ingest",
    2,
    _metadata,
    frozenset({"ingest.started", "ingest.finished", "capture."}),
    _apply,
)
