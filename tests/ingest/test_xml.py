"""Elements cut out of a byte stream."""

from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive import SourceError
from ingest._xml import Cut, Elements, Parser

HEAD = b'<?xml version="1.0"?>\n<!-- <item> in a comment -->\n<rss xmlns:w="urn:w"><channel>'
TAIL = b"</channel></rss>\n"


class Dribble:
    def __init__(self, data: bytes, size: int) -> None:
        self._data, self._size = data, size

    def read(self, size: int = -1) -> bytes:
        taken, self._data = self._data[: self._size], self._data[self._size :]
        return taken


def cut(data: bytes, size: int = 5, limit: int = 1 << 20) -> list[Cut]:
    stream = Dribble(data, size)
    return list(Elements(stream, root="rss", outer="item", inner="comment", limit=limit))


texts = st.text(
    st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="]<>&"), max_size=30
)


@given(st.lists(st.tuples(texts, st.lists(texts, max_size=3)), max_size=5), st.integers(1, 99))
def test_every_element_has_its_bytes_without_its_inner_ones(
    items: list[tuple[str, list[str]]], size: int
) -> None:
    comments = [
        [f"<w:comment><t><![CDATA[{t}</w:comment>]]></t></w:comment>".encode() for t in inner]
        for _, inner in items
    ]
    own = [f"<item a='>'><t><![CDATA[<item>{text}</item>]]></t>".encode() for text, _ in items]
    data = b"\n".join(
        first + b"".join(inner) + b" </item>" for first, inner in zip(own, comments, strict=True)
    )
    found = cut(HEAD + data + TAIL, size)
    assert [one.raw for one in found] == [first + b" </item>" for first in own]
    assert [[one.raw for one in each.inner] for each in found] == comments
    assert not any(one.error for one in found)


def test_what_is_cut_short_says_so() -> None:
    found = cut(HEAD + b"<item>1</item><item>2<w:comment>3")
    assert [one.raw for one in found] == [b"<item>1</item>", b"<item>2"]
    assert [one.raw for one in found[1].inner] == [b"<w:comment>3"]
    assert found[1].error
    assert found[1].inner[0].error
    between = cut(HEAD + b"<item>1</item>")
    assert [one.raw for one in between] == [b"<item>1</item>", b""]
    assert between[1].error


def test_elements_that_are_not_closed_end_where_the_next_begins() -> None:
    found = cut(HEAD + b"<item>1<w:comment>2<w:comment>3</w:comment><item/>" + TAIL)
    assert [one.raw for one in found] == [b"<item>1", b"<item/>"]
    assert [one.raw for one in found[0].inner] == [b"<w:comment>2", b"<w:comment>3</w:comment>"]
    assert [bool(one.error) for one in found] == [True, False]


def test_a_document_type_is_refused() -> None:
    bomb = b'<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY a "b">]><rss><channel><item>&a;</item>'
    with pytest.raises(SourceError, match="document type"):
        cut(bomb)


@pytest.mark.parametrize("size", [1, 7, 1000])
def test_a_document_type_that_declares_nothing_is_passed_over_where_it_is_allowed(
    size: int,
) -> None:
    stream = Dribble(
        b'<!DOCTYPE rss PUBLIC "-//a > b" "http://a"><rss><channel><item><!DOCTYPE x></item>'
        b"</channel></rss>",
        size,
    )
    found = Elements(stream, root="rss", outer="item", limit=1000, doctype=True)
    assert [one.raw for one in found] == [b"<item><!DOCTYPE x></item>"]
    for bad in (b'<!DOCTYPE rss [<!ENTITY a "b">]><rss>', b"<!DOCTYPE rss", b'<!ENTITY a "'):
        with pytest.raises(SourceError, match="document type"):
            list(Elements(Dribble(bad, size), root="rss", outer="item", limit=1000, doctype=True))


def test_elements_of_several_names_do_not_end_each_other() -> None:
    data = b'<d><thread id="1"><post/></thread><post><thread id="1"/><thread></thread>x</post></d>'
    found = list(Elements(Dribble(data, 9), root="d", outer=("thread", "post"), limit=1000))
    assert [one.raw for one in found] == [data[3:34], data[34:-4]]
    assert not any(one.error for one in found)


def test_an_element_without_an_end_stops_at_the_limit() -> None:
    with pytest.raises(SourceError, match="longer than"):
        cut(HEAD + b"<item>" + b"x" * 2_000_000, size=100_000, limit=500_000)


def test_elements_are_parsed_in_the_namespaces_of_their_document() -> None:
    parser = Parser(HEAD, around=("rss", "channel"))
    node = parser.parse(b"<item><w:t>caf\xc3\xa9</w:t></item>")
    assert node.findtext("{urn:w}t") == "café"


def test_characters_that_xml_has_no_place_for_do_not_lose_an_element() -> None:
    parser = Parser(HEAD, around=("rss", "channel"))
    node = parser.parse(b"<item>a\x00b\x0bc\xff</item>")
    assert node.text == "a\ufffdb\ufffdc\ufffd"


@pytest.mark.parametrize("raw", [b"<item>&nbsp;</item>", b"<item>]]></item>", b"<item><b></item>"])
def test_what_is_not_well_formed_says_so(raw: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        Parser(HEAD, around=("rss", "channel")).parse(raw)


def test_the_encoding_that_is_declared_is_used() -> None:
    head = b'<?xml version="1.0" encoding="iso-8859-1"?><rss><channel>'
    assert Parser(head, around=("rss", "channel")).parse(b"<item>caf\xe9</item>").text == "café"


def test_no_entity_reaches_a_file() -> None:
    raw = b'<item><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>&e;</item>'
    with pytest.raises(ValueError, match=r"."):
        Parser(HEAD, around=("rss", "channel")).parse(raw)


@pytest.mark.parametrize(
    ("document", "hidden"),
    [
        (b"<r><item>1</item><itxm>2</item><item>3</item></r>", b"<itxm>2</item>"),
        (b"<r><item>1</item><item>3</item>2</r>", b"2</r>"),
        (b"<r><item>1</item><itxm>2<item>3</item></r>", b"<itxm>2"),
        (b"<r><item>1</item><item>3</item></r> <x>2</r>", b"</r> <x>2</r>"),
    ],
)
def test_what_is_hidden_between_the_elements_is_cut_out_with_an_error(
    document: bytes, hidden: bytes
) -> None:
    cuts = list(Elements(BytesIO(document), root="r", outer="item", limit=1000))
    assert [cut.raw for cut in cuts if not cut.error] == [b"<item>1</item>", b"<item>3</item>"]
    assert [cut.raw for cut in cuts if cut.error] == [hidden]


def test_a_head_that_hides_an_element_is_cut_out_with_an_error() -> None:
    document = b"<r><itxm>2</item><item>1</item></r>"
    cuts = list(Elements(BytesIO(document), root="r", outer="item", limit=1000))
    assert [(cut.raw, bool(cut.error)) for cut in cuts[:2]] == [
        (b"<r><itxm>2</item>", True),
        (b"<item>1</item>", False),
    ]
