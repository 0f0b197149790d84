"""What has to hold for every reader, whatever bytes it is given."""

import re
import signal
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from archive import MunimentError
from ingest import Export, Limits, Rejected, Told
from ingest._capture import Capture, Gone, Prepared, Remark
from ingest._source import SourceReader
from tests.ingest.mutations import Mutated
from tests.ingest.samples import held

LIMITS = Limits(item=4 << 20)
TOLD = Told("somebody.example")
_WORD = re.compile(rb"[A-Za-z0-9_-]{6,}")
_OPENING = re.compile(rb"(?:\s++|<\?.*?\?>|<!--.*?-->)*+(?:<\w[^<>]*>)?", re.DOTALL)
BINARY = (".car", ".warc", ".arc", ".gz", ".bin", ".bad")
_PACKED = (b"\x1f\x8b", b"PK\x03\x04")


class Hang(BaseException):
    """More of the processor's time was used than any sample needs."""


@contextmanager
def patience(seconds: float = 20) -> Iterator[None]:
    """Hang when what is done in here uses more of the processor's time."""

    def ring(number: int, frame: FrameType | None) -> None:
        raise Hang(f"it took more than {seconds} seconds")

    before = signal.signal(signal.SIGPROF, ring)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


@dataclass(slots=True)
class Reading:
    """What a reader made of an export: items as bytes, remarks, and why it stopped early."""

    captures: list[bytes] = field(default_factory=list)
    rejected: list[bytes] = field(default_factory=list)
    remarks: list[bytes] = field(default_factory=list)
    members: tuple[str, ...] = ()
    stopped: str = ""

    @property
    def raws(self) -> list[bytes]:
        return self.captures + self.rejected + self.remarks


def read_held(reader: SourceReader, path: Path, files: Mapping[str, bytes]) -> Reading:
    """Let a reader read members that are held in memory; AssertionError for what is not right."""
    return read_opened(reader, held(path, files, LIMITS), files)


def read_opened(reader: SourceReader, export: Export, files: Mapping[str, bytes]) -> Reading:
    """Let a reader read an export, whose members are `files` as far as they are known."""
    reading = Reading()
    places: dict[str, int] = {}
    with patience():
        try:
            source = reader.read(export, TOLD)
            reading.members = source.members
            for item in source.items:
                if isinstance(item, Capture | Gone):
                    _check(item)
                    _stands(item.raw, files, places, item.source_file)
                    reading.captures.append(item.raw)
                elif isinstance(item, Rejected):
                    assert item.reason
                    reading.rejected.append(item.raw)
                else:
                    assert isinstance(item, Remark)
                    reading.remarks.append(item.text.encode(errors="surrogateescape"))
        except MunimentError as error:
            reading.stopped = str(error)
            assert reading.stopped
    return reading


def _check(item: Capture | Gone) -> None:
    capture = item if isinstance(item, Capture) else item.as_capture()
    assert capture.native_id
    assert isinstance(capture.native_id, str)
    assert capture.raw
    moments = (capture.occurred_at, capture.edited_at, capture.removed_at)
    assert all(moment is None or moment.tzinfo is not None for moment in moments)
    Prepared.of(capture, TOLD.handle)


def _stands(raw: bytes, files: Mapping[str, bytes], places: dict[str, int], name: str) -> None:
    """The bytes of an item stand in its file, at least line by line where others were cut out."""
    data = files.get(name, b"")
    if not data or data.startswith(_PACKED):
        return
    found = data.find(raw, places.get(name, 0))
    if found >= 0:
        places[name] = found
    elif raw not in data:
        assert all(_stands_in_two(line, data) for line in raw.splitlines()), raw[:200]


def _stands_in_two(line: bytes, data: bytes) -> bool:
    """Whether a line stands somewhere, or two parts of it, as when others stood between them."""
    if line in data:
        return True
    most, end = 0, len(line)
    while most < end:
        half = (most + end + 1) // 2
        most, end = (half, end) if line[:half] in data else (most, half - 1)
    return line[most:] in data


def words(data: bytes, without: Iterable[tuple[int, int]] = ()) -> Iterator[bytes]:
    """The words of some bytes, but not those that touch the stretches `without`."""
    left_out = tuple(without)
    for match in _WORD.finditer(data):
        start, end = match.span()
        if not any(start <= last and first <= end for first, last in left_out):
            yield match.group()


def structure(reading: Reading, files: Mapping[str, bytes]) -> set[bytes]:
    """The words that an undamaged export has outside its items, or up to its first tag's end."""
    kept = Counter(word for raw in reading.raws for word in words(raw))
    there = Counter(word for name in files for word in words(files[name]))
    opening = (match.group() for data in files.values() if (match := _OPENING.match(data)))
    return set(there - kept).union(*map(words, opening))


def lost(
    reading: Reading, files: Mapping[str, bytes], name: str, change: Mutated, known: set[bytes]
) -> list[bytes]:
    """The words of the files that were read which are in no item: silently lost.

    `known` are those of the structure. A reader that stopped said so: nothing of it is silent. In
    binary files whatever was rejected says so: their records are found through one another.
    """
    if reading.stopped or (reading.rejected and name.endswith(BINARY)):
        return []
    kept = Counter(word for raw in reading.raws for word in words(raw))
    there: Counter[bytes] = Counter()
    for member in reading.members:
        without = change.fresh if member == name else ()
        there.update(words(files.get(member, b""), without))
    return sorted(set(there - kept) - known)
