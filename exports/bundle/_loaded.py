"""The load file of a finished bundle: its page numbers, read so that it can be made again."""

import re
from collections.abc import Iterator, Mapping
from itertools import groupby

from archive import VerificationError
from exports import _open
from exports._open import Bundle
from exports.bundle import _load
from exports.bundle._numbering import Numbering

_OPT_BYTES, _LINE_BYTES = 1 << 30, 1 << 26
_NUMBER = re.compile(r"([A-Z][A-Z0-9-]{0,11}?)([0-9]{6,})\Z")


class Loaded:
    """What is taken from the load file itself: pages of volumes, and where records begin and reply.

    Whether the letter has these pages is not asked here.
    """

    def __init__(self, bundle: Bundle, accounts: Mapping[str, str]) -> None:
        """VerificationError when a number or a line is none."""
        self._numbers: dict[str, int] = {}
        self._replies: dict[int, str] = {}
        named = [*_fields(_open.read(bundle, _load.OPT, _OPT_BYTES))]
        first = _NUMBER.match(named[0][0]) if named else None
        if first is None:
            raise VerificationError(f"{_load.OPT}: begins with no number of a page")
        numbering = Numbering(first[1], int(first[2]))
        volumes = [(name, len([*lines])) for name, lines in groupby(name for _, name in named)]
        at = {numbering.label(page): page for page in range(len(named))}
        begins: dict[int, int] = {}
        for record, (number, reply) in enumerate(_rows(bundle), 1):
            if number not in at:
                raise VerificationError(f"{_load.DAT}, record {record}: begins on no page")
            if number in self._numbers:
                raise VerificationError(f"{_load.DAT}, record {record}: begins where another does")
            self._numbers[number], self._replies[record] = record, reply
            begins[record] = at[number]
        self.book = _load.Book(_load.Pages(volumes, begins), numbering, accounts)

    def has(self, record: int) -> bool:
        """Whether there is a row for this record."""
        return record in self._replies

    def answers(self, record: int) -> int | None:
        """The record that one replies to, as the load file has it."""
        return self._numbers.get(self._replies.get(record, ""))


def _fields(data: bytes) -> Iterator[tuple[str, str]]:
    """Of each line of the OPT the number of the page and its file."""
    for line in data.decode(errors="replace").split("\r\n")[:-1]:
        number, _, file, *_ = [*line.split(","), "", ""]
        yield number, file.replace("\\", "/")


def _rows(bundle: Bundle) -> Iterator[tuple[str, str]]:
    """Of each record the number that it begins with, and that of what it replies to."""
    reply = _load.COLUMNS.index("INREPLYTO")
    with _open.stream(bundle, _load.DAT) as source:
        source.readline(_LINE_BYTES)
        while line := source.readline(_LINE_BYTES):
            cells = line.decode(errors="replace").rstrip("\r\n").split(_load.BETWEEN)
            number, *_ = bare = [cell.strip(_load.QUOTE) for cell in cells]
            if "." not in number:
                yield number, bare[reply] if len(bare) > reply else ""
