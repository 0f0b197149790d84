"""The calendars that a body adopted: which one decides about a day."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import sha256

from sqlalchemy import select

from archive import Reader
from archive.errors import VerificationError
from exports.requests import _tables as t
from exports.requests._calendar import BusinessCalendar
from exports.requests._clock import Deadline
from exports.requests._jurisdiction import CALENDAR_DAYS


@dataclass(frozen=True, slots=True)
class AdoptedCalendar:
    """A calendar as it was adopted: the entry's position, its dates of effect, its SHA-256.

    `effective_to` is the last day that it speaks of; None: without an end.
    """

    seq: int
    code: str
    version: int
    effective_from: date
    effective_to: date | None
    digest: str

    @property
    def label(self) -> str:
        return f"{self.code} version {self.version}"


class Closures:
    """The calendar in force on each day.

    That is the one adopted last among those that speak of the day; where none does, the one that
    the act comes with.
    """

    def __init__(self, adopted: Sequence[BusinessCalendar], packaged: BusinessCalendar) -> None:
        self._adopted, self._packaged = tuple(adopted), packaged

    def closed(self, day: date) -> str | None:
        return self.of(day).closed(day)

    def of(self, day: date) -> BusinessCalendar:
        """The calendar that decides about a day."""
        found = (one for one in reversed(self._adopted) if one.covers(day))
        return next(found, self._packaged)

    def counted_by(self, counted: Deadline) -> list[BusinessCalendar]:
        """The calendars that decided about the days counted, each once; none of calendar days."""
        if counted.unit == CALENDAR_DAYS:
            return []
        days = range(1, (counted.due - counted.start).days + 1)
        return list(dict.fromkeys(self.of(counted.start + timedelta(days=n)) for n in days))

    def with_(self, one: BusinessCalendar) -> "Closures":
        """The calendar in force once another one is adopted."""
        return Closures((*self._adopted, one), self._packaged)

    def year(self, year: int) -> Iterator[tuple[date, str, BusinessCalendar]]:
        """The closures of a year that are no weekends, each with the calendar that says so."""
        day = date(year, 1, 1)
        while day.year == year:
            why = self.closed(day)
            if why is not None and why != f"{day:%A}":
                yield day, why, self.of(day)
            day += timedelta(days=1)


def adopted_calendars(reader: Reader) -> list[AdoptedCalendar]:
    """Every adoption, in the order of the log."""
    rows = reader.conn.execute(select(t.calendar).order_by(t.calendar.c.seq))
    return [
        AdoptedCalendar(
            seq=row.seq,
            code=row.code,
            version=row.version,
            effective_from=date.fromisoformat(row.effective_from),
            effective_to=date.fromisoformat(row.effective_to) if row.effective_to else None,
            digest=row.digest,
        )
        for row in rows
    ]


def load_calendar(reader: Reader, one: AdoptedCalendar) -> BusinessCalendar:
    """The calendar as it was adopted; VerificationError when its file is not what was adopted."""
    ((_, sealed),) = reader.open([reader.entry(one.seq)])
    content = sealed.bytes_of("file") if sealed is not None else None
    if content is None or sha256(content).hexdigest() != one.digest:
        raise VerificationError(
            f"the file of calendar {one.label} is not what was adopted",
            hint="run muniment verify, and restore from a backup",
        )
    return BusinessCalendar(content, name=f"calendar {one.label}")
