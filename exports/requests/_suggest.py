"""Private information that a record seems to hold: suggestions for a person to judge.

They lean towards finding too much: a missed telephone number is worse than a suggested page range.
How much is found and how much of it rightly is measured (`benchmarks/suggestions.py`).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from archive import Sealed
from exports.requests._fields import Field, fields
from exports.requests._redaction import parts_of_author
from exports.requests._suggest_addresses import e_mail_addresses, street_addresses
from exports.requests._suggest_numbers import (
    Finder,
    card_numbers,
    labelled_numbers,
    national_numbers,
    plates_and_licences,
    social_numbers,
    telephones,
)
from exports.requests._suggest_patrons import patrons
from exports.requests._suggest_rules import SuggestionRules

# The first that finds a text keeps it.
_FINDERS: tuple[Finder, ...] = (
    e_mail_addresses,
    social_numbers,
    national_numbers,
    card_numbers,
    labelled_numbers,
    plates_and_licences,
    telephones,
    street_addresses,
)
_SEARCHED = re.compile(
    r"(shared/)?text|title|removal_reason|author/name|location|poll/\d+/answer|attachment/\d+/(alt|name)"
)
_TOLD = re.compile(r"text|title")


Refusals = frozenset[tuple[bytes, str, int, int]]
"""Suggestions that a person refused: commitment of the version, field, first character, end."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Found private information.

    `kind` is "phone" and the like, `text` what would be hidden, `parts` the parts that hold it.
    `start` and `end` count the characters of `field` that gave it away.
    """

    kind: str
    text: str
    parts: frozenset[int]
    field: str
    start: int
    end: int


def suggestions(
    sealed: Sealed, rules: SuggestionRules, refused: Refusals = frozenset()
) -> list[Suggestion]:
    """What seems to be private in a record and was not refused, in the order of its fields."""
    found = list[Suggestion]()
    for field in fields(sealed):
        if _SEARCHED.fullmatch(field.name):
            found += sorted(_in_field(field, rules), key=lambda one: one.start)
        if _TOLD.fullmatch(field.name):
            found += _patrons(sealed, field)
    if not refused:
        return found
    key = sealed.commitment
    return [one for one in found if (key, one.field, one.start, one.end) not in refused]


def _in_field(field: Field, rules: SuggestionRules) -> Iterator[Suggestion]:
    taken: list[tuple[int, int]] = []
    for finder in (rules.own_numbers, *_FINDERS):
        for kind, start, end in finder(field.text):
            if any(start < b and a < end for a, b in taken):
                continue
            taken.append((start, end))
            text = field.text[start:end]
            if not rules.is_public(text):
                yield Suggestion(kind, text, field.parts(start, end), field.name, start, end)


def _patrons(sealed: Sealed, field: Field) -> Iterator[Suggestion]:
    """Who is named is hidden where named; a patron who writes is hidden as the author."""
    writer = False
    for start, end, of_author in patrons(field.text):
        text, parts = field.text[start:end], field.parts(start, end)
        if of_author:
            text = sealed.text("author/name") or sealed.get("author/handle") or ""
            parts = parts_of_author(sealed)
            if writer or not text:
                continue
            writer = True
        yield Suggestion("patron", text, parts, field.name, start, end)
