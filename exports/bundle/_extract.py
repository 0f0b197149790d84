"""Every text that a finished bundle holds, file by file, as the self-attack reads it.

Ids, digests and hashes are left out by their exact form, and proofs that say nothing but a proof of
this bundle's head: anything else is read as text.
"""

import csv
import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from shutil import copyfileobj
from tempfile import SpooledTemporaryFile
from typing import IO, Any

import orjson

from exports.bundle import _attached, _load, _page, _pdf_text, _warc
from exports.bundle._attachments import FILE
from exports.bundle._leaks import Fragment

_OXUM = re.compile(r"^Payload-Oxum: [0-9]+\.[0-9]+$", re.MULTILINE)
_PAGE_NUMBER = re.compile(r"\b[A-Z][A-Z0-9-]{0,11}[0-9]{6,}(?:\.[0-9]{4,})?\b")
_MACHINE = re.compile(
    r"(?<![A-Za-z0-9])(?=[A-Za-z0-9+/-]{22})(?:"  # what they share: most texts fail here
    r"\b(?:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{32}|[0-9a-f]{64}|[0-9a-f]{128})\b"
    r"|(?<![+/])(?:[A-Za-z0-9+/]{43}=|[A-Za-z0-9+/]{22}==)(?![A-Za-z0-9+/=])"
    r")"
)
_PROOF = (  # as archive.notes.EntryProof writes one, up to its note
    rb"c2sp\.org/tlog-proof@v1\nindex (?:0|[1-9][0-9]{0,18})\n"
    rb"(?:[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=\n)*\n"
)
_LOADED = re.compile(r"data/load/text/(?P<number>[0-9]{6,})\.txt\Z")
_ROW_NUMBERS = frozenset({"number", "parts hidden", "log index"})
_SMALL, _PIECE = 16 << 20, 1 << 20
_SHOWN = {"path", "salt", "value"}


class Texts:
    """Reads the files of one finished bundle, which `checkpoint` is the head of.

    What a record says in the page and then again in `records.jsonl`, byte for byte, is given once.
    Files that must be read to and fro are laid out in `folder` when they are large. `unread` names
    files that cannot be searched, or not all of them, with the reason.
    """

    def __init__(self, checkpoint: str, folder: Path) -> None:
        self._checkpoint, self._folder = checkpoint, folder
        self.unread: list[str] = []
        self._said: dict[bytes, Any] = {}
        self._proof = re.compile(_PROOF + re.escape(checkpoint.encode()))

    def of(self, name: str, source: IO[bytes]) -> Iterator[Fragment]:
        """The texts of one file, its name among them."""
        yield Fragment(f"the name {name}", without_machine_values(_bare_name(name)))
        if FILE.match(name):
            yield from self._other(name, source)
        elif name == _load.DAT:
            yield from _load_file(name, source)
        elif name == _warc.NAME:
            yield from self._web_archive(name, source)
        elif name.endswith(".pdf"):
            with self._laid_out(source) as held:
                yield from _pdf(name, held)
        elif name.endswith(".html"):
            yield from self._page(name, source)
        elif name.endswith(".jsonl"):
            yield from self._records(name, source)
        elif name.endswith(".csv"):
            yield from _table(name, source)
        elif name.endswith(".tlog-proof"):
            data = source.read()
            if not self._proof.fullmatch(data):
                yield Fragment(name, data.decode(errors="replace"))
        else:
            yield from self._other(name, source)

    def _page(self, name: str, source: IO[bytes]) -> Iterator[Fragment]:
        opened = _page.Opened(source)
        for line in opened.records:
            value = _page.record_in(line)
            yield from _record(name, value)
            common = {k: v for k, v in value.items() if k not in _page.FURTHER}
            self._said[sha256(orjson.dumps(common)).digest()] = value.get("number")
        texts = list[str]()
        _strings(opened.about, texts)
        yield Fragment(f"{name}, its data", without_machine_values("\n".join(texts)))
        yield Fragment(name, without_machine_values(opened.bare.decode(errors="replace")))

    def _records(self, name: str, source: IO[bytes]) -> Iterator[Fragment]:
        for line in source:
            digest = sha256(line.removesuffix(b"\n")).digest()
            if digest in self._said:
                number = self._said[digest]
                yield Fragment(f"{name}, record {number}", "", number)
            else:
                yield from _record(name, orjson.loads(line))

    def _other(self, name: str, source: IO[bytes]) -> Iterator[Fragment]:
        """Of a form that is not ours, or of none."""
        numbered = FILE.match(name) or _LOADED.match(name)
        number = int(numbered["number"]) if numbered else None
        counted = _PAGE_NUMBER if name == _load.OPT else _OXUM
        with self._laid_out(source) as held:
            for text in _attached.texts(held, lambda what: self._unread(name, what)):
                said = text if FILE.match(name) else counted.sub(" ", text)
                yield Fragment(name, without_machine_values(said), number)

    def _web_archive(self, name: str, source: IO[bytes]) -> Iterator[Fragment]:
        for number, text in _warc.texts(source, lambda what: self._unread(name, what)):
            bare = without_machine_values(text)
            yield Fragment(f"{name}, record {number}", bare, number or None)

    def _unread(self, name: str, what: str) -> None:
        self.unread.append(f"{name}: {what}")

    @contextmanager
    def _laid_out(self, source: IO[bytes]) -> Iterator[IO[bytes]]:
        with SpooledTemporaryFile(_SMALL, dir=str(self._folder)) as held:
            copyfileobj(source, held, _PIECE)
            yield held


def without_machine_values(text: str) -> str:
    """The text without ids, digests and hashes, which may spell a word by accident."""
    return _MACHINE.sub(" ", text)


def _bare_name(name: str) -> str:
    return re.sub(r"\A(data/(?:proofs|attachments|load/text)/)[0-9]{6,}(?=[.-])", r"\1", name)


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


def _table(name: str, source: IO[bytes]) -> Iterator[Fragment]:
    rows = csv.reader(io.TextIOWrapper(source, "utf-8-sig", newline=""))
    head = next(rows, [])
    yield Fragment(f"{name}, its heading", "\n".join(head))
    for row in rows:
        number = int(row[0]) if row and row[0].isdecimal() else None
        cells = [
            cell
            for column, cell in zip([*head, *[""] * len(row)], row, strict=False)
            if not (column in _ROW_NUMBERS and cell.isdecimal())
        ]
        yield Fragment(f"{name}, record {number}", without_machine_values("\n".join(cells)), number)


def _load_file(name: str, source: IO[bytes]) -> Iterator[Fragment]:
    """Its heading, then a record a line, in the order of their numbers, with its files below."""
    number = -1
    for line in io.TextIOWrapper(source, "utf-8-sig", newline="\r\n"):
        number += "." not in line.partition(_load.BETWEEN)[0]
        cells = zip(_load.COLUMNS, line.removesuffix("\r\n").split(_load.BETWEEN), strict=False)
        text = "\n".join(cell.strip(_load.QUOTE) for column, cell in cells if column != "LOGINDEX")
        text = _PAGE_NUMBER.sub(" ", text).replace(_load.LINE, "\n")
        yield Fragment(f"{name}, record {number}", without_machine_values(text), number or None)


def _pdf(name: str, source: IO[bytes]) -> Iterator[Fragment]:
    place, number, texts = f"{name}, letter", None, list[str]()
    for page in _pdf_text.pages(source):
        before, *blocks = _pdf_text.RECORD_HEADING.split(_PAGE_NUMBER.sub(" ", page))
        texts.append(before)
        for found, block in zip(blocks[::2], blocks[1::2], strict=True):
            yield Fragment(place, without_machine_values("\n".join(texts)), number)
            number = int(found)
            place, texts = f"{name}, record {number}", [block]
    yield Fragment(place, without_machine_values("\n".join(texts)), number)
    for metadata in _attached.joined(_pdf_text.metadata(source)):
        yield Fragment(f"{name}, its metadata", without_machine_values(metadata))
    for strings in _attached.joined(_pdf_text.strings(source)):
        bare = _pdf_text.RECORD_HEADING.sub(" ", strings)
        yield Fragment(f"{name}, its strings", without_machine_values(bare))
