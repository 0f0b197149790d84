"""What is recognised under a browser's names, and what is said of what is not."""

import zipfile
from pathlib import Path
from shutil import copyfile

import pytest

from archive import SourceError
from ingest import open_export, reader_for
from tests.ingest.conftest import SAMPLES, Room, read

POSTS = "your_posts__check_ins__photos_and_videos_1"
DOWNLOADED = (
    (f"facebook/export/your_facebook_activity/posts/{POSTS}.json", f"{POSTS} (1).json", "facebook"),
    ("instagram/export/your_instagram_activity/media/posts_1.json", "posts_1(2).json", "instagram"),
    ("x/archive/data/tweets.js", "tweets (1).js", "x"),
    ("wordpress/local-6.1.9/export.wxr.xml", "export (12).wxr.xml", "wordpress"),
)


@pytest.mark.parametrize(("sample", "name", "reader"), DOWNLOADED)
def test_a_file_downloaded_again_is_recognised_and_gives_the_same_items(
    tmp_path: Path, sample: str, name: str, reader: str
) -> None:
    again = tmp_path / name
    copyfile(SAMPLES / sample, again)
    with open_export(again) as export:
        assert reader_for(export).name == reader
    assert read(again, "lib") == read(SAMPLES / sample, "lib")


@pytest.mark.parametrize("packed", [False, True])
def test_what_is_empty_is_said_to_be(tmp_path: Path, packed: bool) -> None:
    path = tmp_path / "export"
    if packed:
        with zipfile.ZipFile(path, "w") as made:
            made.writestr("nothing.json", b"")
    else:
        path.write_bytes(b"")
    with open_export(path) as export, pytest.raises(SourceError, match="export is empty"):
        reader_for(export)


def test_of_a_wrong_source_the_right_one_is_named(room: Room) -> None:
    path = SAMPLES / "facebook/export"
    with pytest.raises(SourceError, match=r"holds no tweets\.js") as raised:
        room.take(path, source="x", account="lib")
    assert raised.value.hint == "it looks like facebook: leave out --source"


def test_what_only_its_name_hides_is_to_have_its_name_back(room: Room, tmp_path: Path) -> None:
    path = tmp_path / "mine.js"
    copyfile(SAMPLES / "x/archive/data/tweets.js", path)
    with pytest.raises(SourceError, match=r"holds no tweets\.js") as raised:
        room.take(path, source="x", account="lib")
    assert "by the name it had there" in raised.value.hint


def test_a_readers_own_hint_stays(room: Room, tmp_path: Path) -> None:
    path = tmp_path / "your_facebook_activity" / "posts" / "your_posts_1.html"
    path.parent.mkdir(parents=True)
    path.write_text("<html></html>")
    with pytest.raises(SourceError) as raised:
        room.take(tmp_path, source="facebook", account="lib")
    assert "in JSON, not in HTML" in raised.value.hint
