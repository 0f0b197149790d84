"""Every text that a finished bundle holds, file by file, as the self-attack reads it.

Ids, digests and hashes are left out by their exact form, and proofs that say nothing but a proof of
this bundle's head: anything else is read as text.
"""

import csv
import io
import re
import zlib
from collections.abc import Iterator
from html import unescape
from typing import Any

import orjson
from lxml.etree import XMLParser, fromstring
from pypdf import PdfReader
from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject

from archive.errors import VerificationError
from archive.notes import EntryProof
from exports.bundle import _page as _page_
from exports.bundle._attachments import FILE
from exports.bundle._leaks import Fragment

RECORD_HEADING = re.compile(r"Record\s+([0-9]+)\s+of\s+[0-9]+")

_OXUM = re.compile(r"^Payload-Oxum: [0-9]+\.[0-9]+$", re.MULTILINE)
_PAGE_NUMBER = re.compile(r"Page\s+[0-9]+\s+of\s+[0-9]+")
_MACHINE = re.compile(
    r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b|\b(?:[0-9a-f]{32}|[0-9a-f]{64}|[0-9a-f]{128})\b"
    r"|(?<![A-Za-z0-9+/])(?:[A-Za-z0-9+/]{43}=|[A-Za-z0-9+/]{22}==)(?![A-Za-z0-9+/=])"
)
_READABLE = re.compile(rb"[\x20-\x7e]{8,}")
_READABLE_WIDE = re.compile(rb"(?:[\x20-\x7e]\x00){4,}")
_ROW_NUMBERS = frozenset({"number", "parts hidden", "log index"})
_XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_STREAM = re.compile(rb"\bstream\r?\n")
_PDF_STRING = re.compile(rb"\((?:[^()\\]|\\.)*\)|<(?:[0-9A-Fa-f]{2}\s*)+>", re.DOTALL)


def fragments(name: str, data: bytes, checkpoint: str) -> Iterator[Fragment]:
    """The texts of one file of a bundle, its name among them."""
    yield Fragment(f"the name {name}", without_machine_values(_bare_name(name)))
    if name.endswith(".pdf"):
        yield from _pdf(name, data)
    elif name.endswith(".html"):
        yield from _page(name, data)
    elif name.endswith(".jsonl"):
        for line in data.splitlines():
            yield from _record(name, orjson.loads(line))
    elif name.endswith(".csv"):
        yield from _table(name, data)
    elif name.endswith(".tlog-proof"):
        yield from _proof(name, data, checkpoint)
    else:
        attachment = FILE.match(name)
        number = int(attachment["number"]) if attachment else None
        for text in _texts_of(data):
            yield Fragment(name, without_machine_values(_OXUM.sub("", text)), number)


def without_machine_values(text: str) -> str:
    """The text without ids, digests and hashes, which may spell a word by accident."""
    return _MACHINE.sub(" ", text)


def _texts_of(data: bytes) -> Iterator[str]:
    """A file of any kind as text: whole when it is text, else the readable runs of its bytes."""
    try:
        yield data.decode()
    except UnicodeDecodeError:
        yield "\n".join(run.decode("ascii") for run in _READABLE.findall(data))
        yield "\n".join(run.decode("utf-16-le") for run in _READABLE_WIDE.findall(data))


def _bare_name(name: str) -> str:
    return re.sub(r"\A(data/(?:proofs|attachments)/)[0-9]{6,}(?=[.-])", r"\1", name)


def _proof(name: str, data: bytes, checkpoint: str) -> Iterator[Fragment]:
    try:
        proof = EntryProof.parse(data)
        exact = str(proof).encode() == data and proof.note == checkpoint
    except VerificationError:
        exact = False
    if not exact:
        yield Fragment(name, data.decode(errors="replace"))


def _record(place: str, value: dict[str, Any]) -> Iterator[Fragment]:
    number = value.get("number")
    number = number if isinstance(number, int) else None
    texts = list[str]()
    _strings(value, texts)
    yield Fragment(f"{place}, record {number}", "\n".join(texts), number)


def _strings(value: object, out: list[str]) -> None:
    if isinstance(value, str):
        out.append(without_machine_values(value))
    elif isinstance(value, list):
        for member in value:
            _strings(member, out)
    elif isinstance(value, dict):
        for key, member in value.items():
            out.append(key)
            is_proof = key == "proof" and isinstance(member, str)
            _strings(_bare_name(member) if is_proof else member, out)


def _page(name: str, data: bytes) -> Iterator[Fragment]:
    bare, about, records = _page_.parts_of(data)
    for line in records:
        yield from _record(name, _page_.record_in(line))
    texts = list[str]()
    _strings(about, texts)
    yield Fragment(f"{name}, its data", "\n".join(texts))
    text = bare.decode(errors="replace")
    yield Fragment(name, without_machine_values(text))
    yield Fragment(name, without_machine_values(unescape(text)))


def _table(name: str, data: bytes) -> Iterator[Fragment]:
    rows = csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""))
    head = next(rows, [])
    yield Fragment(f"{name}, its heading", "\n".join(head))
    for row in rows:
        number = int(row[0]) if row and row[0].isdecimal() else None
        cells = [
            without_machine_values(cell)
            for column, cell in zip([*head, *[""] * len(row)], row, strict=False)
            if not (column in _ROW_NUMBERS and cell.isdecimal())
        ]
        yield Fragment(f"{name}, record {number}", "\n".join(cells), number)


def _pdf(name: str, data: bytes) -> Iterator[Fragment]:
    reader = PdfReader(io.BytesIO(data))
    place, number, texts = f"{name}, letter", None, list[str]()
    for page in reader.pages:
        text = _PAGE_NUMBER.sub(" ", page.extract_text())
        before, *blocks = RECORD_HEADING.split(text)
        texts.append(before)
        for found, block in zip(blocks[::2], blocks[1::2], strict=True):
            yield Fragment(place, without_machine_values("\n".join(texts)), number)
            number = int(found)
            place, texts = f"{name}, record {number}", [block]
    yield Fragment(place, without_machine_values("\n".join(texts)), number)
    yield Fragment(f"{name}, its metadata", _metadata(reader))
    strings = RECORD_HEADING.sub(" ", "\n".join(_pdf_strings(data)))
    yield Fragment(f"{name}, its strings", without_machine_values(strings))
    annotations = [_annotation(item) for page in reader.pages for item in page.get("/Annots") or ()]
    yield Fragment(f"{name}, its annotations", "\n".join(annotations))


def _metadata(reader: PdfReader) -> str:
    values = [f"{value}" for value in (reader.metadata or {}).values()]
    packet = reader.root_object.get("/Metadata")
    if packet is not None:
        root = fromstring(packet.get_object().get_data(), XMLParser(resolve_entities=False))
        for node in root.iter("*"):
            values += [node.text or "", node.tail or ""]
            values += [str(v) for name, v in node.attrib.items() if name != _XML_LANG]
    return without_machine_values("\n".join(values))


def _annotation(item: IndirectObject | DictionaryObject | ArrayObject) -> str:
    return without_machine_values(str(item.get_object()))


def _pdf_strings(data: bytes) -> Iterator[str]:
    """The strings of a PDF outside its pages: bookmarks, alternative texts, names."""
    for body in _pdf_objects(data):
        for match in _PDF_STRING.finditer(body):
            yield _pdf_string(match[0])


def _pdf_objects(data: bytes) -> Iterator[bytes]:
    """What lies outside a PDF's streams, and the streams that hold objects."""
    at = 0
    while found := _STREAM.search(data, at):
        outside = data[at : found.start()]
        yield outside
        end = data.find(b"endstream", found.end())
        at = end if end >= 0 else len(data)
        if b"/ObjStm" in outside[outside.rfind(b" obj") :]:
            yield zlib.decompressobj().decompress(data[found.end() : at])
    yield data[at:]


def _pdf_string(literal: bytes) -> str:
    if literal.startswith(b"<"):
        value = bytes.fromhex(literal[1:-1].decode("ascii"))
    else:
        value = re.sub(rb"\\(.)", rb"\1", literal[1:-1])
    if value.startswith(b"\xfe\xff"):
        return value[2:].decode("utf-16-be", errors="replace")
    return value.decode("utf-8", errors="replace")
