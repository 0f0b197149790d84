"""Every sample is known to exactly one reader, and is read to the count taken by hand."""

import csv
from collections import Counter
from hashlib import sha256

import pytest

from archive import SourceError
from ingest import Told, open_export, reader_for
from ingest._capture import Capture, Gone, Rejected
from ingest.readers import READERS
from tests.ingest.conftest import SAMPLES
from tests.ingest.samples import NO_EXPORTS, TABLE, Sample, sample_files

ALONE = sorted(
    file
    for file in sample_files()
    if not any(file == sample.path or file.startswith(sample.path + "/") for sample in TABLE)
)
"""The files that the table does not name."""


def test_every_sample_has_its_source_and_digest() -> None:
    with (SAMPLES / "SOURCES.tsv").open(encoding="utf-8", newline="") as file:
        rows = {row["file"]: row["sha256"] for row in csv.DictReader(file, delimiter="\t")}
    found = {name: sha256((SAMPLES / name).read_bytes()).hexdigest() for name in rows}
    assert found == rows
    assert set(sample_files()) - {"SOURCES.tsv"} == set(rows)


@pytest.mark.parametrize("sample", TABLE, ids=lambda sample: sample.path)
def test_a_sample_is_known_to_its_reader_alone(sample: Sample) -> None:
    with open_export(SAMPLES / sample.path) as export:
        assert [reader.name for reader in READERS if reader.sniff(export)] == [sample.reader]


@pytest.mark.parametrize("sample", TABLE, ids=lambda sample: sample.path)
def test_a_sample_holds_what_was_counted_by_hand(sample: Sample) -> None:
    with open_export(SAMPLES / sample.path) as export:
        source = reader_for(export).read(export, Told("somebody"))
        items = list(source.items)
    found = Counter(type(item) for item in items)
    assert (found[Capture], found[Gone]) == (sample.captures, sample.gone)
    assert found[Rejected] == sample.rejected, [one for one in items if isinstance(one, Rejected)]


@pytest.mark.parametrize(
    "sample", [one for one in TABLE if not one.repeats], ids=lambda sample: sample.path
)
def test_the_keys_of_a_sample_are_its_items_own(sample: Sample) -> None:
    with open_export(SAMPLES / sample.path) as export:
        items = list(reader_for(export).read(export, Told("somebody")).items)
    captures = [item for item in items if isinstance(item, Capture)]
    keys = Counter((one.native_id, one.revision) for one in captures)
    assert [key for key, count in keys.items() if count > 1 or not key[0]] == []


@pytest.mark.parametrize("file", ALONE)
def test_no_reader_takes_what_is_not_its_own(file: str) -> None:
    try:
        with open_export(SAMPLES / file) as export:
            assert [reader.name for reader in READERS if reader.sniff(export)] == []
    except SourceError:
        assert not file.startswith(NO_EXPORTS)
