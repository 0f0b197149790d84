"""What a PDF says: its pages as PDFium reads them, its metadata, and the strings between them."""

import re
import zlib
from collections.abc import Iterator

import pypdfium2
from lxml.etree import XMLParser, XMLSyntaxError, fromstring

RECORD_HEADING = re.compile(r"Record\s+([0-9]+)\s+of\s+[0-9]+")

_STREAM = re.compile(rb"\bstream\r?\n")
_STRING = re.compile(rb"\((?:[^()\\]|\\.)*\)|<(?:[0-9A-Fa-f]{2}\s*)+>", re.DOTALL)
_XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"


def page_count(data: bytes) -> int:
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
            found, place = RECORD_HEADING.fullmatch(mark.get_title()), mark.get_dest()
            if found and place is not None:
                yield int(found[1]), place.get_index()
    finally:
        document.close()


def pages(data: bytes) -> Iterator[str]:
    """The text of each page; pypdfium2.PdfiumError for what is no PDF, or one with a password."""
    document = pypdfium2.PdfDocument(data)
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


def metadata(data: bytes) -> str:
    """The values of the document's information and of its XMP packets."""
    document = pypdfium2.PdfDocument(data)
    try:
        values = list(document.get_metadata_dict().values())
    finally:
        document.close()
    for packet in _streams(data, b"/Metadata"):
        values += _packet(packet)
    return "\n".join(values)


def strings(data: bytes) -> str:
    """The strings outside its pages: bookmarks, alternative texts, annotations, names."""
    bodies = [*_outside_streams(data), *_streams(data, b"/ObjStm")]
    return "\n".join(_text(match[0]) for body in bodies for match in _STRING.finditer(body))


def _packet(packet: bytes) -> Iterator[str]:
    try:
        root = fromstring(packet, XMLParser(resolve_entities=False))
    except XMLSyntaxError:
        yield packet.decode(errors="replace")
        return
    for node in root.iter("*"):
        yield node.text or ""
        yield node.tail or ""
        yield from (str(v) for name, v in node.attrib.items() if name != _XML_LANG)


def _outside_streams(data: bytes) -> Iterator[bytes]:
    at = 0
    while found := _STREAM.search(data, at):
        yield data[at : found.start()]
        end = data.find(b"endstream", found.end())
        at = end if end >= 0 else len(data)
    yield data[at:]


def _streams(data: bytes, kind: bytes) -> Iterator[bytes]:
    """What the streams hold whose dictionary names this type."""
    at = 0
    while found := _STREAM.search(data, at):
        head = data[max(data.rfind(b" obj", at, found.start()), at) : found.start()]
        end = data.find(b"endstream", found.end())
        end = end if end >= 0 else len(data)
        if kind in head:
            body = data[found.end() : end]
            yield zlib.decompressobj().decompress(body) if b"/FlateDecode" in head else body
        at = end


def _text(literal: bytes) -> str:
    if literal.startswith(b"<"):
        value = bytes.fromhex(literal[1:-1].decode("ascii"))
    else:
        value = re.sub(rb"\\(.)", rb"\1", literal[1:-1])
    if value.startswith(b"\xfe\xff"):
        return value[2:].decode("utf-16-be", errors="replace")
    return value.decode("utf-8", errors="replace")
