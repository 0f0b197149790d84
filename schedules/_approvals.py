"""What people decide about a disposal before it runs: approve, strike, withdraw.

Each is an entry signed by whoever decides. An approval is of the list's digest, so that one given
before records were struck off the list is an approval of another list. It counts until the day
that it names itself, and while the key that signed it is in force.
"""

from collections.abc import Collection, Iterator
from datetime import date

from archive import Draft, Entry, Parts, Reader, Writer, actors
from archive.errors import NotFound, Refused, UsageError
from schedules._adopt import in_force, load
from schedules._authorization import missing
from schedules._disposal import (
    APPROVALS,
    Disposal,
    State,
    is_named,
    listing_of,
    schedule_of,
)
from schedules._guard import unsearched_requests
from schedules._list import Listing, digest_of
from schedules._schedule import Action

APPROVERS = frozenset({"officer", "director"})
"""Roles that may approve: an agent's unattended key is nobody's judgement."""


def approve(writer: Writer, disposal: Disposal, now: date) -> Entry:
    """Approve a disposal's list as the writer's signer, for as long as the schedule says.

    Refused while an approval by the same actor or key counts, for an actor without the role, and
    for a disposal that is finished or withdrawn.
    """
    refuse_when(disposal, now, State.FINISHED, State.WITHDRAWN)
    actor = decider(writer, "approve a disposal")
    for earlier in disposal.counting(now):
        known = actors.get(writer, earlier.actor)
        if known.id == actor.id or known.public_key == actor.public_key:
            raise Refused(
                f"{known.name} has already approved this disposal",
                hint="the second approval must be another person's, with a key of their own",
            )
    listing_of(writer, disposal)
    term = load(writer, schedule_of(writer, disposal)).approvals_expire
    data = {"digest": disposal.digest, "expires": term.last_day(now).isoformat()}
    (entry,) = writer.append([Draft("disposal.approved", disposal.id, data)])
    return entry


def strike(
    writer: Writer,
    disposal: Disposal,
    wanted: Collection[str],
    reason: str,
    now: date,
    *,
    series: str = "",
) -> list[str]:
    """Strike records off a list, by ids or parts of them, or a whole series; gives their ids.

    Approvals given before are of another list and count no longer. Refused for an actor without
    the role, after the start, and when nothing would be left. NotFound for what is not on the list.
    """
    refuse_when(disposal, now, State.STARTED, State.FINISHED, State.WITHDRAWN)
    decider(writer, "strike records off a list")
    if not reason.strip():
        raise UsageError("a record is struck off with a reason", hint="give --reason")
    listing = listing_of(writer, disposal)
    off = [_on_list(listing, name) for name in wanted] + list(_of_series(listing, series))
    records = list(dict.fromkeys(off))
    if not records:
        raise UsageError(
            "nothing is named that could be struck off", hint="give records, or a series"
        )
    left = listing.without(set(records), reason)
    if not left.items:
        raise Refused(
            "that would strike everything off the list",
            hint="withdraw it: muniment disposal withdraw",
        )
    data = {"records": records, "digest": digest_of(left.encode())}
    writer.append([Draft("disposal.struck", disposal.id, data, Parts.of([("reason", reason)]))])
    return records


def withdraw(writer: Writer, disposal: Disposal, reason: str, now: date) -> Entry:
    """Withdraw a list that is not to run. Refused after the start, and without the role."""
    refuse_when(disposal, now, State.STARTED, State.FINISHED, State.WITHDRAWN)
    decider(writer, "withdraw a disposal")
    if not reason.strip():
        raise UsageError("a list is withdrawn with a reason", hint="give --reason")
    parts = Parts.of([("reason", reason)])
    (entry,) = writer.append([Draft("disposal.withdrawn", disposal.id, {}, parts)])
    return entry


def obstacles(
    reader: Reader, disposal: Disposal, now: date, *, packaging: bool = False
) -> list[str]:
    """Why a disposal cannot run today; empty when it can. Or cannot be packaged for an archives."""
    if disposal.withdrawn_seq is not None:
        return ["it was withdrawn"]
    one = schedule_of(reader, disposal)
    found = list(_approvals_missing(disposal, now))
    found += missing(load(reader, one).authorizations, disposal.authorized, now)
    if (newest := in_force(reader, now)).id != one.id:
        found.append(f"{newest.label} is in force now, and the list was made under {one.label}")
    if disposal.action is Action.TRANSFER and disposal.acknowledged_seq is None and not packaging:
        made = "its package" if disposal.packaged_seq is not None else "a package"
        found.append(f"no archives has acknowledged {made} yet")
    if numbers := unsearched_requests(reader):
        found.append(f"nobody has searched for the open request {', '.join(numbers)}")
    return found


def _approvals_missing(disposal: Disposal, now: date) -> Iterator[str]:
    if (missing := APPROVALS - len(disposal.counting(now))) <= 0:
        return
    lapsed = [why for one in disposal.approvals if (why := one.why_not(now))]
    because = f" ({'; '.join(lapsed)})" if lapsed else ""
    yield f"{missing} more approval{'s' if missing > 1 else ''} needed{because}"


def refuse_when(disposal: Disposal, now: date, *states: State) -> None:
    """Refused for a disposal in one of the states."""
    if (state := disposal.state(now)) in states:
        raise Refused(f"disposal {disposal.id} is already {state}")


def decider(writer: Writer, what: str) -> actors.Actor:
    """The writer's signer, who must be a person that may decide."""
    actor = actors.get(writer, writer.signer.actor)
    if not APPROVERS & set(actor.roles):
        raise Refused(
            f"{actor.name} is {', '.join(actor.roles)} and cannot {what}",
            hint="an officer or a director can",
        )
    return actor


def _on_list(listing: Listing, wanted: str) -> str:
    found = [item.record for item in listing.items if is_named(item.record, wanted)]
    if len(found) > 1:
        raise UsageError(f"several records of the list fit {wanted}", hint="give more of the id")
    if not found:
        raise NotFound(
            f"record {wanted} is not on the list", hint="see: muniment disposal show ID --list"
        )
    return found[0]


def _of_series(listing: Listing, series: str) -> Iterator[str]:
    if series and series not in {item.series for item in listing.items}:
        raise NotFound(f"nothing of series {series} is on the list")
    yield from (item.record for item in listing.items if series and item.series == series)
