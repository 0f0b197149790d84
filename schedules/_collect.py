"""Facts and decisions for records of an archive: where the pure evaluator meets the tables."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from types import MappingProxyType
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from archive import Reader, Record, rows_among
from schedules import _tables as t
from schedules._days import day_of
from schedules._evaluate import Decision, evaluate
from schedules._facts import Facts, Freeze
from schedules._guard import frozen
from schedules._schedule import Schedule, Trigger
from schedules._threads import conversations, last_replies, thread_activity

PAGE = 500


def decide(
    reader: Reader,
    records: Sequence[Record],
    schedule: Schedule,
    today: date,
    zone: ZoneInfo,
    late: Mapping[str, Sequence[Freeze]] = MappingProxyType({}),
) -> Iterator[tuple[Record, Decision]]:
    """The decisions about some records, as this reader's snapshot or transaction has them.

    `late` are freezes by record that no entry says yet, for a rehearsal.
    """
    freezes = frozen(reader, [record.id for record in records])
    found = collect(reader, records, zone, threads=schedule.asks(Trigger.THREAD_ACTIVITY))
    for record, facts in zip(records, found, strict=True):
        held = [*freezes.get(record.id, ()), *late.get(record.id, ())]
        yield record, evaluate(facts, schedule, held, today)


def collect(
    reader: Reader, records: Sequence[Record], zone: ZoneInfo, *, threads: bool = True
) -> list[Facts]:
    """The facts about some records, in their order; those of their threads only when asked for."""
    replies = last_replies(reader, [record.lookup for record in records], zone)
    active = thread_activity(reader, records, zone) if threads else {}
    appeals = _appeals(reader, [record.id for record in records])
    closed = closed_accounts(reader)

    def day(moment: str | None) -> date | None:
        return None if moment is None else day_of(moment, zone)

    return [
        Facts(
            record=record.id,
            kind=record.kind,
            platform=record.platform,
            account=record.account,
            status=record.status,
            visibility=record.visibility or "unknown",
            captured=day(record.captured_at),
            published=day(record.occurred_at),
            edited_on=day(record.edited_at),
            removed=day(record.removed_at),
            vanished=day(record.vanished_at),
            last_reply=replies.get(record.lookup),
            thread_active=active.get(record.id),
            appeal_decided=day(appeals.get(record.id)),
            account_closed=closed.get(record.account),
            appealed=record.id in appeals,
            disposed=day(record.disposed_at),
        )
        for record in records
    ]


def traces(reader: Reader, records: Sequence[Record], zone: ZoneInfo) -> dict[str, dict[str, str]]:
    """What `record.disposed` says further about records that stand in a thread, by id.

    The lookup of what it answers, the conversation that it is of, and the days on which it was
    written and last active: others' periods may count from them when it is gone.
    """
    talks, found = conversations(reader, records), {}
    for record, facts in zip(records, collect(reader, records, zone, threads=False), strict=True):
        written = facts.published or facts.captured
        where = {"parent": record.parent_lookup, "conversation": talks.get(record.id)}
        stands = {name: key for name, key in where.items() if key is not None}
        if written is not None and (stands or facts.replied):
            own = replace(facts, last_reply=None, published=written).last_activity
            found[record.id] = {"written": str(written), "active": str(own), **stands}
    return found


def closed_accounts(reader: Reader) -> dict[str, date]:
    """The accounts that were given up, and when."""
    rows = reader.conn.execute(select(t.account_closed))
    return {row.account: date.fromisoformat(row.day) for row in rows}


def _appeals(reader: Reader, records: Sequence[str]) -> dict[str, str | None]:
    """Per record with appeals, the time of the last decision; None when none is decided."""
    table = t.freeze_appeal
    query = select(table.c.record_id, func.max(table.c.decided_at)).group_by(table.c.record_id)
    rows = rows_among(reader.conn, query, table.c.record_id, records)
    return dict(rows)
