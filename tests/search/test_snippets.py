"""A passage that shows why a record was found."""

import pytest

from search import Snippet, parse
from search._snippets import Highlighter


def marked(query: str, *texts: tuple[str, str]) -> str:
    return Highlighter(parse(query)).snippet(texts).marked()


@pytest.mark.parametrize(
    ("query", "text", "expected"),
    [
        ("library", "Our Libraries are open", "Our «Libraries» are open"),
        ("cafe", "Das Café.", "Das «Café»."),
        ("a OR open", "a door is open", "«a» door is «open»"),
        ("door NOT open", "a door is open", "a «door» is open"),
        ('"is open"', "is it open? It is open.", "is it open? It «is» «open»."),
        ('"door open"~2', "a door is open", "a «door» is «open»"),
        ('"door open"~1', "a door is open", "a door is open"),
        ('"e-mail open"~2', "an e-mail was open", "an «e»-«mail» was «open»"),
        ("librar*", "the librarian", "the «librarian»"),
        ("l?brary", "the library", "the «library»"),
        ("librarry~", "the library", "the «library»"),
        ("libraries~", "the library", "the library"),
        ("#budget", "budget #Budget now", "budget «#Budget» now"),
        ("5551234567", "call (555) 123-4567 now", "call («555) 123-4567» now"),
        ("図書館", "この図書館は", "この«図書館»は"),
        ("👍", "ok 👍🏽!", "ok «👍»🏽!"),
        ("*", "a  text\nof two lines", "a text of two lines"),
        ("date:2025", "nothing is marked", "nothing is marked"),
    ],
)
def test_what_was_found_is_marked(query: str, text: str, expected: str) -> None:
    found = marked(query, ("text", text))
    assert found.replace("»«", "") == expected


def test_the_first_text_with_something_found_is_shown() -> None:
    texts = (("text", "the text"), ("title", "the title"), ("reason", "the reason"))
    for name in ("text", "title", "reason"):
        query = name if name != "reason" else "reason:reason"
        assert Highlighter(parse(query)).snippet(texts).source == name
    assert marked("title:text", *texts) == "the text"
    assert Highlighter(parse("x")).snippet(()) == Snippet("")


def test_a_long_text_is_cut_around_the_mark() -> None:
    text = "word " * 200 + "needle " + "word " * 200
    found = Highlighter(parse("needle OR haystack")).snippet([("text", text)])
    assert found.text.startswith("… word ")
    assert found.text.endswith(" word …")
    assert len(found.text) < 180
    assert [found.text[a:b] for a, b in found.marks] == ["needle"]


def test_a_long_word_is_not_shown_without_end() -> None:
    found = Highlighter(parse("y" * 600)).snippet([("text", "y" * 5000)])
    assert len(found.text) < 800
    for start, end in found.marks:
        assert 0 <= start <= end <= len(found.text)
