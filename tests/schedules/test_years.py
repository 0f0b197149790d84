"""Years: where they begin and end."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schedules._years import CALENDAR, YearStart

starts = st.dates(date(2001, 1, 1), date(2001, 12, 31)).map(lambda d: YearStart(d.month, d.day))
days = st.dates(date(1900, 1, 1), date(2400, 12, 31))


@given(starts, days)
def test_a_year_ends_on_the_day_before_the_next_begins(start: YearStart, day: date) -> None:
    end = start.end_of(day)
    follows = end + timedelta(days=1)
    assert (follows.month, follows.day) == (start.month, start.day)
    assert day <= end < day + timedelta(days=366)
    assert start.end_of(end) == end


@given(days)
def test_the_calendar_s_year_ends_in_december(day: date) -> None:
    assert CALENDAR.end_of(day) == date(day.year, 12, 31)


def test_the_calendar_s_own_end() -> None:
    assert CALENDAR.end_of(date(9999, 6, 1)) == date.max
    assert YearStart(7, 1).end_of(date(9999, 6, 1)) == date(9999, 6, 30)


@given(starts)
def test_reading_gives_back_what_was_written(start: YearStart) -> None:
    assert YearStart.parse(str(start)) == start


@pytest.mark.parametrize("text", ["02-29", "13-01", "00-10", "7-1", "07/01", "", "July"])
def test_what_is_no_beginning_of_a_year(text: str) -> None:
    with pytest.raises(ValueError, match=r"is not a (month|day)"):
        YearStart.parse(text)
