"""What the log says about watched accounts, as tables: the newest of each thing per account."""

from collections.abc import Sequence
from itertools import groupby
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Integer,
    MetaData,
    Table,
    Text,
    bindparam,
    insert,
    select,
    update,
)

from archive import Entry, Event, Projection, Reader, rows_among, times

_metadata = MetaData()
_number = BigInteger().with_variant(Integer, "sqlite")

watch_table = Table(
    "capture_watch",
    _metadata,
    Column("account", Text, primary_key=True),
    Column("watched", _number),
    Column("since", Text),
    Column("cursor", _number),
    Column("session", Text),
    Column("heartbeat", _number),
    Column("beaten", Text),
    Column("heard", Text),
    Column("well", Integer),
    Column("gaps", Integer, nullable=False),
    Column("gap", _number),
)
"""Per account: the entries that say how it is watched (none: it is not), that hold its newest
cursor, its newest heartbeat, and its newest gap; the newest process that watched it; until when it
was heard, and whether all was well then; how many gaps there were.
"""
_c = watch_table.c
_MOVED = update(watch_table).where(_c.account == bindparam("of")).values(cursor=bindparam("at"))


def state_of(reader: Reader, account: str) -> dict[str, Any]:
    """An account's row; an empty one where there is none."""
    row = reader.conn.execute(select(watch_table).where(_c.account == account)).mappings().first()
    return dict(row) if row is not None else dict.fromkeys(watch_table.c.keys()) | {"gaps": 0}


def reason_of(reader: Reader, position: int | None) -> str:
    """The reason that the entry at a position gives; "" where there is none."""
    if position is None:
        return ""
    [(_, parts)] = reader.open([reader.entry(position)])
    return "" if parts is None else parts.text("reason")


def sessions_of(reader: Reader, accounts: Sequence[str]) -> dict[str, str]:
    """The newest process that watched each account; accounts that none watched are left out."""
    query = select(_c.account, _c.session).where(_c.session.is_not(None))
    return dict(iter(rows_among(reader.conn, query, _c.account, accounts)))


def _apply(reader: Reader, events: Sequence[Event]) -> None:
    for entry_type, run in groupby(events, key=lambda event: event[0].type):
        entries = [entry for entry, _ in run]
        if entry_type == "capture.batch":
            _move(reader, [entry for entry in entries if entry.data.get("cursor")])
        else:
            _note(reader, entries)


def _move(reader: Reader, batches: Sequence[Entry]) -> None:
    """The newest cursors are those that the last of these batches of each account hold."""
    newest = {str(entry.data["account"]): entry.seq for entry in batches}
    if newest:
        known = rows_among(reader.conn, select(_c.account), _c.account, list(newest))
        unknown = newest.keys() - {account for (account,) in known}
        for account in sorted(unknown):
            _set(reader, account, {})
        rows = [{"of": account, "at": seq} for account, seq in newest.items()]
        reader.conn.execute(_MOVED, rows)


def _note(reader: Reader, entries: Sequence[Entry]) -> None:
    for entry in entries:
        data, change = entry.data, dict[str, Any]()
        account = entry.subject
        if entry.type == "capture.watched":
            change = {"watched": entry.seq}
            if state_of(reader, account)["watched"] is None:
                change["since"] = times.to_text(entry.at)
        elif entry.type == "capture.unwatched":
            change = {"watched": None, "since": None}
        elif entry.type == "capture.cursor":
            change = {"cursor": entry.seq}
        elif entry.type == "capture.heartbeat":
            change = {
                "heartbeat": entry.seq,
                "session": data["session"],
                "beaten": times.to_text(entry.at),
                "heard": data.get("until"),
                "well": int(data["well"]),
            }
        elif entry.type == "capture.gap":
            gaps = state_of(reader, account)["gaps"] + 1
            change = {"gap": entry.seq, "gaps": gaps}
        elif entry.type == "ingest.started" and "session" in data:
            account, change = data["account"], {"session": data["session"]}
        if change:
            _set(reader, account, change)


def _set(reader: Reader, account: str, change: dict[str, Any]) -> None:
    there = update(watch_table).where(_c.account == account)
    if not change or not reader.conn.execute(there.values(**change)).rowcount:
        row = {"account": account, "gaps": 0, **change}
        reader.conn.execute(insert(watch_table).values(**row))


PROJECTION = Projection(
    "capture",
    1,
    _metadata,
    frozenset(
        {
            "capture.watched",
            "capture.unwatched",
            "capture.cursor",
            "capture.batch",
            "capture.heartbeat",
            "capture.gap",
            "ingest.started",
        }
    ),
    _apply,
)
