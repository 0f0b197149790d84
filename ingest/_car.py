"""Content-addressable archives: CAR version 1, as the AT Protocol exports repositories.

A header and then blocks, each a length, a CID and bytes (ipld.io/specs/transport/car/carv1). Every
block is held against the SHA-256 in its CID. Blocks stand in any order, so they are spooled to a
nameless temporary file and found again by an index in a temporary database.
"""

import sqlite3
import tempfile
from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import IO, Any, Self, cast

import libipld

from archive import SourceError
from ingest._boxes import CHUNK, Stream

_CID = 36
_LONGEST_LENGTH = 9
_BATCH = 10_000
_CACHE = 32_000
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
        self._held, self._at = b"", 0
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
        if len(self._held) - self._at < size:
            self._held, self._at = self._held[self._at :], 0
        while len(self._held) - self._at < size and not self._broken:
            try:
                data = self._stream.read(max(CHUNK, size - len(self._held)))
            except SourceError as error:
                self._broken = str(error)
                break
            if not data:
                break
            self._held += data
        found = self._held[self._at : self._at + size]
        self._at += len(found)
        return found


class Blocks:
    """The blocks of an archive by their CIDs; sixteen bytes of memory for each."""

    def __init__(self, car: CarStream) -> None:
        self.root = car.root
        self._file = cast("IO[bytes]", tempfile.TemporaryFile())  # noqa: SIM115  # closed by `close`
        self._places, self._sizes, self._met = array("Q"), array("Q"), bytearray()
        self._db = sqlite3.connect("", isolation_level=None)
        self._db.execute(f"PRAGMA cache_size = -{_CACHE}")
        self._db.execute("CREATE TABLE block (cid BLOB PRIMARY KEY, n INTEGER) WITHOUT ROWID")
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
        index = self._index(cid)
        return None if index is None else self._block(index)

    def meet(self, cid: bytes) -> tuple[bytes | None, bool]:
        """Come by a block: its bytes, None when it is not there; whether for the first time."""
        index = self._index(cid)
        if index is None:
            return None, False
        first = not self._met[index]
        self._met[index] = 1
        return self._block(index), first

    def unmet(self) -> Iterator[bytes]:
        """The bytes of the blocks that were not come by, in the order of the archive."""
        index = self._met.find(0)
        while index >= 0:
            yield self._block(index)
            index = self._met.find(0, index + 1)

    def damage(self) -> Iterator[Damage]:
        """What is no whole block, or not the one that its CID names."""
        for at, size, reason in self._db.execute("SELECT at, size, reason FROM damage"):
            yield Damage(self._read(at, size), reason)

    def _index(self, cid: bytes) -> int | None:
        found = self._db.execute("SELECT n FROM block WHERE cid = ?", (cid,)).fetchone()
        return None if found is None else int(found[0])

    def _block(self, index: int) -> bytes:
        return self._read(self._places[index], self._sizes[index])

    def _read(self, at: int, size: int) -> bytes:
        self._file.seek(at)
        return self._file.read(size)

    def _take(self, car: CarStream) -> None:
        rows: list[tuple[bytes, int]] = []
        self._db.execute("BEGIN")
        at = 0
        for found in car.blocks():
            if isinstance(found, Damage):
                at += self._damaged(at, found.raw, found.reason)
                continue
            cid, block = found
            if not cid.startswith(_SHA256) or sha256(block).digest() != cid[4:]:
                at += self._damaged(at, cid + block, "a block is not what its CID says")
                continue
            rows.append((cid, len(self._places)))
            self._places.append(at)
            self._sizes.append(len(block))
            at += self._file.write(block)
            if len(rows) >= _BATCH:
                self._insert(rows)
        self._insert(rows)
        self._db.execute("COMMIT")
        self._met = bytearray(b"\1") * len(self._places)  # what stands there twice is met once
        for (index,) in self._db.execute("SELECT n FROM block"):
            self._met[index] = 0

    def _insert(self, rows: list[tuple[bytes, int]]) -> None:
        self._db.executemany("INSERT OR IGNORE INTO block VALUES (?, ?)", rows)
        rows.clear()

    def _damaged(self, at: int, raw: bytes, reason: str) -> int:
        self._db.execute("INSERT INTO damage VALUES (?, ?, ?)", (at, len(raw), reason))
        return self._file.write(raw)
