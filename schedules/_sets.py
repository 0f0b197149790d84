"""Sets of records that only this room knows, for the query language: a series', the held ones."""

from collections.abc import Iterator
from functools import cache, partial

from sqlalchemy import select

from archive import Archive, Reader, rows_among
from archive.errors import NotFound
from archive.records import record_table
from schedules import _tables as t
from schedules._adopt import in_force, load
from schedules._conditions import FLAGS
from schedules._days import today
from schedules._evaluate import covering
from schedules._facts import Facts, FreezeSource
from schedules._placing import uncovered
from schedules._schedule import Schedule
from search import RecordSets

_PAGE = 10_000


def record_sets(archive: Archive) -> RecordSets:
    """What a search of `archive` finds by ``series:`` and ``status:held``.

    A series is that of the schedule in force today, by its code or title. Held is what is under
    an active hold, or would be as soon as holds are applied to what was captured since.
    """
    return {"series": partial(_of_series, archive), "status": partial(_held, archive)}


def _of_series(archive: Archive, reader: Reader, wanted: str) -> Iterator[int]:
    day = today(archive)
    schedule = load(reader, in_force(reader, day))
    code = _series(schedule, wanted)

    @cache
    def within(kind: str, platform: str, account: str, status: str, visibility: str | None,
               edited: bool, replied: bool, appealed: bool) -> bool:  # fmt: skip
        facts = Facts(
            record="",
            kind=kind,
            platform=platform,
            account=account,
            status=status,
            visibility=visibility or "unknown",
            edited_on=day if edited else None,
            last_reply=day if replied else None,
            appealed=appealed,
        )
        series = covering(facts, schedule)
        return series is not None and series.code == code

    last = ""
    while rows := reader.conn.execute(_CONDITIONS.where(_c.id > last)).all():
        yield from (seq for _, seq, *conditions in rows if within(*conditions))
        last = rows[-1].id


_c = record_table.c
_CONDITIONS = (
    select(
        *(_c.id, _c.first_seq, _c.kind, _c.platform, _c.account, _c.status, _c.visibility),
        *(FLAGS["edited"], FLAGS["replied"], FLAGS["appealed"]),
    )
    .where(_c.status != "disposed")
    .order_by(_c.id)
    .limit(_PAGE)
)
"""What the rules of a schedule can ask about every record, page by page."""


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
    freeze = t.freeze
    caught = select(_c.first_seq).join(freeze, freeze.c.record_id == _c.id)
    query = caught.where(freeze.c.source == FreezeSource.HOLD.value)
    found = set(reader.conn.execute(query).scalars())
    fitting = [record for ids in uncovered(archive, reader).values() for record in ids]
    late = select(_c.first_seq)
    return found | {seq for (seq,) in rows_among(reader.conn, late, _c.id, fitting)}
