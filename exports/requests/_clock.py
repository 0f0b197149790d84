"""Counting business days. Pure: a calendar and dates in, a deadline and how it was counted out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from exports.requests._calendar import Calendar
from exports.requests._jurisdiction import CALENDAR_DAYS

Standing = Literal["running", "no day set", "paused", "due today", "overdue", "closed"]

Pause = tuple[date, date]
"""The day on which the clock stopped, which still counts, and the last day that does not."""

_WEEKEND = frozenset({"Saturday", "Sunday"})
_WAITING = "waiting for the requester"


@dataclass(frozen=True, slots=True)
class Deadline:
    """A due date and how it was counted.

    It is `days` of `unit` after `start`, which is not counted itself; `closed` are the days
    passed over, with why.
    """

    start: date
    days: int
    unit: str
    due: date
    closed: tuple[tuple[date, str], ...]

    def explained(self) -> str:
        """One line for a person."""
        counted = f"{self.days} {self.unit} after {day_text(self.start)}, that day not counted"
        silent = _WEEKEND | {_WAITING}
        named = [f"{day:%-d %B} {why}" for day, why in self.closed if why not in silent]
        passed = f"; closed: {', '.join(named)}" if named else ""
        waited = sum(why == _WAITING for _, why in self.closed)
        paused = f"; {waited} days waiting for the requester" if waited else ""
        return f"{counted}{passed}{paused}"


def deadline(
    calendar: Calendar,
    start: date,
    days: int,
    unit: str = "business days",
    pauses: Sequence[Pause] = (),
) -> Deadline:
    """The last of `days` days after `start`; of calendar days every one counts, closed or not.

    What lies within a pause counts in no unit.
    """
    closed: list[tuple[date, str]] = []
    remaining, day = days, start
    while remaining:
        day += timedelta(days=1)
        why = _uncounted(calendar, day, unit, pauses)
        if why is None:
            remaining -= 1
        else:
            closed.append((day, why))
    return Deadline(start, days, unit, day, tuple(closed))


def _uncounted(calendar: Calendar, day: date, unit: str, pauses: Sequence[Pause]) -> str | None:
    if any(since < day <= until for since, until in pauses):
        return _WAITING
    return None if unit == CALENDAR_DAYS else calendar.closed(day)


def passed(calendar: Calendar, today: date, days: int) -> date:
    """The last day whose deadline of `days` business days is over: before `today`."""
    remaining, day = days, today
    while remaining:
        day -= timedelta(days=1)
        remaining -= calendar.closed(day) is None
    return day - timedelta(days=1)


def business_days_left(calendar: Calendar, today: date, due: date) -> int:
    """The business days after `today` up to `due`; less than 0 where it is over."""
    first, last = sorted((today, due))
    days = (first + timedelta(days=n) for n in range(1, (last - first).days + 1))
    count = sum(calendar.closed(day) is None for day in days)
    if due < today:
        return -max(count, 1)
    return count


def standing(due: date | None, today: date, *, closed: bool, paused: bool = False) -> Standing:
    """Where a request stands against its due date, None where the law sets none."""
    if closed:
        return "closed"
    if paused:
        return "paused"
    if due is None:
        return "no day set"
    if today > due:
        return "overdue"
    return "due today" if today == due else "running"


def day_text(day: date) -> str:
    """A date as a letter writes it: "Monday 9 February 2026"."""
    return f"{day:%A %-d %B %Y}"
