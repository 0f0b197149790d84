"""What Facebook sends to the webhook of a Page."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from archive import SourceError
from ingest import Capture, Rejected, Told, open_export, reader_named
from ingest._capture import Gone, Remark
from ingest._source import Source
from tests.ingest.conftest import SAMPLES
from tests.ingest.readers.packing import pack

FILE = SAMPLES / "facebook/constructed/webhook_feed.jsonl"
PAGE = "1142469655832956"
POST = f"{PAGE}_1163393020407286"

Items = list[Any]
Write = Callable[..., Path]


def _read(path: Path, account: str = "") -> tuple[Source, Items]:
    with open_export(path) as export:
        reader = reader_named("facebook-webhook")
        assert reader.sniff(export)
        source = reader.read(export, Told(account))
        return source, list(source.items)


def _event(verb: str, at: int, item: str = "comment", **value: Any) -> dict[str, Any]:
    said = {"item": item, "verb": verb, "created_time": at, "post_id": "7_1", **value}
    if item == "comment":
        said.setdefault("comment_id", "1_2")
    return _body({"field": "feed", "value": said}, at)


def _body(change: dict[str, Any], at: int = 1478439630) -> dict[str, Any]:
    return {"entry": [{"changes": [change], "id": "7", "time": at}], "object": "page"}


@pytest.fixture
def bodies(tmp_path: Path) -> Write:
    def write(*rows: Any) -> Path:
        path = tmp_path / "hook.jsonl"
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))
        return path

    return write


def test_events_become_versions_removals_and_a_remark() -> None:
    source, items = _read(FILE)
    assert source.platform == "facebook-page"
    assert source.account.handle == PAGE
    assert source.made_at is not None
    assert source.made_at.timestamp() == 1478439750
    captures = [one for one in items if isinstance(one, Capture)]
    gone = [one for one in items if isinstance(one, Gone)]
    [remark] = [one for one in items if isinstance(one, Remark)]
    assert (len(captures), len(gone), len(items)) == (7, 2, 10)
    assert remark.text == "events that are no content were passed over: 1 reaction"
    assert [(one.native_id, one.kind) for one in gone] == [
        ("1163393020407286_1", "comment"),
        (POST, "post"),
    ]
    assert [one.removed_by for one in gone] == ["", ""]
    assert gone[0].removed_at is not None
    assert gone[0].removed_at.timestamp() == 1478439720


def test_the_time_of_an_event_is_not_the_time_of_the_comment() -> None:
    _, items = _read(FILE)
    add, edit, hide = [
        one for one in items if isinstance(one, Capture) and one.native_id == "1163393020407286_1"
    ]
    assert [one.text for one in (add, edit, hide)] == [
        "When? 👩‍👩‍👧‍👦",
        "When? (edited)",
        "When? (edited)",
    ]
    assert add.occurred_at == edit.occurred_at == hide.occurred_at
    assert add.occurred_at is not None
    assert (add.occurred_at.timestamp(), add.edited_at) == (1478439630, None)
    assert edit.edited_at == hide.edited_at
    assert edit.edited_at is not None
    assert edit.edited_at.timestamp() == 1478439700
    assert (hide.state, hide.status) == ("removed", "hidden")
    assert hide.removed_at is not None
    assert (hide.author_name, hide.author_handle) == ("Résident A", "9001")
    assert (hide.thread, hide.parent) == (POST, POST)
    assert len({one.revision for one in (add, edit, hide)}) == 3


def test_older_payloads_and_comments_of_a_photo_alone() -> None:
    _, items = _read(FILE)
    by_id = {one.native_id: one for one in items if isinstance(one, Capture)}
    old = by_id["1163393020407286_2"]
    assert (old.author_name, old.author_handle) == ("Old Shape", PAGE)
    photo = by_id["1163393020407286_3"]
    assert (photo.text, photo.attachments[0].name) == ("", "p.jpg")
    assert photo.notes == ("the address of a medium stops working at 2021-07-16T18:51:47Z",)


def test_raw_is_the_body_as_it_was_signed() -> None:
    _, items = _read(FILE)
    raws = [one.raw for one in items if not isinstance(one, Remark)]
    lines = FILE.read_bytes().splitlines()
    assert raws == [line for line in lines if b'"reaction"' not in line]


def test_hiding_is_taken_back(bodies: Write) -> None:
    path = bodies(
        _event("add", 1478439600, message="Hi"),
        _event("hide", 1478439601),
        _event("unhide", 1478439602),
    )
    _, (_, hidden, shown) = _read(path)
    assert (hidden.state, hidden.text) == ("removed", "Hi")
    assert (shown.state, shown.status, shown.removed_at, shown.text) == ("live", "", None, "Hi")


def test_events_out_of_order_leave_the_newest_on_top(bodies: Write) -> None:
    path = bodies(
        _event("edited", 1478439700, message="new"),
        _event("add", 1478439600, message="old"),
        _event("edited", 1478439650, message="between"),
        _event("remove", 1478439800),
        _event("edited", 1478439750, message="late"),
    )
    _, (edited, added, filled, between, gone, late) = _read(path)
    assert (edited.text, edited.occurred_at) == ("new", None)
    assert (added.text, added.edited_at) == ("old", None)
    assert (filled.text, filled.occurred_at) == ("new", added.occurred_at)
    assert filled.edited_at == edited.edited_at
    assert (between.text, between.edited_at < edited.edited_at) == ("between", True)
    assert isinstance(gone, Gone)
    assert (late.text, late.state, late.removed_at) == ("late", "removed", gone.removed_at)


def test_posts_of_every_item_and_shares(bodies: Write) -> None:
    path = bodies(
        _event("add", 1478439600, "photo", link="https://s.example/p.jpg?oe=1", post_id="7_1"),
        _event("add", 1478439600, "share", link="https://n.example/", message="See", post_id="7_2"),
        _event("add", 1478439600, "status", published=0, post_id="7_3"),
        _event("edited", 1478439601, "status", published=1, post_id="7_3"),
        _event("add", 1478439600, "post", post_id="7_4", post={"permalink_url": "https://f.ex/4"}),
    )
    _, (photo, share, draft, published, linked) = _read(path)
    assert (photo.attachments[0].name, photo.attachments[0].link) == ("p.jpg", False)
    assert (share.kind, share.text, share.shared.url) == ("share", "See", "https://n.example/")
    assert share.attachments[0].link
    assert (draft.state, published.state) == ("pending", "live")
    assert linked.url == "https://f.ex/4"


def test_older_ids_of_three_parts_are_the_same_comment(bodies: Write) -> None:
    path = bodies(_event("add", 1478439600, comment_id="7_1_2", parent_id="7_1", message="Hi"))
    _, [comment] = _read(path)
    assert (comment.native_id, comment.parent) == ("1_2", "7_1")


def test_messages_are_direct(bodies: Write) -> None:
    def event(**message: Any) -> dict[str, Any]:
        said = {"sender": {"id": "9"}, "recipient": {"id": "7"}, "timestamp": 1478439600123}
        return {"object": "page", "entry": [{"id": "7", "messaging": [{**said, **message}]}]}

    path = bodies(
        event(message={"mid": "m.1", "text": "Hi", "attachments": [{"type": "image"}]}),
        event(message={"mid": "m.1", "is_deleted": True}),
        event(read={"watermark": 1}),
    )
    _, (message, gone, remark) = _read(path)
    assert (message.kind, message.visibility, message.native_id) == ("message", "direct", "m.1")
    assert (message.thread, message.author_handle, message.text) == ("9", "9", "Hi")
    assert (gone.kind, gone.removed_by) == ("message", "author")
    assert remark.text.endswith("1 messaging")


def test_what_is_not_known_is_rejected_alone(bodies: Write) -> None:
    strange = [
        _body({"field": "ratings", "value": {}}),
        _event("add", 1478439600, "hologram"),
        _event("pin", 1478439600),
        {**_event("add", 1478439600, message="Hi"), "object": "user"},
        {"object": "page", "entry": []},
        {"object": "page", "entry": [{"id": "8", "changes": [{"field": "feed", "value": {}}]}]},
        {"object": "page", "entry": [{"id": "7", "changes": [{"field": "feed"}]}]},
        7,
    ]
    path = bodies(_event("add", 1478439600, message="Hi"), *strange)
    path.write_bytes(path.read_bytes() + b'{"object": "page", "entry": [')
    _, (first, *others) = _read(path)
    assert isinstance(first, Capture)
    assert [json.loads(one.raw) for one in others[:-1]] == strange
    assert all(isinstance(one, Rejected) for one in others)


@pytest.mark.parametrize("whole", [False, True])
def test_bodies_in_json_files(tmp_path: Path, whole: bool) -> None:
    one = _event("add", 1478439600, message="Hi")
    path = tmp_path / "hook.json"
    path.write_text(json.dumps(one if whole else [one, one], indent=1))
    _, items = _read(path)
    assert [item.text for item in items] == ["Hi"] if whole else ["Hi", "Hi"]


def test_one_log_reads_alike_in_every_wrapping(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / FILE.name).write_bytes(FILE.read_bytes())
    ways = (folder, pack(tmp_path, folder, "zip"), pack(tmp_path, folder, "gztar"))
    _, first = _read(FILE)
    for path in ways:
        assert _read(path)[1] == first


def test_what_is_no_webhook_says_so(tmp_path: Path) -> None:
    (tmp_path / "x.jsonl").write_text('{"id": 1}\n')
    with open_export(tmp_path) as export, pytest.raises(SourceError, match="webhook"):
        reader_named("facebook-webhook").read(export, Told())
