"""From the log to this room's tables: schedules, holds and freezes.

Requests and appeals are decided in other rooms; their entries are read here for what they freeze,
and for the days that start periods. Of captures only the conversations of direct messages are kept.
A record freezes with `request.responsive` until `request.closed`, and with `appeal.filed` until
`appeal.decided`; what a banned author wrote, with an appeal against the ban.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence

from sqlalchemy import Connection, delete, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from archive import Entry, Parts, Projection, Reader, chunked
from archive.times import to_text
from schedules import _tables as t
from schedules._facts import FreezeSource

_Handler = Callable[[Reader, Entry, Parts | None], None]
_CAPTURED, _DISPOSED = "record.captured", "record.disposed"

_TERMS = frozenset({"requests", "account", "author_key", "from", "to"})


def _apply(reader: Reader, events: Sequence[tuple[Entry, Parts | None]]) -> None:
    messages, disposed = [], []
    for entry, sealed in events:
        if entry.type == _DISPOSED:
            disposed.append(entry)
        elif entry.type != _CAPTURED:
            _HANDLERS[entry.type](reader, entry, sealed)
        elif entry.data["kind"] == "message" and sealed and (thread := sealed.get("thread")):
            named = (entry.data["platform"], entry.data["account"], thread)
            key = reader.recurring("conversation", *named)
            messages.append({"record_id": entry.subject, "key": key})
    if messages:
        reader.conn.execute(t.conversation.insert(), messages)
    if disposed:
        _disposed(reader.conn, disposed)


def _disposed(conn: Connection, entries: Sequence[Entry]) -> None:
    """Keep of threads what the headers say."""
    for chunk in chunked([entry.subject for entry in entries]):
        conn.execute(delete(t.conversation).where(t.conversation.c.record_id.in_(chunk)))
    active = [
        {"record_id": entry.subject, **{name: entry.data[name] for name in ("written", "active")}}
        for entry in entries
        if "written" in entry.data
    ]
    if active:
        conn.execute(t.disposed_activity.insert(), active)
    messages = [
        {"record_id": entry.subject, "key": entry.data["conversation"]}
        for entry in entries
        if "conversation" in entry.data
    ]
    if messages:
        conn.execute(t.conversation.insert(), messages)


def _schedule_adopted(reader: Reader, entry: Entry, _sealed: Parts | None) -> None:
    names = ("code", "version", "effective", "jurisdiction", "digest")
    values = {name: entry.data[name] for name in names}
    reader.conn.execute(t.schedule.insert().values(id=entry.subject, seq=entry.seq, **values))


def _hold_placed(reader: Reader, entry: Entry, sealed: Parts | None) -> None:
    reader.conn.execute(
        t.hold.insert().values(
            id=entry.subject,
            seq=entry.seq,
            kind=entry.data["kind"],
            placed_at=to_text(entry.at),
            records=0,
        )
    )
    _hold_widened(reader, entry, sealed)
    _hold_reminded(reader, entry, sealed)


def _hold_widened(reader: Reader, entry: Entry, sealed: Parts | None) -> None:
    """What custodians acknowledged of a hold is not what it covers now."""
    data, table = entry.data, t.hold_custodian
    reader.conn.execute(t.hold_terms.insert().values(seq=entry.seq, hold_id=entry.subject))
    theirs = table.c.hold_id == entry.subject
    if data["query"] or data["named"] or not _TERMS.isdisjoint(data):
        reader.conn.execute(update(table).where(theirs).values(acknowledged_at=None))
    known = reader.conn.execute(select(func.count()).where(theirs)).scalar_one()
    for number in range(known, known + data["custodians"]):
        reader.conn.execute(table.insert().values(hold_id=entry.subject, number=number))
    _hold_extended(reader, entry, sealed)


def _hold_extended(reader: Reader, entry: Entry, _sealed: Parts | None) -> None:
    table = t.hold
    query = select(table.c.released_at).where(table.c.id == entry.subject)
    released = reader.conn.execute(query).scalar()
    if released is not None:
        return
    records = entry.data["records"]
    _freeze(reader.conn, FreezeSource.HOLD, entry.subject, records)
    reader.conn.execute(
        update(table)
        .where(table.c.id == entry.subject)
        .values(records=table.c.records + len(records))
    )


def _hold_acknowledged(reader: Reader, entry: Entry, _sealed: Parts | None) -> None:
    table = t.hold_custodian
    theirs = update(table).where(
        table.c.hold_id == entry.subject, table.c.number == entry.data["custodian"]
    )
    reader.conn.execute(theirs.values(acknowledged_at=to_text(entry.at)))


def _hold_reminded(reader: Reader, entry: Entry, _sealed: Parts | None) -> None:
    values = {name: entry.data.get(name) for name in ("remind", "every")}
    reader.conn.execute(update(t.hold).where(t.hold.c.id == entry.subject).values(**values))


def _hold_released(reader: Reader, entry: Entry, _sealed: Parts | None) -> None:
    at = to_text(entry.at)
    reader.conn.execute(update(t.hold).where(t.hold.c.id == entry.subject).values(released_at=at))
    _thaw(reader.conn, FreezeSource.HOLD, entry.subject)


def _request_opened(reader: Reader, entry: Entry, _sealed: Parts | None) -> None:
    reader.conn.execute(
        t.freeze_request.insert().values(
            id=entry.subject, number=str(entry.data["number"]), searched=0, closed=0
        )
    )


def _request_searched(reader: Reader, entry: Entry, _sealed: Parts | None) -> None:
    _request(reader, entry, searched=1)


def _request_responsive(reader: Reader, entry: Entry, _sealed: Parts | None) -> None:
    _freeze(reader.conn, FreezeSource.REQUEST, entry.subject, entry.data["records"])


def _request_closed(reader: Reader, entry: Entry, _sealed: Parts | None) -> None:
    _request(reader, entry, closed=1, closed_at=to_text(entry.at), outcome=entry.data["outcome"])
    _thaw(reader.conn, FreezeSource.REQUEST, entry.subject)


def _request(reader: Reader, entry: Entry, **values: int | str) -> None:
    table = t.freeze_request
    reader.conn.execute(update(table).where(table.c.id == entry.subject).values(**values))


def _appeal_filed(reader: Reader, entry: Entry, _sealed: Parts | None) -> None:
    appeal, record, author = entry.data["appeal"], None, None
    if "ban" in entry.data:
        (banned,) = reader.history(entry.data["ban"], {"author.banned"})
        author = banned.data["author_key"]
    else:
        record = entry.subject
        _freeze(reader.conn, FreezeSource.APPEAL, appeal, [record])
    reader.conn.execute(
        t.freeze_appeal.insert().values(
            id=appeal, record_id=record, author_key=author, filed_at=to_text(entry.at)
        )
    )


def _appeal_decided(reader: Reader, entry: Entry, _sealed: Parts | None) -> None:
    table, appeal = t.freeze_appeal, entry.data["appeal"]
    reader.conn.execute(
        update(table).where(table.c.id == appeal).values(decided_at=to_text(entry.at))
    )
    _thaw(reader.conn, FreezeSource.APPEAL, appeal)


def _account_closed(reader: Reader, entry: Entry, sealed: Parts | None) -> None:
    _account_reopened(reader, entry, sealed)
    closed = t.account_closed.insert().values(account=entry.subject, day=entry.data["day"])
    reader.conn.execute(closed)


def _account_reopened(reader: Reader, entry: Entry, _sealed: Parts | None) -> None:
    table = t.account_closed
    reader.conn.execute(delete(table).where(table.c.account == entry.subject))


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
    "hold.widened": _hold_widened,
    "hold.extended": _hold_extended,
    "hold.acknowledged": _hold_acknowledged,
    "hold.reminded": _hold_reminded,
    "hold.reviewed": _hold_reminded,
    "hold.released": _hold_released,
    "request.opened": _request_opened,
    "request.searched": _request_searched,
    "request.responsive": _request_responsive,
    "request.closed": _request_closed,
    "appeal.filed": _appeal_filed,
    "appeal.decided": _appeal_decided,
    "account.closed": _account_closed,
    "account.reopened": _account_reopened,
}

PROJECTION = Projection(
    name="schedules",
    version=5,
    metadata=t.metadata,
    types=frozenset({*_HANDLERS, _CAPTURED, _DISPOSED}),
    apply=_apply,
)
