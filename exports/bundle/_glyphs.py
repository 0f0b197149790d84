"""Characters that the letter's fonts do not have, and what stands in their place.

PDF/A forbids a character without a glyph, and no set of fonts has them all. Such a character
becomes a named mark, and the letter says where its exact form is. Which characters those are is
asked of Typst itself.
"""

import json
import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

from exports.bundle import _fonts
from exports.bundle._compile import NotSet, compiled

_PROBE = """
#set document(title: "probe")
#set text(font: json(bytes(sys.inputs.fonts)), lang: "en")
#for character in json(bytes(sys.inputs.characters)) { text(character); parbreak() }
"""
_REFUSED = re.compile(r'(?:the text|the codepoint) `"((?:[^"\\]|\\.)*)"`')
_ESCAPE = re.compile(r"\\(?:u\{([0-9a-f]+)\}|(.))")
_SIMPLE = {"n": "\n", "r": "\r", "t": "\t", "0": "\0"}
_CHUNK = 4000
_LONG = re.compile(r"[^\s\u200b]{36}(?=[^\s\u200b])")
_BIDI = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_JOINERS = frozenset("\u200c\u200d\ufe0e\ufe0f\u20e3")
_MOST_NAMED = 4


def refused(diagnostic: str) -> frozenset[str]:
    """The characters that Typst's message says it cannot set."""
    found = _REFUSED.findall(diagnostic)
    return frozenset("".join(_ESCAPE.sub(_unescaped, text) for text in found))


def unsettable(text: str) -> frozenset[str]:
    """The characters of a text that need a mark in their place."""
    characters = set(text)
    never = {c for c in characters if _never_set(c)}
    asked = sorted(c for c in characters - never if ord(c) > 0x7E)
    for start in range(0, len(asked), _CHUNK):
        never |= _probed(tuple(asked[start : start + _CHUNK]))
    return frozenset(never)


def cautious(text: str) -> frozenset[str]:
    """All but the plainest characters of a text: for when marks for the known ones do not do."""
    return frozenset(
        c for c in set(text) if not (c in "\n\t" or " " <= c <= "~" or "¡" <= c <= "ÿ")
    )


def spans(text: str, missing: frozenset[str]) -> Iterator[str | tuple[str, str]]:
    """The text as the template takes it: strings, and ``("mark", …)`` for what the fonts lack."""
    for is_missing, run in _runs(text, missing):
        if is_missing:
            yield "mark", mark(run)
        else:
            yield _LONG.sub(lambda found: found[0] + "\u200b", run)


def mark(run: str) -> str:
    """What stands for a run of characters: the names of symbols, else how many of them or which."""
    visible = [c for c in run if c not in _JOINERS and unicodedata.category(c) not in {"Mn", "Me"}]
    if visible and all(unicodedata.category(c) in {"So", "Sk", "Sm"} for c in visible):
        if len(visible) > _MOST_NAMED:
            return f"{len(visible)} symbols"
        return ", ".join(unicodedata.name(c, f"U+{ord(c):04X}").lower() for c in visible)
    if len(run) == 1:
        return f"U+{ord(run):04X}"
    return f"{len(run)} characters"


@lru_cache(maxsize=65536)
def _never_set(character: str) -> bool:
    """Control, private, unassigned and direction characters, whatever the font."""
    if character in "\n\t":
        return False
    return character in _BIDI or unicodedata.category(character) in {"Cc", "Co", "Cn", "Cs"}


@lru_cache(maxsize=64)
def _probed(characters: tuple[str, ...]) -> frozenset[str]:
    inputs = {"characters": json.dumps(characters), "fonts": json.dumps(_fonts.FAMILIES)}
    try:
        compiled(_PROBE.encode(), inputs, 0, _fonts.folders("".join(characters)))
    except NotSet as error:
        return refused(str(error)) & frozenset(characters)
    return frozenset()


def _runs(text: str, missing: frozenset[str]) -> Iterator[tuple[bool, str]]:
    if text and missing.isdisjoint(text):
        yield False, text
        return
    start, state = 0, False
    for position, character in enumerate(text):
        now = character in missing or (state and character in _JOINERS)
        if now != state:
            if position > start:
                yield state, text[start:position]
            start, state = position, now
    if start < len(text):
        yield state, text[start:]


def _unescaped(match: re.Match[str]) -> str:
    if match[1]:
        return chr(int(match[1], 16))
    return _SIMPLE.get(match[2], match[2])
