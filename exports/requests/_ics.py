"""Dates of requests as an iCalendar file (RFC 5545), for the calendar that an officer looks at.

Events name requests by their numbers alone: a calendar is shared, and lies with a provider.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from exports.requests._agenda import Agenda
from exports.requests._dates import ANSWER, Dated

_PRODUCT = "-//Muniment//Requests//EN"


def icalendar_of(
    items: Iterable[Agenda], *, name: str, origin: str, at: datetime, edition: int
) -> tuple[bytes, int]:
    """An event for the day of everything that waits to be done, and how many there are.

    Of a request that was answered, what the body still has to do. An event keeps its UID, made of
    the request's id, the date's code and the archive's `origin`; `edition` goes up with every
    change, so that calendars take the newer event. `name` is shown as the calendar's, `at` is when
    the file is made.
    """
    from icalendar import Calendar, Event  # slow to load, and only one command makes a calendar

    calendar = Calendar()
    for key, value in (("prodid", _PRODUCT), ("version", "2.0"), ("x-wr-calname", name)):
        calendar.add(key, value)
    for item in items:
        for dated in item.dates:
            if not _waits(item, dated) or dated.day is None:
                continue
            event = Event()
            event.add("uid", f"{item.request.id}.{dated.code}@{origin}")
            event.add("dtstamp", at)
            event.add("sequence", edition)
            event.add("dtstart", dated.day)
            event.add("dtend", dated.day + timedelta(days=1))
            event.add("summary", f"Request {item.request.number}: {dated.title}{_how(item, dated)}")
            event.add("description", "\n".join(_described(dated)))
            event.add("transp", "TRANSPARENT")
            calendar.add_component(event)
    content: bytes = calendar.to_ical()
    return content, len(calendar.events)


def _waits(item: Agenda, dated: Dated) -> bool:
    return dated.open and (not item.request.closed or dated.by == "body")


def _how(item: Agenda, dated: Dated) -> str:
    extended = item.request.extended
    return f" (extended: {extended})" if dated.code == ANSWER and extended else ""


def _described(dated: Dated) -> list[str]:
    by = {"law": "By law", "body": "By the public body"}.get(dated.by, f"By the {dated.by}")
    source = dated.source if dated.verified else f"{dated.source}, not verified"
    missed = [f"Otherwise: {dated.missed}"] if dated.missed else []
    return [f"{by}; {source}", *missed]
