"""From the log to this room's tables: schedules, holds and freezes, disposals.

Requests and appeals are decided in other rooms; their entries are read here for what they freeze,
and for the days that start periods.
A record freezes with `request.responsive` until `request.closed`, and with `appeal.filed` until
`appeal.decided`.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import islice
from typing import Any

from sqlalchemy import Connection, bindparam, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from archive import Entry, Parts, Projection, Reader
from archive.times import to_text
from schedules import _tables as t
from schedules._facts import FreezeSource
from schedules._list import Item, items_of

_Handler = Callable[[Connection, Entry, Parts | None], None]
_PAGE = 1000
_DISPOSED = "record.disposed"
_MARK_DISPOSED = (
    update(t.disposal_item)
    .where(
        t.disposal_item.c.disposal_id == bindparam("list"),
        t.disposal_item.c.record_id == bindparam("record"),
    )
    .values(disposed_seq=bindparam("seq"))
)


def _apply(reader: Reader, events: Sequence[tuple[Entry, Parts | None]]) -> None:
    disposed, active = [], []
    for entry, sealed in events:
        if entry.type == _DISPOSED:
            disposed.append(
                {"list": entry.data["disposal"], "record": entry.subject, "seq": entry.seq}
            )
            if "written" in entry.data:
                days = {name: entry.data[name] for name in ("written", "active")}
                active.append({"record_id": entry.subject, **days})
        else:
            _HANDLERS[entry.type](reader.conn, entry, sealed)
    if disposed:
        reader.conn.execute(_MARK_DISPOSED, disposed)
    if active:
        reader.conn.execute(t.disposed_activity.insert(), active)


def _schedule_adopted(conn: Connection, entry: Entry, _sealed: Parts | None) -> None:
    names = ("code", "version", "effective", "jurisdiction", "digest")
    values = {name: entry.data[name] for name in names}
    conn.execute(t.schedule.insert().values(id=entry.subject, seq=entry.seq, **values))


def _hold_placed(conn: Connection, entry: Entry, sealed: Parts | None) -> None:
    assert sealed is not None
    conn.execute(
        t.hold.insert().values(
            id=entry.subject,
            seq=entry.seq,
            name=sealed.get("name"),
            kind=entry.data["kind"],
            account=entry.data.get("account"),
            author_key=entry.data.get("author_key"),
            since=entry.data.get("from"),
            until=entry.data.get("to"),
            query=int(sealed.get("query") is not None),
            placed_at=to_text(entry.at),
            records=0,
        )
    )
    _hold_extended(conn, entry, sealed)


def _hold_extended(conn: Connection, entry: Entry, _sealed: Parts | None) -> None:
    table = t.hold
    released = conn.execute(select(table.c.released_at).where(table.c.id == entry.subject)).scalar()
    if released is not None:
        return
    records = entry.data["records"]
    _freeze(conn, FreezeSource.HOLD, entry.subject, records)
    conn.execute(
        update(table)
        .where(table.c.id == entry.subject)
        .values(records=table.c.records + len(records))
    )


def _hold_released(conn: Connection, entry: Entry, _sealed: Parts | None) -> None:
    at = to_text(entry.at)
    conn.execute(update(t.hold).where(t.hold.c.id == entry.subject).values(released_at=at))
    _thaw(conn, FreezeSource.HOLD, entry.subject)


def _request_opened(conn: Connection, entry: Entry, _sealed: Parts | None) -> None:
    conn.execute(
        t.freeze_request.insert().values(
            id=entry.subject, number=str(entry.data["number"]), searched=0, closed=0
        )
    )


def _request_searched(conn: Connection, entry: Entry, _sealed: Parts | None) -> None:
    _request(conn, entry, searched=1)


def _request_responsive(conn: Connection, entry: Entry, _sealed: Parts | None) -> None:
    _freeze(conn, FreezeSource.REQUEST, entry.subject, entry.data["records"])


def _request_closed(conn: Connection, entry: Entry, _sealed: Parts | None) -> None:
    _request(conn, entry, closed=1, closed_at=to_text(entry.at), outcome=entry.data["outcome"])
    _thaw(conn, FreezeSource.REQUEST, entry.subject)


def _request(conn: Connection, entry: Entry, **values: int | str) -> None:
    table = t.freeze_request
    conn.execute(update(table).where(table.c.id == entry.subject).values(**values))


def _appeal_filed(conn: Connection, entry: Entry, _sealed: Parts | None) -> None:
    appeal = entry.data["appeal"]
    conn.execute(
        t.freeze_appeal.insert().values(
            id=appeal, record_id=entry.subject, filed_at=to_text(entry.at)
        )
    )
    _freeze(conn, FreezeSource.APPEAL, appeal, [entry.subject])


def _appeal_decided(conn: Connection, entry: Entry, _sealed: Parts | None) -> None:
    table, appeal = t.freeze_appeal, entry.data["appeal"]
    conn.execute(update(table).where(table.c.id == appeal).values(decided_at=to_text(entry.at)))
    _thaw(conn, FreezeSource.APPEAL, appeal)


def _account_closed(conn: Connection, entry: Entry, _sealed: Parts | None) -> None:
    _account_reopened(conn, entry, _sealed)
    conn.execute(t.account_closed.insert().values(account=entry.subject, day=entry.data["day"]))


def _account_reopened(conn: Connection, entry: Entry, _sealed: Parts | None) -> None:
    conn.execute(delete(t.account_closed).where(t.account_closed.c.account == entry.subject))


def _disposal_proposed(conn: Connection, entry: Entry, sealed: Parts | None) -> None:
    data = sealed.bytes_of("list") if sealed is not None else None
    assert data is not None
    conn.execute(
        t.disposal.insert().values(
            id=entry.subject,
            seq=entry.seq,
            schedule_id=entry.data["schedule"],
            as_of=entry.data["as_of"],
            listed=entry.data["count"],
            digest=entry.data["digest"],
            proposed_by=entry.actor,
            proposed_at=to_text(entry.at),
        )
    )
    items = items_of(data)
    while page := list(islice(items, _PAGE)):
        conn.execute(t.disposal_item.insert(), [_item_row(entry.subject, item) for item in page])


def _item_row(disposal: str, item: Item) -> dict[str, Any]:
    columns = ("series", "version", "dated", "size", "due")
    kept = {name: getattr(item, name) for name in columns}
    return {"disposal_id": disposal, "record_id": item.record, **kept}


def _disposal_approved(conn: Connection, entry: Entry, _sealed: Parts | None) -> None:
    conn.execute(
        t.disposal_approval.insert().values(
            disposal_id=entry.subject, actor=entry.actor, seq=entry.seq, digest=entry.data["digest"]
        )
    )


def _disposal_authorized(conn: Connection, entry: Entry, _sealed: Parts | None) -> None:
    names = ("certificate", "filed", "approved")
    _disposal(conn, entry, {name: entry.data[name] for name in names})


def _disposal_started(conn: Connection, entry: Entry, _sealed: Parts | None) -> None:
    _disposal(conn, entry, {"started_seq": entry.seq})


def _disposal_finished(conn: Connection, entry: Entry, _sealed: Parts | None) -> None:
    _disposal(conn, entry, {"finished_seq": entry.seq})


def _disposal(conn: Connection, entry: Entry, values: Mapping[str, Any]) -> None:
    table = t.disposal
    conn.execute(update(table).where(table.c.id == entry.subject).values(**values))


def _freeze(conn: Connection, source: FreezeSource, source_id: str, records: Iterable[str]) -> None:
    rows = [
        {"record_id": record, "source": source.value, "source_id": source_id} for record in records
    ]
    if rows:
        insert = postgresql.insert if conn.dialect.name == "postgresql" else sqlite.insert
        conn.execute(insert(t.freeze).on_conflict_do_nothing(), rows)


def _thaw(conn: Connection, source: FreezeSource, source_id: str) -> None:
    table = t.freeze
    conn.execute(
        delete(table).where(table.c.source == source.value, table.c.source_id == source_id)
    )


_HANDLERS: Mapping[str, _Handler] = {
    "schedule.adopted": _schedule_adopted,
    "hold.placed": _hold_placed,
    "hold.extended": _hold_extended,
    "hold.released": _hold_released,
    "request.opened": _request_opened,
    "request.searched": _request_searched,
    "request.responsive": _request_responsive,
    "request.closed": _request_closed,
    "appeal.filed": _appeal_filed,
    "appeal.decided": _appeal_decided,
    "account.closed": _account_closed,
    "account.reopened": _account_reopened,
    "disposal.proposed": _disposal_proposed,
    "disposal.approved": _disposal_approved,
    "disposal.authorized": _disposal_authorized,
    "disposal.started": _disposal_started,
    "disposal.finished": _disposal_finished,
}

PROJECTIONS = (
    Projection(
        name="schedules",
        version=2,
        metadata=t.metadata,
        types=frozenset({*_HANDLERS, _DISPOSED}),
        apply=_apply,
    ),
)
