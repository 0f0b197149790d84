"""Saved answers of Facebook's Graph API."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from archive import SourceError, UsageError
from ingest import Capture, Rejected, Told, open_export, reader_named
from ingest._capture import Remark
from ingest._source import Source
from tests.ingest.readers.packing import pack

Items = list[Any]
Write = Callable[..., Path]

MORE = "https://graph.facebook.com/v19.0/7_11/comments?access_token=x&limit=25&after=Q"


def _item(number: str, **fields: Any) -> dict[str, Any]:
    return {"id": number, "created_time": "2024-03-05T06:07:08+0000", **fields}


REPLY = _item(
    "11_3", message="R\u00e9ponse", parent={"id": "11_2"}, **{"from": {"id": "8", "name": "Ann"}}
)
COMMENT = _item(
    "11_2",
    message="When?",
    is_hidden=True,
    comment_count=1,
    like_count=2,
    permalink_url="https://www.facebook.com/7/posts/11?comment_id=2",
    comments={"data": [REPLY], "paging": {"cursors": {}}},
    **{"from": {"id": "9", "name": "Ben"}},
)
ALBUM = {
    "type": "album",
    "subattachments": {
        "data": [
            {"type": "photo", "media": {"image": {"src": "https://s.ex/1.jpg?oe=60F1D543"}}},
            {"type": "photo", "media": {"image": {"src": "https://s.ex/2.jpg"}}, "title": "Two"},
        ]
    },
}
POST = _item(
    "7_11",
    message="Road closed",
    story="Maple Grove updated their status.",
    permalink_url="https://www.facebook.com/7/posts/11",
    updated_time="2024-03-09T06:07:08+0000",
    attachments={"data": [ALBUM]},
    shares={"count": 4},
    privacy={"value": "EVERYONE"},
    place={"name": "Library", "location": {"street": "1 Main St", "city": "Maple Grove"}},
    comments={"data": [COMMENT], "paging": {"next": MORE}},
    **{"from": {"id": "7", "name": "Maple Grove"}},
)


@pytest.fixture
def answer(tmp_path: Path) -> Write:
    def write(
        *rows: Any, paging: str = "", name: str = "feed.json", indent: int | None = 2
    ) -> Path:
        path = tmp_path / name
        whole = {"data": rows, "paging": {"next": paging} if paging else {}}
        path.write_text(json.dumps(whole, indent=indent))
        return path

    return write


def _read(path: Path, account: str = "") -> tuple[Source, Items]:
    with open_export(path) as export:
        reader = reader_named("facebook-graph")
        assert reader.sniff(export)
        source = reader.read(export, Told(account))
        return source, list(source.items)


def test_posts_comments_and_replies_are_items_of_their_own(answer: Write) -> None:
    path = answer(POST)
    source, (post, comment, reply, remark) = _read(path)
    assert (source.platform, source.covers) == ("facebook-page", frozenset())
    assert (source.account.handle, source.account.name) == ("7", "Maple Grove")
    assert (post.native_id, post.kind, post.text) == ("7_11", "post", "Road closed")
    assert (post.title, post.visibility) == ("Maple Grove updated their status.", "public")
    assert post.occurred_at.isoformat() == "2024-03-05T06:07:08+00:00"
    assert post.edited_at is None
    assert post.location == "Library, 1 Main St, Maple Grove"
    assert post.reactions == (("shares", 4),)
    assert [one.name for one in post.attachments] == ["1.jpg", "2.jpg"]
    assert post.attachments[1].alt == "Two"
    assert post.notes == ("the address of a medium stops working at 2021-07-16T18:51:47Z",)
    assert (comment.native_id, comment.kind) == ("11_2", "comment")
    assert (comment.state, comment.status, comment.removed_by) == ("removed", "hidden", "")
    assert (comment.parent, comment.thread) == ("7_11", "7_11")
    assert dict(comment.reactions) == {"comments": 1, "likes": 2}
    assert (reply.native_id, reply.text, reply.author_name) == ("11_3", "Réponse", "Ann")
    assert (reply.parent, reply.thread) == ("11_2", "7_11")
    assert isinstance(remark, Remark)
    assert remark.text.startswith("1 posts or comments have more")


@pytest.mark.parametrize("indent", [None, 2])
def test_raw_is_exactly_what_stands_in_the_answer(answer: Write, indent: int | None) -> None:
    path = answer(POST, indent=indent)
    _, items = _read(path)
    post, comment, reply, _ = (b"".join(getattr(one, "raw", b"").split()) for one in items)
    answered = comment.replace(b'"data":[]', b'"data":[' + reply + b"]")
    whole = post.replace(b'"data":[]', b'"data":[' + answered + b"]")
    assert whole in b"".join(path.read_bytes().split())
    assert items[2].raw in path.read_bytes()
    assert b"When?" not in items[0].raw


def test_comments_by_themselves_know_their_post_by_the_paging(answer: Write) -> None:
    bare = _item("11_4", message="Yes")
    escaped = MORE.replace("/", "\\/")
    path = answer(REPLY, bare, paging=MORE)
    path.write_text(path.read_text().replace(MORE, escaped))
    source, (reply, comment) = _read(path)
    assert source.account.handle == "7"
    assert (reply.parent, reply.thread) == ("11_2", "7_11")
    assert (comment.kind, comment.parent, comment.thread) == ("comment", "7_11", "7_11")


def test_replies_by_themselves_know_their_comment(answer: Write) -> None:
    link = "https://www.facebook.com/7/posts/11?comment_id=2&reply_comment_id=5"
    linked = _item("11_5", message="Yes", permalink_url=link, like_count=0)
    _, [reply] = _read(answer(linked), "lib")
    assert (reply.parent, reply.thread) == ("11_2", "11")
    asked = "https://graph.facebook.com/11_2/comments?after=Q"
    _, [reply] = _read(answer(_item("11_5", message="Yes"), paging=asked), "lib")
    assert (reply.parent, reply.thread) == ("11_2", "11")


def test_comments_without_ids_have_keys_that_survive_an_edit(answer: Write) -> None:
    keys = []
    for words in ("Open at 9", "Open at 10"):
        rows = [{"created_time": "2024-03-05T06:07:08+0000", "message": words}] * 2
        _, items = _read(answer(*rows, paging=MORE))
        keys.append([one.native_id for one in items])
    stamp = "2024-03-05T06:07:08+0000"
    assert keys == [[f"comment:{stamp}:0", f"comment:{stamp}:1"]] * 2


def test_what_is_shared_of_others_is_kept_apart(answer: Write) -> None:
    link = {"type": "share", "title": "Theirs", "description": "words", "url": "https://n.ex/"}
    post = _item("7_12", message="Read", attachments={"data": [link]})
    share = _item("7_13", parent_id="5_1", story="shared a post", **{"from": {"id": "7"}})
    draft = _item("7_14", is_published=False)
    secret = _item("7_15", privacy={"value": "SELF"}, full_picture="https://s.ex/p.jpg")
    _, (first, second, third, fourth) = _read(answer(post, share, draft, secret))
    assert (first.kind, first.text) == ("post", "Read")
    assert first.shared is not None
    assert (first.shared.text, first.shared.url) == ("Theirs\n\nwords", "https://n.ex/")
    assert [one.link for one in first.attachments] == [True]
    assert (second.kind, second.parent) == ("share", "5_1")
    assert second.shared.native_id == "5_1"
    assert (third.state, fourth.visibility) == ("pending", "unknown")
    assert fourth.attachments[0].name == "p.jpg"


def test_older_ids_of_three_parts_are_the_same_comment(answer: Write) -> None:
    old = _item("7_11_3", message="Yes", parent={"id": "7_11_2"})
    _, [comment] = _read(answer(old), "lib")
    assert (comment.native_id, comment.parent, comment.thread) == ("11_3", "11_2", "11")


def test_attachments_of_comments(answer: Write) -> None:
    sticker = {"type": "sticker", "media": {"image": {"src": "https://s.ex/1.png"}}, "url": "u"}
    _, [comment] = _read(answer(_item("11_6", attachment=sticker)), "lib")
    assert (comment.attachments[0].url, comment.attachments[0].type) == (
        "https://s.ex/1.png",
        "sticker",
    )


def test_what_nobody_says_is_not_guessed(answer: Write) -> None:
    strange = [_item("7_1", message="Hi"), _item("7_2", shares={}, created_time="now"), 7]
    inside = {"data": [{"id": "11_9", "message": "timeless"}, _item("11_10", message="Hi")]}
    path = answer(POST, *strange, {**POST, "comments": inside})
    _, items = _read(path)
    lost = [json.loads(one.raw) for one in items if isinstance(one, Rejected)]
    assert lost == [*strange, inside["data"][0]]
    assert [one.native_id for one in items if isinstance(one, Capture)][-2:] == ["7_11", "11_10"]


def test_one_object_and_a_cut_answer(tmp_path: Path) -> None:
    path = tmp_path / "post.json"
    path.write_text(json.dumps(POST))
    _, items = _read(path)
    assert [one.native_id for one in items[:3]] == ["7_11", "11_2", "11_3"]
    path.write_text(json.dumps(POST)[:-1])
    _, [lost] = _read(path, "lib")
    assert lost.raw == path.read_bytes()


def test_answers_read_alike_in_every_wrapping(answer: Write, tmp_path: Path) -> None:
    folder = tmp_path / "answers"
    folder.mkdir()
    for number in (1, 2, 10):
        row = {**POST, "id": f"7_{number}"}
        answer(row, name=f"answers/feed_{number}.json")
    _, first = _read(folder)
    assert [one.native_id for one in first[:-1:3]] == ["7_1", "7_2", "7_10"]
    for kind in ("zip", "gztar"):
        assert _read(pack(tmp_path, folder, kind))[1] == first


def test_the_account_has_to_be_said_where_no_post_says_it(answer: Write) -> None:
    path = answer(_item("11_5", message="Yes", like_count=0))
    with pytest.raises(UsageError, match="whose account"):
        _read(path)


def test_what_is_no_answer_says_so(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text('{"data": []}')
    with open_export(tmp_path) as export, pytest.raises(SourceError, match="Graph"):
        reader_named("facebook-graph").read(export, Told())
