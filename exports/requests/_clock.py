"""Counting business days. Pure: a calendar and dates in, a deadline and how it was counted out."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from exports.requests._calendar import Calendar

Standing = Literal["running", "due today", "overdue", "closed"]

_WEEKEND = frozenset({"Saturday", "Sunday"})


@dataclass(frozen=True, slots=True)
class Deadline:
    """A due date and how it was counted.

    It is `days` business days after `start`, which is not counted itself; `closed` are the days
    passed over, with why.
    """

    start: date
    days: int
    due: date
    closed: tuple[tuple[date, str], ...]

    def explained(self, unit: str = "business days") -> str:
        """One line for a person."""
        counted = f"{self.days} {unit} after {day_text(self.start)}, that day not counted"
        named = [f"{day:%-d %B} {why}" for day, why in self.closed if why not in _WEEKEND]
        passed = f"; closed: {', '.join(named)}" if named else ""
        return f"{counted}{passed}"


def deadline(calendar: Calendar, start: date, days: int) -> Deadline:
    """The last of `days` business days after `start`."""
    closed: list[tuple[date, str]] = []
    remaining, day = days, start
    while remaining:
        day += timedelta(days=1)
        why = calendar.closed(day)
        if why is None:
            remaining -= 1
        else:
            closed.append((day, why))
    return Deadline(start, days, day, tuple(closed))


def passed(calendar: Calendar, today: date, days: int) -> date:
    """The last day whose deadline of `days` business days is over: before `today`."""
    remaining, day = days, today
    while remaining:
        day -= timedelta(days=1)
        remaining -= calendar.closed(day) is None
    return day - timedelta(days=1)


def standing(due: date, today: date, *, closed: bool) -> Standing:
    """Where a request stands against its due date."""
    if closed:
        return "closed"
    if today > due:
        return "overdue"
    return "due today" if today == due else "running"


def day_text(day: date) -> str:
    """A date as a letter writes it: "Monday 9 February 2026"."""
    return f"{day:%A %-d %B %Y}"
