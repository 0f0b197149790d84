"""The Instagram download."""

import json
from pathlib import Path
from typing import Any

import pytest

from archive import SourceError, UsageError
from ingest import Told, open_export, reader_for
from ingest._capture import Remark
from tests.ingest.conftest import SAMPLES, read
from tests.ingest.readers.packing import pack

EXPORT = SAMPLES / "instagram/export"
COMMENTS = SAMPLES / "instagram/constructed/post_comments_1.json"


def _write(folder: Path, **files: Any) -> Path:
    for name, content in files.items():
        path = folder / f"{name.replace('__', '/')}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(content))
    return folder


def test_posts_are_captured() -> None:
    captures, rejected = read(EXPORT, "maplegrovepl")
    assert rejected == []
    assert [one.kind for one in captures] == ["post"] * 150
    assert len({one.native_id for one in captures}) == 150
    assert any("Zażółć gęślą jaźń" in one.text for one in captures)
    assert not any("Ã" in one.text for one in captures)
    first = captures[0]
    assert first.text.startswith("Correction to yesterday's post")
    assert first.occurred_at is not None
    assert first.occurred_at.isoformat() == "2025-01-03T16:41:47+00:00"
    assert first.attachments[0].name == "52410974_329399129579997_n.jpg"
    assert first.attachments[0].alt == ""


def test_raw_is_exactly_what_stands_in_the_file() -> None:
    captures, _ = read(EXPORT, "maplegrovepl")
    data, position = (EXPORT / captures[0].source_file).read_bytes(), 0
    for one in captures:
        position = data.index(one.raw, position) + len(one.raw)


def test_comments_are_understood_in_any_language() -> None:
    (first, second), rejected = read(COMMENTS, "maplegrovepl")
    assert rejected == []
    assert (first.text, first.title) == ("Gracias 🎆 señora", "testville")
    assert (second.text, second.title) == ("rótulo localizado", "testville")
    assert [one.native_id for one in (first, second)] == [
        "comment:1705268476:0",
        "comment:1705268477:0",
    ]
    assert first.author_handle == "maplegrovepl"


def test_older_comments_are_wrapped_or_listed(tmp_path: Path) -> None:
    mapped = {"string_map_data": {"Comment": {"value": "Hi"}, "Time": {"timestamp": 7}}}
    listed = {"title": "ann", "string_list_data": [{"value": "Ho", "timestamp": 8}]}
    owned = {"string_map_data": {"Media Owner": {"value": "ann"}, "Time": {"timestamp": 9}}}
    timeless = {"string_map_data": {"Comment": {"value": "Hi"}}}
    _write(
        tmp_path,
        comments__post_comments={"comments_media_comments": [listed]},
        comments__reels_comments={"comments_reels_comments": [mapped, owned, timeless]},
        comments__hype={"comments_story_comments": [mapped]},
    )
    captures, [lost] = read(tmp_path, "lib")
    assert [(one.native_id, one.text, one.title) for one in captures] == [
        ("comment:8:0", "Ho", "ann"),
        ("reel-comment:7:0", "Hi", ""),
        ("reel-comment:9:0", "", "ann"),
        ("story-comment:7:0", "Hi", ""),
    ]
    assert json.loads(lost.raw) == timeless


def test_lists_of_every_sort_are_read(tmp_path: Path) -> None:
    medium = {"uri": "media/1.jpg", "creation_timestamp": 7, "title": "CafÃ©"}
    several = {
        "media": [
            {"uri": "media/2.jpg", "creation_timestamp": 8, "title": "left"},
            {"uri": "media/3.jpg", "creation_timestamp": 9, "title": ""},
        ],
        "title": "Two",
        "creation_timestamp": 5,
    }
    _write(
        tmp_path,
        content__posts_1=[{"media": [medium]}, several, {"media": []}],
        content__reels={"ig_reels_media": [{"media": [medium]}]},
        content__stories={"ig_stories": [medium]},
        content__archived_posts={"ig_archived_post_media": [{"media": [medium]}]},
        content__igtv_videos={"ig_igtv_media": [{"media": [medium]}]},
        content__recently_deleted_content={"ig_recently_deleted_media": [{"media": [medium]}]},
        media={},
    )
    (tmp_path / "media").mkdir()
    (tmp_path / "media/1.jpg").write_bytes(b"picture")
    captures, [lost] = read(tmp_path, "lib")
    assert [one.native_id for one in captures] == [
        *("post:7:0", "post:5:0", "reel:7:0", "story:7:0"),
        *("archived-post:7:0", "igtv:7:0", "deleted:7:0"),
    ]
    first, two, *_, archived, _, deleted = captures
    assert first.text == "Café"
    assert first.attachments[0].member == "media/1.jpg"
    assert two.text == "Two"
    assert [one.alt for one in two.attachments] == ["left", ""]
    assert archived.status == "archived-post"
    assert (deleted.state, deleted.removed_by) == ("removed", "author")
    assert json.loads(lost.raw) == {"media": []}


def test_where_a_picture_was_made_is_kept(tmp_path: Path) -> None:
    exif = {"photo_metadata": {"exif_data": [{"iso": 1}, {"latitude": 48.5, "longitude": -2.25}]}}
    medium = {"uri": "1.jpg", "creation_timestamp": 7, "media_metadata": exif}
    _write(tmp_path, content__posts_1=[{"media": [medium]}])
    [capture], _ = read(tmp_path, "lib")
    assert capture.location == "48.5, -2.25"


def test_the_profile_names_the_account_where_its_language_is_known(tmp_path: Path) -> None:
    def profile(**entries: str) -> dict[str, Any]:
        told = {key: {"href": "", "value": value, "timestamp": 0} for key, value in entries.items()}
        return {"profile_user": [{"title": "", "string_map_data": told}]}

    english = profile(Username="lib", Name="BibliothÃ¨que", Bio="Public records.", Website="l.ex")
    path = "personal_information__personal_information__personal_information"
    _write(tmp_path, media__posts_1=[], **{path: english})
    with open_export(tmp_path) as export, pytest.raises(SourceError):
        reader_for(export)
    _write(tmp_path, media__stories={"ig_stories": []})
    [capture], _ = read(tmp_path)
    assert (capture.kind, capture.native_id, capture.author_handle) == ("profile", "profile", "lib")
    assert (capture.author_name, capture.text) == ("Bibliothèque", "Public records.\n\nl.ex")
    _write(tmp_path, **{path: profile(Benutzername="lib", Steckbrief="Alles")})
    with pytest.raises(UsageError, match="whose account"):
        read(tmp_path)
    [capture], _ = read(tmp_path, "lib")
    assert capture.text == "lib\nAlles"
    _write(tmp_path, **{path: {"profile_user": 7}})
    nothing, [lost] = read(tmp_path, "lib")
    assert (nothing, lost.raw) == ([], b'{"profile_user": 7}')


def test_messages_and_a_word_about_threads(tmp_path: Path) -> None:
    rows = [{"sender_name": "ann", "timestamp_ms": 1500000000123, "content": "Hi"}]
    _write(
        tmp_path,
        your_instagram_activity__messages__inbox__ann_1__message_1={
            "participants": [],
            "messages": rows,
        },
        your_instagram_activity__threads__threads_and_replies={"text_post_app_text_posts": []},
    )
    with open_export(tmp_path) as export:
        source = reader_for(export).read(export, Told("lib"))
        assert source.platform == "instagram"
        assert source.covers == {"message"}
        remark, message = source.items
    assert isinstance(remark, Remark)
    assert "--source threads" in remark.text
    assert not isinstance(message, Remark)


def test_one_download_reads_alike_in_every_wrapping(tmp_path: Path) -> None:
    ways = [EXPORT, *(pack(tmp_path, EXPORT, kind) for kind in ("zip", "gztar"))]
    first, *others = [read(path, "maplegrovepl")[0] for path in ways]
    assert all(other == first for other in others)
    [file] = (EXPORT / "your_instagram_activity/media").iterdir()
    alone, _ = read(file, "maplegrovepl")
    assert [one.raw for one in alone] == [one.raw for one in first]


def test_a_download_in_html_says_what_to_ask_for(tmp_path: Path) -> None:
    page = tmp_path / "your_instagram_activity/media/posts_1.html"
    page.parent.mkdir(parents=True)
    page.write_text("<html>")
    with open_export(tmp_path) as export:
        reader = reader_for(export)
        assert reader.name == "instagram"
        with pytest.raises(SourceError) as caught:
            reader.read(export, Told())
    assert "in JSON" in caught.value.hint
