"""Numbers that are private: telephones, cards, national numbers, plates, passwords.

Each finder takes a text and gives what it found. A number that is known by its form or its check
digit is found wherever it stands; any other only after a word that says what it is.
"""

import re
from collections.abc import Callable, Iterator
from functools import cache
from typing import NamedTuple

from exports.requests._suggest_words import any_of, tables, words


class Found(NamedTuple):
    """What a finder found: its kind ("phone"), and the characters `start` up to `end`."""

    kind: str
    start: int
    end: int


Finder = Callable[[str], Iterator[Found]]

_NO = (
    r"(?:\s*(?:numbers?|no\.?|num\.?|número|id|\#|is|was|are|es|:|=|-|\u2013|(?:ending|ends)(?:\s+in)?"
    r"|\(?last\s+(?:four|4)\)?))*\s*[\"'“]?"
)
_NEAR = 60
_LABEL = 24
_LEAST_DIGITS = 7
_DASH = r"[\s.*\-\u2010-\u2015/]"
_EXTENSION = r"(?:\s?(?:x|ext\.?)\s?\d{1,6})?"
_LOCAL = re.compile(
    r"(?<![\w.\-/$#])(?<!\d\s)"
    rf"[2-9]\d\d[.\-\u2010-\u2015 ]\d{{4}}{_EXTENSION}(?![\w\-/%]|[.,]\d)"
)
_PLAIN = re.compile(
    rf"(?<![\w.\-/$])(?:\+?1{_DASH}?)?(?:\([2-9]\d\d\){_DASH}?|[2-9]\d\d{_DASH}?)"
    rf"[2-9]\d\d{_DASH}?\d{{4}}{_EXTENSION}(?!\w)",
    re.IGNORECASE,
)
_DIGITS = re.compile(r"(?<![\w\-])\d(?:[ \-]?\d){8,18}(?![\w\-])")
_SSN = re.compile(r"(?<![\w\-])\d{3}([\- \u2010-\u2015.])\d\d\1\d{4}(?![\w\-])")
_SOCIAL = re.compile(
    rf"\b(?:ssn|social(?:\s+security)?|soc\.?\s+sec\.?)\b{_NO}"
    r"((?:\d{3}[ \-.]?\d{2}[ \-.]?)?\d{4})\b",
    re.IGNORECASE,
)
_CARDS = re.compile(
    r"(?:3[47]\d{13}|3(?:0|6|8)\d{12}|4\d{12}(?:\d{3})?|5[1-5]\d{14}|2[2-7]\d{14}|6\d{15,18})\Z"
)
_IBAN = re.compile(r"(?<!\w)[A-Z]{2}\d\d(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?(?!\w)")
_CURP = re.compile(r"(?<!\w)[A-Z]{4}\d{6}[HM][A-Z]{5}[A-Z0-9]\d(?!\w)")
_NINO = re.compile(r"(?<!\w)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?\d\d ?\d\d ?\d\d ?[A-D](?!\w)")
_MEDICARE = re.compile(
    r"(?<!\w)[1-9][AC-HJKMNP-RT-Y][AC-HJKMNP-RT-Y0-9]\d-?[AC-HJKMNP-RT-Y][AC-HJKMNP-RT-Y0-9]\d-?"
    r"[AC-HJKMNP-RT-Y]{2}\d\d(?!\w)"
)
_FOREIGN = re.compile(r"(?<![\w+])00(?=[1-9])")
_DRIVER = re.compile(
    r"(?<!\w)[A-Z]\d{3}-\d{4}-\d{4}(?!\w)|(?<!\w)[A-Z]\d{3}-\d{3}-\d\d-\d{3}-\d(?!\w)|(?<!\w)[A-Z]\d{11}(?!\w)"
)
_PLATE = re.compile(
    r"(?<![\w\-])(?:[A-Z]{3}[\- ]?\d{3,4}|[A-Z]{2}[\- ]?\d{4,5}|\d{3}[\- ]?[A-Z]{3}"
    r"|[A-Z][\- ]?\d{6}|\d[A-Z]{3}\d{3})(?![\w\-])"
)


def luhn(text: str) -> bool:
    """Whether the digits of `text` end in the check digit of ISO/IEC 7812-1, as card numbers do."""
    from stdnum import luhn as check

    return bool(check.is_valid("".join(c for c in text if c.isdecimal())))


def social_numbers(text: str) -> Iterator[Found]:
    """Social Security numbers that can have been given out, and the last four digits of one."""
    from stdnum.us import ssn

    for match in _SSN.finditer(text):
        if ssn.is_valid("".join(filter(str.isdecimal, match[0]))):
            yield Found("ssn", *match.span())
    for match in _SOCIAL.finditer(text):
        yield Found("ssn", *match.span(1))


def national_numbers(text: str) -> Iterator[Found]:
    """Numbers by which states know people: tax, insurance and health numbers."""
    from stdnum.ca import sin
    from stdnum.gb import nhs
    from stdnum.mx import curp
    from stdnum.us import atin, itin

    for match in _SSN.finditer(text):
        digits = "".join(filter(str.isdecimal, match[0]))
        if digits[0] == "9" and (itin.is_valid(digits) or atin.is_valid(digits)):
            yield Found("national-id", *match.span())
    for match in _DIGITS.finditer(text):
        before = text[max(0, match.start() - _LABEL) : match.start()].lower()
        if (("sin" in before or "social insurance" in before) and sin.is_valid(match[0])) or (
            "nhs" in before and nhs.is_valid(match[0])
        ):
            yield Found("national-id", *match.span())
    for match in _CURP.finditer(text):
        if curp.is_valid(match[0]):
            yield Found("national-id", *match.span())
    for pattern in (_NINO, _MEDICARE):
        yield from (Found("national-id", *match.span()) for match in pattern.finditer(text))


def card_numbers(text: str) -> Iterator[Found]:
    """Payment cards, library cards and item barcodes by their check digits; IBANs."""
    from stdnum import iban

    for match in _DIGITS.finditer(text):
        digits = "".join(filter(str.isdecimal, match[0]))
        if not luhn(digits):
            continue
        library = len(digits) == 14 and digits[0] in "23"
        if _CARDS.match(digits) and (not library or _is_near(text, match, "payment")):
            yield Found("card", *match.span())
        elif library:
            yield Found("library-card" if digits[0] == "2" else "barcode", *match.span())
    for match in _IBAN.finditer(text):
        if iban.is_valid(match[0]):
            yield Found("account", *match.span())


def labelled_numbers(text: str) -> Iterator[Found]:
    """What a word before it says it is: "PIN: 4821", "library card 20114", "born 3/4/1988"."""
    for kind, pattern in _labelled():
        yield from (Found(kind, *match.span("number")) for match in pattern.finditer(text))


def plates_and_licences(text: str) -> Iterator[Found]:
    """Driver's licences in the forms of Illinois and Florida; what looks like a plate
    near a vehicle.
    """
    yield from (Found("driver-licence", *match.span()) for match in _DRIVER.finditer(text))
    for match in _PLATE.finditer(text):
        letters = re.sub(r"[^A-Z]", "", match[0]).lower()
        if letters not in words("numbers", "not_plates") and _is_near(text, match, "vehicle"):
            yield Found("licence-plate", *match.span())


def telephones(text: str) -> Iterator[Found]:
    """Telephone numbers, American and international, in any of the ways in which people write them.

    Ten digits in a row after a word for another number ("order") are none; seven digits are one
    when they are written as one, and not after such a word either.
    """
    if sum(map(str.isdecimal, text)) < _LEAST_DIGITS:
        return
    from phonenumbers import Leniency, PhoneNumberMatcher

    dialled = _FOREIGN.sub(" +", text)
    for found in PhoneNumberMatcher(dialled, "US", leniency=Leniency.VALID):
        start = found.start - (dialled[found.start] != text[found.start])
        if _may_be_telephone(text, start, found.raw_string):
            yield Found("phone", start, found.end)
    for pattern in (_PLAIN, _LOCAL):
        for match in pattern.finditer(text):
            if _may_be_telephone(text, match.start(), match[0]):
                yield Found("phone", *match.span())


def _may_be_telephone(text: str, start: int, number: str) -> bool:
    if number.startswith(("+", "(")):
        return True
    return not _not_telephone().search(text[max(0, start - _LABEL) : start])


@cache
def _not_telephone() -> re.Pattern[str]:
    """A word for another kind of number just before it, or a page range, a sum of money."""
    other = any_of(words("numbers", "not_telephone"))
    return re.compile(
        rf"(?:\b{other}s?\b[\s#:.\-]*(?:(?:no|number|num|is|was)\b\.?[\s#:]*)*|\bpp?\.\s*|\bpages?\s+|[$€£]\s?)\Z",
        re.IGNORECASE,
    )


def _is_near(text: str, match: re.Match[str], key: str) -> bool:
    """Whether any of a list of words stands within a few words of a match."""
    near = text[max(0, match.start() - _NEAR) : match.end() + _NEAR]
    return _any_word(key).search(near) is not None


@cache
def _any_word(key: str) -> re.Pattern[str]:
    return re.compile(rf"\b{any_of(words('numbers', key))}\b", re.IGNORECASE)


@cache
def _labelled() -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple(
        (
            one.text("kind"),
            re.compile(rf"(?i:\b{one.text('label')}{_NO})(?P<number>{one.text('number')})"),
        )
        for one in tables("labelled")
    )
