"""Policies, removals, appeals and bans as tables of the log. They hold ids, codes and dates."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Column, Index, MetaData, Table, Text, update

from archive import Entry, Event, Projection, Reader, insert_rows, times

_metadata = MetaData()

policy_table = Table(
    "moderation_policy",
    _metadata,
    Column("id", Text, primary_key=True),
    Column("code", Text, nullable=False),
    Column("version", Text, nullable=False),
    Column("adopted", Text, nullable=False),
    Column("digest", Text, nullable=False),
)
removal_table = Table(
    "moderation_removal",
    _metadata,
    Column("id", Text, primary_key=True),
    Column("record", Text, nullable=False),
    Column("policy", Text, nullable=False),
    Column("policy_version", Text, nullable=False),
    Column("clause", Text, nullable=False),
    Column("extent", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("removed_at", Text, nullable=False),
    Column("restored_at", Text),
    Index("moderation_removal_by_record", "record"),
)
explanation_table = Table(
    "moderation_explanation",
    _metadata,
    Column("id", Text, primary_key=True),
    Column("record", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("explained_at", Text, nullable=False),
)
appeal_table = Table(
    "moderation_appeal",
    _metadata,
    Column("id", Text, primary_key=True),
    Column("record", Text),
    Column("removal", Text),
    Column("ban", Text),
    Column("filed_at", Text, nullable=False),
    Column("received", Text, nullable=False),
    Column("due", Text),
    Column("outcome", Text),
    Column("decided_at", Text),
    Column("actor", Text),
    Index("moderation_appeal_by_removal", "removal"),
    Index("moderation_appeal_by_ban", "ban"),
)
ban_table = Table(
    "moderation_ban",
    _metadata,
    Column("id", Text, primary_key=True),
    Column("author_key", Text, nullable=False),
    Column("platform", Text),
    Column("policy", Text, nullable=False),
    Column("policy_version", Text, nullable=False),
    Column("clause", Text, nullable=False),
    Column("exception", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("banned_at", Text, nullable=False),
    Column("banned_on", Text, nullable=False),
    Column("unbanned_at", Text),
    Column("unbanned_on", Text),
    Index("moderation_ban_by_author", "author_key"),
)

_INSERTS = {
    "policy.adopted": policy_table,
    "record.removed": removal_table,
    "record.explained": explanation_table,
    "appeal.filed": appeal_table,
    "author.banned": ban_table,
}


def _row(entry: Entry) -> dict[str, Any]:
    data, at = dict(entry.data), times.to_text(entry.at)
    if entry.type == "policy.adopted":
        return {"id": entry.subject, **data}
    if entry.type == "record.removed":
        own = {"id": data.pop("removal"), "record": entry.subject, "restored_at": None}
        return {"action": "remove", "removed_at": at, **data, **own, "actor": entry.actor}
    if entry.type == "record.explained":
        own = {"id": data.pop("explanation"), "record": entry.subject}
        return {**data, **own, "actor": entry.actor, "explained_at": at}
    if entry.type == "appeal.filed":
        record = None if "ban" in data else entry.subject
        own = {"id": data.pop("appeal"), "record": record, "filed_at": at}
        own["received"] = data.pop("received", at[:10])
        empty = dict.fromkeys(("removal", "ban", "due", "outcome", "decided_at", "actor"))
        return {**empty, **data, **own}
    exception = "yes" if data.pop("exception") else "no"
    own = {"id": entry.subject, "exception": exception, "actor": entry.actor}
    began = {"banned_at": at, "banned_on": data.pop("day", at[:10])}
    ended = dict.fromkeys(("unbanned_at", "unbanned_on"))
    return {"platform": None, **data, **own, **began, **ended}


def _apply(reader: Reader, events: Sequence[Event]) -> None:
    for entry, _ in events:
        at = times.to_text(entry.at)
        table = _INSERTS.get(entry.type)
        if table is not None:
            row = _row(entry)
            insert_rows(reader.conn, table, [tuple(row[column.name] for column in table.columns)])
        elif entry.type == "record.restored":
            change = update(removal_table).where(removal_table.c.id == entry.data["removal"])
            reader.conn.execute(change.values(restored_at=at))
        elif entry.type == "appeal.decided":
            decided = {"outcome": entry.data["outcome"], "decided_at": at, "actor": entry.actor}
            change = update(appeal_table).where(appeal_table.c.id == entry.data["appeal"])
            reader.conn.execute(change.values(**decided))
        elif entry.type == "author.unbanned":
            change = update(ban_table).where(ban_table.c.id == entry.subject)
            day = entry.data.get("day", at[:10])
            reader.conn.execute(change.values(unbanned_at=at, unbanned_on=day))


PROJECTION = Projection(
    "moderation",
    3,
    _metadata,
    frozenset({*_INSERTS, "record.restored", "appeal.decided", "author.unbanned"}),
    _apply,
)
