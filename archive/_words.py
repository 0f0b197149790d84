"""Text cut into words, so that a redaction can be as small as a word (docs/format.md section 4)."""

import re
from itertools import pairwise

SPLIT = frozenset(
    {
        "text",
        "title",
        "shared/text",
        "reason",
        "removal_reason",
        "subject",
        "requester/name",
        "appellant",
    }
)
"""The fields that are cut into words, so that a redaction can be as small as a word."""

# Thai, Lao, Myanmar, Khmer, kana, bopomofo, CJK ideographs and compatibility forms.
_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3100-\u312f\u31f0-\u31ff"
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
)
_WORD = re.compile(rf"[{_UNSPACED}]\s*|[^\s{_UNSPACED}]+\s*|\s+")
_ASCII_WORD = re.compile(rb"[^\t-\r\x1c-\x20]+[\t-\r\x1c-\x20]*|[\t-\r\x1c-\x20]+")
_LONG = 1 << 18
_SHORTEST, _MOST = 64, 1 << 14
_SURROGATE = re.compile("[\ud800-\udfff]")


def split_text(text: str) -> list[str]:
    """Cut `text` into words with their trailing white space; joining them gives it back exactly.

    Scripts written without spaces are cut per character.
    """
    return _WORD.findall(text)


def words_of(text: bytes) -> list[bytes]:
    """As `split_text`, of a text in UTF-8; ASCII is cut as the bytes that it is.

    Of a text longer than any post as many words stay together as keep their number small.
    """
    if len(text) > _LONG:
        return _stretches(text.decode())
    if text.isascii():
        return _ASCII_WORD.findall(text)
    return [word.encode() for word in _WORD.findall(text.decode())]


def _stretches(text: str) -> list[bytes]:
    """Words of a long text, each time as many as reach a 16,384th of it (docs/format.md)."""
    least, end = max(_SHORTEST, len(text) // _MOST + 1), len(text)
    borders = [0]
    while borders[-1] < end:
        word = _WORD.match(text, min(borders[-1] + least, end) - 1)
        borders.append(word.end() if word else end)
    return [text[start:stop].encode() for start, stop in pairwise(borders)]


def to_bytes(text: str) -> bytes:
    """A text in UTF-8; a lone surrogate, which UTF-8 has no form for, becomes U+FFFD."""
    try:
        return text.encode()
    except UnicodeEncodeError:
        return _SURROGATE.sub("\ufffd", text).encode()
