"""A JSON text decoded so that every object in it knows its own bytes, however deep it stands."""

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

_BRACE = re.compile(
    r'[^"{}]*+(?:"[^"\\]*+(?:\\.[^"\\]*+)*+"[^"{}]*+)*+([{}])', re.DOTALL
)  # with all that stands before it


class Located(dict[str, Any]):
    """A decoded object, and the `span` in which it stands in its text."""

    __slots__ = ("_text", "span")

    def __init__(self, members: list[tuple[str, Any]], text: str, span: tuple[int, int]) -> None:
        super().__init__(members)
        self._text, self.span = text, span

    @property
    def raw(self) -> bytes:
        """The bytes of the object exactly as they stand."""
        start, end = self.span
        return self._text[start:end].encode(errors="surrogateescape")

    def without(self, inner: "Iterable[Located]") -> bytes:
        """The bytes of the object but for those of objects inside it, which are items themselves.

        A comment has its own retention, its own holds and its own redactions: it is not kept a
        second time in the bytes of what it stands in.
        """
        at, end = self.span
        kept = []
        for start, after in sorted(one.span for one in inner):
            if start >= at:
                kept.append(self._text[at:start])
                at = after
        return "".join((*kept, self._text[at:end])).encode(errors="surrogateescape")


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
    for match in _BRACE.finditer(text):
        if match[1] == "{":
            opened.append(match.start(1))
        else:
            yield (opened.pop(), match.end())
