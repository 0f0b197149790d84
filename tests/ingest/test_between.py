"""What stands between the elements of interest, followed."""

import pytest

from ingest._between import follow
from tests.ingest.fuzzing import patience


@pytest.mark.parametrize(
    ("markup", "around", "opened"),
    [
        (b'\xef\xbb\xbf<?xml version="1.0"?>\n<r><c>\n<title>a</title>', (), (b"r", b"c")),
        (b'<!DOCTYPE rss PUBLIC "a>b" \'c\'><rss>', (), (b"rss",)),
        (b"\n <!-- <item> --> <image><url>x</url></image><link/>\n", (b"rss",), (b"rss",)),
        (b'<a b="</rss>" c=\'>\'><![CDATA[</rss>]]></a>', (b"rss",), (b"rss",)),
        (b"</channel>\n</rss>\n<!-- bye -->\n", (b"rss", b"channel"), ()),
    ],
)  # fmt: skip
def test_whole_elements_and_the_ends_of_what_is_around_are_sound(
    markup: bytes, around: tuple[bytes, ...], opened: tuple[bytes, ...]
) -> None:
    assert follow(markup, around) == (opened, True)


@pytest.mark.parametrize(
    "markup",
    [
        b"words",
        b"<itxm><title>a</title></item>",
        b"<title>a</title></item>",
        b"<title>a",
        b"<title>a</title",
        b"<!-- a",
        b"<![CDATA[a]]>",
        b"<a b='></a>",
        b"</channel> words",
        b"< a>",
    ],
)
def test_what_may_hide_an_element_is_not_sound(markup: bytes) -> None:
    opened, sound = follow(markup, (b"rss", b"channel"))
    assert not sound or opened not in ((b"rss", b"channel"), ())


@pytest.mark.parametrize(
    "flood",
    [b"<", b"<a ", b"<!--", b"<![CDATA[", b"<?", b"<!", b'<a "', b"<a>", b"</a>", b"<a '\""],
)
def test_a_flood_takes_no_longer_than_its_length(flood: bytes) -> None:
    with patience(2):
        follow(flood * 50_000, (b"rss",))


def test_a_name_without_end_takes_no_longer_than_its_length() -> None:
    with patience(2):
        follow(b"<" + b"x" * 500_000 + b"<", (b"rss",))
