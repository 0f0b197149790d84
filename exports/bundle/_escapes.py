"""A text as it is, and as it reads once its escapes are undone: what hides a word from a search."""

import re
from base64 import urlsafe_b64decode
from collections.abc import Iterator
from html import unescape
from urllib.parse import unquote_plus

_LEVELS = 3
_BACKSLASH = re.compile(r"\\(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|([abfnrtv])|([\"'/\\]))")
_UNITS = re.compile(r"(?:\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2})")
_ENCODED = re.compile(r"[A-Za-z0-9+/_-]{8,}")
_HEX_DIGITS = "0123456789abcdefABCDEF"
_SHORTEST_HEX = 12
_URLSAFE = str.maketrans("+/", "-_")


def readings(text: str) -> Iterator[str]:
    """The text, then what differs from it with escapes undone, in turn, up to three deep.

    Percent and plus signs of addresses, entities of HTML, backslashes of JSON and programs; and
    what runs of base64 or hexadecimal digits spell, where that is text.
    """
    yield text
    for _ in range(_LEVELS):
        plain = _undone(text)
        if plain == text:
            break
        text = plain
        yield text
    spelled = "\n".join(_spelled(text))
    if spelled:
        yield spelled


def _undone(text: str) -> str:
    if "%" in text:
        text = unquote_plus(text)
    if "&" in text:
        text = unescape(text)
    if "\\" in text:
        text = _BACKSLASH.sub(_character, _UNITS.sub(_pair, text))
    return text


def _character(match: re.Match[str]) -> str:
    digits = match[1] or match[2]
    if digits:
        return chr(int(digits, 16))
    return " " if match[3] else match[4]


def _pair(match: re.Match[str]) -> str:
    high, low = int(match[0][2:6], 16), int(match[0][8:12], 16)
    return chr(0x10000 + ((high & 0x3FF) << 10) + (low & 0x3FF))


def _spelled(text: str) -> Iterator[str]:
    for run in _ENCODED.findall(text):
        if run != run.lower():  # base64 of a text has capital letters
            digits = run.translate(_URLSAFE)
            if len(digits) % 4 != 1:
                yield from _as_text(urlsafe_b64decode(digits + "=" * (-len(digits) % 4)))
        if len(run) >= _SHORTEST_HEX and len(run) % 2 == 0 and not run.strip(_HEX_DIGITS):
            yield from _as_text(bytes.fromhex(run))


def _as_text(data: bytes) -> Iterator[str]:
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return
    if text.isprintable():
        yield text
