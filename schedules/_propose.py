"""Proposing a disposal: what is due by a day, as a sealed list whose digest is public."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date
from operator import attrgetter

from archive import Archive, Draft, Parts, Reader, Signer, new_id
from archive.errors import NotFound, Refused
from schedules._adopt import Adopted, in_force, load
from schedules._candidates import past_due
from schedules._days import day_of, today, zone_of
from schedules._list import Exclusion, Item, Listing, digest_of
from schedules._placing import cover
from schedules._schedule import Action, Schedule

MOST = 25_000
"""The longest list of one disposal; what is due beyond it waits for the next.

It bounds the memory that a proposal takes.
"""


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
    *,
    only: Collection[str] = (),
    action: Action = Action.DESTROY,
) -> Proposal | None:
    """List what the schedule in force destroys by `as_of` (today), and append the list.

    With `action` what it transfers to an archives instead. `only` are the codes of the series that
    it is for; else it is for all. None when nothing is due. Refused when `as_of` is still to come,
    or when every series that would be listed still lacks its authority or period. NotFound for a
    series of another action.
    """
    day = as_of or today(archive)
    if day > today(archive):
        raise Refused(f"{day} is still to come", hint="see: muniment schedule due --as-of")
    with archive.write(signer) as writer:
        cover(archive, writer)
    with archive.read() as reader:
        one = in_force(reader, day)
        listing, more = _listing(archive, reader, one, day, progress, only, action)
    if not listing.items:
        return None
    data = listing.encode()
    digest, disposal = digest_of(data), new_id()
    header = {
        "schedule": one.id,
        "action": action.value,
        "as_of": day.isoformat(),
        "count": len(listing.items),
        "digest": digest,
    }
    with archive.write(signer) as writer:
        writer.append([Draft("disposal.proposed", disposal, header, Parts.of([("list", data)]))])
    return Proposal(disposal, listing, digest, more)


def _listing(
    archive: Archive,
    reader: Reader,
    one: Adopted,
    day: date,
    progress: Callable[[int], None],
    only: Collection[str],
    action: Action,
) -> tuple[Listing, bool]:
    schedule, zone = load(reader, one), zone_of(archive)
    wanted = _listed(schedule, only, action)
    items: list[Item] = []
    excluded: list[Exclusion] = []
    held, more = 0, False
    for record, decision in past_due(reader, schedule, day, zone, wanted):
        progress(1)
        assert decision.series is not None
        assert decision.due is not None
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
        tuple(sorted(items, key=attrgetter("record"))),
        tuple(sorted(excluded, key=attrgetter("record"))),
        held,
        tuple(sorted(set(only))),
        action=action,
    )
    return listing, more


def _listed(schedule: Schedule, only: Collection[str], action: Action) -> set[str]:
    """The codes of the series to list."""
    series = [one for one in schedule.series if one.action is action]
    if unknown := sorted(set(only) - {one.code for one in series}):
        raise NotFound(
            f"{schedule.label} has no series {unknown[0]} whose action is {action}",
            hint=f"its series that are: {', '.join(one.code for one in series) or 'none'}",
        )
    series = [one for one in series if not only or one.code in only]
    waiting = [(one, schedule.obstacle(one)) for one in series]
    if series and all(obstacle for _, obstacle in waiting):
        one, obstacle = waiting[0]
        raise Refused(
            f"{schedule.label} allows no disposal yet: series {one.code}: {obstacle}",
            hint="complete the schedule and adopt it as the next version",
        )
    return {one.code for one in series}
