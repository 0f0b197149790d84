"""The bag's own statements, checked against its files (RFC 8493 sections 2 and 3)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from archive import VerificationError
from exports import _bag, _open
from exports._open import Bundle

_LINE = re.compile(r"([0-9a-f]{64}|[0-9a-f]{128})  (\S.*)\Z")
_DECLARATION = re.compile(r"BagIt-Version: 1\.0\nTag-File-Character-Encoding: UTF-8\n\Z")
_OXUM = re.compile(r"^Payload-Oxum: ([0-9]+)\.([0-9]+)$", re.MULTILINE)
_TAG_BYTES = 1 << 30


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that does not hold, and the place: a file, with record and part where known."""

    place: str
    what: str

    def __str__(self) -> str:
        return f"{self.place}: {self.what}"


def bag_findings(bundle: Bundle) -> Iterator[Finding]:
    """Everything in which the bag is not complete and valid."""
    try:
        declaration = _open.read(bundle, "bagit.txt", _TAG_BYTES).decode(errors="replace")
        if not _DECLARATION.match(declaration):
            yield Finding("bagit.txt", "not the declaration of a BagIt 1.0 bag in UTF-8")
    except VerificationError as error:
        yield _finding(error)
    payload = {name for name in bundle.names if name.startswith("data/")}
    tags = {
        name
        for name in bundle.names
        if not name.startswith("data/") and not name.startswith("tagmanifest-")
    }
    yield from _oxum_findings(bundle, payload)
    yield from _manifest_findings(bundle, "manifest", payload)
    yield from _manifest_findings(bundle, "tagmanifest", tags)


def _oxum_findings(bundle: Bundle, payload: set[str]) -> Iterator[Finding]:
    try:
        info = _open.read(bundle, "bag-info.txt", _TAG_BYTES).decode(errors="replace")
    except VerificationError as error:
        yield _finding(error)
        return
    stated = _OXUM.search(info)
    held = (str(sum(map(bundle.size, payload))), str(len(payload)))
    if stated is None or stated.groups() != held:
        yield Finding("bag-info.txt", f"Payload-Oxum is not {'.'.join(held)}")


def _manifest_findings(bundle: Bundle, kind: str, files: set[str]) -> Iterator[Finding]:
    found: dict[str, dict[str, str]] = {}
    for algorithm in _bag.ALGORITHMS:
        name = f"{kind}-{algorithm}.txt"
        try:
            lines = listed(bundle, name)
        except VerificationError as error:
            yield _finding(error)
            continue
        for missing in sorted(lines.keys() - files):
            yield Finding(missing, f"listed in {name}, but not in the bundle")
        for unlisted in sorted(files - lines.keys()):
            yield Finding(unlisted, f"not listed in {name}")
        for path, digest in lines.items():
            found.setdefault(path, {})[algorithm] = digest
    for path in sorted(found.keys() & files):
        try:
            with _open.stream(bundle, path) as source:
                digests = _bag.digests_of(source, found[path])
        except VerificationError as error:
            yield _finding(error)
            continue
        wrong = [f"{kind}-{a}.txt" for a, digest in found[path].items() if digests[a] != digest]
        if wrong:
            yield Finding(path, f"not the file listed in {' and '.join(wrong)}")


def listed(bundle: Bundle, name: str) -> dict[str, str]:
    """The digests that a manifest states, by file; VerificationError when it is not in its form."""
    try:
        text = _open.read(bundle, name, _TAG_BYTES).decode()
    except UnicodeDecodeError as error:
        raise VerificationError(f"{name}: not UTF-8") from error
    if not text.endswith("\n"):
        raise VerificationError(f"{name}: its last line does not end")
    length = 64 if name.endswith("sha256.txt") else 128
    found: dict[str, str] = {}
    for number, line in enumerate(text[:-1].split("\n"), 1):
        match = _LINE.match(line)
        if not match or len(match[1]) != length or match[2] in found:
            raise VerificationError(f"{name}: line {number} is not a digest and a file of its own")
        found[match[2]] = match[1]
    return found


def _finding(error: VerificationError) -> Finding:
    place, _, what = str(error).partition(": ")
    return Finding(place, what)
