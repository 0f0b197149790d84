"""Exports opened defensively, read only, and counted while they are read.

What unpacks far beyond its own size, or beyond any limit, ends the reading with a `SourceError`.
"""

import lzma
import zipfile
import zlib
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from io import RawIOBase
from pathlib import Path
from typing import IO, cast

from archive.errors import SourceError
from ingest._boxes import DEFAULT_LIMITS, Box, Limits, Refused, bomb
from ingest._opening import box_of
from ingest._together import together

_DAMAGE = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, RuntimeError, OSError)


class Export:
    """An opened export: its members by name, each readable as a stream."""

    def __init__(self, path: Path, box: Box, limits: Limits) -> None:
        self.path = path
        self.limits = limits
        self.bytes_read = 0
        self.touched: set[str] = set()
        """The members that were opened."""
        self._box = box

    @property
    def names(self) -> list[str]:
        """Every member that may be read, with ``/`` between folders."""
        return list(self._box.sizes)

    @property
    def refused(self) -> list[Refused]:
        """The members that are not read; what was cut off is among them."""
        return self._box.refused

    def __contains__(self, name: str) -> bool:
        return name in self._box.sizes

    def size(self, name: str) -> int:
        """The unpacked size that the export states for a member, in bytes."""
        return self._box.sizes[name]

    def written_at(self, name: str) -> datetime | None:
        """When a member was written, as a tar says; zips and folders do not say it reliably."""
        return self._box.times.get(name)

    def find(self, wanted: Callable[[str], bool]) -> list[str]:
        """The members whose path `wanted` accepts, those nearest to the root first."""
        found = [name for name in self._box.sizes if wanted(name)]
        return sorted(found, key=lambda name: (name.count("/"), name))

    def find_file(self, path: str) -> str | None:
        """The member that ends in `path`, the one nearest to the root; None when there is none."""
        found = self.find(lambda name: name == path or name.endswith("/" + path))
        return found[0] if found else None

    @contextmanager
    def open(self, name: str) -> Iterator[IO[bytes]]:
        """A member as a stream. What it unpacks to is counted and limited.

        `read` may give less than it is asked for before the end, so that everything up to a damaged
        place is read before the SourceError that names it.
        """
        try:
            inner = self._box.stream(name)
        except KeyError as error:
            raise SourceError(f"{self.path.name} holds no {name}") from error
        self.touched.add(name)
        with inner:
            yield cast("IO[bytes]", _Counted(self, name, inner))

    def head(self, name: str, size: int = 4096) -> bytes:
        """The first bytes of a member; SourceError when none can be read."""
        found = b""
        with self.open(name) as stream:
            while len(found) < size:
                try:
                    data = stream.read(size - len(found))
                except SourceError:
                    if not found:
                        raise
                    break
                if not data:
                    break
                found += data
        return found

    def unread(self, members: Collection[str]) -> list[str]:
        """The members that nothing opened and that are none of `members`, by name."""
        return sorted(self._box.sizes.keys() - self.touched - set(members))

    def close(self) -> None:
        self._box.close()

    def count(self, size: int, seen: int, name: str) -> None:
        """Take note of `size` more bytes of the member `name`, `seen` of it in all."""
        self.bytes_read += size
        limits = self.limits
        swollen = seen > limits.floor and seen > self._box.packed(name) * limits.ratio
        if swollen or seen > limits.total:
            raise bomb(self.path, name)


@contextmanager
def open_export(
    path: Path, limits: Limits = DEFAULT_LIMITS, further: Sequence[Path] = ()
) -> Iterator[Export]:
    """The export at `path`; `further` are more parts of the same download, read as one with it.

    SourceError when it cannot be read at all.
    """
    box = together((path, *further), limits) if further else box_of(path, limits)
    try:
        yield Export(path, box, limits)
    finally:
        box.close()


class _Counted(RawIOBase):
    def __init__(self, export: Export, name: str, inner: IO[bytes]) -> None:
        self._export, self._name = export, name
        self._read: Callable[[int], bytes] = getattr(inner, "read1", inner.read)
        self._seen = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]  # the protocol's own buffer type has no name before Python 3.12
        try:
            data = self._read(len(buffer))
        except _DAMAGE as error:
            raise SourceError(f"{self._name} cannot be read to its end ({error})") from error
        self._seen += len(data)
        self._export.count(len(data), self._seen, self._name)
        buffer[: len(data)] = data
        return len(data)
