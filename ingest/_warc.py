"""WARC (ISO 28500) and ARC files cut into their records, each with its bytes as they stand.

A record is cut by the length that it states. Where no record begins at the end of another, what
stands there is given as damaged, up to where one begins again. Files may be packed by gzip, each
record by itself or all together; the bytes are the unpacked ones.
"""

import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from archive.errors import SourceError
from ingest._boxes import CHUNK, Limits, Stream, bomb

GZIP = b"\x1f\x8b"
_WINDOW = 31
_LONGEST_HEADER = 1 << 20
_LONGEST_LINE = 1 << 17
_HEADER_END = re.compile(rb"(\r?\n\r?\n)|\n(?=WARC/\d)")
_LENGTH = re.compile(rb"^content-length:[ \t]*(\d{1,18})[ \t]*\r?$", re.IGNORECASE | re.MULTILINE)
_WHOLE = re.compile(rb"\d{1,18}")
_BEGINS = re.compile(rb"^WARC/\d", re.MULTILINE)
_ARC = re.compile(
    rb"^(?P<url>[a-z][a-z0-9+.-]*:[^\r\n]{1,65536}?) (?P<ip>[0-9A-Fa-f.:]+|-) (?P<date>\d{8,20})"
    rb" (?P<type>[^ \r\n]+)(?: [^\r\n]*)? (?P<length>-?[0-9a-zA-Z]+)\r?$",
    re.MULTILINE,
)


@dataclass(frozen=True, slots=True)
class Framed:
    """A record's bytes, or in `error` why they are none.

    `arc` for a record of an ARC file. `short` when the file ends inside the record. `loose` when
    something else than a record follows: the length that it states may be wrong.
    """

    raw: bytes
    error: str = ""
    arc: bool = False
    short: bool = False
    loose: bool = False


def begins(head: bytes) -> bool:
    """Whether a file with these first bytes is WARC or ARC, packed or not."""
    if head.startswith(GZIP):
        try:
            head = zlib.decompressobj(_WINDOW).decompress(head, 1024)
        except zlib.error:
            return False
    return _BEGINS.match(head) is not None or head.startswith(b"filedesc://")


def arc_fields(raw: bytes) -> dict[str, str]:
    """What the first line of an ARC record says: url, ip, date, type, length."""
    found = _ARC.match(raw)
    if found is None:
        raise ValueError("its first line is none of an ARC record")
    return {name: value.decode(errors="replace") for name, value in found.groupdict().items()}


def holds_another(one: Framed) -> bool:
    """Whether the first line of another record stands in a record."""
    return (_ARC if one.arc else _BEGINS).search(one.raw, 1) is not None


def framed(stream: Stream, limits: Limits) -> Iterator[Framed]:
    """The records of an unpacked file, and the damaged stretches between them.

    Of a record that is longer than the limit of an item the header alone is given, with an error.
    """
    return _Frames(stream, limits.item).records()


class Inflated:
    """A gzip stream of one or many members, unpacked: a `Stream`.

    SourceError where it is damaged, once all before that was read, and for a bomb.
    """

    def __init__(self, stream: Stream, path: Path, limits: Limits) -> None:
        self._stream, self._path, self._limits = stream, path, limits
        self._inflate = zlib.decompressobj(_WINDOW)
        self._waiting = b""
        self._packed = self._unpacked = 0

    def read(self, size: int, /) -> bytes:
        while True:
            ended = not self._waiting and not self._take()
            if ended and (self._inflate.eof or not self._packed):
                return b""
            if self._inflate.eof:
                self._waiting = self._waiting.lstrip(b"\0")
                self._inflate = zlib.decompressobj(_WINDOW)
                continue
            data = self._next(size)
            if data:
                self._count(len(data))
                return data
            if ended and not self._finished():
                raise SourceError("the file ends inside what it packs")

    def _take(self) -> bool:
        self._waiting = self._stream.read(CHUNK)
        self._packed += len(self._waiting)
        return bool(self._waiting)

    def _next(self, size: int) -> bytes:
        try:
            data = self._inflate.decompress(self._waiting, size)
        except zlib.error as error:
            raise SourceError(f"what it packs is damaged ({error})") from error
        self._waiting = self._inflate.unused_data or self._inflate.unconsumed_tail
        return data

    def _finished(self) -> bool:
        return self._inflate.eof

    def _count(self, size: int) -> None:
        self._unpacked += size
        limits = self._limits
        swollen = self._unpacked > limits.floor and self._unpacked > self._packed * limits.ratio
        if swollen or self._unpacked > limits.total:
            raise bomb(self._path, "it")


class _Frames:
    def __init__(self, stream: Stream, limit: int) -> None:
        self._stream, self._limit = stream, limit
        self._data = b""
        self._ended = False
        self._broken = ""

    def records(self) -> Iterator[Framed]:
        self._want(16)
        arc = self._data.startswith(b"filedesc://")
        while self._skip_blank():
            found = self._arc_record() if arc else self._warc_record()
            yield found if found is not None else self._damaged(arc=arc)
        if self._broken:
            yield Framed(b"", self._broken)

    def _warc_record(self) -> Framed | None:
        if _BEGINS.match(self._data) is None:
            return None
        end = _HEADER_END.search(self._data)
        while end is None and len(self._data) < _LONGEST_HEADER and self._fill():
            end = _HEADER_END.search(self._data)
        length = _LENGTH.search(self._data, 0, end.end()) if end and end.group(1) else None
        if end is None or length is None:
            return None
        return self._cut(end.end(), int(length.group(1)), _BEGINS, arc=False)

    def _arc_record(self) -> Framed | None:
        while b"\n" not in self._data and len(self._data) < _LONGEST_HEADER and self._fill():
            pass
        line = _ARC.match(self._data)
        if line is None or _WHOLE.fullmatch(line.group("length")) is None:
            return None
        return self._cut(line.end() + 1, int(line.group("length")), _ARC, arc=True)

    def _cut(self, head: int, length: int, begins: re.Pattern[bytes], *, arc: bool) -> Framed:
        if head + length > self._limit:
            header = self._data[:head]
            self._pass(head + length)
            return Framed(header, f"it is longer than {self._limit} bytes: its header is kept", arc)
        self._want(head + length)
        raw = self._data[: head + length]
        self._data = self._data[len(raw) :]
        if len(raw) < head + length:
            reason = self._broken or "the file ends inside this record"
            self._broken = ""
            return Framed(raw, reason, arc, short=True)
        loose = self._skip_blank() and begins.match(self._line()) is None
        return Framed(raw, arc=arc, loose=loose)

    def _damaged(self, *, arc: bool) -> Framed:
        """What stands before the next record, or a stretch of it."""
        begins = _ARC if arc else _BEGINS
        start = 1
        while True:
            found = begins.search(self._data, start)
            start = max(1, len(self._data) - _LONGEST_LINE)
            if found is None and len(self._data) < self._limit and self._fill():
                continue
            end = found.start() if found else len(self._data)
            raw, self._data = self._data[:end], self._data[end:]
            return Framed(raw.rstrip(b"\r\n") or raw, "it is no record", arc)

    def _line(self) -> bytes:
        self._want(_LONGEST_HEADER if b"\n" not in self._data else 0)
        return self._data[: self._data.find(b"\n") + 1] or self._data

    def _skip_blank(self) -> bool:
        """Pass over line ends; whether anything follows."""
        while True:
            self._data = self._data.lstrip(b"\r\n")
            if self._data:
                return True
            if not self._fill():
                return False

    def _pass(self, size: int) -> None:
        while size > len(self._data):
            size -= len(self._data)
            self._data = b""
            if not self._fill():
                return
        self._data = self._data[size:]

    def _want(self, size: int) -> None:
        held, known = [self._data], len(self._data)
        while known < size and not self._ended:
            held.append(self._more())
            known += len(held[-1])
        self._data = b"".join(held)

    def _fill(self) -> bool:
        more = self._more()
        self._data += more
        return bool(more)

    def _more(self) -> bytes:
        if self._ended:
            return b""
        try:
            more = self._stream.read(CHUNK)
        except SourceError as error:
            more, self._broken = b"", str(error)
        self._ended = not more
        return more
