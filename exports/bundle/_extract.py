"""Every text that a finished bundle holds, file by file, as the self-attack reads it.

Ids, digests and hashes are left out by their exact form, and proofs that say nothing but a proof of
this bundle's head: anything else is read as text.
"""

import csv
import io
import re
from collections.abc import Iterator
from typing import Any

import orjson

from archive.errors import VerificationError
from archive.notes import EntryProof
from exports.bundle import _attached, _load, _pdf_text, _warc
from exports.bundle import _page as _page_
from exports.bundle._attachments import FILE
from exports.bundle._leaks import Fragment

_OXUM = re.compile(r"^Payload-Oxum: [0-9]+\.[0-9]+$", re.MULTILINE)
_PAGE_NUMBER = re.compile(r"\b[A-Z][A-Z0-9-]{0,11}[0-9]{6,}\b")
_MACHINE = re.compile(
    r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b|\b(?:[0-9a-f]{32}|[0-9a-f]{64}|[0-9a-f]{128})\b"
    r"|(?<![A-Za-z0-9+/])(?:[A-Za-z0-9+/]{43}=|[A-Za-z0-9+/]{22}==)(?![A-Za-z0-9+/=])"
)
_LOADED = re.compile(r"data/load/text/([0-9]{6,})\.txt\Z")
_ROW_NUMBERS = frozenset({"number", "parts hidden", "log index"})
_SHOWN = {"path", "salt", "value"}


def fragments(name: str, data: bytes, checkpoint: str) -> Iterator[Fragment]:
    """The texts of one file of a bundle, its name among them."""
    yield Fragment(f"the name {name}", without_machine_values(_bare_name(name)))
    attachment = FILE.match(name)
    if attachment:
        for text in _attached.texts(data):
            yield Fragment(name, without_machine_values(text), int(attachment["number"]))
    elif name == _load.DAT:
        yield from _load_file(name, data)
    elif name == _warc.NAME:
        yield from _web_archive(name, data)
    elif name.endswith(".pdf"):
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
        number = _LOADED.match(name)
        for text in _attached.texts(data):
            numbered = _PAGE_NUMBER if name == _load.OPT else _OXUM
            bare = without_machine_values(numbered.sub(" ", text))
            yield Fragment(name, bare, int(number[1]) if number else None)


def without_machine_values(text: str) -> str:
    """The text without ids, digests and hashes, which may spell a word by accident."""
    return _MACHINE.sub(" ", text)


def _bare_name(name: str) -> str:
    return re.sub(r"\A(data/(?:proofs|attachments|load/text)/)[0-9]{6,}(?=[.-])", r"\1", name)


def _proof(name: str, data: bytes, checkpoint: str) -> Iterator[Fragment]:
    try:
        proof = EntryProof.parse(data)
        exact = str(proof).encode() == data and proof.note == checkpoint
    except VerificationError:
        exact = False
    if not exact:
        yield Fragment(name, data.decode(errors="replace"))


def _record(place: str, value: dict[str, Any]) -> Iterator[Fragment]:
    """A record as one text: its parts' values joined as they stand, then all else it says."""
    number = value.get("number")
    number = number if isinstance(number, int) else None
    texts, shown = list[str](), list[str]()
    for member, content in value.items():
        if member == "parts" and isinstance(content, list):
            for part in content:
                _part(part, texts, shown)
        else:
            texts.append(member)
            is_proof = member == "proof" and isinstance(content, str)
            _strings(_bare_name(content) if is_proof else content, texts)
    whole = "\n".join(("".join(shown), *texts))
    yield Fragment(f"{place}, record {number}", without_machine_values(whole), number)


def _part(part: object, texts: list[str], shown: list[str]) -> None:
    if isinstance(part, dict) and part.keys() == _SHOWN:
        path, salt, value = part["path"], part["salt"], part["value"]
        if isinstance(path, str) and isinstance(salt, str) and isinstance(value, str):
            shown.append(value if path.rpartition("/")[2].isdecimal() else f"\n{value}\n")
            texts += (path, salt)
            return
    shown.append("\n")
    _strings(part, texts)


def _strings(value: object, out: list[str]) -> None:
    if isinstance(value, str):
        out.append(value)
    elif isinstance(value, list):
        for member in value:
            _strings(member, out)
    elif isinstance(value, dict):
        for key, member in value.items():
            out.append(key)
            _strings(member, out)


def _page(name: str, data: bytes) -> Iterator[Fragment]:
    bare, about, records = _page_.parts_of(data)
    for line in records:
        yield from _record(name, _page_.record_in(line))
    texts = list[str]()
    _strings(about, texts)
    yield Fragment(f"{name}, its data", without_machine_values("\n".join(texts)))
    yield Fragment(name, without_machine_values(bare.decode(errors="replace")))


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


def _load_file(name: str, data: bytes) -> Iterator[Fragment]:
    """Its heading, then a record a line, in the order of their numbers."""
    lines = data.decode("utf-8-sig").removesuffix("\r\n").split("\r\n")
    for number, line in enumerate(lines):
        cells = zip(_load.COLUMNS, line.split(_load.BETWEEN), strict=False)
        text = "\n".join(cell.strip(_load.QUOTE) for column, cell in cells if column != "LOGINDEX")
        text = _PAGE_NUMBER.sub(" ", text).replace(_load.LINE, "\n")
        yield Fragment(f"{name}, record {number}", without_machine_values(text), number or None)


def _web_archive(name: str, data: bytes) -> Iterator[Fragment]:
    for number, text in _warc.texts(data):
        bare = without_machine_values(text)
        yield Fragment(f"{name}, record {number}", bare, number or None)


def _pdf(name: str, data: bytes) -> Iterator[Fragment]:
    place, number, texts = f"{name}, letter", None, list[str]()
    for page in _pdf_text.pages(data):
        before, *blocks = _pdf_text.RECORD_HEADING.split(_PAGE_NUMBER.sub(" ", page))
        texts.append(before)
        for found, block in zip(blocks[::2], blocks[1::2], strict=True):
            yield Fragment(place, without_machine_values("\n".join(texts)), number)
            number = int(found)
            place, texts = f"{name}, record {number}", [block]
    yield Fragment(place, without_machine_values("\n".join(texts)), number)
    yield Fragment(f"{name}, its metadata", without_machine_values(_pdf_text.metadata(data)))
    strings = _pdf_text.RECORD_HEADING.sub(" ", _pdf_text.strings(data))
    yield Fragment(f"{name}, its strings", without_machine_values(strings))
