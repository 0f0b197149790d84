"""How the log becomes the tables of requests."""

from collections.abc import Callable, Iterator, Sequence
from itertools import groupby

from sqlalchemy import Connection, bindparam, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from archive import Entry, Event, Projection, Reader, chunked, records
from archive.times import to_text
from exports.requests import _tables as t


def _opened(reader: Reader, entries: Sequence[Entry]) -> None:
    for entry in entries:
        data = entry.data
        year, serial = data["number"].split("-")
        reader.conn.execute(
            t.request.insert().values(
                id=entry.subject,
                seq=entry.seq,
                number=data["number"],
                year=int(year),
                serial=int(serial),
                received=data["received"],
                channel=data.get("channel"),
                first_due=data.get("due"),
                due=data.get("due"),
                purpose=data["purpose"],
                track=data["track"],
                jurisdiction=data["jurisdiction"],
            )
        )


def _responsive(reader: Reader, entries: Sequence[Entry]) -> None:
    for entry in entries:
        ids: list[str] = entry.data["records"]
        key = {"request_id": entry.subject, "through": entry.seq}
        _upsert(reader.conn, [{**key, "record_id": record_id} for record_id in ids])
        for chunk in chunked(ids):
            _add_versions(reader, entry, chunk)


def _set_aside(reader: Reader, entries: Sequence[Entry]) -> None:
    for entry in entries:
        for ids in chunked(entry.data["records"]):
            held, decided = t.request_record.c, t.determination.c
            reader.conn.execute(
                update(t.request_record)
                .where(held.request_id == entry.subject, held.record_id.in_(ids))
                .values(set_aside=entry.seq)
            )
            reader.conn.execute(
                delete(t.determination).where(
                    decided.request_id == entry.subject, decided.record_id.in_(ids)
                )
            )


def _determined(reader: Reader, entries: Sequence[Entry]) -> None:
    table = t.determination
    statement = (
        update(table)
        .where(table.c.request_id == bindparam("of"), table.c.version == bindparam("at"))
        .values(outcome=bindparam("is"), exemptions=bindparam("by"), seq=bindparam("said"))
    )
    rows = [
        {
            "of": entry.subject,
            "at": entry.data["version"],
            "is": entry.data["outcome"],
            "by": " ".join(entry.data["exemptions"]),
            "said": entry.seq,
        }
        for entry in entries
    ]
    reader.conn.execute(statement, rows)


def _reopened(reader: Reader, entries: Sequence[Entry]) -> None:
    table = t.determination
    for entry in entries:
        reader.conn.execute(
            update(table)
            .where(table.c.request_id == entry.subject, table.c.version == entry.data["version"])
            .values(outcome=None, exemptions=None, seq=None)
        )


def _extended(reader: Reader, entries: Sequence[Entry]) -> None:
    for entry in entries:
        data = entry.data
        _update(
            reader.conn,
            entry,
            due=data["due"],
            extended=data["ground"],
            extension_days=data.get("days"),
            extension_from=data.get("from"),
        )


def _recounted(reader: Reader, entries: Sequence[Entry]) -> None:
    for entry in entries:
        moved = {name: entry.data.get(name) for name in ("first_due", "due")}
        if moved["due"] is not None:
            _update(reader.conn, entry, **moved)


def _treated(reader: Reader, entries: Sequence[Entry]) -> None:
    for entry in entries:
        data = entry.data
        due, first = data.get("due"), data.get("first_due")
        _update(reader.conn, entry, track=data["track"], first_due=first, due=due)


def _stepped(reader: Reader, entries: Sequence[Entry]) -> None:
    for entry in entries:
        row = {"seq": entry.seq, "request_id": entry.subject}
        values = row | {"code": entry.data["step"], "day": entry.data["on"]}
        reader.conn.execute(t.request_step.insert().values(values))
    _recounted(reader, entries)


def _paused(reader: Reader, entries: Sequence[Entry]) -> None:
    for entry in entries:
        row = {"seq": entry.seq, "request_id": entry.subject}
        values = row | {"ground": entry.data["ground"], "since": entry.data["on"]}
        reader.conn.execute(t.request_pause.insert().values(values))


def _resumed(reader: Reader, entries: Sequence[Entry]) -> None:
    pause = t.request_pause.c
    for entry in entries:
        reader.conn.execute(
            update(t.request_pause)
            .where(pause.request_id == entry.subject, pause.until.is_(None))
            .values(until=entry.data["on"])
        )
    _recounted(reader, entries)


def _calendar(reader: Reader, entries: Sequence[Entry]) -> None:
    names = ("code", "version", "effective_from", "effective_to", "digest")
    for entry in entries:
        row = {name: entry.data.get(name) for name in names}
        reader.conn.execute(t.calendar.insert().values(seq=entry.seq, **row))


def _closed(reader: Reader, entries: Sequence[Entry]) -> None:
    for entry in entries:
        _update(reader.conn, entry, closed_at=to_text(entry.at), outcome=entry.data["outcome"])


def _update(conn: Connection, entry: Entry, **values: str | int | None) -> None:
    conn.execute(update(t.request).where(t.request.c.id == entry.subject).values(values))


def _add_versions(reader: Reader, entry: Entry, record_ids: Sequence[str]) -> None:
    """The versions captured before the entry, where they are not there yet."""
    table = t.determination
    rows = reader.conn.execute(
        select(table.c.version).where(
            table.c.request_id == entry.subject, table.c.record_id.in_(record_ids)
        )
    )
    present = {version for (version,) in rows}
    new = [
        {"request_id": entry.subject, "version": version, "record_id": record}
        for record, version in _versions(reader, record_ids, entry.seq)
        if version not in present
    ]
    if new:
        reader.conn.execute(table.insert(), new)


def _upsert(conn: Connection, rows: Sequence[dict[str, object]]) -> None:
    postgres = conn.dialect.name == "postgresql"
    insert = (postgresql if postgres else sqlite).insert(t.request_record)
    key = (t.request_record.c.request_id, t.request_record.c.record_id)
    conn.execute(
        insert.on_conflict_do_update(
            index_elements=key,
            set_={"through": insert.excluded.through, "set_aside": None},
        ),
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


_HANDLERS: dict[str, Callable[[Reader, Sequence[Entry]], None]] = {
    "request.opened": _opened,
    "request.responsive": _responsive,
    "request.set_aside": _set_aside,
    "request.determined": _determined,
    "request.reopened": _reopened,
    "request.extended": _extended,
    "request.treated": _treated,
    "request.stepped": _stepped,
    "request.paused": _paused,
    "request.resumed": _resumed,
    "request.recounted": _recounted,
    "calendar.adopted": _calendar,
    "request.closed": _closed,
}


def _apply(reader: Reader, events: Sequence[Event]) -> None:
    entries = (entry for entry, _ in events)
    for kind, run in groupby(entries, key=lambda entry: entry.type):
        _HANDLERS[kind](reader, list(run))


PROJECTION = Projection(
    name="request",
    version=4,
    metadata=t.metadata,
    types=frozenset(_HANDLERS),
    apply=_apply,
)
"""Needs the table of records, so it stands after the archive's own projections."""
