"""Released files: which they are, what they are called in a bundle, and writing them."""

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from archive import Reader, Sealed, VerificationError
from exports._production import ProducedRecord, RedactedImage
from exports._shown import ascii_name

FILE = re.compile(r"data/attachments/(?P<number>[0-9]{6,})-(?P<place>[0-9]+)-[A-Za-z0-9._-]+\Z")

_STORED = re.compile(r"attachment/([0-9]+)/blob\Z")


@dataclass(frozen=True, slots=True)
class Released:
    """The names of a record's files in a bundle, and of which of them are redacted images."""

    names: tuple[str, ...] = ()
    images: Mapping[str, RedactedImage] = field(default_factory=dict)


def release(reader: Reader, produced: ProducedRecord, bag: Path) -> Released:
    """Write the record's released attachments into the bag, and say under which names.

    An attachment leaves when its digest is shown, or with rectangles burnt into it.
    VerificationError when the archive's copy is not what was captured, or not what was burnt.
    """
    if produced.outcome == "withhold":
        return Released()
    names: list[str] = []
    images: dict[str, RedactedImage] = {}
    for place in _places(produced.sealed):
        image = produced.images.get(place)
        if image is not None:
            name = _named(produced, place, image.extension)
            images[name], stored, digest = image, image.blob, image.sha256
        elif _is_shown(produced, f"attachment/{place}/sha256"):
            name = _named(produced, place)
            stored = produced.sealed.get(f"attachment/{place}/blob") or ""
            digest = produced.sealed.get(f"attachment/{place}/sha256") or ""
        else:
            continue
        if _write(reader, produced.record.id, stored, bag / name) != digest:
            raise VerificationError(
                f"record {produced.number}: attachment {place} is not what was captured"
            )
        names.append(name)
    return Released(tuple(names), images)


def _write(reader: Reader, record_id: str, stored: str, path: Path) -> str:
    """Decrypt a stored attachment into a file; the SHA-256 of its content."""
    running = hashlib.sha256()
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as out:
        for piece in reader.open_blob(record_id, stored):
            running.update(piece)
            out.write(piece)
    return running.hexdigest()


def _places(sealed: Sealed) -> Iterator[int]:
    for path in sealed.paths:
        if match := _STORED.match(path):
            yield int(match[1])


def _named(produced: ProducedRecord, place: int, extension: str = "") -> str:
    """Its name in the bundle; of a redacted image with the extension of its format."""
    title = f"attachment/{place}/name"
    name = ascii_name(_text(produced.sealed, title) if _is_shown(produced, title) else "")
    if extension:
        name = f"{name.rpartition('.')[0] or name}-redacted.{extension}"
    return f"data/attachments/{produced.number:06d}-{place}-{name}"


def _is_shown(produced: ProducedRecord, path: str) -> bool:
    paths = produced.sealed.paths
    return path in paths and paths.index(path) in produced.shown


def _text(sealed: Sealed, path: str) -> str:
    return (sealed.bytes_of(path) or b"").decode(errors="replace")
