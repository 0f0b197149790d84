"""Dates in queries: ISO days, months and years, comparisons and ranges, exact or an error."""

import re
from datetime import datetime, timedelta, tzinfo

from whoosh import query as tree

from search._documents import microseconds
from search._engine import Query
from search._errors import QueryError

_DATE = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d))?)?")
_RANGE = re.compile(r"\s*(?:(\S+?)\s+)?TO(?:\s+(\S+))?\s*", re.IGNORECASE)
_COMPARISON = re.compile(r"(>=|<=|>|<)(.*)", re.DOTALL)
_FORMS = "dates are written 2025, 2025-03 or 2025-03-31, ranges [2025-01-01 TO 2025-03-31]"
_FIRST_YEAR, _LAST_YEAR = 1900, 2199


def date_value(field: str, text: str, position: int, zone: tzinfo) -> Query:
    """`text`, a date or a comparison with one, as the range of moments that it means.

    Days begin and end at midnight in `zone`. `position` is where `text` stands in the query.
    """
    comparison = _COMPARISON.fullmatch(text)
    if comparison is None:
        start, end = _period(text, position, zone)
        return _range(field, start, end)
    sign, date = comparison.groups()
    start, end = _period(date, position + len(sign), zone)
    match sign:
        case ">=":
            return _range(field, start, None)
        case ">":
            return _range(field, end, None)
        case "<":
            return _range(field, None, start)
        case _:
            return _range(field, None, end)


def date_range(field: str, text: str, position: int, zone: tzinfo) -> Query:
    """``[a TO b]`` with its brackets; square ones include the whole day, month or year."""
    inside = _RANGE.fullmatch(text, 1, len(text) - 1)
    if inside is None or inside[1] is inside[2] is None:
        raise QueryError(f"{text} is no range of dates", position, hint=_FORMS)
    start = end = None
    if inside[1] is not None:
        first = _period(inside[1], position + inside.start(1), zone)
        start = first[0] if text[0] == "[" else first[1]
    if inside[2] is not None:
        last = _period(inside[2], position + inside.start(2), zone)
        end = last[1] if text[-1] == "]" else last[0]
    if start is not None and end is not None and start >= end:
        raise QueryError(
            f"the range {text} holds no day: it ends before it begins",
            position,
            hint=f"the earlier date comes first: {field}:[{inside[2]} TO {inside[1]}]",
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


def _period(text: str, position: int, zone: tzinfo) -> tuple[datetime, datetime]:
    match = _DATE.fullmatch(text)
    if match is None or not text.isascii():
        raise QueryError(f"{text!r} is no date", position, hint=_FORMS)
    year, month, day = (int(part) if part else None for part in match.groups())
    assert year is not None
    if not _FIRST_YEAR <= year <= _LAST_YEAR:
        raise QueryError(
            f"{text!r} is outside the years {_FIRST_YEAR} to {_LAST_YEAR}", position, hint=_FORMS
        )
    try:
        start = datetime(year, month or 1, day or 1, tzinfo=zone)
    except ValueError as error:
        raise QueryError(f"there is no {text!r} ({error})", position, hint=_FORMS) from error
    if day is not None:
        end = start + timedelta(days=1)
    elif month is not None:
        end = start.replace(year=year + month // 12, month=month % 12 + 1)
    else:
        end = start.replace(year=year + 1)
    return start, end
