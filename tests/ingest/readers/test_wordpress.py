"""WordPress exports."""

from collections.abc import Callable
from pathlib import Path

import pytest

from archive import SourceError, UsageError
from ingest.readers._wordpress import WordPressExport
from tests.ingest.conftest import SAMPLES, read

LOCAL = SAMPLES / "wordpress/local-6.1.9/export.wxr.xml"
HEAD = """<?xml version="1.0" encoding="UTF-8" ?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"
 xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:wp="http://wordpress.org/export/1.2/">
<channel><title>Lib</title><link>https://lib.example</link>
"""
TAIL = "</channel></rss>"


def test_posts_pages_and_comments_of_a_site() -> None:
    captures, rejected = read(LOCAL)
    assert rejected == []
    by_id = {one.native_id: one for one in captures}
    assert len(by_id) == len(captures) == 11
    assert sorted(one.kind for one in captures) == ["comment"] * 6 + ["page"] * 2 + ["post"] * 3
    states = {one.native_id: (one.status, one.state) for one in captures if "#" in one.native_id}
    assert states["4#comment-6"] == ("trash", "removed")
    assert states["4#comment-7"] == ("hold", "pending")
    assert states["4#comment-2"] == ("approved", "live")
    assert by_id["4#comment-6"].removed_at is not None
    assert by_id["4#comment-3"].parent == "4#comment-2"
    assert by_id["4#comment-2"].parent == "4"
    assert by_id["4#comment-4"].text == "Thanks ]]> CDATA"


def test_raw_is_the_element_and_a_comment_is_in_no_raw_but_its_own() -> None:
    captures, _ = read(LOCAL)
    data = LOCAL.read_bytes()
    for one in captures:
        if one.kind == "comment":
            assert one.raw.startswith(b"<wp:comment>")
            assert one.raw.endswith(b"</wp:comment>")
            assert one.raw in data
        else:
            assert one.raw.startswith(b"<item>")
            assert b"<wp:comment>" not in one.raw
            assert all(line in data for line in one.raw.splitlines())
    assert sum(b"abusive words" in one.raw for one in captures) == 1


def test_the_sample_of_another_importer() -> None:
    captures, rejected = read(SAMPLES / "wordpress/isso-wordpress.xml", "example.tld")
    assert rejected == []
    assert sum(one.kind == "comment" for one in captures) == 8
    assert len({one.native_id for one in captures}) == len(captures) == 11


def test_an_export_that_does_not_name_its_site_needs_an_account() -> None:
    with pytest.raises(UsageError, match="whose account"):
        read(SAMPLES / "wordpress/isso-wordpress.xml")


@pytest.mark.parametrize(
    ("name", "items", "comments", "rejects"),
    [
        ("64-block-test-data.xml", 72, 2, 0),
        ("themeunittestdata.wordpress.xml", 186, 33, 0),
        ("importer/crazy-cdata-escaped.xml", 1, 0, 0),
        ("importer/crazy-cdata.xml", 0, 0, 1),
        ("importer/invalid-version-tag.xml", 0, 0, 0),
        ("importer/missing-version-tag.xml", 0, 0, 0),
        ("importer/namespace-edge-cases.xml", 4, 0, 2),
        ("importer/slashes.xml", 1, 1, 0),
        ("importer/small-export.xml", 11, 1, 0),
        ("importer/test-serialized-comment-meta.xml", 1, 1, 0),
        ("importer/valid-wxr-1.0.xml", 6, 1, 0),
        ("importer/valid-wxr-1.1.xml", 2, 1, 0),
        ("importer/wxr-utf-8-challenges.xml", 1, 0, 0),
    ],
)
def test_the_samples_that_may_not_be_copied(
    shared: Callable[[str], Path], name: str, items: int, comments: int, rejects: int
) -> None:
    captures, rejected = read(shared("samples/wordpress") / name, "lib.example")
    found = sum(one.kind == "comment" for one in captures)
    assert (len(captures) - found, found, len(rejected)) == (items, comments, rejects)


def test_a_file_without_a_channel_is_no_export(shared: Callable[[str], Path]) -> None:
    with pytest.raises(SourceError, match="channel"):
        read(shared("samples/wordpress/importer/malformed.xml"))


def test_files_that_lie_beside_the_export_come_along(tmp_path: Path) -> None:
    item = (
        "<item><wp:post_id>{0}</wp:post_id><wp:post_type>attachment</wp:post_type>"
        "<wp:attachment_url>https://lib.example/wp-content/uploads/{1}</wp:attachment_url></item>"
    )
    (tmp_path / "site.xml").write_text(
        HEAD + item.format(1, "2026/01/a%20b.jpg") + item.format(2, "2026/01/c.jpg") + TAIL
    )
    folder = tmp_path / "wp-content/uploads/2026/01"
    folder.mkdir(parents=True)
    (folder / "a b.jpg").write_bytes(b"jpeg")
    captures, _ = read(tmp_path)
    members = [one.attachments[0].member for one in captures]
    assert members == ["wp-content/uploads/2026/01/a b.jpg", ""]
    assert captures[0].attachments[0].name == "a%20b.jpg"


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("publish", "live"),
        ("private", "live"),
        ("draft", "pending"),
        ("future", "pending"),
        ("pending", "pending"),
        ("trash", "removed"),
    ],
)
def test_what_is_not_published_is_not_live(tmp_path: Path, status: str, state: str) -> None:
    path = tmp_path / "a.xml"
    item = f"<item><wp:post_id>1</wp:post_id><wp:status>{status}</wp:status></item>"
    path.write_text(HEAD + item + TAIL)
    [capture], _ = read(path)
    assert (capture.state, capture.status) == (state, status)


def test_an_item_that_was_rejected_is_read_in_its_frame(tmp_path: Path) -> None:
    captures, _ = read(LOCAL)
    post = next(one for one in captures if one.native_id == "4")
    before, after = WordPressExport().frame(post.source_file)
    path = tmp_path / "again.xml"
    path.write_bytes(before + post.raw + after)
    [again], rejected = read(path, "127.0.0.1:8099")
    assert (again.native_id, again.text, again.raw) == (post.native_id, post.text, post.raw)
    assert rejected == []


def test_one_bad_item_or_comment_is_lost_alone(tmp_path: Path) -> None:
    path = tmp_path / "a.xml"
    good = "<wp:comment><wp:comment_id>{}</wp:comment_id></wp:comment>"
    path.write_text(
        HEAD
        + "<item><wp:post_id>1</wp:post_id>"
        + good.format(1)
        + "<wp:comment><wp:comment_id>2</oops></wp:comment>"
        + good.format(3)
        + "</item><item><wp:post_id>2</wp:post_id><b></item>"
        + "<item><wp:post_id>3</wp:post_id></item>"
        + TAIL
    )
    captures, rejected = read(path)
    assert [one.native_id for one in captures] == ["1", "1#comment-1", "1#comment-3", "3"]
    assert [one.raw[:12] for one in rejected] == [b"<wp:comment>", b"<item><wp:po"]


def test_control_characters_and_bad_bytes_do_not_lose_an_item(tmp_path: Path) -> None:
    path = tmp_path / "a.xml"
    text = b"<![CDATA[a\x00b\x0bc\xffd]]>"
    item = b"<item><wp:post_id>1</wp:post_id><content:encoded>%b</content:encoded></item>" % text
    path.write_bytes(HEAD.encode() + item + TAIL.encode())
    [capture], rejected = read(path)
    assert rejected == []
    assert capture.text == "a\ufffdb\ufffdc\ufffdd"
    assert capture.raw == item


def test_a_file_cut_short_gives_what_is_there_and_says_so(tmp_path: Path) -> None:
    path = tmp_path / "a.xml"
    whole = LOCAL.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    captures, rejected = read(path)
    assert captures
    assert len(rejected) == 1


def test_entities_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.xml"
    laughs = '<!DOCTYPE lolz [<!ENTITY lol "lol"><!ENTITY lol2 "&lol;&lol;">]>'
    path.write_text(HEAD.replace("<rss", laughs + "<rss") + "<item/>" + TAIL)
    with pytest.raises(SourceError, match="document type"):
        read(path)
