"""Files of a bundle that say again what `records.jsonl` says, made again and compared."""

import re
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from types import TracebackType
from typing import Any, Self

from archive import VerificationError
from archive.spreadsheets import BOM, row
from exports import _bag, _open
from exports._manifests import Finding
from exports._open import Bundle
from exports.bundle import _load, _tables, _warc
from exports.bundle._disclosed import Item
from exports.bundle._loaded import Loaded
from exports.bundle._summary import description

_INFO_BYTES = 1 << 20
_SUM = re.compile(r"^Payload-Oxum: .*\n", re.MULTILINE)
_SUPERSEDES = re.compile(r"^Supersedes: (.*)$", re.MULTILINE)


class Against:
    """A file of a bundle, compared with what is written here; `fault` is where it first differs.

    `record` is the number of the record that is written, 0 before the first.
    """

    def __init__(self, bundle: Bundle, name: str, closing: ExitStack) -> None:
        self._name = name
        self.record = 0
        self.fault: Finding | None = None
        try:
            self._source = closing.enter_context(_open.stream(bundle, name))
        except VerificationError as error:
            self._differs(str(error).removeprefix(f"{name}: "))

    def write(self, expected: bytes) -> int:
        if self.fault is None and self._read(len(expected)) != expected:
            self._differs("not what records.jsonl says")
        return len(expected)

    def flush(self) -> None:
        """Nothing waits to be written."""

    def finish(self) -> None:
        """Nothing may follow."""
        self.record = 0
        if self.fault is None and self._read(1):
            self._differs("more than records.jsonl says")

    def _read(self, size: int) -> bytes:
        try:
            return self._source.read(size)
        except _open.DAMAGE as error:
            self._differs(f"cannot be read ({error})")
            return b""

    def _differs(self, what: str) -> None:
        if self.fault is None:
            place = f", record {self.record}" if self.record else ""
            self.fault = Finding(self._name + place, what)


class Rebuilt:
    """Makes the tables, the web archive and the load file's texts again, record by record.

    `about` is what the page says of the bundle, None where it cannot be read.
    """

    def __init__(self, bundle: Bundle, about: Mapping[str, Any] | None) -> None:
        self._bundle, self._closing = bundle, ExitStack()
        self._titles = _texts(about, "titles") if about is not None else None
        self._files: list[Against] = []
        self._findings: list[Finding] = []
        self._table = self._against("data/records.csv")
        self._table.write((BOM + row(_tables.RECORD_HEAD)).encode())
        self._withheld = self._against("data/withheld.csv")
        self._withheld.write((BOM + row(_tables.WITHHELD_HEAD)).encode())
        self._load = self._load_file(about) if _load.DAT in bundle.names else None
        self._web = self._web_archive() if _warc.NAME in bundle.names else None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._closing.close()

    def add(self, item: Item) -> None:
        """The next record."""
        for file in self._files:
            file.record = item.number
        self._table.write(_tables.record_row(item).encode())
        if item.outcome != "release" and self._titles is not None:
            self._withheld.write(_tables.withheld_row(item, self._titles).encode())
        if self._web is not None:
            self._web.add(item)
        if _load.DAT in self._bundle.names:
            self._text(item)
        if self._load is not None:
            loaded, rows, _ = self._load
            account = str(item.entry().data.get("account", ""))
            row = _load.row_of(item, account, loaded.answers(item.number))
            if not loaded.has(item.number):
                self._findings.append(Finding(f"{_load.DAT}, record {item.number}", "missing"))
                return
            for line in loaded.book.rows(row):
                rows.write(line.encode())

    def finish(self) -> Iterator[Finding]:
        """What differs, after the last record."""
        if self._load is not None:
            loaded, _, pages = self._load
            pages.record = 0
            for line in loaded.book.images():
                pages.write(line.encode())
        for file in self._files:
            if file is not self._withheld or self._titles is not None:
                file.finish()
            if file.fault is not None:
                yield file.fault
        yield from self._findings

    def _against(self, name: str) -> Against:
        self._files.append(Against(self._bundle, name, self._closing))
        return self._files[-1]

    def _web_archive(self) -> _warc.WebArchive | None:
        """One that is compared with the bundle's; its first record names itself and its time."""
        file = self._against(_warc.NAME)
        try:
            with _open.stream(self._bundle, _warc.NAME) as source:
                request, made = _warc.named(source.read(_warc.HEAD_BYTES))
        except VerificationError as error:
            self._findings.append(Finding(_warc.NAME, str(error).removeprefix(f"{_warc.NAME}: ")))
            self._files.remove(file)
            return None
        return _warc.WebArchive(file, request, made)

    def _load_file(self, about: Mapping[str, Any] | None) -> tuple[Loaded, Against, Against] | None:
        """The load file's tables, with page numbers as they have them themselves."""
        if about is None:
            return None
        try:
            loaded = Loaded(self._bundle, _texts(about, "accounts"))
        except VerificationError as error:
            place, _, what = str(error).partition(": ")
            self._findings.append(Finding(place, what))
            return None
        rows, pages = self._against(_load.DAT), self._against(_load.OPT)
        rows.write(_load.HEAD.encode())
        return loaded, rows, pages

    def _text(self, item: Item) -> None:
        name = _load.text_name(item.number)
        with ExitStack() as closing:
            file = Against(self._bundle, name, closing)
            file.write(_load.text_of(item).encode())
            file.finish()
        if file.fault is not None:
            self._findings.append(file.fault)


def _texts(about: Mapping[str, Any], member: str) -> dict[str, str]:
    """The titles of exemptions, or the names of accounts, as the page has them."""
    texts = about.get(member)
    return {str(k): str(v) for k, v in texts.items()} if isinstance(texts, dict) else {}


def superseded(bundle: Bundle) -> str:
    """What `bag-info.txt` says that the bundle supersedes; "" for nothing, or if damaged."""
    try:
        found = _SUPERSEDES.search(_info(bundle))
    except VerificationError:
        return ""
    return found[1] if found else ""


def info_findings(bundle: Bundle, about: Mapping[str, Any]) -> Iterator[Finding]:
    """Where the bag's description is not what the page says of the bundle."""
    members = ("body", "request", "title", "date", "supersedes")
    said = description(*(str(about.get(name, "")) for name in members))
    try:
        held = _SUM.sub("", _info(bundle))
    except VerificationError as error:
        yield Finding("bag-info.txt", str(error).removeprefix("bag-info.txt: "))
        return
    if held != _bag.info_text(said):
        yield Finding("bag-info.txt", "not what the page says of the bundle")


def _info(bundle: Bundle) -> str:
    return _open.read(bundle, "bag-info.txt", _INFO_BYTES).decode(errors="replace")
