"""JSON Lines."""

import gzip
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from archive import SourceError
from ingest import Gone, Limits, Told, open_export, reader_for, reader_named
from tests.ingest.conftest import items_of, read

Lines = Callable[..., Path]


def test_a_line_with_everything(lines: Lines) -> None:
    row = {
        "id": 7, "kind": "comment", "author": "Ann", "handle": "ann", "text": "hi", "title": "t",
        "occurred_at": 1666851771, "edited_at": "2022-10-27T06:22:51+02:00", "parent": 6,
        "thread": "5", "url": "https://x.example/7", "state": "removed", "visibility": "public",
        "removed_at": "2022-10-28T00:00:00Z", "language": "en",
        "attachments": [{"name": "a.png", "sha256": "00"}], "other": True,
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
        '{"id": 1, "attachments": [7]}', '{"id": 1, "poll": 7}', '{"id": 1, "shared": "x"}',
        '{"id": 1, "poll": [{"votes": "x"}]}', '{"id": 1, "reactions": {"like": true}}',
        '{"id": 1, "deleted": "yes"}', '{"id": 1, "time_zone": "../etc/passwd"}',
        '{"id": 1, "removed_by": "ghosts"}', '{"id": 1, "parent": []}',
        '{"id": 1, "time_zone": "none", "occurred_at": "yesterday"}',
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_rejected_with_its_line(lines: Lines, row: str) -> None:
    captures, rejected = read(lines('{"id": 1}', row, "", '{"id": 2}'), "lib")
    assert [one.native_id for one in captures] == ["1", "2"]
    assert [one.raw for one in rejected] == [row.encode()]


def test_what_else_a_platform_may_say(lines: Lines) -> None:
    row = {
        "id": "a", "kind": "share", "text": "look", "state": "pending", "status": "held",
        "shared": {"text": "theirs", "author": "Bob", "handle": "b", "id": 9, "url": "u"},
        "poll": [{"text": "Yes", "votes": 2}, {"text": "No"}], "location": "Branch",
        "reactions": {"like": 3}, "revision": "r1", "removed_by": "moderator",
        "removal_reason": "spam", "time_zone": "America/Chicago",
        "occurred_at": "2026-07-01T12:00:00",
    }  # fmt: skip
    [one], rejected = read(lines(json.dumps(row)), "lib")
    assert rejected == []
    assert one.shared is not None
    assert (one.shared.text, one.shared.native_id) == ("theirs", "9")
    assert [(option.text, option.votes) for option in one.poll] == [("Yes", 2), ("No", None)]
    assert (one.state, one.status, one.location, one.revision) == (
        "pending",
        "held",
        "Branch",
        "r1",
    )
    assert (one.removed_by, one.removal_reason, one.reactions) == (
        "moderator",
        "spam",
        (("like", 3),),
    )
    assert one.occurred_at == datetime(2026, 7, 1, 17, tzinfo=UTC)
    assert not one.naive


def test_a_time_of_no_zone_is_read_as_utc_and_marked(lines: Lines) -> None:
    [one], _ = read(
        lines('{"id": 1, "text": "", "time_zone": "none", "occurred_at": "2026-07-01 12:00:00"}'),
        "l",
    )
    assert (one.occurred_at, one.naive) == (datetime(2026, 7, 1, 12, tzinfo=UTC), True)


def test_a_line_may_say_that_an_item_was_deleted(lines: Lines) -> None:
    row = '{"id": 1, "deleted": true, "removed_at": 1666851771, "removed_by": "author"}'
    with open_export(lines(row)) as export:
        [gone] = reader_for(export).read(export, Told("lib")).items
    assert isinstance(gone, Gone)
    assert (gone.native_id, gone.removed_by, gone.raw) == ("1", "author", row.encode())


def test_files_beside_the_list_are_attachments(tmp_path: Path) -> None:
    (tmp_path / "media").mkdir()
    (tmp_path / "media/a.png").write_bytes(b"png")
    row = {"id": 1, "attachments": [{"file": "media/a.png"}, {"file": "../b"}, {"link": True}]}
    (tmp_path / "rows.jsonl").write_text(json.dumps(row))
    [one], _ = read(tmp_path, "lib")
    assert [(a.name, a.member, a.link) for a in one.attachments] == [
        ("a.png", "media/a.png", False),
        ("b", "", False),
        ("", "", True),
    ]


def test_lines_of_another_making_are_not_taken(lines: Lines) -> None:
    for row in ('{"type": "Create", "id": "x"}', '{"entry": []}', "[1]", '{"text": "no id"}'):
        with open_export(lines(row)) as export:
            assert not reader_named("jsonl").sniff(export)
    with open_export(lines(json.dumps({"id": 1, "text": "x" * 100_000}))) as export:
        assert reader_named("jsonl").sniff(export)


def test_lone_surrogates_and_nuls_do_not_lose_a_line(lines: Lines) -> None:
    [capture], rejected = read(lines(r'{"id": "\ud83d", "text": "a\u0000b\udc00"}'), "lib")
    assert rejected == []
    parts = capture.parts("lib")
    assert parts.text() == "a\x00b\ufffd"
    assert "raw holds its bytes" in str(parts.get("observed/notes"))


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
