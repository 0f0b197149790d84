"""The Mastodon archive."""

import io
import json
import tarfile
import zipfile
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from archive import UsageError
from ingest import PollOption, Shared, open_export
from ingest.readers._mastodon import MastodonArchive
from tests.ingest.conftest import JANUARY, items_of, read


def member(name: str) -> bytes:
    with tarfile.open(JANUARY) as tar:
        found = tar.extractfile(name)
        assert found is not None
        return found.read()


def packed(path: Path, activities: list[Any]) -> Path:
    context = "https://www.w3.org/ns/activitystreams"
    data = json.dumps({"@context": context, "orderedItems": activities}).encode()
    actor = {"id": "https://social.example/users/lib", "preferredUsername": "lib", "name": "Lib"}
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("outbox.json", data)
        archive.writestr("actor.json", json.dumps(actor))
        archive.writestr("media_attachments/files/1/a.png", b"png")
    return path


def create(**note: Any) -> dict[str, Any]:
    address = {"to": ["https://www.w3.org/ns/activitystreams#Public"], "cc": []}
    own = {"id": "https://social.example/1", "type": "Note", "content": "<p>Hi</p>"}
    return {"id": "a1", "type": "Create", "object": {**own, **address, **note}}


def test_everything_in_the_outbox_is_captured() -> None:
    captures, rejected = read(JANUARY)
    assert rejected == []
    assert Counter(one.kind for one in captures) == {
        "post": 136, "comment": 70, "share": 52, "message": 2, "profile": 1,
    }  # fmt: skip
    assert Counter(one.visibility for one in captures) == {
        "public": 258, "unlisted": 1, "direct": 2,
    }  # fmt: skip
    assert len({one.native_id for one in captures}) == 261
    assert sum(one.edited_at is not None for one in captures) == 9
    assert sum(bool(one.attachments) for one in captures) == 25
    assert {one.author_handle for one in captures} == {"maplegrovepl@social.example"}


def test_raw_is_exactly_what_stands_in_the_outbox() -> None:
    [profile, *captures], _ = read(JANUARY)
    assert profile.raw == member("actor.json")
    data, position = member("outbox.json"), 0
    items = json.loads(data)["orderedItems"]
    for capture, item in zip(captures, items, strict=True):
        position = data.index(capture.raw, position) + len(capture.raw)
        assert json.loads(capture.raw) == item


def test_texts_are_text() -> None:
    captures, _ = read(JANUARY)
    assert not any("<p>" in one.text or "&#x27;" in one.text for one in captures)
    assert any("yesterday's" in one.text for one in captures)


def test_a_note_with_everything(tmp_path: Path) -> None:
    media = {"mediaType": "image/png", "url": "/media_attachments/files/1/a.png", "name": "A cat"}
    note = create(
        summary="warning",
        inReplyTo="https://other.example/9",
        published="2025-01-03T07:40:54Z",
        updated="2025-01-04T07:40:54Z",
        attachment=[media],
        contentMap={"en": "x"},
        oneOf=[{"name": "Yes", "replies": {"totalItems": 3}}, {"name": "No"}],
        quote="https://other.example/7",
        location={"type": "Place", "name": "Main branch"},
        likes={"totalItems": 4},
    )
    [_, capture], _ = read(packed(tmp_path / "a.zip", [note]))
    assert capture.text == "Hi"
    assert capture.poll == (PollOption("Yes", 3), PollOption("No"))
    assert capture.shared == Shared(
        url="https://other.example/7", native_id="https://other.example/7"
    )
    assert (capture.location, capture.reactions) == ("Main branch", (("likes", 4),))
    assert (capture.title, capture.language, capture.kind) == ("warning", "en", "comment")
    assert capture.attachments[0].member == "media_attachments/files/1/a.png"
    assert capture.attachments[0].alt == "A cat"


def test_who_may_see_it_is_kept(tmp_path: Path) -> None:
    public = "https://www.w3.org/ns/activitystreams#Public"
    followers = "https://social.example/users/lib/followers"
    notes = [
        create(to=[followers], cc=[public]),
        create(to=[followers], cc=[]),
        create(to=["https://other.example/users/x"]),
        create(to="as:Public"),
        create(to=[], cc=[]),
    ]
    [_, *captures], _ = read(packed(tmp_path / "a.zip", notes))
    assert [one.visibility for one in captures] == [
        "unlisted", "followers", "direct", "public", "unknown",
    ]  # fmt: skip
    assert [one.kind for one in captures] == ["post", "post", "message", "post", "post"]


def test_what_is_no_activity_is_rejected_with_its_bytes(tmp_path: Path) -> None:
    odd = [{"type": "Like"}, 7, None, {"type": "Create", "object": {"type": "Note"}}, {"type": []}]
    captures, rejected = read(packed(tmp_path / "a.zip", [*odd, create(to=7, attachment="x")]))
    assert [json.loads(one.raw) for one in rejected] == odd
    assert all(one.reason for one in rejected)
    assert len(captures) == 2


def test_surrogates_and_nuls_do_not_lose_a_note(tmp_path: Path) -> None:
    note = create(content="<p>a\x00b\ud83d</p>", id="https://social.example/\ud83d")
    [_, capture], rejected = read(packed(tmp_path / "a.zip", [note]))
    assert rejected == []
    assert capture.text == "a\ufffdb\ufffd"
    assert capture.parts("lib").get("native_id") == "https://social.example/\ufffd"


def test_memory_does_not_grow_with_the_outbox(tmp_path: Path) -> None:
    """Ten thousand notes, read while no more than a few are held."""
    import tracemalloc

    path = tmp_path / "a.tar.gz"
    data = b'{"@context": "https://www.w3.org/ns/activitystreams", "orderedItems": [' + b",".join(
        json.dumps(create(id=f"https://social.example/{i}", content="x" * 1000)).encode()
        for i in range(10_000)
    )
    with tarfile.open(path, "w:gz") as tar:
        info = tarfile.TarInfo("outbox.json")
        info.size = len(data) + 2
        tar.addfile(info, io.BytesIO(data + b"]}"))
    from ingest import Told, open_export, reader_for

    tracemalloc.start()
    with open_export(path) as export:
        count = sum(1 for _ in reader_for(export).read(export, Told("lib")).items)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == 10_000
    assert peak < 8_000_000


def test_the_profile_is_what_the_page_says(tmp_path: Path) -> None:
    rows = [{"type": "PropertyValue", "name": "Notice", "value": "<a>Public records</a>"}]
    actor = {
        "id": "https://social.example/users/lib",
        "preferredUsername": "lib",
        "name": "The Library",
        "summary": "<p>News</p>",
        "attachment": rows,
        "icon": {"type": "Image", "mediaType": "image/png", "url": "avatar.png"},
        "published": "2022-11-05T00:00:00Z",
    }
    (tmp_path / "actor.json").write_text(json.dumps(actor))
    (tmp_path / "avatar.png").write_bytes(b"png")
    (tmp_path / "outbox.json").write_text('{"@context": "activitystreams", "orderedItems": []}')
    [profile], _ = read(tmp_path)
    assert (profile.native_id, profile.kind, profile.title) == (
        "profile", "profile", "The Library",
    )  # fmt: skip
    assert profile.text == "News\n\nNotice: Public records"
    assert [one.member for one in profile.attachments] == ["avatar.png"]
    assert profile.raw == (tmp_path / "actor.json").read_bytes()


@pytest.mark.parametrize("data", ["{", "[]", '{"preferredUsername": 7}'])
def test_an_actor_that_cannot_be_read_is_rejected_alone(tmp_path: Path, data: str) -> None:
    (tmp_path / "actor.json").write_text(data)
    outbox = {"@context": "activitystreams", "orderedItems": [create()]}
    (tmp_path / "outbox.json").write_text(json.dumps(outbox))
    captures, [rejected] = read(tmp_path, "lib@social.example")
    assert (len(captures), rejected.raw, rejected.source_file) == (1, data.encode(), "actor.json")
    with pytest.raises(UsageError, match="whose account"):
        read(tmp_path)


def test_what_is_shared_stays_theirs(tmp_path: Path) -> None:
    theirs = {
        "id": "https://other.example/users/kim/statuses/5",
        "content": "<p>Their words</p>",
        "attributedTo": "https://other.example/users/kim",
        "published": "2025-01-03T07:40:54Z",
    }
    shares = [
        {"id": "s1", "type": "Announce", "object": "https://other.example/5"},
        {"id": "s2", "type": "Announce", "object": theirs},
    ]
    [_, plain, whole], rejected = read(packed(tmp_path / "a.zip", [*shares, {"type": "Announce"}]))
    assert plain.shared == Shared(
        url="https://other.example/5", native_id="https://other.example/5"
    )
    assert whole.text == ""
    assert whole.shared is not None
    assert (whole.shared.text, whole.shared.author_handle) == ("Their words", "kim@other.example")
    assert whole.parent == theirs["id"]
    assert len(rejected) == 1


def test_an_id_that_disagrees_with_the_claimed_time_is_noted(tmp_path: Path) -> None:
    address = "https://social.example/users/lib/statuses/113763290578973008"
    notes = [
        create(id=address, published="2025-01-03T07:40:54Z"),
        create(id=address, published="2024-01-03T07:40:54Z"),
    ]
    [_, right, wrong], _ = read(packed(tmp_path / "a.zip", notes))
    assert right.notes == ()
    assert "2025-01-03T07:40:54" in wrong.notes[0]
    captures, _ = read(JANUARY)
    assert not any(one.notes for one in captures)


def test_a_rejected_activity_in_its_frame_is_an_outbox_again(tmp_path: Path) -> None:
    frame = MastodonArchive().frame("x/outbox.json")
    assert frame is not None
    before, after = frame
    path = tmp_path / "outbox.json"
    path.write_bytes(before + json.dumps(create()).encode() + after)
    with open_export(path) as export:
        captures, rejected = items_of(export, "lib")
    assert (len(captures), rejected) == (1, [])
    assert MastodonArchive().frame("actor.json") is None
