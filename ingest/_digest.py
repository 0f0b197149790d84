"""The digest by which an export is known again: of one file, of a folder, of several parts."""

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from archive import SourceError
from ingest._boxes import CHUNK


@dataclass(frozen=True, slots=True)
class Digest:
    """SHA-256 in hexadecimal, and the size in bytes of all files together."""

    sha256: str
    size: int


def digest_of(parts: Sequence[Path]) -> Digest:
    """The digest of an export; SourceError when it cannot be read.

    Of a file, that of its bytes. Of a folder, that of the listing which ``sha256sum`` prints of its
    files, ordered by the bytes of their paths below it (docs/format.md says how to make it); links
    are left out. Of several parts, that of the same listing of the parts' own digests and names.
    """
    try:
        if len(parts) == 1:
            return _of_part(parts[0])
        each = [(os.fsencode(part.name), _of_part(part)) for part in parts]
        return _of_listing(each)
    except OSError as error:
        raise SourceError(f"the export cannot be read ({error})") from error


def state_of(parts: Sequence[Path]) -> int:
    """A number that is another one when a file of an export was written to, put there or taken away
    meanwhile. It means something within this process alone.
    """
    found = 0
    for path in (file for part in parts for file in _files(part)):
        with suppress(FileNotFoundError):
            known = path.stat()
            found += hash((path, known.st_ino, known.st_size, known.st_mtime_ns))
    return found


def _files(part: Path) -> Iterator[Path]:
    if not part.is_dir():
        yield part
        return
    yield from (one for one in part.rglob("*") if not one.is_symlink() and one.is_file())


def _of_part(path: Path) -> Digest:
    if not path.is_dir():
        return _of_file(path)
    named = ((os.fsencode(one.relative_to(path).as_posix()), one) for one in _files(path))
    return _of_listing((name, _of_file(one)) for name, one in named)


def _of_file(path: Path) -> Digest:
    digest, size = sha256(), 0
    with path.open("rb") as stream:
        while piece := stream.read(CHUNK):
            digest.update(piece)
            size += len(piece)
    return Digest(digest.hexdigest(), size)


def _of_listing(files: Iterable[tuple[bytes, Digest]]) -> Digest:
    listing, size = sha256(), 0
    for name, one in sorted(files, key=lambda pair: pair[0]):
        listing.update(_line(name, one.sha256))
        size += one.size
    return Digest(listing.hexdigest(), size)


def _line(name: bytes, digest: str) -> bytes:
    """A line as GNU sha256sum writes it: a name that would break it is escaped, and marked so."""
    escaped = name.replace(b"\\", b"\\\\").replace(b"\n", b"\\n").replace(b"\r", b"\\r")
    mark = b"\\" if escaped != name else b""
    return mark + digest.encode() + b"  " + escaped + b"\n"
