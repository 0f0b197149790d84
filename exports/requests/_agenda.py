"""What is due, of every request: the one that is due first stands first."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from archive import Reader
from archive.times import from_text
from exports.requests._clock import Standing, business_days_left, standing
from exports.requests._closures import Closures
from exports.requests._course import course_of
from exports.requests._dates import Dated, dates
from exports.requests._requests import Request, list_requests
from exports.requests._rules import Rules, load_rules


@dataclass(frozen=True, slots=True)
class Agenda:
    """A request with its dates; `next` is what the body has to do first, if anything."""

    request: Request
    dates: tuple[Dated, ...]
    today: date
    calendar: Closures

    @property
    def next(self) -> Dated | None:
        return next((one for one in self.dates if one.by == "body" and one.open), None)

    @property
    def due(self) -> date | None:
        """The day of what the body has to do first; of a request that waits for nothing its own."""
        return self.next.day if self.next is not None else self.request.due

    @property
    def left(self) -> int | None:
        """Business days left for it: 0 on the day itself, less than 0 after it; None: no day."""
        if self.next is None or self.next.day is None:
            return None
        return business_days_left(self.calendar, self.today, self.next.day)

    @property
    def standing(self) -> Standing:
        paused = self.request.paused is not None
        return standing(self.due, self.today, closed=self.next is None, paused=paused)


def agenda_of(
    reader: Reader, request: Request, rules: Rules, today: date, zone: ZoneInfo
) -> Agenda:
    """The dates of one request, as of `today`; `zone` is where the body is."""
    closed = request.closed_at
    answered = None if closed is None else from_text(closed).astimezone(zone).date()
    found = dates(
        rules.jurisdiction,
        rules.calendar,
        request,
        course_of(reader, request),
        today=today,
        answered=answered,
    )
    return Agenda(request, tuple(found), today, rules.calendar)


def agenda(reader: Reader, today: date, zone: ZoneInfo, *, closed: bool = True) -> list[Agenda]:
    """The dates of every request, what is due first ahead; those that wait for nothing last.

    `closed=False` leaves out those that wait for nothing.
    """
    rules: dict[str, Rules] = {}

    def items() -> Iterator[Agenda]:
        for request in list_requests(reader):
            code = request.jurisdiction
            if code not in rules:
                rules[code] = load_rules(code, reader)
            yield agenda_of(reader, request, rules[code], today, zone)

    wanted = [one for one in items() if closed or one.next is not None]
    return sorted(wanted, key=_order)


def _order(one: Agenda) -> tuple[bool, bool, date, str]:
    due = one.due
    return one.next is None, due is None, due or one.today, one.request.number
