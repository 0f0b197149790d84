"""Dates in English, asked of an archive: on its clock, in its time zone."""

from search import SearchIndex
from tests.search.conftest import Desk


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
