"""Moments cut into pieces that lie in one day of a time zone each."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Column, MetaData, Table, Text, select

from archive import times
from schedules._cells import cell, cell_day
from schedules._days import day_of, start_of
from tests.schedules.town import Town

ZONES = [
    "America/Chicago",
    "America/St_Johns",
    "America/Anchorage",
    "America/Sao_Paulo",
    "Africa/Monrovia",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "Europe/London",
    "Pacific/Apia",
    "UTC",
]
_table = Table("moments", MetaData(), Column("at", Text), prefixes=["TEMPORARY"])


def _moments() -> st.SearchStrategy[datetime]:
    """Any, and those about the midnights of a zone."""
    any_day = st.dates(date(1850, 1, 1), date(2090, 1, 1))
    near = st.builds(
        lambda day, zone, seconds: (
            times.from_text(start_of(day, ZoneInfo(zone))) + timedelta(seconds=seconds)
        ),
        any_day,
        st.sampled_from(ZONES),
        st.sampled_from([-3600, -61, -60, -1, 0, 1, 59, 60, 61, 1800, 3600]),
    )
    return near | st.datetimes(timezones=st.just(UTC))


@pytest.mark.parametrize("name", ZONES)
def test_the_day_of_a_cell_is_that_of_each_of_its_moments(town: Town, name: str) -> None:
    zone = ZoneInfo(name)
    with town.archive.write(town.ada) as writer:
        _table.create(writer.conn)

        @settings(max_examples=20)
        @given(st.lists(_moments(), min_size=20, max_size=60))
        def judge(drawn: list[datetime]) -> None:
            texts = [times.to_text(moment) for moment in drawn]
            writer.conn.execute(_table.delete())
            writer.conn.execute(_table.insert(), [{"at": text} for text in texts])
            rows = writer.conn.execute(select(_table.c.at, cell(_table.c.at, zone))).all()
            assert [cell_day(cut, zone) for _, cut in rows] == [day_of(at, zone) for at, _ in rows]

        judge()


def test_a_day_has_few_cells(town: Town) -> None:
    """Whatever the time of the day, but for the hour in which a day may begin."""
    zone = ZoneInfo("America/Chicago")
    first = datetime(2026, 3, 2, 6, tzinfo=UTC)
    minutes = [first + timedelta(minutes=minute) for minute in range(23 * 60)]
    with town.archive.write(town.ada) as writer:
        _table.create(writer.conn)
        writer.conn.execute(_table.insert(), [{"at": times.to_text(one)} for one in minutes])
        cells = set(writer.conn.execute(select(cell(_table.c.at, zone))).scalars())
    assert cells == {"2026-03-02T06:00:00", "2026-03-03"}


def test_no_moment_has_no_cell(town: Town) -> None:
    with town.archive.write(town.ada) as writer:
        _table.create(writer.conn)
        writer.conn.execute(_table.insert().values(at=None))
        for name in ZONES:
            query = select(cell(_table.c.at, ZoneInfo(name)))
            assert writer.conn.execute(query).scalar() is None
