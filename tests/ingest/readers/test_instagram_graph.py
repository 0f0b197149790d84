"""Saved answers of the Graph API about an Instagram account."""

import json
from pathlib import Path
from typing import Any

import pytest

from archive import SourceError
from ingest import Capture, Rejected, Told, open_export, reader_for, reader_named

AT = "2026-02-20T12:00:00+0000"
REPLY = {"id": "3", "text": "At ten", "timestamp": AT, "username": "library"}
COMMENT = {
    "id": "2",
    "text": "When?",
    "timestamp": AT,
    "username": "ann",
    "hidden": True,
    "like_count": 4,
    "replies": {"data": [REPLY]},
}
ALBUM = {
    "id": "1",
    "caption": "Story time",
    "timestamp": AT,
    "username": "library",
    "media_type": "CAROUSEL_ALBUM",
    "permalink": "https://www.instagram.com/p/1/",
    "children": {
        "data": [
            {"id": "11", "media_type": "IMAGE", "media_url": "https://s.ex/a.jpg?x"},
            {"id": "12", "media_type": "VIDEO", "media_url": "https://s.ex/b.mp4?x"},
        ]
    },
}


def items(tmp_path: Path, name: str, answer: Any) -> list[Any]:
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(answer))
    with open_export(tmp_path) as export:
        assert reader_for(export).name == "instagram-graph"
        return list(reader_for(export).read(export, Told("library")).items)


def test_media_are_read_with_their_pictures(tmp_path: Path) -> None:
    [post, rejected] = items(tmp_path, "media.json", {"data": [ALBUM, {"caption": "no id"}]})
    assert (post.kind, post.text, post.url) == ("post", "Story time", ALBUM["permalink"])
    assert [(one.name, one.type) for one in post.attachments] == [
        ("a.jpg", "image"),
        ("b.mp4", "video"),
    ]
    assert isinstance(rejected, Rejected)


def test_comments_and_replies_are_items_of_their_own(tmp_path: Path) -> None:
    comment, reply = items(tmp_path, "1/comments.json", {"data": [COMMENT]})
    assert isinstance(comment, Capture)
    assert (comment.parent, comment.state, comment.status) == ("1", "removed", "hidden")
    assert comment.reactions == (("likes", 4),)
    assert b"At ten" not in comment.raw
    assert (reply.parent, reply.thread, reply.state) == ("2", "1", "live")
    assert json.loads(reply.raw) == REPLY
    [alone] = items(tmp_path, "1/comments.json", REPLY)
    assert (alone.native_id, alone.parent) == ("3", "1")


def test_what_is_no_answer_is_said(tmp_path: Path) -> None:
    path = tmp_path / "media.json"
    path.write_text('{"data": []}')
    with open_export(path) as export, pytest.raises(SourceError, match="no answers"):
        reader_named("instagram-graph").read(export, Told("library"))
