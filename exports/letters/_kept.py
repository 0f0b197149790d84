"""Letters that were sent, in the log, and the file of denials that anybody may see."""

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256

from archive import Draft, Parts, Reader, Writer, times
from exports.letters._templates import Kind
from exports.requests import Request, list_requests, review


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter of a request: its kind, when it was kept (a time text), the PDF's SHA-256, what it
    says, and the name of the PDF among the attachments; empty where it was erased.
    """

    kind: Kind
    at: str
    sha256: str
    text: str
    blob: str


@dataclass(frozen=True, slots=True)
class Denial:
    """A notice of denial under one exemption: of which request, when, what it says.

    Some acts have bodies keep them in one file that is open to everybody.
    """

    exemption: str
    number: str
    at: str
    kind: Kind
    sha256: str


def keep_letter(writer: Writer, request: Request, kind: Kind, text: str, pdf: bytes) -> Letter:
    """Enter a letter in the log, with its PDF and the exemptions that stand in it."""
    blob = writer.put_blob(request.id, [pdf])
    digest = sha256(pdf).hexdigest()
    data = {"kind": kind, "sha256": digest}
    parts = Parts.of([("letter", text), *_file(blob.name, digest)])
    [entry] = writer.append([Draft("request.letter", request.id, data, parts)])
    return Letter(kind, times.to_text(entry.at), digest, text, blob.name)


def letters(reader: Reader, request: Request) -> list[Letter]:
    """The letters of a request, in order."""
    found = []
    for entry, sealed in reader.open(reader.history(request.id, {"request.letter"})):
        text = (sealed.get("letter") or "") if sealed else ""
        blob = (sealed.get("attachment/0/blob") or "") if sealed else ""
        data = entry.data
        found.append(Letter(data["kind"], times.to_text(entry.at), data["sha256"], text, blob))
    return found


def denials(reader: Reader) -> Iterator[Denial]:
    """Every notice of denial that was sent, under each exemption that its request cites, in the
    order of exemptions.
    """
    found = []
    for request in list_requests(reader):
        kept = [one for one in letters(reader, request) if one.kind in ("partial-denial", "denial")]
        codes = _codes(reader, request) if kept else []
        for letter in kept:
            for code in codes:
                denial = Denial(code, request.number, letter.at, letter.kind, letter.sha256)
                found.append(denial)
    yield from sorted(found, key=lambda one: (one.exemption, one.number, one.at))


def _codes(reader: Reader, request: Request) -> list[str]:
    return sorted({code for one in review(reader, request) for code in one.exemptions})


def _file(blob: str, digest: str) -> list[tuple[str, str]]:
    at = "attachment/0"
    return [
        (f"{at}/name", "letter.pdf"),
        (f"{at}/type", "application/pdf"),
        (f"{at}/sha256", digest),
        (f"{at}/blob", blob),
    ]
