"""What Whoosh's own parser misreads in silence is right here, or an error that names the place."""

from datetime import UTC, datetime

import pytest
from whoosh.fields import DATETIME, TEXT, Schema
from whoosh.qparser import QueryParser
from whoosh.qparser.dateparse import DateParserPlugin

from search import QueryError, parse
from search._explain import explain

NOW = datetime(2026, 3, 2, 15, tzinfo=UTC)

MISREADINGS = {
    # What is misread: the query, what is in the tree that Whoosh makes of it, and what it is here:
    # refused at a position with these words, or (at 0) understood so.
    "an unknown field": ("nosuch:foo", "Term('text', 'nosuch')", 1, "no field 'nosuch'"),
    "an empty group": ("(alpha OR", "Term('text', 'alpha')", 8, "OR has nothing after it"),
    "an open quotation mark": ('foo "bar', "Term('text', 'bar')", 5, "never closed"),
    "the end of a range": (
        "date:[2025-01-01 to 2025-03-31]",
        "datetime(2025, 12, 31, 23, 59, 59, 999999)",
        0,
        "date:[2025-01-01T00:00+00:00 TO 2025-04-01T00:00+00:00}",
    ),
    "a word of one letter": (
        "foo AND NOT a",
        "Term('text', 'foo')",
        0,
        "(text:foo AND NOT text:a)",
    ),
}


@pytest.fixture(scope="module")
def whoosh() -> QueryParser:
    """Whoosh's own parser, as whoosh-reloaded 2.7.5 makes it."""
    parser = QueryParser("text", Schema(text=TEXT, date=DATETIME))
    parser.add_plugin(DateParserPlugin(basedate=datetime(2026, 3, 2)))  # noqa: DTZ001
    return parser


@pytest.mark.parametrize("what", MISREADINGS)
def test_it_is_right_or_refused(what: str, whoosh: QueryParser) -> None:
    query, misread, position, here = MISREADINGS[what]
    tree = repr(whoosh.parse(query))
    assert misread in tree
    assert "Not" not in tree
    if not position:
        assert explain(parse(query, UTC, NOW), UTC) == here
        return
    with pytest.raises(QueryError, match=here) as refused:
        parse(query, UTC, NOW)
    assert refused.value.position == position
