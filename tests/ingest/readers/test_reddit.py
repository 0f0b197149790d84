"""Reddit: tables of a data request, answers of the API, the moderation log."""

import json
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from ingest import Capture, Gone, Rejected, Remark, Told, open_export, reader_for
from tests.ingest.conftest import SAMPLES, read

SAMPLE = SAMPLES / "reddit/constructed/comments.csv"


def items(path: Path) -> list[Any]:
    with open_export(path) as export:
        return list(reader_for(export).read(export, Told("maplegrove")).items)


def write(path: Path, *things: Any) -> Path:
    listing = {"kind": "Listing", "data": {"after": None, "children": things}}
    path.write_text(json.dumps(listing, indent=1), encoding="utf-8")
    return path


def comment(native_id: str, **more: Any) -> dict[str, Any]:
    said = {"name": f"t1_{native_id}", "body": "words", "author": "ann", "edited": False}
    return {"kind": "t1", "data": {**said, "created_utc": 1409101186.0, **more}}


def test_the_table_of_comments() -> None:
    captures, rejected = read(SAMPLE, "maplegrove")
    assert rejected == []
    reply, top = captures
    assert (reply.native_id, reply.parent, reply.thread) == (
        "t1_ck1fsao",
        "t1_ck1bai1",
        "t3_2em2io",
    )
    assert reply.text == 'hello, "world"\nline 2 🚧'
    assert reply.occurred_at == datetime(2014, 8, 27, 0, 59, 46, tzinfo=UTC)
    assert top.parent == "t3_2em2io"
    assert b"\r\n".join(one.raw for one in captures) in SAMPLE.read_bytes()


def test_a_whole_data_request(tmp_path: Path) -> None:
    shutil.copy(SAMPLE, tmp_path)
    (tmp_path / "posts.csv").write_text(
        "id,permalink,date,ip,subreddit,gildings,title,url,body\n"
        "p1,https://r.example/p1,2020-01-01 00:00:00 UTC,,x,0,Title,https://i.redd.it/a.jpg,\n"
        ",,2020-01-01 00:00:00 UTC,,x,0,No id,,\n"
    )
    (tmp_path / "messages.csv").write_text(
        "id,permalink,thread_id,date,ip,from,to,subject,body\n"
        "m1,,t1,2025-01-01 00:00:00 UTC,,someone,me,hi,private\n"
    )
    (tmp_path / "chat_history.csv").write_text(
        "message_id,created_at,updated_at,username,message,thread_parent_message_id,channel_url\n"
        "c1,2025-01-01 00:00:00 UTC,2025-01-02 00:00:00 UTC,ann,hello,,chan\n"
    )
    (tmp_path / "comments2.csv").write_text(
        "id,permalink,date,subreddit,link,parent,body\nz1,,2020-01-01 00:00:00 UTC,x,,,[deleted]\n"
    )
    (tmp_path / "statistics.csv").write_text("statistic,value\naccount name,maplegrove\n")
    with open_export(tmp_path) as export:
        source = reader_for(export).read(export, Told())
        found = list(source.items)
    assert source.account.handle == "maplegrove"
    assert source.covers == {"post", "comment", "message"}
    captures = {one.native_id: one for one in found if isinstance(one, Capture)}
    assert sorted(captures) == ["c1", "t1_ck1fsao", "t1_ck1fsap", "t3_p1", "t4_m1"]
    assert captures["t3_p1"].attachments[0].name == "a.jpg"
    assert captures["t4_m1"].visibility == captures["c1"].visibility == "direct"
    assert captures["t4_m1"].author_handle == "someone"
    assert captures["c1"].edited_at is not None
    [gone] = [one for one in found if isinstance(one, Gone)]
    assert (gone.native_id, gone.removed_by) == ("t1_z1", "author")
    assert [one.reason for one in found if isinstance(one, Rejected)] == ["it has no id"]


def test_replies_stand_inside_what_they_answer(tmp_path: Path) -> None:
    inner = {"kind": "Listing", "data": {"children": [comment("c", parent_id="t1_b")]}}
    replies = {"children": [comment("b", parent_id="t1_a", replies=inner), {"kind": "t9"}]}
    outer = {"kind": "Listing", "data": replies}
    more = {"kind": "more", "data": {"count": 3}}
    path = write(tmp_path / "thread.json", comment("a", replies=outer), more)
    found = items(path)
    captures = [one for one in found if isinstance(one, Capture)]
    assert [(one.native_id, one.parent) for one in captures] == [
        ("t1_a", ""),
        ("t1_b", "t1_a"),
        ("t1_c", "t1_b"),
    ]
    assert [b"t1_b" in one.raw for one in captures] == [False, True, True]
    assert [b"t1_c" in one.raw for one in captures] == [False, False, True]
    assert captures[2].raw in path.read_bytes()
    assert [one.raw for one in found if isinstance(one, Rejected)] == [
        b'{\n         "kind": "t9"\n        }'
    ]
    assert [one.text for one in found if isinstance(one, Remark)] == [
        "not captured, for they hold no items: 3 comments that Reddit left out"
    ]


def test_who_removed_what(tmp_path: Path) -> None:
    post = {"name": "t3_p", "title": "T", "selftext": "[removed]", "removed_by_category": "reddit"}
    found = items(
        write(
            tmp_path / "listing.json",
            comment("a", body="[deleted]"),
            comment("b", body="[removed]"),
            comment("c", banned_by="mod", mod_note="rude", banned_at_utc=1409101190),
            comment("d", edited=1409101200.0, score=5),
            {"kind": "t3", "data": post},
        )
    )
    by_author, by_moderator, banned, edited, tombstone = found
    assert isinstance(by_author, Gone)
    assert isinstance(by_moderator, Gone)
    assert (by_author.removed_by, by_moderator.removed_by) == ("author", "moderator")
    assert (banned.state, banned.text, banned.removal_reason) == (
        "removed",
        "words",
        "by mod: rude",
    )
    assert banned.removed_at is not None
    assert (edited.edited_at is not None, edited.reactions) == (True, (("score", 5),))
    assert (tombstone.title, tombstone.text, tombstone.removed_by) == ("T", "", "platform")


def test_the_moderation_log(tmp_path: Path) -> None:
    def action(name: str, **more: Any) -> dict[str, Any]:
        said = {"action": name, "mod": "ada", "created_utc": 1409101186, "details": "spam"}
        return {"kind": "modaction", "data": {**said, "target_fullname": "t1_a", **more}}

    found = items(
        write(
            tmp_path / "log.json",
            action("removecomment", target_body="their words", target_author="bob"),
            action("spamlink", target_fullname="t3_b", target_body=None),
            action("banuser", target_fullname="t2_x"),
            action("removecomment", target_fullname=""),
        )
    )
    removed, gone, rejected, remark = found
    assert (removed.text, removed.author_handle, removed.state) == ("their words", "bob", "removed")
    assert removed.removal_reason == "removecomment by ada: spam"
    assert isinstance(gone, Gone)
    assert (gone.kind, gone.reason, gone.removed_by) == (
        "post",
        "spamlink by ada: spam",
        "moderator",
    )
    assert isinstance(rejected, Rejected)
    assert remark == Remark("not captured, for they hold no items: 1 banuser (moderation log)")


def test_posts_with_galleries_polls_and_crossposts(tmp_path: Path) -> None:
    original = {"name": "t3_o", "title": "Theirs", "selftext": "words", "author": "bob"}
    data = {
        "name": "t3_p",
        "title": "T",
        "media_metadata": {"x": {"s": {"u": "https://preview.redd.it/x.jpg?w=1"}}},
        "poll_data": {"options": [{"text": "Yes", "vote_count": 3}]},
        "crosspost_parent_list": [original],
    }
    [one] = items(write(tmp_path / "p.json", {"kind": "t3", "data": data}))
    assert [a.name for a in one.attachments] == ["x.jpg"]
    assert [(option.text, option.votes) for option in one.poll] == [("Yes", 3)]
    assert (one.shared.text, one.shared.native_id) == ("Theirs\n\nwords", "t3_o")


def test_a_list_of_listings_and_damaged_ones(tmp_path: Path) -> None:
    listing = {"kind": "Listing", "data": {"children": [comment("a")]}}
    other = {"kind": "Listing", "data": {"children": [7]}}
    path = tmp_path / "a.json"
    path.write_text(json.dumps([listing, other, listing]))
    found = items(path)
    assert [type(one) for one in found] == [Capture, Rejected, Capture]
    assert found[1].raw == json.dumps(other).encode()
    path.write_text(json.dumps(listing)[:-5])
    [rejected] = items(path)
    assert rejected.raw == path.read_bytes()


@pytest.mark.parametrize("kind", ["zip", "gztar"])
def test_packed_requests_hold_the_same(tmp_path: Path, kind: str) -> None:
    packed = Path(shutil.make_archive(str(tmp_path / "packed"), kind, SAMPLE.parent))
    assert len(read(packed, "maplegrove")[0]) == 2
