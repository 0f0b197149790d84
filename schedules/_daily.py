"""What a timer has done every day: run what may run, list what is due, say what waits for people.

Nothing here approves, strikes off or acknowledges: an agent's key is enough for it. Doing it twice,
or again after it was killed, does nothing twice: a list is run once, and what is on a list that
waits is not listed again, for only one list of each kind waits at a time.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from archive import Archive, Reader, Signer
from archive.errors import Refused
from schedules._adopt import in_force
from schedules._approvals import obstacles
from schedules._days import day_of, today, zone_of
from schedules._disposal import APPROVALS, Disposal, State, disposals
from schedules._holds import holds
from schedules._period import Period
from schedules._propose import Proposal, propose
from schedules._run import Run, run
from schedules._schedule import Action

SOON = timedelta(days=14)
"""An approval is about to expire when it has no more than this left."""

LATE = timedelta(days=30)
"""A list that has waited longer than this is overdue."""


@dataclass(frozen=True, slots=True)
class Matter:
    """Something that waits for a person; `overdue` when it has waited too long."""

    said: str
    overdue: bool = False


@dataclass(slots=True)
class Day:
    """What was done, and what waits for people."""

    ran: list[Run] = field(default_factory=list)
    proposed: list[Proposal] = field(default_factory=list)
    matters: list[Matter] = field(default_factory=list)

    @property
    def overdue(self) -> bool:
        return any(matter.overdue for matter in self.matters)


def daily(
    archive: Archive,
    signer: Signer,
    every: Period | None = None,
    progress: Callable[[int], None] = lambda _: None,
) -> Day:
    """Run every list that may run, then list what is due, where no list of that kind waits.

    With `every` a new list is made no sooner than that after the last one. NotFound when no
    schedule is in force; the errors of `run`.
    """
    done, now = Day(), today(archive)
    with archive.read() as reader:
        in_force(reader, now)
        ready = [one for one in _open(reader, now) if not obstacles(reader, one, now)]
    done.ran = [run(archive, signer, one.id, progress=progress) for one in ready]
    for action in (Action.DESTROY, Action.TRANSFER):
        with archive.read() as reader:
            wanted = _wanted(archive, reader, action, now, every)
        if not wanted:
            continue
        try:
            proposal = propose(archive, signer, now, progress, action=action)
        except Refused as error:
            done.matters.append(Matter(str(error)))
            continue
        if proposal is not None:
            done.proposed.append(proposal)
    with archive.read() as reader:
        done.matters += _waiting(archive, reader, now)
    return done


def _open(reader: Reader, now: date) -> list[Disposal]:
    ended = {State.FINISHED, State.WITHDRAWN}
    return [one for one in disposals(reader) if one.state(now) not in ended]


def _wanted(
    archive: Archive, reader: Reader, action: Action, now: date, every: Period | None
) -> bool:
    """Whether a list of the kind is to be made. One under a superseded schedule waits in vain."""
    current = in_force(reader, now).id
    lists = [one for one in disposals(reader) if one.action is action]
    ended = {State.FINISHED, State.WITHDRAWN}
    if any(one.state(now) not in ended and one.schedule_id == current for one in lists):
        return False
    if every is None or not lists:
        return True
    last = max(day_of(one.proposed_at, zone_of(archive)) for one in lists)
    return every.last_day(last) <= now


def _waiting(archive: Archive, reader: Reader, now: date) -> Iterator[Matter]:
    zone = zone_of(archive)
    for one in _open(reader, now):
        since = day_of(one.proposed_at, zone)
        needs = "; ".join(obstacles(reader, one, now))
        if needs:
            stuck = one.state(now) is State.STARTED
            lapsed = any(approval.why_not(now) for approval in one.approvals)
            yield Matter(
                f"disposal {one.id} of {since} waits: {needs}",
                overdue=stuck or lapsed or now - since > LATE,
            )
        for approval in one.counting(now)[:APPROVALS]:
            if approval.expires - now <= SOON:
                yield Matter(
                    f"the approval of disposal {one.id} by {approval.name} expires after "
                    f"{approval.expires}"
                )
    for hold in holds(reader):
        if hold.due(now):
            said = f"the hold {hold.label} is to be looked at since {hold.remind}"
            yield Matter(said, overdue=True)
        for name in hold.outstanding:
            placed = datetime.fromisoformat(hold.placed_at).astimezone(zone).date()
            yield Matter(
                f"{name} has not acknowledged the hold {hold.label}",
                overdue=now - placed > LATE,
            )
