"""What a date in a query can be, in ISO's form or in English: a period of whole days, or an error.

Words that can be taken in two ways (``last week``, ``03/04/2025``, ``monday``) are refused with the
readings; nothing is ever chosen for whoever asks.
"""

import difflib
import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import NamedTuple

FORMS = (
    "dates are written 2025, 2025-03 or 2025-03-31, ranges [2025-01-01 TO 2025-03-31]; "
    'or "march 2025", "2025 q1", yesterday, "last month", "last 30 days"'
)
FIRST_YEAR, LAST_YEAR = 1900, 2199

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = (
    "jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    "|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?"
)
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_VOCABULARY = (
    *(
        "today",
        "yesterday",
        "last",
        "this",
        "day",
        "days",
        "weeks",
        "month",
        "quarter",
        "year",
        "ago",
    ),
    *("january", "february", "march", "april", "june", "july", "august", "september", "october"),
    *("november", "december", *_DAYS),
)
_FILLING = re.compile(r"[\s,._\-]+|\b(?:of|the|on|in)\b", re.ASCII)
_LETTER = re.compile("[A-Za-z]")
_COUNTS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_COUNTED = re.compile(rf"\b({'|'.join(_COUNTS)})(?= (?:day|week|month|quarter|year)s?\b)")
_ORDINALS = {"first": 1, "second": 2, "third": 3, "fourth": 4}


class Period(NamedTuple):
    """Days from `first` up to the day before `after`."""

    first: date
    after: date


class Unreadable(Exception):
    """A text that is no period, or not only one; the hint says what to write instead."""

    def __init__(self, message: str, hint: str = FORMS) -> None:
        super().__init__(message)
        self.hint = hint


def period(text: str, today: date | None) -> Period:
    """The days that `text` means when it is asked for on the day `today`.

    Without it, what depends on the day is refused. Raises Unreadable.
    """
    found = None
    if text.isascii():
        plain = text.strip().lower()
        if _LETTER.search(plain):
            plain = " ".join(_FILLING.sub(" ", plain).split())
            plain = _COUNTED.sub(lambda count: str(_COUNTS.index(count[1]) + 1), plain)
        found = _fixed(text, plain) or _relative(text, plain, today)
    if found is None:
        meant = _corrected(text)
        like = f'did you mean "{meant}"? ' if meant != text else ""
        raise Unreadable(f"{text!r} is no date", like + FORMS)
    if not FIRST_YEAR <= found.first.year <= LAST_YEAR:
        raise Unreadable(f"{text!r} is outside the years {FIRST_YEAR} to {LAST_YEAR}")
    return found


def _fixed(text: str, plain: str) -> Period | None:
    for pattern, read in _FIXED:
        match = pattern.fullmatch(plain)
        if match:
            try:
                return read(match)
            except ValueError as error:
                raise Unreadable(f"there is no {text!r} ({error})") from error
    return None


def _relative(text: str, plain: str, today: date | None) -> Period | None:
    for pattern, read in _RELATIVE:
        match = pattern.fullmatch(plain)
        if match is None:
            continue
        if today is None:
            raise Unreadable(f"{text!r} is another day tomorrow", "write the date itself")
        try:
            return read(match, today)
        except (OverflowError, ValueError) as error:
            raise Unreadable(f"{text!r} is too long ago") from error
    return None


def _corrected(text: str) -> str:
    """`text` with every word that is nearly one of a date's."""
    return re.sub("[A-Za-z]{3,}", lambda word: _nearest(word[0]), text)


def _nearest(word: str) -> str:
    if re.fullmatch(_MONTH, word.lower()):
        return word
    return next(iter(difflib.get_close_matches(word.lower(), _VOCABULARY, 1, 0.75)), word)


def _day(year: int, month: int, day: int) -> Period:
    first = date(year, month, day)
    return Period(first, first + timedelta(days=1))


def _months(year: int, month: int, count: int = 1) -> Period:
    """As many whole months; `month` may lie outside of 1 to 12, counted on or back from `year`."""
    return Period(_first(year, month), _first(year, month + count))


def _first(year: int, month: int) -> date:
    return date(year + (month - 1) // 12, (month - 1) % 12 + 1, 1)


def _number(month: str) -> int:
    return _MONTHS.index(month[:3]) + 1


def _iso(match: re.Match[str]) -> Period:
    year, month, day = (int(part) if part else None for part in match.groups())
    assert year is not None
    if month is None:
        return _months(_known(year), 1, 12)
    return _months(*_exact(year, month)) if day is None else _day(year, month, day)


def _exact(year: int, month: int) -> tuple[int, int]:
    _known(year)
    date(year, month, 1)
    return year, month


def _known(year: int) -> int:
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise Unreadable(f"{year:04} is outside the years {FIRST_YEAR} to {LAST_YEAR}")
    return year


def _short_iso(match: re.Match[str]) -> Period:
    year, month, day = map(int, match.groups())
    (meant, _) = _day(year, month, day)
    raise Unreadable(f"{match[0]!r} is no date", f"write {meant}")


def _with_time(match: re.Match[str]) -> Period:
    year, month, day, moment = match.groups()
    (meant, _) = _day(int(year), int(month), int(day))
    raise Unreadable(
        f"{moment!r} is a time of day, and only days can be asked for", f"write {meant}"
    )


def _numbers(match: re.Match[str]) -> Period:
    """``03/04/2025``: the month comes first for some, the day for others."""
    one, two, year = (int(part) for part in match.groups())
    year += 2000 if year < 100 else 0
    readings: list[str] = []
    for month, day in ((one, two), (two, one)):
        try:
            readings.append(str(date(year, month, day)))
        except ValueError:
            continue
    if len(set(readings)) == 2:
        raise Unreadable(
            f"{match[0]!r} can be read as {readings[0]} and as {readings[1]}",
            f"write {readings[0]} (month first) or {readings[1]} (day first)",
        )
    raise Unreadable(f"{match[0]!r} is no date", f"write {readings[0]}" if readings else FORMS)


def _quarter(match: re.Match[str]) -> Period:
    number = next(part for part in match.group("a", "b", "c") if part)
    quarter = _ORDINALS.get(number) or int(number[0])
    if not 1 <= quarter <= 4:
        raise Unreadable(f"there is no quarter {quarter}", "the quarters are q1 to q4")
    return _months(_known(int(match["y"] or match["z"])), 3 * quarter - 2, 3)


def _month(match: re.Match[str]) -> Period:
    return _months(_known(int(match["y"] or match["z"])), _number(match["m"] or match["n"]))


def _day_of_month(match: re.Match[str]) -> Period:
    name = match["m"] or match["n"] or match["o"]
    day = match["d"] or match["e"] or match["f"]
    return _day(int(match["y"] or match["z"]), _number(name), int(day))


_YEAR = r"[0-9]{4}"
_NTH = r"[0-9]{1,2}(?=st|nd|rd|th|\b)"
_TH = r"(?:st|nd|rd|th)?"
_FIXED: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], Period]], ...] = (
    (re.compile(r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?"), _iso),
    (re.compile(r"([0-9]{4})[-/.]([0-9]{1,2})[-/.]([0-9]{1,2})"), _short_iso),
    (re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})"), _short_iso),
    (re.compile(r"([0-9]{4})[- ]([0-9]{2})[- ]([0-9]{2})[t ]+([0-9]{1,2}:.*)"), _with_time),
    (re.compile(r"([0-9]{1,2})[-/.]([0-9]{1,2})[-/.]([0-9]{4}|[0-9]{2})"), _numbers),
    (
        re.compile(
            rf"(?P<y>{_YEAR}) ?q ?(?P<a>[0-9])"
            rf"|(?:q ?(?P<b>[0-9])|(?P<c>[1-4](?:st|nd|rd|th)|{'|'.join(_ORDINALS)}) quarter)"
            rf" (?P<z>{_YEAR})"
        ),
        _quarter,
    ),
    (re.compile(rf"(?P<m>{_MONTH}) (?P<y>{_YEAR})|(?P<z>{_YEAR}) (?P<n>{_MONTH})"), _month),
    (
        re.compile(
            rf"(?:(?P<m>{_MONTH}) (?P<d>{_NTH}){_TH}|(?P<e>{_NTH}){_TH} (?P<n>{_MONTH}))"
            rf" (?P<y>{_YEAR})|(?P<z>{_YEAR}) (?P<o>{_MONTH}) (?P<f>{_NTH}){_TH}"
        ),
        _day_of_month,
    ),
)


def _near_day(match: re.Match[str], today: date) -> Period:
    first = today - timedelta(days=1) if match[0] == "yesterday" else today
    return Period(first, first + timedelta(days=1))


def _days_ago(match: re.Match[str], today: date) -> Period:
    first = today - timedelta(days=int(match[1]))
    return Period(first, first + timedelta(days=1))


def _last_days(match: re.Match[str], today: date) -> Period:
    days = int(match[1]) * (7 if match[2].startswith("week") else 1)
    if days < 1:
        raise Unreadable(f"{match[0]!r} holds no day")
    after = today + timedelta(days=1)
    return Period(after - timedelta(days=days), after)


def _calendar(match: re.Match[str], today: date) -> Period:
    """The present or the last month, quarter or year of the calendar."""
    count = _LENGTH[match[2]]
    start = (today.month - 1) // count * count + 1
    return _months(today.year, start if match[1] == "this" else start - count, count)


_LENGTH = {"month": 1, "quarter": 3, "year": 12}


def _week(match: re.Match[str], today: date) -> Period:
    back = 0 if match[1] == "this" else 7
    monday = today - timedelta(days=today.weekday() + back)
    sunday = today - timedelta(days=(today.weekday() + 1) % 7 + back)
    raise Unreadable(
        f"{match[0]!r}: weeks begin on Sunday for some, on Monday for others",
        f"write {_span(sunday, sunday + timedelta(days=6))}, "
        f'{_span(monday, monday + timedelta(days=6))} or "last 7 days"',
    )


def _past(match: re.Match[str], today: date) -> Period:
    """``last 3 months``: of the calendar, or back from today."""
    number = int(match[1] or 1)
    count = number * _LENGTH[match[2].removesuffix("s")]
    step = _LENGTH[match[2].removesuffix("s")]
    start = (today.month - 1) // step * step + 1
    whole = _months(today.year, start - count, count)
    back = _first(today.year, today.month - count)
    same = min(today.day, (_first(back.year, back.month + 1) - back).days)
    raise Unreadable(
        f"{match[0]!r} can be whole ones, or back from today",
        f"write {_span(whole.first, whole.after - timedelta(days=1))} or "
        f"{_span(back.replace(day=same) + timedelta(days=1), today)}",
    )


def _weekday(match: re.Match[str], today: date) -> Period:
    back = (today.weekday() - _DAYS.index(match[1])) % 7
    latest = today - timedelta(days=back)
    raise Unreadable(
        f"{match[0]!r} does not say which",
        f"write {latest} or {latest - timedelta(days=7)}",
    )


def _no_year(match: re.Match[str], today: date) -> Period:
    year = today.year if _number(match[1] or match[2]) <= today.month else today.year - 1
    raise Unreadable(f"{match[0]!r} does not say which year", f'write "{match[0]} {year}"')


def _long_ago(match: re.Match[str], today: date) -> Period:
    count = int(match[1]) if match[1].isdecimal() else 1
    days = count * _ABOUT[match[2]]
    day = today - timedelta(days=days)
    raise Unreadable(
        f"{match[0]!r} is not one day",
        f'write "{days} days ago" or {day} for the day, >={day} for all since',
    )


_ABOUT = {"hour": 1, "week": 7, "month": 30, "quarter": 91, "year": 365}


def _span(first: date, last: date) -> str:
    return f"[{first} TO {last}]"


_RELATIVE: tuple[tuple[re.Pattern[str], Callable[[re.Match[str], date], Period]], ...] = (
    (re.compile("today|yesterday"), _near_day),
    (re.compile("([0-9]{1,5}) days? ago"), _days_ago),
    (re.compile("(?:last|past) ([0-9]{1,5}) (days?|weeks?)"), _last_days),
    (re.compile("(this|last|previous) (month|quarter|year)"), _calendar),
    (re.compile("(this|last|previous|past) week"), _week),
    (re.compile("(?:last|past|previous) ([0-9]{1,4}) (months?|quarters?|years?)"), _past),
    (re.compile("past ()(month|quarter|year)"), _past),
    (re.compile(f"(?:(?:last|this|past) )?({'|'.join(_DAYS)})"), _weekday),
    (
        re.compile(rf"({_MONTH})(?: {_NTH}{_TH})?|{_NTH}{_TH} ({_MONTH})"),
        _no_year,
    ),
    (re.compile("([0-9]{1,4}|an?) (hour|week|month|quarter|year)s? ago"), _long_ago),
)
