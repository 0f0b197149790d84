"""The TikTok download."""

import json
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from archive import UsageError
from ingest import Capture, Rejected, Remark, Told, open_export, reader_for
from tests.ingest.conftest import SAMPLES, read

SAMPLE = SAMPLES / "tiktok/constructed/user_data_tiktok.json"


def write(path: Path, **sections: Any) -> Path:
    path.write_text(json.dumps({name.replace("_", " "): one for name, one in sections.items()}))
    return path


def items(path: Path) -> list[Any]:
    with open_export(path) as export:
        return list(reader_for(export).read(export, Told("lib")).items)


def test_comments_of_both_spellings() -> None:
    captures, rejected = read(SAMPLE, "lib")
    assert rejected == []
    new, old = captures
    assert (new.text, new.url, new.attachments) == ("Reopens Friday 🚧", "", ())
    assert new.occurred_at == datetime(2026, 3, 28, 13, 59, 47, tzinfo=UTC)
    assert new.naive
    assert (old.text, old.url) == ("older capitalised keys", "https://www.tiktok.com/x")
    assert all(one.raw in SAMPLE.read_bytes() for one in captures)


def test_an_edited_comment_keeps_its_key(tmp_path: Path) -> None:
    path = tmp_path / SAMPLE.name
    path.write_bytes(SAMPLE.read_bytes().replace(b"Reopens", b"Opens"))
    before, after = read(SAMPLE, "lib")[0], read(path, "lib")[0]
    assert [one.native_id for one in before] == [one.native_id for one in after]
    assert before[0].text != after[0].text


def test_posts_messages_and_the_profile(tmp_path: Path) -> None:
    post = {"Date": "2026-01-01 10:00:00", "Link": "https://v.example/a.mp4?x=1", "Likes": "4"}
    path = write(
        tmp_path / "user_data.json",
        Profile={"Profile Information": {"ProfileMap": {"userName": "lib", "bioDescription": "B"}}},
        Video={
            "Videos": {"VideoList": [{**post, "Title": "T", "WhoCanView": "Public"}, {"x": 1}, 7]},
            "Recently Deleted Posts": {
                "PostList": [{**post, "DateDeleted": "2026-01-03 00:00:00"}]
            },
        },
        Direct_Messages={
            "Chat History": {
                "ChatHistory": {
                    "Chat History with ann:": [
                        {"Date": "2026-01-01 10:00:00 UTC", "From": "ann", "Content": "hello"}
                    ]
                }
            }
        },
        Activity={"Video Browsing History": {"VideoList": [{"Date": "x"}] * 3}},
    )
    with open_export(path) as export:
        source = reader_for(export).read(export, Told())
        found = list(source.items)
    assert source.account.handle == "lib"
    profile, video, deleted, message = [one for one in found if isinstance(one, Capture)]
    assert (profile.kind, profile.text) == ("profile", "B")
    assert (video.text, video.visibility, video.reactions) == ("T", "public", (("like", 4),))
    assert video.attachments[0].name == "a.mp4"
    assert (deleted.state, deleted.removed_by) == ("removed", "author")
    assert deleted.removed_at is not None
    assert (message.kind, message.visibility, message.thread) == ("message", "direct", "ann")
    assert not message.naive
    assert [one.raw for one in found if isinstance(one, Rejected)] == [b'{"x": 1}', b"7"]
    assert [one.text for one in found if isinstance(one, Remark)] == [
        "not captured: 3 of Activity / Video Browsing History / VideoList"
    ]


def test_lists_may_be_null(tmp_path: Path) -> None:
    comments = {"Comments": {"CommentsList": None}}
    posts = {"Posts": {"VideoList": None}, "Recently Deleted Posts": {"PostList": None}}
    assert items(write(tmp_path / "user_data.json", Comment=comments, Post=posts)) == []


def test_comments_on_a_live_video_are_comments(tmp_path: Path) -> None:
    said = {"CommentTime": "2026-01-01 10:00:00", "CommentContent": "Hello", "RawTime": 1767261600}
    asked = {"QuestionTime": "2026-01-01 10:01:00", "QuestionContent": "When?"}
    lives: dict[str, Any] = {
        "7": {"Comments": [said, said], "Questions": None, "WatchTime": "2026-01-01 09:59:00"}
    }
    lives["8"] = {"Comments": None, "Questions": [asked], "WatchTime": "2026-01-01 09:59:00"}
    live = {"Watch Live History": {"WatchLiveMap": lives}}
    first, second, question = items(write(tmp_path / "user_data.json", **{"TikTok Live": live}))
    assert isinstance(first, Capture)
    assert isinstance(second, Capture)
    assert (first.kind, first.text, first.parent, first.naive) == ("comment", "Hello", "7", True)
    assert first.native_id != second.native_id
    assert first.occurred_at == datetime(2026, 1, 1, 10, tzinfo=UTC)
    assert isinstance(question, Rejected)
    assert b"When?" in question.raw


def test_words_in_a_list_that_is_not_known_are_rejected(tmp_path: Path) -> None:
    path = write(tmp_path / "user_data.json", Live={"Remarks": {"RemarkList": [{"Comment": "hi"}]}})
    [rejected] = items(path)
    assert rejected == Rejected(
        "it stands in no list that is known", b'{"Comment": "hi"}', path.name
    )
    write(path, Comment={"App": 1, "Date": "2026-01-01 00:00:00", "Comment": "hi"})
    assert [one.raw for one in items(path)] == [
        b'"Date": "2026-01-01 00:00:00"',
        b'"Comment": "hi"',
    ]
    path.write_text('{"Comment": {"List{}x": "2026-01-01"}}')
    assert [one.raw for one in items(path)] == [b'"List{}x": "2026-01-01"']


def test_a_file_that_is_cut_short_gives_what_it_holds(tmp_path: Path) -> None:
    path = tmp_path / SAMPLE.name
    data = SAMPLE.read_bytes()
    path.write_bytes(data[: data.index(b"older")])
    found = items(path)
    assert [type(one) for one in found[:2]] == [Capture, Rejected]
    assert not any(isinstance(one, Capture) for one in found[1:])


def test_the_account_has_to_be_known() -> None:
    with pytest.raises(UsageError, match="whose account"):
        read(SAMPLE)


@pytest.mark.parametrize("kind", ["zip", "gztar"])
def test_packed_downloads_hold_the_same(tmp_path: Path, kind: str) -> None:
    packed = Path(shutil.make_archive(str(tmp_path / "packed"), kind, SAMPLE.parent))
    assert len(read(packed, "lib")[0]) == 2
