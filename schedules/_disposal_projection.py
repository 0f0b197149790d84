"""From the log to the tables of disposals: lists, what was struck off them, approvals, runs."""

from collections.abc import Callable, Mapping, Sequence
from itertools import islice
from typing import Any

from sqlalchemy import Connection, bindparam, update

from archive import Entry, Parts, Projection, Reader, chunked
from archive.times import to_text
from schedules import _disposal_tables as t
from schedules._authorization import COMMISSION
from schedules._list import Item, items_of

_Handler = Callable[[Connection, Entry, Parts | None], None]
_PAGE = 1000
_DISPOSED = "record.disposed"
_MARK_DISPOSED = (
    update(t.item)
    .where(
        t.item.c.disposal_id == bindparam("list"),
        t.item.c.record_id == bindparam("record"),
    )
    .values(disposed_seq=bindparam("seq"))
)


def _apply(reader: Reader, events: Sequence[tuple[Entry, Parts | None]]) -> None:
    gone = []
    for entry, sealed in events:
        if entry.type == _DISPOSED:
            gone.append({"list": entry.data["disposal"], "record": entry.subject, "seq": entry.seq})
        else:
            _HANDLERS[entry.type](reader.conn, entry, sealed)
    if gone:
        reader.conn.execute(_MARK_DISPOSED, gone)


def _proposed(conn: Connection, entry: Entry, sealed: Parts | None) -> None:
    data = sealed.bytes_of("list") if sealed is not None else None
    assert data is not None
    conn.execute(
        t.disposal.insert().values(
            id=entry.subject,
            seq=entry.seq,
            schedule_id=entry.data["schedule"],
            action=entry.data["action"],
            as_of=entry.data["as_of"],
            listed=entry.data["count"],
            struck=0,
            digest=entry.data["digest"],
            proposed_by=entry.actor,
            proposed_at=to_text(entry.at),
        )
    )
    items = items_of(data)
    while page := list(islice(items, _PAGE)):
        conn.execute(t.item.insert(), [_item_row(entry.subject, item) for item in page])


def _item_row(disposal: str, item: Item) -> dict[str, Any]:
    columns = ("series", "version", "dated", "size", "due")
    kept = {name: getattr(item, name) for name in columns}
    return {"disposal_id": disposal, "record_id": item.record, "packaged": 0, **kept}


def _struck(conn: Connection, entry: Entry, _sealed: Parts | None) -> None:
    c, records = t.item.c, entry.data["records"]
    for chunk in chunked(records):
        off = update(t.item).where(c.disposal_id == entry.subject, c.record_id.in_(chunk))
        conn.execute(off.values(struck_seq=entry.seq))
    so_far = t.disposal.c.struck + len(records)
    _change(conn, entry, {"struck": so_far, "digest": entry.data["digest"]})


def _approved(conn: Connection, entry: Entry, _sealed: Parts | None) -> None:
    names = ("digest", "expires")
    conn.execute(
        t.approval.insert().values(
            seq=entry.seq,
            disposal_id=entry.subject,
            actor=entry.actor,
            used=0,
            **{name: entry.data[name] for name in names},
        )
    )


def _authorized(conn: Connection, entry: Entry, _sealed: Parts | None) -> None:
    data = entry.data
    conn.execute(
        t.authorization.insert().values(
            seq=entry.seq,
            disposal_id=entry.subject,
            document=data.get("document", COMMISSION.code),
            number=data.get("number", data.get("certificate", "")),
            filed=data.get("filed", ""),
            approved=data["approved"],
        )
    )


def _withdrawn(conn: Connection, entry: Entry, _sealed: Parts | None) -> None:
    _change(conn, entry, {"withdrawn_seq": entry.seq})


def _started(conn: Connection, entry: Entry, _sealed: Parts | None) -> None:
    c = t.approval.c
    theirs = update(t.approval).where(c.disposal_id == entry.subject)
    conn.execute(theirs.values(used=0))
    conn.execute(theirs.where(c.seq.in_(entry.data["approvals"])).values(used=1))
    _change(conn, entry, {"started_seq": entry.seq})


def _finished(conn: Connection, entry: Entry, _sealed: Parts | None) -> None:
    _change(conn, entry, {"finished_seq": entry.seq, "number": entry.data["number"]})


def _packaged(conn: Connection, entry: Entry, _sealed: Parts | None) -> None:
    c = t.item.c
    theirs = update(t.item).where(c.disposal_id == entry.subject)
    conn.execute(theirs.where(c.struck_seq.is_(None)).values(packaged=1))
    for chunk in chunked(entry.data["left_out"]):
        conn.execute(theirs.where(c.record_id.in_(chunk)).values(packaged=0))
    _change(conn, entry, {"packaged_seq": entry.seq, "acknowledged_seq": None})


def _acknowledged(conn: Connection, entry: Entry, _sealed: Parts | None) -> None:
    _change(conn, entry, {"acknowledged_seq": entry.seq})


def _change(conn: Connection, entry: Entry, values: Mapping[str, Any]) -> None:
    conn.execute(update(t.disposal).where(t.disposal.c.id == entry.subject).values(**values))


_HANDLERS: Mapping[str, _Handler] = {
    "disposal.proposed": _proposed,
    "disposal.struck": _struck,
    "disposal.approved": _approved,
    "disposal.authorized": _authorized,
    "disposal.packaged": _packaged,
    "disposal.acknowledged": _acknowledged,
    "disposal.withdrawn": _withdrawn,
    "disposal.started": _started,
    "disposal.finished": _finished,
}

PROJECTION = Projection(
    name="disposals",
    version=3,
    metadata=t.metadata,
    types=frozenset({*_HANDLERS, _DISPOSED}),
    apply=_apply,
)
