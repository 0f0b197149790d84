"""JSON Feed."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from archive import SourceError, UsageError
from ingest import Told, open_export, reader_for, reader_named
from ingest._capture import Attachment, Remark
from tests.ingest.conftest import SAMPLES, Room, read

SITE = "https://lib.example/"
VERSION = "https://jsonfeed.org/version/1.1"


def feed(folder: Path, *items: Any, name: str = "feed.json", **about: Any) -> Path:
    path = folder / name
    known = {"version": VERSION, "title": "Library", "home_page_url": SITE}
    path.write_text(json.dumps({**known, **about, "items": items}))
    return path


def test_the_example_of_version_1() -> None:
    path = SAMPLES / "rss_atom/json_example.json"
    (second, first), rejected = read(path)
    assert rejected == []
    assert (second.native_id, second.title, second.text) == (
        "2", "post 2", "This is a second item.",
    )  # fmt: skip
    assert (second.kind, second.state, second.visibility) == ("post", "live", "public")
    assert second.url == "https://example.org/second-item"
    [film] = second.attachments
    assert film == Attachment(
        name="second-item-show.mp4",
        type="video/mp4",
        url="https://example.org/second-item-show.mp4",
    )
    assert film.missing
    assert (second.author_name, first.author_name) == ("me", "you")
    assert "Hello, world!" in first.text
    assert second.raw in path.read_bytes()
    with open_export(path) as export:
        source = reader_for(export).read(export, Told())
        assert (source.platform, source.covers) == ("feed", frozenset())
        assert (source.account.handle, source.account.name) == ("example.org", "My Example Feed")


def test_all_that_an_item_may_say(tmp_path: Path) -> None:
    item = {
        "id": 7,
        "url": SITE + "7",
        "external_url": "https://news.example/a",
        "title": "Closed",
        "content_html": "<p>We are &lt;closed&gt;</p>",
        "summary": "Closed",
        "image": "https://lib.example/a.png",
        "date_published": "2026-01-05T10:00:00-06:00",
        "date_modified": "2026-01-06T10:00:00-06:00",
        "authors": [{"name": "Ada"}, {"url": "https://lib.example/ben"}, {"name": "Ada"}],
        "language": "es",
        "attachments": [
            {"url": "https://lib.example/a.png", "mime_type": "image/png", "title": "A sign"}
        ],
    }
    [found], _ = read(feed(tmp_path, item, language="en"))
    assert (found.native_id, found.text, found.language) == ("7", "We are <closed>", "es")
    assert found.author_name == "Ada, https://lib.example/ben"
    assert found.occurred_at == datetime(2026, 1, 5, 16, tzinfo=UTC)
    assert found.edited_at == datetime(2026, 1, 6, 16, tzinfo=UTC)
    assert not found.naive
    sign, link = found.attachments
    assert (sign.name, sign.type) == ("A sign", "image/png")
    assert (link.url, link.link) == ("https://news.example/a", True)


def test_what_the_feed_says_counts_for_items_that_are_silent(tmp_path: Path) -> None:
    path = tmp_path / "feed.json"
    path.write_text(
        '{"version":"https:\\/\\/jsonfeed.org\\/version\\/1.1","items":[{"id":"a","summary":"x"}],'
        '"home_page_url":"https://lib.example/","language":"en","authors":[{"name":"Ada"}]}'
    )
    [found], _ = read(path)
    assert (found.text, found.author_name, found.language) == ("x", "Ada", "en")


def test_an_item_without_an_id_gets_a_key_of_its_own(tmp_path: Path) -> None:
    at = {"date_published": "2026-01-05T10:00:00"}
    items, rejected = read(feed(tmp_path, {"url": SITE + "a"}, at, at, {}, "x", None))
    moment = "item:2026-01-05T10:00:00+00:00"
    keys = [SITE + "a", f"{moment}:0", f"{moment}:1", "item:undated:0"]
    assert [one.native_id for one in items] == keys
    assert [one.naive for one in items] == [False, True, True, False]
    assert [(one.raw, one.reason) for one in rejected] == [
        (b'"x"', "it is no JSON object"), (b"null", "it is no JSON object"),
    ]  # fmt: skip
    assert reader_named("jsonfeed").frame("feed.json") is None


def test_a_comment_names_its_page(tmp_path: Path) -> None:
    [found], _ = read(feed(tmp_path, {"id": "1", "url": f"{SITE}closed/#comment-12"}))
    assert (found.kind, found.parent, found.thread) == (
        "comment",
        f"{SITE}closed/",
        f"{SITE}closed/",
    )


def test_a_next_page_is_told(tmp_path: Path) -> None:
    path = feed(tmp_path, {"id": "1"}, next_url=f"{SITE}feed?page=2")
    with open_export(path) as export:
        items = list(reader_for(export).read(export, Told()).items)
    [told] = [one for one in items if isinstance(one, Remark)]
    assert told.text.endswith(f"goes on at {SITE}feed?page=2")


def test_a_feed_that_does_not_say_whose_it_is(tmp_path: Path) -> None:
    path = feed(tmp_path, {"id": "1"}, home_page_url="", feed_url="https://lib.example/feed.json")
    with open_export(path) as export:
        assert reader_for(export).read(export, Told()).account.handle == "lib.example/feed.json"
    with (
        open_export(feed(tmp_path, {"id": "1"}, home_page_url=None)) as export,
        pytest.raises(UsageError, match="whose account"),
    ):
        reader_for(export).read(export, Told())


def test_of_a_feed_cut_short_whole_items_are_read(tmp_path: Path) -> None:
    path = feed(tmp_path, {"id": "1"}, {"id": "2"}, {"id": "3"})
    path.write_text(path.read_text()[:-12])
    items, rejected = read(path)
    assert [one.native_id for one in items] == ["1", "2"]
    assert (rejected[0].raw, rejected[0].source_file) == (b"{", "feed.json")


def test_other_json_is_none(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text('{"version": "1.1", "items": [{"id": "1"}]}')
    with open_export(path) as export, pytest.raises(SourceError, match="no JSON Feed"):
        reader_named("jsonfeed").read(export, Told("lib"))


def test_a_site_s_two_feeds_give_one_record(room: Room, tmp_path: Path) -> None:
    room.take(feed(tmp_path, {"id": f"{SITE}?p=1", "url": f"{SITE}a", "content_text": "Closed"}))
    rss = tmp_path / "feed.xml"
    rss.write_text(
        f"<rss version='2.0'><channel><title>Library</title><link>{SITE}</link><item>"
        f"<guid isPermaLink='false'>{SITE}?p=1</guid><link>{SITE}a</link>"
        "<description>Closed</description></item></channel></rss>"
    )
    again = room.take(rss)
    assert (again.new, again.changed, again.unchanged) == (0, 0, 1)
