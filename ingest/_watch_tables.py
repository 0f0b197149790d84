"""What the log says about watched accounts, as tables: the newest of each thing per account."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import BigInteger, Column, Integer, MetaData, Table, Text, insert, select, update

from archive import Event, Projection, Reader, times

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


def _apply(reader: Reader, events: Sequence[Event]) -> None:
    for entry, _ in events:
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
        elif entry.type == "capture.batch" and data.get("cursor"):
            account, change = data["account"], {"cursor": entry.seq}
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
    changed = reader.conn.execute(update(watch_table).where(_c.account == account).values(**change))
    if not changed.rowcount:
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
