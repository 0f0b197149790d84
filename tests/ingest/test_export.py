"""Exports opened defensively."""

import gzip
import io
import random
import tarfile
import zipfile
from copy import copy
from dataclasses import replace
from pathlib import Path

import pytest

from archive import SourceError
from ingest import Export, Limits, Told, open_export, reader_for
from ingest._capture import Capture
from ingest.readers import reader_named
from tests.ingest.conftest import JANUARY, Room

SMALL = Limits(total=10_000_000, ratio=50, floor=100_000, item=100_000, members=20)


def tar_of(path: Path, members: dict[str, bytes], *odd: tarfile.TarInfo) -> Path:
    with tarfile.open(path, "w:gz") as tar:
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
        for info in odd:
            tar.addfile(info)
    return path


def link(name: str, target: str, kind: bytes = tarfile.SYMTYPE) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, target
    return info


def content(export: Export, name: str) -> bytes:
    with export.open(name) as stream:
        return stream.read()


def test_a_tar_gives_its_members_in_any_order(tmp_path: Path) -> None:
    path = tar_of(tmp_path / "a.tar.gz", {"b/1": b"one", "./b/2": b"two" * 100_000})
    with open_export(path) as export:
        assert set(export.names) == {"b/1", "b/2"}
        assert content(export, "b/2") == b"two" * 100_000
        assert content(export, "b/1") == b"one"
        assert export.find_file("1") == "b/1"
        assert export.bytes_read == 300_003


def test_names_that_lead_out_and_links_are_not_read_but_reported(tmp_path: Path) -> None:
    path = tar_of(
        tmp_path / "a.tar.gz",
        {"../up": b"x", "/etc/passwd": b"x", "C:\\evil": b"x", "fine": b"ok", "a/../../b": b"x"},
        link("link", "/etc/passwd"),
        link("hard", "fine", tarfile.LNKTYPE),
        link("pipe", "", tarfile.FIFOTYPE),
    )
    with open_export(path) as export:
        assert export.names == ["fine"]
        assert {refused.name for refused in export.refused} == {
            "../up", "/etc/passwd", "C:\\evil", "a/../../b", "link", "hard", "pipe",
        }  # fmt: skip


def test_a_zip_refuses_the_same(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("../up", "x")
        archive.writestr("fine", "ok")
        info = zipfile.ZipInfo("link")
        info.external_attr = 0o120777 << 16
        archive.writestr(info, "/etc/passwd")
    with open_export(path) as export:
        assert export.names == ["fine"]
        assert [refused.reason for refused in export.refused] == [
            "its name leads out of the export",
            "a link",
        ]


def test_a_folder_does_not_follow_links(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("s")
    folder = tmp_path / "export"
    folder.mkdir()
    (folder / "fine").write_text("ok")
    (folder / "link").symlink_to(tmp_path / "secret")
    (folder / "loop").symlink_to(tmp_path)
    with open_export(folder) as export:
        assert export.names == ["fine"]
        assert {refused.name for refused in export.refused} == {"link", "loop"}
        with pytest.raises(SourceError), export.open("../secret"):
            pass


def test_a_bomb_is_stopped_whatever_it_claims(tmp_path: Path) -> None:
    zipped = tmp_path / "bomb.zip"
    with zipfile.ZipFile(zipped, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("zeros", b"\0" * 5_000_000)
    with open_export(zipped, SMALL) as export, pytest.raises(SourceError, match="unpacks to far"):
        content(export, "zeros")
    packed = tar_of(tmp_path / "bomb.tar.gz", {"zeros": b"\0" * 5_000_000})
    with pytest.raises(SourceError, match="unpacks to far"), open_export(packed, SMALL):
        pass


def overlapping(path: Path, data: bytes, names: int) -> Path:
    """A zip whose list of contents names one member's packed bytes again and again."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("0.json", data)
        first = archive.filelist[0]
        for number in range(1, names):
            again = copy(first)
            again.filename = f"{number}.json"
            archive.filelist.append(again)
    return path


def test_a_zip_of_overlapping_files_is_a_bomb(tmp_path: Path) -> None:
    data = random.Random(1).randbytes(50_000)
    with open_export(overlapping(tmp_path / "one.zip", data, 1), SMALL) as export:
        assert content(export, "0.json") == data
    for name, some in (("random.zip", data), ("text.zip", b"much the same " * 5_000)):
        path = overlapping(tmp_path / name, some, 15)
        with pytest.raises(SourceError, match="unpacks to far"), open_export(path, SMALL):
            pass


def test_what_unpacks_to_more_than_the_total_is_a_bomb(tmp_path: Path) -> None:
    data = random.Random(1).randbytes(60_000)
    files = {f"{number}.bin": data for number in range(3)}
    zipped = tmp_path / "a.zip"
    with zipfile.ZipFile(zipped, "w") as archive:
        for name, part in files.items():
            archive.writestr(name, part)
    packed = tar_of(tmp_path / "a.tar.gz", files)
    enough, short = replace(SMALL, total=200_000), replace(SMALL, total=150_000)
    for path in (zipped, packed):
        with open_export(path, enough) as export:
            assert content(export, "2.bin") == data
        with pytest.raises(SourceError, match="unpacks to far"), open_export(path, short):
            pass
    with (
        pytest.raises(SourceError, match="unpacks to far"),
        open_export(zipped, short, (zipped,)),
    ):
        pass


def test_a_zip_inside_an_export_is_a_file_that_is_not_unpacked(room: Room, tmp_path: Path) -> None:
    inner = tmp_path / "inner.zip"
    with zipfile.ZipFile(inner, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("rows.jsonl", '{"id": "hidden", "text": "x"}\n')
        archive.writestr("zeros", b"\0" * 5_000_000)
    outer = tmp_path / "outer.zip"
    with zipfile.ZipFile(outer, "w") as archive:
        archive.writestr("rows.jsonl", '{"id": "1", "text": "x"}\n')
        archive.write(inner, "more/inner.zip")
    summary = room.take(outer, account="lib")
    assert (summary.new, summary.rejected, summary.unread) == (1, 0, ["more/inner.zip"])


def test_too_many_files_are_refused(tmp_path: Path) -> None:
    path = tar_of(tmp_path / "a.tar.gz", {f"f{i}": b"" for i in range(30)})
    with pytest.raises(SourceError, match="more than 20 files"), open_export(path, SMALL):
        pass


@pytest.mark.parametrize("kept", [0.3, 0.6, 0.9, 0.999])
def test_of_an_archive_cut_short_the_readable_part_is_read(tmp_path: Path, kept: float) -> None:
    whole = JANUARY.read_bytes()
    path = tmp_path / "cut.tar.gz"
    path.write_bytes(whole[: int(len(whole) * kept)])
    with open_export(path) as export:
        assert export.refused
        source = reader_for(export).read(export, Told())
        assert sum(1 for _ in source.items) > 10


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x1f\x8b",
        b"\x1f\x8b\x08garbage",
        b"PK\x03\x04cut",
        gzip.compress(b"no tar", mtime=0),
    ],
)
def test_what_is_no_export_is_a_source_error(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "thing"
    path.write_bytes(data)
    with pytest.raises(SourceError), open_export(path) as export:
        reader_for(export)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "is empty"),
        ("{}".encode("utf-16"), "is UTF-16"),
        (b'<!DOCTYPE rss [<!ENTITY a "b">]>\n<rss><channel><item/></channel></rss>', "declares"),
        (b"hello", "is no export that is known"),
    ],
)
def test_what_no_reader_knows_is_told_apart(
    room: Room, tmp_path: Path, data: bytes, said: str
) -> None:
    path = tmp_path / "export"
    path.write_bytes(data)
    with pytest.raises(SourceError, match=said):
        room.take(path, account="lib")


def test_what_is_not_there_is_a_source_error(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="there is no file"), open_export(tmp_path / "nowhere"):
        pass


def test_a_member_without_a_name_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("x", b"one")
        archive.writestr("fine", b"ok")
    data = path.read_bytes()
    place = data.index(b"PK\x01\x02")
    header = bytearray(data[place:])
    header[28:30] = b"\0\0"
    header[30:32] = b"\1\0"
    path.write_bytes(data[:place] + header)
    with open_export(path) as export:
        assert export.names == ["fine"]
        assert [refused.name for refused in export.refused] == [""]


def test_members_that_lie_over_one_another_count_each(tmp_path: Path) -> None:
    """A bomb without a large ratio: many entries of the directory give the same packed bytes."""
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a0", bytes(range(256)) * 4000)
    data = path.read_bytes()
    start = data.index(b"PK\x01\x02")
    end = data.index(b"PK\x05\x06")
    names = [f"a{number}".encode() for number in range(1, 10)]
    entries = b"".join(data[start:end].replace(b"a0", name) for name in (b"a0", *names))
    tail = bytearray(data[end:])
    tail[8:12] = (10).to_bytes(2, "little") * 2
    tail[12:16] = len(entries).to_bytes(4, "little")
    path.write_bytes(data[:start] + entries + tail)
    with pytest.raises(SourceError, match="unpacks to far"), open_export(path, SMALL):
        pass


def test_a_zip_within_an_export_is_not_opened_but_named(tmp_path: Path) -> None:
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("rows.jsonl", b'{"id": "1", "text": "hidden"}\n')
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("more.zip", inner.getvalue())
        archive.writestr("rows.jsonl", b'{"id": "2", "text": "seen"}\n')
    with open_export(path) as export:
        source = reader_named("jsonl").read(export, Told("lib"))
        assert [one.native_id for one in source.items if isinstance(one, Capture)] == ["2"]
        assert export.unread(source.members) == ["more.zip"]
