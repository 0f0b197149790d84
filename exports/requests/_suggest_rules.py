"""Which exemption covers what is suggested, and what a body adds: numbers of its own, and its own
addresses that are no secret.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from archive.errors import StorageError, UsageError
from exports.requests._data import Table, parse_toml
from exports.requests._suggest_numbers import Found

SUGGESTIONS_FILE = "suggestions.toml"
"""What a body adds, in the folder of its archive."""

KINDS: Mapping[str, str] = {
    "phone": "private",
    "email": "private",
    "address": "private",
    "ssn": "private",
    "national-id": "private",
    "driver-licence": "private",
    "licence-plate": "private",
    "card": "private",
    "account": "private",
    "employee-id": "private",
    "password": "private",
    "birth-date": "private",
    "library-card": "library",
    "barcode": "library",
    "patron": "library",
}
"""Every kind, and the group whose exemption counts where an act names none for the kind itself."""

_SHAPE = {"#": r"\d", "@": "[A-Za-z]", " ": r"[\s\-]?"}
_LEAST = 4


@dataclass(frozen=True, slots=True)
class SuggestionRules:
    """The exemption of each kind, the body's own shapes of numbers, what it publishes itself."""

    codes: Mapping[str, str]
    shapes: tuple[tuple[str, re.Pattern[str]], ...] = ()
    public: frozenset[str] = frozenset()

    def code(self, kind: str) -> str:
        """The code that usually exempts a kind, "" where the act's rules name none.

        UsageError names the kinds when there is no such kind.
        """
        if kind not in KINDS:
            raise UsageError(f"nothing of the kind {kind} is suggested", hint=", ".join(KINDS))
        return self.codes.get(kind) or self.codes.get(KINDS[kind], "")

    def own_numbers(self, text: str) -> Iterator[Found]:
        """The numbers that have one of the body's own shapes."""
        for kind, pattern in self.shapes:
            yield from (Found(kind, *match.span()) for match in pattern.finditer(text))

    def is_public(self, text: str) -> bool:
        """Whether the body publishes this itself, however it is written."""
        return _plain(text) in self.public


def load_suggestion_rules(codes: Mapping[str, str], folder: Path | None) -> SuggestionRules:
    """An act's exemptions for what is suggested, with what the body adds in `suggestions.toml`.

    A `[[pattern]]` there has a kind and a shape: # is a digit, @ a letter, a space may be left out,
    anything else stands for itself. `public` lists what is no secret. UsageError for anything else.
    """
    if unknown := codes.keys() - KINDS.keys() - set(KINDS.values()):
        raise UsageError(f"the act names exemptions for {', '.join(sorted(unknown))}")
    path = folder / SUGGESTIONS_FILE if folder else None
    if path is None or not path.exists():
        return SuggestionRules(codes)
    try:
        content = path.read_bytes()
    except OSError as error:
        raise StorageError(f"{path} cannot be read ({error.strerror})") from error
    table = Table(parse_toml(content, str(path)), str(path))
    shapes = tuple(_shape(one, str(path)) for one in table.tables("pattern"))
    return SuggestionRules(codes, shapes, frozenset(map(_plain, table.texts("public"))))


def _shape(table: Table, where: str) -> tuple[str, re.Pattern[str]]:
    kind, shape = table.text("kind"), table.text("shape")
    if kind not in KINDS:
        raise UsageError(f"{where}: there is no kind {kind}", hint=", ".join(KINDS))
    if sum(c in "#@" for c in shape) < _LEAST:
        raise UsageError(
            f"{where}: the shape {shape!r} would fit everything",
            hint=f"give at least {_LEAST} places, # for a digit, @ for a letter: P#######",
        )
    pattern = "".join(_SHAPE.get(c) or re.escape(c) for c in shape.strip())
    return kind, re.compile(rf"(?<!\w){pattern}(?!\w)", re.IGNORECASE)


def _plain(text: str) -> str:
    return re.sub(r"[\s.,;:()\-\u2010-\u2015]+", "", text).casefold()
