"""Files that must not leave as they were captured: painted over, or hidden as a whole.

A bundle must not hold such a file under any name. Of an image that is painted over, stretches of
its bytes that the painted one lacks are looked for as well, plain and in base64: they find it
inside another file too.
"""

import re
from base64 import b64encode
from collections import Counter
from collections.abc import Iterator
from hashlib import sha256
from typing import IO

from archive import Reader
from exports._production import ProducedRecord
from exports.bundle._leaks import Leak

_STORED = re.compile(r"attachment/([0-9]+)/blob\Z")
_LENGTH = 48
_STRETCHES = 16
_ENOUGH = 3
_PIECE = 1 << 20


class Originals:
    """What is gathered while a bundle is written, and the search for it in every finished file."""

    def __init__(self) -> None:
        self._hidden: dict[str, int] = {}
        self._painted: dict[str, int] = {}
        self._shown: set[str] = set()
        self._stretches: dict[int, list[frozenset[bytes]]] = {}

    def watch(self, reader: Reader, produced: ProducedRecord) -> None:
        """Take note of a record's files: which must not leave, and which may."""
        sealed, shown = produced.sealed, produced.shown
        for path in sealed.paths:
            match = _STORED.match(path)
            digest = sealed.get(f"attachment/{match[1]}/sha256") if match else None
            if match is None or digest is None:
                continue
            image = produced.images.get(int(match[1]))
            if image is not None:
                self._painted[digest] = produced.number
                original = b"".join(reader.open_blob(produced.record.id, sealed.get(path) or ""))
                painted = b"".join(reader.open_blob(produced.record.id, image.blob))
                self._stretches.setdefault(produced.number, []).extend(_told(original, painted))
            elif sealed.paths.index(f"attachment/{match[1]}/sha256") in shown:
                self._shown.add(digest)
            else:
                self._hidden[digest] = produced.number

    def leaks(self, name: str, source: IO[bytes]) -> Iterator[Leak]:
        """Of which records a finished file gives away a file.

        One that is hidden in one record and rightly shown in another is no leak; one that is
        painted over is, wherever it stands.
        """
        running, told, held = sha256(), set[tuple[int, int]](), b""
        while piece := source.read(_PIECE):
            running.update(piece)
            held = held[-2 * _LENGTH :] + piece
            for number, stretches in self._stretches.items():
                for place, forms in enumerate(stretches):
                    if (number, place) not in told and any(form in held for form in forms):
                        told.add((number, place))
        digest = running.hexdigest()
        if digest in self._painted:
            yield Leak(self._painted[digest], name)
        elif digest in self._hidden and digest not in self._shown:
            yield Leak(self._hidden[digest], name)
        for number, count in Counter(number for number, _ in told).items():
            if count >= _ENOUGH:
                yield Leak(number, name)

    def __bool__(self) -> bool:
        """Whether there is anything to look for."""
        return bool(self._hidden or self._painted)


def _told(original: bytes, painted: bytes) -> Iterator[frozenset[bytes]]:
    """Stretches from the second half of a file that another lacks, in the forms they may take.

    The first half may hold what many files share: profiles of colours, tables.
    """
    half = len(original) // 2
    step = max(_LENGTH, half // _STRETCHES)
    for at in range(half, len(original) - _LENGTH + 1, step):
        stretch = original[at : at + _LENGTH]
        if len(set(stretch)) > _LENGTH // 3 and stretch not in painted:
            yield frozenset({stretch, *_in_base64(stretch)})


def _in_base64(stretch: bytes) -> Iterator[bytes]:
    """What is sure to stand in the base64 of a longer text, for each of the three alignments."""
    for skipped in range(3):
        whole = stretch[skipped : skipped + (len(stretch) - skipped) // 3 * 3]
        yield b64encode(whole)
