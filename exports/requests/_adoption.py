"""A body's own list of closures: where it starts, how it is adopted, which due dates it moves."""

from datetime import date
from typing import Any

from archive import Draft, Parts, Reader, Refused, UsageError, Writer, new_id
from exports.requests._calendar import BusinessCalendar
from exports.requests._closures import Closures, adopted_calendars
from exports.requests._course import Moved, moved_by, recount

_DRAFT = """\
# The days on which {body} is closed in {year}, as a start: strike out what is no closure,
# add what is missing, say on whose decision it rests, and adopt it: muniment calendar adopt FILE
# Saturdays and Sundays are closed by themselves; [[opening]] with a date opens one.
code = "closures-{year}"
version = 1
title = "{body}: closures in {year}"
source = "From: {source}"
verified = false
effective_from = {year}-01-01
effective_to = {year}-12-31
"""
_CLOSURE = """
[[closure]]
date = {day}  # {day:%A}
name = "{name}"
"""


def draft_calendar(closures: Closures, year: int, body: str) -> str:
    """A calendar file for a year to start from: the days that are closed as things stand."""
    found = list(closures.year(year))
    sources = dict.fromkeys(calendar.title for _, _, calendar in found)
    head = _DRAFT.format(body=_plain(body), year=year, source=_plain("; ".join(sources)))
    return head + "".join(_CLOSURE.format(day=day, name=_plain(why)) for day, why, _ in found)


def refuse_calendar(reader: Reader, calendar: BusinessCalendar) -> None:
    """UsageError without a date of effect, Refused when this or a later version was adopted."""
    if calendar.effective_from is None:
        raise UsageError(
            f"{calendar.label} does not say from when it is in effect",
            hint="write effective_from = 2027-01-01",
        )
    versions = [one.version for one in adopted_calendars(reader) if one.code == calendar.code]
    if versions and calendar.version <= max(versions):
        raise Refused(
            f"version {max(versions)} of {calendar.code} was already adopted",
            hint=f"number the changed calendar version = {max(versions) + 1}",
        )


def adopt_calendar(writer: Writer, calendar: BusinessCalendar, in_force: Closures) -> list[Moved]:
    """Adopt a calendar; the due dates of open requests that it moves are set anew, and returned.

    `in_force` are the calendars before. The errors of `refuse_calendar`.
    """
    refuse_calendar(writer, calendar)
    identity = new_id()
    data: dict[str, Any] = {
        "code": calendar.code,
        "version": calendar.version,
        "effective_from": _text(calendar.effective_from),
        "digest": calendar.digest,
    }
    if calendar.effective_to is not None:
        data["effective_to"] = _text(calendar.effective_to)
    writer.append(
        [Draft("calendar.adopted", identity, data, Parts.of([("file", calendar.content)]))]
    )
    moved = moved_by(writer, in_force.with_(calendar))
    recount(writer, moved, identity)
    return moved


def _text(day: date | None) -> str:
    return "" if day is None else day.isoformat()


def _plain(text: str) -> str:
    """The text as it may stand between quotes in TOML."""
    return text.replace("\\", "/").replace('"', "'")
