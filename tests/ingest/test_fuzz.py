"""Every reader on every sample, damaged at random.

Whatever the bytes, a reader gives items, or raises an error of Muniment's own; it ends; and every
word of a file that it read is in an item, in a rejection, or in what is no item in the undamaged
sample either. `make fuzz` goes on as long as it is asked to.
"""

import random
import time
from collections.abc import Iterator
from itertools import count as numbers
from pathlib import Path

import pytest

from archive import MunimentError, SourceError
from ingest import reader_for
from ingest._source import SourceReader
from ingest.readers import READERS
from tests.campaigns import Count
from tests.ingest.conftest import SAMPLES
from tests.ingest.fuzzing import LIMITS, lost, patience, read_held, structure
from tests.ingest.mutations import Mutated, Mutator
from tests.ingest.samples import TABLE, held, members, sample_files

FOLDERS = {sample.path for sample in TABLE if (SAMPLES / sample.path).is_dir()}
EXPORTS = sorted(
    FOLDERS
    | {file for file in sample_files() if not any(file.startswith(f + "/") for f in FOLDERS)}
)
SEED = 4
_WORK = 1_000_000
"""How many bytes of a sample are read in one run of the suite, all trials taken together."""


def trials(size: int, seconds: float) -> Iterator[int]:
    """Numbers of trials: as many as are asked for by time, else a few, fewer of large samples."""
    if not seconds:
        yield from range(max(3, min(25, _WORK // max(1, size))))
        return
    end = time.monotonic() + seconds / len(EXPORTS)
    for number in numbers():
        if time.monotonic() > end:
            return
        yield number


@pytest.mark.parametrize("name", EXPORTS)
def test_a_damaged_sample_is_read_or_refused(
    name: str, fuzz: float, request: pytest.FixtureRequest, count: Count
) -> None:
    seed = request.getfixturevalue("seed") if fuzz else SEED
    files = opened(name)
    reader = known_to(name, files)
    known: set[bytes] = set()
    if reader is not None:
        whole = read_held(reader, Path(name), files)
        known = structure(whole, files)
    others = [next(iter(opened(other).values())) for other in EXPORTS]
    done = 0
    for number in trials(sum(map(len, files.values())), fuzz):
        chance = random.Random(f"{seed} {name} {number}")
        member = chance.choice(sorted(files))
        change = Mutator(chance, others).mutate(files[member])
        try:
            one_trial(name, files, member, change, reader, known)
        except BaseException as error:
            error.add_note(f"--seed {seed}: trial {number} of {name}, {member}: {change.what}")
            raise
        done += 1
    count("fuzz", "damaged exports", done)


def one_trial(
    name: str,
    files: dict[str, bytes],
    member: str,
    change: Mutated,
    reader: SourceReader | None,
    known: set[bytes],
) -> None:
    damaged = {**files, member: change.data}
    found = known_to(name, damaged)
    if reader is not None:
        reading = read_held(reader, Path(name), damaged)
        assert lost(reading, damaged, member, change, known) == []
    if found is not None and found is not reader:
        read_held(found, Path(name), damaged)


@pytest.mark.parametrize("reader", READERS, ids=lambda reader: reader.name)
def test_a_reader_reads_or_refuses_what_is_not_its_own(reader: SourceReader, count: Count) -> None:
    for name in EXPORTS:
        try:
            read_held(reader, Path(name), opened(name))
        except BaseException as error:
            error.add_note(f"{reader.name} read {name}")
            raise
    count("fuzz", "exports of others", len(EXPORTS))


def opened(name: str) -> dict[str, bytes]:
    """The members of a sample; the file as it is where it cannot be opened."""
    if name not in _OPENED:
        path = SAMPLES / name
        try:
            _OPENED[name] = members(path)
        except SourceError:
            _OPENED[name] = {path.name: path.read_bytes()}
    return _OPENED[name]


_OPENED: dict[str, dict[str, bytes]] = {}


def known_to(name: str, files: dict[str, bytes]) -> SourceReader | None:
    """The reader that knows an export; None when it is refused."""
    with patience():
        try:
            return reader_for(held(Path(name), files, LIMITS))
        except MunimentError:
            return None
