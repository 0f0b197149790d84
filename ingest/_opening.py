"""What kind of export a path is."""

import zipfile
import zlib
from pathlib import Path

from archive.errors import SourceError
from ingest._boxes import GZIP, Box, File, Folder, Limits, Tar, Zip
from ingest._torn import TornZip


def box_of(path: Path, limits: Limits) -> Box:
    """The members of the export at `path`; SourceError when it cannot be read at all."""
    if path.is_dir():
        return Folder(path, limits)
    if not path.is_file():
        raise SourceError(f"there is no file {path}", hint="name an export: a file or a folder")
    with path.open("rb") as file:
        magic = file.read(4096)
    if _is_warc(magic):
        return File(path)
    if zipfile.is_zipfile(path):
        return _zip(path, limits)
    if magic.startswith(b"\x1f\x8b"):
        return Tar(path, limits, packed=True)
    if magic[257:262] == b"ustar":
        return Tar(path, limits, packed=False)
    if magic.startswith(b"PK\x03\x04"):
        return TornZip(path, limits)
    if magic.startswith((b"7z\xbc\xaf", b"Rar!", b"\xfd7zXZ", b"BZh")):
        raise SourceError(
            f"{path.name} is packed in a way that is not read",
            hint="unpack it and name the folder",
        )
    return File(path)


def _zip(path: Path, limits: Limits) -> Box:
    try:
        return Zip(path, limits)
    except zipfile.BadZipFile as error:
        with path.open("rb") as file:
            if file.read(4) == b"PK\x03\x04":
                return TornZip(path, limits)
        raise SourceError(f"{path.name} is no readable zip ({error})") from error


def _is_warc(head: bytes) -> bool:
    """Whether a file is a web archive, which may end in a zip or be packed record by record."""
    if head.startswith(b"\x1f\x8b"):
        try:
            head = zlib.decompressobj(GZIP).decompress(head, 64)
        except zlib.error:
            return False
    return head.startswith((b"WARC/", b"filedesc://"))
