"""The fields of a sealed half: its parts, joined where a text was cut into words."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate

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
    first = 0
    for name, value in sealed.fields:
        pieces = (value,) if isinstance(value, bytes) else value
        if name != "raw":
            texts = [piece.decode(errors="replace") for piece in pieces]
            starts = accumulate(map(len, texts[:-1]), initial=0)
            yield Field(name, "".join(texts), first, tuple(starts))
        first += len(pieces)
