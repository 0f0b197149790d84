"""Items that stand inside another item of JSON: their values, and their bytes as they stand."""

import json
import re
from collections.abc import Iterator
from typing import Any

from ingest._json import Piece

_SPACE = re.compile(r"[ \t\n\r]*")
_scan = json.JSONDecoder().raw_decode


def inner_items(raw: bytes, *path: str | int) -> Iterator[Piece]:
    """The elements of the array to which `path` leads, by keys and positions, in a JSON text.

    `raw` is JSON that was decoded before. Nothing comes where the path leads nowhere.
    """
    text = raw.decode(errors="surrogateescape")
    at = _skip(text, 0)
    for step in path:
        found = _member(text, at, step) if isinstance(step, str) else _nth(text, at, step)
        if found is None:
            return
        at = found
    for start, end, value in _elements(text, at):
        yield Piece(text[start:end].encode(errors="surrogateescape"), value)


def _skip(text: str, at: int) -> int:
    match = _SPACE.match(text, at)
    return match.end() if match else at


def _elements(text: str, at: int) -> Iterator[tuple[int, int, Any]]:
    if text[at] != "[":
        return
    at = _skip(text, at + 1)
    while text[at] != "]":
        value, end = _scan(text, at)
        yield at, end, value
        at = _skip(text, end)
        if text[at] == ",":
            at = _skip(text, at + 1)


def _nth(text: str, at: int, number: int) -> int | None:
    for index, (start, _, _) in enumerate(_elements(text, at)):
        if index == number:
            return start
    return None


def _member(text: str, at: int, key: str) -> int | None:
    """Where the value of a key begins; of a key that stands twice, the last, as decoders do."""
    if text[at] != "{":
        return None
    found = None
    at = _skip(text, at + 1)
    while text[at] != "}":
        name, end = _scan(text, at)
        at = _skip(text, _skip(text, end) + 1)
        if name == key:
            found = at
        at = _skip(text, _scan(text, at)[1])
        if text[at] == ",":
            at = _skip(text, at + 1)
    return found
