"""The Facebook download."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive import SourceError, UsageError
from ingest import Told, open_export, reader_for, reader_named
from ingest.readers._meta import repaired
from tests.ingest.conftest import SAMPLES, read
from tests.ingest.readers.packing import pack

EXPORT = SAMPLES / "facebook/export"


@pytest.fixture
def posts(tmp_path: Path) -> Callable[[list[Any]], Path]:
    def write(rows: list[Any]) -> Path:
        path = tmp_path / "your_posts_1.json"
        path.write_text(json.dumps(rows))
        return path

    return write


def test_posts_and_comments_are_captured() -> None:
    captures, rejected = read(EXPORT, "maplegrovepl")
    assert rejected == []
    kinds = [one.kind for one in captures]
    assert (kinds.count("post"), kinds.count("comment")) == (400, 320)
    assert len({one.native_id for one in captures}) == 720
    assert sum(not one.text for one in captures if one.kind == "comment") == 12 + 21
    assert any("Zażółć gęślą jaźń" in one.text for one in captures)
    assert any(one.author_name == "Imani Dvořák" for one in captures)
    assert not any("Ã" in one.text + one.title + one.author_name for one in captures)


def test_raw_is_exactly_what_stands_in_the_file() -> None:
    captures, _ = read(EXPORT, "maplegrovepl")
    for name in {one.source_file for one in captures}:
        data, position = (EXPORT / name).read_bytes(), 0
        for one in captures:
            if one.source_file == name:
                position = data.index(one.raw, position) + len(one.raw)


@given(st.text())
def test_what_was_taken_for_latin_1_is_put_right(text: str) -> None:
    encoded = text.encode(errors="replace")
    assert repaired(encoded.decode("latin-1")) == encoded.decode()


@given(st.text(st.characters(min_codepoint=0x100, max_codepoint=0xD7FF), min_size=1))
def test_what_was_not_stays_as_it_is(text: str) -> None:
    assert repaired(text) == text
    assert repaired("café") == "café"


def test_the_derived_key_is_kind_time_and_place(posts: Callable[[list[Any]], Path]) -> None:
    rows = [{"timestamp": 5, "data": [{"post": str(i)}]} for i in range(3)]
    captures, _ = read(posts([*rows, {"timestamp": 6}]), "lib")
    assert [one.native_id for one in captures] == ["post:5:0", "post:5:1", "post:5:2", "post:6:0"]


def test_an_edit_later_than_the_post_is_an_edit(posts: Callable[[list[Any]], Path]) -> None:
    rows = [{"timestamp": 5, "data": [{"update_timestamp": at}]} for at in (5, 9)]
    captures, _ = read(posts(rows), "lib")
    assert [one.edited_at is not None for one in captures] == [False, True]
    before, after = {"post": "Open at 9"}, {"post": "Open at 10"}
    keys = [
        [one.native_id for one in read(posts([{"timestamp": 5, "data": [words]}]), "lib")[0]]
        for words in (before, after)
    ]
    assert keys == [["post:5:0"], ["post:5:0"]]


def test_items_without_a_time_are_rejected(posts: Callable[[list[Any]], Path]) -> None:
    captures, rejected = read(posts([{"data": []}, 7, {"timestamp": -(10**15)}]), "lib")
    assert captures == []
    assert len(rejected) == 3


def test_what_hangs_on_a_post_is_kept(posts: Callable[[list[Any]], Path]) -> None:
    media = {"uri": "posts/media/a.jpg", "title": "CafÃ©", "description": "A cup"}
    place = {"place": {"name": "Library", "address": "1 Main St"}}
    row = {"timestamp": 5, "attachments": [{"data": [{"media": media}, place, {"text": "with"}]}]}
    [capture], _ = read(posts([row]), "lib")
    first, second = capture.attachments
    assert (first.type, first.name, first.alt) == ("media", "Café", "A cup")
    assert (second.type, second.name, second.link) == ("text", "with", True)
    assert capture.location == "Library, 1 Main St"


def test_it_has_to_be_said_whose_it_is_unless_the_profile_says_it(
    tmp_path: Path, posts: Callable[[list[Any]], Path]
) -> None:
    posts([{"timestamp": 5}])
    with pytest.raises(UsageError, match="whose account"):
        read(tmp_path)
    profile = {"profile_v2": {"name": {"full_name": "Lib"}, "profile_uri": "https://f.example/lib"}}
    folder = tmp_path / "profile_information"
    folder.mkdir()
    (folder / "profile_information.json").write_text(json.dumps(profile))
    for capture in read(tmp_path)[0]:
        assert (capture.author_handle, capture.author_name) == ("lib", "Lib")


def test_a_download_in_html_says_what_to_ask_for(tmp_path: Path) -> None:
    page = tmp_path / "your_facebook_activity/media/posts_1.html"
    page.parent.mkdir(parents=True)
    page.write_text("<html>")
    with open_export(tmp_path) as export:
        reader = reader_for(export)
        assert reader.name == "facebook"
        with pytest.raises(SourceError) as caught:
            reader.read(export, Told())
    assert "in JSON" in caught.value.hint


def _write(folder: Path, **files: Any) -> Path:
    for name, content in files.items():
        path = folder / f"{name.replace('__', '/')}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(content))
    return folder


def test_the_parts_of_a_list_are_read_in_the_order_of_their_numbers(tmp_path: Path) -> None:
    for number in (10, 9, 1):
        row = {"timestamp": 5, "data": [{"post": str(number)}]}
        _write(tmp_path, **{f"posts__your_posts_{number}": [row]})
    captures, _ = read(tmp_path, "lib")
    assert [(one.native_id, one.text) for one in captures] == [
        ("post:5:0", "1"),
        ("post:5:1", "9"),
        ("post:5:2", "10"),
    ]


def test_lists_of_every_sort_and_age_are_read(tmp_path: Path) -> None:
    comment = {"timestamp": 7, "data": [{"comment": {"comment": "Hi", "author": "Ann"}}]}
    post = {"timestamp": 7, "data": [{"post": "Hi"}]}
    photo = {"uri": "a.jpg", "creation_timestamp": 7, "description": "Hi"}
    _write(
        tmp_path,
        posts__your_posts={"status_updates": [post]},
        **{
            "posts__other_people's_posts_to_your_timeline": {
                "wall_posts_sent_to_you": {"activity_log_data": [post]}
            },
            "this_profile's_activity_across_facebook__posts__profile_posts_1": [post],
            "x__posts__check-ins": [],
        },
        groups__group_posts_and_comments={"group_posts_v2": [post]},
        groups__your_pending_posts_in_groups={"pending_posts_v2": [post]},
        groups__your_comments_in_groups={"group_comments_v2": [comment]},
        posts__archive={"archive_v2": [post]},
        stories__archived_stories={"archived_stories_v2": [post]},
        posts__uncategorized_photos={"other_photos_v2": [photo]},
        posts__album__0={"name": "Summer", "photos": [photo], "description": "x"},
        posts__videos={"videos_v2": [photo]},
        comments__comments={"comments": [comment]},
    )
    captures, rejected = read(tmp_path, "lib")
    assert rejected == []
    assert [one.native_id for one in captures] == [
        *("post:7:0", "post:7:1", "wall-post:7:0", "group-post:7:0", "group-post-pending:7:0"),
        *("archived-post:7:0", "story:7:0", "album-photo:7:0", "photo:7:0", "video:7:0"),
        *("comment:7:0", "group-comment:7:0"),
    ]
    assert {one.text for one in captures} == {"Hi"}
    by_id = {one.native_id: one for one in captures}
    assert by_id["wall-post:7:0"].author_name == ""
    assert by_id["group-post-pending:7:0"].state == "pending"
    assert by_id["archived-post:7:0"].status == "archived"
    assert by_id["comment:7:0"].author_name == "Ann"
    with open_export(tmp_path) as export:
        source = reader_named("facebook").read(export, Told("lib"))
    assert source.covers == {"post", "comment"}
    assert len(source.members) == 13


def test_comments_under_a_photo_are_items_of_their_own(tmp_path: Path) -> None:
    comments = [
        {"timestamp": 9, "comment": "Caf\u00c3\u00a9!", "author": "Ann"},
        {"timestamp": 9, "comment": "Yes", "author": "Ben"},
        {"comment": "When?"},
    ]
    photo = {"uri": "album/a.jpg", "creation_timestamp": 7, "comments": comments}
    post = {"timestamp": 8, "attachments": [{"data": [{"media": photo}, {"media": photo}]}]}
    _write(tmp_path, posts__your_posts_1=[post], posts__album__0={"photos": [photo]})
    (first, second, third, again), [lost] = read(tmp_path, "lib")
    assert second.native_id == "photo-comment:a.jpg:9:0"
    assert third.native_id == "photo-comment:a.jpg:9:1"
    assert (second.text, second.author_name) == ("Café!", "Ann")
    assert third.parent == third.thread == first.native_id == "post:8:0"
    assert again.native_id == "album-photo:7:0"
    assert [b'"comment"' in one.raw for one in (first, second, again)] == [False, True, False]
    assert json.loads(lost.raw) == comments[2]
    alone, _ = read(_write(tmp_path / "part", posts__album__0={"photos": [photo]}), "lib")
    assert [one.native_id for one in alone[1:]] == [second.native_id, third.native_id]


def test_items_of_labelled_values_have_ids(tmp_path: Path) -> None:
    media = {"uri": "posts/media/1.jpg", "creation_timestamp": 5}
    labels = [
        {"label": "Message", "value": "Happy birthday, Caf\u00c3\u00a9!"},
        {"label": "Media", "media": [media]},
        {"label": "Last modified", "timestamp_value": 9},
        {"title": "Place", "dict": [{"label": "Place name", "value": "Library"}]},
        {"label": "URL", "href": "https://f.example/1"},
    ]
    row = {"timestamp": 7, "media": [], "label_values": labels, "fbid": "400"}
    german = {
        "timestamp": 7,
        "label_values": [{"label": "Nachricht", "value": "Ja"}],
        "fbid": "401",
    }
    _write(tmp_path, posts__posts_on_other_pages_and_profiles=[row, german])
    _write(tmp_path, posts__edits_you_made_to_posts=[{**row, "fbid": "9"}])
    first, second, edit = read(tmp_path, "lib")[0]
    assert (first.native_id, first.text) == ("400", "Happy birthday, Café!")
    assert first.edited_at is not None
    assert first.location == "Library"
    assert [(one.url, one.link) for one in first.attachments] == [
        ("posts/media/1.jpg", False),
        ("https://f.example/1", True),
    ]
    assert second.text == "Nachricht: Ja"
    assert (edit.native_id, edit.thread) == ("edit:7:0", "9")


def test_what_is_shared_of_others_is_kept_apart(posts: Callable[[list[Any]], Path]) -> None:
    link = {"external_context": {"name": "CafÃ© closes", "url": "https://n.example/1"}}
    poll = {"poll": {"question": "When?", "options": [{"option": "9"}, {"option": "10"}]}}
    event = {"life_event": {"title": "Moved", "place": {"name": "Oak Street"}}}
    where = {"place": {"coordinate": {"latitude": 1.5, "longitude": -2}}}
    row = {
        "timestamp": 5,
        "data": [{"post": "Read this"}, {"backdated_timestamp": 0}],
        "attachments": [{"data": [link, poll, event, where]}],
    }
    [capture], _ = read(posts([row]), "lib")
    assert capture.text == "Read this"
    assert capture.shared is not None
    assert (capture.shared.text, capture.shared.url) == ("Café closes", "https://n.example/1")
    assert [one.link for one in capture.attachments] == [True, True, True]
    assert [option.text for option in capture.poll] == ["9", "10"]
    assert capture.location == "Oak Street; 1.5, -2"
    assert capture.notes == ("its author dated it back to 1970-01-01T00:00:00Z",)


def test_media_are_found_wherever_the_download_keeps_them(tmp_path: Path) -> None:
    uris = ["your_facebook_activity/posts/media/1.jpg", "posts/media/2.jpg", "../3.jpg", "x.jpg"]
    hanging = [{"data": [{"media": {"uri": uri}}]} for uri in uris]
    folder = tmp_path / "facebook-lib"
    _write(folder, posts__your_posts_1=[{"timestamp": 5, "attachments": hanging}])
    (folder / "posts/media").mkdir()
    for number in (1, 2):
        (folder / f"posts/media/{number}.jpg").write_bytes(b"picture")
    (tmp_path / "3.jpg").write_bytes(b"picture")
    [capture], _ = read(tmp_path, "lib")
    assert [one.member for one in capture.attachments] == [
        "facebook-lib/posts/media/1.jpg",
        "facebook-lib/posts/media/2.jpg",
        "",
        "",
    ]


def test_direct_messages_are_messages(tmp_path: Path) -> None:
    rows = [
        {"sender_name": "Ann", "timestamp_ms": 1500000000123, "content": "D\u00c4\u009bkuji"},
        {"sender_name": "Lib", "timestamp_ms": 1500000000123, "is_unsent": True},
        {
            "sender_name": "Ann",
            "timestamp_ms": 1500000000999,
            "share": {"link": "https://n.example/", "share_text": "theirs"},
            "photos": [{"uri": "messages/inbox/ann_1/photos/1.jpg"}],
            "reactions": [{"reaction": "\u00e2\u009d\u00a4", "actor": "Lib"}] * 2,
        },
        {"sender_name": "Ann"},
    ]
    thread = {
        "participants": [{"name": "Ann"}],
        "messages": rows,
        "title": "Ann",
        "thread_path": "inbox/ann_1",
    }
    _write(tmp_path, messages__inbox__ann_1__message_1=thread)
    (first, second, third), [lost] = read(tmp_path, "lib")
    assert [one.native_id for one in (first, second, third)] == [
        "message:ann_1:1500000000123:0",
        "message:ann_1:1500000000123:1",
        "message:ann_1:1500000000999:0",
    ]
    assert (first.kind, first.visibility, first.text) == ("message", "direct", "Děkuji")
    assert first.occurred_at is not None
    assert first.occurred_at.isoformat() == "2017-07-14T02:40:00.123000+00:00"
    assert (second.state, second.removed_by) == ("removed", "author")
    assert third.shared is not None
    assert third.shared.text == "theirs"
    assert third.reactions == (("❤", 2),)
    assert json.loads(lost.raw) == rows[3]
    alone, _ = read(tmp_path / "messages/inbox/ann_1/message_1.json", "lib")
    assert [one.native_id for one in alone] == [one.native_id for one in (first, second, third)]


def test_the_profile_is_a_record_and_a_damaged_one_is_rejected(tmp_path: Path) -> None:
    profile = {
        "name": {"full_name": "Biblioth\u00c3\u00a8que"},
        "username": "lib",
        "intro_bio": {"name": "Comments are public records."},
        "websites": [{"address": "https://lib.example"}],
    }
    _write(
        tmp_path,
        posts__your_posts_1=[],
        profile_information__profile_information={"profile_v2": profile},
    )
    [capture], _ = read(tmp_path)
    assert (capture.kind, capture.native_id) == ("profile", "profile")
    assert capture.author_name == "Bibliothèque"
    assert capture.text == "Comments are public records.\n\nhttps://lib.example"
    (tmp_path / "profile_information/profile_information.json").write_text('{"profile_v2": {')
    nothing, [lost] = read(tmp_path, "lib")
    assert nothing == []
    assert lost.raw == b'{"profile_v2": {'


def test_one_download_reads_alike_in_every_wrapping(tmp_path: Path) -> None:
    ways = [EXPORT, *(pack(tmp_path, EXPORT, kind) for kind in ("zip", "gztar"))]
    first, *others = [read(path, "maplegrovepl")[0] for path in ways]
    assert all(other == first for other in others)
    [file] = (EXPORT / "your_facebook_activity/comments_and_reactions").iterdir()
    alone, _ = read(file, "maplegrovepl")
    assert [one.raw for one in alone] == [one.raw for one in first if one.kind == "comment"]


def test_the_constructed_comments(tmp_path: Path) -> None:
    (first, second), rejected = read(SAMPLES / "facebook/constructed/comments.json", "mesto")
    assert rejected == []
    assert (first.text, first.author_name) == ("Děkuji! 🎉", "Město Test")
    assert (second.text, second.attachments[0].member) == ("", "")
    assert second.attachments[0].url.endswith("x.jpg")
