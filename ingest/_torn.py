"""Zips without a readable list of contents: what stands before the place where they are damaged.

A zip lists its members at its end (APPNOTE.TXT 4.3.12); one that was cut short has lost the list.
Each member has a header of its own before its bytes (4.3.7), and these are followed from the
beginning of the file.
"""

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from io import RawIOBase
from pathlib import Path
from typing import IO, cast

from archive.errors import SourceError
from ingest._boxes import CHUNK, Limits, Refused, bomb, check_count, unsafe

_HEADER = struct.Struct("<4sHHHHHIIIHH")
_LOCAL = b"PK\x03\x04"
_LISTING = (b"PK\x01\x02", b"PK\x05\x06", b"PK\x06\x06")
_DESCRIPTOR = b"PK\x07\x08"
_ENCRYPTED, _SIZES_BEHIND, _UTF8 = 0x1, 0x8, 0x800
_STORED, _DEFLATED = 0, 8
_HUGE = 0xFFFFFFFF
_ZIP64 = 1
_CUT = "the zip is cut short inside it"


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a member's packed bytes stand, how they are packed, and why they end too early."""

    start: int
    packed: int
    method: int
    broken: str


class TornZip:
    """The members of a zip that is cut short or damaged, up to there."""

    def __init__(self, path: Path, limits: Limits) -> None:
        self.sizes: dict[str, int] = {}
        self.times: dict[str, datetime] = {}
        self.refused: list[Refused] = []
        self._places: dict[str, _Place] = {}
        self._path, self._limits = path, limits
        self._file = path.open("rb")
        self._end = path.stat().st_size
        try:
            self._walk()
        except BaseException:
            self._file.close()
            raise
        if not self.sizes:
            self._file.close()
            raise SourceError(
                f"{path.name} is cut short or damaged, and nothing in it can be read",
                hint="download it again",
            )

    def stream(self, name: str) -> IO[bytes]:
        return cast("IO[bytes]", _Member(self._file, self._places[name], name))

    def packed(self, name: str) -> int:
        return self._places[name].packed

    def close(self) -> None:
        self._file.close()

    def _walk(self) -> None:
        at = 0
        while at >= 0:
            self._file.seek(at)
            fixed = self._file.read(_HEADER.size)
            if fixed[:4] in _LISTING:
                self._refuse("its list of contents is damaged")
                return
            if len(fixed) < _HEADER.size or not fixed.startswith(_LOCAL):
                self._refuse("it is cut short or damaged")
                return
            at = self._member(at, fixed)

    def _refuse(self, reason: str) -> None:
        self.refused.append(Refused(self._path.name, reason))

    def _member(self, at: int, fixed: bytes) -> int:
        """Take note of the member whose header stands here; where the next one does, or -1."""
        _, _, flags, method, _, _, _, packed, size, name_length, more_length = _HEADER.unpack(fixed)
        named = self._file.read(name_length)
        packed, size = _true_sizes(self._file.read(more_length), packed, size)
        start = at + _HEADER.size + name_length + more_length
        name = named.decode("utf-8" if flags & _UTF8 else "cp437", errors="replace")
        behind = bool(flags & _SIZES_BEHIND)
        broken = ""
        if behind and method == _DEFLATED:
            packed, size, broken = self._measure(start)
        elif behind:
            self._refuse(f"it is cut short or damaged, and {name} does not say where it ends")
            return -1
        elif start + packed > self._end:
            packed, broken = max(self._end - start, 0), _CUT
        if not name.endswith("/"):
            self._take(name, _Place(start, packed, method, broken), size, flags)
        if broken:
            self._refuse("it is cut short or damaged")
            return -1
        return self._behind(start + packed) if behind else start + packed

    def _take(self, name: str, place: _Place, size: int, flags: int) -> None:
        reason = unsafe(name, self.sizes)
        if flags & _ENCRYPTED:
            reason = "it is locked with a password"
        elif place.method not in (_STORED, _DEFLATED):
            reason = "it is packed in a way that is not read"
        if reason:
            self.refused.append(Refused(name, reason))
            return
        self.sizes[name], self._places[name] = size, place
        check_count(self._path, self.sizes, self._limits)
        if sum(self.sizes.values()) > self._limits.total:
            raise bomb(self._path, "it")

    def _measure(self, start: int) -> tuple[int, int, str]:
        """How many bytes a member takes up that does not say it beforehand, packed and unpacked."""
        self._file.seek(start)
        inflate, taken, size = zlib.decompressobj(-zlib.MAX_WBITS), 0, 0
        limits = self._limits
        try:
            while data := self._file.read(CHUNK):
                taken += len(data)
                while data:
                    size += len(inflate.decompress(data, CHUNK))
                    if size > limits.floor and size > taken * limits.ratio:
                        raise bomb(self._path, "it")
                    data = inflate.unconsumed_tail
                    if inflate.eof:
                        return taken - len(inflate.unused_data) - len(data), size, ""
        except zlib.error as error:
            return taken, size, f"it is damaged ({error})"
        return taken, size, _CUT

    def _behind(self, at: int) -> int:
        """Where the next header is, behind the sizes that follow a member (4.3.9)."""
        self._file.seek(at)
        data = self._file.read(28)
        signed = 4 if data.startswith(_DESCRIPTOR) else 0
        for length in (signed + 12, signed + 20):
            if data[length : length + 4] in (_LOCAL, *_LISTING):
                return at + length
        return at + signed + 12


class _Member(RawIOBase):
    """A member's bytes, unpacked; EOFError where the zip is cut short."""

    def __init__(self, file: IO[bytes], place: _Place, name: str) -> None:
        self._place, self._name = place, name
        self._pieces = self._unpacked(file)
        self._held = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]  # the protocol's own buffer type has no name before Python 3.12
        while not self._held:
            piece = next(self._pieces, None)
            if piece is None:
                return 0
            self._held = piece
        data, self._held = self._held[: len(buffer)], self._held[len(buffer) :]
        buffer[: len(data)] = data
        return len(data)

    def _unpacked(self, file: IO[bytes]) -> Iterator[bytes]:
        place = self._place
        inflate = zlib.decompressobj(-zlib.MAX_WBITS) if place.method == _DEFLATED else None
        at, end = place.start, place.start + place.packed
        while at < end:
            file.seek(at)
            data = file.read(min(CHUNK, end - at))
            at += len(data)
            if not data:
                break
            if inflate is None:
                yield data
                continue
            while data and not inflate.eof:
                yield inflate.decompress(data, CHUNK)
                data = inflate.unconsumed_tail
        while inflate is not None and (rest := inflate.decompress(b"", CHUNK)):
            yield rest
        if place.broken or (inflate is not None and not inflate.eof):
            raise EOFError(place.broken or _CUT)


def _true_sizes(extra: bytes, packed: int, size: int) -> tuple[int, int]:
    """The sizes, which stand among the extra fields where they are of 4 GiB or more (4.5.3)."""
    at = 0
    while at + 4 <= len(extra):
        kind, length = struct.unpack_from("<HH", extra, at)
        if kind == _ZIP64 and length >= 16 and len(extra) >= at + 20:
            full_size, full_packed = struct.unpack_from("<QQ", extra, at + 4)
            packed = full_packed if packed == _HUGE else packed
            size = full_size if size == _HUGE else size
        at += 4 + length
    return packed, size
