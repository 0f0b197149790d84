"""Dates in queries, in ISO's form and in English: exact, or refused with their readings."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from whoosh import query as tree

from search import QueryError, SearchIndex, parse
from search._explain import explain
from tests.search.conftest import Desk

ILLINOIS = ZoneInfo("America/Chicago")
NOW = datetime(2026, 3, 2, 15, tzinfo=UTC)  # a Monday

READINGS = {
    "date:today": "date:[2026-03-02T00:00+00:00 TO 2026-03-03T00:00+00:00}",
    "date:Yesterday": "date:[2026-03-01T00:00+00:00 TO 2026-03-02T00:00+00:00}",
    'date:"3 days ago"': "date:[2026-02-27T00:00+00:00 TO 2026-02-28T00:00+00:00}",
    'date:"last month"': "date:[2026-02-01T00:00+00:00 TO 2026-03-01T00:00+00:00}",
    "date:previous-month": "date:[2026-02-01T00:00+00:00 TO 2026-03-01T00:00+00:00}",
    "date:this_year": "date:[2026-01-01T00:00+00:00 TO 2027-01-01T00:00+00:00}",
    'date:"last year"': "date:[2025-01-01T00:00+00:00 TO 2026-01-01T00:00+00:00}",
    'date:"last quarter"': "date:[2025-10-01T00:00+00:00 TO 2026-01-01T00:00+00:00}",
    'date:"ten days ago"': "date:[2026-02-20T00:00+00:00 TO 2026-02-21T00:00+00:00}",
    'date:"the last two weeks"': "date:[2026-02-17T00:00+00:00 TO 2026-03-03T00:00+00:00}",
    'date:"last 30 days"': "date:[2026-02-01T00:00+00:00 TO 2026-03-03T00:00+00:00}",
    'date:"past 2 weeks"': "date:[2026-02-17T00:00+00:00 TO 2026-03-03T00:00+00:00}",
    'captured:"March 2025"': "captured:[2025-03-01T00:00+00:00 TO 2025-04-01T00:00+00:00}",
    'date:"2025 sept."': "date:[2025-09-01T00:00+00:00 TO 2025-10-01T00:00+00:00}",
    'date:"March 5th, 2025"': "date:[2025-03-05T00:00+00:00 TO 2025-03-06T00:00+00:00}",
    'date:"the 31st of May 2025"': "date:[2025-05-31T00:00+00:00 TO 2025-06-01T00:00+00:00}",
    'date:"2025 q1"': "date:[2025-01-01T00:00+00:00 TO 2025-04-01T00:00+00:00}",
    "date:2025-Q4": "date:[2025-10-01T00:00+00:00 TO 2026-01-01T00:00+00:00}",
    'date:"second quarter of 2025"': "date:[2025-04-01T00:00+00:00 TO 2025-07-01T00:00+00:00}",
    'removed:"since last month"': "removed:[2026-02-01T00:00+00:00 TO *}",
    'removed:>="last month"': "removed:[2026-02-01T00:00+00:00 TO *}",
    "removed:>=last-month": "removed:[2026-02-01T00:00+00:00 TO *}",
    "date:before-2025": "date:[* TO 2025-01-01T00:00+00:00}",
    'date:"after march 2025"': "date:[2025-04-01T00:00+00:00 TO *}",
    "date:[march 2025 TO yesterday]": "date:[2025-03-01T00:00+00:00 TO 2026-03-02T00:00+00:00}",
    'date:["last year" TO today}': "date:[2025-01-01T00:00+00:00 TO 2026-03-02T00:00+00:00}",
    'date:"2025-01-01 to 2025-03-31"': "date:[2025-01-01T00:00+00:00 TO 2025-04-01T00:00+00:00}",
    'date:"from march 2025 to june 2025"': (
        "date:[2025-03-01T00:00+00:00 TO 2025-07-01T00:00+00:00}"
    ),
    'date:"March 2025 through June 2025"': (
        "date:[2025-03-01T00:00+00:00 TO 2025-07-01T00:00+00:00}"
    ),
    'date:"between 2024 and march 2025"': "date:[2024-01-01T00:00+00:00 TO 2025-04-01T00:00+00:00}",
    'date:2025 "march"': (
        "(date:[2025-01-01T00:00+00:00 TO 2026-01-01T00:00+00:00} AND text:march)"
    ),
}  # fmt: skip


@pytest.mark.parametrize("query", READINGS)
def test_it_is_read_as_it_says(query: str) -> None:
    assert explain(parse(query, UTC, NOW), UTC) == READINGS[query]


REFUSALS = {
    # query: (position, in the message or hint)
    "date:>=yesteday": (8, 'did you mean "yesterday"?'),
    "date:03/04/2025": (6, "2025-03-04 (month first) or 2025-04-03 (day first)"),
    "date:3-4-25": (6, "2025-03-04 (month first) or 2025-04-03 (day first)"),
    "date:[2025-01-01 TO 03/04/2025]": (21, "can be read as 2025-03-04"),
    "date:03/31/2025": (6, "write 2025-03-31"),
    "date:31.3.25": (6, "write 2025-03-31"),
    "date:04/04/2025": (6, "write 2025-04-04"),
    "date:2025/3/31": (6, "write 2025-03-31"),
    "date:99/99/2025": (6, "dates are written"),
    "date:20250331": (6, "write 2025-03-31"),
    "date:2025-03-05T14:30": (6, "'14:30' is a time of day, and only days can be asked for"),
    'date:>"2025-03-05 2:30 pm"': (7, "write 2025-03-05"),
    "date:2025-03-01..2025-06-01": (6, "write date:[2025-03-01 TO 2025-06-01]"),
    "date:2025-03-01/2025-06-01": (6, "write date:[2025-03-01 TO 2025-06-01]"),
    "date:2024-2025": (6, "may include 2025 or not"),
    'date:"march 1 2025 – june 1 2025"': (6, "write date:[march 1 2025 TO june 1 2025]"),
    'date:"the day before yesterday"': (6, "no date — dates are written"),
    'date:"last week"': (
        6,
        '[2026-02-22 TO 2026-02-28], [2026-02-23 TO 2026-03-01] or "last 7 days"',
    ),
    "date:this-week": (6, "[2026-03-01 TO 2026-03-07], [2026-03-02 TO 2026-03-08]"),
    'date:"last 3 months"': (6, "[2025-12-01 TO 2026-02-28] or [2025-12-03 TO 2026-03-02]"),
    'date:"past 2 years"': (6, "[2024-01-01 TO 2025-12-31] or [2024-03-03 TO 2026-03-02]"),
    'date:"past month"': (6, "[2026-02-01 TO 2026-02-28] or [2026-02-03 TO 2026-03-02]"),
    "date:sunday": (6, "write 2026-03-01 or 2026-02-22"),
    'date:"last monday"': (6, "write 2026-03-02 or 2026-02-23"),
    "date:march": (6, 'write "march 2026"'),
    'date:"april 5"': (6, 'write "april 5 2025"'),
    'date:"2 months ago"': (6, 'write "60 days ago" or 2026-01-01'),
    'date:"a week ago"': (6, 'write "7 days ago" or 2026-02-23'),
    'date:"9999 years ago"': (6, "too long ago"),
    'date:"until march 2025"': (6, 'write date:[TO march 2025], or "before march 2025"'),
    'date:"marhc 2025"': (6, 'did you mean "march 2025"?'),
    'date:"2025 q5"': (6, "no quarter 5"),
    'date:"february 30 2025"': (6, "day is out of range"),
    'date:"last 0 days"': (6, "holds no day"),
    'date:"last 99999 weeks"': (6, "outside the years"),
    'date:"last 9999 years"': (6, "too long ago"),
    'date:"99999 days ago"': (6, "outside the years"),
    'date:"march 1066"': (6, "outside the years"),
    'date:"since yesterday"~2': (6, "no distance"),
    'date:"june 2025 to march 2025"': (6, "date:[march 2025 TO june 2025]"),
    'date:"march 2025 to junk"': (20, "no date"),
    "date:last month": (6, "write last-month after date:"),
    "date:march 2025 budget": (6, "write march-2025 after date:"),
    "date:>=2025 q1": (6, "write >=2025-q1 after date:"),
    "date:last 3 months": (6, "[2025-12-01 TO 2026-02-28] or [2025-12-03 TO 2026-03-02] after"),
    "date:last": (6, "no date"),
    "date:tomorrow": (6, "no date"),
    'author:>="roe"': (8, "compares dates only"),
    "date:٢٠٢٥": (6, "no date"),
}  # fmt: skip


@pytest.mark.parametrize("query", REFUSALS)
def test_what_can_be_taken_in_two_ways_is_refused(query: str) -> None:
    with pytest.raises(QueryError) as refused:
        parse(query, UTC, NOW)
    position, words = REFUSALS[query]
    assert words in f"{refused.value} — {refused.value.hint}"
    assert refused.value.position == position


def test_today_is_the_day_where_the_archive_is() -> None:
    late = datetime(2026, 3, 2, 3, tzinfo=UTC)  # still Sunday in Illinois
    node = parse("date:today", ILLINOIS, late)
    assert explain(node, ILLINOIS) == "date:[2026-03-01T00:00-06:00 TO 2026-03-02T00:00-06:00}"


@pytest.mark.parametrize("text", ["yesterday", '"last 30 days"', '"this month"', "[TO today]"])
def test_without_a_day_nothing_depends_on_it(text: str) -> None:
    with pytest.raises(QueryError, match="another day tomorrow"):
        parse(f"date:{text}")


@given(
    st.lists(st.sampled_from(["last", "3", "2025", "march", "days", "q1", "ago", "to", "of", "-",
                              "/", "5th", "since", "99999", "weeks", "."]), max_size=6),
    st.dates(date(1990, 1, 1), date(2150, 1, 1)),
)  # fmt: skip
def test_any_words_are_a_period_or_refused(words: list[str], today: date) -> None:
    now = datetime.combine(today, time(12), UTC)
    try:
        found = parse(f'date:"{" ".join(words)}"', UTC, now)
    except QueryError as error:
        hint = error.hint
    else:
        hint = "none is needed"
        assert isinstance(found, tree.NumericRange)
        assert found.start is None or found.end is None or found.start < found.end
    assert hint


def test_days_are_those_of_a_zone() -> None:
    node = parse("date:[2025-03-09 TO 2025-03-09]", ILLINOIS)
    assert isinstance(node, tree.NumericRange)
    hours = (node.end - node.start) / 3_600_000_000
    assert hours == 23  # the clocks go forward
    assert node.start == datetime(2025, 3, 9, 6, tzinfo=UTC).timestamp() * 1_000_000


def test_days_are_those_of_the_archive(desk: Desk) -> None:
    """It is Monday, 2 March 2026, 9 o'clock in Chicago."""
    desk.capture("night", "one", occurred_at="2026-03-02T05:30:00.000000Z")  # still Sunday there
    desk.capture("today", "two", occurred_at="2026-03-02T06:30:00.000000Z")
    desk.capture("winter", "three", occurred_at="2026-02-10T12:00:00.000000Z")
    desk.remove("winter", "spam")
    with SearchIndex.open(desk.archive) as index:
        found = {query: desk.names(index.ids(query)) for query in (
            "date:yesterday", "date:today", 'date:"last month"', 'date:"last 2 days"',
            "date:[last-month TO yesterday]", "captured:yesterday", "captured:today removed:today",
            'removed:"since yesterday"', 'date:"before march 2026"',
        )}  # fmt: skip
        assert index.explain("date:yesterday") == (
            "date:[2026-03-01T00:00-06:00 TO 2026-03-02T00:00-06:00}"
        )
    assert found == {
        "date:yesterday": ["night"],
        "date:today": ["today"],
        'date:"last month"': ["winter"],
        'date:"last 2 days"': ["night", "today"],
        "date:[last-month TO yesterday]": ["winter", "night"],
        "captured:yesterday": [],
        "captured:today removed:today": ["winter"],
        'removed:"since yesterday"': ["winter"],
        'date:"before march 2026"': ["winter"],
    }
