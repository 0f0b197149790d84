"""What Mastodon servers answer."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from archive import UsageError
from ingest import (
    Capture,
    Gone,
    PollOption,
    Rejected,
    Remark,
    Told,
    open_export,
    reader_for,
)
from ingest._source import Item
from ingest.readers import _mastodon_statuses
from tests.ingest.conftest import SAMPLES, read

API = SAMPLES / "mastodon/api"
ME = "lib@social.example"
Case = dict[str, Any]


def all_of(path: Path, account: str = ME) -> list[Item]:
    with open_export(path) as export:
        reader = reader_for(export)
        assert reader.name == "mastodon-api"
        return list(reader.read(export, Told(account)).items)


def answer(folder: Path, value: object, name: str = "answer.json") -> Path:
    path = folder / name
    path.write_text(json.dumps(value, indent=1))
    return path


def account(name: str = "lib", host: str = "social.example") -> Case:
    shown = name if host == "social.example" else f"{name}@{host}"
    return {
        "id": name,
        "acct": shown,
        "display_name": name.title(),
        "uri": f"https://{host}/users/{name}",
        "url": f"https://{host}/@{name}",
    }


def status(number: int, by: Case | None = None, **more: Any) -> Case:
    author = by or account()
    return {
        "id": str(number),
        "uri": f"{author['uri']}/statuses/{number}",
        "url": f"{author['url']}/{number}",
        "created_at": "2026-08-01T13:49:58.223Z",
        "in_reply_to_id": None,
        "in_reply_to_account_id": None,
        "visibility": "public",
        "spoiler_text": "",
        "content": f"<p>Number {number}</p>",
        "account": author,
        **more,
    }


def call(method: str, path: str, body: Any, code: int = 200) -> Case:
    return {
        "method": method,
        "uri": f"https://social.example{path}",
        "status": code,
        "body": body,
    }


def test_a_recorded_edit_gives_every_version() -> None:
    items = all_of(API / "test_status_edit.json")
    captures = [one for one in items if isinstance(one, Capture)]
    assert len({one.native_id for one in captures}) == 1
    versions = {(one.text.split()[-1], str(one.edited_at)) for one in captures}
    assert versions == {("Code", "None"), ("Kate", "2026-08-01 13:54:00.695000+00:00")}
    data = (API / "test_status_edit.json").read_bytes()
    assert all(one.raw in data for one in captures)
    assert items[-1] == Remark("not captured: sources of statuses (1)")


def test_a_history_belongs_to_the_status_in_the_address() -> None:
    captures, _ = read(API / "test_entity_statusedit.json", ME)
    assert Counter(one.native_id for one in captures) == {
        "https://mastodon.social/statuses/110446223051565765": 2,
        "https://mastodon.social/users/halcy/statuses/110446183735368325": 2,
    }
    assert captures[1].title == "test post for mastodon.py stuff"
    assert captures[1].attachments[0].url.endswith("e6bdbd614788c2d1.mp4")
    assert captures[0].author_handle == "halcy@icosahedron.website"


def test_a_recorded_deletion_is_the_authors() -> None:
    captures, _ = read(API / "test_status_delete_media.json", ME)
    states = Counter((one.state, one.removed_by) for one in captures)
    assert states == {("live", ""): 3, ("removed", "author"): 3}
    assert {one.text for one in captures if one.state == "removed"} >= {"Status with media"}


def test_a_recorded_thread_is_tied_together() -> None:
    first, last = read(API / "test_entity_context.json", ME)[0]
    assert (first.visibility, first.kind, last.kind) == ("followers", "post", "comment")
    assert last.parent == "https://mastodon.social/users/halcy/statuses/110446983926957470"
    assert (last.language, last.text) == ("de", "final status")


def test_recorded_timelines_reports_and_streams() -> None:
    captures, rejected = read(API / "test_public_tl.json", ME)
    assert (len(captures), rejected) == (18, [])
    assert not any(one.notes for one in captures)
    assert len(read(API / "test_admin_reports.json", ME)[0]) == 9
    [_, streamed] = read(API / "test_stream_user_local.json", ME)[0]
    assert streamed.text == "it's cool guy"
    assert streamed.raw in (API / "test_stream_user_local.json").read_bytes()


def test_the_accounts_own_profile_is_captured_not_others(tmp_path: Path) -> None:
    items = all_of(API / "test_stream_user_local.json", "admin@localhost:3000")
    [profile] = [one for one in items if isinstance(one, Capture) and one.kind == "profile"]
    assert profile.native_id == "profile"
    own = {**account(), "note": "<p>News</p>", "fields": [{"name": "Notice", "value": "Public"}]}
    calls = [call("GET", "/api/v1/accounts/1", one) for one in (own, account("kim"))]
    found, remark = all_of(answer(tmp_path, calls))
    assert isinstance(found, Capture)
    assert (found.text, found.title) == ("News\n\nNotice: Public", "Lib")
    assert remark == Remark("not captured: accounts of others (1)")


def test_a_thread_with_strangers(tmp_path: Path) -> None:
    kim = account("kim", "other.example")
    context = {
        "ancestors": [status(10)],
        "descendants": [
            status(11, kim, in_reply_to_id="10", in_reply_to_account_id="lib"),
            status(12, in_reply_to_id="11", in_reply_to_account_id="kim"),
            status(13, in_reply_to_id="9", in_reply_to_account_id="lib"),
            status(14, kim, in_reply_to_id="8", in_reply_to_account_id="x"),
        ],
    }
    path = answer(tmp_path, context)
    captures, _ = read(path, ME)
    assert [one.parent for one in captures] == [
        "",
        "https://social.example/users/lib/statuses/10",
        "https://other.example/users/kim/statuses/11",
        "https://social.example/users/lib/statuses/9",
        "8",
    ]
    assert [one.author_handle for one in captures][:2] == [ME, "kim@other.example"]
    assert all(one.raw in path.read_bytes() for one in captures)


def test_a_status_with_everything(tmp_path: Path) -> None:
    given = status(
        113763290578973008,
        visibility="direct",
        edited_at="2026-08-02T00:00:00.000Z",
        language="en",
        spoiler_text="warning",
        media_attachments=[{"url": "https://m.example/a.png", "description": "A cat"}],
        card={"url": "https://news.example/1", "title": "News"},
        poll={"options": [{"title": "Yes", "votes_count": 3}, {"title": "No"}]},
        quote={"state": "accepted", "quoted_status": status(7, account("kim"))},
        replies_count=2,
        favourites_count=0,
    )
    [capture], _ = read(answer(tmp_path, [given]), ME)
    assert (capture.kind, capture.visibility, capture.title) == ("message", "direct", "warning")
    assert [(one.alt, one.link) for one in capture.attachments] == [("A cat", False), ("", True)]
    assert capture.poll == (PollOption("Yes", 3), PollOption("No"))
    assert capture.shared is not None
    assert (capture.shared.text, capture.shared.author_name) == ("Number 7", "Kim")
    assert capture.reactions == (("replies", 2), ("favourites", 0))
    assert "by its id it was made at 2025-01-03" in capture.notes[0]


def test_what_is_boosted_stays_theirs(tmp_path: Path) -> None:
    boost = status(2, content="<p>Theirs</p>", reblog=status(1, account("kim", "o.example")))
    [capture], _ = read(answer(tmp_path, [boost]), ME)
    assert (capture.kind, capture.text) == ("share", "")
    assert capture.shared is not None
    assert (capture.shared.text, capture.shared.author_handle) == ("Number 1", "kim@o.example")
    assert capture.parent == "https://o.example/users/kim/statuses/1"


def test_events_a_line(tmp_path: Path) -> None:
    rows = [
        {"event": "update", "payload": json.dumps(status(1))},
        {"event": "notification", "payload": json.dumps({"type": "mention", "status": status(2)})},
        {"event": "delete", "payload": "1"},
        {"event": "delete", "payload": "99"},
        {"event": "filters_changed"},
    ]
    path = tmp_path / "events.jsonl"
    path.write_text("\n".join(map(json.dumps, rows)))
    first, second, gone, rejected, remark = all_of(path)
    assert isinstance(first, Capture)
    assert isinstance(second, Capture)
    assert isinstance(gone, Gone)
    assert (gone.native_id, gone.removed_by) == (first.native_id, "")
    assert isinstance(rejected, Rejected)
    assert "by a number alone" in rejected.reason
    assert remark == Remark("not captured: event filters_changed (1)")


def test_no_line_of_a_stream_ends_but_where_the_standard_says(tmp_path: Path) -> None:
    words = "one\x85two\u2028three"
    event = json.dumps(status(1, content=words), ensure_ascii=False)
    stream = call("GET", "/api/v1/streaming/user", f"event: update\r\ndata: {event}\r\n\r\n")
    [capture] = all_of(answer(tmp_path, [stream]))
    assert isinstance(capture, Capture)
    assert [one in capture.text for one in ("one", "two", "three")] == [True] * 3


def test_a_history_by_itself_is_named_by_its_file(tmp_path: Path) -> None:
    versions = [
        {
            "content": f"<p>{word}</p>",
            "spoiler_text": "",
            "created_at": f"2026-08-0{day}T00:00:00Z",
            "account": account(),
        }
        for day, word in ((1, "One"), (2, "Two"))
    ]
    first, second = read(answer(tmp_path, versions, "117020586180926938.json"), ME)[0]
    assert first.native_id == "https://social.example/users/lib/statuses/117020586180926938"
    assert (first.text, first.edited_at) == ("One", None)
    assert (second.text, second.occurred_at) == ("Two", first.occurred_at)
    assert str(second.edited_at) == "2026-08-02 00:00:00+00:00"
    versions[0]["account"] = account("kim", "other.example")
    _, [rejected] = read(answer(tmp_path, versions[:1], "117020586180926938.json"), ME)
    assert "of which status" in rejected.reason


def test_what_holds_no_status_is_rejected_alone(tmp_path: Path) -> None:
    odd: list[Any] = [7, "x", {"a": 1}, {**status(1), "uri": ""}, [status(2)]]
    path = answer(tmp_path, [status(3), *odd])
    items = all_of(path)
    rejected = [one for one in items if isinstance(one, Rejected)]
    assert [json.loads(one.raw) for one in rejected] == odd
    assert len(items) == 6
    assert read(answer(tmp_path, {"statuses": [], "hint": "spoiler_text"} | status(1)), ME)[0]


def test_calls_that_are_damaged_are_rejected_whole(tmp_path: Path) -> None:
    calls = [
        {**call("GET", "/api/v1/statuses/1", status(1)), "poll": None},
        call("GET", "/api/v1/timelines/home", [status(2), {"content": "<p>no uri</p>"}]),
        call("GET", "/api/v1/statuses/3", status(3), 500),
        call("GET", "/api/v1/statuses/4", {"error": "Record not found"}, 404),
        call("GET", "/api/v1/streaming/user", 'data: {"content": "x"}\n\n:)'),
    ]
    whole, second, part, third, stream, remark = all_of(answer(tmp_path, calls))
    assert isinstance(whole, Rejected)
    assert json.loads(whole.raw) == calls[0]
    assert isinstance(second, Capture)
    assert isinstance(part, Rejected)
    assert json.loads(part.raw) == {"content": "<p>no uri</p>"}
    assert isinstance(third, Capture)
    assert isinstance(stream, Rejected)
    assert json.loads(stream.raw) == calls[4]
    assert remark == Remark("not captured: error 404 (1)")


def test_numbers_are_remembered_up_to_a_bound() -> None:
    statuses = _mastodon_statuses.Statuses(2)
    for number in (1, 2, 1, 3):
        statuses.capture(status(number), b"", "")
    assert [statuses.known(str(number)) is not None for number in (1, 2, 3)] == [True, False, True]


def test_whose_account_it_is_must_be_said() -> None:
    with pytest.raises(UsageError, match="whose account"):
        all_of(API / "test_public_tl.json", "")


def test_a_rejected_item_alone_is_an_answer_again(tmp_path: Path) -> None:
    path = answer(tmp_path, [status(1)])
    [capture], _ = read(path, ME)
    with open_export(path) as export:
        frame = reader_for(export).frame("answer.json")
    assert frame is not None
    (tmp_path / "again.json").write_bytes(frame[0] + capture.raw + frame[1])
    [again], _ = read(tmp_path / "again.json", ME)
    assert (again.native_id, again.raw) == (capture.native_id, capture.raw)
