"""Redactions as an officer asks for them: which parts, under which exemption."""

from collections.abc import Callable, Collection, Iterable, Mapping

from archive import Sealed
from archive.errors import UsageError
from exports.requests._redaction import (
    parts_of_author,
    parts_of_field,
    parts_of_span,
    parts_with_text,
)
from exports.requests._suggest import Refusals, suggestions
from exports.requests._suggest_rules import KINDS, SuggestionRules

Mark = Callable[[Sealed], Mapping[int, str]]
"""A redaction: the parts of a sealed half to hide, each with its exemption code."""


def mark_text(literal: str, code: str) -> Mark:
    """Every occurrence of a text."""
    return lambda sealed: dict.fromkeys(parts_with_text(sealed, literal), code)


def mark_author(code: str) -> Mark:
    """The author, and every part that repeats the author's name or handle."""
    return lambda sealed: dict.fromkeys(parts_of_author(sealed), code)


def mark_field(name: str, code: str) -> Mark:
    """A field ("url") or a group of fields ("attachment/0")."""
    return lambda sealed: dict.fromkeys(parts_of_field(sealed, name), code)


def mark_span(start: int, end: int, code: str) -> Mark:
    """The words of the text that hold any of its characters `start` up to `end`."""
    return lambda sealed: dict.fromkeys(parts_of_span(sealed, start, end), code)


def mark_parts(parts: Iterable[int], code: str) -> Mark:
    """Parts that are known already, of the one version that they were found in."""
    wanted = dict.fromkeys(parts, code)
    return lambda _: wanted


def mark_suggested(
    rules: SuggestionRules,
    kinds: Collection[str] = (),
    code: str = "",
    refused: Refusals = frozenset(),
) -> Mark:
    """What seems private, each under the exemption that is usual for its kind, or under `code`.

    `kinds` names the kinds that are meant, or none for all. UsageError for an unknown one; the mark
    raises it for one that is found and has no usual exemption.
    """
    codes = {kind: code or rules.code(kind) for kind in kinds or KINDS}

    def mark(sealed: Sealed) -> Mapping[int, str]:
        found = [one for one in suggestions(sealed, rules, refused) if one.kind in codes]
        for one in found:
            if not codes[one.kind]:
                raise UsageError(
                    f"no exemption is usual for {one.kind} under this act",
                    hint="name one with --exemption; muniment request exemptions lists them",
                )
        return {part: codes[one.kind] for one in found for part in one.parts}

    return mark
