"""Lists that stand anywhere inside one large JSON object, read piecewise and in one pass."""

from collections.abc import Iterator

from archive.errors import SourceError
from ingest._boxes import Stream
from ingest._json import Piece, _Scanner

_DEEPEST = 16

Path = tuple[str, ...]


def tree_items(
    stream: Stream, *, whole: frozenset[str], limit: int
) -> Iterator[tuple[Path, Piece]]:
    """The elements of every list inside the object at the root, with the keys that lead there.

    Objects under a name of `whole` come as one piece each. Elements of lists are not looked into.
    Members that are neither come with the keys that lead to them, and with the bytes of their
    names. SourceError where the object is none, or damaged between its
    lists, or when one element is longer than `limit` bytes.
    """
    return _Tree(stream, limit).walk(whole)


class _Tree(_Scanner):
    def walk(self, whole: frozenset[str]) -> Iterator[tuple[Path, Piece]]:
        self._enter("{")
        yield from self._members((), whole)
        for piece in self._rest():
            yield (), piece

    def _members(self, path: Path, whole: frozenset[str]) -> Iterator[tuple[Path, Piece]]:
        while (found := self._peek()) != "}":
            if found == ",":
                self._at += 1
                continue
            if not found:
                yield path, Piece(b"", error=self._broken or "the file ends before its end")
                return
            self._kept = self._at
            inner = (*path, self._name())
            value = self._peek()
            if value not in ("[", "{"):
                yield inner, self._single()
                continue
            self._kept = -1
            if value == "[":
                self._at += 1
                for piece in self._list():
                    yield inner, piece
            elif inner[-1] not in whole and len(inner) < _DEEPEST:
                self._at += 1
                yield from self._members(inner, whole)
            else:
                yield inner, self._element()
        self._at += 1

    def _single(self) -> Piece:
        """A member that is neither list nor object, its bytes those of its name as well."""
        piece = self._element()
        if self._kept < 0:  # it was so long that its name was let go
            return piece
        raw = self._text[self._kept : self._at].encode(errors="surrogateescape")
        self._kept = -1
        return Piece(raw, piece.value, piece.error)

    def _name(self) -> str:
        name = self._element().value
        if not isinstance(name, str) or self._peek() != ":":
            raise SourceError("it is no JSON (a name or a colon is missing)")
        self._at += 1
        return name
