"""Disposals up to the run: proposed as a sealed list, approved by two people, authorised.

The list's digest is public in the log; each approval is an entry of that digest, signed by its
actor. A disposal runs only under the schedule that it was proposed under.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Row, select

from archive import Archive, Draft, Entry, Parts, Reader, Signer, Writer, actors, new_id
from archive.errors import NotFound, Refused, UsageError, VerificationError
from schedules import _tables as t
from schedules._adopt import Adopted, adopted, in_force, load
from schedules._collect import survey
from schedules._days import day_of, today, zone_of
from schedules._guard import unsearched_requests
from schedules._list import Exclusion, Item, Listing, digest_of
from schedules._placing import cover
from schedules._schedule import Action, Schedule

MOST = 25_000
"""The longest list of one disposal; what is due beyond it waits for the next.

It bounds the memory that a proposal takes.
"""

APPROVALS = 2
APPROVERS = frozenset({"officer", "director"})
"""Roles that may approve: an agent's unattended key is nobody's judgement."""

COMMISSION_WAIT = timedelta(days=30)
"""Illinois: the certificate is filed 30 days before disposal (44 Ill. Adm. Code 4000.40(c))."""

_CERTIFICATE = re.compile(r"[0-9A-Za-z][0-9A-Za-z ./:-]{0,63}", re.ASCII)


class State(StrEnum):
    """How far a disposal has come."""

    PROPOSED = "proposed"
    APPROVED = "approved"
    STARTED = "started"
    FINISHED = "finished"


@dataclass(frozen=True, slots=True)
class Disposal:
    """A disposal as it stands. `approvals` are the positions of the approvals by actor.

    `certificate`, `filed` and `approved` are the Commission's number and days.
    """

    id: str
    seq: int
    schedule_id: str
    as_of: date
    listed: int
    digest: str
    proposed_by: str
    proposed_at: str
    certificate: str | None
    filed: date | None
    approved: date | None
    started_seq: int | None
    finished_seq: int | None
    approvals: dict[str, int]

    @property
    def state(self) -> State:
        if self.finished_seq is not None:
            return State.FINISHED
        if self.started_seq is not None:
            return State.STARTED
        return State.APPROVED if len(self.approvals) >= APPROVALS else State.PROPOSED


@dataclass(frozen=True, slots=True)
class Proposal:
    """A new disposal with its list; `more` says that records due were left for the next one."""

    id: str
    listing: Listing
    digest: str
    more: bool


def propose(
    archive: Archive,
    signer: Signer,
    as_of: date | None = None,
    progress: Callable[[int], None] = lambda _: None,
) -> Proposal | None:
    """List what the schedule in force destroys by `as_of` (today), and append the list.

    None when nothing is due. Refused when `as_of` is still to come, or when every series that
    would be destroyed still lacks its authority or period.
    """
    day = as_of or today(archive)
    if day > today(archive):
        raise Refused(f"{day} is still to come", hint="see: muniment schedule due --as-of")
    with archive.write(signer) as writer:
        cover(archive, writer)
    with archive.read() as reader:
        one = in_force(reader, day)
        listing, more = _listing(archive, reader, one, day, progress)
    if not listing.items:
        return None
    data = listing.encode()
    digest, disposal = digest_of(data), new_id()
    header = {
        "schedule": one.id,
        "as_of": day.isoformat(),
        "count": len(listing.items),
        "digest": digest,
    }
    with archive.write(signer) as writer:
        writer.append([Draft("disposal.proposed", disposal, header, Parts.of([("list", data)]))])
    return Proposal(disposal, listing, digest, more)


def approve(writer: Writer, disposal: Disposal) -> Entry:
    """Approve a disposal's list as the writer's signer.

    Refused for a second approval by the same actor or key, for an actor without the role, and for
    a disposal that has started.
    """
    if disposal.state in {State.STARTED, State.FINISHED}:
        raise Refused(f"disposal {disposal.id} is already {disposal.state}")
    actor = actors.get(writer, writer.signer.actor)
    if not APPROVERS & set(actor.roles):
        raise Refused(
            f"{actor.name} is {', '.join(actor.roles)} and cannot approve a disposal",
            hint="an officer or a director approves",
        )
    for earlier in (actors.get(writer, actor_id) for actor_id in disposal.approvals):
        if earlier.id == actor.id or earlier.public_key == actor.public_key:
            raise Refused(
                f"{earlier.name} has already approved this disposal",
                hint="the second approval must be another person's, with a key of their own",
            )
    listing_of(writer, disposal)
    (entry,) = writer.append([Draft("disposal.approved", disposal.id, {"digest": disposal.digest})])
    return entry


def authorize(
    writer: Writer, disposal: Disposal, certificate: str, filed: date, approved: date, now: date
) -> Entry:
    """Record the certificate that the Commission approved; a later one replaces it.

    UsageError when the days are out of order or the number is no number.
    """
    if disposal.state in {State.STARTED, State.FINISHED}:
        raise Refused(f"disposal {disposal.id} is already {disposal.state}")
    if not _CERTIFICATE.fullmatch(certificate):
        raise UsageError(f'"{certificate}" is no certificate number', hint="such as 26-0417")
    if not filed <= approved <= now:
        raise UsageError(
            f"a certificate filed on {filed} cannot have been approved on {approved}",
            hint="filing comes first, and neither lies in the future",
        )
    data = {
        "certificate": certificate,
        "filed": filed.isoformat(),
        "approved": approved.isoformat(),
    }
    (entry,) = writer.append([Draft("disposal.authorized", disposal.id, data)])
    return entry


def obstacles(reader: Reader, disposal: Disposal, now: date) -> list[str]:
    """Why a disposal cannot run today; empty when it can."""
    one = schedule_of(reader, disposal)
    schedule, found = load(reader, one), []
    if (missing := APPROVALS - len(disposal.approvals)) > 0:
        found.append(f"{missing} more approval{'s' if missing > 1 else ''} needed")
    if schedule.commission_certificate_required:
        found += _commission(disposal, now)
    if (newest := in_force(reader, now)).id != one.id:
        found.append(f"{newest.label} is in force now, and the list was made under {one.label}")
    if numbers := unsearched_requests(reader):
        found.append(f"nobody has searched for the open request {', '.join(numbers)}")
    return found


def disposals(reader: Reader) -> list[Disposal]:
    """Every disposal, in order."""
    rows = reader.conn.execute(select(t.disposal).order_by(t.disposal.c.seq)).all()
    return [_disposal(reader, row) for row in rows]


def find_disposal(reader: Reader, wanted: str) -> Disposal:
    """The disposal of an id, or of a beginning or end of one (6 characters or more)."""
    found = [
        disposal
        for disposal in disposals(reader)
        if disposal.id == wanted
        or (len(wanted) >= 6 and (disposal.id.startswith(wanted) or disposal.id.endswith(wanted)))
    ]
    if len(found) > 1:
        raise UsageError(f"several disposals fit {wanted}", hint="give more of the id")
    if not found:
        raise NotFound(f"there is no disposal {wanted}", hint="see: muniment disposal list")
    return found[0]


def listing_of(reader: Reader, disposal: Disposal) -> Listing:
    """The list as it was proposed; VerificationError when it is not what its digest says."""
    ((_, sealed),) = reader.open([reader.entry(disposal.seq)])
    data = sealed.bytes_of("list") if sealed is not None else None
    if data is None or digest_of(data) != disposal.digest:
        raise VerificationError(
            f"the list of disposal {disposal.id} is not what was proposed",
            hint="run muniment verify, and restore from a backup",
        )
    return Listing.decode(data)


def schedule_of(reader: Reader, disposal: Disposal) -> Adopted:
    """The schedule that a disposal was proposed under."""
    return next(one for one in adopted(reader) if one.id == disposal.schedule_id)


def _listing(
    archive: Archive, reader: Reader, one: Adopted, day: date, progress: Callable[[int], None]
) -> tuple[Listing, bool]:
    schedule, zone = load(reader, one), zone_of(archive)
    _check_ready(schedule)
    items: list[Item] = []
    excluded: list[Exclusion] = []
    held, more = 0, False
    for record, decision in survey(reader, schedule, day, zone):
        progress(1)
        if decision.action is not Action.DESTROY or decision.due is None or decision.due > day:
            continue
        assert decision.series is not None
        if not decision.eligible:
            held += 1
            if len(excluded) < MOST:
                excluded.append(Exclusion(record.id, decision.series, decision.reason))
        elif len(items) == MOST:
            more = True
            break
        else:
            items.append(
                Item(
                    record=record.id,
                    series=decision.series,
                    version=record.last_seq,
                    dated=day_of(record.occurred_at or record.captured_at, zone).isoformat(),
                    size=record.size,
                    due=decision.due.isoformat(),
                    reason=decision.reason,
                )
            )
    listing = Listing(
        one.id,
        schedule.code,
        schedule.version,
        day.isoformat(),
        tuple(items),
        tuple(excluded),
        held,
    )
    return listing, more


def _check_ready(schedule: Schedule) -> None:
    destroying = [series for series in schedule.series if series.action is Action.DESTROY]
    waiting = [(series, schedule.obstacle(series)) for series in destroying]
    if destroying and all(obstacle for _, obstacle in waiting):
        series, obstacle = waiting[0]
        raise Refused(
            f"{schedule.label} allows no disposal yet: series {series.code}: {obstacle}",
            hint="complete the schedule and adopt it as the next version",
        )


def _commission(disposal: Disposal, now: date) -> list[str]:
    if disposal.filed is None:
        return ["no certificate approved by the Local Records Commission is recorded"]
    if now < (free := disposal.filed + COMMISSION_WAIT):
        return [f"the certificate was filed on {disposal.filed}; it may run from {free}"]
    return []


def _disposal(reader: Reader, row: Row[Any]) -> Disposal:
    table = t.disposal_approval
    query = (
        select(table.c.actor, table.c.seq)
        .where(table.c.disposal_id == row.id, table.c.digest == row.digest)
        .order_by(table.c.seq)
    )
    return Disposal(
        row.id,
        row.seq,
        row.schedule_id,
        date.fromisoformat(row.as_of),
        row.listed,
        row.digest,
        row.proposed_by,
        row.proposed_at,
        row.certificate,
        _date(row.filed),
        _date(row.approved),
        row.started_seq,
        row.finished_seq,
        {approval.actor: approval.seq for approval in reader.conn.execute(query)},
    )


def _date(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)
