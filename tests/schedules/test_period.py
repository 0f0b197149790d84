"""Periods: strict reading, and the calendar's corners."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schedules import Period

days = st.dates(min_value=date(1990, 1, 1), max_value=date(2200, 12, 31))
periods = st.builds(
    "P{}Y{}M{}D".format, st.integers(0, 99), st.integers(0, 99), st.integers(1, 999)
).map(Period.parse)


@pytest.mark.parametrize(
    ("text", "trigger", "last"),
    [
        ("P1Y", date(2024, 2, 29), date(2025, 2, 28)),
        ("P4Y", date(2024, 2, 29), date(2028, 2, 29)),
        ("P1M", date(2024, 1, 31), date(2024, 2, 29)),
        ("P1M", date(2025, 1, 31), date(2025, 2, 28)),
        ("P1M", date(2025, 2, 28), date(2025, 3, 28)),
        ("P1Y6M", date(2023, 8, 31), date(2025, 2, 28)),
        ("P90D", date(2026, 1, 1), date(2026, 4, 1)),
        ("P6W", date(2026, 1, 1), date(2026, 2, 12)),
        ("P2Y", date(2023, 12, 31), date(2025, 12, 31)),
    ],
)
def test_last_day(text: str, trigger: date, last: date) -> None:
    period = Period.parse(text)
    assert period.last_day(trigger) == last
    assert period.due(trigger) == last + timedelta(days=1)


@pytest.mark.parametrize(
    "text",
    ["", "P", "P0D", "P0Y0M", "1Y", "P1.5Y", "P-1Y", "-P1Y", "PT5H", "P1YT1H", "P1W2D", "P1M1Y",
     "p1y", " P1Y", "P1Y ", "P1Y\n", "P١Y", "P1000Y", "P1Y1Y", "two years"],
)  # fmt: skip
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"is not a period|is negative|no time at all"):
        Period.parse(text)


@pytest.mark.parametrize("text", ["P201Y", "P2413M", "P74000D", "P200Y366D"])
def test_an_absurd_period_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"longer than 200 years; .*permanent"):
        Period.parse(text)


def test_past_the_end_of_the_calendar_is_never_due() -> None:
    assert Period.parse("P200Y").due(date(9900, 1, 1)) == date.max
    assert Period.parse("P1D").due(date.max) == date.max


@given(periods, days, days)
def test_a_later_trigger_is_never_due_earlier(period: Period, one: date, other: date) -> None:
    first, second = sorted((one, other))
    assert period.due(first) <= period.due(second)


@given(periods, days)
def test_due_is_after_the_trigger(period: Period, trigger: date) -> None:
    assert period.due(trigger) > trigger + timedelta(days=1)


@given(st.integers(1, 80), days)
def test_twelve_months_are_a_year(years: int, trigger: date) -> None:
    by_years = Period.parse(f"P{years}Y")
    assert by_years.due(trigger) == Period.parse(f"P{12 * years}M").due(trigger)


@given(st.integers(1, 200), days)
def test_the_day_of_the_month_stays_or_is_the_last(months: int, trigger: date) -> None:
    last = Period.parse(f"P{months}M").last_day(trigger)
    assert last.day == trigger.day or (last + timedelta(days=1)).day == 1
