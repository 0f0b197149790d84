"""What may be due, found by indexes: so that a daily run does not look at every record."""

from bisect import bisect_right
from collections.abc import Collection, Iterator
from datetime import date, timedelta
from itertools import islice
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, func, or_, select

from archive import Reader, Record
from archive.records import matching, record_table
from schedules import _tables as t
from schedules._collect import PAGE, decide
from schedules._conditions import MOMENTS, OWN_DAYS, PRESENT, fits
from schedules._evaluate import Decision, counted_from
from schedules._schedule import Action, Schedule, Series, Trigger

_c = record_table.c


def past_due(
    reader: Reader, schedule: Schedule, today: date, zone: ZoneInfo, codes: Collection[str]
) -> Iterator[tuple[Record, Decision]]:
    """Every record of the series of these codes that is due, held or not, with the decision.

    They come series by series, streamed. It is what `survey` would say of them.
    """
    for series in schedule.series:
        if series.code in codes and running(schedule, series):
            found = candidates(reader, schedule, series, today)
            while page := list(islice(found, PAGE)):
                for record, decision in decide(reader, page, schedule, today, zone):
                    due = decision.due if decision.series == series.code else None
                    if due is not None and due <= today:
                        yield record, decision


def running(schedule: Schedule, series: Series) -> bool:
    """Whether the series has a period that ends some day, and nothing stands in the way."""
    return series.action is not Action.PERMANENT and not schedule.obstacle(series)


def candidates(reader: Reader, schedule: Schedule, series: Series, today: date) -> Iterator[Record]:
    """The records that the series' rule fits and whose period may be over.

    None whose period is over is missing; of some it is not, or an earlier series covers them.
    """
    for way in ways(reader, schedule, series, today):
        yield from matching(reader, way.where, (*way.order, _c.id))


class Way(NamedTuple):
    """A condition that an index answers, and the columns of its order."""

    where: ColumnElement[bool]
    order: tuple[ColumnElement[Any], ...]


def ways(reader: Reader, schedule: Schedule, series: Series, today: date) -> Iterator[Way]:
    """How the candidates are found, those whose period began first before others.

    No record is found in two ways.
    """
    last = _last_start(schedule, series, today)
    until = f"{last if last == date.max else last + timedelta(days=1)}T24"
    for where, *order in _started(reader, series.trigger, last, until):
        yield Way(and_(where, fits(series.rule)), tuple(order))


def _last_start(schedule: Schedule, series: Series, today: date) -> date:
    """The latest day of the trigger from which the period is over."""
    period = series.period
    assert period is not None

    def due(ordinal: int) -> date:
        return period.due(counted_from(schedule, series, date.fromordinal(ordinal)))

    found = bisect_right(range(1, today.toordinal() + 1), today, key=due)
    return date.fromordinal(max(found, 1))


def _started(
    reader: Reader, trigger: Trigger, last: date, until: str
) -> Iterator[tuple[ColumnElement[Any], ...]]:
    """By a trigger of `last` or earlier; `until` is in UTC after the end of that day anywhere."""
    match trigger:
        case Trigger.CAPTURED:
            known = _c.account.in_(list(_accounts(reader)))
            yield and_(known, _c.captured_at <= until), _c.account, _c.captured_at
        case Trigger.ACCOUNT_CLOSED:
            closed = t.account_closed.c
            given_up = select(closed.account).where(closed.day <= last.isoformat())
            yield _c.account.in_(given_up), _c.account, _c.captured_at
        case Trigger.APPEAL_DECIDED:
            appeal = t.freeze_appeal.c
            yield (_c.id.in_(select(appeal.record_id).where(appeal.decided_at <= until)),)
        case Trigger.REMOVED:
            yield _c.removed_at <= until, _c.removed_at
        case Trigger.VANISHED:
            yield _c.vanished_at <= until, _c.vanished_at
        case Trigger.PUBLISHED:
            yield _c.occurred_at <= until, _c.occurred_at
        case Trigger.REQUEST_CLOSED:
            return
        case _:
            further = OWN_DAYS[trigger] & MOMENTS.keys() - {"published"}
            columns = [MOMENTS[day] for day in sorted(further)]
            quiet = [or_(column.is_(None), column <= until) for column in columns]
            yield and_(_c.occurred_at <= until, *quiet), _c.occurred_at
            yield and_(_c.occurred_at.is_(None), PRESENT, *quiet), _c.captured_at


def _accounts(reader: Reader) -> Iterator[str]:
    """The accounts of which there are records, one look into the index for each."""
    found = ""
    query = select(func.min(_c.account)).where(PRESENT)
    while found := reader.conn.execute(query.where(_c.account > found)).scalar() or "":
        yield found
