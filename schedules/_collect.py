"""Facts and decisions for records of an archive: where the pure evaluator meets the tables."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from itertools import islice
from types import MappingProxyType
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from archive import Reader, Record, chunked, rows_among
from archive.records import record_table, stream
from schedules import _tables as t
from schedules._days import day_of
from schedules._evaluate import Decision, evaluate
from schedules._facts import Facts, Freeze
from schedules._guard import frozen
from schedules._schedule import Schedule

PAGE = 500


def survey(
    reader: Reader, schedule: Schedule, today: date, zone: ZoneInfo
) -> Iterator[tuple[Record, Decision]]:
    """The decision about every record that is not disposed of, streamed."""
    present = stream(reader, record_table.c.status != "disposed")
    while page := list(islice(present, PAGE)):
        yield from decide(reader, page, schedule, today, zone)


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
    for record, facts in zip(records, collect(reader, records, zone), strict=True):
        held = [*freezes.get(record.id, ()), *late.get(record.id, ())]
        yield record, evaluate(facts, schedule, held, today)


def collect(reader: Reader, records: Sequence[Record], zone: ZoneInfo) -> list[Facts]:
    """The facts about some records, in their order."""
    replies = _last_replies(reader, [record.lookup for record in records])
    appeals = _appeals(reader, [record.id for record in records])

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
            last_reply=day(replies.get(record.lookup)),
            appeal_decided=day(appeals.get(record.id)),
            appealed=record.id in appeals,
            disposed=day(record.disposed_at),
        )
        for record in records
    ]


def _last_replies(reader: Reader, lookups: Sequence[str]) -> dict[str, str]:
    """Per record with answers, at any depth, the time of the latest one (else of its capture).

    UNION, not UNION ALL: a source may claim that two records answer each other.
    """
    record, reply = record_table, record_table.alias("reply")
    found: dict[str, str] = {}
    for chunk in chunked(lookups):
        below = (
            select(record.c.lookup.label("root"), record.c.lookup.label("lookup"))
            .where(record.c.lookup.in_(chunk))
            .cte("below", recursive=True)
        )
        below = below.union(
            select(below.c.root, reply.c.lookup).where(reply.c.parent_lookup == below.c.lookup)
        )
        at = func.max(func.coalesce(record.c.occurred_at, record.c.captured_at))
        query = (
            select(below.c.root, at)
            .where(record.c.lookup == below.c.lookup, below.c.lookup != below.c.root)
            .group_by(below.c.root)
        )
        found.update((root, latest) for root, latest in reader.conn.execute(query))
    return found


def _appeals(reader: Reader, records: Sequence[str]) -> dict[str, str | None]:
    """Per record with appeals, the time of the last decision; None when none is decided."""
    table = t.freeze_appeal
    query = select(table.c.record_id, func.max(table.c.decided_at)).group_by(table.c.record_id)
    rows = rows_among(reader.conn, query, table.c.record_id, records)
    return dict(rows)
