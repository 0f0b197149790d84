"""A query is understood exactly, or refused with the place that is wrong."""

from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from whoosh import query as tree

from archive import UsageError
from search import QueryError, parse
from search._engines import engine_class
from search._explain import explain

ILLINOIS = ZoneInfo("America/Chicago")


NOW = datetime(2026, 3, 2, 15, tzinfo=UTC)  # a Monday


def said(query: str) -> str:
    return explain(parse(query, UTC, NOW), UTC)


READINGS = {
    # The misreadings of Whoosh's own parser that are an exact reading here; the others are refused.
    "a": "text:a",
    "NOT a": "NOT text:a",
    "NOT x AND a": "(NOT text:x AND text:a)",
    "a AND NOT b OR c": "((text:a AND NOT text:b) OR text:c)",
    "date:[2025-01-01 to 2025-03-31]": "date:[2025-01-01T00:00+00:00 TO 2025-04-01T00:00+00:00}",
    '"to be"': 'text:"to be"',
    # Operators.
    "libraries budget": "(text:librari AND text:budget)",
    "a AND b OR c": "((text:a AND text:b) OR text:c)",
    "a OR b AND c": "(text:a OR (text:b AND text:c))",
    "a AND (b OR c)": "(text:a AND (text:b OR text:c))",
    "(a b) OR c": "((text:a AND text:b) OR text:c)",
    "NOT a b": "(NOT text:a AND text:b)",
    "NOT (a b)": "NOT (text:a AND text:b)",
    "NOT NOT a": "NOT NOT text:a",
    "a ANDNOT b": "(text:a AND NOT text:b)",
    "(((a)))": "text:a",
    "*": "every record",
    '"or"': "text:or",
    # Words.
    "Café": "text:cafe",
    "e-mail": 'text:"e mail"',
    "“public records”": 'text:"public record"',
    "„public records“": 'text:"public record"',
    "#Budget": "exact:#budget",
    "@jane.doe": "exact:@jane.doe",
    '"see #Budget now"': '(text:"see budget now" AND exact:#budget)',
    "#budget,parking": '(text:"budget park" AND exact:#budget)',
    "@jane@town.example": '(text:"jane town exampl" AND exact:@jane)',
    "(#Budget.)": "exact:#budget",
    "(312) 555-0142": '(text:"312 555 0142" OR exact:3125550142)',
    "call 312 555 0142": '(text:call AND (text:"312 555 0142" OR exact:3125550142))',
    "(+44 20 7946 0958 OR a)": '(text:"44 20 7946 0958" OR exact:442079460958 OR text:a)',
    "(312) park": "(text:312 AND text:park)",
    "date:2019 to the": (
        "(date:[2019-01-01T00:00+00:00 TO 2020-01-01T00:00+00:00} AND text:to AND text:the)"
    ),
    "5551234": "(text:5551234 OR exact:5551234)",
    "2025-01-31": 'text:"2025 01 31"',
    "https://example.org/a?b=*~^": 'text:"https exampl org a b"',
    "12:30": 'text:"12 30"',
    # Wildcards, fuzzy, near.
    "Librar*": "exact:librar*",
    "b?dg*t": "exact:b?dg*t",
    "a**": "exact:a*",
    "#bud*": "exact:#bud*",
    "color~": "exact:color~1",
    "Colour~2": "exact:colour~2",
    '"public comments"~3': 'text:"public comment"~3',
    '"e-mail sent"~3': 'text:"[e mail] [sent]"~3',
    "*BRARY": "exact:*brary",
    "?ook": "exact:?ook",
    "*ibrar*": "exact:*ibrar*",
    "author:*banks": "author:*banks",
    "platform:*book": "platform:*book",
    "#*get": "exact:#*get",
    # Words exactly as written; hashtags.
    "exact:Libraries": "exact:libraries",
    'exact:"Public Libraries’ hours"': 'exact:"public libraries hours"',
    'exact:"libraries close"~3': 'exact:"libraries close"~3',
    "exact:(libraries OR hours)": "(exact:libraries OR exact:hours)",
    "exact:lib*": "exact:lib*",
    "exact:#Budget": "exact:#budget",
    "exact:555-1234": '(exact:"555 1234" OR exact:5551234)',
    "tag:Budget": "exact:#budget",
    "tag:#Café_2025": "exact:#cafe_2025",
    "tag:bud*": "exact:#bud*",
    "NOT tag:(budget OR 図書館)": "NOT (exact:#budget OR exact:#図書館)",
    # Fields.
    "attachment:Flyers": "attachment:flyer",
    "series:LRA-1": "series:LRA-1",
    'series:"Removed comments"': 'series:"Removed comments"',
    "in:0197a1b2c3d4 AND status:HELD": "(in:0197a1b2c3d4 AND status:held)",
    "AUTHOR:Roe": "author:roe",
    'author:"Jane Roe"': 'author:"jane roe"',
    "author:(jane OR roe)": "(author:jane OR author:roe)",
    "author:(jane status:live)": "(author:jane AND status:live)",
    "author:banks": "author:banks",
    "author:ban*": "author:ban*",
    "reason:threats": "reason:threat",
    "NOT has:attachment": "NOT has:attachment",
    "clause:4.B": "clause:4.b",
    'clause:"Section 4 (b)"': "clause:section_4_(b)",
    "lang:en-US": "lang:en-us",
    "platform:face*": "platform:face*",
    "date:2025": "date:[2025-01-01T00:00+00:00 TO 2026-01-01T00:00+00:00}",
    "date:2025-12": "date:[2025-12-01T00:00+00:00 TO 2026-01-01T00:00+00:00}",
    "date:2024-02-29": "date:[2024-02-29T00:00+00:00 TO 2024-03-01T00:00+00:00}",
    "captured:>=2025-02": "captured:[2025-02-01T00:00+00:00 TO *}",
    "captured:>2025-02": "captured:[2025-03-01T00:00+00:00 TO *}",
    "removed:<2025": "removed:[* TO 2025-01-01T00:00+00:00}",
    "removed:<=2025": "removed:[* TO 2026-01-01T00:00+00:00}",
    "date:[2025 TO]": "date:[2025-01-01T00:00+00:00 TO *}",
    "date:[TO 2025]": "date:[* TO 2026-01-01T00:00+00:00}",
    "date:{2025-01 TO 2025-03}": "date:[2025-02-01T00:00+00:00 TO 2025-03-01T00:00+00:00}",
    "date:(2025-01-01 OR 2024)": (
        "(date:[2025-01-01T00:00+00:00 TO 2025-01-02T00:00+00:00}"
        " OR date:[2024-01-01T00:00+00:00 TO 2025-01-01T00:00+00:00})"
    ),
}  # fmt: skip


@pytest.mark.parametrize("query", READINGS)
def test_it_is_read_as_it_says(query: str) -> None:
    assert said(query) == READINGS[query]


REFUSALS = {
    # query: (position, in the message or hint)
    "": (1, "nothing to search for"),
    "   ": (1, "nothing to search for"),
    "nosuch:foo": (1, "no field 'nosuch'"),
    "from:roe": (1, "did you mean author:?"),
    "since:2025": (1, "did you mean date:?"),
    "hashtag:a": (1, "did you mean tag:?"),
    "kind:retweet": (6, "did you mean share?"),
    "a autor:b": (3, "did you mean author:?"),
    "(a OR": (4, "OR has nothing after it"),
    "(a OR)": (4, "OR has nothing after it"),
    "a AND": (3, "AND has nothing after it"),
    "NOT": (1, "NOT has nothing after it"),
    "OR a": (1, "OR has nothing before it"),
    "a OR AND b": (6, "AND has nothing before it"),
    '"foo': (1, "never closed"),
    'a "foo': (3, "never closed"),
    "“foo": (1, "never closed"),
    "(a": (1, "never closed"),
    "(": (1, "never closed"),
    "((a)": (1, "never closed"),
    "a)": (2, "closes nothing"),
    ")": (1, "leave it out"),
    "()": (1, "nothing between"),
    "a ()": (3, "nothing between"),
    '""': (1, "no letter, digit or emoji"),
    "a -- b": (3, "no letter"),
    "book NEAR/5 club": (6, 'write "first second"~5'),
    "book w/3 club": (6, 'write "first second"~3'),
    "kind=post": (1, "write kind:post"),
    "date>2025": (1, "write date:>2025"),
    "captured<=2025-03": (1, "write captured:<=2025-03"),
    "*.pdf": (1, 'leave the wildcard out: ".pdf"'),
    "title:*": (7, "write has:title"),
    "reason:*": (8, "write has:reason"),
    '12" snow': (3, 'or leave " out'),
    "date:2019 TO 2020": (6, "write [2019 TO 2020] after date:"),
    "date:2019 to march 2020": (6, "write [2019 TO march 2020]"),
    "date:> 2019": (6, "write >2019 after date:"),
    "date:>last month": (6, "write >last-month after date:"),
    "date:[* TO 2020]": (7, "like date:[2025 TO]"),
    "date:[2020 TO *]": (15, "leave it out"),
    "... a": (1, "no letter, digit or emoji"),
    "a b OR c": (5, "two ways"),
    "a OR b c": (3, "two ways"),
    "cats or dogs": (6, "write OR"),
    "cats and dogs": (6, "write AND"),
    "cats Not dogs": (6, "write NOT"),
    "a && b": (3, "use AND"),
    "a || b": (3, "use OR"),
    "-foo": (1, "write NOT foo"),
    "!foo": (1, "write NOT foo"),
    "+foo": (1, "no operator"),
    "'foo bar'": (1, "double ones"),
    "foo^2": (1, "no weights"),
    r"foo\:bar": (1, "no escapes"),
    "a NEAR b": (3, "no operator"),
    "a ANDMAYBE b": (3, "no operator"),
    "foo(bar)": (4, "put a space"),
    '"foo"bar': (6, "put a space"),
    "(a)(b)": (4, "put a space"),
    "date: 2025": (1, "no value"),
    "author:": (1, "no value"),
    "(author:)": (2, "no value"),
    "author:title:x": (8, "field within a field"),
    "*oo": (1, "without 3 letters in a row"),
    "?oo?ar": (1, "*brary"),
    "#*": (1, "begins with a wildcard"),
    "tag:*": (5, "begins with a wildcard"),
    "tag:foo-bar": (5, "no hashtag"),
    'tag:"two words"': (5, "no hashtag"),
    "tag:#": (5, "no hashtag"),
    "tag:@jane": (5, "no hashtag"),
    "tag:budget~": (5, "leave ~ out"),
    'exact:"librar* card"': (14, "* means nothing"),
    "exact:...": (7, "no letter"),
    "series:": (1, "no value"),
    "series:LRA*": (8, "write all of it"),
    "series:LRA~": (8, "searched exactly"),
    'in:"..."': (4, "no letter"),
    'in:"abc def"~3': (4, "no distances"),
    "status:hold": (8, "did you mean held?"),
    "author:*": (8, "author:* is no search"),
    "e-mai*": (1, "more than one word"),
    "図書*": (1, "more than one word"),
    '"libr* card"': (6, "* means nothing"),
    "status:li*": (8, "no wildcards"),
    "status:deleted": (8, "did you mean removed?"),
    "status:liv": (8, "never 'liv'"),
    "kind:coment": (6, "did you mean comment?"),
    "has:photo": (5, "did you mean attachment?"),
    "color~3": (1, "not 1 or 2"),
    "color~0": (1, "not 1 or 2"),
    "e-mail~": (1, "not one word"),
    "ab~": (1, "too short"),
    "abcd~2": (1, "too short"),
    "a~b": (2, "stands after"),
    "~a": (1, "stands after"),
    "status:live~": (8, "searched exactly"),
    'status:"live"~2': (8, "no distances"),
    '"a b"~': (6, "distance in words"),
    '"a b"~0': (6, "distance in words"),
    '"a b"~101': (1, "more than 100"),
    '"a b c d"~13': (1, "too many places"),
    "a??*???": (1, "more than 5 wildcards"),
    "a" * 201 + "*": (1, "more than 5 wildcards, or than 200 bytes"),
    '"cat"~2': (1, "at least two words"),
    "[deleted]": (1, "quote them"),
    "author:[a TO b]": (8, "date field"),
    "author:>a": (8, "compares dates only"),
    "a]": (2, "put a space"),
    "a ]": (3, "closes nothing"),
    "date:[2025-01-01": (6, "never closed"),
    "date:[2025-01-01 2025-03-31]": (6, "no range"),
    "date:[TO]": (6, "no range"),
    "date:[]": (6, "no range"),
    "date:[2025-03-31 TO 2025-01-01]": (6, "[2025-01-01 TO 2025-03-31]"),
    "date:{2025-01-01 TO 2025-01-02}": (6, "holds no day"),
    "date:[2025-01-01 TO 2025-02-30]": (21, "no '2025-02-30'"),
    "date:2025-02-30": (6, "day is out of range"),
    "date:2025-13": (6, "no '2025-13'"),
    "date:2025-1-5": (6, "no date"),
    "date:31.03.2025": (6, "no date"),
    "date:20*": (6, "no date"),
    "date:0001": (6, "outside"),
    'date:"2025"~2': (6, "no distance"),
    "a\x00b": (2, "no text"),
    "a\udc80": (2, "no text"),
}  # fmt: skip


@pytest.mark.parametrize("query", REFUSALS)
def test_what_could_be_misread_is_refused_with_its_place(query: str) -> None:
    with pytest.raises(QueryError) as refused:
        parse(query, UTC, NOW)
    position, words = REFUSALS[query]
    text = f"{refused.value} — {refused.value.hint}"
    assert words in text
    assert (refused.value.position, text.startswith(f"query, position {position}: ")) == (
        position,
        True,
    ), text
    assert "\n" not in text
    assert isinstance(refused.value, UsageError)


def test_a_query_has_a_size() -> None:
    assert said("a" * 4096).startswith('text:"aaa')
    with pytest.raises(QueryError, match="4097 bytes long"):
        parse("a" * 4097)
    with pytest.raises(QueryError, match="6000 bytes"):
        parse("図" * 2000)


@pytest.mark.parametrize("query", ["(" * 2000 + "a" + ")" * 2000, "NOT " * 1000 + "a"])
def test_a_query_has_a_depth(query: str) -> None:
    with pytest.raises(QueryError, match="levels"):
        parse(query)


PIECES = (
    "a", "NOT", "AND", "OR", "(", ")", '"', "*", "?", "~2", "date:", "[", "]", "2025", " TO ",
    "author:", "yesterday", "last", "month", " ", "-", "#", "@x", "図", "🚧", "é",
    "<", "^", "\\", "{", "}", ":", "//", "“", "'", "\n", "\u2028", "exact:", "tag:",
)  # fmt: skip


@given(st.one_of(st.text(max_size=40), st.lists(st.sampled_from(PIECES)).map("".join)))
@example('"' * 3)
@example("date:[2025\nTO\n2024]")
@example("a OR (b AND (c OR NOT d")
def test_any_text_is_read_or_refused(query: str) -> None:
    refused = None
    try:
        assert explain(parse(query), UTC)
    except QueryError as error:
        refused = error
    if refused is not None:
        assert 1 <= refused.position <= len(query) + 1
        assert refused.hint
        assert len(f"{refused} {refused.hint}".splitlines()) == 1


@given(st.lists(st.sampled_from(PIECES), max_size=12).map("".join))
def test_every_reading_can_be_searched_for(
    tmp_path_factory: pytest.TempPathFactory, query: str
) -> None:
    try:
        node = parse(query)
    except QueryError:
        return
    engine = engine_class("tantivy")(tmp_path_factory.mktemp("empty"))
    assert engine.count(node) == 0
    engine.close()


@pytest.mark.parametrize("letter", ["a", "ж", "𐐨"])
@pytest.mark.parametrize("wilds", ["*****", "?????", "*??*?", "??*??"])
def test_the_longest_wildcard_word_can_be_searched_for(
    letter: str, wilds: str, tmp_path: Path
) -> None:
    engine = engine_class("tantivy")(tmp_path)
    stretch = letter * (200 // len(letter.encode()) // 5)
    node = parse("".join(stretch + wild for wild in wilds))
    assert isinstance(node, tree.Wildcard)
    assert engine.count(node) == 0
    engine.close()
