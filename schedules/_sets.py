"""Sets of records that only this room knows, for the query language: a series', the held ones."""

from collections.abc import Iterator
from functools import partial
from itertools import islice

from sqlalchemy import select

from archive import Archive, Reader, rows_among
from archive.errors import NotFound
from archive.records import record_table, stream
from schedules import _tables as t
from schedules._adopt import in_force, load
from schedules._collect import PAGE, collect
from schedules._days import today, zone_of
from schedules._evaluate import covering
from schedules._facts import FreezeSource
from schedules._holds import uncovered
from schedules._schedule import Schedule
from search import RecordSets


def record_sets(archive: Archive) -> RecordSets:
    """What a search of `archive` finds by ``series:`` and ``status:held``.

    A series is that of the schedule in force today, by its code or title. Held is what is under
    an active hold, or would be as soon as holds are applied to what was captured since.
    """
    return {"series": partial(_of_series, archive), "status": partial(_held, archive)}


def _of_series(archive: Archive, reader: Reader, wanted: str) -> Iterator[int]:
    schedule = load(reader, in_force(reader, today(archive)))
    code = _series(schedule, wanted)
    zone = zone_of(archive)
    present = stream(reader, record_table.c.status != "disposed")
    while page := list(islice(present, PAGE)):
        for record, facts in zip(page, collect(reader, page, zone), strict=True):
            series = covering(facts, schedule)
            if series is not None and series.code == code:
                yield record.first_seq


def _series(schedule: Schedule, wanted: str) -> str:
    named = wanted.casefold()
    for series in schedule.series:
        if named in {series.code.casefold(), series.title.casefold()}:
            return series.code
    raise NotFound(
        f"{schedule.label} has no series {wanted!r}",
        hint=f"its series: {', '.join(series.code for series in schedule.series)}",
    )


def _held(archive: Archive, reader: Reader, _value: str) -> set[int]:
    c, freeze = record_table.c, t.freeze
    caught = select(c.first_seq).join(freeze, freeze.c.record_id == c.id)
    query = caught.where(freeze.c.source == FreezeSource.HOLD.value)
    found = set(reader.conn.execute(query).scalars())
    fitting = [record for ids in uncovered(archive, reader).values() for record in ids]
    late = select(c.first_seq)
    return found | {seq for (seq,) in rows_among(reader.conn, late, c.id, fitting)}
