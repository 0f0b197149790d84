"""Content-addressable archives: CAR version 1, as the AT Protocol exports repositories.

A header and then blocks, each a length, a CID and bytes (ipld.io/specs/transport/car/carv1). Every
block is held against the SHA-256 in its CID. Blocks stand in any order, so they are spooled to a
nameless temporary file and found again by an index in a temporary database: memory stays flat.
"""

import sqlite3
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import IO, Any, Self, cast

import libipld

from archive import SourceError
from ingest._boxes import CHUNK, Stream

_CID = 36
_LONGEST_LENGTH = 9
_SHA256 = (b"\x01\x71\x12\x20", b"\x01\x55\x12\x20")
_HEADER_LIMIT = 1 << 16


@dataclass(frozen=True, slots=True)
class Damage:
    """A stretch of an archive that is no whole block: its bytes, and why."""

    raw: bytes
    reason: str


def is_car(head: bytes) -> bool:
    """Whether a file that begins with `head` is a CAR of version 1."""
    return b"eroots" in head[:128] and b"gversion\x01" in head[:128]


def decode(block: bytes) -> Any:
    """The value of a block of DAG-CBOR; ValueError when it is none."""
    try:
        return libipld.decode_dag_cbor(block)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


class CarStream:
    """The blocks of an archive in the order in which they stand.

    `root` is the first root that the header names, b"" when it names none. SourceError when the
    header is none of version 1.
    """

    def __init__(self, stream: Stream, limit: int) -> None:
        self._stream, self._limit = stream, limit
        self._held = b""
        self._broken = ""
        size, _ = self._length()
        if not 0 < size <= _HEADER_LIMIT:
            raise SourceError("it is no CAR: its header has no length")
        try:
            header = decode(self._read(size))
            roots, version = header["roots"], header["version"]
        except (ValueError, TypeError, LookupError) as error:
            raise SourceError("it is no CAR: its header cannot be read") from error
        if version != 1:
            raise SourceError(f"it is a CAR of version {version!r}; version 1 is read")
        named = isinstance(roots, list) and roots and isinstance(roots[0], bytes)
        self.root: bytes = roots[0] if named else b""

    def blocks(self) -> Iterator[tuple[bytes, bytes] | Damage]:
        """Every block's CID and bytes; behind a length that cannot be, the rest as damage."""
        while True:
            size, prefix = self._length()
            if not prefix:
                if self._broken:
                    yield Damage(b"", self._broken)
                return
            block = self._read(size) if _CID <= size <= self._limit else b""
            if len(block) < max(size, _CID):
                yield Damage(prefix + block, self._broken or "the archive ends inside a block")
                while rest := self._read(CHUNK):
                    yield Damage(rest, "no block begins here")
                return
            yield block[:_CID], block[_CID:]

    def _length(self) -> tuple[int, bytes]:
        """The unsigned LEB128 number that comes next, 0 when there is none, and its bytes."""
        value, raw = 0, b""
        while len(raw) < _LONGEST_LENGTH and (byte := self._read(1)):
            raw += byte
            value |= (byte[0] & 0x7F) << 7 * (len(raw) - 1)
            if byte[0] < 0x80:
                return value, raw
        return 0, raw

    def _read(self, size: int) -> bytes:
        """The next `size` bytes; fewer at the end."""
        while len(self._held) < size and not self._broken:
            try:
                data = self._stream.read(max(CHUNK, size - len(self._held)))
            except SourceError as error:
                self._broken = str(error)
                break
            if not data:
                break
            self._held += data
        found, self._held = self._held[:size], self._held[size:]
        return found


class Blocks:
    """The blocks of an archive by their CIDs."""

    def __init__(self, car: CarStream) -> None:
        self.root = car.root
        self._file = cast("IO[bytes]", tempfile.TemporaryFile())  # noqa: SIM115  # closed by `close`
        self._db = sqlite3.connect("", isolation_level=None)
        self._db.execute("CREATE TABLE block (cid BLOB PRIMARY KEY, at, size, met) WITHOUT ROWID")
        self._db.execute("CREATE TABLE damage (at, size, reason)")
        try:
            self._take(car)
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._db.close()
        self._file.close()

    def get(self, cid: bytes) -> bytes | None:
        """The bytes of a block; None when it is not there."""
        found = self._db.execute("SELECT at, size FROM block WHERE cid = ?", (cid,)).fetchone()
        return None if found is None else self._at(*found)

    def meet(self, cid: bytes) -> bool:
        """Note that a block was come by; whether that is for the first time."""
        done = self._db.execute("UPDATE block SET met = 1 WHERE cid = ? AND met = 0", (cid,))
        return done.rowcount > 0

    def unmet(self) -> Iterator[bytes]:
        """The bytes of the blocks that were not come by, in the order of the archive."""
        for at, size in self._db.execute("SELECT at, size FROM block WHERE met = 0 ORDER BY at"):
            yield self._at(at, size)

    def damage(self) -> Iterator[Damage]:
        """What is no whole block, or not the one that its CID names."""
        for at, size, reason in self._db.execute("SELECT at, size, reason FROM damage"):
            yield Damage(self._at(at, size), reason)

    def _at(self, at: int, size: int) -> bytes:
        self._file.seek(at)
        return self._file.read(size)

    def _take(self, car: CarStream) -> None:
        self._db.execute("BEGIN")
        for found in car.blocks():
            at = self._file.tell()
            if isinstance(found, Damage):
                self._file.write(found.raw)
                self._damaged(at, len(found.raw), found.reason)
                continue
            cid, block = found
            if cid.startswith(_SHA256) and sha256(block).digest() == cid[4:]:
                self._file.write(block)
                row = (cid, at, len(block), 0)
                self._db.execute("INSERT OR IGNORE INTO block VALUES (?, ?, ?, ?)", row)
            else:
                self._file.write(cid + block)
                self._damaged(at, len(cid + block), "a block is not what its CID says")
        self._db.execute("COMMIT")

    def _damaged(self, at: int, size: int, reason: str) -> None:
        self._db.execute("INSERT INTO damage VALUES (?, ?, ?)", (at, size, reason))
