"""Records: each post or comment with all its versions, as the log says they stand."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Index,
    Integer,
    MetaData,
    Row,
    Table,
    Text,
    and_,
    bindparam,
    or_,
    select,
    update,
)

from archive import _schema, times
from archive._entry import Entry
from archive._handed_over import gist_of
from archive._log import Reader
from archive._parts import Parts
from archive._projection import Event, Projection
from archive._store import chunked, insert_rows, rows_among
from archive.errors import NotFound, UsageError

_metadata = MetaData()
_number = BigInteger().with_variant(Integer, "sqlite")

record_table = Table(
    "record",
    _metadata,
    Column("id", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("platform", Text, nullable=False),
    Column("account", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("first_seq", _number, nullable=False),
    Column("last_seq", _number, nullable=False),
    Column("versions", Integer, nullable=False),
    Column("captured_at", Text, nullable=False),
    Column("occurred_at", Text),
    Column("edited_at", Text),
    Column("removed_at", Text),
    Column("vanished_at", Text),
    Column("disposed_at", Text),
    Column("visibility", Text),
    Column("lookup", Text, nullable=False),
    Column("parent_lookup", Text),
    Column("author_key", Text),
    Column("fingerprint", Text),
    Column("size", _number, nullable=False),
    Index("record_by_lookup", "lookup", unique=True),
    Index("record_by_parent", "parent_lookup"),
    Index("record_by_occurred", "occurred_at"),
)
_c = record_table.c
_STATUS = select(_c.status).where(_c.id == bindparam("record"))


def _partial(name: str, column: str, *further: str, where: ColumnElement[bool]) -> None:
    columns = [_c[one] for one in (column, *further)]
    Index(name, *columns, sqlite_where=where, postgresql_where=where)


_present = _c.disposed_at.is_(None)
_partial("record_by_account", "account", "captured_at", where=_present)
_partial("record_undated", "captured_at", where=and_(_c.occurred_at.is_(None), _present))
_partial("record_by_removed", "removed_at", where=_c.removed_at.is_not(None))
_partial("record_by_vanished", "vanished_at", where=_c.vanished_at.is_not(None))


@dataclass(frozen=True, slots=True)
class Record:
    """A record's state. `status` is live, pending (submitted, not published), removed, vanished or
    disposed. Times are texts (`archive.times`) or None; a disposed record keeps only
    what its headers say. `size` counts the bytes of all its versions' parts as they
    are before encryption.
    """

    id: str
    kind: str
    platform: str
    account: str
    status: str
    first_seq: int
    last_seq: int
    versions: int
    captured_at: str
    occurred_at: str | None
    edited_at: str | None
    removed_at: str | None
    vanished_at: str | None
    disposed_at: str | None
    visibility: str | None
    lookup: str
    parent_lookup: str | None
    author_key: str | None
    fingerprint: str | None
    size: int


def lookup_of(reader: Reader, platform: str, account: str, native_id: str) -> str:
    """The keyed HMAC under which an item of a platform's account is found again."""
    return reader.lookup("item", platform, account, native_id)


def author_key_of(reader: Reader, platform: str, author: str) -> str:
    """The keyed HMAC of an author's handle, or name where a source gives no handle.

    With or without an @ before it, in any case.
    """
    return reader.recurring("author", platform, author.lower().removeprefix("@"))


def fingerprint_of(reader: Reader, parts: Parts) -> str:
    """A keyed HMAC over the parts whose change makes a new version."""
    return reader.mac(parts.encoded[: gist_of(parts).significant])


def get(reader: Reader, record_id: str) -> Record:
    """The record of an id, or of a beginning or end of one, at least 6 characters long.

    Raises NotFound when there is none, UsageError when several fit.
    """
    wanted = record_id.strip().lower()
    row = reader.conn.execute(select(record_table).where(_c.id == wanted)).one_or_none()
    if row is not None:
        return _record(row)
    if len(wanted) < 6 or not set(wanted) <= set("0123456789abcdef-"):
        raise NotFound(f"there is no record {record_id}", hint="find it by muniment search")
    query = select(record_table).where(
        or_(_c.id.startswith(wanted, autoescape=True), _c.id.endswith(wanted, autoescape=True))
    )
    rows = reader.conn.execute(query.limit(2)).all()
    if not rows:
        raise NotFound(f"there is no record {record_id}", hint="find it by muniment search")
    if len(rows) > 1:
        raise UsageError(f"several records fit {record_id}", hint="give more of the id")
    return _record(rows[0])


def get_many(reader: Reader, record_ids: Sequence[str]) -> dict[str, Record]:
    """Records by id; ids that are no record's are left out."""
    rows = rows_among(reader.conn, select(record_table), _c.id, record_ids)
    return {row.id: _record(row) for row in rows}


def by_lookup(reader: Reader, lookups: Sequence[str]) -> dict[str, Record]:
    """Records by their lookup; lookups that are no record's are left out."""
    rows = rows_among(reader.conn, select(record_table), _c.lookup, lookups)
    return {row.lookup: _record(row) for row in rows}


def with_entries_from(reader: Reader, position: int, record_ids: Sequence[str]) -> set[str]:
    """Those of the records about which the log says something at `position` or later."""
    column = _schema.entry.c
    query = select(column.subject).where(column.seq >= position).distinct()
    return {found for (found,) in rows_among(reader.conn, query, column.subject, record_ids)}


def stream(reader: Reader, where: ColumnElement[bool] | None = None) -> Iterator[Record]:
    """Records in the order of their first capture, read page by page."""
    query = select(record_table).order_by(_c.id).limit(2000)
    if where is not None:
        query = query.where(where)
    last = ""
    while True:
        rows = reader.conn.execute(query.where(_c.id > last)).fetchall()
        yield from map(_record, rows)
        if len(rows) < 2000:
            return
        last = rows[-1].id


def matching(
    reader: Reader, where: ColumnElement[bool], order: Sequence[ColumnElement[Any]] = ()
) -> Iterator[Record]:
    """The records of a condition that an index can answer, read piece by piece."""
    query = select(record_table).where(where).order_by(*order)
    with reader.conn.execute(query, execution_options={"yield_per": 2000}) as rows:
        yield from map(_record, rows)


def parent_of(reader: Reader, record: Record) -> Record | None:
    """The record that a comment answers, when it is in the archive."""
    if record.parent_lookup is None:
        return None
    return by_lookup(reader, [record.parent_lookup]).get(record.parent_lookup)


def children_of(reader: Reader, record: Record) -> list[Record]:
    """The records that answer a record, in the order of their first capture."""
    query = select(record_table).where(_c.parent_lookup == record.lookup).order_by(_c.id)
    return [_record(row) for row in reader.conn.execute(query)]


def versions_of(reader: Reader, record: Record) -> list[Entry]:
    """The captures of a record, oldest first."""
    return reader.history(record.id, {"record.captured", "record.edited"})


def _record(row: Row[Any]) -> Record:
    return Record(**row._asdict())


def _apply(reader: Reader, events: Sequence[Event]) -> None:
    for entry_type, run in groupby(events, key=lambda event: event[0].type):
        if entry_type == "record.captured":
            at_text = lru_cache(maxsize=1)(times.to_text)
            rows = [_captured(reader, event, at_text(event[0].at)) for event in run]
            insert_rows(reader.conn, record_table, rows)
        elif entry_type == "record.disposed":
            _disposed(reader, [entry for entry, _ in run])
        else:
            for event in run:
                _changed(reader, event)


def _captured(reader: Reader, event: Event, at: str) -> tuple[Any, ...]:
    entry, parts = event
    data = entry.data
    removed = data["state"] == "removed"
    known = _content(reader, entry, parts)
    return (
        entry.subject,
        data["kind"],
        data["platform"],
        data["account"],
        data["state"],
        entry.seq,
        entry.seq,
        1,
        at,
        known["occurred_at"],
        known["edited_at"],
        (known["removed_at"] or at) if removed else None,
        None,
        None,
        known["visibility"],
        data["lookup"],
        known["parent_lookup"],
        known["author_key"],
        known["fingerprint"],
        known["size"],
    )


def _content(reader: Reader, entry: Entry, parts: Parts | None) -> dict[str, Any]:
    """What a projection keeps of a capture's sealed half: times and keyed hashes, no content."""
    if parts is None:
        return dict.fromkeys(_FROM_CONTENT) | {"size": 0}
    gist = gist_of(parts)
    platform, account = entry.data["platform"], entry.data["account"]
    parent, author = gist.parent, gist.author
    return {
        "occurred_at": gist.occurred_at,
        "edited_at": gist.edited_at,
        "removed_at": gist.removed_at,
        "visibility": gist.visibility,
        "parent_lookup": reader.recurring("item", platform, account, parent) if parent else None,
        "author_key": author_key_of(reader, platform, author) if author else None,
        "fingerprint": fingerprint_of(reader, parts),
        "size": len(parts.encoded),
    }


_FROM_CONTENT = (
    "occurred_at",
    "edited_at",
    "removed_at",
    "visibility",
    "parent_lookup",
    "author_key",
    "fingerprint",
    "size",
)


def _changed(reader: Reader, event: Event) -> None:
    entry, parts = event
    at = times.to_text(entry.at)
    change: dict[str, Any]
    if entry.type == "record.edited":
        change = _edited(reader, entry, parts)
    elif entry.type == "record.deleted":
        change = _deleted(reader, entry, parts)
    elif entry.type == "record.vanished":
        change = {"status": "vanished", "vanished_at": at}
    elif entry.type == "record.reappeared":
        change = {"status": entry.data.get("state", "live"), "vanished_at": None}
        if _status(reader, entry.subject) == "removed":
            change["removed_at"] = None
    elif entry.type == "record.removed":
        change = {"removed_at": entry.data.get("removed_at", at)}
        if entry.data["extent"] == "all":
            change["status"] = "removed"
    elif entry.type == "record.restored":
        change = _restored(reader, entry)
    else:
        return
    reader.conn.execute(update(record_table).where(_c.id == entry.subject).values(**change))


def _disposed(reader: Reader, entries: Sequence[Entry]) -> None:
    """Clear what a sealed half said; where a record stood in a thread, its header says further."""
    cleared = dict.fromkeys(_FROM_CONTENT) | {"size": 0, "status": "disposed", "vanished_at": None}
    for at, together in groupby(entries, key=lambda entry: entry.at):
        gone = list(together)
        for chunk in chunked([entry.subject for entry in gone]):
            change = update(record_table).where(_c.id.in_(chunk))
            reader.conn.execute(change.values(**cleared, disposed_at=times.to_text(at)))
        answers = [
            {"gone": entry.subject, "answered": entry.data["parent"]}
            for entry in gone
            if "parent" in entry.data
        ]
        if answers:
            reader.conn.execute(_STILL_ANSWERS, answers)


_STILL_ANSWERS = (
    update(record_table)
    .where(_c.id == bindparam("gone"))
    .values(parent_lookup=bindparam("answered"))
)


def _edited(reader: Reader, entry: Entry, parts: Parts | None) -> dict[str, Any]:
    known = _content(reader, entry, parts)
    at = times.to_text(entry.at)
    change: dict[str, Any] = {
        "last_seq": entry.seq,
        "versions": _c.versions + 1,
        "edited_at": known["edited_at"] or at,
        "visibility": known["visibility"],
        "parent_lookup": known["parent_lookup"],
        "author_key": known["author_key"],
        "fingerprint": known["fingerprint"],
        "size": _c.size + known["size"],
        "vanished_at": None,
    }
    if entry.data["state"] == "removed":
        change |= {"status": "removed", "removed_at": known["removed_at"] or at}
    elif _status(reader, entry.subject) != "removed":
        change["status"] = entry.data["state"]
    return change


def _deleted(reader: Reader, entry: Entry, parts: Parts | None) -> dict[str, Any]:
    """A further word about what is removed already does not move the day of its removal."""
    if _status(reader, entry.subject) == "removed":
        return {"status": "removed"}
    told = None if parts is None else parts.get("removed_at")
    at = told or times.to_text(entry.at)
    return {"status": "removed", "removed_at": at, "vanished_at": None}


def _restored(reader: Reader, entry: Entry) -> dict[str, Any]:
    """What other decisions removed of it, and nobody put back, is still removed."""
    held: dict[str, Entry] = {}
    for one in reader.history(entry.subject, {"record.removed", "record.restored"}):
        if one.seq <= entry.seq and one.type == "record.removed":
            held[one.data["removal"]] = one
        elif one.seq <= entry.seq:
            held.pop(one.data["removal"], None)
    whole = any(one.data["extent"] == "all" for one in held.values())
    days = [one.data.get("removed_at", times.to_text(one.at)) for one in held.values()]
    return {
        "status": "removed" if whole else "live",
        "removed_at": days[-1] if days else None,
        "vanished_at": None,
    }


def _status(reader: Reader, record_id: str) -> str | None:
    return reader.conn.execute(_STATUS, {"record": record_id}).scalar()


PROJECTION = Projection("records", 5, _metadata, frozenset({"record."}), _apply)
