"""HTML as text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest._html import to_text


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("plain", "plain"),
        ("a &amp; b &lt;c&gt;", "a & b <c>"),
        ("<p>one<br>two</p><p>three</p>", "one\ntwo\n\nthree"),
        (
            "<p>see <a href='x'><span>https://</span>lib.example</a>.</p>",
            "see https://lib.example.",
        ),
        ("<!-- wp:paragraph -->\n<p>Hi</p>\n<!-- /wp:paragraph -->", "Hi"),
        ("<ul><li>a</li><li>b</li></ul>", "a\nb"),
        ("a<script>x</script>b<style>y</style>", "ab"),
        ("line\nbreak <b>stays</b>", "line\nbreak stays"),
        ("<p>it&#x27;s</p>", "it's"),
        ("<p>a\x00b\ud800</p>", "a\ufffdb\ufffd"),
        ("<p></p>", ""),
        ("", ""),
    ],
)
def test_the_text_is_what_a_reader_saw(source: str, text: str) -> None:
    assert to_text(source) == text


@given(st.text(max_size=200))
def test_any_text_gives_a_text(source: str) -> None:
    assert "\x00" not in to_text("<p>" + source)


@given(st.lists(st.text("abc éß語", min_size=1).filter(str.strip), min_size=1, max_size=4))
def test_every_word_of_a_paragraph_is_kept(paragraphs: list[str]) -> None:
    html = "".join(f"<p>{text}</p>" for text in paragraphs)
    assert to_text(html).split() == " ".join(paragraphs).split()


def test_no_depth_and_no_length_loses_a_word() -> None:
    deep = "<p>start</p>" + "<div>" * 50_000 + "deep" + "</div>" * 50_000 + "<p>end</p>"
    assert to_text(deep).split() == ["start", "deep", "end"]
    assert to_text("<p>" + "w" * 11_000_000 + "</p>tail").endswith("w\n\ntail")


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("<script>never closed", "never closed"),
        ("a <!-- never closed", "a <!-- never closed"),
        ("a <b never closed", "a <b never closed"),
        ("5 < 6 and 7 > 3 <br>", "5 < 6 and 7 > 3 "),
        ('<a title="a > b">link</a>', "link"),
        ("a<!-- <p> -->b<?php x ?>c<!DOCTYPE d>", "abc"),
    ],
)
def test_bad_mark_up_loses_no_word(source: str, text: str) -> None:
    assert to_text(source) == text


@pytest.mark.parametrize("piece", ["<", "<a ", "<!--", "<script>", "<a href='", "<![CDATA[", "&"])
def test_hostile_mark_up_is_read_in_linear_time(piece: str) -> None:
    """With quadratic time these would take minutes."""
    kept = "" if piece == "<script>" else piece
    assert to_text(piece * 60_000 + "<b>") == kept * 60_000


@given(st.text("a &;#x10<b>\n\t\x0b", max_size=30))
def test_one_paragraph_is_read_as_any_mark_up_is(words: str) -> None:
    assert to_text(f"<p>{words}</p>") == to_text(f"<p>{words}</p >")
