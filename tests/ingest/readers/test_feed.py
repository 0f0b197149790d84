"""RSS and Atom feeds."""

import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

from archive import SourceError
from ingest import Told, open_export, reader_for
from ingest._capture import Gone
from tests.ingest.conftest import SAMPLES, read

LOCAL = SAMPLES / "wordpress/local-6.1.9"
ODD = SAMPLES / "rss_atom"
SITE = "http://127.0.0.1:8099/road-closure-main-st-%f0%9f%9a%a7/"
RSS = '<?xml version="1.0"?><rss version="2.0"><channel><link>https://lib.example</link>{}</channel></rss>'
ATOM = (
    '<feed xmlns="http://www.w3.org/2005/Atom" xmlns:at="http://purl.org/atompub/tombstones/1.0"'
    ' xmlns:thr="http://purl.org/syndication/thread/1.0"'
    ' xmlns:media="http://search.yahoo.com/mrss/">{}</feed>'
)


def feed(folder: Path, text: str | bytes, name: str = "feed.xml") -> Path:
    path = folder / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def test_comments_of_a_site() -> None:
    captures, rejected = read(LOCAL / "comments.rss2.xml")
    assert rejected == []
    assert [one.native_id for one in captures[:3]] == [
        f"{SITE}#comment-{number}" for number in (2, 3, 4)
    ]
    first = captures[0]
    assert (first.kind, first.parent, first.thread) == ("comment", SITE, SITE)
    assert first.text == "When does it reopen? (edited)"
    assert first.author_name == "Résident A"
    assert first.occurred_at == datetime(2026, 11, 22, 21, 20, 2, tzinfo=UTC)
    assert captures[3].native_id == "http://127.0.0.1:8099/?p=1#comment-1"


def test_a_comment_that_breaks_the_feed_s_mark_up_is_read_with_a_note() -> None:
    broken = read(LOCAL / "comments.rss2.xml")[0][2]
    assert broken.text.startswith("In reply to clerk.\n\nThanks")
    assert "CDATA" in broken.text
    assert broken.notes == ("it is not well-formed XML, and was read as far as it can be made out",)


def test_posts_of_a_site_and_their_edits() -> None:
    captures, rejected = read(LOCAL / "feed.atom.xml")
    assert rejected == []
    _, edited = captures
    assert (edited.kind, edited.title) == ("post", "Road closure — Main St 🚧")
    assert edited.text == "CORRECTED: reopened."
    assert edited.edited_at == datetime(2026, 11, 22, 21, 20, 3, tzinfo=UTC)
    assert edited.language == "en-US"
    with open_export(LOCAL / "feed.rss2.xml") as export:
        source = reader_for(export).read(export, Told(platform="wordpress-feed"))
        assert (source.platform, source.account.handle) == ("wordpress-feed", "127.0.0.1:8099")
        assert source.covers == frozenset()


@pytest.mark.parametrize("name", ["comments.rss2.xml", "feed.atom.xml", "feed.rss2.xml"])
def test_raw_is_the_item(name: str) -> None:
    data = (LOCAL / name).read_bytes()
    captures, _ = read(LOCAL / name)
    opening = b"<entry>" if b"<entry>" in data else b"<item>"
    assert len(captures) == data.count(opening)
    for one in captures:
        assert one.raw in data
        assert one.raw.startswith(opening)


def test_a_place_is_read() -> None:
    [capture], _ = read(ODD / "illformed_geo_gml_point.xml", "x")
    assert capture.location == "36.9382, 31.1732"


def test_bytes_of_an_encoding_that_is_not_named_are_noted() -> None:
    [capture], _ = read(ODD / "illformed_chardet_euckr.xml", "x")
    assert capture.notes == ("it holds bytes that are no utf-8",)
    assert "TypeKey" in capture.text


def test_an_encoding_that_is_named_is_read(tmp_path: Path) -> None:
    text = RSS.replace('"1.0"?>', '"1.0" encoding="koi8-r"?>').format(
        "<item><guid>1</guid><title>Новости</title></item>"
    )
    [capture], _ = read(feed(tmp_path, text.encode("koi8-r")))
    assert capture.title == "Новости"
    assert capture.notes == ()


def test_what_an_entry_says_of_its_files_authors_and_what_it_answers(tmp_path: Path) -> None:
    entry = (
        '<entry><id>tag:2</id><thr:in-reply-to ref="tag:1"/>'
        "<author><name>A</name></author><author><name>B</name></author>"
        '<link rel="enclosure" href="https://a.example/e.mp3" type="audio/mpeg"/>'
        '<media:content url="https://a.example/m.png" type="image/png"/>'
        '<content type="text">a &lt; b</content></entry>'
    )
    [capture], _ = read(feed(tmp_path, ATOM.format(entry)), "x")
    assert (capture.kind, capture.parent) == ("comment", "tag:1")
    assert capture.author_name == "A, B"
    assert capture.text == "a < b"
    assert [(one.name, one.type) for one in capture.attachments] == [
        ("e.mp3", "audio/mpeg"),
        ("m.png", "image/png"),
    ]


def test_a_deleted_entry_is_a_removal(tmp_path: Path) -> None:
    entry = (
        '<at:deleted-entry ref="tag:1" when="2026-01-02T03:04:05Z">'
        "<at:comment>Spam</at:comment></at:deleted-entry>"
    )
    with open_export(feed(tmp_path, ATOM.format(entry))) as export:
        [gone] = reader_for(export).read(export, Told("x")).items
    assert isinstance(gone, Gone)
    assert (gone.native_id, gone.removed_by, gone.reason) == ("tag:1", "platform", "Spam")
    assert gone.removed_at == datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert gone.raw == entry.encode()


def test_keys_where_items_have_no_id(tmp_path: Path) -> None:
    dated = "<item><title>{}</title><pubDate>Sun, 22 Nov 2026 21:20:02 GMT</pubDate></item>"
    items = "<item><link>https://lib.example/1</link></item>" + dated + dated + "<item/>"
    before, _ = read(feed(tmp_path, RSS.format(items.format("a", "b"))))
    after, _ = read(feed(tmp_path, RSS.format(items.format("edited", "b"))))
    assert [one.native_id for one in before] == [
        "https://lib.example/1",
        "item:2026-11-22T21:20:02+00:00:0",
        "item:2026-11-22T21:20:02+00:00:1",
        "item:undated:0",
    ]
    assert [one.native_id for one in after] == [one.native_id for one in before]


def test_a_time_without_a_zone_is_marked(tmp_path: Path) -> None:
    item = "<item><guid>1</guid><pubDate>2026-11-22T21:20:02</pubDate></item>"
    [capture], _ = read(feed(tmp_path, RSS.format(item)))
    assert capture.naive
    assert capture.occurred_at == datetime(2026, 11, 22, 21, 20, 2, tzinfo=UTC)


def test_a_document_type_is_passed_over_but_none_that_declares_entities(tmp_path: Path) -> None:
    item = "<item><guid>1</guid><title>&lol;</title></item>"
    plain = '<!DOCTYPE rss PUBLIC "-//Netscape Communications//DTD RSS 0.91//EN" "http://a/b.dtd">'
    [capture], _ = read(feed(tmp_path, RSS.format(item).replace("<rss", plain + "<rss")))
    assert capture.native_id == "1"
    laughs = '<!DOCTYPE rss [<!ENTITY lol "lol"><!ENTITY lol2 "&lol;&lol;">]>'
    path = feed(tmp_path, RSS.format(item).replace("<rss", laughs + "<rss"))
    with pytest.raises(SourceError):
        read(path)


def test_one_bad_item_is_lost_alone_and_a_feed_cut_short_says_so(tmp_path: Path) -> None:
    text = RSS.format("<item><guid>1</guid><item><guid>2</guid></item>")
    captures, rejected = read(feed(tmp_path, text))
    assert [one.native_id for one in captures] == ["2"]
    assert [one.raw for one in rejected] == [b"<item><guid>1</guid>"]
    captures, rejected = read(ODD / "illformed_rss_incomplete_cdata.xml")
    assert captures == []
    assert [one.reason for one in rejected] == ["the file ends before its end"]


def test_a_feed_cut_short_before_its_first_item_is_kept_as_rejected(tmp_path: Path) -> None:
    text = RSS.partition("{}")[0] + "<title>Lost</title>"
    captures, [rejected] = read(feed(tmp_path, text))
    assert captures == []
    assert rejected.raw == text.encode()


def test_feeds_in_a_zip(tmp_path: Path) -> None:
    path = tmp_path / "feeds.zip"
    with zipfile.ZipFile(path, "w") as out:
        out.write(LOCAL / "feed.rss2.xml", "a/posts.rss")
        out.write(LOCAL / "comments.rss2.xml", "a/comments.xml")
    captures, rejected = read(path)
    assert (len(captures), rejected) == (6, [])


@pytest.mark.parametrize(
    "damaged",
    [
        '<item"<title>two</title></item>',
        '<item"">two</item>',
        "<!-- <title>two</title></item> -->",
        "<itxm>two</item>",
    ],
)
def test_an_item_whose_tag_is_damaged_is_rejected(tmp_path: Path, damaged: str) -> None:
    items = "<item><guid>1</guid></item>{}<item><guid>3</guid></item>"
    captures, [rejected] = read(feed(tmp_path, RSS.format(items.format(damaged))))
    assert [one.native_id for one in captures] == ["1", "3"]
    assert rejected.raw.decode() == damaged


def test_an_item_whose_beginning_is_lost_is_rejected_with_what_stands_before(
    tmp_path: Path,
) -> None:
    lost = "<description>one</description><description>one<item>two</item>"
    captures, rejected = read(feed(tmp_path, RSS.format(lost)), "somebody")
    assert "<description>one</description>" in b"".join(one.raw for one in rejected).decode()
    assert len(captures) == 1


def test_an_entry_is_read_whatever_the_root_is_called(tmp_path: Path) -> None:
    captures, rejected = read(feed(tmp_path, RSS.format("<entry><id>1</id></entry>")))
    assert ([one.native_id for one in captures], rejected) == (["1"], [])
