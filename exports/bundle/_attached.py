"""The texts in a file of unknown kind: what it says itself, and what its form keeps besides.

It is somebody else's file, and may be damaged or made to do harm: what cannot be read as what it
claims to be is read as bytes.
"""

import io
import re
import warnings
import zlib
from collections.abc import Iterator
from contextlib import suppress
from struct import error as struct_error
from typing import TYPE_CHECKING

import pypdfium2

from exports.bundle import _pdf_text

if TYPE_CHECKING:
    from PIL.Image import Exif, Image

_READABLE = re.compile(rb"[\x20-\x7e]{8,}")
_READABLE_WIDE = re.compile(rb"(?:[\x20-\x7e]\x00){4,}")
_WIDE = (b"\xff\xfe", b"\xfe\xff")
_PDF_WITHIN = 1024
_DIRECTORIES = (0x8769, 0x8825)
_DAMAGED = (
    *(OSError, SyntaxError, ValueError, EOFError, LookupError, TypeError, ArithmeticError),
    *(MemoryError, struct_error, zlib.error),
)


def texts(data: bytes) -> Iterator[str]:
    """Every text that is found; of a PDF its pages, metadata and strings, of an image what its
    metadata says.
    """
    yield from _plain(data)
    if b"%PDF-" in data[:_PDF_WITHIN]:
        yield from _pdf(data)
    yield from _image(data)


def _plain(data: bytes) -> Iterator[str]:
    """A text as its bytes read, in the likely encodings; else the readable runs of the bytes."""
    try:
        yield data.decode()
    except UnicodeDecodeError:
        if data.startswith(_WIDE):
            yield data.decode("utf-16", errors="replace")
        elif b"\0" not in data:
            yield data.decode("cp1252", errors="replace")
        yield "\n".join(run.decode("ascii") for run in _READABLE.findall(data))
        yield "\n".join(run.decode("utf-16-le") for run in _READABLE_WIDE.findall(data))


def _pdf(data: bytes) -> Iterator[str]:
    with suppress(pypdfium2.PdfiumError):
        yield "\n".join(_pdf_text.pages(data))
    for read in (_pdf_text.metadata, _pdf_text.strings):
        with suppress(pypdfium2.PdfiumError, zlib.error, ValueError):
            yield read(data)


def _image(data: bytes) -> Iterator[str]:
    """Comments and other texts, EXIF and XMP, as Pillow unpacks them."""
    from PIL import Image

    with (
        warnings.catch_warnings(action="ignore"),
        suppress(*_DAMAGED, Image.DecompressionBombError),
        Image.open(io.BytesIO(data)) as image,
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
