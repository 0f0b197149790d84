"""ActivityStreams 2.0."""

import json
from pathlib import Path
from typing import Any

import pytest

from archive import UsageError
from ingest import Capture, Gone, Rejected, Remark, Told, open_export, reader_for
from ingest._source import Item
from tests.ingest.conftest import SAMPLES

SAMPLE = SAMPLES / "mastodon/constructed/activitypub.jsonl"
CONTEXT = "https://www.w3.org/ns/activitystreams"
PUBLIC = f"{CONTEXT}#Public"
CITY = "https://m.test/users/city"


def all_of(path: Path, account: str = "city@m.test") -> list[Item]:
    with open_export(path) as export:
        reader = reader_for(export)
        assert reader.name == "activitystreams"
        return list(reader.read(export, Told(account)).items)


def lines(path: Path, *rows: Any) -> Path:
    path.write_text("".join(json.dumps({"@context": CONTEXT, **row}) + "\n" for row in rows))
    return path


def collection(path: Path, items: Any, **more: Any) -> Path:
    outbox = {"@context": CONTEXT, "id": f"{CITY}/outbox", "type": "OrderedCollection"}
    path.write_text(json.dumps({**outbox, **more, "orderedItems": items}, indent=1))
    return path


def a_note(number: int, **more: Any) -> dict[str, Any]:
    own = {"id": f"{CITY}/statuses/{number}", "type": "Note", "content": "<p>Hi</p>"}
    return {**own, "to": [PUBLIC], "attributedTo": CITY, **more}


def test_the_sample_is_read_line_by_line() -> None:
    update, deleted, gone = all_of(SAMPLE)
    rows = SAMPLE.read_bytes().splitlines()
    assert isinstance(update, Capture)
    assert (update.native_id, update.text, update.visibility) == (
        f"{CITY}/statuses/1", "CORRECTED", "public",
    )  # fmt: skip
    assert str(update.edited_at) == "2023-07-22 04:26:40+00:00"
    assert update.author_handle == "city@m.test"
    assert isinstance(deleted, Gone)
    assert (deleted.native_id, deleted.kind, deleted.removed_by) == (update.native_id, "post", "")
    assert deleted.removed_at is None
    assert isinstance(gone, Gone)
    assert (gone.native_id, gone.kind) == ("https://m.test/users/gone", "page")
    assert [update.raw, deleted.raw, gone.raw] == rows


def test_the_accounts_own_end_is_the_end_of_its_profile() -> None:
    *_, gone = all_of(SAMPLE, "gone@m.test")
    assert isinstance(gone, Gone)
    assert (gone.native_id, gone.kind) == ("profile", "profile")


def test_an_outbox_says_whose_it_is(tmp_path: Path) -> None:
    path = collection(tmp_path / "page.json", [{"type": "Create", "object": a_note(1)}])
    with open_export(path) as export:
        source = reader_for(export).read(export, Told())
        assert source.account.handle == "city@m.test"
        assert "comment" in source.covers
        [item] = source.items
    assert isinstance(item, Capture)
    assert item.raw in path.read_bytes()
    with pytest.raises(UsageError, match="whose account"):
        all_of(SAMPLE, "")


@pytest.mark.parametrize("single", [False, True])
def test_what_stands_in_the_first_page_is_read(tmp_path: Path, single: bool) -> None:
    page = {"type": "OrderedCollectionPage", "items": a_note(1) if single else [a_note(1)]}
    whole = {"@context": CONTEXT, "type": "Collection", "first": page}
    path = tmp_path / "replies.json"
    path.write_text(json.dumps(whole))
    [item] = all_of(path)
    assert isinstance(item, Capture)
    assert json.loads(item.raw) == a_note(1)
    assert item.raw in path.read_bytes()


def test_every_kind_of_activity(tmp_path: Path) -> None:
    kim = {"id": "https://o.test/@kim", "type": "Person", "name": "Kim", "summary": "<b>Me</b>"}
    theirs = a_note(9, id="https://o.test/9", attributedTo="https://o.test/users/kim")
    path = lines(
        tmp_path / "inbox.jsonl",
        {"type": "Create", "actor": CITY, "object": a_note(1, inReplyTo="https://o.test/9")},
        {"type": "Create", "object": {**theirs, "type": "Question", "oneOf": [{"name": "Yes"}]}},
        {"type": "Announce", "id": "a1", "actor": CITY, "object": theirs, "to": PUBLIC},
        {"type": "Undo", "actor": CITY, "object": {"type": "Announce", "id": "a1"}},
        {"type": "Undo", "actor": CITY, "object": {"type": "Like", "id": "l1"}},
        {"type": "Like", "actor": CITY, "object": "https://o.test/9"},
        {"type": "Update", "actor": kim["id"], "object": kim},
        {"type": "Update", "actor": CITY, "object": {"id": CITY, "type": "Service"}},
        {"type": "Delete", "actor": CITY, "object": {"id": "x", "deleted": "2024-01-01T00:00:00Z"}},
        {"type": "Tombstone", "id": "y", "deleted": "2024-01-02T00:00:00Z"},
    )
    comment, poll, share, undone, page, own, deleted, tombstone, remark = all_of(path)
    assert isinstance(comment, Capture)
    assert (comment.kind, comment.parent) == ("comment", "https://o.test/9")
    assert isinstance(poll, Capture)
    assert [one.text for one in poll.poll] == ["Yes"]
    assert poll.author_handle == "kim@o.test"
    assert isinstance(share, Capture)
    assert share.shared is not None
    assert (share.text, share.shared.text, share.kind) == ("", "Hi", "share")
    assert isinstance(undone, Gone)
    assert (undone.native_id, undone.kind, undone.removed_by) == ("a1", "share", "author")
    assert isinstance(page, Capture)
    assert (page.kind, page.native_id, page.text) == ("page", kim["id"], "Me")
    assert isinstance(own, Capture)
    assert (own.kind, own.native_id) == ("profile", "profile")
    assert isinstance(deleted, Gone)
    assert str(deleted.removed_at) == "2024-01-01 00:00:00+00:00"
    assert isinstance(tombstone, Gone)
    assert str(tombstone.removed_at) == "2024-01-02 00:00:00+00:00"
    assert remark == Remark("not captured: Like (1), Undo of Like (1)")


def test_what_is_not_known_is_rejected_alone(tmp_path: Path) -> None:
    odd: list[Any] = [
        "https://m.test/1",
        {"type": "Create", "object": "https://m.test/1"},
        {"type": "Create", "object": {"type": "Game", "id": "g"}},
        {"type": "Undo", "object": "https://m.test/1"},
        {"type": "Delete"},
        {"type": "Sing"},
        {"type": "Note"},
        7,
    ]
    path = collection(tmp_path / "a.json", [*odd, a_note(1)])
    items = all_of(path)
    rejected = [one for one in items if isinstance(one, Rejected)]
    assert [json.loads(one.raw) for one in rejected] == odd
    assert all(one.raw in path.read_bytes() for one in rejected)
    assert len(items) == len(odd) + 1


def test_a_line_that_is_no_json_is_rejected_alone(tmp_path: Path) -> None:
    path = lines(tmp_path / "a.jsonl", a_note(1), a_note(2, content="\ud800"))
    path.write_bytes(path.read_bytes() + b'\n{"id": \r\n\n')
    [_, second, rejected] = all_of(path)
    assert isinstance(second, Capture)
    assert isinstance(rejected, Rejected)
    assert rejected.raw == b'{"id":'


def test_a_rejected_activity_in_its_frame_is_read(tmp_path: Path) -> None:
    with open_export(SAMPLE) as export:
        frame = reader_for(export).frame("activitypub.jsonl")
    assert frame is not None
    path = tmp_path / "activitypub.jsonl"
    path.write_bytes(frame[0] + SAMPLE.read_bytes().splitlines()[1] + frame[1])
    [gone] = all_of(path)
    assert isinstance(gone, Gone)
