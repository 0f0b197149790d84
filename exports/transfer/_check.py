"""Verifying a package with nothing but the package."""

import hashlib
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from archive import VerificationError, merkle
from archive.notes import Checkpoint, NoteKey, open_checkpoint
from exports import _bag, _open
from exports._manifests import Finding, bag_findings
from exports._open import Bundle
from exports._shown import pem
from exports.transfer._line import Line

_MARK = "data/disposal.json"
_NOTE_BYTES = 1 << 20
_FIXED = frozenset({
    "VERIFY.md", "bag-info.txt", "bagit.txt", _MARK, "data/premis.xml", "data/records.csv",
    "data/records.jsonl", "data/schedule.toml", "data/proofs/checkpoint",
    "data/proofs/log-key.pem", "data/proofs/log-key.pub",
    *(f"{kind}-{a}.txt" for kind in ("manifest", "tagmanifest") for a in _bag.ALGORITHMS),
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Checked:
    """What was found. `findings` is empty when everything holds; `key` is that in the package."""

    sha256: str
    files: int
    records: int
    entries: int
    key: str
    origin: str
    size: int
    findings: tuple[Finding, ...]


def is_package(path: Path) -> bool:
    """Whether a zip or folder looks like a package, and not like a bundle."""
    if path.is_dir():
        return (path / _MARK).is_file()
    if not zipfile.is_zipfile(path):
        return False
    with zipfile.ZipFile(path) as box:
        return _MARK in box.namelist()


def check_package(path: Path, *, key: NoteKey | None = None) -> Checked:
    """Check a package, zipped or unpacked: files, parts, proofs, the signature of the head.

    `key` is the log's key when it is known from elsewhere. VerificationError when it cannot be
    opened at all.
    """
    with _open.opened(path) as package:
        check = _Check(package)
        findings = tuple(check.run(key))
        files = len(package.names)
    return Checked(
        "" if path.is_dir() else _sha256(path),
        files,
        len(check.records),
        check.entries,
        str(check.key or ""),
        check.head.origin if check.head else "",
        check.head.size if check.head else 0,
        findings,
    )


class _Check:
    """One package being checked, and what is learnt about it on the way."""

    def __init__(self, package: Bundle) -> None:
        self._package = package
        self._expected = set(_FIXED)
        self.records: set[str] = set()
        self.entries = 0
        self.key: NoteKey | None = None
        self.head: Checkpoint | None = None

    def run(self, key: NoteKey | None) -> Iterator[Finding]:
        yield from bag_findings(self._package)
        yield from self._head_findings(key)
        try:
            with _open.stream(self._package, "data/records.jsonl") as lines:
                for number, line in enumerate(lines, 1):
                    place = f"data/records.jsonl, line {number}"
                    try:
                        yield from self._line_findings(Line.from_bytes(line), place)
                    except VerificationError as error:
                        yield Finding(place, str(error))
        except VerificationError as error:
            yield Finding("data/records.jsonl", str(error).removeprefix("data/records.jsonl: "))
        for name in sorted(set(self._package.names) - self._expected):
            yield Finding(name, "a file that no entry names")

    def _head_findings(self, key: NoteKey | None) -> Iterator[Finding]:
        place = "data/proofs/log-key.pub"
        try:
            text = _open.read(self._package, place, _NOTE_BYTES).decode(errors="replace")
            self.key = NoteKey.parse(text)
            if key is not None and self.key != key:
                yield Finding(place, f"not the key that was given, {key}")
            place = "data/proofs/log-key.pem"
            if _open.read(self._package, place, _NOTE_BYTES) != pem(self.key).encode():
                yield Finding(place, "not the key of log-key.pub")
            place = "data/proofs/checkpoint"
            note = _open.read(self._package, place, _NOTE_BYTES)
            self.head = open_checkpoint(note, [key or self.key])
        except VerificationError as error:
            yield Finding(place, str(error).removeprefix(f"{place}: "))

    def _line_findings(self, line: Line, place: str) -> Iterator[Finding]:
        self.entries += 1
        self.records.add(line.record)
        for what in line.findings():
            yield Finding(place, what)
        if self.head is not None:
            try:
                merkle.verify_inclusion(
                    line.leaf, line.index, self.head.size, line.proof, self.head.root
                )
            except VerificationError as error:
                yield Finding(place, str(error))
        for path, name in line.files.items():
            self._expected.add(name)
            try:
                with _open.stream(self._package, name) as source:
                    digest = _bag.digests_of(source, ("sha256",))["sha256"]
            except VerificationError as error:
                yield Finding(name, str(error).removeprefix(f"{name}: "))
                continue
            if digest.encode() != line.value(path):
                yield Finding(name, f"not the file that entry {line.index} names")


def _sha256(path: Path) -> str:
    with path.open("rb") as source:
        return hashlib.file_digest(source, "sha256").hexdigest()
