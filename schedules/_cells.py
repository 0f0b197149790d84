"""Moments as short texts, so that many are alike and each lies within one day of a time zone.

A day of the zone begins at one of few times of the day in UTC: those of its offsets. Between them
every moment of a UTC day is of the same day; around them the hour is kept where days begin on the
hour, else the moment itself.
"""

from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, case, func, or_

from schedules._days import day_of

_DAY = timedelta(days=1)
_SINCE, _UNTIL = datetime(1970, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
"""Offsets of earlier years were those of local clocks; those of later years repeat."""


def cell(moment: ColumnElement[Any], zone: ZoneInfo) -> ColumnElement[Any]:
    """The text for a column of recorded times: `cell_day` gives its day. NULL stays NULL."""
    first, last = _midnights(zone)
    if last - first >= _DAY:
        return exact(moment)
    begins, ends = _clock(first), _clock(last)
    day, clock = func.substr(moment, 1, 10), func.substr(moment, 12, 8)
    after = day.concat(f"T{ends}")
    early = moment < _SINCE.date().isoformat()
    if begins > ends:
        return case((or_(early, clock >= begins, clock < ends), exact(moment)), else_=after)
    around = and_(clock >= begins, clock < ends)
    near = func.substr(moment, 1, 13) if _on_the_hour(zone) else exact(moment)
    return case((early, exact(moment)), (around, near), (clock < begins, day), else_=after)


def exact(moment: ColumnElement[Any]) -> ColumnElement[Any]:
    """The moment itself, to the second, as a cell."""
    return func.substr(moment, 1, 19)


def cell_day(cell: str, zone: ZoneInfo) -> date:
    """The day of the zone that a cell lies in."""
    return day_of(f"{cell}Z" if len(cell) > 10 else f"{cell}T00:00:00Z", zone)


def _on_the_hour(zone: ZoneInfo) -> bool:
    return all(offset % timedelta(hours=1) == timedelta() for offset in _offsets(zone))


def _midnights(zone: ZoneInfo) -> tuple[timedelta, timedelta]:
    """How far from midnight in UTC the zone's days begin, at the earliest and the latest."""
    return -max(_offsets(zone)), -min(_offsets(zone))


@cache
def _offsets(zone: ZoneInfo) -> set[timedelta]:
    weeks = range((_UNTIL - _SINCE) // timedelta(days=7))
    offsets = {(_SINCE + timedelta(days=7 * week)).astimezone(zone).utcoffset() for week in weeks}
    return {offset for offset in offsets if offset is not None}


def _clock(since_midnight: timedelta) -> str:
    return (_SINCE + since_midnight % _DAY).strftime("%H:%M:%S")
