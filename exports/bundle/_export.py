"""Issuing a bundle: staged beside its place, attacked, verified, and only then given its name."""

import shutil
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from archive import Draft, Entry, Reader, Refused, StorageError, Writer, new_id
from archive.notes import NoteKey
from exports import _bag
from exports._production import ProducedRecord, ProducedRequest
from exports.bundle._attack import Attack
from exports.bundle._stage import stage
from exports.bundle._summary import Summary
from exports.bundle._verify import verify_bundle


@dataclass(frozen=True, slots=True)
class Issued:
    """A finished bundle: the SHA-256 of its zip, its size in bytes, and what is in it.

    `outcomes` counts records by outcome, `redactions` the parts that exemptions hide in the records
    released in part, and `position` is the size of the log that the proofs lead to.
    """

    sha256: str
    size: int
    files: int
    records: int
    outcomes: Mapping[str, int]
    redactions: int
    position: int


def export(
    reader: Reader,
    request: ProducedRequest,
    records: Iterable[ProducedRecord],
    out: Path,
    *,
    key: NoteKey,
    titles: Mapping[str, str],
    cover: Sequence[str] = (),
) -> Issued:
    """Write the bundle that answers a request to `out`, as of the reader's head.

    The same request, records, cover and head give the same bytes. `key` is the log's public key,
    `titles` the titles of exemption codes, `cover` the letter's paragraphs when not the usual ones.
    `out` appears whole, after everything hidden was looked for in it and it has been verified.

    Raises Refused when a redaction is incomplete or anything hidden is found in the finished
    bundle, StorageError when it cannot be written.
    """
    summary = Summary(request, reader.checkpoint(), reader.head.size, reader.head.at, key, titles)
    try:
        with tempfile.TemporaryDirectory(dir=out.parent, prefix=f".{out.name}.") as name:
            bag, finished = Path(name) / "bag", Path(name) / "bundle.zip"
            bag.mkdir()
            attack = Attack(summary, cover)
            stage(reader, records, bag, summary, cover, attack)
            _bag.pack(bag, finished, summary.at.date())
            shutil.rmtree(bag)
            attack.run(finished)
            issued = _issued(finished, summary)
            _bag.sync(finished)
            finished.replace(out)
            _bag.sync(out.parent)
    except OSError as error:
        raise StorageError(f"the bundle cannot be written: {error}") from error
    return issued


def _issued(finished: Path, summary: Summary) -> Issued:
    report = verify_bundle(finished)
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
        dict(summary.outcomes),
        summary.redactions,
        summary.position,
    )


def record_issue(writer: Writer, request: str, issued: Issued) -> Entry:
    """Enter in the log that a bundle answering this request (its id) was issued."""
    data = {
        "bundle": new_id(),
        "sha256": issued.sha256,
        "size_bytes": issued.size,
        "records": issued.records,
        "position": issued.position,
    }
    [entry] = writer.append([Draft("bundle.issued", request, data)])
    return entry
