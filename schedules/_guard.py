"""The guard: the one place that says what must not be destroyed, and the one way to destroy.

`frozen` is the predicate; `destroy` asks it in SQL inside the deleting transaction, whatever was
listed, approved or evaluated before. Nothing else in the program calls `Writer.erase`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import and_, select

from archive import Erased, Reader, Writer, rows_among
from archive.errors import Refused
from schedules import _tables as t
from schedules._facts import Freeze, FreezeSource, hold_label


@dataclass(frozen=True, slots=True)
class Coverage:
    """Up to which log position every hold's criteria have been applied to the records.

    `schedules._holds.cover` gives one; it is spent as soon as anybody else appends.
    """

    position: int


def frozen(reader: Reader, records: Sequence[str]) -> dict[str, list[Freeze]]:
    """What freezes which of these records: holds, open requests, undecided appeals."""
    table, hold, request, appeal = t.freeze, t.hold, t.freeze_request, t.freeze_appeal
    query = (
        select(
            table.c.record_id,
            table.c.source,
            table.c.source_id,
            hold.c.name,
            hold.c.kind,
            request.c.number,
            appeal.c.filed_at,
        )
        .select_from(table)
        .outerjoin(hold, and_(table.c.source == FreezeSource.HOLD, table.c.source_id == hold.c.id))
        .outerjoin(request, table.c.source_id == request.c.id)
        .outerjoin(appeal, table.c.source_id == appeal.c.id)
        .order_by(table.c.record_id, table.c.source, table.c.source_id)
    )
    found: dict[str, list[Freeze]] = {}
    for row in rows_among(reader.conn, query, table.c.record_id, records):
        source = FreezeSource(row.source)
        labels = {
            FreezeSource.HOLD: row.name and hold_label(row.name, row.kind),
            FreezeSource.REQUEST: row.number,
            FreezeSource.APPEAL: row.filed_at and f"since {row.filed_at[:10]}",
        }
        freeze = Freeze(source, row.source_id, labels[source] or row.source_id)
        found.setdefault(row.record_id, []).append(freeze)
    return found


def destroy(writer: Writer, records: Sequence[str], coverage: Coverage) -> Erased:
    """Erase the records' sealed halves, keys and attachments, unless anything freezes one of them.

    Refused, with nothing erased, when a record is frozen now or when the holds have not been
    applied to everything in the log.
    """
    if coverage.position != writer.head.size:
        raise Refused(
            "the holds have not been applied to the newest records",
            hint="run the disposal again",
        )
    if held := frozen(writer, records):
        record, freezes = next(iter(held.items()))
        raise Refused(
            f"record {record} is {freezes[0]}", hint="run the disposal again; it will be left out"
        )
    return writer.erase(records)


def unsearched_requests(reader: Reader) -> list[str]:
    """The numbers of open requests that nobody has searched for: what they ask for is not known."""
    table = t.freeze_request
    query = (
        select(table.c.number)
        .where(table.c.closed == 0, table.c.searched == 0)
        .order_by(table.c.number)
    )
    return list(reader.conn.execute(query).scalars())
