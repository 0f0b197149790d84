"""Disqus' exports."""

import zipfile
from pathlib import Path

import pytest

from archive import SourceError, UsageError
from ingest.readers._disqus import DisqusExport
from tests.ingest.conftest import SAMPLES, read

REAL = SAMPLES / "disqus/disqus.xml"
DELETED = SAMPLES / "disqus/constructed/export.xml"
HEAD, TAIL = (part.decode() for part in DisqusExport().frame("a.xml"))


def test_comments_and_the_pages_they_stand_under() -> None:
    captures, rejected = read(REAL)
    assert rejected == []
    assert sorted(one.native_id for one in captures if one.kind == "comment") == [
        *("11", "4", "5", "6", "8", "9")
    ]
    by_id = {one.native_id: one for one in captures}
    assert len(by_id) == len(captures) == 9
    answer = by_id["5"]
    assert (answer.parent, answer.thread) == ("4", "thread-2")
    assert answer.text == "Hello, World."
    assert answer.url == "http://example.org/#comment-5"
    assert (answer.author_name, answer.author_handle) == ("user", "user")
    assert by_id["6"].thread == by_id["6"].parent == "thread-1337"
    assert by_id["thread-3"].title == ""
    assert by_id["thread-2"].title == "Hello, World!"
    assert (by_id["9"].state, by_id["9"].text) == ("removed", "")


def test_deleted_comments_keep_their_text() -> None:
    captures, rejected = read(DELETED)
    assert rejected == []
    found = {one.native_id: (one.state, one.status, one.text) for one in captures[1:]}
    assert found == {
        "100005": ("live", "", "When does it reopen?"),
        "100006": ("removed", "deleted", "removed by moderator, text still present"),
        "100007": ("removed", "spam", "Buy vi gr a"),
    }
    assert not any(one.removed_by or one.removed_at for one in captures)


def test_raw_is_the_element() -> None:
    data = REAL.read_bytes()
    captures, _ = read(REAL)
    for one in captures:
        assert one.raw in data
        name = b"thread" if one.kind == "page" else b"post"
        assert one.raw.startswith(b"<" + name)
        assert one.raw.endswith(b"</" + name + b">")


def test_one_bad_comment_is_lost_alone_and_read_in_its_frame_later(tmp_path: Path) -> None:
    path = tmp_path / "a.xml"
    good = '<post dsq:id="{}"><message>x</message></post>'
    path.write_text(
        HEAD + good.format(1) + '<post dsq:id="2"><b></post><post/>' + good.format(3) + TAIL
    )
    captures, rejected = read(path, "forum")
    assert [one.native_id for one in captures] == ["1", "3"]
    assert [one.raw for one in rejected] == [b'<post dsq:id="2"><b></post>', b"<post/>"]
    assert rejected[1].reason == "it has no dsq:id"
    path.write_bytes(HEAD.encode() + captures[0].raw + TAIL.encode())
    assert [one.native_id for one in read(path, "forum")[0]] == ["1"]


def test_what_stands_before_the_first_item_is_rejected(tmp_path: Path) -> None:
    path = tmp_path / "a.xml"
    path.write_text(HEAD + '<!-- a --><pst dsq:id="1">x</pst><post dsq:id="2"/>' + TAIL)
    captures, [rejected] = read(path, "forum")
    assert [one.native_id for one in captures] == ["2"]
    assert rejected.raw == b'<pst dsq:id="1">x</pst>'


def test_what_is_not_approved_is_pending(tmp_path: Path) -> None:
    path = tmp_path / "a.xml"
    path.write_text(HEAD + '<post dsq:id="1"><isApproved>false</isApproved></post>' + TAIL)
    [capture], _ = read(path, "forum")
    assert (capture.state, capture.status) == ("pending", "unapproved")


def test_in_a_zip_and_cut_short(tmp_path: Path) -> None:
    path = tmp_path / "export.zip"
    data = REAL.read_bytes()
    with zipfile.ZipFile(path, "w") as out:
        out.writestr("site/disqus.xml", data)
        out.writestr("other.xml", "<a/>")
    assert len(read(path)[0]) == 9
    short = tmp_path / "short.xml"
    short.write_bytes(data[: data.index(b'<post dsq:id="9"') + 30])
    captures, rejected = read(short)
    assert len(captures) == 7
    assert [one.raw[:16] for one in rejected] == [b'<post dsq:id="9"']


def test_an_export_without_a_forum_needs_an_account_and_entities_are_refused(
    tmp_path: Path,
) -> None:
    path = tmp_path / "a.xml"
    path.write_text(HEAD + '<post dsq:id="1"/>' + TAIL)
    with pytest.raises(UsageError, match="whose account"):
        read(path)
    path.write_text(HEAD.replace("<disqus", '<!DOCTYPE a [<!ENTITY b "c">]><disqus') + TAIL)
    with pytest.raises(SourceError, match="document type"):
        read(path)


def test_an_element_that_no_export_has_is_rejected(tmp_path: Path) -> None:
    post = '<post dsq:id="{}"><message>{}</message></post>'
    damaged = post.format(2, "hidden").replace("post", "pest")
    path = tmp_path / "a.xml"
    path.write_text(HEAD + post.format(1, "one") + damaged + post.format(3, "three") + TAIL)
    captures, rejected = read(path, "forum")
    assert [one.native_id for one in captures] == ["1", "3"]
    assert [one.raw.decode() for one in rejected] == [damaged]


def test_an_item_in_a_comment_that_does_not_end_where_it_should_is_rejected(tmp_path: Path) -> None:
    path = tmp_path / "a.xml"
    hidden = '<!-- a<post dsq:id="2"><message>two</message></post><!-- b -->'
    path.write_text(HEAD + '<post dsq:id="1"/><!-- c -->' + hidden + '<post dsq:id="3"/>' + TAIL)
    captures, [rejected] = read(path, "forum")
    assert [one.native_id for one in captures] == ["1", "3"]
    assert rejected.raw.decode() == "<!-- c -->" + hidden


def test_what_a_thread_holds_is_no_category_of_its_own(tmp_path: Path) -> None:
    path = tmp_path / "a.xml"
    whole = '<category dsq:id="1"><forum>f</forum><title>t</title></category>'
    path.write_text(HEAD + whole + '<category dsq:id="2"/><post dsq:id="3"/>' + TAIL)
    captures, [rejected] = read(path, "forum")
    assert [one.native_id for one in captures] == ["3"]
    assert rejected.raw == b'<category dsq:id="2"/>'
