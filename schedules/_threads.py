"""Who answers whom: the last reply below a record, and the last activity anywhere in its thread.

A thread is the post at the top and every answer below it, at any depth; where the post is not in
the archive, all that answers it. Direct messages of one conversation are a thread, too. What was
disposed of still counts: its `record.disposed` entry says where it stood, and on which days it was
written and last active.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, case, exists, func, not_, or_, select

from archive import Reader, Record, chunked, rows_among
from archive.records import record_table
from schedules import _tables as t
from schedules._days import day_of
from schedules._facts import latest

_c, _past, _appeal = record_table.c, t.disposed_activity.c, t.freeze_appeal.c
_talk = t.conversation.c
_WRITTEN = case((_c.status != "disposed", func.coalesce(_c.occurred_at, _c.captured_at)))

_MOMENTS = (_WRITTEN, _c.edited_at, _c.removed_at, _c.vanished_at, _appeal.decided_at)


def last_replies(reader: Reader, lookups: Sequence[str], zone: ZoneInfo) -> dict[str, date]:
    """Per record with answers, given by its lookup, the day of the latest one at any depth.

    An answer without a date counts by its capture.
    """
    return _latest(reader, lookups, zone, _past.written, [_WRITTEN], others=True)


def thread_activity(reader: Reader, records: Sequence[Record], zone: ZoneInfo) -> dict[str, date]:
    """Per record id the day of the latest activity in its thread, where others are in it.

    Activity is whatever moves `last_activity` of a record: it is written, edited, removed, found
    gone, or an appeal about it is decided.
    """
    tops = _tops(reader, records)
    wanted = sorted(set(tops.values()))
    found = _latest(reader, wanted, zone, _past.active, _MOMENTS, others=False)
    active = {record: found[top] for record, top in tops.items() if top in found}
    for record, day in _talked(reader, records, zone).items():
        active[record] = max(day, active.get(record, day))
    return active


def conversations(reader: Reader, records: Sequence[Record]) -> dict[str, str]:
    """Per direct message, by its record id, the conversation that it is of, as its source says."""
    messages = [record.id for record in records if record.kind == "message"]
    query = select(_talk.record_id, _talk.key)
    return dict(map(tuple, rows_among(reader.conn, query, _talk.record_id, messages)))


def _talked(reader: Reader, records: Sequence[Record], zone: ZoneInfo) -> dict[str, date]:
    """Per direct message the latest activity in its conversation, where others are in it."""
    keys = conversations(reader, records)
    query = (
        select(_talk.key, func.max(_past.active), *map(func.max, _MOMENTS))
        .join_from(t.conversation, record_table, _c.id == _talk.record_id)
        .outerjoin(t.disposed_activity, _past.record_id == _c.id)
        .outerjoin(t.freeze_appeal, _appeal.record_id == _c.id)
        .group_by(_talk.key)
        .having(func.count(_c.id.distinct()) > 1)
    )
    rows = rows_among(reader.conn, query, _talk.key, sorted(set(keys.values())))
    found = {key: _day(zone, disposed, *present) for key, disposed, *present in rows}
    return {record: day for record, key in keys.items() if (day := found.get(key)) is not None}


def _latest(
    reader: Reader,
    tops: Sequence[str],
    zone: ZoneInfo,
    past: ColumnElement[str],
    moments: Sequence[ColumnElement[Any]],
    *,
    others: bool,
) -> dict[str, date]:
    """Per top with others below it, the latest of these moments among them, as a day.

    `past` is the day that counts of what was disposed of. With `others` the top's own do not count.
    `asked` are those with answers, so that the many without are looked at once.
    UNION, not UNION ALL: a source may claim that two records answer each other.
    """
    found: dict[str, date] = {}
    reply, further = record_table.alias("reply"), record_table.alias("further")
    for chunk in chunked(tops):
        asked = (
            select(_c.parent_lookup.label("top"), _c.parent_lookup.label("lookup"))
            .where(_c.parent_lookup.in_(chunk))
            .distinct()
            .cte("asked", recursive=True)
        )
        asked = asked.union(
            select(asked.c.top, reply.c.lookup).where(
                reply.c.parent_lookup == asked.c.lookup,
                exists().where(further.c.parent_lookup == reply.c.lookup),
            )
        )
        answers, is_top = _c.parent_lookup == asked.c.lookup, _c.lookup == asked.c.top
        query = (
            select(asked.c.top, func.max(past), *map(func.max, moments))
            .select_from(asked)
            .join(record_table, answers if others else or_(answers, is_top))
            .outerjoin(t.disposed_activity, _past.record_id == _c.id)
            .group_by(asked.c.top)
        )
        if others:
            query = query.where(not_(is_top))
        else:
            query = query.outerjoin(t.freeze_appeal, _appeal.record_id == _c.id)
            query = query.having(func.count(_c.id.distinct()) > 1)
        for top, disposed, *present in reader.conn.execute(query):
            if (day := _day(zone, disposed, *present)) is not None:
                found[top] = day
    return found


def _day(zone: ZoneInfo, disposed: str | None, *present: str | None) -> date | None:
    """The latest of a day and some moments, as far as they are known."""
    days = [day_of(moment, zone) for moment in present if moment is not None]
    return latest(date.fromisoformat(disposed) if disposed else None, *days)


def _tops(reader: Reader, records: Sequence[Record]) -> dict[str, str]:
    """Per record id the lookup at the top of its thread."""
    above = {one.lookup: one.parent_lookup for one in records}
    query = select(_c.lookup, _c.parent_lookup)
    while wanted := {up for up in above.values() if up is not None} - above.keys():
        parents = dict.fromkeys(wanted, None) | dict(
            map(tuple, rows_among(reader.conn, query, _c.lookup, sorted(wanted)))
        )
        above |= parents
    return {one.id: _top(one.lookup, above) for one in records}


def _top(lookup: str, above: dict[str, str | None]) -> str:
    """Where the way up ends; of records that claim to answer each other, always the same one."""
    way = [lookup]
    while (up := above[way[-1]]) is not None:
        if up in way:
            return min(way[way.index(up) :])
        way.append(up)
    return way[-1]
