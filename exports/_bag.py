"""A BagIt 1.0 bag (RFC 8493) and the zip file around it, both the same bytes for the same content.

The `bagit` library writes bags of version 0.97 and changes the working directory to do so; it
serves here as the second opinion on every bag before it is zipped.
"""

import hashlib
import logging
import os
import tempfile
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import IO

import bagit

from archive import MunimentError

ALGORITHMS = ("sha256", "sha512")
_DECLARATION = "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
_PIECE = 1 << 18
_MODE = 0o100644 << 16
_UNIX = 3


class _OurBag(bagit.Bag):  # type: ignore[misc]  # the library has no types
    """A bag in a folder that we have filled: there is no link by which a name could leave it.

    The library resolves every listed name, which takes longer than all else that it does.
    """

    def _path_is_dangerous(self, path: str) -> bool:
        return path.startswith(("/", "..", "~"))


def close_bag(folder: Path, info: Mapping[str, str]) -> None:
    """Make the folder, with its payload under ``data``, a complete bag."""
    (folder / "bagit.txt").write_text(_DECLARATION, encoding="utf-8")
    payload = sorted(name for name in names_under(folder) if name.startswith("data/"))
    total = _write_manifests(folder, "manifest", payload)
    lines = {**info, "Payload-Oxum": f"{total}.{len(payload)}"}
    (folder / "bag-info.txt").write_text(info_text(lines), encoding="utf-8")
    tags = sorted(name for name in names_under(folder) if not name.startswith("data/"))
    _write_manifests(folder, "tagmanifest", tags)


def validate(folder: Path) -> None:
    """MunimentError when the `bagit` library does not find the bag valid."""
    logging.getLogger("bagit").setLevel(logging.CRITICAL)
    try:
        _OurBag(str(folder)).validate(processes=1)
    except bagit.BagError as error:
        raise MunimentError(f"the bag is not valid: {error}") from error


def info_text(info: Mapping[str, str]) -> str:
    """The lines of `bag-info.txt`."""
    return "".join(f"{label}: {_one_line(value)}\n" for label, value in info.items())


def names_under(folder: Path) -> Iterable[str]:
    """The files below a folder, as slash-separated names relative to it."""
    for place, _, names in os.walk(folder):
        below = Path(place).relative_to(folder).as_posix()
        yield from (name if below == "." else f"{below}/{name}" for name in names)


def digests_of(source: IO[bytes], algorithms: Iterable[str] = ALGORITHMS) -> dict[str, str]:
    """The digests of a stream, each as hexadecimal text."""
    hashes = {algorithm: hashlib.new(algorithm) for algorithm in algorithms}
    while piece := source.read(_PIECE):
        for running in hashes.values():
            running.update(piece)
    return {algorithm: running.hexdigest() for algorithm, running in hashes.items()}


def write_zip(target: IO[bytes], members: Iterable[tuple[str, int, IO[bytes]]], day: date) -> None:
    """A zip of members (name, size, content) whose bytes depend on nothing but these and the day.

    Nothing is compressed: the bytes that a compressor gives differ between its versions, and a file
    in a damaged zip can still be read.
    """
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED, allowZip64=True) as out:
        for name, size, source in members:
            info = _info(name, size, day)
            with out.open(info, "w", force_zip64=_is_large(size)) as member:
                while piece := source.read(_PIECE):
                    member.write(piece)


def between(members: Iterable[tuple[str, int, int]], day: date) -> Iterator[tuple[int, bytes, str]]:
    """What `write_zip` writes between the contents: each place, its bytes, and what stands there.

    Members are given by name, size and CRC-32.
    """
    at, infos = 0, list[zipfile.ZipInfo]()
    for name, size, crc in members:
        info = _info(name, size, day)
        info.compress_size, info.CRC, info.header_offset = size, crc, at
        header = info.FileHeader(_is_large(size))
        yield at, header, name
        infos.append(info)
        at += len(header) + size
    with tempfile.TemporaryFile() as sparse:
        with zipfile.ZipFile(sparse, "w") as out:
            out.filelist, out.start_dir = infos, at
        sparse.seek(at)
        yield at, sparse.read(), "the zip's directory"


def pack(folder: Path, target: Path, day: date) -> None:
    """Zip a bag: its files in the order of their names."""
    with target.open("wb") as out:

        def members() -> Iterator[tuple[str, int, IO[bytes]]]:
            for name in sorted(names_under(folder)):
                with (folder / name).open("rb", buffering=0) as source:
                    yield name, os.fstat(source.fileno()).st_size, source

        write_zip(out, members(), day)


def sync(path: Path) -> None:
    """Have the disk hold a file or the entries of a folder."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _info(name: str, size: int, day: date) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, (day.year, day.month, day.day, 0, 0, 0))
    info.create_system, info.external_attr, info.file_size = _UNIX, _MODE, size
    return info


def _is_large(size: int) -> bool:
    return size * 1.05 > zipfile.ZIP64_LIMIT


def _write_manifests(folder: Path, kind: str, names: Iterable[str]) -> int:
    """Returns how many bytes the listed files have."""
    lines: dict[str, list[str]] = {algorithm: [] for algorithm in ALGORITHMS}
    total = 0
    for name in names:
        with (folder / name).open("rb", buffering=0) as source:
            for algorithm, digest in digests_of(source).items():
                lines[algorithm].append(f"{digest}  {name}\n")
            total += source.tell()
    for algorithm, listed in lines.items():
        path = folder / f"{kind}-{algorithm}.txt"
        path.write_text("".join(listed), encoding="utf-8")
    return total


def _one_line(value: str) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in value).split())
