"""Opening a bundle that may be hostile: a zip, or the folder it was unpacked to."""

import unicodedata
import zipfile
import zlib
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import date
from io import BufferedReader
from pathlib import Path
from stat import S_ISLNK
from typing import IO, Protocol, cast

from archive import VerificationError
from exports import _bag

MAX_FILES = 2_000_000
MAX_BYTES = 64 << 30
DAMAGE = (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, RuntimeError)
"""What reading a damaged file raises."""
_BUFFER = 1 << 16
"""Lines and short pieces of what is larger are cut from a buffer, five times as fast."""
_REPACKED = "its files hold, but the zip is not the one that was issued"
_STORED = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


class Bundle(Protocol):
    """A bundle's files by name; `open` raises VerificationError when one cannot be read."""

    @property
    def names(self) -> Collection[str]: ...

    def open(self, name: str) -> IO[bytes]: ...

    def size(self, name: str) -> int: ...


class _Folder:
    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.names = dict.fromkeys(sorted(_bag.names_under(folder)))
        for path in folder.rglob("*"):
            if path.is_symlink() or not (path.is_file() or path.is_dir()):
                name = path.relative_to(folder).as_posix()
                raise VerificationError(f"{name}: a link or special file")

    def open(self, name: str) -> IO[bytes]:
        return (self._folder / name).open("rb")

    def size(self, name: str) -> int:
        return (self._folder / name).stat().st_size


class _Zip:
    def __init__(self, opened: zipfile.ZipFile) -> None:
        self._opened = opened
        members = sorted(opened.infolist(), key=lambda info: info.filename)
        self._members = {info.filename: info for info in members}
        self.names = self._members.keys()

    def open(self, name: str) -> IO[bytes]:
        member = self._opened.open(self._members[name])
        if self.size(name) <= _BUFFER:
            return member
        return BufferedReader(cast(zipfile.ZipExtFile, member), _BUFFER)

    def size(self, name: str) -> int:
        return self._members[name].file_size


@contextmanager
def opened(path: Path) -> Iterator[Bundle]:
    """The bundle at a path. VerificationError when it is none, or one made to do harm."""
    if path.is_dir():
        yield _Folder(path)
        return
    try:
        with zipfile.ZipFile(path) as archive:
            _refuse_harm(archive)
            yield _Zip(archive)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError) as error:
        # NotImplementedError is what zipfile raises for a form of packing that it does not know
        raise VerificationError(
            f"{path.name}: not a zip file that can be read ({error})"
        ) from error
    except FileNotFoundError as error:
        raise VerificationError(f"{path}: there is no such file") from error
    except RuntimeError as error:
        raise VerificationError(f"{path.name}: {error}") from error


def read(bundle: Bundle, name: str, limit: int = MAX_BYTES) -> bytes:
    """A file's bytes; VerificationError when it is missing, damaged or larger than `limit`."""
    with stream(bundle, name) as source:
        size = bundle.size(name)
        if size > limit:
            raise VerificationError(f"{name}: larger than {limit} bytes")
        return source.read(size)


@contextmanager
def stream(bundle: Bundle, name: str) -> Iterator[IO[bytes]]:
    """A file to read from; whatever damage shows itself is a VerificationError naming the file."""
    if name not in bundle.names:
        raise VerificationError(f"{name}: missing")
    try:
        with bundle.open(name) as source:
            yield source
    except VerificationError:
        raise
    except DAMAGE as error:
        raise VerificationError(f"{name}: cannot be read ({error})") from error


def packed_otherwise(path: Path) -> str:
    """Where a zip differs from the one that its own content makes, or "" when it does not.

    The digests inside cover the files; this covers the bytes between them.
    """
    with zipfile.ZipFile(path) as archive:
        infos = sorted(archive.infolist(), key=lambda info: info.filename)
    year, month, day = infos[0].date_time[:3] if infos else (1980, 1, 1)
    try:
        made_on = date(year, month, day)
    except ValueError as error:
        return f"its dates are none ({error})"
    members = ((info.filename, info.file_size, info.CRC) for info in infos)
    with path.open("rb") as given:
        for at, expected, near in _bag.between(members, made_on):
            given.seek(at)
            held = given.read(len(expected))
            if held != expected:
                pairs = enumerate(zip(held, expected, strict=False))
                differs = next((i for i, (a, b) in pairs if a != b), len(held))
                return f"{_REPACKED} (byte {at + differs}, at {near})"
        return f"{_REPACKED} (something stands after its end)" if given.read(1) else ""


def _refuse_harm(archive: zipfile.ZipFile) -> None:
    infos = archive.infolist()
    if len(infos) > MAX_FILES or sum(info.file_size for info in infos) > MAX_BYTES:
        raise VerificationError("the zip claims to hold more than any bundle does")
    seen: set[str] = set()
    for info in infos:
        name = info.filename
        if not safe_name(name):
            raise VerificationError(f"{name!r}: not a name that stays within the bundle")
        folded = unicodedata.normalize("NFC", name).casefold()
        if folded in seen:
            raise VerificationError(f"{name}: two files of one name")
        seen.add(folded)
        if info.flag_bits & 0x1:
            raise VerificationError(f"{name}: encrypted")
        if S_ISLNK(info.external_attr >> 16):
            raise VerificationError(f"{name}: a link")
        if info.compress_type not in _STORED:
            raise VerificationError(f"{name}: compressed in an unknown way")
        if info.file_size > 1000 * max(info.compress_size, 1024):
            raise VerificationError(f"{name}: claims to unpack to {info.file_size} bytes")


def safe_name(name: str) -> bool:
    """Whether a file of this name lies within the bundle on every system."""
    parts = name.split("/")
    return (
        all(part not in ("", ".", "..") for part in parts)
        and not any(c in name for c in "\\:\0")
        and name.isprintable()
    )
