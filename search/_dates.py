"""Dates in queries: periods, comparisons with one, and ranges, exact or an error."""

import re
from dataclasses import dataclass
from datetime import date, datetime, time, tzinfo

from whoosh import query as tree

from search._documents import microseconds
from search._engine import Query
from search._errors import QueryError
from search._periods import FORMS, Period, Unreadable, period

_RANGE = re.compile(r"\s*(?:(\S.*?)\s+)?TO(?:\s+(.*\S))?\s*", re.IGNORECASE | re.DOTALL)
_COMPARISON = re.compile(r"(>=|<=|>|<)(.*)", re.DOTALL)
_IN_WORDS = re.compile(r"\s*(since|after|before)[\s\-_]+(.*)", re.IGNORECASE | re.DOTALL)
_FROM_TO = re.compile(
    r"\s*(?:from\s+)?(.+?)\s+(?:to|through|thru)\s+(.+)|\s*between\s+(.+?)\s+and\s+(.+)",
    re.IGNORECASE | re.DOTALL,
)
_DASHED = re.compile(
    r"(.+?)(?:\s+[-–—]\s+|\s*\.\.+\s*|/|[–—])(.+)|([0-9]{4})-([0-9]{4})", re.DOTALL
)
_UNTIL = re.compile(r"\s*(?:until|till|by|up\s+to)[\s\-_]+(.*)", re.IGNORECASE | re.DOTALL)
_SIGNS = {"since": ">=", "after": ">", "before": "<"}
_QUOTES = "\"'“”„‟"


@dataclass(frozen=True, slots=True)
class Calendar:
    """Where and when a query is asked: days begin at midnight in `zone`.

    Without `now`, what depends on the day (yesterday) is refused.
    """

    zone: tzinfo
    now: datetime | None = None

    @property
    def today(self) -> date | None:
        """The day that it is."""
        return None if self.now is None else self.now.astimezone(self.zone).date()

    def instead(self, text: str) -> str:
        """How to write `text`, when it is dates of several words or could be; else ""."""
        both = _FROM_TO.fullmatch(text)
        if both and both[1] and all(map(self.readable, both.groups()[:2])):
            return f"write [{both[1]} TO {both[2]}]"
        try:
            period(text, self.today or date(2000, 1, 1))
        except Unreadable as error:
            return "" if error.hint.endswith(FORMS) else error.hint
        return f"write {text.replace(',', '').replace(' ', '-')}"

    def readable(self, text: str) -> bool:
        """Whether `text` is one date or period."""
        try:
            period(text, self.today or date(2000, 1, 1))
        except Unreadable:
            return False
        return True

    def moments(self, found: Period) -> tuple[datetime, datetime]:
        """The first moment of a period, and the first after it."""
        first, after = (datetime.combine(day, time(), self.zone) for day in found)
        return first, after


def date_value(field: str, text: str, position: int, calendar: Calendar) -> Query:
    """`text`, a period or a comparison with one, as the range of moments that it means.

    `position` is where `text` stands in the query.
    """
    comparison = _COMPARISON.fullmatch(text) or _IN_WORDS.fullmatch(text)
    if comparison is None:
        return _period_or_span(field, text, position, calendar)
    sign = comparison[1].lower()
    start, end = _period(comparison[2], position + comparison.start(2), calendar)
    match _SIGNS.get(sign, sign):
        case ">=":
            return _range(field, start, None)
        case ">":
            return _range(field, end, None)
        case "<":
            return _range(field, None, start)
        case _:
            return _range(field, None, end)


def date_range(field: str, text: str, position: int, calendar: Calendar) -> Query:
    """``[a TO b]`` with its brackets; square ones include the whole day, month or year."""
    inside = _RANGE.fullmatch(text, 1, len(text) - 1)
    if inside is None or inside[1] is inside[2] is None:
        raise QueryError(f"{text} is no range of dates", position, hint=FORMS)
    if "*" in inside.groups():
        raise QueryError(
            "* is no date",
            position + text.index("*"),
            hint=f"leave it out, like {field}:[2025 TO] or {field}:[TO 2025]",
        )
    start = end = None
    if inside[1] is not None:
        first = _period(inside[1], position + inside.start(1), calendar)
        start = first[0] if text[0] == "[" else first[1]
    if inside[2] is not None:
        last = _period(inside[2], position + inside.start(2), calendar)
        end = last[1] if text[-1] == "]" else last[0]
    return _span(field, text, position, (inside[1], start), (inside[2], end))


def _period_or_span(field: str, text: str, position: int, calendar: Calendar) -> Query:
    until = _UNTIL.fullmatch(text)
    if until:
        raise QueryError(
            f"{text!r} may include {until[1]} or not",
            position,
            hint=f'write {field}:[TO {until[1]}], or "before {until[1]}"',
        )
    both = _FROM_TO.fullmatch(text)
    if both is None:
        _refuse_dashed(field, text, position, calendar)
        return _range(field, *_period(text, position, calendar))
    one, two = (1, 2) if both[1] else (3, 4)
    start, _ = _period(both[one], position + both.start(one), calendar)
    _, end = _period(both[two], position + both.start(two), calendar)
    return _span(field, text, position, (both[one], start), (both[two], end))


def _refuse_dashed(field: str, text: str, position: int, calendar: Calendar) -> None:
    """``2025-03-01..2025-06-01``, ``2024-2025``: whether the last day is in it, they do not say."""
    both = _DASHED.fullmatch(text.strip())
    ends = [end for end in both.groups() if end] if both else []
    if ends and all(map(calendar.readable, ends)):
        raise QueryError(
            f"{text!r} may include {ends[1]} or not",
            position,
            hint=f"write {field}:[{ends[0]} TO {ends[1]}], which includes it",
        )


def _span(
    field: str,
    text: str,
    position: int,
    first: tuple[str | None, datetime | None],
    last: tuple[str | None, datetime | None],
) -> Query:
    start, end = first[1], last[1]
    if start is not None and end is not None and start >= end:
        raise QueryError(
            f"the range {text} holds no day: it ends before it begins",
            position,
            hint=f"the earlier date comes first: {field}:[{last[0]} TO {first[0]}]",
        )
    return _range(field, start, end)


def _range(field: str, start: datetime | None, end: datetime | None) -> Query:
    return tree.NumericRange(
        field,
        None if start is None else microseconds(start),
        None if end is None else microseconds(end),
        startexcl=False,
        endexcl=True,
    )


def _period(text: str, position: int, calendar: Calendar) -> tuple[datetime, datetime]:
    try:
        return calendar.moments(period(text.strip(_QUOTES), calendar.today))
    except Unreadable as error:
        raise QueryError(str(error), position, hint=error.hint) from error
