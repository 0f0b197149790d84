"""JSON arrays read piecewise: every element's value, and its bytes exactly as they stand.

The text is scanned by the standard library's decoder, which takes lone surrogates and says where
an element ends; the buffer holds one element and one chunk. An element that is not JSON is cut out
by its brackets, so that only it is lost.
"""

import codecs
import json
import re
from collections.abc import Container, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import orjson

from archive.errors import SourceError
from ingest._boxes import Stream
from ingest._located import Inside, scan

_CHUNK = 512 * 1024
_BOM = b"\xef\xbb\xbf"
_NEAR_THE_END = 4096
_LONGEST_HEAD = 4096
_SPACE = re.compile(r"[ \t\n\r]*")
_TOKEN = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|[{}\[\],"]', re.DOTALL)
_SCALAR_END = re.compile(r"[,\]}\s]")
_GOES_ON = re.compile(r"[\d.eE+-]*")
_REST = re.compile(r'[^,\[\]{}"\s]*')
_STEP = {"{": 1, "[": 1, "}": -1, "]": -1}
_SAID = {
    "Unterminated string": "a text in it does not end",
    "Expecting value": "a value is missing",
    "Expecting ',' delimiter": "a comma or a bracket is missing",
    "Expecting ':' delimiter": "a colon is missing",
    "Expecting property name": "a name is missing",
    "Illegal trailing comma": "a comma stands before a bracket",
    "Invalid control character": "a control character stands in a text",
    "Invalid \\": "a backslash in it means nothing",
    "Extra data": "something stands behind its end",
}
"""How messages of the decoder begin, and what they mean to a person."""


@dataclass(frozen=True, slots=True)
class Piece:
    """An element of an array: its bytes, and its value or, in `error`, why it has none."""

    raw: bytes
    value: Any = None
    error: str = ""


def array_items(
    stream: Stream,
    key: str = "",
    *,
    limit: int,
    inside: Inside | None = None,
    beside: Container[str] | None = None,
) -> Iterator[Piece]:
    """The elements of the array at the root, or of the array under `key` of the object there.

    Anything before the first bracket, such as ``window.YTD.tweets.part0 =``, is passed over, and so
    are the other members of the object; where the names of those are known, `beside`, any that is
    called otherwise and holds words is a piece with an error, for damage may have moved items
    there. What stands after the end, where nothing should, and an
    array that is cut short give a last piece with an error; behind a damaged element nothing is
    passed over, for its brackets may have ended the array too early. SourceError when there is no
    such array, or when one element is longer than `limit` bytes.

    With `inside`, items inside the elements know their bytes, as by `located`.
    """
    return _Scanner(stream, limit, inside, beside).items(key)


def object_of(data: bytes) -> Any:
    """The JSON value of a small file, a script's assignment before it passed over.

    SourceError when it is none.
    """
    start = min((i for i in (data.find(b"{"), data.find(b"[")) if i >= 0), default=-1)
    try:
        return json.loads(data[max(start, 0) :].decode(errors="surrogateescape"))
    except (ValueError, RecursionError) as error:
        raise SourceError(damage(error)) from error


def loads(line: bytes) -> Any:
    """One JSON value; ValueError with a readable message when it is none."""
    try:
        return json.loads(line.decode(errors="surrogateescape"))
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def piece_of(data: bytes) -> Piece:
    """The piece that one JSON value makes, white space and a byte order mark around it left out."""
    raw = data.strip(b" \t\r\n").removeprefix(_BOM).lstrip(b" \t\r\n")
    try:
        return Piece(raw, orjson.loads(raw))
    except orjson.JSONDecodeError:
        pass  # what orjson refuses may still be JSON: lone surrogates, great numbers
    try:
        return Piece(raw, loads(raw))
    except ValueError as error:
        return Piece(raw, error=damage(error))


class _Scanner:
    def __init__(
        self,
        stream: Stream,
        limit: int,
        inside: Inside | None = None,
        beside: Container[str] | None = None,
    ) -> None:
        self._stream = stream
        self._limit = limit
        self._beside = beside
        self._strange: list[Piece] = []
        self._decode = codecs.getincrementaldecoder("utf-8")("surrogateescape").decode
        self._scan = partial(scan, inside=inside) if inside else json.JSONDecoder().raw_decode
        self._text = ""
        self._at = 0
        self._kept = -1
        """From here on nothing is let go; -1 lets go of all that is before `_at`."""
        self._usual = 0
        """How long the last element was: less text than that is not worth a try."""
        self._ended = False
        self._broken = ""
        self._damaged = False
        self._passed = False

    def items(self, key: str) -> Iterator[Piece]:
        self._enter("[" if not key else "{")
        if key and not self._seek(key):
            raise SourceError(f"it holds no list {key!r}", hint="check the export")
        yield from self._strangers()
        yield from self._list()
        if key:
            self._kept = self._at
            self._passed = False
            while not self._damaged and self._goes_on() and self._seek(key):
                self._kept = -1
                yield from self._strangers()
                yield from self._list()
                self._kept = self._at
                self._passed = False
            if self._peek() == "}":
                self._at += 1
            elif self._peek() == "":
                error = self._broken or "the file ends before its end"
                self._strange.clear()
                yield Piece(self._passed_over(), error=error)
        for piece in self._rest():
            self._strange.clear()
            yield piece
        yield from self._strangers()

    def _strangers(self) -> Iterator[Piece]:
        """The members that were passed over although nobody knows their names."""
        yield from self._strange
        self._strange.clear()

    def _list(self) -> Iterator[Piece]:
        while True:
            found = self._peek()
            if found == ",":
                self._at += 1
            elif found == "]":
                self._at += 1
                return
            elif not found:
                yield Piece(b"", error=self._broken or "the file ends inside the list")
                return
            else:
                yield self._element()

    def _rest(self) -> Iterator[Piece]:
        """What stands after the end, piece by piece.

        A semicolon should, or the brackets of what is around, but not where members were passed
        over that would then be in it too.
        """
        while (found := self._peek()) and found in (";" if self._passed else "]};"):
            self._at += 1
        if self._peek() and self._kept >= 0:
            self._at = self._kept
        self._kept = -1
        while self._peek():
            while not self._ended and len(self._text) - self._at < self._limit:
                self._fill()
            raw = self._text[self._at :].encode(errors="surrogateescape")
            self._at = len(self._text)
            yield Piece(raw, error="it stands after the end of the list")

    def _enter(self, bracket: str) -> None:
        start = -1
        while start < 0 and not self._ended and len(self._text) < _LONGEST_HEAD:
            self._fill()
            start = self._text.find(bracket)
        head = self._text[:start].lstrip("\ufeff") if start >= 0 else "x"
        if head.strip() and not head.startswith("window."):
            raise SourceError("it is not the JSON that it should be", hint="check the export")
        self._at = start + 1

    def _goes_on(self) -> bool:
        """Whether another member of the object follows; its comma is passed over."""
        if self._peek() != ",":
            return False
        self._at += 1
        return True

    def _seek(self, key: str) -> bool:
        """Go to behind the bracket of the list `key`, over other members; whether there is one."""
        while self._peek() == '"':
            held = self._kept >= 0
            if not held:
                self._kept = self._at
            start = self._at - self._kept
            name = self._element()
            if name.error or self._peek() != ":":
                return False
            self._at += 1
            found = self._peek() == "[" and name.value == key
            if found or self._beside is None or name.value in self._beside:
                self._kept = self._kept if held else -1
            if found:
                self._at += 1
                return True
            self._passed = True
            if self._beside is None or name.value in self._beside:
                ended = self._skip()
            else:
                ended = self._meet(start)
                self._kept = self._kept if held else -1
            if not ended or self._peek() != ",":
                return False
            self._at += 1
        return False

    def _meet(self, start: int) -> bool:
        """Keep a member that is not known, if it holds words; whether it ends.

        Its name stands `start` characters behind where the buffer is kept from.
        """
        member = self._element()
        raw = self._text[self._kept + start : self._at] if self._kept >= 0 else ""
        if member.error or (isinstance(member.value, str | list | dict) and member.value):
            error = member.error or "it stands beside the list, and is not known"
            self._strange.append(
                Piece(raw.encode(errors="surrogateescape") or member.raw, error=error)
            )
        return not member.error

    def _passed_over(self) -> bytes:
        """What was passed over since the end of the list; nothing when that is very long."""
        start = self._kept if self._kept >= 0 else self._at
        self._kept = -1
        return self._text[start : self._at].encode(errors="surrogateescape")

    def _skip(self) -> bool:
        """Pass over a value without holding it; whether it ends."""
        depth = 0
        while True:
            for match in _TOKEN.finditer(self._text, self._at):
                found = match.group()
                self._at = match.start()
                if found == '"' or (depth == 0 and found in ",]}"):
                    break
                self._at = match.end()
                depth += _STEP.get(found, 0)
                if depth == 0:
                    return True
            else:
                self._at = len(self._text)
                found = ""
            if found and found != '"':
                return True
            if self._ended:
                self._at = len(self._text)
            if self._ended or self._too_long():
                return False
            self._fill()

    def _element(self) -> Piece:
        if len(self._text) - self._at < self._usual:
            self._fill()
        while True:
            try:
                value, end = self._scan(self._text, self._at)
            except (ValueError, RecursionError) as error:
                cut = 0 if self._goes_on_behind(error) else self._cut()
                if cut or self._ended or self._too_long():
                    return self._reject(cut, error)
            else:
                if self._text[end - 1] in '}]"' or _SCALAR_END.match(self._text, end):
                    raw = self._text[self._at : end].encode(errors="surrogateescape")
                    self._usual = end - self._at
                    self._at = end
                    return Piece(raw, value)
                if _GOES_ON.fullmatch(self._text, end) is None:
                    rest = _REST.match(self._text, end)
                    end = rest.end() if rest else end
                    return self._reject(self._cut() or end, ValueError("it is no JSON value"))
                if self._ended:
                    return self._reject(end, ValueError("the file ends here"))
            self._fill()

    def _goes_on_behind(self, error: Exception) -> bool:
        """Whether it most likely fails for no more than that its end was not read yet."""
        place = error.pos if isinstance(error, json.JSONDecodeError) else 0
        near = len(self._text) - place < _NEAR_THE_END
        return near and not self._ended and not self._too_long()

    def _reject(self, end: int, error: Exception) -> Piece:
        if not end and self._too_long():
            raise SourceError(f"one item is longer than {self._limit} bytes")
        self._damaged = True
        reason = self._broken if not end and self._broken else damage(error)
        raw = self._text[self._at : end or len(self._text)].encode(errors="surrogateescape")
        self._at = end or len(self._text)
        if self._kept < 0 and self._at > _LONGEST_HEAD:  # an error counts the lines before it
            self._text, self._at = self._text[self._at :], 0
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
        if self._at - self._kept > self._limit:
            self._kept = -1
        start = self._kept if self._kept >= 0 else self._at
        held = self._text[start:]
        try:
            data = self._stream.read(max(_CHUNK, len(held)))
        except SourceError as error:
            data, self._broken = b"", str(error)
        self._ended = not data
        self._text = held + self._decode(data, self._ended)
        self._at -= start
        self._kept = min(self._kept, 0)


def damage(error: Exception) -> str:
    """What the decoder finds wrong, in words."""
    if isinstance(error, RecursionError):
        return "nested too deeply"
    if not isinstance(error, json.JSONDecodeError):
        return str(error)
    said = (words for begins, words in _SAID.items() if error.msg.startswith(begins))
    return f"it is no JSON: {next(said, error.msg)}"
