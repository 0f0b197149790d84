"""Page numbers that no other bundle of the body bears: a prefix and a count (Bates numbers).

The count goes on from bundle to bundle. That a bundle took its numbers stands in its entry
`bundle.issued`, and nowhere else.
"""

import re
import unicodedata
from dataclasses import dataclass

from archive import Reader, UsageError
from exports.bundle._issues import TYPE

_PREFIX = re.compile(r"[A-Z][A-Z0-9-]{0,11}")
_LONGEST = 6


@dataclass(frozen=True, slots=True)
class Numbering:
    """The numbers of a bundle's pages: they begin with `first`, written after `prefix`."""

    prefix: str
    first: int

    def label(self, page: int) -> str:
        """The number of a page, counted from 0 through all files of the bundle."""
        return f"{self.prefix}{self.first + page:06d}"


def next_numbering(reader: Reader, body: str, prefix: str | None = None) -> Numbering:
    """The numbers that the next bundle takes.

    `prefix` is the body's initials when None. UsageError when it is not made of 1 to 12 capital
    letters, digits and dashes, the first a letter.
    """
    chosen = initials(body) if prefix is None else prefix
    if not _PREFIX.fullmatch(chosen):
        raise UsageError(
            f"{chosen!r} cannot stand before page numbers",
            hint="up to 12 capital letters, digits and dashes, the first a letter: MGPL",
        )
    issued = (entry.data.get("pages", {}) for entry in reader.entries(types={TYPE}))
    return Numbering(chosen, 1 + max((pages.get("last", 0) for pages in issued), default=0))


def initials(body: str) -> str:
    """The initials of a body's name, in capital letters: MGPL; P when it has none."""
    plain = unicodedata.normalize("NFKD", body).encode("ascii", "ignore").decode()
    words = re.findall(r"[A-Za-z][A-Za-z']*", plain)
    named = [word for word in words if word.lower() not in {"of", "the", "and", "for"}]
    return "".join(word[0] for word in named[:_LONGEST]).upper() or "P"
