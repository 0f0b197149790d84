"""CSV read row by row: every row's cells, and its bytes exactly as they stand (RFC 4180).

A quote opens a cell only where the cell begins; inside it a quote is written twice, or after a
backslash where the writer is known to do so. A quote that is never closed costs its own line alone.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain

from archive.errors import SourceError
from ingest._boxes import CHUNK, Stream
from ingest._capture import Rejected, Remark
from ingest._source import UNREADABLE, Item, reason_of

_BOM = b"\xef\xbb\xbf"
_WIDE = (b"\xff\xfe", b"\xfe\xff")
_DOUBLED = re.compile(r'"((?:[^"]++|"")*+)"')
_ESCAPED = re.compile(r'"((?:[^"\\]++|\\.|"")*+)"', re.DOTALL)
_DATA = re.compile(r"\d{4}-\d\d|\d{6}|[\x00-\x1f]|.{60}")
_OPENS = re.compile(rb'(?:^|,)"')
_CLOSES = re.compile(rb'(?:[^"]++|"")*+"')
_CLOSES_ESCAPED = re.compile(rb'(?:[^"\\]++|\\.|"")*+"', re.DOTALL)


@dataclass(frozen=True, slots=True)
class Row:
    """A row: its bytes without the line end, and its cells or, in `error`, why it has none."""

    raw: bytes
    cells: tuple[str, ...] = ()
    error: str = ""


def rows(stream: Stream, *, limit: int, escapes: bool = False) -> Iterator[Row]:
    """The rows that are not blank; `escapes` where quotes stand behind backslashes.

    The last row has an error when the stream breaks off. SourceError when the file is UTF-16, or
    when a line is longer than `limit` bytes.
    """
    return _Rows(stream, limit, escapes=escapes).rows()


def header_of(head: bytes) -> tuple[str, ...]:
    """The names of the columns in a file's first bytes, in small letters."""
    line = head.removeprefix(_BOM).lstrip(b"\r\n").partition(b"\n")[0].rstrip(b"\r")
    return names_of(_cells(line.decode(errors="surrogateescape"), _DOUBLED, escapes=False))


def names_of(cells: tuple[str, ...]) -> tuple[str, ...]:
    """A header's cells as names of columns: in small letters, without space around them."""
    return tuple(cell.strip().lower() for cell in cells)


def table(
    found: Iterator[Row],
    names: tuple[str, ...],
    file: str,
    make: Callable[[dict[str, str], bytes], Item],
) -> Iterator[Item]:
    """What `make` makes of every row's cells by the names of their columns, and of its bytes.

    A `Rejected` where it cannot, or where the row has not as many cells as there are names.
    """
    for row in found:
        if row.error:
            yield Rejected(row.error, row.raw, file)
        elif len(row.cells) != len(names):
            reason = f"its cells are {len(row.cells)}, those of the header {len(names)}"
            yield Rejected(reason, row.raw, file)
        else:
            try:
                yield make(dict(zip(names, row.cells, strict=True)), row.raw)
            except UNREADABLE as error:
                yield Rejected(reason_of(error), row.raw, file)


def titled(
    found: Iterator[Row],
    file: str,
    make: Callable[[dict[str, str], bytes], Item],
    known: frozenset[str] = frozenset(),
) -> Iterator[Item]:
    """As `table`, the first row holding the names.

    It is rejected as well when it holds more than names, or other names than the next row has
    cells: its line end, or a part of it, was lost. Names other than those `known`, if any are, are
    remarked upon.
    """
    header, first = next(found, None), next(found, None)
    if header is None:
        return
    names = names_of(header.cells)
    fits = first is None or bool(first.error) or len(first.cells) == len(names)
    if header.error or not fits or any(map(_DATA.search, header.cells)):
        reason = header.error or "it does not name the columns of the rows below it"
        yield Rejected(reason, header.raw, file)
    elif known and not known.issuperset(names):
        others = ", ".join(cell for cell in header.cells if cell.strip().lower() not in known)
        yield Remark(f"{file} has columns that are not known: {others}")
    if first is not None:
        yield from table(chain((first,), found), names, file, make)


class _Rows:
    def __init__(self, stream: Stream, limit: int, *, escapes: bool) -> None:
        self._stream, self._limit, self._escapes = stream, limit, escapes
        self._cell = _ESCAPED if escapes else _DOUBLED
        self._closes = _CLOSES_ESCAPED if escapes else _CLOSES
        self._waiting: list[bytes] = []  # lines to be read again, the next one last
        self._broken = ""

    def rows(self) -> Iterator[Row]:
        lines = self._lines()
        while True:
            held: list[bytes] = []
            size, inside = 0, False
            while True:
                line = self._waiting.pop() if self._waiting else next(lines, None)
                if line is None:
                    break
                held.append(line)
                size += len(line)
                if inside or b'"' in line:
                    inside = self._inside(line, inside=inside)
                if not inside or size > self._limit:
                    break
            if not held:
                break
            if inside:
                self._waiting.extend(reversed(held[1:]))
                yield Row(_bare(held[0]), error="a quote in it is never closed")
            else:
                raw = _bare(b"".join(held))
                if raw and not raw.isspace():
                    text = raw.decode(errors="surrogateescape")
                    yield Row(raw, _cells(text, self._cell, escapes=self._escapes))
        if self._broken:
            yield Row(b"", error=self._broken)

    def _inside(self, line: bytes, *, inside: bool) -> bool:
        """Whether a quoted cell is still open at the end of a line."""
        at = 0
        while True:
            if not inside:
                opening = _OPENS.search(line, at)
                if opening is None:
                    return False
                at = opening.end()
            closing = self._closes.match(line, at)
            if closing is None:
                return True
            at, inside = closing.end(), False

    def _lines(self) -> Iterator[bytes]:
        held, begun = b"", False
        while True:
            try:
                data = self._stream.read(CHUNK)
            except SourceError as error:
                data, self._broken = b"", str(error)
            if not data:
                break
            if not begun:
                if data.startswith(_WIDE):
                    raise SourceError("it is UTF-16", hint="save it as UTF-8 and try again")
                data, begun = data.removeprefix(_BOM), True
            lines = (held + data).split(b"\n")
            held = lines.pop()
            if len(held) > self._limit:
                raise SourceError(f"a line is longer than {self._limit} bytes")
            for line in lines:
                yield line + b"\n"
        if held:
            yield held


def _bare(line: bytes) -> bytes:
    return line.removesuffix(b"\n").removesuffix(b"\r")


def _cells(text: str, quoted: re.Pattern[str], *, escapes: bool) -> tuple[str, ...]:
    if '"' not in text:
        return tuple(text.split(","))
    cells = []
    at = 0
    while True:
        match = quoted.match(text, at)
        end = text.find(",", match.end() if match else at)
        end = len(text) if end < 0 else end
        if match is None:
            cells.append(text[at:end])
        else:
            inner = match.group(1).replace('""', '"')
            inner = inner.replace('\\"', '"') if escapes else inner
            cells.append(inner + text[match.end() : end])
        if end == len(text):
            return tuple(cells)
        at = end + 1
