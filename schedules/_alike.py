"""What decides about a record under a schedule, as SQL: its series, and when its period began.

Records that have these in common are alike, and are judged once. That SQL and the evaluator say
the same is tested with random archives and schedules.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Select,
    and_,
    case,
    func,
    literal,
    null,
    or_,
    select,
)

from archive.records import record_table
from schedules import _tables as t
from schedules._below import APPEALS, BELOW, CONVERSATION, NODE, THREAD
from schedules._candidates import running
from schedules._cells import cell, cell_day
from schedules._conditions import MOMENTS, OWN_DAYS, fits
from schedules._evaluate import Decision, judge
from schedules._facts import Freeze, latest
from schedules._newest import newest
from schedules._schedule import Action, Schedule, Trigger

_c, _closed = record_table.c, t.account_closed
_KINDS = 1 << 16
BY_PAGE: dict[str, Any] = {"yield_per": 500}

_ON: Mapping[FromClause, tuple[ColumnElement[Any], ColumnElement[Any]]] = {
    BELOW: (BELOW.c.top, _c.lookup),
    THREAD: (THREAD.c.node, NODE),
    CONVERSATION: (CONVERSATION.c.record_id, case((_c.kind == "message", _c.id))),
    APPEALS: (APPEALS.c.record_id, _c.id),
    _closed: (_closed.c.account, _c.account),
}
"""What is looked up in each place, and by what of a record."""
_ELSEWHERE: dict[Trigger, tuple[FromClause, ...]] = {
    Trigger.LAST_REPLY: (BELOW,),
    Trigger.LAST_ACTIVITY: (APPEALS, BELOW),
    Trigger.THREAD_ACTIVITY: (APPEALS, THREAD, CONVERSATION),
    Trigger.APPEAL_DECIDED: (APPEALS,),
    Trigger.ACCOUNT_CLOSED: (_closed,),
}
"""Where a trigger looks besides the record's own row."""

Judge = Callable[[str | None, str | None, tuple[Freeze, ...]], Decision]


class Alike:
    """What decides about records under one schedule, where days are those of a zone.

    `series` is the number of the series that covers the record, with the moment that starts its
    period as a cell; NULL where none covers it. `day` is a day that starts it where it is later.
    """

    def __init__(self, schedule: Schedule, zone: ZoneInfo) -> None:
        self._schedule, self._zone = schedule, zone
        counted = [
            (number, one.rule, one.trigger if running(schedule, one) else None)
            for number, one in enumerate(schedule.series)
        ]
        self._counted = counted
        self.series = case(
            *(
                (fits(rule), _numbered(number, _moment(trigger), zone))
                for number, rule, trigger in counted
            )
        )
        self.day = case(*((fits(rule), _day(trigger)) for _, rule, trigger in counted))

    @property
    def undetermined(self) -> ColumnElement[bool]:
        """Whether nothing says when the record is due, and it is not kept permanently."""
        waiting = [
            _number(number)
            for number, one in enumerate(self._schedule.series)
            if one.action is not Action.PERMANENT
        ]
        return or_(self.series.is_(None), and_(self.series.in_(waiting), self.day.is_(None)))

    def asks(self, place: FromClause) -> ColumnElement[bool] | None:
        """Which records have to be looked up in a place; None when none has."""
        cases = [(fits(rule), place in _elsewhere(trigger)) for _, rule, trigger in self._counted]
        return case(*cases) if any(asked for _, asked in cases) else None

    def judge(self, today: date) -> Judge:
        """The decision about records of which these are `series`, `day` and what freezes them."""

        @lru_cache(maxsize=_KINDS)
        def decide(number: str, start: date | None, freezes: tuple[Freeze, ...]) -> Decision:
            series = self._schedule.series[int(number)] if number else None
            return judge(self._schedule, series, start, freezes, today)

        @lru_cache(maxsize=_KINDS)
        def day_of(moment: str) -> date | None:
            return cell_day(moment, self._zone) if moment else None

        def told(series: str | None, day: str | None, freezes: tuple[Freeze, ...]) -> Decision:
            number, _, moment = (series or "").partition(":")
            further = date.fromisoformat(day) if day else None
            return decide(number, latest(day_of(moment), further), freezes)

        return told


def present(every: Sequence[Alike], *further: ColumnElement[Any]) -> Select[Any]:
    """Of each record not disposed of `series` and `day` of every one, then further columns."""
    source: FromClause = record_table
    for place, (key, own) in _ON.items():
        asked = [asks for one in every if (asks := one.asks(place)) is not None]
        if asked:
            source = source.outerjoin(place, key == case((or_(*asked), own)))
    said = [
        column.label(f"{name}_{number}")
        for number, one in enumerate(every)
        for name, column in (("series", one.series), ("day", one.day))
    ]
    return select(*said, *further).select_from(source).where(_c.status != "disposed")


def counted(every: Sequence[Alike], *further: ColumnElement[Any]) -> Select[Any]:
    """The same, each with the number of records that are alike in all of it.

    The offset has the database sort what was computed, and not all that it was computed from.
    """
    each = present(every, *further).offset(0).subquery()
    return select(each, func.count()).group_by(*each.c)


def _number(number: int) -> str:
    return f"{number}:"


def _numbered(number: int, moment: ColumnElement[Any], zone: ZoneInfo) -> ColumnElement[Any]:
    return func.coalesce(literal(_number(number)).concat(cell(moment, zone)), _number(number))


def _elsewhere(trigger: Trigger | None) -> Collection[FromClause]:
    return () if trigger is None else _ELSEWHERE.get(trigger, ())


def _moment(trigger: Trigger | None) -> ColumnElement[Any]:
    """The newest of the moments that a trigger looks at."""
    if trigger is None:
        return null()
    own = [MOMENTS[day] for day in sorted(OWN_DAYS[trigger] & MOMENTS.keys())]
    places = (place for place in _elsewhere(trigger) if place is not _closed)
    return newest(*own, *(place.c.moment for place in places))


def _day(trigger: Trigger | None) -> ColumnElement[Any]:
    """The latest of the days that a trigger looks at, where no moment is known any more."""
    places = [place.c.day for place in _elsewhere(trigger) if place is not APPEALS]
    return newest(*places)
