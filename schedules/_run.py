"""Running a disposal: every record is judged again in the transaction that destroys it.

What was held, asked for, appealed, edited or reclassified since it was listed stays, with the
reason. Each batch is one transaction, so that an interrupted run goes on where it stopped. The
disposal is finished only after the files were scrubbed, the index purged, and both read back.
"""

import fcntl
import os
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from sqlalchemy import func, select

from archive import Archive, Draft, Parts, Reader, Record, Signer, Writer, canonical_json
from archive.errors import Refused
from archive.records import get_many, with_entries_from
from schedules import _disposal_tables as t
from schedules._adopt import load
from schedules._approvals import obstacles
from schedules._collect import decide, traces
from schedules._days import today, zone_of
from schedules._disposal import Disposal, State, find_disposal, listing_of, schedule_of
from schedules._evaluate import Decision
from schedules._facts import Freeze, FreezeSource
from schedules._guard import Coverage, destroy
from schedules._packages import Package, package_of
from schedules._placing import cover, uncovered
from schedules._readback import read_back
from schedules._schedule import Schedule
from search import SearchIndex

BATCH = 500

Progress = Callable[[int], None]


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


@dataclass(slots=True)
class Run:
    """What a run did, or a rehearsal would do. `size` counts the content's bytes.

    `struck` counts what was struck off the list; `number` is that of the certificate.
    """

    disposal: str
    rehearsed: bool
    struck: int = 0
    disposed: int = 0
    size: int = 0
    earlier: int = 0
    number: str = ""
    kept: list[Kept] = field(default_factory=list)

    def add(self, going: Sequence[Listed], kept: Sequence[Kept]) -> None:
        self.disposed += len(going)
        self.size += sum(row.size for row in going)
        self.kept += kept


def run(
    archive: Archive,
    signer: Signer,
    wanted: str,
    *,
    batch: int = BATCH,
    progress: Progress = lambda _: None,
) -> Run:
    """Dispose of what the list names and may still be disposed of; goes on after an interruption.

    Refused when something is missing (approvals, the Commission's certificate), when another run
    is under way, and when the disposal is finished. VerificationError when anything of a disposed
    record can still be found afterwards.
    """
    with _alone(archive):
        with archive.write(signer) as writer:
            disposal = _ready(archive, writer, wanted)
            schedule = load(writer, schedule_of(writer, disposal))
            earlier = _disposed_so_far(writer, disposal).records
            package = package_of(writer, disposal)
            counting = [one.seq for one in disposal.counting(today(archive))]
            (started,) = writer.append(
                [Draft("disposal.started", disposal.id, {"approvals": counting})]
            )
        done = Run(disposal.id, rehearsed=False, struck=disposal.struck, earlier=earlier)
        _destroy_batches(
            archive,
            signer,
            _Started(disposal, schedule, started.seq, package),
            batch,
            done,
            progress,
        )
        archive.scrub()
        with SearchIndex.open(archive) as index:
            index.purge()
        with archive.read() as reader:
            read_back(archive, reader, _disposed_ids(reader, disposal))
        with archive.write(signer) as writer:
            done.number = _finish(writer, disposal, done, today(archive).year)
    return done


def rehearse(archive: Archive, wanted: str, progress: Progress = lambda _: None) -> Run:
    """Say exactly what a run would do now; nothing is written.

    Refused where a run would be.
    """
    with archive.read() as reader:
        disposal = _ready(archive, reader, wanted)
        schedule = load(reader, schedule_of(reader, disposal))
        earlier = _disposed_so_far(reader, disposal).records
        done = Run(disposal.id, rehearsed=True, struck=disposal.struck, earlier=earlier)
        package = package_of(reader, disposal)
        for going, kept in judged(archive, reader, disposal, schedule, package):
            done.add(going, kept)
            progress(len(going) + len(kept))
    return done


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
    while page := _pending(reader, disposal, after, BATCH):
        after = page[-1].record_id
        yield _judge(archive, reader, schedule, page, late, package)


@dataclass(frozen=True, slots=True)
class _Started:
    """One run: what it works on, the position of its first entry, the package of a transfer."""

    disposal: Disposal
    schedule: Schedule
    started: int
    package: Package | None


@dataclass(frozen=True, slots=True)
class _Sum:
    records: int
    size: int
    first: str | None
    last: str | None


@contextmanager
def _alone(archive: Archive) -> Iterator[None]:
    """Hold the archive's folder for one run; Refused while another process on this machine does.

    The lock goes with the process, so that a killed run leaves none behind.
    """
    folder = os.open(archive.folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        try:
            fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise Refused(
                "another disposal is running on this archive", hint="wait until it is finished"
            ) from error
        yield
    finally:
        os.close(folder)


def _ready(archive: Archive, reader: Reader, wanted: str) -> Disposal:
    disposal = find_disposal(reader, wanted)
    if disposal.state(today(archive)) is State.FINISHED:
        raise Refused(
            f"disposal {disposal.id} is finished",
            hint=f"see: muniment disposal certificate {disposal.id}",
        )
    _refuse_obstacles(archive, reader, disposal)
    listing_of(reader, disposal)
    return disposal


def _refuse_obstacles(archive: Archive, reader: Reader, disposal: Disposal) -> None:
    if found := obstacles(reader, disposal, today(archive)):
        raise Refused(
            f"disposal {disposal.id} cannot run: {'; '.join(found)}",
            hint=f"see: muniment disposal show {disposal.id}",
        )


def _destroy_batches(
    archive: Archive,
    signer: Signer,
    this: _Started,
    batch: int,
    done: Run,
    progress: Progress,
) -> None:
    coverage = Coverage(-1)
    after = ""
    transferred = {"transferred": this.package.sha256} if this.package else {}
    while True:
        with archive.write(signer) as writer:
            _still_ours(archive, writer, this)
            if coverage.position != writer.head.size:
                coverage, _ = cover(archive, writer)
            page = _pending(writer, this.disposal, after, batch)
            going, kept = _judge(archive, writer, this.schedule, page, package=this.package)
            if going:
                ids = [row.record_id for row in going]
                left = traces(writer, list(get_many(writer, ids).values()), zone_of(archive))
                destroy(writer, ids, coverage)
                writer.append(
                    Draft(
                        "record.disposed",
                        row.record_id,
                        {"disposal": this.disposal.id, "series": row.series}
                        | transferred
                        | left.get(row.record_id, {}),
                    )
                    for row in going
                )
            coverage = Coverage(writer.head.size)
        if not page:
            return
        after = page[-1].record_id
        done.add(going, kept)
        progress(len(page))


def _still_ours(archive: Archive, reader: Reader, this: _Started) -> None:
    """Refused when another run of this disposal started since, on whatever machine, or when
    something has come in between, such as a request that nobody has searched for.
    """
    query = select(t.disposal.c.started_seq).where(t.disposal.c.id == this.disposal.id)
    if reader.conn.execute(query).scalar() != this.started:
        raise Refused("another run of this disposal has taken over")
    _refuse_obstacles(archive, reader, this.disposal)


def _pending(reader: Reader, disposal: Disposal, after: str, count: int) -> Sequence[Listed]:
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


def _judge(
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


def _finish(writer: Writer, disposal: Disposal, done: Run, year: int) -> str:
    """Append that it is finished, under the next number of the year's certificates."""
    so_far = _disposed_so_far(writer, disposal)
    number = _next_number(writer, year)
    header: dict[str, Any] = {
        "number": number,
        "disposed": so_far.records,
        "bytes": so_far.size,
        "kept": len(done.kept),
        "struck": disposal.struck,
        "listed": disposal.listed,
    }
    if so_far.first is not None and so_far.last is not None:
        header |= {"from": so_far.first, "to": so_far.last}
    kept = b"".join(
        canonical_json({"reason": kept.reason, "record": kept.record}) + b"\n" for kept in done.kept
    )
    writer.append([Draft("disposal.finished", disposal.id, header, Parts.of([("kept", kept)]))])
    return number


def _next_number(reader: Reader, year: int) -> str:
    beginning = f"{year}-D-"
    c = t.disposal.c
    numbers = reader.conn.execute(select(c.number).where(c.number.startswith(beginning))).scalars()
    last = max((int(number.removeprefix(beginning)) for number in numbers if number), default=0)
    return f"{beginning}{last + 1:04}"


def _disposed_so_far(reader: Reader, disposal: Disposal) -> _Sum:
    c = t.item.c
    row = reader.conn.execute(
        select(
            func.count(), func.coalesce(func.sum(c.size), 0), func.min(c.dated), func.max(c.dated)
        ).where(c.disposal_id == disposal.id, c.disposed_seq.is_not(None))
    ).one()
    count, size, first, last = row
    return _Sum(count, int(size), first, last)


def _disposed_ids(reader: Reader, disposal: Disposal) -> Sequence[str]:
    c = t.item.c
    return (
        reader.conn.execute(
            select(c.record_id).where(c.disposal_id == disposal.id, c.disposed_seq.is_not(None))
        )
        .scalars()
        .all()
    )
