"""Exports made to do harm, or badly damaged: for every reader, what it must not do."""

import contextlib
import io
import random
import re
import tarfile
import zipfile
from collections import Counter
from pathlib import Path

import pytest

from archive import MunimentError, SourceError
from ingest import open_export, reader_named
from ingest._source import SourceReader
from tests.ingest.conftest import SAMPLES
from tests.ingest.fuzzing import TOLD, Reading, patience, read_held, read_opened
from tests.ingest.mutations import NOISE
from tests.ingest.samples import TABLE, Sample, held, members

SECRET = "what only this machine knows"
TEXTS = tuple(
    sample for sample in TABLE if not sample.path.endswith((".car", ".gz", ".bin", ".bad"))
)
DOCUMENTS = ("bluesky", "mastodon-api")
"""Readers of answers that are read as a whole: what is damaged is rejected as a whole."""
LARGEST = {one.reader: one for one in sorted(TEXTS, key=lambda one: one.captures)}
samples = pytest.mark.parametrize("sample", TABLE, ids=lambda sample: sample.path)
texts = pytest.mark.parametrize("sample", TEXTS, ids=lambda sample: sample.path)


def largest(files: dict[str, bytes]) -> str:
    """The member with the most bytes: the one with the items."""
    return max(files, key=lambda name: len(files[name]))


def opened(sample: Sample) -> tuple[SourceReader, Path, dict[str, bytes]]:
    path = SAMPLES / sample.path
    return reader_named(sample.reader), Path(path.name), members(path)


def said(reading: Reading) -> bool:
    """Whether a reading gave something, or said why not."""
    return bool(reading.captures or reading.rejected or reading.stopped)


def standing(whole: Reading, data: bytes) -> Counter[bytes]:
    """The items of an undamaged export that still stand in the bytes of a damaged one."""
    counts = Counter(whole.captures)
    return Counter({raw: min(count, data.count(raw)) for raw, count in counts.items()})


def unkept(missing: Counter[bytes], sample: Sample, reading: Reading) -> list[bytes]:
    """The items that are not read, unless whole documents are and the bytes were rejected."""
    if sample.reader not in DOCUMENTS:
        return sorted(missing)
    return sorted(raw for raw in missing if not any(raw in kept for kept in reading.rejected))


@texts
@pytest.mark.parametrize("byte", [b"\x01", b"\x00", b"\xff"])
def test_a_damaged_byte_costs_one_item(sample: Sample, byte: bytes) -> None:
    reader, path, files = opened(sample)
    whole = read_held(reader, path, files)
    chance = random.Random(sample.path)
    for _ in range(4 if whole.captures else 0):
        raw = chance.choice(whole.captures)
        name = next((name for name in files if raw in files[name]), None)
        if name is None:
            continue  # others were cut out of it
        place = files[name].index(raw) + chance.randrange(1, len(raw) - 1)
        data = files[name][:place] + byte + files[name][place:]
        reading = read_held(reader, path, {**files, name: data})
        others = standing(whole, b"\0".join({**files, name: data}.values()))
        assert reading.stopped == ""
        assert unkept(others - Counter(reading.captures), sample, reading) == []
        assert data[place - 1 : place + 2] in b"\n".join(reading.raws)


@texts
@pytest.mark.parametrize("kept", [0.25, 0.5, 0.75, 0.98])
def test_of_a_file_cut_short_all_whole_items_are_read(sample: Sample, kept: float) -> None:
    reader, path, files = opened(sample)
    name = largest(files)
    data = files[name][: int(len(files[name]) * kept)]
    whole = read_held(reader, path, files)
    reading = read_held(reader, path, {**files, name: data})
    there = standing(whole, b"\0".join({**files, name: data}.values()))
    assert unkept(there - Counter(reading.captures), sample, reading) == []
    if files[name][len(data) :].strip() and name.endswith((".js", ".json", ".xml")):
        assert reading.rejected or reading.stopped


@samples
@pytest.mark.parametrize("form", ["zip", "tar.gz"])
@pytest.mark.parametrize("kept", [0.4, 0.8, 0.99])
def test_an_archive_cut_short_is_never_taken_for_whole(
    sample: Sample, form: str, kept: float, tmp_path: Path
) -> None:
    reader, _, files = opened(sample)
    path = pack(tmp_path / f"cut.{form}", files)
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * kept)])
    try:
        with open_export(path) as export:
            reading = read_opened(reader, export, files)
            assert reading.stopped or reading.rejected or export.refused
    except SourceError as error:
        assert re.search("cut short|readable", str(error))  # noqa: PT017 - refusing is fine too


@samples
@pytest.mark.parametrize("form", ["zip", "tar.gz"])
def test_an_archive_with_a_damaged_byte_is_read_or_refused(
    sample: Sample, form: str, tmp_path: Path
) -> None:
    reader, _, files = opened(sample)
    path = pack(tmp_path / f"damaged.{form}", files)
    whole = path.read_bytes()
    chance = random.Random(sample.path)
    for _ in range(12):
        place = chance.randrange(len(whole))
        path.write_bytes(whole[:place] + chance.choice(NOISE) + whole[place + 1 :])
        with patience(), contextlib.suppress(MunimentError), open_export(path) as export:
            read_opened(reader, export, {})


@samples
@pytest.mark.parametrize("form", ["zip", "tar.gz"])
def test_an_archive_holds_what_its_files_hold(sample: Sample, form: str, tmp_path: Path) -> None:
    reader, path, files = opened(sample)
    with open_export(pack(tmp_path / f"a.{form}", files)) as export:
        assert reader.sniff(export)
        reading = read_opened(reader, export, files)
    assert reading.captures == read_held(reader, path, files).captures


@texts
@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be", "utf-32", "utf-8-sig"])
def test_another_encoding_is_read_or_refused_aloud(sample: Sample, encoding: str) -> None:
    reader, path, files = opened(sample)
    name = largest(files)
    text = files[name].decode(errors="replace")
    reading = read_held(reader, path, {**files, name: text.encode(encoding)})
    assert said(reading) or not sample.captures


FLOODS = (
    b"[", b"{", b"[}", b'{"a":', b'["', b"<", b"<a>", b"<a ", b"<![CDATA[", b"<!--", b"&", b'"',
    b"\\", b",", b"\n", b"\x00", b"<item>", b"<post>", b"<entry>", b'""', b'","', b"]", b"}",
    b"\xe2\x80\xa8", b"WARC/1.0\r\n", b"</item>", b"<!", b"<?", b":", b"\xff",
)  # fmt: skip


@pytest.mark.parametrize("reader", LARGEST)
def test_a_flood_costs_no_more_than_its_length(reader: str) -> None:
    known, path, files = opened(LARGEST[reader])
    name = largest(files)
    middle = len(files[name]) // 2
    for flood in FLOODS:
        many = flood * (20_000 // len(flood))
        data = files[name][:middle] + many + files[name][middle:]
        assert said(read_held(known, path, {**files, name: data})), flood


LAUGHS = b"<!DOCTYPE x [<!ENTITY a0 'ha'>%b]>" % b"".join(
    b"<!ENTITY a%d '%b'>" % (number, b"&a%d;" % (number - 1) * 10) for number in range(1, 12)
)


@pytest.mark.parametrize(
    "sample", [one for one in TEXTS if ".xml" in one.path], ids=lambda sample: sample.path
)
@pytest.mark.parametrize("entity", [b"&a11;", b"&file;"])
def test_entities_are_never_expanded(sample: Sample, entity: bytes, tmp_path: Path) -> None:
    reader, path, files = opened(sample)
    secret = tmp_path / "secret"
    secret.write_text(SECRET)
    declared = LAUGHS.replace(b"[", b'[<!ENTITY file SYSTEM "%b">' % secret.as_uri().encode(), 1)
    name = largest(files)
    begun, ended = (
        files[name].rsplit(b"?>", 1) if b"?>" in files[name] else (b"<?xml ", files[name])
    )
    data = begun + b"?>" + declared + ended.replace(b"<title>", b"<title>" + entity)
    with patience(10):
        try:
            source = reader.read(held(path, {**files, name: data}), TOLD)
            shown = "".join(str(item) for item in source.items)
        except MunimentError as error:
            shown = str(error)
    assert SECRET not in shown
    assert "hahaha" not in shown


def pack(path: Path, files: dict[str, bytes]) -> Path:
    """A zip or tar.gz of these files, by the name it has."""
    if path.suffix == ".zip":
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, data in files.items():
                archive.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)
        return path
    with tarfile.open(path, "w:gz") as tar:
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    return path
