"""Answers of Nextdoor's API."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.ingest.conftest import read

POST = {
    "id": 11,
    "subject": "Closed",
    "body": "<p>Closed on Monday</p>",
    "author": {"name": "Maple Grove"},
    "creation_date": 1772496000,
    "media_attachments": [{"url": "https://nextdoor.com/a.jpg?x"}, {"url": 7}],
    "poll": {"options": [{"text": "Yes", "votes": 2}]},
    "comments": [
        {
            "id": 11,
            "body": "Why?",
            "author_name": "Ann",
            "creation_date": "2026-03-03 00:00:00",
            "comments": [
                {"id": 12, "body": "Snow", "parent_comment_id": 11, "author": "123"},
                {"id": 13, "body": None},
            ],
        },
        {"id": 14, "body": "Thanks", "creation_date": "2026-03-03T00:00:00Z"},
    ],
}


def write(path: Path, value: Any) -> Path:
    path.write_text(json.dumps(value, indent=1))
    return path


@pytest.mark.parametrize("key", ["", "posts", "data", "results"])
def test_posts_and_nested_comments(tmp_path: Path, key: str) -> None:
    path = write(tmp_path / "answer.json", {key: [POST]} if key else [POST])
    captures, rejected = read(path, "lib")
    post, why, snow, thanks = captures
    assert (post.native_id, post.text, post.author_name) == (
        "11",
        "Closed on Monday",
        "Maple Grove",
    )
    assert [one.name for one in post.attachments] == ["a.jpg"]
    assert [(one.text, one.votes) for one in post.poll] == [("Yes", 2)]
    assert (why.native_id, why.parent, why.thread) == ("comment:11", "11", "11")
    assert (snow.parent, snow.author_name) == ("comment:11", "123")
    assert (thanks.parent, thanks.naive, why.naive) == ("11", False, True)
    data = path.read_bytes()
    assert snow.raw in data
    assert thanks.raw in data
    assert [b"Snow" in one.raw for one in captures] == [False, False, True, False]
    assert [one.raw in data for one in rejected] == [True]


def test_what_is_no_post_is_rejected_alone(tmp_path: Path) -> None:
    rows = [POST, {"body": "no id", "comments": [{"id": 1, "body": "kept"}]}, 7]
    captures, rejected = read(write(tmp_path / "a.json", rows), "lib")
    assert [one.native_id for one in captures][-1] == "comment:1"
    assert len(captures) == 5
    assert [one.reason for one in rejected][1] == "it has no id"
    assert rejected[-1].raw == b"7"


@pytest.mark.parametrize("kind", ["zip", "gztar"])
def test_packed_answers_hold_the_same(tmp_path: Path, kind: str) -> None:
    (tmp_path / "in").mkdir()
    write(tmp_path / "in/a.json", [POST])
    packed = Path(shutil.make_archive(str(tmp_path / "packed"), kind, tmp_path / "in"))
    assert len(read(packed, "lib")[0]) == 4
