"""How many records are due, kept, held: counted by the database, judged once for all alike.

What decides about a record are a few words and days, and most records share them with others. The
database counts them by these; the evaluator says what is done with each kind. Only where others of
its thread may decide, a record is looked at by itself.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from functools import lru_cache
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, false, func, or_, select, true

from archive import Reader, Record
from archive.records import matching
from schedules._candidates import candidates, running
from schedules._cells import cell, cell_day, exact
from schedules._collect import PAGE, closed_accounts, collect
from schedules._conditions import (
    APPEAL_DECIDED,
    FLAGS,
    FROZEN,
    MOMENTS,
    OWN_DAYS,
    PRESENT,
    THREADED,
    WORDS,
    fits,
    may_have_others,
)
from schedules._evaluate import Decision, evaluate
from schedules._facts import Facts, Freeze, FreezeSource
from schedules._guard import frozen
from schedules._schedule import Schedule, Trigger

_SOMETHING = Freeze(FreezeSource.HOLD, "", "something")
_ANSWERED = date.min
"""The last reply of a record that has replies, when none of them has been looked at."""
_KINDS = 1 << 16


def tally(
    reader: Reader, schedule: Schedule, today: date, zone: ZoneInfo, *, years: bool = False
) -> Iterator[tuple[Decision, int]]:
    """What `survey` decides about all records, each decision with a number of records.

    What holds a record is not named. Without `years`, the due day of what is not due yet is the
    earliest that it may be: others of its thread can put it off.
    """
    threaded = {
        series.code: series
        for series in schedule.series
        if series.trigger in THREADED and running(schedule, series)
    }

    def depends(decision: Decision) -> bool:
        open_now = decision.due is None or decision.due <= today
        return decision.series in threaded and (years or open_now)

    reached = [and_(fits(one.rule), may_have_others(one.trigger)) for one in threaded.values()]
    others = or_(false(), *reached) if years else true()
    for decision, may_move, count in _alike(reader, schedule, today, zone, others):
        if not (may_move and depends(decision)):
            yield decision, count
    for series in threaded.values():
        if years:
            single = matching(reader, and_(fits(series.rule), others))
        else:
            single = candidates(reader, schedule, series, today)
        while page := list(islice(single, PAGE)):
            for facts, freezes in _known(reader, page, schedule, zone):
                own = evaluate(_alone(facts, schedule), schedule, freezes, today)
                if own.series == series.code and depends(own):
                    yield evaluate(facts, schedule, freezes, today), 1


def _alike(
    reader: Reader,
    schedule: Schedule,
    today: date,
    zone: ZoneInfo,
    others: ColumnElement[bool],
) -> Iterator[tuple[Decision, bool, int]]:
    """Decisions as if there were no other records, whether `others` may move them, for how many."""
    days, words, flags = _asked(schedule)
    closed = closed_accounts(reader)
    day_in = lru_cache(maxsize=_KINDS)(cell_day)

    @lru_cache(maxsize=_KINDS)
    def judge(held: bool, *known: Any) -> Decision:
        facts = dict(zip((*days, *words, *flags), known, strict=True))
        replied = facts.pop("replied", False)
        return evaluate(
            Facts(
                **{"record": "", **dict.fromkeys(WORDS, ""), **facts},
                last_reply=_ANSWERED if replied else None,
                account_closed=closed.get(facts.get("account", "")),
            ),
            schedule,
            [_SOMETHING] if held else [],
            today,
        )

    alike = (
        select(
            *(_cut(day, zone).label(day) for day in days),
            *(WORDS[word].label(word) for word in words),
            *(FLAGS[flag].label(flag) for flag in flags),
            FROZEN.label("held"),
            others.label("others"),
        )
        .where(PRESENT)
        .subquery()
    )
    query = select(alike, func.count()).group_by(*alike.c)
    options = {"yield_per": PAGE}
    for *known, held, may_move, count in reader.conn.execute(query, execution_options=options):
        dates = [None if one is None else day_in(one, zone) for one in known[: len(days)]]
        truths = map(bool, known[len(days) + len(words) :])
        decision = judge(bool(held), *dates, *known[len(days) : len(days) + len(words)], *truths)
        yield decision, bool(may_move), count


def _cut(day: str, zone: ZoneInfo) -> ColumnElement[Any]:
    """The moments of a day as cells; those of the few appeals as they are."""
    return cell(MOMENTS[day], zone) if day in MOMENTS else exact(APPEAL_DECIDED)


def _asked(schedule: Schedule) -> tuple[Sequence[str], Sequence[str], Sequence[str]]:
    """The days, words and flags that any series looks at."""
    flags = _flags(schedule)
    counting = {series.trigger for series in schedule.series if running(schedule, series)}
    words = {word for series in schedule.series for word in series.rule.among} & WORDS.keys()
    wanted = {day for trigger in counting for day in OWN_DAYS[trigger]}
    if "edited" in flags:
        wanted.add("edited_on")
    days = [day for day in (*MOMENTS, "appeal_decided") if day in wanted]
    if Trigger.ACCOUNT_CLOSED in counting:
        words.add("account")
    return days, sorted(words), sorted(flags - {"edited"})


def _known(
    reader: Reader, records: Sequence[Record], schedule: Schedule, zone: ZoneInfo
) -> Iterator[tuple[Facts, Sequence[Freeze]]]:
    freezes = frozen(reader, [record.id for record in records])
    threads = schedule.asks(Trigger.THREAD_ACTIVITY)
    for facts in collect(reader, records, zone, threads=threads):
        yield facts, freezes.get(facts.record, ())


def _alone(facts: Facts, schedule: Schedule) -> Facts:
    """The facts as `_alike` has them."""
    replied = facts.replied and "replied" in _flags(schedule)
    return replace(facts, last_reply=_ANSWERED if replied else None, thread_active=None)


def _flags(schedule: Schedule) -> set[str]:
    return {flag for series in schedule.series for flag in series.rule.flags}
