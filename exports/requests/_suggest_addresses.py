"""Where somebody can be reached: e-mail addresses and street addresses."""

import re
from collections.abc import Iterator
from functools import cache

from exports.requests._suggest_numbers import Found
from exports.requests._suggest_words import any_of, words

_AT = r"(?:@|\s?[\[({]\s?at\s?[\])}]\s?)"
_DOT = r"(?:\.|\s?[\[({]\s?dot\s?[\])}]\s?)"
_EMAIL = re.compile(
    rf"(?<![\w@.+%\-])[\w+%\-']+(?:\.[\w+%\-]+)*{_AT}[\w\-]+(?:{_DOT}[\w\-]+)+"
    r"|(?<![\w@])[\w.+%\-]+ at [\w\-]+ dot (?:com|org|net|edu|gov|us|info)\b",
    re.IGNORECASE,
)
_BOX = re.compile(r"\b(?:p\.?\s?o\.?\s?|(?:rr\s?)\#?\d+,?\s+)box\s+\#?\d+\b", re.IGNORECASE)
_HOUSE = (
    r"(?<![\w.,$\-/:#])"
    r"(?:\d{1,6}[A-Za-z]?(?:-\d{1,4})?(?:\s?½|\s1/2)?|[NSEW]?\d{1,3}[NSEW]\d{1,5})"
)
_WAY = r"(?:[NSEW]\.?|[NS][EW]\.?|North|South|East|West|Northeast|Northwest|Southeast|Southwest)"
_NAME = r"[\w'’.\-]+"
_CITY = (
    r"(?:,?\s+(?-i:[A-Z][a-z]+(?:\s[A-Z][a-z]+){0,2}),?"
    r"\s+(?-i:[A-Z]{2})\b(?:\s+\d{5}(?:-\d{4})?)?)"
)
_LONG_HOUSE = 3
_YEAR = re.compile(r"\b(?:in|since|by)\s+(?=(?:19|20)\d\d\Z)", re.IGNORECASE)
_ROAD = re.compile(
    rf"{_HOUSE}\s+(?:{_WAY}\s+)?(?:county\s+r(?:oa)?d|co\.?\s+rd|highway|hwy|state\s+route)\.?\s+\d{{1,4}}"
    rf"[a-z]?(?:\s+{_WAY}(?!\w))?",
    re.IGNORECASE,
)
_ELSEWHERE = re.compile(
    r"(?<!\w)(?:Calle|Avenida|Av\.)\s+(?:[A-ZÁÉÍÓÚÑ]\w*|\d+)(?:\s+[A-ZÁÉÍÓÚÑ]\w*)?,?\s+\#?\d+\b"
    r"|\b[A-ZÄÖÜ][a-zäöüß]+(?:straße|strasse|gasse|platz)\s+\d+[a-z]?\b"
    r"|\b\d+,?\s+[Rr]ue\s+(?:de\s+la\s+|du\s+|des\s+|de\s+|d['’])?[A-Z]\w+"
)


def e_mail_addresses(text: str) -> Iterator[Found]:
    """E-mail addresses, also "jane (at) example (dot) org"."""
    yield from (Found("email", *match.span()) for match in _EMAIL.finditer(text))


def street_addresses(text: str) -> Iterator[Found]:
    """House number and street, with flat, town and ZIP code if they follow; post-office boxes."""
    yield from (Found("address", *match.span()) for match in _BOX.finditer(text))
    for pattern in (_ROAD, _ELSEWHERE):
        yield from (Found("address", *match.span()) for match in pattern.finditer(text))
    for match in _street().finditer(text):
        if _is_address(match) and not _YEAR.search(text[: match.end("house")]):
            yield Found("address", *match.span())
    yield from (Found("address", *match.span("at")) for match in _told().finditer(text))


def _is_address(match: re.Match[str]) -> bool:
    name, street, house = match["name"].split(), match["street"], match["house"]
    if any(word.lower().strip(".") in words("address", "never") for word in name):
        return False
    if all(word[0].isupper() or word[0].isdecimal() for word in name) and street[0].isupper():
        return True
    digits = sum(map(str.isdecimal, house))
    return street.lower() not in words("address", "loose") and (
        len(name) == 1 or digits >= _LONG_HOUSE
    )


@cache
def _told() -> re.Pattern[str]:
    """A number and a name, after words that say that an address follows."""
    name = r"(?:[A-Z][\w'’\-]*|[Tt]he|of|[Dd]e|la)"
    return re.compile(
        rf"\b(?i:{any_of(words('address', 'before'))})\s+(?P<at>{_HOUSE}(?:\s+{name}){{1,4}})"
    )


@cache
def _street() -> re.Pattern[str]:
    streets = any_of(words("address", "streets") | words("address", "loose"))
    units = any_of(words("address", "units"))
    return re.compile(
        rf"(?P<house>{_HOUSE})\s+(?:block\s+of\s+)?(?:{_WAY}\s+)?(?P<name>{_NAME}(?:\s+{_NAME}){{0,2}}?)\s+(?P<street>{streets})\b\.?(?:\s+{streets}\b\.?)?"
        rf"(?:\s+{_WAY}(?!\w))?(?:,?\s+(?:{units}\.?\s*)+[\w\-]+)?{_CITY}?",
        re.IGNORECASE,
    )
