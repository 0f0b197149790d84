"""Every reader on every sample, and archives of every form, damaged at random.

Whatever the bytes, a reader gives items, or raises an error of Muniment's own; it ends; and every
word of a file that it read is in an item, in a rejection, or in what is no item in the undamaged
sample either. `make fuzz` goes on as long as it is asked to.
"""

import contextlib
import gzip
import io
import os
import random
import tarfile
import time
import zipfile
from collections.abc import Iterator
from itertools import count as numbers
from pathlib import Path

import pytest

from archive import MunimentError, SourceError
from ingest import open_export, reader_for
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
FORMS = {
    "stored.zip": zipfile.ZIP_STORED,
    "deflated.zip": zipfile.ZIP_DEFLATED,
    "bzip2.zip": zipfile.ZIP_BZIP2,
    "lzma.zip": zipfile.ZIP_LZMA,
    "pax.tar": tarfile.PAX_FORMAT,
    "gnu.tar": tarfile.GNU_FORMAT,
    "pax.tar.gz": tarfile.PAX_FORMAT,
}
"""Archives that exports come in, and how their members are packed or described."""
SEED = 4
_WORK = 1_000_000
"""How many bytes of a sample are read in one run of the suite, all trials taken together."""


def trials(size: int, seconds: float) -> Iterator[int]:
    """Numbers of trials: as many as are asked for by time, else a few, fewer of large samples."""
    if not seconds:
        yield from range(max(3, min(25, _WORK // max(1, size))))
        return
    workers = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    end = time.monotonic() + seconds * workers / (len(EXPORTS) + len(FORMS))
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


@pytest.mark.parametrize("form", FORMS)
def test_a_damaged_archive_is_opened_or_refused(
    form: str, fuzz: float, request: pytest.FixtureRequest, count: Count, tmp_path: Path
) -> None:
    seed = request.getfixturevalue("seed") if fuzz else SEED
    whole = packed(form)
    path = tmp_path / form
    done = 0
    for number in trials(20_000, fuzz):
        change = Mutator(random.Random(f"{seed} {form} {number}"), [whole]).mutate(whole)
        path.write_bytes(change.data)
        try:
            with patience(), contextlib.suppress(MunimentError), open_export(path) as export:
                for name in export.names:
                    with contextlib.suppress(MunimentError), export.open(name) as stream:
                        while stream.read(1 << 16):
                            pass
        except BaseException as error:
            error.add_note(f"--seed {seed}: trial {number} of {form}: {change.what}")
            raise
        done += 1
    count("fuzz", "damaged archives", done)


def packed(form: str) -> bytes:
    """A small archive of a form."""
    files = {"a/tweets.js": b"window.YTD.tweets.part0 = []" * 99, "ü" * 120: b"x" * 600, "c": b""}
    made = io.BytesIO()
    if form.endswith(".zip"):
        with zipfile.ZipFile(made, "w", FORMS[form]) as archive:
            for name, data in files.items():
                archive.writestr(zipfile.ZipInfo(name), data, FORMS[form])
        return made.getvalue()
    with tarfile.open(fileobj=made, mode="w:", format=FORMS[form]) as tar:
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size, info.mtime = len(data), 1_000_000_000.5
            tar.addfile(info, io.BytesIO(data))
    return gzip.compress(made.getvalue()) if form.endswith(".gz") else made.getvalue()


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
