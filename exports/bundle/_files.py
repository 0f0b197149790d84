"""What of a bundle is checked without its proofs: the bag, the page beside its records, the zip."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from archive import VerificationError
from exports import _open
from exports._manifests import Finding, bag_findings
from exports._open import Bundle
from exports.bundle import _page

_PAGE, _RECORDS = "data/index.html", "data/records.jsonl"


@dataclass(frozen=True, slots=True)
class Files:
    """What was found. `sha256` is that of the zip, "" for a folder.

    `packed` says where the zip is not as it would be made of its content; "" where it is, and where
    there are findings.
    """

    findings: tuple[Finding, ...]
    sha256: str
    packed: str


def check_files(path: Path) -> Files:
    """Check the files of a bundle; VerificationError when it cannot be opened."""
    with _open.opened(path) as bundle:
        findings = (*bag_findings(bundle), *_page_findings(bundle))
    if path.is_dir():
        return Files(findings, "", "")
    with path.open("rb") as source:
        digest = hashlib.file_digest(source, "sha256").hexdigest()
    return Files(findings, digest, "" if findings else _open.packed_otherwise(path))


def _page_findings(bundle: Bundle) -> Iterator[Finding]:
    """Where the page does not show what `records.jsonl` says."""
    page = _shown(bundle)
    try:
        with _open.stream(bundle, _RECORDS) as lines:
            for number, line in enumerate(lines, 1):
                yield from _record_findings(number, line, next(page, None))
    except VerificationError:
        return  # whoever checks the records says so
    if next(page, None) is not None:
        yield Finding(_PAGE, "more records than records.jsonl has")


def _shown(bundle: Bundle) -> Iterator[dict[str, Any] | Finding]:
    """The page's records; for one that cannot be read, what is wrong."""
    try:
        with _open.stream(bundle, _PAGE) as source:
            for number, line in enumerate(_page.Opened(source).records, 1):
                try:
                    shown = _page.record_in(line)
                except VerificationError as error:
                    yield Finding(f"{_PAGE}, record {number}", str(error))
                else:
                    yield shown
    except VerificationError as error:
        yield Finding(_PAGE, str(error).removeprefix(f"{_PAGE}: "))


def _record_findings(
    number: int, line: bytes, shown: dict[str, Any] | Finding | None
) -> Iterator[Finding]:
    place = f"{_PAGE}, record {number}"
    if isinstance(shown, Finding):
        yield shown
        return
    if shown is None:
        yield Finding(place, "missing")
        return
    try:
        expected = _page.record_in(line)
    except VerificationError:
        return
    if {name: value for name, value in shown.items() if name not in _page.FURTHER} == expected:
        return
    for member, value in expected.items():
        if member != "parts" and shown.get(member) != value:
            yield Finding(place, f"its {member} is not that of records.jsonl")
    ours, theirs = expected.get("parts"), shown.get("parts")
    if not isinstance(ours, list) or not isinstance(theirs, list) or len(ours) != len(theirs):
        yield Finding(place, "not as many parts as in records.jsonl")
        return
    for one, other in zip(ours, theirs, strict=True):
        if one != other:
            path = one.get("path") if isinstance(one, dict) else one
            yield Finding(f"{place}, part {path}", "not the part in records.jsonl")
