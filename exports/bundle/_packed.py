"""The texts in a file that is a zip: an office document, or files packed together.

Of an office document (OOXML, OpenDocument) every part is read, whether it shows or not: hidden
sheets, notes, comments, what a tracked change took out, properties. Its markup is no text.
"""

import zipfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from tempfile import SpooledTemporaryFile
from typing import IO, Any

from lxml.etree import LxmlError, XMLParser

from exports._open import DAMAGE

_PIECE, _SMALL = 1 << 16, 16 << 20
_DAMAGED = (*DAMAGE, LookupError, MemoryError)
_OFFICE = frozenset({"[Content_Types].xml", "mimetype"})
_BEFORE = b"\xef\xbb\xbf\xff\xfe\0 \r\n\t"
"""What may stand before XML: a byte order mark, white space."""
_ODF_MANIFEST = "META-INF/manifest.xml"
_BREAKS = frozenset({"p", "h", "si", "is", "c", "br", "tab", "s", "cr", "row", "tr", "comment"})
_SAYING = frozenset(
    {
        *("name", "descr", "title", "alt", "author", "initials", "target", "href", "tooltip"),
        *("label", "prompt", "prompttitle", "error", "errortitle", "displayname", "string-value"),
    }
)
"""Attributes that hold what somebody wrote."""

Unread = Callable[[str], None]
"""Is told what cannot be searched, and why."""


@dataclass(slots=True)
class Room:
    """What may still be unpacked of one file: bytes, files, and zip files in one another."""

    size: int = 256 << 20
    files: int = 10_000
    depth: int = 4


def is_zip(source: IO[bytes]) -> bool:
    """Whether the file is, or ends with, a zip file."""
    with suppress(*_DAMAGED):
        return zipfile.is_zipfile(source)
    return False


def texts(
    source: IO[bytes],
    read: Callable[[IO[bytes]], Iterator[str]],
    unread: Unread,
    room: Room,
) -> Iterator[str]:
    """What its members say; `read` gives the texts of one that is no part of an office document."""
    if not room.depth:
        unread("zip files within zip files, too deep")
        return
    room.depth -= 1
    try:
        with zipfile.ZipFile(source) as opened:
            yield opened.comment.decode(errors="replace")
            yield from _members(opened, read, unread, room)
    except _DAMAGED:
        unread("a zip file that is damaged")
    finally:
        room.depth += 1


def _members(
    opened: zipfile.ZipFile,
    read: Callable[[IO[bytes]], Iterator[str]],
    unread: Unread,
    room: Room,
) -> Iterator[str]:
    names = frozenset(opened.namelist())
    office = not names.isdisjoint(_OFFICE)
    if _ODF_MANIFEST in names and b"encryption-data" in opened.read(_ODF_MANIFEST):
        unread("protected by a password")
        return
    for info in opened.infolist():
        if not office:
            yield info.filename
        yield info.comment.decode(errors="replace")
        if info.is_dir():
            continue
        if info.flag_bits & 0x1:
            unread(f"{info.filename} in it, protected by a password")
            continue
        if info.file_size > room.size or not room.files:
            unread(f"{info.filename} in it, more than can be unpacked")
            continue
        room.size -= info.file_size
        room.files -= 1
        try:
            with opened.open(info) as member, SpooledTemporaryFile(_SMALL) as held:
                while piece := member.read(_PIECE):
                    held.write(piece)
                held.seek(0)
                marked = office and held.read(_PIECE).lstrip(_BEFORE)[:1] == b"<"
                held.seek(0)
                yield from written(held) if marked else read(held)
        except _DAMAGED:
            unread(f"{info.filename} in it, which is damaged or packed in an unknown way")


def written(source: IO[bytes]) -> Iterator[str]:
    """What is written in a file of XML: once with words that runs cut in pieces joined, once not.

    No entity is looked up. Of what is not well formed, what can be read.
    """
    target = _Written()
    handler: Any = target
    parser = XMLParser(
        target=handler, resolve_entities=False, no_network=True, load_dtd=False, recover=True
    )
    with suppress(LxmlError, ValueError):
        while piece := source.read(_PIECE):
            parser.feed(piece)
            yield from target.said(_SMALL)
        parser.close()
    yield from target.said(0)


class _Written:
    """Gathers what a parser tells it."""

    def __init__(self) -> None:
        self._texts: list[str] = []
        self._marks: list[str] = []
        self._size = 0

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        for name, value in attributes.items():
            if name.rpartition("}")[2].casefold() in _SAYING:
                self._marks.append(value)
        if tag.rpartition("}")[2] in _BREAKS:
            self._texts.append("\n")

    def end(self, tag: str) -> None:
        if tag.rpartition("}")[2] in _BREAKS:
            self._texts.append("\n")

    def data(self, data: str) -> None:
        self._texts.append(data)
        self._size += len(data)

    def comment(self, text: str) -> None:
        self._marks.append(text)

    def close(self) -> None:
        """Nothing is left over: `said` gives it."""

    def said(self, least: int) -> Iterator[str]:
        """What was gathered, if it is at least so many characters."""
        if self._size < least or not (self._texts or self._marks):
            return
        yield "".join(self._texts)
        yield "\n".join((*self._texts, *self._marks))
        self._texts, self._marks, self._size = self._texts[-8:] if least else [], [], 0
