"""Exports opened defensively."""

import gzip
import io
import tarfile
import zipfile
from pathlib import Path

import pytest

from archive import SourceError
from ingest import Export, Limits, Told, open_export, reader_for
from tests.ingest.conftest import JANUARY

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


def test_what_is_not_there_is_a_source_error(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="there is no file"), open_export(tmp_path / "nowhere"):
        pass
