"""The fields of a sealed half: its parts, joined where a text was cut into words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from archive import Sealed


@dataclass(frozen=True, slots=True)
class Field:
    """One field: `text` is its parts joined; `starts[k]` is where part `first + k` begins in it."""

    name: str
    text: str
    first: int
    starts: tuple[int, ...]

    def parts(self, start: int, end: int) -> frozenset[int]:
        """The indices of the parts that hold any of the characters from `start` up to `end`."""
        ends = (*self.starts[1:], len(self.text))
        return frozenset(
            self.first + k
            for k, (a, b) in enumerate(zip(self.starts, ends, strict=True))
            if a < end and start < b
        )

    def indices(self) -> range:
        """The indices of all its parts."""
        return range(self.first, self.first + len(self.starts))


def fields(sealed: Sealed) -> Iterator[Field]:
    """The fields in order. `raw`, which may be no text at all, is not among them."""
    named = enumerate(map(_field_name, sealed.paths))
    for name, group in groupby(named, key=lambda pair: pair[1]):
        if name == "raw":
            continue
        indices = [index for index, _ in group]
        pieces = [sealed.values[index].decode(errors="replace") for index in indices]
        starts, at = [], 0
        for piece in pieces:
            starts.append(at)
            at += len(piece)
        yield Field(name, "".join(pieces), indices[0], tuple(starts))


def _field_name(path: str) -> str:
    """The name of the field a part belongs to: "text/12" is a word of "text"."""
    name, _, last = path.rpartition("/")
    return name if last.isdecimal() else path
