"""Letters and files that belong to a request: encrypted with it, and there until it is disposed."""

import mimetypes
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import BinaryIO, Literal

from archive import Draft, NotFound, Parts, Reader, Sealed, StorageError, UsageError, Writer
from exports.requests._requests import Request

Direction = Literal["in", "out"]

_PIECE = 1 << 20
_UNKNOWN = "application/octet-stream"


@dataclass(frozen=True, slots=True)
class Letter:
    """A piece of correspondence; `number` counts from 1 in the order in which they were attached.

    `direction` is "in" when the body received it on `day`, "out" when it sent it. `size` is in
    bytes. `name`, `note` and `sha256` are "" where the sealed half was erased.
    """

    number: int
    direction: Direction
    day: date
    size: int
    at: datetime
    actor: str
    name: str
    type: str
    note: str
    sha256: str
    blob: str


def attach(
    writer: Writer,
    request: Request,
    path: Path,
    *,
    direction: Direction,
    day: date,
    today: date,
    note: str = "",
) -> Letter:
    """Keep a file with a request, also with a closed one.

    UsageError for a day to come or an empty file, StorageError when it cannot be read.
    """
    if day > today:
        raise UsageError(f"{day} is in the future", hint=f"today is {today}")
    try:
        with path.open("rb") as file:
            ref = writer.put_blob(request.id, _pieces(file))
    except OSError as error:
        raise StorageError(f"{path} cannot be read ({error.strerror})") from error
    if not ref.size:
        raise UsageError(f"{path} is empty", hint="attach the file that holds the letter")
    parts = [
        ("note", note.strip()),
        ("attachment/0/name", path.name),
        ("attachment/0/type", mimetypes.guess_type(path.name)[0] or _UNKNOWN),
        ("attachment/0/sha256", ref.sha256),
        ("attachment/0/blob", ref.name),
    ]
    data = {"direction": direction, "on": day.isoformat(), "size_bytes": ref.size}
    writer.append([Draft("request.attached", request.id, data, Parts.of(parts))])
    return list(correspondence(writer, request))[-1]


def correspondence(reader: Reader, request: Request) -> Iterator[Letter]:
    """What was attached to a request, in that order."""
    attached = reader.open(reader.history(request.id, {"request.attached"}))
    for number, (entry, sealed) in enumerate(attached, 1):
        yield Letter(
            number=number,
            direction=entry.data["direction"],
            day=date.fromisoformat(entry.data["on"]),
            size=entry.data["size_bytes"],
            at=entry.at,
            actor=entry.actor,
            name=_of(sealed, "attachment/0/name"),
            type=_of(sealed, "attachment/0/type"),
            note=_of(sealed, "note"),
            sha256=_of(sealed, "attachment/0/sha256"),
            blob=_of(sealed, "attachment/0/blob"),
        )


def content_of(reader: Reader, request: Request, number: int) -> tuple[Letter, Iterator[bytes]]:
    """A piece of correspondence with its content in pieces.

    NotFound when there is none of that number, VerificationError when it is damaged.
    """
    found = next((one for one in correspondence(reader, request) if one.number == number), None)
    if found is None or not found.blob:
        raise NotFound(
            f"request {request.number} has no attachment {number}",
            hint=f"muniment request show {request.number} lists them",
        )
    return found, reader.open_blob(request.id, found.blob)


def _pieces(file: BinaryIO) -> Iterator[bytes]:
    while piece := file.read(_PIECE):
        yield piece


def _of(sealed: Sealed | None, path: str) -> str:
    return (sealed.get(path) or "") if sealed is not None else ""
