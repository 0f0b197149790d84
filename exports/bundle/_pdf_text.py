"""What a PDF says: its pages as PDFium reads them, its metadata, and the strings between them."""

import re
import zlib
from collections.abc import Iterator
from typing import IO

import pypdfium2
from lxml.etree import XMLParser, XMLSyntaxError, fromstring

RECORD_HEADING = re.compile(r"Record\s+([0-9]+)\s+of\s+[0-9]+")

_STREAM = re.compile(rb"\bstream\r?\n")
_END = re.compile(rb"endstream")
_LONGEST = 16
_PIECE = 1 << 20
_SMALL = 16 << 20
_STRING = re.compile(rb"\((?:[^()\\]|\\.)*\)|<(?:[0-9A-Fa-f]{2}\s*)+>", re.DOTALL)
_XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"


def page_count(data: bytes | IO[bytes]) -> int:
    """How many pages it has."""
    document = pypdfium2.PdfDocument(data)
    try:
        return len(document)
    finally:
        document.close()


def record_pages(data: bytes) -> Iterator[tuple[int, int]]:
    """The number of each record that the letter's bookmarks name, and its page from 0."""
    document = pypdfium2.PdfDocument(data)
    try:
        for mark in document.get_toc():
            found, place = RECORD_HEADING.match(mark.get_title()), mark.get_dest()
            if found and place is not None:
                yield int(found[1]), place.get_index()
    finally:
        document.close()


def pages(source: IO[bytes]) -> Iterator[str]:
    """The text of each page; pypdfium2.PdfiumError for what is no PDF, or one with a password."""
    document = _opened(source)
    try:
        for page in document:
            text = page.get_textpage()
            try:
                yield text.get_text_range()
            finally:
                text.close()
                page.close()
    finally:
        document.close()


def metadata(source: IO[bytes]) -> Iterator[str]:
    """The values of the document's information and of its XMP packets."""
    document = _opened(source)
    try:
        yield from document.get_metadata_dict().values()
    finally:
        document.close()
    for _, packet in _around_streams(source, b"/Metadata"):
        yield from _packet(packet)


def strings(source: IO[bytes]) -> Iterator[str]:
    """The strings outside its pages: bookmarks, alternative texts, annotations, names."""
    for bodies in _around_streams(source, b"/ObjStm"):
        for body in bodies:
            yield from (_text(match[0]) for match in _STRING.finditer(body))


def _opened(source: IO[bytes]) -> pypdfium2.PdfDocument:
    """A small file from memory: PDFium asks a file for every few bytes."""
    source.seek(0)
    data = source.read(_SMALL + 1)
    return pypdfium2.PdfDocument(data if len(data) <= _SMALL else source)


def _packet(packet: bytes) -> Iterator[str]:
    if not packet:
        return
    try:
        root = fromstring(packet, XMLParser(resolve_entities=False))
    except XMLSyntaxError:
        yield packet.decode(errors="replace")
        return
    for node in root.iter("*"):
        yield node.text or ""
        yield node.tail or ""
        yield from (str(v) for name, v in node.attrib.items() if name != _XML_LANG)


def _around_streams(source: IO[bytes], kind: bytes) -> Iterator[tuple[bytes, bytes]]:
    """What stands before each stream, and what the stream holds if its dictionary names this type.

    At last what stands after them all.
    """
    scanner = _Scanner(source)
    while True:
        before, more = scanner.through(_STREAM)
        if not more:
            yield before, b""
            return
        head = before[max(before.rfind(b" obj"), 0) :]
        body, _ = scanner.through(_END, keep=kind in head)
        packed = b"/FlateDecode" in head and kind in head
        yield before, zlib.decompressobj().decompress(body) if packed else body


class _Scanner:
    """Goes through a file from mark to mark, a piece of it in memory."""

    def __init__(self, source: IO[bytes]) -> None:
        source.seek(0)
        self._source, self._held, self._at = source, b"", 0

    def through(self, mark: re.Pattern[bytes], *, keep: bool = True) -> tuple[bytes, bool]:
        """What stands before the next mark, if it is to be kept, and whether there is one."""
        passed = list[bytes]()
        while True:
            found = mark.search(self._held, self._at)
            end = found.start() if found else max(self._at, len(self._held) - _LONGEST)
            piece = b"" if found else self._source.read(_PIECE)
            if not found and not piece:
                end = len(self._held)
            if keep:
                passed.append(self._held[self._at : end])
            if found or not piece:
                self._at = found.end() if found else end
                return b"".join(passed), found is not None
            self._held, self._at = self._held[end:] + piece, 0


def _text(literal: bytes) -> str:
    if literal.startswith(b"<"):
        value = bytes.fromhex(literal[1:-1].decode("ascii"))
    else:
        value = re.sub(rb"\\(.)", rb"\1", literal[1:-1])
    if value.startswith(b"\xfe\xff"):
        return value[2:].decode("utf-16-be", errors="replace")
    return value.decode("utf-8", errors="replace")
