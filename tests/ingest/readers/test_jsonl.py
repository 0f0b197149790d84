"""JSON Lines."""

import gzip
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from archive import SourceError
from ingest import Limits, Told, open_export, reader_named
from tests.ingest.conftest import items_of, read

Lines = Callable[..., Path]


def test_a_line_with_everything(lines: Lines) -> None:
    row = {
        "id": 7, "kind": "comment", "author": "Ann", "handle": "ann", "text": "hi", "title": "t",
        "occurred_at": 1666851771, "edited_at": "2022-10-27T06:22:51+02:00", "parent": 6,
        "thread": "5", "url": "https://x.example/7", "state": "removed", "visibility": "public",
        "removed_at": "2022-10-28T00:00:00Z", "language": "en",
        "attachments": [{"name": "a.png", "sha256": "00"}, 7], "other": True,
    }  # fmt: skip
    path = lines(json.dumps(row))
    [capture], rejected = read(path, "lib")
    assert rejected == []
    assert (capture.native_id, capture.parent, capture.kind) == ("7", "6", "comment")
    assert (capture.state, capture.visibility) == ("removed", "public")
    assert capture.raw == path.read_bytes().rstrip(b"\n")
    assert [one.name for one in capture.attachments] == ["a.png"]


@pytest.mark.parametrize(
    "row",
    [
        "[]", "7", "no", "{}", '{"id": true}', '{"id": ""}', '{"id": 1, "text": 7}',
        '{"id": 1, "kind": "poem"}', '{"id": 1, "state": []}', '{"id": 1, "occurred_at": "today"}',
        '{"id": 1, "occurred_at": "2022-10-27T06:22:51"}', '{"id": 1, "visibility": {}}',
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_rejected_with_its_line(lines: Lines, row: str) -> None:
    captures, rejected = read(lines('{"id": 1}', row, "", '{"id": 2}'), "lib")
    assert [one.native_id for one in captures] == ["1", "2"]
    assert [one.raw for one in rejected] == [row.encode()]


def test_lone_surrogates_and_nuls_do_not_lose_a_line(lines: Lines) -> None:
    [capture], rejected = read(lines(r'{"id": "\ud83d", "text": "a\u0000b\udc00"}'), "lib")
    assert rejected == []
    assert capture.parts("lib").text() == "a\x00b\ufffd"


def test_line_ends_and_blank_lines(tmp_path: Path) -> None:
    path = tmp_path / "a.ndjson"
    path.write_bytes(b'{"id": 1}\r\n\r\n  \n{"id": 2}')
    captures, _ = read(path, "lib")
    assert [one.raw for one in captures] == [b'{"id": 1}', b'{"id": 2}']


def test_a_line_without_an_end_stops_at_the_limit(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(b"x" * 1_000_000)
    with open_export(path, Limits(item=300_000)) as export, pytest.raises(SourceError):
        items_of(export, "lib")


def test_a_source_that_is_named_need_not_end_in_jsonl(tmp_path: Path) -> None:
    path = tmp_path / "rows.txt"
    path.write_text('{"id": 1}\n')
    with open_export(path) as export:
        source = reader_named("jsonl").read(export, Told("lib"))
        assert len(list(source.items)) == 1


def test_a_folder_of_other_things_is_none(tmp_path: Path) -> None:
    for name in ("a.txt", "b.txt"):
        (tmp_path / name).write_text("{}")
    with open_export(tmp_path) as export, pytest.raises(SourceError):
        reader_named("jsonl").read(export, Told())


def test_gzip_alone_is_no_tar(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl.gz"
    path.write_bytes(gzip.compress(b'{"id": 1}\n'))
    with pytest.raises(SourceError):
        read(path, "lib")
