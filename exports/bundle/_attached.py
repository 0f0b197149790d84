"""The texts in a file of unknown kind: what it says itself, and what its form keeps besides.

It is somebody else's file, and may be damaged or made to do harm: what cannot be read as what it
claims to be is read as bytes.
"""

import re
import warnings
import zlib
from collections.abc import Iterable, Iterator
from contextlib import suppress
from struct import error as struct_error
from typing import IO, TYPE_CHECKING

import pypdfium2

from exports.bundle import _packed, _pdf_text

if TYPE_CHECKING:
    from PIL.Image import Exif, Image

_READABLE = re.compile(rb"[\x20-\x7e]{8,}")
_READABLE_WIDE = re.compile(rb"(?:[\x20-\x7e]\x00){4,}")
_SORTS = bytes(1 if 0x20 <= byte <= 0x7E else 2 if byte == 0 else 0 for byte in range(256))
_BEGINS, _BEGINS_WIDE = b"\1" * 8, b"\1\2" * 4
"""How what these find begins, each byte given by its sort: looked for ten times as fast."""
_WIDE = (b"\xff\xfe", b"\xfe\xff")
_PDF_WITHIN = 1024
_STRETCH, _OVERLAP = 1 << 20, 1 << 16
_CONTINUED = 3
_BASE64 = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/_-"
_CLOSED = {
    b"\xd0\xcf\x11\xe0": "an old office file, or one with a password: only its plain text is read",
    b"Rar!": "packed as RAR",
    b"7z\xbc\xaf": "packed as 7z",
    b"\x1f\x8b": "packed as gzip",
    b"BZh": "packed as bzip2",
    b"\xfd7zXZ": "packed as xz",
    b"\x28\xb5\x2f\xfd": "packed as Zstandard",
}
"""How files begin whose texts are not read, or not all."""
_MAGIC = max(map(len, _CLOSED))
_DIRECTORIES = (0x8769, 0x8825)
_DAMAGED = (
    *(OSError, SyntaxError, ValueError, EOFError, LookupError, TypeError, ArithmeticError),
    *(MemoryError, struct_error, zlib.error),
)


def texts(
    source: IO[bytes], unread: _packed.Unread, room: _packed.Room | None = None
) -> Iterator[str]:
    """Every text that is found; of a PDF its pages, metadata and strings, of an image what its
    metadata says, of a zip file or an office document what the files in it say.

    A long text comes in stretches that overlap. `unread` is told what is closed to a search.
    """
    room = room or _packed.Room()
    source.seek(0)
    for stretch in _stretches(source):
        yield from _plain(stretch)
    source.seek(0)
    if b"%PDF-" in source.read(_PDF_WITHIN):
        yield from _pdf(source, unread)
    source.seek(0)
    yield from _image(source)
    source.seek(0)
    head = source.read(_MAGIC)
    for magic, what in _CLOSED.items():
        if head.startswith(magic):
            unread(what)
    if _packed.is_zip(source):
        yield from _packed.texts(source, lambda one: texts(one, unread, room), unread, room)
    elif head.startswith(b"<?xml"):
        source.seek(0)
        yield from _packed.written(source)


def joined(texts: Iterable[str]) -> Iterator[str]:
    """Texts one below the other, in stretches that overlap."""
    held = ""
    for text in texts:
        held = f"{held}\n{text}" if held else text
        if len(held) > _STRETCH:
            yield held
            held = held[-_OVERLAP:].partition(" ")[2] or held[-_OVERLAP:]
    yield held


def _stretches(source: IO[bytes]) -> Iterator[bytes]:
    """A file in stretches that overlap: what spans the end of one stands whole in the next."""
    held = source.read(_STRETCH)
    mark = held[:2] if held.startswith(_WIDE) else b""
    while more := source.read(_STRETCH):
        end = _cut(held, len(held), wide=bool(mark))
        yield held[:end]
        held = mark + held[_cut(held, end - _OVERLAP, wide=bool(mark)) :] + more
    yield held


def _cut(data: bytes, at: int, *, wide: bool) -> int:
    """The last place up to `at` that cuts no word and no character.

    Where there is no white space for long, base64 is cut between its groups of four.
    """
    if wide:
        return at & ~1
    near = max(data.rfind(space, at - _OVERLAP, at) for space in (b" ", b"\n"))
    if near >= 0:
        return near + 1
    at -= (at - len(data[:at].rstrip(_BASE64))) % 4
    for _ in range(_CONTINUED):
        at -= data[at - 1] & 0xC0 == 0x80
    return at - (data[at - 1] >= 0xC0)


def _plain(data: bytes) -> Iterator[str]:
    """A text as its bytes read, in the likely encodings; else the readable runs of the bytes."""
    try:
        yield data.decode()
    except UnicodeDecodeError:
        if data.startswith(_WIDE):
            yield data.decode("utf-16", errors="replace")
        elif b"\0" not in data:
            yield data.decode("cp1252", errors="replace")
        sorts = data.translate(_SORTS)
        runs = _runs(data, sorts, _BEGINS, _READABLE)
        yield "\n".join(run.decode("ascii") for run in runs)
        wide = _runs(data, sorts, _BEGINS_WIDE, _READABLE_WIDE)
        yield "\n".join(run.decode("utf-16-le") for run in wide)


def _runs(data: bytes, sorts: bytes, begins: bytes, pattern: re.Pattern[bytes]) -> Iterator[bytes]:
    """What the pattern finds: it begins where its beginning stands among the sorts."""
    at = sorts.find(begins)
    while at >= 0 and (found := pattern.match(data, at)):
        yield found[0]
        at = sorts.find(begins, found.end())


def _pdf(source: IO[bytes], unread: _packed.Unread) -> Iterator[str]:
    try:
        _pdf_text.page_count(source)
    except pypdfium2.PdfiumError:
        unread("a PDF that does not open: damaged, or protected by a password")
    for read in (_pdf_text.pages, _pdf_text.metadata, _pdf_text.strings):
        with suppress(pypdfium2.PdfiumError, zlib.error, ValueError):
            yield from joined(read(source))


def _image(source: IO[bytes]) -> Iterator[str]:
    """Comments and other texts, EXIF and XMP, as Pillow unpacks them."""
    from PIL import Image

    with (
        warnings.catch_warnings(action="ignore"),
        suppress(*_DAMAGED, Image.DecompressionBombError),
        Image.open(source) as image,
    ):
        yield _said(image)
        image.load()
        yield _said(image)


def _said(image: "Image") -> str:
    exif = image.getexif()
    held = [*image.info.items(), *exif.items(), *_further(exif)]
    return "\n".join(f"{name} {_text(value)}" for name, value in held)


def _further(exif: "Exif") -> Iterator[tuple[int, object]]:
    """What stands below the first directory: of the camera, of the place."""
    for directory in _DIRECTORIES:
        yield from exif.get_ifd(directory).items()


def _text(value: object) -> str:
    if isinstance(value, bytes):
        return "\n".join(_plain(value))
    return str(value)
