"""What a download says of Threads."""

import json
from pathlib import Path

import pytest

from archive import SourceError
from ingest import Told, open_export, reader_named
from tests.ingest.conftest import SAMPLES, read
from tests.ingest.readers.packing import pack

FOLDER = SAMPLES / "threads/constructed"
FILE = FOLDER / "threads_and_replies.json"


def test_posts_and_replies_are_captured() -> None:
    (reply, post), rejected = read(FILE, "lib")
    assert rejected == []
    assert (reply.kind, reply.native_id) == ("comment", "comment:1754466859:0")
    assert reply.text == "We’re open again — café day 👍"
    assert (reply.attachments, reply.parent) == ((), "")
    assert (post.kind, post.native_id, post.text) == ("post", "post:1754500000:0", "two photos")
    assert [one.name for one in post.attachments] == ["x.jpg", "y.jpg"]
    data = FILE.read_bytes()
    assert data.index(reply.raw) < data.index(post.raw)


def test_one_download_reads_alike_in_every_wrapping(tmp_path: Path) -> None:
    ways = [FOLDER, *(pack(tmp_path, FOLDER, kind) for kind in ("zip", "gztar"))]
    first, *others = [read(path, "lib")[0] for path in (FILE, *ways)]
    assert all(other == first for other in others)


def test_the_key_stays_under_an_edit_and_a_shapeless_post_is_rejected(tmp_path: Path) -> None:
    path = tmp_path / "threads_and_replies.json"
    keys = []
    for title in ("Open at 9", "Open at 10"):
        posts = [{"media": [{"creation_timestamp": 7, "title": title}]}, {"media": 5}, 7]
        path.write_text(json.dumps({"text_post_app_text_posts": posts}))
        captures, rejected = read(path, "lib")
        keys.append([one.native_id for one in captures])
        assert [json.loads(one.raw) for one in rejected] == [{"media": 5}, 7]
    assert keys == [["post:7:0"], ["post:7:0"]]


def test_a_download_without_threads_says_so(tmp_path: Path) -> None:
    with open_export(tmp_path) as export, pytest.raises(SourceError, match="Threads"):
        reader_named("threads").read(export, Told())
