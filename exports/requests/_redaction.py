"""Which parts a redaction hides. Pure: every function takes a sealed half and gives part indices.

Hiding is by whole parts, so that what is shown can still be verified against the commitment. A
text is found however it is capitalised, spaced or normalised, and within longer words too: in
doubt more is hidden than asked for, and the officer is shown what.
"""

import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping
from itertools import groupby

from archive import Sealed
from archive.errors import UsageError
from exports._production import INTERNAL
from exports.requests._fields import Field, fields

_PUBLIC = re.compile(
    r"((shared/)?text|title|removal_reason)(/\d+)?|(shared/)?(author/(name|handle)|url|occurred_at)"
    r"|(edited|removed)_at|time_zone|removed_by|location|language|visibility|status"
    r"|attachment/\d+/(name|type|alt|url|sha256|missing)"
    r"|poll/\d+/answer|observed/(poll/\d+/votes|reactions/.+)"
)
_AUTHOR = re.compile(r"author/.*|url|native_id")
_GAP = r"(?:[\s_+\-]|%20)+"
_SHORTEST_NAME = 3


def internal_parts(sealed: Sealed, *, raw: bool = False) -> dict[int, str]:
    """The parts that never leave, under the code `INTERNAL`: all that are not known to be public.

    `raw` repeats every word of the record, so it leaves only when asked for.
    """
    return {
        index: INTERNAL
        for index, path in enumerate(sealed.paths)
        if not (_PUBLIC.fullmatch(path) or (raw and path == "raw"))
    }


def parts_of_field(sealed: Sealed, name: str) -> frozenset[int]:
    """The parts of a field ("url") or a group of fields ("author", "attachment/0")."""
    return frozenset(
        index
        for index, path in enumerate(sealed.paths)
        if path == name or path.startswith(name.rstrip("/") + "/")
    )


def parts_of_span(sealed: Sealed, start: int, end: int, name: str = "text") -> frozenset[int]:
    """The parts that hold any of the characters `start` up to `end` of a field.

    UsageError when the field has no such characters.
    """
    found = next((field for field in fields(sealed) if field.name == name), None)
    length = len(found.text) if found else 0
    if found is None or not 0 <= start < end <= length:
        raise UsageError(
            f"{name} has no characters {start}:{end}", hint=f"it has {length}, counted from 0"
        )
    return found.parts(start, end)


def parts_with_text(sealed: Sealed, literal: str) -> frozenset[int]:
    """The parts that hold any of a literal text, wherever it occurs."""
    return _matching(sealed, _pattern(literal))


def parts_of_author(sealed: Sealed) -> frozenset[int]:
    """The author's fields, what leads to the author, and every part that repeats name or handle."""
    own = {i for i, path in enumerate(sealed.paths) if _AUTHOR.fullmatch(path)}
    return frozenset(own).union(
        *(_matching(sealed, _whole(literal)) for literal in author_names(sealed))
    )


def author_names(sealed: Sealed) -> tuple[str, ...]:
    """How a text may name the author: full name, handle, the handle's first part after an @."""
    name, handle, short = _author(sealed)
    return tuple(dict.fromkeys(filter(None, (name, handle, short and f"@{short}"))))


def author_words_left(sealed: Sealed, hidden: Collection[int]) -> tuple[str, ...]:
    """Words of the author's name that are still shown; they may be innocent, so they only warn."""
    name, _, short = _author(sealed)
    words = {word for word in re.findall(r"\w+", f"{name} {short}") if len(word) >= _SHORTEST_NAME}
    shown = shown_texts(sealed, hidden)
    return tuple(sorted(word for word in words if any(_whole(word).search(text) for text in shown)))


def _author(sealed: Sealed) -> tuple[str, str, str]:
    """The author's name, handle, and the first part of the handle: "janeroe" of janeroe@host."""
    handle = (sealed.get("author/handle") or "").strip().lstrip("@")
    return sealed.text("author/name").strip(), handle, re.split(r"[@.]", handle, maxsplit=1)[0]


def repeated(sealed: Sealed, hidden: Mapping[int, str]) -> tuple[str, ...]:
    """Hidden texts that can still be read elsewhere among the shown parts."""
    shown = shown_texts(sealed, hidden)
    exempt = {index for index, code in hidden.items() if code != INTERNAL}
    runs = {run.strip(" \t\r\n.,;:!?()[]\"'") for run in _runs(sealed, exempt)}
    return tuple(
        sorted(run for run in runs if run and any(_whole(run).search(text) for text in shown))
    )


def shown_texts(sealed: Sealed, hidden: Collection[int]) -> list[str]:
    """What can be read: the shown parts, those that stand side by side in a field joined."""
    return list(_runs(sealed, set(range(len(sealed))).difference(hidden)))


def _runs(sealed: Sealed, wanted: Collection[int]) -> Iterable[str]:
    values = sealed.values
    for field in fields(sealed):
        for is_wanted, run in groupby(field.indices(), key=lambda index: index in wanted):
            if is_wanted:
                yield b"".join(values[index] for index in run).decode(errors="replace")


def _matching(sealed: Sealed, pattern: re.Pattern[str]) -> frozenset[int]:
    return frozenset[int]().union(*(_in_field(field, pattern) for field in fields(sealed)))


def _in_field(field: Field, pattern: re.Pattern[str]) -> frozenset[int]:
    """Overlapping occurrences count too: "anana" stands twice in "bananana"."""
    found: frozenset[int] = frozenset()
    at = 0
    while match := pattern.search(field.text, at):
        found |= field.parts(*match.span())
        at = match.start() + 1
    return found


def _pattern(literal: str) -> re.Pattern[str]:
    """The literal in any case, spacing and Unicode normal form; in an address too (jane-roe)."""
    if not literal.strip():
        raise UsageError("there is no text to redact")
    forms = {unicodedata.normalize(form, literal.strip()) for form in ("NFC", "NFD")}
    spelled = {_GAP.join(map(re.escape, form.split())) for form in forms | {literal.strip()}}
    return re.compile("|".join(sorted(spelled)), re.IGNORECASE)


def _whole(literal: str) -> re.Pattern[str]:
    """The same, but not within a longer word."""
    return re.compile(rf"(?<!\w)(?:{_pattern(literal).pattern})(?!\w)", re.IGNORECASE)
