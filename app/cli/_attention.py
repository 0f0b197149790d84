"""What needs somebody's attention: answers that are late, notices that are missing, appeals."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, NamedTuple
from zoneinfo import ZoneInfo

from app.cli._session import Session

if TYPE_CHECKING:
    from archive import Reader
    from exports.requests import Agenda
    from ingest.duties import Notice, Unanswered

SOON = 2
"""So many business days before its day something about a request is due soon."""

_LOOK_BACK = timedelta(days=30)


class Window(NamedTuple):
    """The time from which comments should be answered by now: two texts of `archive.times`."""

    since: str
    until: str


def today(session: Session) -> date:
    """The day it is where the body is."""
    return session.clock().astimezone(ZoneInfo(session.archive().config.timezone)).date()


def window(session: Session, reader: "Reader", days: int | None, since: date | None) -> Window:
    """When what should be answered by now was written.

    `days` are business days, else the policy's; UsageError when neither says how many.
    """
    from archive import UsageError
    from ingest.duties import answer_days

    day = today(session)
    asked = days or answer_days(reader, day)
    if asked is None:
        raise UsageError(
            "no adopted policy says how soon comments are answered", hint="say it by --days N"
        )
    return _window(session, reader, asked, day, since)


def overdue(reader: "Reader", span: Window) -> "Iterator[Unanswered]":
    """What others wrote in that time and nobody answered, the oldest first."""
    from ingest.duties import unanswered

    return unanswered(reader, span.since, span.until)


def counts(session: Session, reader: "Reader") -> dict[str, int | None]:
    """How many comments and messages are unanswered too long; None where no policy says so."""
    from ingest.duties import answer_days

    day = today(session)
    asked = answer_days(reader, day)
    if asked is None:
        return {"unanswered": None}
    span = _window(session, reader, asked, day, None)
    return {"unanswered": sum(1 for _ in overdue(reader, span))}


def standing(session: Session, reader: "Reader") -> dict[str, object]:
    """Accounts whose profile lacks the notice, or was never captured; appeals; restrictions."""
    from archive import restrictions
    from ingest.duties import notices
    from ingest.moderation import overdue_appeals

    day = today(session)
    found = notices(reader, day)
    return {
        "notice_missing": [_name(one) for one in found if one.standing == "missing"],
        "profile_not_captured": [_name(one) for one in found if one.standing == "no profile"],
        "overdue_appeals": [one.id for one in overdue_appeals(reader, day)],
        "restricted": len(restrictions.every(reader)),
    }


def requests_due(session: Session, reader: "Reader") -> "list[Agenda]":
    """The requests that wait for something from the body, what is due first ahead."""
    from exports.requests import agenda

    zone = ZoneInfo(session.archive().config.timezone)
    return agenda(reader, today(session), zone, closed=False)


def overdue_of(items: "list[Agenda]") -> "list[Agenda]":
    """Those whose day is over."""
    return [one for one in items if one.left is not None and one.left < 0]


def due_soon_of(items: "list[Agenda]") -> "list[Agenda]":
    """Those that are due today, or within `SOON` business days."""
    return [one for one in items if one.left is not None and 0 <= one.left <= SOON]


def _name(one: "Notice") -> str:
    return f"{one.account.platform} {one.account.handle}"


def _window(session: Session, reader: "Reader", days: int, day: date, since: date | None) -> Window:
    from archive import times
    from exports.requests import load_rules, passed

    archive = session.archive()
    calendar = load_rules(archive.config.jurisdiction, reader).calendar
    last = passed(calendar, day, days)
    zone = ZoneInfo(archive.config.timezone)

    def text(of: date, at: time) -> str:
        return times.to_text(datetime.combine(of, at, zone))

    return Window(text(since or last - _LOOK_BACK, time.min), text(last, time.max))
