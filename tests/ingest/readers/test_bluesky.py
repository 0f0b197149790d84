"""Bluesky in JSON: answers and events."""

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from archive import UsageError
from ingest import Capture, Gone, Rejected, Remark, Shared, Told, open_export, reader_for
from ingest._source import Item
from ingest._times import from_iso
from tests.ingest.conftest import SAMPLES, read

LOCAL = SAMPLES / "bluesky/pds-local"
INDIGO = SAMPLES / "bluesky/indigo"
ATPROTO = SAMPLES / "bluesky/atproto"
CITY = "did:plc:r4kxvneo2uw7o27ctz56ty3x"
OURS = "at://did:plc:0/app.bsky.feed.post/3n2wjzorzmc2v"
THEIRS = "at://did:plc:1/app.bsky.feed.post/3n2wjzosp3s2v"
Case = dict[str, Any]


def all_of(path: Path, account: str = "city.test") -> list[Item]:
    with open_export(path) as export:
        reader = reader_for(export)
        assert reader.name == "bluesky"
        return list(reader.read(export, Told(account)).items)


def answer(folder: Path, value: object, name: str = "answer.json") -> Path:
    path = folder / name
    path.write_text(json.dumps(value, indent=1))
    return path


def snapshots(name: str, title: str) -> list[Any]:
    """The recorded answers of a test suite whose titles begin so, with addresses that are some."""
    text = (ATPROTO / name).read_text()
    found = re.findall(rf"exports\[`{re.escape(title)}.*?`\] = `\n(.*?)\n`;", text, re.DOTALL)
    return [
        json.loads(
            re.sub(
                r"user\((\d+)\)",
                r"did:plc:\1",
                re.sub(
                    r"record\((\d+)\)",
                    r"at://did:plc:7/app.bsky.feed.post/\1",
                    re.sub(r",(\s*[}\]])", r"\1", one),
                ),
            )
        )
        for one in found
    ]


def post(uri: str = OURS, text: str = "Hi", **more: Any) -> Case:
    record = {"$type": "app.bsky.feed.post", "text": text, "createdAt": "2026-11-22T21:16:57.2Z"}
    author = {"did": uri.split("/")[2], "handle": "city.test", "displayName": "The City"}
    return {"uri": uri, "cid": "bafy1", "author": author, "record": record, **more}


def test_records_that_are_listed_are_those_of_their_repository() -> None:
    path = LOCAL / "listRecords.json"
    with open_export(path) as export:
        source = reader_for(export).read(export, Told())
        assert source.account.handle == CITY
        captures = [one for one in source.items if isinstance(one, Capture)]
    car, _ = read(LOCAL / "city-repo.car")
    assert {one.parts(CITY).encoded for one in map(_without_raw, captures)} == {
        one.parts(CITY).encoded for one in map(_without_raw, car)
    }
    assert all(one.raw in path.read_bytes() for one in captures)


def _without_raw(capture: Capture) -> Capture:
    from dataclasses import replace

    return replace(capture, raw=b"", source_file="")


def test_frames_of_the_firehose_hold_every_version_and_deletion() -> None:
    path = LOCAL / "subscribeRepos.frames.bin"
    items = all_of(path)
    captures = [one for one in items if isinstance(one, Capture)]
    texts = [one.text for one in captures if one.native_id.endswith("/3n2wjzorzmc2v")]
    assert texts == [
        "Road closure on Main St 🚧 — détour via 5th Ave. Áéíóú 日本語",
        "CORRECTED: Road closure on Main St 🚧",
    ]
    assert len({one.revision for one in captures}) == 6
    [gone] = [one for one in items if isinstance(one, Gone)]
    assert (gone.removed_by, gone.kind) == ("author", "post")
    assert str(gone.removed_at) == "2026-11-22 21:16:57.393000+00:00"
    assert gone.native_id in {one.native_id for one in captures}
    assert items[-1] == Remark("not captured: #account (2), #identity (2), #sync (2)")
    assert all(one.raw in path.read_bytes() for one in captures)
    assert "resident-a.test" in {one.author_handle for one in captures}


def test_events_without_their_blocks_are_rejected_but_for_deletions() -> None:
    path = LOCAL / "subscribeRepos.decoded.jsonl"
    found = Counter(type(one) for one in all_of(path))
    assert found == {Rejected: 6, Gone: 1, Remark: 1}
    rejected = [one for one in all_of(path) if isinstance(one, Rejected)]
    assert all(one.raw in path.read_bytes().splitlines() for one in rejected)
    assert "content is not in the source" in rejected[0].reason


def test_a_recorded_takedown_is_the_services_a_missing_record_nobodys() -> None:
    path = LOCAL / "calls.json"
    taken, missing, deleted, remark = all_of(path)
    assert isinstance(taken, Gone)
    assert isinstance(missing, Gone)
    assert isinstance(deleted, Gone)
    assert (taken.removed_by, taken.reason) == ("platform", "spam-policy-4")
    assert (missing.native_id, missing.removed_by) == (taken.native_id, "")
    assert deleted.native_id == f"at://{CITY}/app.bsky.feed.post/3n2wjzotkgs2v"
    assert remark == Remark("not captured: answers without content (7)")
    assert all(one.raw in path.read_bytes() for one in (taken, missing, deleted))


def test_a_real_life_of_a_post_is_followed() -> None:
    reply, deleted, profile, second, _ = all_of(INDIGO / "post_lifecycle.json", "")
    assert isinstance(reply, Capture)
    assert isinstance(deleted, Gone)
    assert deleted.native_id == reply.native_id
    assert isinstance(profile, Capture)
    assert (profile.native_id, profile.author_handle) == ("profile", "bnewbold.net")
    assert isinstance(second, Capture)


@pytest.mark.parametrize(
    ("name", "status"), [("account_lifecycle", "deleted"), ("deactivation", "deactivated")]
)
def test_the_end_of_an_account_is_the_end_of_its_profile(name: str, status: str) -> None:
    gone = next(one for one in all_of(INDIGO / f"{name}.json") if isinstance(one, Gone))
    assert (gone.native_id, gone.removed_by, gone.reason) == ("profile", "author", status)


def test_what_a_moderation_tool_kept_of_an_account() -> None:
    profile, *posts = all_of(INDIGO / "capture_hackerdarkweb.json", "")
    assert isinstance(profile, Capture)
    assert (profile.kind, profile.status, profile.title) == (
        "profile", "labelled spam", "Hacker_dark_web",
    )  # fmt: skip
    assert len(posts) == 20
    assert {one.author_handle for one in posts if isinstance(one, Capture)} == {
        "hackerdarkweb.bsky.social"
    }
    captures, _ = read(INDIGO / "capture_atprotocom.json")
    assert sum(one.shared is not None for one in captures) == 4
    assert sum(any(each.link for each in one.attachments) for one in captures) >= 13


def test_recorded_author_feeds_are_read(tmp_path: Path) -> None:
    kinds: Counter[str] = Counter()
    for feed in snapshots("author-feed.test.ts.snap", "pds author feed views"):
        items = all_of(answer(tmp_path, {"feed": feed}))
        assert not any(isinstance(one, Rejected) for one in items)
        captures = [one for one in items if isinstance(one, Capture)]
        assert len(captures) == len(feed)
        data = (tmp_path / "answer.json").read_bytes()
        assert all(one.raw in data for one in captures)
        kinds.update(one.kind for one in captures)
        for one in captures:
            assert one.kind != "share" or (one.shared and one.shared.text and not one.text)
    assert kinds["share"] == 3
    assert kinds["comment"]


def test_recorded_threads_are_read_to_their_ends(tmp_path: Path) -> None:
    found: Counter[type] = Counter()
    for thread in snapshots("thread.test.ts.snap", "appview thread views"):
        if "thread" not in thread and "post" not in thread and "uri" not in thread:
            continue
        whole = json.dumps({"thread": thread})
        items = all_of(answer(tmp_path, {"thread": thread}))
        found.update(map(type, items))
        captures = [one for one in items if isinstance(one, Capture)]
        assert len(captures) == whole.count("#threadViewPost")
        assert sum(isinstance(one, Gone) for one in items) == whole.count('"notFound": true')
    assert found[Capture] == 29
    assert found[Gone] == 3
    assert not found[Rejected]


def test_a_thread_is_read_in_order_with_each_ones_bytes(tmp_path: Path) -> None:
    reply = {"post": post(THEIRS, "Why?"), "replies": []}
    parent = {"post": post("at://did:plc:2/app.bsky.feed.post/3n2wjzorzmb2v", "First")}
    path = answer(tmp_path, {"thread": {"post": post(), "parent": parent, "replies": [reply]}})
    captures, _ = read(path, "city.test")
    assert [one.text for one in captures] == ["First", "Hi", "Why?"]
    assert [json.loads(one.raw)["uri"] for one in captures] == [one.native_id for one in captures]


@pytest.mark.parametrize("name", ["answer.json", "answers.jsonl"])
@pytest.mark.parametrize(
    ("around", "texts"),
    [
        (lambda node, new: {"thread": node, **new}, ["Hi", "Why?"]),
        (lambda node, new: {"thread": {**node, **new}}, ["Hi", "Why?"]),
        (
            lambda node, new: {"thread": {**node, "replies": [{**node, **new}]}},
            ["Hi", "Hi", "Why?"],
        ),
        (lambda node, new: {"feed": [node], **new}, ["Hi"]),
    ],
)
def test_what_is_new_in_an_answer_costs_no_post_of_it(
    tmp_path: Path, around: Any, texts: list[str], name: str
) -> None:
    node = {"post": post(), "replies": [{"post": post(THEIRS, "Why?"), "replies": []}]}
    path = tmp_path / name
    path.write_text(json.dumps(around(node, {"novelty": ["some words"]})))
    captures, [rejected] = read(path, "city.test")
    assert [one.text for one in captures] == texts
    assert b"some words" in rejected.raw
    assert not any(one.raw in rejected.raw for one in captures)


def test_quotes_of_a_post_are_read(tmp_path: Path) -> None:
    captures, rejected = read(
        answer(tmp_path, {"uri": OURS, "posts": [post(THEIRS, "See")]}), "lib"
    )
    assert ([one.text for one in captures], rejected) == (["See"], [])


def test_a_part_of_a_thread_that_is_no_object_is_not_passed_over(tmp_path: Path) -> None:
    path = answer(tmp_path, {"thread": {"post": post(), "replies": ["lost"]}})
    _, [rejected] = read(path, "city.test")
    assert b"lost" in rejected.raw


def test_a_deep_thread_takes_no_depth_of_calls(tmp_path: Path) -> None:
    thread: Case = {"post": post()}
    for _ in range(300):
        thread = {"post": post(), "replies": [thread]}
    captures, rejected = read(answer(tmp_path, {"thread": thread}), "city.test")
    assert (len(captures), rejected) == (301, [])


def test_threads_of_the_second_kind(tmp_path: Path) -> None:
    items = [
        {"uri": OURS, "depth": 0, "value": {"$type": "x#threadItemPost", "post": post()}},
        {"uri": THEIRS, "depth": 1, "value": {"$type": "x#threadItemNotFound"}},
        {"uri": THEIRS, "depth": 1, "value": {"$type": "x#threadItemBlocked"}},
    ]
    first, gone, remark = all_of(answer(tmp_path, {"thread": items}))
    assert isinstance(first, Capture)
    assert isinstance(gone, Gone)
    assert gone.native_id == THEIRS
    assert remark == Remark("not captured: blocked posts (1)")


def test_a_post_with_all_that_a_view_shows(tmp_path: Path) -> None:
    record = {
        "$type": "app.bsky.feed.post",
        "text": "See",
        "createdAt": "2026-11-22T21:16:57.290Z",
        "langs": ["fr", "en"],
        "labels": {"values": [{"val": "graphic"}]},
        "embed": {
            "$type": "app.bsky.embed.recordWithMedia",
            "record": {"record": {"uri": THEIRS}},
            "media": {"images": [{"alt": "A cat", "image": {"ref": {"$link": "bafkcat"}}}]},
        },
        "reply": {"parent": {"uri": THEIRS}, "root": {"uri": OURS}},
    }
    quoted = {
        "uri": THEIRS,
        "author": {"did": "did:plc:1", "handle": "kim.test", "displayName": "Kim"},
        "value": {"text": "Their words", "createdAt": "2025-01-01T00:00:00Z"},
    }
    view = post(
        record=record,
        embed={"record": {"record": quoted}, "media": {"images": [{"fullsize": "https://cdn/1"}]}},
        labels=[{"val": "spam"}, {"val": "old", "neg": True}],
        likeCount=3,
        replyCount=0,
    )
    [capture], _ = read(answer(tmp_path, {"posts": [view]}), "city.test")
    assert capture.status == "labelled graphic, spam"
    assert capture.reactions == (("like", 3), ("reply", 0))
    assert (capture.kind, capture.parent, capture.thread) == ("comment", THEIRS, OURS)
    assert (capture.language, capture.author_name) == ("fr", "The City")
    assert [(one.name, one.alt, one.url) for one in capture.attachments] == [
        ("bafkcat", "A cat", "https://cdn/1")
    ]
    assert capture.shared == Shared(
        text="Their words",
        author_name="Kim",
        author_handle="kim.test",
        url="https://bsky.app/profile/did:plc:1/post/3n2wjzosp3s2v",
        native_id=THEIRS,
        occurred_at=from_iso("2025-01-01T00:00:00Z"),
    )


def test_jetstream_lines(tmp_path: Path) -> None:
    def line(operation: str, **more: Any) -> str:
        commit = {"operation": operation, "collection": "app.bsky.feed.post", "rkey": "k", **more}
        return json.dumps({"did": "did:plc:0", "time_us": 1, "kind": "commit", "commit": commit})

    ended = {"active": False, "did": "did:plc:9", "status": "takendown"}
    rows = [
        line("create", record=post()["record"], cid="bafy1"),
        line("delete"),
        json.dumps({"did": "did:plc:9", "kind": "account", "account": ended}),
        json.dumps({"did": "did:plc:9", "kind": "identity", "identity": {"handle": "x"}}),
        line("sing"),
        "{",
    ]
    path = tmp_path / "events.jsonl"
    path.write_text("\n".join(rows))
    created, deleted, gone, odd, broken, remark = all_of(path)
    assert isinstance(created, Capture)
    assert (created.text, created.revision) == ("Hi", "bafy1")
    assert isinstance(deleted, Gone)
    assert str(deleted.removed_at) == "1970-01-01 00:00:00.000001+00:00"
    assert isinstance(gone, Gone)
    assert (gone.kind, gone.removed_by, gone.reason) == ("page", "platform", "takendown")
    assert isinstance(odd, Rejected)
    assert isinstance(broken, Rejected)
    assert (odd.raw, broken.raw) == (rows[4].encode(), b"{")
    assert remark == Remark("not captured: #identity (1)")


def test_a_moderators_takedown_says_who_and_why(tmp_path: Path) -> None:
    def event(kind: str, **subject: str) -> Case:
        what = {"$type": f"tools.ozone.moderation.defs#{kind}", "comment": "spam"}
        return {"event": what, "subject": subject, "createdAt": "2025-01-01T00:00:00Z"}

    events = [
        event("modEventTakedown", uri=OURS),
        event("modEventTakedown", did="did:plc:9"),
        event("modEventReport", uri=OURS),
        event("modEventTakedown"),
    ]
    taken, account, rejected, remark = all_of(answer(tmp_path, {"events": events}))
    assert isinstance(taken, Gone)
    assert (taken.native_id, taken.removed_by, taken.reason) == (OURS, "moderator", "spam")
    assert isinstance(account, Gone)
    assert account.kind == "page"
    assert isinstance(rejected, Rejected)
    assert remark == Remark("not captured: modEventReport (1)")


def test_other_answers(tmp_path: Path) -> None:
    profile = {"did": "did:plc:0", "handle": "city.test", "description": "Public records"}
    [page], _ = read(answer(tmp_path, profile), "city.test")
    assert (page.native_id, page.text) == ("profile", "Public records")
    [other], _ = read(answer(tmp_path, profile), "library.test")
    assert (other.kind, other.native_id[:5]) == ("page", "at://")
    like = {"uri": "at://did:plc:1/app.bsky.feed.like/1", "record": {"subject": {}}}
    mention = {**post(THEIRS), "reason": "mention"}
    path = answer(tmp_path, {"notifications": [mention, like, {"uri": "at://x"}, 7]})
    items = all_of(path)
    assert Counter(map(type, items)) == {Capture: 1, Rejected: 2, Remark: 1}


def test_what_is_damaged_is_rejected_not_counted(tmp_path: Path) -> None:
    like = "at://did:plc:1/app.bsky.feed.like/1"
    odd: list[Case] = [
        {"uri": like, "value": {"$type": "app.bsky.feed.post", "text": "Hi"}},
        {"uri": OURS, "cid": "bafy1", "value": ""},
        {"did": "did:plc:1", "kind": "account", "account": {"active": "no"}},
        {"repo": "did:plc:1", "ops": "x"},
        {"repo": "did:plc:1", "ops": [], "blocks": {"$bytes": "AAAA"}},
        {"header": {"t": "#sync"}, "body": {"ops": []}},
        {"subject": {"uri": OURS}, "takedown": {"applied": "yes"}},
        {"error": "RecordNotFound", "message": "gone"},
        {"error": "Odd", "message": f"about {OURS}"},
        {"uri": "at://did:plc:1/no collection/1", "record": {"a": 1}},
    ]
    calm = {"error": "RateLimitExceeded", "message": "Slow down"}
    *rejected, remark = all_of(answer(tmp_path, [*odd, calm]))
    assert [json.loads(one.raw) for one in rejected if isinstance(one, Rejected)] == odd
    assert remark == Remark("not captured: RateLimitExceeded (1)")


def test_whose_account_it_is_must_be_said_for_threads(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="whose account"):
        all_of(answer(tmp_path, {"thread": {"post": post()}}), "")


def test_times_are_read_as_the_protocol_writes_them() -> None:
    lines = (ATPROTO / "datetime_syntax_valid.txt").read_text().splitlines()
    valid = [line for line in lines if line and not line.startswith("#")]
    assert len(valid) > 20
    assert [line for line in valid if from_iso(line) is None] == []


def test_a_rejected_item_alone_is_an_answer_again(tmp_path: Path) -> None:
    path = answer(tmp_path, {"feed": [{"post": post()}]})
    [capture], _ = read(path, "city.test")
    with open_export(path) as export:
        frame = reader_for(export).frame("answer.json")
    assert frame is not None
    (tmp_path / "again.json").write_bytes(frame[0] + capture.raw + frame[1])
    [again], _ = read(tmp_path / "again.json", "city.test")
    assert (again.native_id, again.raw) == (capture.native_id, capture.raw)


@pytest.mark.parametrize(
    "line",
    [
        {"header": {"t": "#identity"}, "body": {"did": "did:plc:1", "text": "words"}},
        {"header": {"t": "#sync", "body": {}}, "body": {"did": "did:plc:1"}},
        {"frame": {"header": {"t": "#account"}, "body": {"active": True}}, "text": "words"},
        {"did": "did:plc:1", "kind": "identity", "identity": {"handle": "x"}, "text": "words"},
        {"repo": "did:plc:1", "ops": [], "text": "words"},
        {
            "repo": "did:plc:1",
            "ops": [{"action": "create", "path": "app.bsky.feed.pst/k", "cid": None}],
        },
        {
            "repo": "did:plc:1",
            "ops": [{"action": "crete", "path": "app.bsky.feed.like/k", "cid": None}],
        },
    ],
)
def test_what_is_passed_over_holds_no_more_than_it_should(
    tmp_path: Path, line: dict[str, Any]
) -> None:
    known = '{"did":"did:plc:1","kind":"identity","identity":{"handle":"x"}}'
    path = tmp_path / "events.jsonl"
    path.write_text(f"{known}\n{json.dumps(line)}\n")
    [rejected, *_, remark] = all_of(path)
    assert isinstance(rejected, Rejected)
    assert json.loads(rejected.raw) == line
    assert isinstance(remark, Remark)


def test_of_what_is_passed_over_no_member_stands_twice(tmp_path: Path) -> None:
    known = '{"did":"did:plc:1", "kind":"identity", "identity":{"handle":"x"}}'
    path = tmp_path / "events.jsonl"
    path.write_text(known + "\n" + known.replace("{", '{"kind":"account",', 1))
    found = [one for one in all_of(path) if isinstance(one, Rejected)]
    assert ["a name stands there twice" in one.reason for one in found] == [True]
