"""A body's calendar file: what it may say, and how it is refused."""

from datetime import date
from hashlib import sha256

import pytest

from archive.errors import UsageError
from exports.requests._calendar import BusinessCalendar, packaged_calendar

OWN = b"""
code = "library"
version = 2
title = "The library's own"
source = "Board resolution 2026-4"
verified = true
[holidays]
country = "US"
subdivision = "IL"
names = ["Christmas Day", "Casimir Pulaski Day"]
[[closure]]
from = 2026-12-28
to = 2026-12-30
name = "Building closed"
[[opening]]
date = 2026-12-26
"""


def test_the_body_s_own_closures_and_openings() -> None:
    calendar = BusinessCalendar(OWN, name="calendar.toml")
    assert (calendar.code, calendar.version) == ("library", 2)
    assert calendar.digest == sha256(OWN).hexdigest()
    assert calendar.closed(date(2026, 12, 29)) == "Building closed"
    assert calendar.closed(date(2026, 12, 26)) is None
    assert calendar.closed(date(2026, 12, 27)) == "Sunday"
    assert calendar.closed(date(2026, 3, 2)) == "Casimir Pulaski Day"
    assert calendar.closed(date(2026, 7, 3)) is None


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ((b"Christmas Day", b"Xmas"), "no holiday is called Xmas"),
        ((b"version = 2", b"version = 'two'"), "version is not a int"),
        ((b"code = ", b"kode = "), "code is missing"),
        ((b"to = 2026-12-30", b"to = 2026-12-01"), "ends before it begins"),
        ((b"from = 2026-12-28", b"from = 'soon'"), "from is no date"),
        ((b'"IL"', b'"Narnia"'), "no holidays are known for US Narnia"),
        ((b"[[closure]]", b"[[closure"), "cannot be read"),
    ],
)
def test_a_malformed_calendar_is_refused(change: tuple[bytes, bytes], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        BusinessCalendar(OWN.replace(*change), name="calendar.toml")


def test_an_unknown_calendar_names_the_known_ones() -> None:
    with pytest.raises(UsageError) as caught:
        packaged_calendar("../il-cms")
    assert "il-cms" in caught.value.hint
