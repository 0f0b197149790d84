"""Attachments: encrypted objects in a folder, named by the SHA-256 of their stored bytes.

A stored object is ``MB1 ‖ prefix[7] ‖ chunks``; each chunk is up to 1 MiB of content under
AES-256-GCM with the nonce ``prefix ‖ counter[4] ‖ last[1]`` (the STREAM construction), so that an
object is written and read piecewise and cannot be cut, reordered or joined unnoticed.
"""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from archive._files import sync_folder
from archive.errors import VerificationError

_MAGIC = b"MB1"
_CHUNK = 1 << 20
_TAG = 16
_PREFIX = 7


@dataclass(frozen=True, slots=True)
class BlobRef:
    """A stored attachment: its name in the blob folder, and its content's SHA-256 and size."""

    name: str
    sha256: str
    size: int


def path_of(folder: Path, name: str) -> Path:
    """Where the object of that name lies."""
    return folder / name[:2] / name


def store(folder: Path, cipher: AESGCM, content: Iterable[bytes], prefix: bytes = b"") -> BlobRef:
    """Encrypt `content`, given in pieces of any size, into `folder`; durable on return.

    `prefix` is that of the same content under the same key, to make the very object again; else it
    is random.
    """
    beside = path_of(folder, f".new.{os.getpid()}.{os.urandom(4).hex()}")
    beside.parent.mkdir(parents=True, exist_ok=True)
    prefix = prefix or os.urandom(_PREFIX)
    outer, inner, size = sha256(), sha256(), 0
    try:
        with beside.open("xb") as file:

            def write(data: bytes) -> None:
                outer.update(data)
                file.write(data)

            write(_MAGIC + prefix)
            for counter, (piece, last) in enumerate(_chunks(content)):
                inner.update(piece)
                size += len(piece)
                write(cipher.encrypt(_nonce(prefix, counter, last), piece, None))
            file.flush()
            os.fsync(file.fileno())
        name = outer.hexdigest()
        target = path_of(folder, name)
        if not target.parent.exists():
            target.parent.mkdir(exist_ok=True)
            sync_folder(folder)
        beside.replace(target)
        sync_folder(target.parent)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
    return BlobRef(name, inner.hexdigest(), size)


def load(folder: Path, cipher: AESGCM, name: str) -> Iterator[bytes]:
    """The content of an object in pieces; VerificationError when it is missing or damaged."""
    try:
        with path_of(folder, name).open("rb") as file:
            head = file.read(len(_MAGIC) + _PREFIX)
            if head[: len(_MAGIC)] != _MAGIC or len(head) != len(_MAGIC) + _PREFIX:
                raise VerificationError(f"blob {name}: not an object of this archive")
            prefix, counter = head[len(_MAGIC) :], 0
            piece = file.read(_CHUNK + _TAG)
            while True:
                following = file.read(_CHUNK + _TAG)
                yield cipher.decrypt(_nonce(prefix, counter, not following), piece, None)
                if not following:
                    return
                piece, counter = following, counter + 1
    except FileNotFoundError as error:
        raise VerificationError(f"blob {name}: missing") from error
    except (InvalidTag, ValueError) as error:
        raise VerificationError(f"blob {name}: damaged") from error


def prefix_of(folder: Path, name: str) -> bytes:
    """The 7 bytes that the nonces of an object begin with."""
    with path_of(folder, name).open("rb") as file:
        return file.read(len(_MAGIC) + _PREFIX)[len(_MAGIC) :]


def names(folder: Path) -> Iterator[str]:
    """The names of all stored objects, and of left-over pieces of unfinished ones."""
    for path in sorted(folder.glob("*/*")):
        yield path.name


def remove(folder: Path, name: str) -> None:
    """Remove an object for good; nothing happens when it is not there."""
    path = path_of(folder, name)
    if path.exists():
        path.unlink()
        sync_folder(path.parent)


def _nonce(prefix: bytes, counter: int, last: bool) -> bytes:
    return prefix + counter.to_bytes(4, "big") + (b"\x01" if last else b"\x00")


def _chunks(content: Iterable[bytes]) -> Iterator[tuple[bytes, bool]]:
    held = bytearray()
    for piece in content:
        held += piece
        while len(held) > _CHUNK:
            yield bytes(held[:_CHUNK]), False
            del held[:_CHUNK]
    yield bytes(held), True
