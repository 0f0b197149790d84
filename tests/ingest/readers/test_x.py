"""The X archive."""

import json
import shutil
from collections import Counter
from pathlib import Path

import pytest

from archive import SourceError
from tests.ingest.conftest import SAMPLES, read

EXPORT = SAMPLES / "x/archive"


@pytest.fixture
def export(tmp_path: Path) -> Path:
    """A copy of the sample that may be spoilt."""
    return Path(shutil.copytree(EXPORT, tmp_path / "x"))


def test_tweets_and_deleted_tweets_are_captured() -> None:
    captures, rejected = read(EXPORT)
    assert rejected == []
    assert Counter(one.state for one in captures) == {"live": 301, "removed": 25}
    assert len({one.native_id for one in captures}) == 326
    assert all(one.removed_at for one in captures if one.state == "removed")
    assert {one.author_handle for one in captures} == {"maplegrovepl"}
    assert not any("&amp;" in one.text for one in captures)


def test_ids_agree_with_times() -> None:
    captures, _ = read(EXPORT)
    for one in captures:
        assert one.occurred_at is not None
        milliseconds = (int(one.native_id) >> 22) + 1288834974657
        assert abs(one.occurred_at.timestamp() - milliseconds / 1000) < 2


def test_an_edit_is_a_record_that_names_the_first_version() -> None:
    captures, _ = read(EXPORT)
    [edited] = [one for one in captures if one.edited_at]
    assert edited.thread == "1897142194403594369"


def test_raw_is_exactly_what_stands_in_the_file() -> None:
    captures, _ = read(EXPORT)
    for name in {one.source_file for one in captures}:
        data, position = (EXPORT / name).read_bytes(), 0
        for one in captures:
            if one.source_file == name:
                position = data.index(one.raw, position) + len(one.raw)
                assert json.loads(one.raw)["tweet"]["id_str"] == one.native_id


def test_media_are_found_in_the_archive(export: Path) -> None:
    captures, _ = read(export)
    first = next(one for one in captures if one.attachments)
    folder = export / "data/tweets_media"
    folder.mkdir()
    name = f"{first.native_id}-{first.attachments[0].name}"
    (folder / name).write_bytes(b"jpg")
    again = {one.native_id: one for one in read(export)[0]}[first.native_id]
    assert again.attachments[0].member == f"data/tweets_media/{name}"


def test_the_manifest_is_held_against_the_files(export: Path) -> None:
    path = export / "data/deleted-tweets.js"
    script, _, rows = path.read_text().partition("= ")
    path.write_text(f"{script}= {json.dumps(json.loads(rows)[:-1])}")
    captures, rejected = read(export)
    assert len(captures) == 325
    assert [one.reason for one in rejected] == ["the manifest promises 25 items, the file holds 24"]
    path.unlink()
    _, rejected = read(export)
    assert [one.reason for one in rejected] == [
        "the manifest promises 25 items, the file is missing"
    ]


def test_a_spoilt_manifest_or_account_is_a_source_error(export: Path) -> None:
    (export / "data/manifest.js").write_text('window.__THAR_CONFIG = {"dataTypes": 7}')
    with pytest.raises(SourceError, match="manifest"):
        read(export)
    (export / "data/manifest.js").unlink()
    (export / "data/account.js").write_text("window.YTD.account.part0 = []")
    with pytest.raises(SourceError, match="whose archive"):
        read(export)


def test_what_is_no_tweet_is_rejected(export: Path) -> None:
    shutil.rmtree(export)
    (export / "data").mkdir(parents=True)
    rows = '[{"tweet": {"id_str": "1", "created_at": 7}}, {"tweet": {}}, {"x": 1}, 3]'
    (export / "data/tweets.js").write_text(f"window.YTD.tweets.part0 = {rows}")
    captures, rejected = read(export, "lib")
    assert [one.native_id for one in captures] == ["1"]
    assert [one.raw for one in rejected] == [b'{"tweet": {}}', b'{"x": 1}', b"3"]
