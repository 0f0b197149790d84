"""The guard: the one place that says what must not be destroyed, and the one way to destroy.

`frozen` is the predicate; `destroy` asks it in SQL inside the deleting transaction, whatever was
listed, approved or evaluated before. Nothing else in the program calls `Writer.erase`.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import select

from archive import Erased, Reader, Writer, rows_among
from archive.errors import Refused
from archive.records import record_table
from schedules import _tables as t
from schedules._facts import Freeze, FreezeSource, hold_label


@dataclass(frozen=True, slots=True)
class Coverage:
    """Up to which log position every hold's criteria have been applied to the records.

    `schedules._placing.cover` gives one; it is spent as soon as anybody else appends.
    """

    position: int


def frozen(reader: Reader, records: Sequence[str]) -> dict[str, list[Freeze]]:
    """What freezes which of these records: holds, open requests, undecided appeals.

    An appeal against a ban freezes all that the banned author wrote, whenever it was captured.
    """
    table = t.freeze
    query = select(table).order_by(table.c.record_id, table.c.source, table.c.source_id)
    rows = list(rows_among(reader.conn, query, table.c.record_id, records))
    labels = _labels(reader, {source for _, _, source in rows}) if rows else {}
    found: dict[str, list[Freeze]] = {}
    for record, source, source_id in rows:
        freeze = Freeze(FreezeSource(source), source_id, labels.get(source_id, source_id))
        found.setdefault(record, []).append(freeze)
    for record, freeze in _under_bans(reader, records):
        found.setdefault(record, []).append(freeze)
    return found


def destroy(writer: Writer, records: Sequence[str], coverage: Coverage) -> Erased:
    """Erase the records' sealed halves, keys and attachments, unless anything freezes one of them.

    Refused, with nothing erased, when a record is frozen now, when the holds have not been applied
    to everything in the log, or when nobody has searched for an open request.
    """
    if coverage.position != writer.head.size:
        raise Refused(
            "the holds have not been applied to the newest records",
            hint="run the disposal again",
        )
    if numbers := unsearched_requests(writer):
        raise Refused(
            f"nobody has searched for the open request {', '.join(numbers)}",
            hint="search for it first: muniment request search",
        )
    if held := frozen(writer, records):
        record, freezes = next(iter(held.items()))
        raise Refused(
            f"record {record} is {freezes[0]}", hint="run the disposal again; it will be left out"
        )
    return writer.erase(records)


def _labels(reader: Reader, sources: Collection[str]) -> dict[str, str]:
    """How holds, requests and appeals of these ids are named in reasons."""
    hold, request, appeal = t.hold.c, t.freeze_request.c, t.freeze_appeal.c
    wanted = list(sources)
    found = dict(rows_among(reader.conn, select(request.id, request.number), request.id, wanted))
    query = select(appeal.id, appeal.filed_at)
    for one, filed in rows_among(reader.conn, query, appeal.id, wanted):
        found[one] = _since(filed)
    placed = list(rows_among(reader.conn, select(hold.seq, hold.kind), hold.id, wanted))
    kinds = dict(placed)
    for entry, sealed in reader.open([reader.entry(seq) for seq in kinds]):
        if sealed is not None:
            found[entry.subject] = hold_label(sealed.text("name"), kinds[entry.seq])
    return found


def _under_bans(reader: Reader, records: Sequence[str]) -> Iterator[tuple[str, Freeze]]:
    appeal, record = t.freeze_appeal.c, record_table.c
    query = (
        select(appeal.author_key, appeal.id, appeal.filed_at)
        .where(appeal.author_key.is_not(None), appeal.decided_at.is_(None))
        .order_by(appeal.id)
    )
    by_author: dict[str, list[Freeze]] = {}
    for author, one, filed in reader.conn.execute(query):
        freeze = Freeze(FreezeSource.BAN, one, _since(filed))
        by_author.setdefault(author, []).append(freeze)
    if by_author:
        authors = select(record.id, record.author_key).order_by(record.id)
        for written, author in rows_among(reader.conn, authors, record.id, records):
            yield from ((written, freeze) for freeze in by_author.get(author, ()))


def _since(filed: str) -> str:
    return f"since {filed[:10]}"


def unsearched_requests(reader: Reader) -> list[str]:
    """The numbers of open requests that nobody has searched for: what they ask for is not known."""
    table = t.freeze_request
    query = (
        select(table.c.number)
        .where(table.c.closed == 0, table.c.searched == 0)
        .order_by(table.c.number)
    )
    return list(reader.conn.execute(query).scalars())
