"""Runs and rejected items as tables of the log."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Column, Index, Integer, MetaData, Table, Text, select, update

from archive import Event, Projection, Reader, chunked, insert_rows, times

_metadata = MetaData()
COUNTS = ("seen", "new", "changed", "unchanged", "disposed", "rejected", "vanished", "reappeared")

run_table = Table(
    "ingest_run",
    _metadata,
    Column("id", Text, primary_key=True),
    Column("account", Text, nullable=False),
    Column("reader", Text, nullable=False),
    Column("reader_version", Integer, nullable=False),
    Column("made_at", Text),
    Column("started_at", Text, nullable=False),
    Column("finished_at", Text),
    *(Column(name, Integer) for name in COUNTS),
)
rejected_table = Table(
    "ingest_rejected",
    _metadata,
    Column("id", Text, primary_key=True),
    Column("run", Text, nullable=False),
    Column("lookup", Text, nullable=False),
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
    started_at: str
    finished_at: str | None
    seen: int | None
    new: int | None
    changed: int | None
    unchanged: int | None
    disposed: int | None
    rejected: int | None
    vanished: int | None
    reappeared: int | None


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


def rejected_before(reader: Reader, lookups: Sequence[str]) -> set[str]:
    """Those of `lookups` whose rejected bytes are kept already."""
    column = rejected_table.c.lookup
    return {
        found
        for chunk in chunked(lookups)
        for found in reader.conn.execute(select(column).where(column.in_(chunk))).scalars()
    }


def _apply(reader: Reader, events: Sequence[Event]) -> None:
    for entry, _ in events:
        data, at = entry.data, times.to_text(entry.at)
        if entry.type == "capture.rejected":
            insert_rows(reader.conn, rejected_table, [(entry.subject, data["run"], data["lookup"])])
        elif entry.type == "ingest.started":
            names = ("account", "reader", "reader_version")
            row = (entry.subject, *(data[name] for name in names), data.get("made"), at)
            insert_rows(reader.conn, run_table, [(*row, None, *(None for _ in COUNTS))])
        elif entry.type == "ingest.finished":
            counts = {name: data[name] for name in COUNTS}
            reader.conn.execute(
                update(run_table)
                .where(run_table.c.id == entry.subject)
                .values(finished_at=at, **counts)
            )


PROJECTION = Projection(
    "ingest",
    1,
    _metadata,
    frozenset({"ingest.started", "ingest.finished", "capture.rejected"}),
    _apply,
)
