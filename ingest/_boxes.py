"""Where the members of an export stand: a folder, a zip, a tar, or one file.

Nothing is ever unpacked to a path that an export names. Members with hostile names, links and
devices are not listed but kept apart, with the reason.
"""

import re
import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO, RawIOBase
from pathlib import Path, PurePosixPath
from typing import IO, Protocol, cast

from archive.errors import SourceError

MiB = 1 << 20
CHUNK = 256 * 1024
GZIP = 31
_YEAR_9999 = 253_370_764_800
_COPY = re.compile(r" ?\(\d{1,3}\)(?=(?:\.\w+)+$)")


@dataclass(frozen=True, slots=True)
class Limits:
    """How far an export may unfold before it is taken for a bomb.

    `total` is the most bytes that an export may unpack to; `ratio` the most that packed bytes may
    grow, looked at once more than `floor` bytes came out; `item` the most bytes of one item. Files
    of a zip that share their packed bytes are none of an export's either.
    """

    total: int = 256 * 1024 * MiB
    ratio: int = 200
    floor: int = 64 * MiB
    item: int = 32 * MiB
    members: int = 2_000_000


DEFAULT_LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class Refused:
    """A member of an export that is not read, and why."""

    name: str
    reason: str


class Stream(Protocol):
    """What is read piece by piece: up to `size` bytes a time, b"" at the end."""

    def read(self, size: int, /) -> bytes: ...


class Box(Protocol):
    """Where the members stand. `stream` raises KeyError for a name it does not hold."""

    sizes: dict[str, int]
    times: dict[str, datetime]
    refused: list[Refused]

    def stream(self, name: str) -> IO[bytes]: ...

    def packed(self, name: str) -> int: ...

    def close(self) -> None: ...


class Memory:
    """Members that are held in memory, by name: what was kept of an export, or just received."""

    def __init__(self, members: Mapping[str, bytes]) -> None:
        self._members = members
        self.sizes = {name: len(data) for name, data in members.items()}
        self.times: dict[str, datetime] = {}
        self.refused: list[Refused] = []

    def stream(self, name: str) -> IO[bytes]:
        return BytesIO(self._members[name])

    def packed(self, name: str) -> int:
        return self.sizes[name]

    def close(self) -> None:
        pass


class File:
    """One file, which is its own only member.

    A browser that has downloaded another of the same name puts a number into it, ``tweets (1).js``:
    the member has the name that the platform gave.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self.sizes = {_COPY.sub("", path.name): path.stat().st_size}
        self.times: dict[str, datetime] = {}
        self.refused: list[Refused] = []

    def stream(self, name: str) -> IO[bytes]:
        if name not in self.sizes:
            raise KeyError(name)
        return self._path.open("rb")

    def packed(self, name: str) -> int:
        return self.sizes[name]

    def close(self) -> None:
        pass


class Folder:
    """A folder, whose links are not followed."""

    def __init__(self, path: Path, limits: Limits) -> None:
        self._path = path
        self.sizes: dict[str, int] = {}
        self.times: dict[str, datetime] = {}
        self.refused: list[Refused] = []
        for entry in path.rglob("*"):
            name = entry.relative_to(path).as_posix()
            if entry.is_symlink():
                self.refused.append(Refused(name, "a link"))
            elif entry.is_file():
                self.sizes[name] = entry.stat().st_size
                check_count(path, self.sizes, limits)

    def stream(self, name: str) -> IO[bytes]:
        if name not in self.sizes:
            raise KeyError(name)
        return (self._path / name).open("rb")

    def packed(self, name: str) -> int:
        return self.sizes[name]

    def close(self) -> None:
        pass


class Zip:
    """A zip, read member by member; BadZipFile where its list of contents cannot be read."""

    def __init__(self, path: Path, limits: Limits) -> None:
        try:
            self._zip = zipfile.ZipFile(path)
        except (NotImplementedError, OSError, ValueError) as error:
            raise SourceError(f"{path.name} is no readable zip ({error})") from error
        self.sizes: dict[str, int] = {}
        self.times: dict[str, datetime] = {}
        self.refused: list[Refused] = []
        self._infos: dict[str, zipfile.ZipInfo] = {}
        for info in self._zip.infolist():
            if info.filename.endswith("/"):
                continue
            reason = unsafe(info.orig_filename, self.sizes) or _zip_unsafe(info)
            if reason:
                self.refused.append(Refused(info.orig_filename, reason))
                continue
            self.sizes[info.filename] = info.file_size
            self._infos[info.filename] = info
            check_count(path, self.sizes, limits)
        overlapping = sum(map(self.packed, self.sizes)) > path.stat().st_size
        if overlapping or sum(self.sizes.values()) > limits.total:
            self._zip.close()
            raise bomb(path, "it")

    def stream(self, name: str) -> IO[bytes]:
        try:
            return self._zip.open(self._infos[name])
        except (zipfile.BadZipFile, RuntimeError, OSError, ValueError) as error:
            raise SourceError(f"{name} cannot be read ({error})") from error

    def packed(self, name: str) -> int:
        return self._infos[name].compress_size

    def close(self) -> None:
        self._zip.close()


class Tar:
    """A tar, unpacked once into a nameless temporary file, so that every member is a seek away."""

    def __init__(self, path: Path, limits: Limits, *, packed: bool) -> None:
        self.sizes: dict[str, int] = {}
        self.times: dict[str, datetime] = {}
        self.refused: list[Refused] = []
        self._places: dict[str, tuple[int, int]] = {}
        self._file: IO[bytes] = (
            self._unpack(path, limits) if packed else cast("IO[bytes]", path.open("rb"))
        )
        try:
            self._list(path, limits)
        except BaseException:
            self._file.close()
            raise
        if not self.sizes and not self.refused:
            self._file.close()
            raise SourceError(f"{path.name} is no readable tar")

    def _unpack(self, path: Path, limits: Limits) -> IO[bytes]:
        size = path.stat().st_size
        written = 0
        plain = cast("IO[bytes]", tempfile.TemporaryFile())  # noqa: SIM115  # closed by `close`
        try:
            with path.open("rb") as file:
                for data in _inflated(file):
                    written += len(data)
                    swollen = written > limits.floor and written > size * limits.ratio
                    if swollen or written > limits.total:
                        raise bomb(path, "it")
                    plain.write(data)
        except (EOFError, zlib.error) as error:
            if not written:
                plain.close()
                raise SourceError(f"{path.name} is no readable gzip ({error})") from error
            self.refused.append(Refused(path.name, f"it is cut short or damaged ({error})"))
        except BaseException:
            plain.close()
            raise
        plain.seek(0)
        return plain

    def _list(self, path: Path, limits: Limits) -> None:
        try:
            with tarfile.open(fileobj=self._file, mode="r:") as tar:
                for member in tar:
                    if member.isdir():
                        continue
                    reason = unsafe(member.name, self.sizes) or _tar_unsafe(member)
                    if reason:
                        self.refused.append(Refused(member.name, reason))
                        continue
                    name = _normal(member.name)
                    self.sizes[name] = member.size
                    if 0 < member.mtime < _YEAR_9999:
                        self.times[name] = datetime.fromtimestamp(member.mtime, UTC)
                    self._places[name] = member.offset_data, member.size
                    check_count(path, self.sizes, limits)
        except (tarfile.TarError, ValueError, OverflowError) as error:
            if not self.sizes:
                raise SourceError(f"{path.name} is no readable tar ({error})") from error
            if not self.refused:
                self.refused.append(Refused(path.name, f"it is cut short or damaged ({error})"))

    def stream(self, name: str) -> IO[bytes]:
        offset, size = self._places[name]
        return cast("IO[bytes]", _Slice(self._file, offset, size))

    def packed(self, name: str) -> int:
        return self.sizes[name]

    def close(self) -> None:
        self._file.close()


def _inflated(file: IO[bytes]) -> Iterator[bytes]:
    """What a gzip file unpacks to, up to where it is damaged: EOFError or zlib.error there."""
    inflate = zlib.decompressobj(GZIP)
    while data := file.read(CHUNK):
        while data:
            if inflate.eof:
                inflate = zlib.decompressobj(GZIP)
            yield inflate.decompress(data, CHUNK)
            data = inflate.unused_data.lstrip(b"\0") if inflate.eof else inflate.unconsumed_tail
    if not inflate.eof:
        raise EOFError("the file ends too early")


class _Slice(RawIOBase):
    def __init__(self, file: IO[bytes], offset: int, size: int) -> None:
        self._file, self._at, self._end = file, offset, offset + size

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]  # the protocol's own buffer type has no name before Python 3.12
        self._file.seek(self._at)
        data = self._file.read(min(len(buffer), self._end - self._at))
        if not data and self._at < self._end:
            raise EOFError("the archive ends inside this member")
        self._at += len(data)
        buffer[: len(data)] = data
        return len(data)


def _normal(name: str) -> str:
    return PurePosixPath(name).as_posix()


def unsafe(name: str, known: dict[str, int]) -> str:
    """Why a member of this name is not read; "" when nothing speaks against it."""
    path = PurePosixPath(name.replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts or (path.parts and path.parts[0].endswith(":")):
        return "its name leads out of the export"
    if not name or "\x00" in name:
        return "its name holds a NUL, or nothing"
    if _normal(name) in known:
        return "another member has the same name"
    return ""


def _zip_unsafe(info: zipfile.ZipInfo) -> str:
    if (info.external_attr >> 16) & 0o170000 == 0o120000:
        return "a link"
    if info.flag_bits & 1:
        return "it is locked with a password"
    return ""


def _tar_unsafe(member: tarfile.TarInfo) -> str:
    if member.issym() or member.islnk():
        return "a link"
    return "" if member.isfile() else "a device"


def check_count(path: Path, sizes: dict[str, int], limits: Limits) -> None:
    """SourceError when there are more members than any export has."""
    if len(sizes) > limits.members:
        raise SourceError(f"{path.name} holds more than {limits.members} files")


def bomb(path: Path, name: str) -> SourceError:
    """What is raised when an export unpacks beyond its limits."""
    return SourceError(
        f"{path.name}: {name} unpacks to far more than any export does",
        hint="if it is sound, unpack it yourself and name the folder",
    )
