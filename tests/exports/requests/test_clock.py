"""The clock: vectors from the law notes, and what holds for every date."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exports.requests._calendar import BusinessCalendar, packaged_calendar
from exports.requests._clock import deadline, passed, standing

CMS = packaged_calendar("il-cms")
DAYS = st.dates(date(2012, 1, 1), date(2060, 12, 31))


@pytest.mark.parametrize(
    ("received", "due", "extended", "commercial"),
    [
        (date(2026, 2, 9), date(2026, 2, 18), date(2026, 2, 25), date(2026, 3, 12)),
        (date(2026, 6, 26), date(2026, 7, 6), date(2026, 7, 13), date(2026, 7, 28)),
        (date(2026, 11, 20), date(2026, 12, 1), date(2026, 12, 8), date(2026, 12, 23)),
    ],
)
def test_illinois_vectors(received: date, due: date, extended: date, commercial: date) -> None:
    assert deadline(CMS, received, 5).due == due
    assert deadline(CMS, due, 5).due == extended
    assert deadline(CMS, received, 21).due == commercial


def test_it_says_how_it_was_counted() -> None:
    counted = deadline(CMS, date(2026, 2, 9), 5)
    assert counted.explained() == (
        "5 business days after Monday 9 February 2026, that day not counted; "
        "closed: 12 February Lincoln's Birthday, 16 February Washington's Birthday"
    )


def test_federal_days_differ_from_the_state_s() -> None:
    federal = packaged_calendar("us-federal")
    assert federal.closed(date(2026, 2, 12)) is None
    assert federal.closed(date(2026, 11, 27)) is None
    assert CMS.closed(date(2026, 11, 27)) == "Day after Thanksgiving"
    assert deadline(federal, date(2026, 2, 9), 20).due == date(2026, 3, 10)


def test_new_year_s_day_on_a_saturday_closes_the_friday_of_the_year_before() -> None:
    assert CMS.closed(date(2027, 12, 31)) == "New Year's Day (observed)"


def test_election_day_is_closed_in_even_years_only() -> None:
    assert CMS.closed(date(2026, 11, 3)) == "Election Day"
    assert CMS.closed(date(2027, 11, 2)) is None


@given(DAYS, st.integers(1, 60))
def test_the_due_date_is_open_later_and_counted_back(received: date, days: int) -> None:
    counted = deadline(CMS, received, days)
    assert counted.due > received
    assert CMS.closed(counted.due) is None
    passed = {day for day, _ in counted.closed}
    between = {received + timedelta(days=n) for n in range(1, (counted.due - received).days + 1)}
    assert sum(day not in passed for day in between) == days
    assert all((CMS.closed(day) is None) == (day not in passed) for day in between)


@given(DAYS, st.integers(1, 30), st.integers(1, 30))
def test_counting_on_is_counting_the_sum(received: date, first: int, second: int) -> None:
    halfway = deadline(CMS, received, first).due
    assert deadline(CMS, halfway, second).due == deadline(CMS, received, first + second).due


@given(DAYS, st.integers(1, 30))
def test_a_closure_never_brings_the_date_forward(received: date, days: int) -> None:
    closing = received + timedelta(days=1)
    own = BusinessCalendar(
        OWN.format(closure=f"[[closure]]\ndate = {closing}\nname = 'Flood'").encode(), name="own"
    )
    without = BusinessCalendar(OWN.format(closure="").encode(), name="own")
    assert deadline(own, received, days).due >= deadline(without, received, days).due
    assert own.closed(closing) == "Flood"


@given(DAYS)
def test_standing_follows_the_due_date(due: date) -> None:
    assert standing(due, due - timedelta(days=1), closed=False) == "running"
    assert standing(due, due, closed=False) == "due today"
    assert standing(due, due + timedelta(days=1), closed=False) == "overdue"
    assert standing(due, due + timedelta(days=1), closed=True) == "closed"


OWN = """
code = "library"
version = 3
title = "The library's own"
source = "Board resolution"
verified = true
[holidays]
country = "US"
subdivision = "IL"
names = ["Christmas Day"]
{closure}
"""


@given(DAYS, st.integers(1, 30))
def test_the_last_day_whose_deadline_is_over(today: date, days: int) -> None:
    last = passed(CMS, today, days)
    assert deadline(CMS, last, days).due < today
    assert deadline(CMS, last + timedelta(days=1), days).due >= today
