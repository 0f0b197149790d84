"""How the log becomes the tables of requests."""

from collections.abc import Callable, Iterator, Sequence

from sqlalchemy import Connection, select, update
from sqlalchemy.dialects import postgresql, sqlite

from archive import Entry, Event, Projection, Reader, chunked, records
from archive.times import to_text
from exports.requests import _tables as t


def _opened(reader: Reader, entry: Entry) -> None:
    year, serial = entry.data["number"].split("-")
    reader.conn.execute(
        t.request.insert().values(
            id=entry.subject,
            seq=entry.seq,
            number=entry.data["number"],
            year=int(year),
            serial=int(serial),
            received=entry.data["received"],
            first_due=entry.data["due"],
            due=entry.data["due"],
            purpose=entry.data["purpose"],
            jurisdiction=entry.data["jurisdiction"],
        )
    )


def _searched(reader: Reader, entry: Entry) -> None:
    reader.conn.execute(
        t.request_search.insert().values(
            id=entry.data["search"],
            request_id=entry.subject,
            seq=entry.seq,
            position=entry.data["position"],
            engine=entry.data["engine"],
            count=entry.data["count"],
        )
    )


def _responsive(reader: Reader, entry: Entry) -> None:
    _upsert(
        reader.conn,
        [
            {"request_id": entry.subject, "record_id": record_id, "through": entry.seq}
            for record_id in entry.data["records"]
        ],
    )
    known = t.determination
    for ids in chunked(entry.data["records"]):
        rows = reader.conn.execute(
            select(known.c.version).where(
                known.c.request_id == entry.subject, known.c.record_id.in_(ids)
            )
        )
        present = {version for (version,) in rows}
        new = [
            {"request_id": entry.subject, "version": version, "record_id": record}
            for record, version in _versions(reader, ids, entry.seq)
            if version not in present
        ]
        if new:
            reader.conn.execute(known.insert(), new)


def _determined(reader: Reader, entry: Entry) -> None:
    table = t.determination
    reader.conn.execute(
        update(table)
        .where(table.c.request_id == entry.subject, table.c.version == entry.data["version"])
        .values(
            outcome=entry.data["outcome"],
            exemptions=" ".join(entry.data["exemptions"]),
            seq=entry.seq,
        )
    )


def _extended(reader: Reader, entry: Entry) -> None:
    _update(reader.conn, entry, due=entry.data["due"], extended=entry.data["ground"])


def _closed(reader: Reader, entry: Entry) -> None:
    _update(reader.conn, entry, closed_at=to_text(entry.at), outcome=entry.data["outcome"])


def _update(conn: Connection, entry: Entry, **values: str) -> None:
    conn.execute(update(t.request).where(t.request.c.id == entry.subject).values(values))


def _upsert(conn: Connection, rows: Sequence[dict[str, object]]) -> None:
    postgres = conn.dialect.name == "postgresql"
    insert = (postgresql if postgres else sqlite).insert(t.request_record)
    key = (t.request_record.c.request_id, t.request_record.c.record_id)
    conn.execute(
        insert.on_conflict_do_update(index_elements=key, set_={"through": insert.excluded.through}),
        list(rows),
    )


def _versions(reader: Reader, ids: Sequence[str], before: int) -> Iterator[tuple[str, int]]:
    """The versions of records that were captured before an entry: (record id, position)."""
    for record in records.get_many(reader, ids).values():
        if record.versions == 1:
            yield record.id, record.first_seq
        else:
            captures = records.versions_of(reader, record)
            yield from ((record.id, entry.seq) for entry in captures if entry.seq < before)


_HANDLERS: dict[str, Callable[[Reader, Entry], None]] = {
    "request.opened": _opened,
    "request.searched": _searched,
    "request.responsive": _responsive,
    "request.determined": _determined,
    "request.extended": _extended,
    "request.closed": _closed,
}


def _apply(reader: Reader, events: Sequence[Event]) -> None:
    for entry, _ in events:
        _HANDLERS[entry.type](reader, entry)


PROJECTION = Projection(
    name="request",
    version=1,
    metadata=t.metadata,
    types=frozenset(_HANDLERS),
    apply=_apply,
)
"""Needs the table of records, so it stands after the archive's own projections."""
