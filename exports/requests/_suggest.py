"""Private information that a text seems to hold: suggestions for a person to judge.

They lean towards finding too much: a missed telephone number is worse than a suggested page range.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from archive import Sealed
from exports.requests._fields import Field, fields

_SEPARATOR = r"[\s.\-\u2010-\u2015/]"
_EXTENSION = r"(?:\s?(?:x|ext\.?)\s?\d{1,6})?"
_AREA = rf"(?:\+?1{_SEPARATOR}?)?(?:\([2-9]\d\d\)\s?|[2-9]\d\d{_SEPARATOR}?)"
_PHONE = (
    rf"(?<![\w.\-])(?:{_AREA}[2-9]\d\d{_SEPARATOR}?\d{{4}}{_EXTENSION}"
    rf"|[2-9]\d\d[.\-\u2010-\u2015]\d{{4}}{_EXTENSION}"
    rf"|\+\d{{1,3}}(?:{_SEPARATOR}?\(?\d{{1,4}}\)?){{2,6}})(?!\d)"
)
_AT = r"(?:@|\s?[\[(]\s?at\s?[\])]\s?)"
_DOT = r"(?:\.|\s?[\[(]\s?dot\s?[\])]\s?)"
_EMAIL = rf"(?<![\w@.+%\-])[\w+%\-]+(?:\.[\w+%\-]+)*{_AT}[\w\-]+(?:{_DOT}[\w\-]+)+"
_SSN = r"(?<![\d\-])(?!000|666|9\d\d)\d{3}[\- ]\d\d[\- ]\d{4}(?![\d\-])"
_LIBRARY_CARD = r"(?<!\d)2(?:[ \-]?\d){13}(?!\d)"
_CARD = r"(?<!\d)\d(?:[ \-]?\d){12,18}(?!\d)"


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Found private information: its kind ("phone"), the text, and the parts that hold it."""

    kind: str
    text: str
    parts: frozenset[int]


def luhn(text: str) -> bool:
    """Whether the digits of `text` end in the check digit of ISO/IEC 7812-1, as card numbers do."""
    digits = [int(c) for c in reversed(text) if c.isdecimal()]
    doubled = (sum(divmod(2 * digit, 10)) for digit in digits[1::2])
    return (sum(digits[::2]) + sum(doubled)) % 10 == 0


def _always(_: str) -> bool:
    return True


# The first kind that finds a text keeps it.
_KINDS: tuple[tuple[str, re.Pattern[str], Callable[[str], bool]], ...] = (
    ("email", re.compile(_EMAIL, re.IGNORECASE), _always),
    ("ssn", re.compile(_SSN), _always),
    ("library-card", re.compile(_LIBRARY_CARD), luhn),
    ("card", re.compile(_CARD), luhn),
    ("phone", re.compile(_PHONE, re.IGNORECASE), _always),
)
_SEARCHED = re.compile(
    r"(shared/)?text|title|removal_reason|author/name|location|poll/\d+/answer|attachment/\d+/(alt|name)"
)


def suggestions(sealed: Sealed) -> list[Suggestion]:
    """What seems to be private in a record, in the order of its parts."""
    found = [s for f in fields(sealed) if _SEARCHED.fullmatch(f.name) for s in _in_field(f)]
    return sorted(found, key=lambda suggestion: min(suggestion.parts))


def _in_field(field: Field) -> Iterator[Suggestion]:
    taken: list[tuple[int, int]] = []
    for kind, pattern, holds in _KINDS:
        for match in pattern.finditer(field.text):
            start, end = match.span()
            if holds(match[0]) and not any(start < b and a < end for a, b in taken):
                taken.append((start, end))
                yield Suggestion(kind, match[0], field.parts(start, end))
