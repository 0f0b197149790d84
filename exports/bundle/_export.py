"""Issuing a bundle: staged beside its place, attacked, verified, and only then given its name."""

import tempfile
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from cryptography.x509 import Certificate

from archive import Draft, Entry, Reader, Refused, Writer, faults, new_id
from archive.notes import NoteKey
from exports import _bag
from exports._beside import another_process
from exports._production import Outcome, Production
from exports.bundle import _letter, _stamp
from exports.bundle._attack import Attack
from exports.bundle._compile import compiled, compiled_by
from exports.bundle._issues import Issue
from exports.bundle._numbering import Numbering, next_numbering
from exports.bundle._stage import stage
from exports.bundle._summary import Summary
from exports.bundle._verify import Report, verify_bundle
from exports.bundle._volumes import Volumes

_ALONE = _letter.VOLUME
"""No more records than these are not worth a second process."""


@dataclass(frozen=True, slots=True)
class Issued:
    """A finished bundle: the SHA-256 of its zip, its size in bytes, and what is in it.

    `outcomes` counts records by outcome, `redactions` the parts that exemptions hide in the records
    released in part, and `position` is the size of the log that the proofs lead to. `numbering`
    begins the numbers of the `pages` of the letter. `supersedes` is the SHA-256 of the bundle that
    this one corrects, or "". `unread` are released files that nobody can search, with the reason.
    """

    sha256: str
    size: int
    files: int
    records: int
    outcomes: Mapping[Outcome, int]
    redactions: int
    position: int
    numbering: Numbering
    pages: int
    supersedes: str = ""
    unread: tuple[str, ...] = ()


def export(
    reader: Reader,
    production: Production,
    out: Path,
    *,
    key: NoteKey,
    titles: Mapping[str, str],
    numbering: Numbering,
    cover: Sequence[str] = (),
    supersedes: Issue | None = None,
    authorities: Sequence[Certificate] = (),
    load_file: bool = False,
    warc: bool = False,
) -> Issued:
    """Write the bundle that answers a request to `out`, as of the reader's head.

    The same production, numbering, cover and head give the same bytes. `key` is the log's public
    key, `titles` the titles of exemption codes, `numbering` the numbers of the pages, `cover` the
    letter's paragraphs when not the usual ones, `supersedes` the bundle that this one corrects,
    `authorities` the certificates that the log's time stamps are checked by. With `load_file` a
    load file for review platforms goes along, with `warc` a web archive.
    `out` appears whole, after everything hidden was looked for in it and it has been verified.

    Raises Refused when a redaction is incomplete or anything hidden is found in the finished
    bundle, StorageError when it cannot be written.
    """
    summary = Summary(
        production.request,
        reader.checkpoint(),
        reader.head.size,
        reader.head.at,
        key,
        titles,
        numbering,
        production.outcomes,
        production.exemptions,
        supersedes,
        _stamp.newest(reader, authorities),
        load_file,
        warc,
    )
    try:
        with tempfile.TemporaryDirectory(dir=out.parent, prefix=f".{out.name}.") as name:
            bag, finished = Path(name) / "bag", Path(name) / "bundle.zip"
            bag.mkdir()
            alone = summary.records <= _ALONE
            with ThreadPoolExecutor(1) if alone else another_process() as other:
                attack = Attack(summary, cover)
                compile_ = compiled if alone else compiled_by(other)
                with Volumes(summary, cover, bag, compile_) as letter:
                    stage(reader, production.records, bag, summary, letter, attack)
                valid = other.submit(_bag.validate, bag)
                _bag.pack(bag, finished, summary.at.date())
                verified = other.submit(verify_bundle, finished, alone=True)
                unread = attack.run(finished, None if alone else other)
                valid.result()
                report = verified.result()
            issued = _issued(finished, report, summary, letter.pages, unread)
            _bag.sync(finished)
            finished.replace(out)
            _bag.sync(out.parent)
    except OSError as error:
        raise faults.of_system(error) from error
    return issued


def _issued(
    finished: Path, report: Report, summary: Summary, pages: int, unread: tuple[str, ...]
) -> Issued:
    if not report.ok:
        raise Refused(
            f"the finished bundle does not verify: {report.findings[0]}",
            hint="verify the archive: its records or its head may be damaged",
        )
    return Issued(
        report.sha256,
        finished.stat().st_size,
        report.files,
        summary.records,
        summary.outcomes,
        summary.redactions,
        summary.position,
        summary.numbering,
        pages,
        summary.supersedes.sha256 if summary.supersedes else "",
        unread,
    )


def record_issue(writer: Writer, request: str, issued: Issued) -> Entry:
    """Enter in the log that a bundle answering this request (its id) was issued.

    Refused when another bundle has taken the numbers of its pages meanwhile.
    """
    numbering = issued.numbering
    if next_numbering(writer, "", numbering.prefix) != numbering:
        raise Refused(
            "another bundle was issued meanwhile, with the same page numbers",
            hint="make the bundle again",
        )
    data = {
        "bundle": new_id(),
        "sha256": issued.sha256,
        "size_bytes": issued.size,
        "records": issued.records,
        "position": issued.position,
        "pages": {
            "prefix": numbering.prefix,
            "first": numbering.first,
            "last": numbering.first + issued.pages - 1,
        },
        **({"supersedes": issued.supersedes} if issued.supersedes else {}),
    }
    [entry] = writer.append([Draft("bundle.issued", request, data)])
    return entry
