"""Released files: which they are, what they are called in a bundle, and writing them."""

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path

from archive import Reader, Sealed, VerificationError
from exports._production import ProducedRecord
from exports._shown import ascii_name

FILE = re.compile(r"data/attachments/(?P<number>[0-9]{6,})-(?P<place>[0-9]+)-[A-Za-z0-9._-]+\Z")

_STORED = re.compile(r"attachment/([0-9]+)/blob\Z")


def release(reader: Reader, produced: ProducedRecord, bag: Path) -> tuple[str, ...]:
    """Write the record's released attachments into the bag, and say under which names.

    An attachment leaves when its digest is shown. VerificationError when the archive's copy is not
    what was captured.
    """
    names = tuple(_named(produced))
    for name, place in names:
        digest = produced.sealed.get(f"attachment/{place}/sha256")
        running = hashlib.sha256()
        path = bag / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as out:
            stored = produced.sealed.get(f"attachment/{place}/blob") or ""
            for piece in reader.open_blob(produced.record.id, stored):
                running.update(piece)
                out.write(piece)
        if running.hexdigest() != digest:
            raise VerificationError(
                f"record {produced.number}: attachment {place} is not what was captured"
            )
    return tuple(name for name, _ in names)


def _named(produced: ProducedRecord) -> Iterator[tuple[str, int]]:
    if produced.outcome == "withhold":
        return
    sealed = produced.sealed
    for path in sealed.paths:
        match = _STORED.match(path)
        if match and _is_shown(produced, f"attachment/{match[1]}/sha256"):
            title = f"attachment/{match[1]}/name"
            name = ascii_name(_text(sealed, title) if _is_shown(produced, title) else "")
            yield f"data/attachments/{produced.number:06d}-{match[1]}-{name}", int(match[1])


def _is_shown(produced: ProducedRecord, path: str) -> bool:
    paths = produced.sealed.paths
    return path in paths and paths.index(path) in produced.shown


def _text(sealed: Sealed, path: str) -> str:
    return (sealed.bytes_of(path) or b"").decode(errors="replace")
