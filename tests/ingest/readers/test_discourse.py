"""Answers of Discourse's interface. The topic is made after the documented shape, text our own."""

import json
import tarfile
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from archive import UsageError
from ingest import Told, open_export, reader_for
from ingest._capture import Remark
from ingest.readers._discourse import DiscourseAnswers
from tests.ingest.conftest import items_of, read

FORUM = "talk.lib.example"


def post(number: int, **more: Any) -> dict[str, Any]:
    return {
        "id": 900 + number,
        "name": "Ada Byron",
        "username": "ada",
        "created_at": "2026-01-02T03:04:05.678Z",
        "cooked": f"<p>Post {number}</p>",
        "post_number": number,
        "post_type": 1,
        "updated_at": "2026-01-03T03:04:05.678Z",
        "reply_to_post_number": None,
        "topic_id": 12,
        "topic_slug": "opening-hours",
        "version": 1,
        "actions_summary": [],
        "hidden": False,
        "deleted_at": None,
        "user_deleted": False,
        **more,
    }


def topic(folder: Path, *posts: dict[str, Any], name: str = "12.json", **more: Any) -> Path:
    stream = {"posts": posts, "stream": [one["id"] for one in posts]}
    path = folder / name
    about = {"post_stream": stream, "id": 12, "title": "Opening hours", "slug": "opening-hours"}
    path.write_text(json.dumps({**about, **more}))
    return path


def test_a_topic_and_its_answers(tmp_path: Path) -> None:
    path = topic(tmp_path, post(1), post(2), post(3, reply_to_post_number=2))
    captures, rejected = read(path, FORUM)
    assert rejected == []
    first, second, third = captures
    assert (first.native_id, first.kind, first.title) == ("12/1", "post", "Opening hours")
    assert (first.parent, first.thread) == ("", "12/1")
    assert (second.kind, second.parent, second.title) == ("comment", "12/1", "")
    assert third.parent == "12/2"
    assert third.url == "https://talk.lib.example/t/opening-hours/12/3"
    assert (third.author_name, third.author_handle, third.text) == ("Ada Byron", "ada", "Post 3")
    assert third.occurred_at == datetime(2026, 1, 2, 3, 4, 5, 678000, tzinfo=UTC)
    assert (third.edited_at, third.state, third.visibility) == (None, "live", "unknown")
    data = path.read_bytes()
    assert all(one.raw in data and json.loads(one.raw)["id"] for one in captures)
    with pytest.raises(UsageError, match="whose account"):
        read(path)


def test_an_edit_keeps_the_key_and_is_a_revision(tmp_path: Path) -> None:
    edited = post(1, version=3, raw="Now **open**", edit_reason="typo")
    [capture], _ = read(topic(tmp_path, edited), FORUM)
    assert (capture.native_id, capture.revision, capture.text) == ("12/1", "3", "Now **open**")
    assert capture.edited_at == datetime(2026, 1, 3, 3, 4, 5, 678000, tzinfo=UTC)
    assert capture.notes == ("the reason given for the edit: typo",)


@pytest.mark.parametrize(
    ("more", "status", "by", "reason"),
    [
        ({"user_deleted": True}, "deleted", "author", ""),
        ({"deleted_by": {"username": "ada"}}, "deleted", "author", ""),
        ({"deleted_by": {"username": "clerk"}}, "deleted", "moderator", ""),
        ({"deleted_by": None}, "deleted", "", ""),
        ({"hidden": True, "hidden_reason_id": 1}, "hidden", "", "flag threshold reached"),
        ({"hidden": True, "hidden_reason_id": 99}, "hidden", "", ""),
    ],
)
def test_what_was_deleted_or_hidden(
    tmp_path: Path, more: dict[str, Any], status: str, by: str, reason: str
) -> None:
    if "deleted_by" in more:
        more["deleted_at"] = "2026-01-04T00:00:00Z"
    [capture], _ = read(topic(tmp_path, post(1, **more)), FORUM)
    assert (capture.state, capture.status) == ("removed", status)
    assert (capture.removed_by, capture.removal_reason) == (by, reason)
    assert (capture.removed_at is not None) == ("deleted_by" in more)


def test_private_messages_whispers_and_small_actions(tmp_path: Path) -> None:
    path = topic(tmp_path, post(1), archetype="private_message")
    [message], _ = read(path, FORUM)
    assert (message.kind, message.visibility) == ("message", "direct")
    path = topic(
        tmp_path,
        post(1, post_type=4),
        post(2, post_type=3, action_code="closed.enabled"),
        visible=False,
    )
    captures, _ = read(path, FORUM)
    assert [one.status for one in captures] == ["whisper", "closed.enabled"]
    assert captures[0].visibility == "unlisted"


def test_pictures_files_polls_and_likes(tmp_path: Path) -> None:
    cooked = (
        '<p><img src="/uploads/a.png" alt="The &amp; map"><img class="emoji" src="/e.png">'
        '<a class="attachment" href="/uploads/b.pdf">b</a><a href="/t/1">c</a></p>'
    )
    poll = {"options": [{"html": "Yes &amp; no", "votes": 4}, {"html": "No"}]}
    likes = [{"id": 2, "count": 7}, {"id": 3, "count": 1}]
    [capture], _ = read(
        topic(tmp_path, post(1, cooked=cooked, polls=[poll], actions_summary=likes)), FORUM
    )
    assert [(one.name, one.alt) for one in capture.attachments] == [
        ("a.png", "The & map"),
        ("b.pdf", ""),
    ]
    assert [(one.text, one.votes) for one in capture.poll] == [("Yes & no", 4), ("No", None)]
    assert capture.reactions == (("like", 7),)


def test_a_topic_that_lists_more_than_it_holds_is_partial(tmp_path: Path) -> None:
    path = topic(tmp_path, post(1))
    value = json.loads(path.read_text())
    value["post_stream"]["stream"] = [901, 902, 903]
    path.write_text(json.dumps(value))
    with open_export(path) as export:
        items = list(reader_for(export).read(export, Told(FORUM)).items)
    assert items[1:] == [Remark("12.json is an answer about 3 posts and holds 1", partial=True)]


@pytest.mark.parametrize("form", ["latest", "single", "list"])
def test_posts_by_themselves(tmp_path: Path, form: str) -> None:
    value: Any = {"latest": {"latest_posts": [post(2)]}, "single": post(2), "list": [post(2)]}[form]
    path = tmp_path / "posts.json"
    path.write_text(json.dumps(value))
    [capture], rejected = read(path, FORUM)
    assert (capture.native_id, capture.kind, rejected) == ("12/2", "comment", [])
    assert json.loads(capture.raw) == post(2)


def test_one_bad_post_is_lost_alone_and_read_in_its_frame_later(tmp_path: Path) -> None:
    path = topic(tmp_path, post(1), post(2, topic_id=None), post(3))
    captures, [rejected] = read(path, FORUM)
    assert [one.native_id for one in captures] == ["12/1", "12/3"]
    assert rejected.reason == "it has no topic and number"
    before, after = DiscourseAnswers().frame("12.json")
    again = tmp_path / "again.json"
    again.write_bytes(before + captures[1].raw + after)
    assert [one.native_id for one in read(again, FORUM)[0]] == ["12/3"]


def test_a_topic_cut_short_gives_what_is_there(tmp_path: Path) -> None:
    path = topic(tmp_path, post(1), post(2), post(3))
    data = path.read_bytes()
    path.write_bytes(data[: data.index(b'"id": 903') + 40])
    captures, rejected = read(path, FORUM)
    assert [one.native_id for one in captures] == ["12/1", "12/2"]
    assert rejected
    assert (
        data[: data.index(b"{", 20)]
        + b", ".join([captures[0].raw, captures[1].raw, rejected[0].raw])
        == path.read_bytes()
    )


def test_topics_in_a_zip_and_a_tar(tmp_path: Path) -> None:
    one = topic(tmp_path, post(1), name="1.json")
    other = topic(tmp_path, post(1, topic_id=13), name="2.json")
    packed = tmp_path / "forum.zip"
    with zipfile.ZipFile(packed, "w") as out:
        out.write(one, "t/1.json")
        out.write(other, "t/2.json")
        out.writestr("site.json", "{}")
    tarred = tmp_path / "forum.tar.gz"
    with tarfile.open(tarred, "w:gz") as tar:
        tar.add(one, "t/1.json")
        tar.add(other, "t/2.json")
    for path in (packed, tarred):
        with open_export(path) as export:
            captures, rejected = items_of(export, FORUM)
        assert ([each.native_id for each in captures], rejected) == (["12/1", "13/1"], [])
