"""JSON arrays read piecewise: every element's value, and its bytes exactly as they stand.

The text is scanned by the standard library's decoder, which takes lone surrogates and says where
an element ends; the buffer holds one element and one chunk. An element that is not JSON is cut out
by its brackets, so that only it is lost.
"""

import codecs
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from archive.errors import SourceError
from ingest._boxes import Stream

_CHUNK = 256 * 1024
_LONGEST_HEAD = 4096
_SPACE = re.compile(r"[ \t\n\r]*")
_TOKEN = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|[{}\[\],"]', re.DOTALL)
_SCALAR_END = re.compile(r"[,\]\s]")


@dataclass(frozen=True, slots=True)
class Piece:
    """An element of an array: its bytes, and its value or, in `error`, why it has none."""

    raw: bytes
    value: Any = None
    error: str = ""


def array_items(stream: Stream, key: str = "", *, limit: int) -> Iterator[Piece]:
    """The elements of the array at the root, or of the array under `key` of the object there.

    Anything before the first bracket, such as ``window.YTD.tweets.part0 =``, is passed over. The
    last piece has an error when the array is cut short. SourceError when there is no such array,
    or when one element is longer than `limit` bytes.
    """
    return _Scanner(stream, limit).items(key)


def object_of(data: bytes) -> Any:
    """The JSON value of a small file, a script's assignment before it passed over.

    SourceError when it is none.
    """
    start = min((i for i in (data.find(b"{"), data.find(b"[")) if i >= 0), default=-1)
    try:
        return json.loads(data[max(start, 0) :].decode(errors="surrogateescape"))
    except (ValueError, RecursionError) as error:
        raise SourceError(f"it is no JSON ({error})") from error


def loads(line: bytes) -> Any:
    """One JSON value; ValueError with a readable message when it is none."""
    try:
        return json.loads(line.decode(errors="surrogateescape"))
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


class _Scanner:
    def __init__(self, stream: Stream, limit: int) -> None:
        self._stream = stream
        self._limit = limit
        self._decode = codecs.getincrementaldecoder("utf-8")("surrogateescape").decode
        self._scan = json.JSONDecoder().raw_decode
        self._text = ""
        self._at = 0
        self._ended = False
        self._broken = ""

    def items(self, key: str) -> Iterator[Piece]:
        self._enter("[" if not key else "{")
        if key:
            self._seek(key)
        while True:
            found = self._peek()
            if found == ",":
                self._at += 1
            elif found == "]":
                return
            elif not found:
                yield Piece(b"", error=self._broken or "the file ends inside the list")
                return
            else:
                yield self._element()

    def _enter(self, bracket: str) -> None:
        start = -1
        while start < 0 and not self._ended and len(self._text) < _LONGEST_HEAD:
            self._fill()
            start = self._text.find(bracket)
        head = self._text[:start].lstrip("\ufeff") if start >= 0 else "x"
        if head.strip() and not head.startswith("window."):
            raise SourceError("it is not the JSON that it should be", hint="check the export")
        self._at = start + 1

    def _seek(self, key: str) -> None:
        while self._peek() == '"':
            name = self._value()
            if self._peek() != ":":
                break
            self._at += 1
            if name == key:
                if self._peek() != "[":
                    break
                self._at += 1
                return
            self._peek()
            self._value()
            if self._peek() == ",":
                self._at += 1
        raise SourceError(f"it holds no list {key!r}", hint="check the export")

    def _value(self) -> Any:
        piece = self._element()
        if piece.error:
            raise SourceError(f"it is no JSON ({piece.error})", hint="check the export")
        return piece.value

    def _element(self) -> Piece:
        while True:
            try:
                value, end = self._scan(self._text, self._at)
            except (ValueError, RecursionError) as error:
                cut = self._cut()
                if cut or self._ended or self._too_long():
                    return self._reject(cut, error)
            else:
                if self._text[end - 1] in '}]"' or _SCALAR_END.match(self._text, end):
                    raw = self._text[self._at : end].encode(errors="surrogateescape")
                    self._at = end
                    return Piece(raw, value)
                if self._ended:
                    return self._reject(end, ValueError("the file ends here"))
            self._fill()

    def _reject(self, end: int, error: Exception) -> Piece:
        if not end and self._too_long():
            raise SourceError(f"one item is longer than {self._limit} bytes")
        reason = self._broken if not end and self._broken else _readable(error)
        raw = self._text[self._at : end or len(self._text)].encode(errors="surrogateescape")
        self._at = end or len(self._text)
        return Piece(raw, error=reason)

    def _cut(self) -> int:
        """Where the element that begins here ends by its brackets; 0 when that is not in sight."""
        depth = 0
        for match in _TOKEN.finditer(self._text, self._at):
            found = match.group()
            if found in "{[":
                depth += 1
            elif found in "}]":
                depth -= 1
                if depth < 0:
                    return max(match.start(), self._at + 1)
                if depth == 0:
                    return match.end()
            elif found == "," and depth == 0:
                return max(match.start(), self._at + 1)
            elif found == '"':
                return 0
        return 0

    def _too_long(self) -> bool:
        return len(self._text) - self._at > self._limit

    def _peek(self) -> str:
        while True:
            match = _SPACE.match(self._text, self._at)
            self._at = match.end() if match else self._at
            if self._at < len(self._text):
                return self._text[self._at]
            if self._ended:
                return ""
            self._fill()

    def _fill(self) -> None:
        """Read on: one chunk, or as much again as is held, so that long items stay cheap."""
        if self._ended:
            return
        held = self._text[self._at :]
        try:
            data = self._stream.read(max(_CHUNK, len(held)))
        except SourceError as error:
            data, self._broken = b"", str(error)
        self._ended = not data
        self._text = held + self._decode(data, self._ended)
        self._at = 0


def _readable(error: Exception) -> str:
    if isinstance(error, RecursionError):
        return "nested too deeply"
    return error.msg if isinstance(error, json.JSONDecodeError) else str(error)
