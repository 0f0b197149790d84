"""A JSON text decoded so that every object in it knows its own bytes, however deep it stands."""

import json
import re
from collections.abc import Iterator
from typing import Any

_TOKEN = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|[{}]', re.DOTALL)


class Located(dict[str, Any]):
    """A decoded object, and where it stands in its text."""

    __slots__ = ("_span", "_text")

    def __init__(self, members: list[tuple[str, Any]], text: str, span: tuple[int, int]) -> None:
        super().__init__(members)
        self._text, self._span = text, span

    @property
    def raw(self) -> bytes:
        """The bytes of the object exactly as they stand."""
        start, end = self._span
        return self._text[start:end].encode(errors="surrogateescape")


def located(data: bytes) -> Any:
    """The value of a JSON text, every object in it a `Located`; ValueError when it is none.

    Objects are decoded in the order in which they close, so that the n-th one decoded is the one
    that the n-th closing brace ends: one pass over the text finds all places.
    """
    text = data.decode(errors="surrogateescape").removeprefix("\ufeff")
    spans = _spans(text)

    def place(members: list[tuple[str, Any]]) -> Located:
        return Located(members, text, next(spans))

    try:
        return json.loads(text, object_pairs_hook=place)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def _spans(text: str) -> Iterator[tuple[int, int]]:
    opened: list[int] = []
    for match in _TOKEN.finditer(text):
        found = match.group()
        if found == "{":
            opened.append(match.start())
        elif found == "}":
            yield (opened.pop(), match.end())
