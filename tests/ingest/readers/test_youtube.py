"""YouTube: Takeout's tables and the API's answers."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from archive import UsageError
from ingest import Told, open_export, reader_for
from tests.ingest.conftest import SAMPLES, read

FOLDER = SAMPLES / "youtube"
CHANNEL = "UCA6DtnbZ2KJckyTYfXOwQNA"

Written = Callable[[str, str], Path]


@pytest.fixture
def written(tmp_path: Path) -> Written:
    def write(name: str, text: str) -> Path:
        path = tmp_path / "Takeout" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    return write


@pytest.mark.parametrize(
    ("name", "count"),
    [
        ("comments_post_june2024.csv", 2),
        ("comments_pre_june2024.csv", 2),
        ("live_chats_no_header.csv", 1),
        ("comment_threads_by_channel.json", 2),
    ],
)
def test_the_samples_hold_what_was_counted(name: str, count: int) -> None:
    captures, rejected = read(FOLDER / name)
    assert (len(captures), rejected) == (count, [])
    data = (FOLDER / name).read_bytes()
    assert all(one.raw in data and one.occurred_at and one.text for one in captures)


def test_text_is_joined_from_segments_of_both_eras() -> None:
    captures, _ = read(FOLDER / "comments_post_june2024.csv")
    assert captures[0].text == (
        "> I am about to get buried in the concrete\nthe most normal  Veritasium video!"
    )
    captures, _ = read(FOLDER / "comments_pre_june2024.csv")
    assert captures[0].text == "coalowl the legend"
    reply = captures[1]
    assert reply.parent == reply.thread == "UgwDN8UeMxW4NDFbvY54AaABAg"
    assert captures[0].parent == "WtOskFeLmr4"
    [chat], _ = read(FOLDER / "live_chats_no_header.csv")
    assert (chat.text, chat.parent) == ('"think the right thing" jeez', "0vGCh85obuI")
    assert chat.author_handle == CHANNEL


def test_the_account_is_the_channel() -> None:
    with open_export(FOLDER / "comments_pre_june2024.csv") as export:
        source = reader_for(export).read(export, Told())
        assert (source.account.handle, source.covers) == (CHANNEL, frozenset({"comment"}))


def test_newest_columns_posts_and_videos(written: Written) -> None:
    written(
        "comments/comments.csv",
        "Comment ID,Channel ID,Comment create timestamp,Price,Parent comment ID,Post ID,Video ID,"
        "Comment text,Top-level comment ID\r\n"
        f'A.b,{CHANNEL},2026-01-01T00:00:00.000Z,0,A,p1,,"{{""text"":""a""}}",A\r\n'
        f'C,{CHANNEL},2026-01-01T00:00:00.000Z,0,,p1,,"{{""x"":""a""}}",\r\n',
    )
    written(
        "posts/posts.csv",
        "Post ID,Channel ID,Post Create Timestamp,Post Text\n"
        f"p1,{CHANNEL},2026-01-01 10:00:00 UTC,plain words\n",
    )
    written(
        "video metadata/videos.csv",
        "Video ID,Approx Duration (ms),Video Title (Original),Privacy,Video Publish Timestamp\n"
        "v1,9,Story time,Unlisted,2022-07-03T10:00:00+00:00\nv2,9,Draft,Private,\nv3,9\n",
    )
    path = written("channels/channel.csv", f'Channel ID,Channel Title\n{CHANNEL},"Library, the"\n')
    captures, rejected = read(path.parents[1])
    found = {one.native_id: one for one in captures}
    assert sorted(found) == ["A.b", "p1", "v1", "v2"]
    assert [one.reason for one in rejected] == [
        "its text has a part that is not known",
        "its cells are 2, those of the header 5",
    ]
    assert found["A.b"].url == "https://www.youtube.com/post/p1?lc=A.b"
    assert (found["p1"].kind, found["p1"].text) == ("post", "plain words")
    assert found["p1"].occurred_at is not None
    assert (found["v1"].visibility, found["v1"].title) == ("unlisted", "Story time")
    assert (found["v2"].status, found["v2"].author_name) == ("Private", "Library, the")


def comment(native_id: str, **more: Any) -> dict[str, Any]:
    posted = "2026-01-01T00:00:00Z"
    snippet = {"textDisplay": "a<br>b &amp; c", "publishedAt": posted, "updatedAt": posted, **more}
    return {"kind": "youtube#comment", "id": native_id, "snippet": snippet}


def answer(*items: Any) -> str:
    return json.dumps({"kind": "youtube#commentThreadListResponse", "items": items}, indent=1)


def thread(first: dict[str, Any], *replies: Any) -> dict[str, Any]:
    return {
        "kind": "youtube#commentThread",
        "snippet": {"videoId": "v1", "topLevelComment": first},
        "replies": {"comments": replies},
    }


def test_replies_are_cut_out_of_their_thread(written: Written) -> None:
    rows = thread(comment("A"), comment("A.b", parentId="A"), {"id": "A.c"})
    path = written("answer.json", answer(rows))
    captures, rejected = read(path, "lib")
    reply, first = captures
    assert (first.native_id, first.parent, first.text) == ("A", "v1", "a\nb & c")
    assert (reply.native_id, reply.parent, reply.thread) == ("A.b", "A", "A")
    assert b"A.b" not in first.raw
    assert json.loads(reply.raw) == rows["replies"]["comments"][0]
    assert [json.loads(one.raw) for one in rejected] == [{"id": "A.c"}]
    data = path.read_bytes()
    assert reply.raw in data
    assert all(one.raw in data for one in rejected)


def test_edits_and_moderation(written: Written) -> None:
    path = written(
        "answer.json",
        answer(
            thread(comment("1", updatedAt="2026-01-02T00:00:00Z", likeCount=3)),
            comment("2", moderationStatus="heldForReview"),
            comment("3", moderationStatus="rejected"),
            comment("4", moderationStatus="who knows"),
            {"kind": "youtube#video", "id": "v1", "snippet": {"title": "T"}},
            {"kind": "youtube#playlist"},
            7,
        ),
    )
    captures, rejected = read(path, "lib")
    edited, held, refused, video = captures
    assert edited.edited_at is not None
    assert edited.reactions == (("like", 3),)
    assert (held.state, held.status) == ("pending", "heldForReview")
    assert (refused.state, refused.removed_by) == ("removed", "moderator")
    assert (video.kind, video.title) == ("post", "T")
    assert len(rejected) == 3


def test_nobody_is_guessed(written: Written) -> None:
    with pytest.raises(UsageError, match="whose account"):
        read(written("answer.json", answer(comment("1"))))


@pytest.mark.parametrize("kind", ["zip", "gztar"])
def test_packed_exports_hold_the_same(tmp_path: Path, kind: str) -> None:
    packed = Path(shutil.make_archive(str(tmp_path / "packed"), kind, FOLDER))
    assert len(read(packed)[0]) == len(read(FOLDER)[0]) == 7


def test_items_that_damage_moved_out_of_their_list_are_rejected(written: Written) -> None:
    one, two = (json.dumps(thread(comment(name))) for name in ("a", "b"))
    damaged = f'{{"kind": "youtube#commentThreadListResponse", "items": [{one}], "x": [{two}]}}'
    captures, [rejected] = read(written("comments.json", damaged), "@somebody")
    assert [one.native_id for one in captures] == ["a"]
    assert rejected.raw.decode() == f'"x": [{two}]'
