"""Running a disposal: every record is judged again in the transaction that destroys it.

What was held, asked for, appealed, edited or reclassified since it was listed stays, with the
reason. Each batch is one transaction, so that an interrupted run goes on where it stopped. The
disposal is finished only after the files were scrubbed, the index purged, and both read back.
"""

import fcntl
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import func, select

from archive import Archive, Draft, Parts, Reader, Signer, Writer, canonical_json
from archive.errors import Refused
from archive.records import get_many
from schedules import _disposal_tables as t
from schedules._adopt import load
from schedules._approvals import obstacles
from schedules._collect import traces
from schedules._days import today, zone_of
from schedules._disposal import Disposal, State, find_disposal, listing_of, schedule_of
from schedules._guard import Coverage, destroy
from schedules._judge import BATCH, Kept, Listed, judge, judged, pending
from schedules._packages import Package, package_of
from schedules._placing import cover
from schedules._readback import read_back
from schedules._schedule import Schedule
from search import SearchIndex

Progress = Callable[[int], None]


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
    close: bool = False,
) -> Run:
    """Dispose of what the list names and may still be disposed of; goes on after an interruption.

    `close` ends a run that was interrupted and cannot go on: nothing more is removed, and what was
    removed is certified.

    Refused when something is missing (approvals, an authority's document), when another run
    is under way, and when the disposal is finished. VerificationError when anything of a disposed
    record can still be found afterwards.
    """
    with _alone(archive):
        if close:
            return _close(archive, signer, wanted)
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
        _end(archive, signer, disposal, done)
    return done


def _close(archive: Archive, signer: Signer, wanted: str) -> Run:
    with archive.read() as reader:
        disposal = find_disposal(reader, wanted)
        if (state := disposal.state(today(archive))) is not State.STARTED:
            raise Refused(
                f"disposal {disposal.id} is {state}: only a run that was interrupted is closed",
                hint="a list that is not to run: muniment disposal withdraw",
            )
        so_far = _disposed_so_far(reader, disposal).records
        done = Run(disposal.id, rehearsed=False, struck=disposal.struck, earlier=so_far)
        after = ""
        while page := pending(reader, disposal, after, BATCH):
            after = page[-1].record_id
            done.add([], [Kept(row.record_id, "The run was closed before it.") for row in page])
    _end(archive, signer, disposal, done)
    return done


def _end(archive: Archive, signer: Signer, disposal: Disposal, done: Run) -> None:
    """Scrub, purge, read both back, and only then say that it is finished."""
    archive.scrub()
    with SearchIndex.open(archive) as index:
        index.purge()
    with archive.read() as reader:
        read_back(archive, reader, _disposed_ids(reader, disposal))
    with archive.write(signer) as writer:
        done.number = _finish(archive, writer, disposal, done)


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
            page = pending(writer, this.disposal, after, batch)
            going, kept = judge(archive, writer, this.schedule, page, package=this.package)
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


def _finish(archive: Archive, writer: Writer, disposal: Disposal, done: Run) -> str:
    """Append that it is finished, under the next number of the year's certificates."""
    so_far = _disposed_so_far(writer, disposal)
    number = _next_number(archive, writer)
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


def _next_number(archive: Archive, reader: Reader) -> str:
    """In an archive that was restored, with the minute (UTC) at which it last was: the log that was
    lost may have given the same number.
    """
    beginning = f"{today(archive).year}-D-"
    c = t.disposal.c
    numbers = reader.conn.execute(select(c.number).where(c.number.startswith(beginning))).scalars()
    given = (number.removeprefix(beginning).partition("-")[0] for number in numbers if number)
    last = max(map(int, given), default=0)
    restored = [one.at for one in reader.history(archive.config.id, {"archive.restored"})]
    since = f"-R{max(restored):%Y%m%dT%H%M}" if restored else ""
    return f"{beginning}{last + 1:04}{since}"


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
