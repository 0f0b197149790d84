"""Times as platforms write them."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest import _times


@pytest.mark.parametrize(
    ("function", "text"),
    [
        (_times.from_iso, "2022-10-27T06:22:51Z"),
        (_times.from_iso, "2022-10-27T08:22:51+02:00"),
        (_times.from_seconds, 1666851771),
        (_times.from_seconds, "1666851771"),
        (_times.from_gmt, "2022-10-27 06:22:51"),
        (_times.from_mail, "Thu, 27 Oct 2022 06:22:51 +0000"),
        (_times.from_tweet, "Thu Oct 27 06:22:51 +0000 2022"),
        (_times.from_tweet, "Thu Oct 27 02:52:51 -0330 2022"),
    ],
)
def test_the_same_moment_in_every_form(function: object, text: object) -> None:
    assert callable(function)
    assert function(text) == datetime(2022, 10, 27, 6, 22, 51, tzinfo=UTC)


@pytest.mark.parametrize(
    ("function", "text"),
    [
        (_times.from_iso, "2022-10-27T06:22:51"),
        (_times.from_iso, 7),
        (_times.from_iso, "0001-01-01T00:00:00+14:00"),
        (_times.from_seconds, -62169958800),
        (_times.from_seconds, True),
        (_times.from_seconds, float("nan")),
        (_times.from_gmt, "0000-00-00 00:00:00"),
        (_times.from_mail, "Mon, 30 Nov -0001 00:00:00 +0000"),
        (_times.from_tweet, "yesterday"),
    ],
)
def test_what_makes_no_sense_is_no_time(function: object, text: object) -> None:
    assert callable(function)
    assert function(text) is None


@given(st.text(max_size=40))
def test_any_text_is_a_time_or_none(text: str) -> None:
    for function in (_times.from_iso, _times.from_seconds, _times.from_gmt, _times.from_mail):
        moment = function(text)
        assert moment is None or moment.tzinfo is not None
    assert _times.from_tweet(text) is None
