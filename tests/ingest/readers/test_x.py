"""The X archive."""

import json
import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from archive import SourceError
from tests.ingest.conftest import SAMPLES, read

EXPORT = SAMPLES / "x/archive"


@pytest.fixture
def export(tmp_path: Path) -> Path:
    """A copy of the sample that may be spoilt."""
    return Path(shutil.copytree(EXPORT, tmp_path / "x"))


def test_tweets_and_deleted_tweets_are_captured() -> None:
    captures, rejected = read(EXPORT)
    assert rejected == []
    assert Counter(one.state for one in captures) == {"live": 301, "removed": 25}
    assert len({one.native_id for one in captures}) == 326
    assert all(one.removed_at for one in captures if one.state == "removed")
    assert {one.author_handle for one in captures} == {"maplegrovepl"}
    assert not any("&amp;" in one.text for one in captures)


def test_ids_agree_with_times() -> None:
    captures, _ = read(EXPORT)
    for one in captures:
        assert one.occurred_at is not None
        milliseconds = (int(one.native_id) >> 22) + 1288834974657
        assert abs(one.occurred_at.timestamp() - milliseconds / 1000) < 2


def test_an_edit_is_a_record_that_names_the_first_version() -> None:
    captures, _ = read(EXPORT)
    [edited] = [one for one in captures if one.edited_at]
    assert edited.thread == "1897142194403594369"


def test_raw_is_exactly_what_stands_in_the_file() -> None:
    captures, _ = read(EXPORT)
    for name in {one.source_file for one in captures}:
        data, position = (EXPORT / name).read_bytes(), 0
        for one in captures:
            if one.source_file == name:
                position = data.index(one.raw, position) + len(one.raw)
                assert json.loads(one.raw)["tweet"]["id_str"] == one.native_id


def test_media_are_found_in_the_archive(export: Path) -> None:
    captures, _ = read(export)
    first = next(one for one in captures if one.attachments)
    folder = export / "data/tweets_media"
    folder.mkdir()
    name = f"{first.native_id}-{first.attachments[0].name}"
    (folder / name).write_bytes(b"jpg")
    again = {one.native_id: one for one in read(export)[0]}[first.native_id]
    assert again.attachments[0].member == f"data/tweets_media/{name}"


def test_the_manifest_is_held_against_the_files(export: Path) -> None:
    path = export / "data/deleted-tweets.js"
    script, _, rows = path.read_text().partition("= ")
    path.write_text(f"{script}= {json.dumps(json.loads(rows)[:-1])}")
    captures, rejected = read(export)
    assert len(captures) == 325
    assert [one.reason for one in rejected] == ["the manifest promises 25 items, the file holds 24"]
    path.unlink()
    _, rejected = read(export)
    assert [one.reason for one in rejected] == [
        "the manifest promises 25 items, the file is missing"
    ]


def test_a_spoilt_manifest_or_account_is_a_source_error(export: Path) -> None:
    (export / "data/manifest.js").write_text('window.__THAR_CONFIG = {"dataTypes": 7}')
    with pytest.raises(SourceError, match="manifest"):
        read(export)
    (export / "data/manifest.js").unlink()
    (export / "data/account.js").write_text("window.YTD.account.part0 = []")
    with pytest.raises(SourceError, match="whose archive"):
        read(export)


def test_what_is_no_tweet_is_rejected(export: Path) -> None:
    shutil.rmtree(export)
    (export / "data").mkdir(parents=True)
    rows = '[{"tweet": {"id_str": "1", "created_at": 7}}, {"tweet": {}}, {"x": 1}, 3]'
    (export / "data/tweets.js").write_text(f"window.YTD.tweets.part0 = {rows}")
    captures, rejected = read(export, "lib")
    assert [one.native_id for one in captures] == ["1"]
    assert [one.raw for one in rejected] == [b'{"tweet": {}}', b'{"x": 1}', b"3"]


Written = Callable[..., Path]
LONG = "A long notice about the roof & what follows, " * 12


@pytest.fixture
def written(tmp_path: Path) -> Written:
    """Write files of an archive, by their names without ``.js``; gives the archive."""

    def write(**files: list[Any]) -> Path:
        data = tmp_path / "own/data"
        data.mkdir(parents=True, exist_ok=True)
        account = {"username": "lib", "accountId": "9", "accountDisplayName": "Library"}
        for name, rows in {"account": [{"account": account}], **files}.items():
            script = f"window.YTD.{name}.part0 = {json.dumps(rows, indent=1)}"
            (data / f"{name.replace('_', '-')}.js").write_text(script)
        return data.parent

    return write


def tweet(native_id: str, text: str = "", **more: Any) -> dict[str, Any]:
    created = {"created_at": "Wed Jun 04 10:00:00 +0000 2025"}
    return {"tweet": {"id_str": native_id, "full_text": text, **created, **more}}


def test_a_repost_holds_the_words_of_others(written: Written) -> None:
    mentions = {"user_mentions": [{"screen_name": "Bob", "name": "Bob B."}]}
    [one], _ = read(written(tweets=[tweet("1", "RT @bob: hi &amp; bye", entities=mentions)]))
    assert (one.kind, one.text) == ("share", "")
    assert one.shared is not None
    assert (one.shared.text, one.shared.author_handle) == ("hi & bye", "bob")
    assert one.shared.author_name == "Bob B."
    original = {"id_str": "7", "full_text": "hi & bye, in full", "user": {"name": "B"}}
    [one], _ = read(written(tweets=[tweet("1", "RT @bob: hi…", retweeted_status=original)]))
    assert one.shared is not None
    assert (one.shared.text, one.shared.native_id, one.parent) == ("hi & bye, in full", "7", "7")


def test_a_quote_keeps_our_words_and_names_the_other_post(written: Written) -> None:
    link = {"expanded_url": "https://twitter.com/ann/status/77"}
    [one], _ = read(written(tweets=[tweet("1", "look https://t.co/x", entities={"urls": [link]})]))
    assert (one.kind, one.text, one.parent) == ("post", "look https://t.co/x", "")
    assert one.shared is not None
    assert (one.shared.author_handle, one.shared.native_id) == ("ann", "77")


def test_a_long_post_takes_its_text_from_its_note(written: Written) -> None:
    cut_off = "@ann " + LONG[:280].replace("&", "&amp;") + "… https://t.co/abc"
    note = {"noteTweetId": "50", "createdAt": "2025-06-04T10:00:01.000Z", "core": {"text": LONG}}
    other = {**note, "noteTweetId": "51", "core": {"text": "Something else altogether"}}
    export = written(
        tweets=[tweet("1", cut_off), tweet("2", "short")],
        note_tweet=[{"noteTweet": note}, {"noteTweet": other}, {"noteTweet": {}}],
    )
    captures, rejected = read(export)
    assert [(one.native_id, one.text) for one in captures] == [
        ("1", LONG),
        ("2", "short"),
        ("51", "Something else altogether"),
    ]
    assert [one.reason for one in rejected] == ["it is no long post"]
    posts, notes = (export / "data" / name for name in ("tweets.js", "note-tweet.js"))
    first, second = captures[0].raw.split(b" }\n{")
    assert first + b" }" in posts.read_bytes()
    assert b"{" + second in notes.read_bytes()


def test_communities_profile_and_names_of_older_archives(written: Written) -> None:
    profile = {"description": {"bio": "Books", "website": "https://l.example", "location": "Here"}}
    captures, rejected = read(
        written(
            tweet=[tweet("1", "old")],
            tweets_part1=[tweet("2", "more")],
            community_tweet=[tweet("3", "club")],
            profile=[{"profile": {**profile, "avatarMediaUrl": "https://x.example/a.jpg"}}],
        )
    )
    assert rejected == []
    assert sorted(one.native_id for one in captures) == ["1", "2", "3", "profile"]
    [about] = [one for one in captures if one.kind == "profile"]
    assert (about.text, about.location, about.author_handle) == ("Books", "Here", "lib")
    assert [(one.name, one.link) for one in about.attachments] == [("a.jpg", False), ("", True)]


def test_direct_messages_are_messages_of_a_conversation(written: Written) -> None:
    def message(native_id: str, sender: str, **more: Any) -> dict[str, Any]:
        made = {"id": native_id, "senderId": sender, "createdAt": "2025-06-03T20:00:00.000Z"}
        return {"messageCreate": {**made, "text": "hi", **more}}

    left = {"participantsLeave": {"userIds": ["4"], "createdAt": "2025-06-03T21:00:00.000Z"}}
    rows = [
        message("5", "9", mediaUrls=["https://ton.example/a/p.jpg"]),
        message("6", "8", reactions=[{"reactionKey": "like"}] * 2),
        left,
        left,
        {"surprise": {}},
    ]
    conversation = {"dmConversation": {"conversationId": "8-9", "messages": rows}}
    export = written(direct_messages=[conversation, {"dmConversation": 3}])
    media = export / "data/direct_messages_media"
    media.mkdir()
    (media / "5-p.jpg").write_bytes(b"jpg")
    captures, rejected = read(export)
    assert [one.author_handle for one in captures] == ["lib", "8", "", ""]
    assert {(one.kind, one.visibility, one.thread) for one in captures} == {
        ("message", "direct", "8-9")
    }
    assert captures[0].attachments[0].member == "data/direct_messages_media/5-p.jpg"
    assert captures[1].reactions == (("like", 2),)
    assert [one.status for one in captures[2:]] == ["participantsLeave"] * 2
    assert len({one.native_id for one in captures}) == 4
    assert [json.loads(one.raw) for one in captures] == rows[:4]
    assert [json.loads(one.raw) for one in rejected] == [{"surprise": {}}, {"dmConversation": 3}]


def test_films_polls_places_and_ids_that_disagree(written: Written) -> None:
    media = {
        "type": "video",
        "media_url_https": "https://pbs.example/thumb.jpg",
        "ext_alt_text": "A cat",
        "video_info": {
            "variants": [
                {
                    "content_type": "video/mp4",
                    "bitrate": "1",
                    "url": "https://v.example/low.mp4?t=1",
                },
                {
                    "content_type": "video/mp4",
                    "bitrate": "9",
                    "url": "https://v.example/hi.mp4?t=1",
                },
                {"content_type": "application/x-mpegURL", "url": "https://v.example/a.m3u8"},
            ]
        },
    }
    values = {"choice1_label": {"string_value": "Yes"}, "choice1_count": {"string_value": "3"}}
    card = {"name": "poll2choice_text_only", "binding_values": values}
    export = written(
        tweets=[
            tweet(
                "1875323089453183541",
                extended_entities={"media": [media]},
                card=card,
                place={"full_name": "Maple Grove"},
                favorite_count="4",
            )
        ]
    )
    folder = export / "data/tweets_media"
    folder.mkdir()
    (folder / "1875323089453183541-low.mp4").write_bytes(b"film")
    [one], _ = read(export)
    assert (one.attachments[0].alt, one.attachments[0].name) == ("A cat", "low.mp4")
    assert one.attachments[0].member.endswith("low.mp4")
    assert [(option.text, option.votes) for option in one.poll] == [("Yes", 3)]
    assert (one.location, one.reactions) == ("Maple Grove", (("favorite", 4),))
    assert len(one.notes) == 1


def test_the_first_of_two_versions_names_the_thread_too(written: Written) -> None:
    initial = {"editTweetIds": ["1", "2"]}
    edit = {"initialTweetId": "1", "editControlInitial": initial}
    rows = [tweet("1", edit_info={"initial": initial}), tweet("2", edit_info={"edit": edit})]
    captures, _ = read(written(tweets=rows))
    assert [(one.thread, bool(one.edited_at)) for one in captures] == [("1", False), ("1", True)]
    alone = tweet("3", edit_info={"initial": {"editTweetIds": ["3"]}})
    [one], _ = read(written(tweets=[alone]))
    assert one.thread == ""


@pytest.mark.parametrize("kind", ["zip", "gztar"])
def test_packed_archives_hold_the_same(tmp_path: Path, kind: str) -> None:
    packed = Path(shutil.make_archive(str(tmp_path / "packed"), kind, EXPORT))
    assert sorted(one.raw for one in read(packed)[0]) == sorted(one.raw for one in read(EXPORT)[0])
