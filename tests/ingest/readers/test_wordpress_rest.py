"""Answers of WordPress' REST interface."""

import json
import tarfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from archive import UsageError
from ingest import Told, open_export, reader_for
from tests.ingest.conftest import SAMPLES, Room, read

LOCAL = SAMPLES / "wordpress/local-6.1.9"
COMMENT = {
    "id": 7,
    "post": 4,
    "parent": 0,
    "author_name": "Ada",
    "date": "2026-11-22T15:20:02",
    "date_gmt": "2026-11-22T21:20:02",
    "content": {"rendered": "<p>Hello</p>\n"},
    "link": "https://lib.example/a/#comment-7",
    "status": "approved",
}


def answer(folder: Path, *items: dict[str, Any], name: str = "answer.json") -> Path:
    path = folder / name
    path.write_text(json.dumps(list(items)))
    return path


@pytest.mark.parametrize(
    ("name", "state", "status", "keys"),
    [
        ("comments_approve", "live", "approved", ["4#comment-4", "4#comment-3", "4#comment-2"]),
        ("comments_hold", "pending", "hold", ["4#comment-7"]),
        ("comments_spam", "removed", "spam", ["4#comment-5"]),
        ("comments_trash", "removed", "trash", ["4#comment-6"]),
        ("comments_anonymous", "live", "approved", ["4#comment-4", "4#comment-3", "4#comment-2"]),
    ],
)
def test_comments_of_every_status(name: str, state: str, status: str, keys: list[str]) -> None:
    captures, rejected = read(LOCAL / f"{name}.json")
    assert rejected == []
    assert [one.native_id for one in captures if one.thread == "4"] == keys
    assert {(one.state, one.status, one.kind) for one in captures} == {(state, status, "comment")}


def test_keys_texts_and_account_are_those_of_the_site_s_export() -> None:
    exported = {one.native_id: one for one in read(LOCAL / "export.wxr.xml")[0]}
    names = ("posts", "comments_approve", "comments_hold", "comments_trash")
    for name in names:
        for one in read(LOCAL / f"{name}.json")[0]:
            same = exported.get(one.native_id)
            if same is None:
                assert name == "posts"
                continue
            assert (one.text, one.state, one.parent) == (same.text, same.state, same.parent)
            assert one.occurred_at == same.occurred_at
    with open_export(LOCAL / "posts.json") as export:
        source = reader_for(export).read(export, Told())
        assert (source.platform, source.account.handle) == ("wordpress", "127.0.0.1:8099")
        assert source.covers == {"post"}


def test_a_comment_that_an_export_and_the_interface_give_alike_is_no_new_version(
    room: Room,
) -> None:
    room.take(LOCAL / "export.wxr.xml")
    for name, items in (("hold", 1), ("approve", 4)):
        again = room.take(LOCAL / f"comments_{name}.json")
        assert (again.new, again.changed) == (0, 0), name
        assert again.unchanged == items


def test_posts_and_their_revisions() -> None:
    captures, rejected = read(LOCAL / "posts.json")
    assert rejected == []
    edited = next(one for one in captures if one.native_id == "4")
    assert edited.text == "CORRECTED: reopened."
    assert edited.title == "Road closure — Main St 🚧"
    assert edited.edited_at == datetime(2026, 11, 22, 21, 20, 3, tzinfo=UTC)
    assert edited.visibility == "public"
    [revision], _ = read(LOCAL / "revisions_post.json")
    assert (revision.native_id, revision.parent) == ("4:revision-5", "4")
    assert (revision.status, revision.visibility) == ("revision", "unknown")


def test_raw_is_the_item() -> None:
    data = (LOCAL / "posts.json").read_bytes()
    captures, _ = read(LOCAL / "posts.json")
    assert b"[" + b",".join(one.raw for one in captures) + b"]" == data.strip()


def test_an_error_is_kept_as_rejected() -> None:
    captures, [rejected] = read(LOCAL / "comment_missing.json", "lib.example")
    assert captures == []
    assert rejected.reason == "the site answered with an error: Invalid comment ID."
    assert rejected.raw == (LOCAL / "comment_missing.json").read_bytes().strip()
    with pytest.raises(UsageError, match="whose account"):
        read(LOCAL / "comment_missing.json")


def test_a_time_without_a_zone_is_marked(tmp_path: Path) -> None:
    [capture], _ = read(answer(tmp_path, {**COMMENT, "date_gmt": None}))
    assert capture.naive
    assert capture.occurred_at == datetime(2026, 11, 22, 15, 20, 2, tzinfo=UTC)
    [capture], _ = read(answer(tmp_path, COMMENT))
    assert not capture.naive


def test_one_bad_item_is_lost_alone(tmp_path: Path) -> None:
    without = {name: value for name, value in COMMENT.items() if name != "post"}
    path = answer(tmp_path, COMMENT, without, {**COMMENT, "id": None}, {**COMMENT, "id": 9})
    captures, rejected = read(path)
    assert [one.native_id for one in captures] == ["4#comment-7", "4#comment-9"]
    assert [one.reason for one in rejected] == ["the comment names no post", "it has no id"]


def test_a_site_in_a_folder_and_a_file_of_the_media_library(tmp_path: Path) -> None:
    media = {
        "id": 12,
        "post": 4,
        "type": "attachment",
        "status": "inherit",
        "date_gmt": "2026-11-22T21:20:02",
        "description": {"rendered": "<p>The map</p>"},
        "title": {"rendered": "Map"},
        "source_url": "https://x.example/lib/wp-content/uploads/map.png",
        "mime_type": "image/png",
        "alt_text": "Detour",
        "_links": {"self": [{"href": "https://x.example/lib/wp-json/wp/v2/media/12"}]},
    }
    path = answer(tmp_path, media)
    [capture], _ = read(path)
    assert (capture.kind, capture.parent, capture.text) == ("page", "4", "The map")
    [file] = capture.attachments
    assert (file.name, file.type, file.alt) == ("map.png", "image/png", "Detour")
    with open_export(path) as export:
        assert reader_for(export).read(export, Told()).account.handle == "x.example/lib"


def test_several_answers_in_a_tar(tmp_path: Path) -> None:
    path = tmp_path / "answers.tar.gz"
    with tarfile.open(path, "w:gz") as out:
        for name in ("posts.json", "comments_hold.json", "revisions_post.json"):
            out.add(LOCAL / name, f"saved/{name}")
    captures, rejected = read(path)
    assert (len(captures), rejected) == (5, [])
    with open_export(path) as export:
        assert reader_for(export).read(export, Told()).covers == {"post", "comment"}


def test_a_list_cut_short_says_so(tmp_path: Path) -> None:
    path = tmp_path / "posts.json"
    path.write_bytes((LOCAL / "posts.json").read_bytes()[:-100])
    captures, rejected = read(path)
    assert len(captures) == 2
    assert rejected[0].raw.startswith(b'{"id":4,')
    assert [one.reason for one in rejected[1:]] == ["the file ends inside the list"]


def test_a_comment_in_the_trash_is_no_new_version_when_only_one_of_two_exports_dates_it(
    room: Room,
) -> None:
    exports = [LOCAL / "export.wxr.xml", LOCAL / "comments_trash.json"]
    taken = [room.take(path, account="127.0.0.1:8099") for path in exports * 2]
    assert [one.changed for one in taken] == [0, 0, 0, 0]
    removed = [one for one in room.records() if one.status == "removed"]
    [trashed] = [one for one in removed if one.kind == "comment"]
    assert trashed.versions == 1
    assert room.newest(trashed).get("removed_at") == "2026-11-22T21:20:02.000000Z"


def test_the_time_of_a_removal_that_one_of_two_exports_knows_is_learned_once(room: Room) -> None:
    exports = [LOCAL / "comments_trash.json", LOCAL / "export.wxr.xml"]
    taken = [room.take(path, account="127.0.0.1:8099") for path in exports * 2]
    assert [one.changed for one in taken] == [0, 1, 0, 0]
