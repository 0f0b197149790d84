"""Judging a list again: what of it may go now, and why the rest stays."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from sqlalchemy import select

from archive import Archive, Reader, Record
from archive.records import get_many, with_entries_from
from schedules import _disposal_tables as t
from schedules._collect import decide
from schedules._days import today, zone_of
from schedules._disposal import Disposal
from schedules._evaluate import Decision
from schedules._facts import Freeze, FreezeSource
from schedules._packages import Package
from schedules._placing import uncovered
from schedules._schedule import Schedule

BATCH = 500


@dataclass(frozen=True, slots=True)
class Kept:
    """A listed record that stays, and why."""

    record: str
    reason: str


@dataclass(frozen=True, slots=True)
class Listed:
    """A record of the list: its series, and the position and bytes of what was listed.

    `packaged` is 1 when the newest package for an archives holds it.
    """

    record_id: str
    series: str
    version: int
    size: int
    packaged: int


def judged(
    archive: Archive,
    reader: Reader,
    disposal: Disposal,
    schedule: Schedule,
    package: Package | None = None,
) -> Iterator[tuple[list[Listed], list[Kept]]]:
    """What would go now, and what would stay, page by page; holds not applied yet count, too."""
    late = defaultdict[str, list[Freeze]](list)
    for hold, caught in uncovered(archive, reader).items():
        freeze = Freeze(FreezeSource.HOLD, hold.id, hold.label)
        for record in caught:
            late[record].append(freeze)
    after = ""
    while page := pending(reader, disposal, after, BATCH):
        after = page[-1].record_id
        yield judge(archive, reader, schedule, page, late, package)


def pending(reader: Reader, disposal: Disposal, after: str, count: int) -> Sequence[Listed]:
    """The next records on the list that are neither struck off nor disposed of, by id."""
    c = t.item.c
    rows = reader.conn.execute(
        select(c.record_id, c.series, c.version, c.size, c.packaged)
        .where(
            c.disposal_id == disposal.id,
            c.struck_seq.is_(None),
            c.disposed_seq.is_(None),
            c.record_id > after,
        )
        .order_by(c.record_id)
        .limit(count)
    )
    return [Listed(*row) for row in rows]


def judge(
    archive: Archive,
    reader: Reader,
    schedule: Schedule,
    page: Sequence[Listed],
    late: Mapping[str, Sequence[Freeze]] = MappingProxyType({}),
    package: Package | None = None,
) -> tuple[list[Listed], list[Kept]]:
    """Which of the listed records may go now, and why the others stay."""
    ids = [row.record_id for row in page]
    records = get_many(reader, ids)
    changed = with_entries_from(reader, package.position, ids) if package else set[str]()
    listed = {row.record_id: row for row in page}
    going: list[Listed] = []
    kept: list[Kept] = []
    present = [records[row.record_id] for row in page]
    day, zone = today(archive), zone_of(archive)
    for record, decision in decide(reader, present, schedule, day, zone, late):
        row = listed[record.id]
        reason = _objection(record, decision, row)
        if package and not reason:
            reason = _not_handed_over(row, changed)
        if reason:
            kept.append(Kept(record.id, reason))
        else:
            going.append(row)
    return going, kept


def _objection(record: Record, decision: Decision, row: Listed) -> str:
    if not decision.eligible:
        return decision.reason
    if decision.series != row.series:
        return f"It was listed under series {row.series} and now belongs to {decision.series}."
    if record.last_seq != row.version:
        return "It has a newer version than the one that was listed."
    return ""


def _not_handed_over(row: Listed, changed: set[str]) -> str:
    """Why a record that may go is not, or not wholly, with the archives."""
    if not row.packaged:
        return "It is not in the package that was acknowledged."
    if row.record_id in changed:
        return "Something was recorded about it after it was packaged."
    return ""
