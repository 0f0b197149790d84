"""Zips that are cut short or damaged: what stands before that place is read."""

import io
import json
import random
import zipfile
from pathlib import Path

import pytest

from archive import SourceError
from ingest import Limits, open_export
from tests.ingest.conftest import Room

LETTERS = random.Random(7).choices(b"abcdefgh", k=40_000)
FILES = {"a.txt": b"first " * 500, "b/c.txt": bytes(LETTERS), "d.txt": b"last"}


def packed(method: int = zipfile.ZIP_DEFLATED, *, streamed: bool = False) -> bytes:
    """A zip of these files; `streamed`, sizes stand behind the members, as where it is a pipe."""

    class Pipe(io.BytesIO):
        def seekable(self) -> bool:
            return not streamed

        def tell(self) -> int:
            if streamed:
                raise OSError
            return super().tell()

    file = Pipe()
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, data in FILES.items():
            archive.writestr(name, data)
    return file.getvalue()


def read(path: Path) -> tuple[dict[str, bytes], list[str]]:
    """What can be read of each member, and why more cannot."""
    found: dict[str, bytes] = {}
    with open_export(path) as export:
        problems = [one.reason for one in export.refused]
        for name in export.names:
            found[name] = b""
            try:
                with export.open(name) as stream:
                    while data := stream.read(100):
                        found[name] += data
            except SourceError as error:
                problems.append(str(error))
    return found, problems


@pytest.mark.parametrize("streamed", [False, True])
@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED])
def test_a_zip_is_read_up_to_where_it_is_cut(tmp_path: Path, method: int, streamed: bool) -> None:
    whole = packed(method, streamed=streamed)
    path = tmp_path / "cut.zip"
    ends = {name: whole.index(b"PK\x03\x04", 4 * (name > "a.txt")) for name in FILES}
    assert len(ends) == len(FILES)
    for size in range(200, len(whole) - 1, 997):
        path.write_bytes(whole[:size])
        if streamed and method == zipfile.ZIP_STORED:
            with pytest.raises(SourceError):
                read(path)
            continue
        found, problems = read(path)
        assert problems
        assert all(FILES[name].startswith(data) for name, data in found.items())
        assert sum(map(len, found.values())) > size / 4


def test_a_zip_whose_list_of_contents_is_damaged_is_read_from_the_front(tmp_path: Path) -> None:
    whole = bytearray(packed())
    listing = whole.index(b"PK\x01\x02")
    whole[listing : listing + 4] = b"XXXX"
    (tmp_path / "bad.zip").write_bytes(whole)
    found, problems = read(tmp_path / "bad.zip")
    assert found == FILES
    assert problems


def test_a_torn_bomb_is_one_all_the_same(tmp_path: Path) -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("zeros.json", bytes(4 << 20))
    path = tmp_path / "bomb.zip"
    path.write_bytes(file.getvalue()[:-30])
    with (
        open_export(path, Limits(floor=1 << 20)) as export,
        export.open("zeros.json") as stream,
        pytest.raises(SourceError, match="unpacks"),
    ):
        stream.read()


def test_a_torn_export_keeps_what_was_readable_and_says_so(room: Room, tmp_path: Path) -> None:
    rows = "".join(json.dumps({"id": i, "text": f"text {i * 7919}"}) + "\n" for i in range(3000))
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("rows.jsonl", rows)
    path = tmp_path / "torn.zip"
    path.write_bytes(file.getvalue()[: len(file.getvalue()) // 2])
    summary = room.take(path, account="lib", complete=True)
    assert 500 < summary.new < 3000
    assert summary.rejected >= 1
    assert not summary.compared
    path.write_bytes(file.getvalue())
    whole = room.take(path, account="lib", complete=True)
    assert (whole.seen, whole.rejected, whole.vanished) == (3000, 0, 0)
    assert whole.new == 3000 - summary.new
