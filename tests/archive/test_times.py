from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.times import from_text, to_text, utc_now

MOMENTS = st.datetimes(timezones=st.just(UTC))


@given(MOMENTS)
def test_a_time_is_read_as_it_was_written(moment: datetime) -> None:
    text = to_text(moment)
    assert len(text) == 27
    assert from_text(text) == moment


@given(MOMENTS, MOMENTS)
def test_texts_sort_as_times_do(one: datetime, other: datetime) -> None:
    assert (to_text(one) < to_text(other)) == (one < other)


def test_other_zones_are_brought_to_utc() -> None:
    moment = datetime(2026, 3, 1, 23, 30, tzinfo=timezone(timedelta(hours=-6)))
    assert to_text(moment) == "2026-03-02T05:30:00.000000Z"
    assert utc_now().tzinfo is UTC


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        to_text(datetime(2026, 3, 1))  # noqa: DTZ001 - that is what is refused


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026-03-01",
        "2026-03-01T23:30:00Z",
        "2026-03-01T23:30:00.123456+",
        "2026-03-01 23:30:00.123456Z",
        "2026-03-01T23:30:00,123456Z",
        "2026-W09-7T23:30:00.123456Z",
        "2026-03-01T233000.12345678Z",
        "2026-02-30T23:30:00.123456Z",
        "2026-03-01T24:00:00.000000Z",
        "2026-03-01T23:60:00.000000Z",
        "2026-03-01t23:30:00.123456z",
        "٢٠٢٦-03-01T23:30:00.123456Z",
    ],
)
def test_any_other_form_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"\S"):
        from_text(text)
