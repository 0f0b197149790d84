"""Disposals as they stand: what the log says of their lists, approvals and runs."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import Row, select

from archive import Reader, actors
from archive.actors import key_table
from archive.errors import NotFound, UsageError, VerificationError
from schedules import _disposal_tables as t
from schedules._adopt import Adopted, adopted
from schedules._authorization import Authorized
from schedules._list import Listing, digest_of
from schedules._schedule import Action

APPROVALS = 2


class State(StrEnum):
    """How far a disposal has come."""

    PROPOSED = "proposed"
    APPROVED = "approved"
    STARTED = "started"
    FINISHED = "finished"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Approval:
    """An actor's newest approval: its position, and the last day on which it may be used.

    `lapsed` says why it counts no longer; "" while it does.
    """

    actor: str
    name: str
    seq: int
    expires: date
    lapsed: str = ""

    def counts(self, today: date) -> bool:
        return not self.lapsed and today <= self.expires

    def why_not(self, today: date) -> str:
        """Why it does not count; "" when it does."""
        expired = f"the approval by {self.name} expired after {self.expires}"
        return self.lapsed or (expired if today > self.expires else "")


@dataclass(frozen=True, slots=True)
class Disposal:
    """A disposal as it stands. `digest` is that of the list without what was `struck` off it.

    `approvals` are those that a finished disposal was run on, else one for each actor who approved.
    `authorized` is what authorities outside approved, by the codes of the schedule; `number` is
    that of the certificate of disposal. Packaged and acknowledged is the newest package.
    """

    id: str
    seq: int
    schedule_id: str
    action: Action
    as_of: date
    listed: int
    struck: int
    digest: str
    proposed_by: str
    proposed_at: str
    started_seq: int | None
    finished_seq: int | None
    withdrawn_seq: int | None
    number: str | None
    packaged_seq: int | None
    acknowledged_seq: int | None
    approvals: tuple[Approval, ...]
    authorized: Mapping[str, Authorized]

    @property
    def remaining(self) -> int:
        """How many records are on the list now."""
        return self.listed - self.struck

    def counting(self, today: date) -> list[Approval]:
        """The approvals that count on a day."""
        return [approval for approval in self.approvals if approval.counts(today)]

    def state(self, today: date) -> State:
        if self.finished_seq is not None:
            return State.FINISHED
        if self.withdrawn_seq is not None:
            return State.WITHDRAWN
        if self.started_seq is not None:
            return State.STARTED
        return State.APPROVED if len(self.counting(today)) >= APPROVALS else State.PROPOSED


def disposals(reader: Reader) -> list[Disposal]:
    """Every disposal, in order."""
    rows = reader.conn.execute(select(t.disposal).order_by(t.disposal.c.seq)).all()
    return [_disposal(reader, row) for row in rows]


def find_disposal(reader: Reader, wanted: str) -> Disposal:
    """The disposal of a certificate's number, or of an id or a beginning or end of one."""
    rows = reader.conn.execute(select(t.disposal)).all()
    found = [row for row in rows if row.number == wanted or is_named(row.id, wanted)]
    if len(found) > 1:
        raise UsageError(f"several disposals fit {wanted}", hint="give more of the id")
    if not found:
        raise NotFound(f"there is no disposal {wanted}", hint="see: muniment disposal list")
    return _disposal(reader, found[0])


def is_named(known: str, wanted: str) -> bool:
    """Whether `wanted` is the id `known`, or 6 characters or more of its beginning or end."""
    return known == wanted or (
        len(wanted) >= 6 and (known.startswith(wanted) or known.endswith(wanted))
    )


def listing_of(reader: Reader, disposal: Disposal) -> Listing:
    """The list as it stands; VerificationError when it is not what its digest says."""
    entries = reader.history(disposal.id, {"disposal.proposed", "disposal.struck"})
    (proposed, sealed), *strikes = reader.open(entries)
    data = sealed.bytes_of("list") if sealed is not None else None
    if data is None or digest_of(data) != proposed.data["digest"]:
        raise _not_what_was_proposed(disposal)
    listing = Listing.decode(data)
    for entry, reason in strikes:
        if reason is None:
            raise _not_what_was_proposed(disposal)
        listing = listing.without(set(entry.data["records"]), reason.text("reason"))
    if strikes and digest_of(listing.encode()) != disposal.digest:
        raise _not_what_was_proposed(disposal)
    return listing


def schedule_of(reader: Reader, disposal: Disposal) -> Adopted:
    """The schedule that a disposal was proposed under."""
    return next(one for one in adopted(reader) if one.id == disposal.schedule_id)


def _not_what_was_proposed(disposal: Disposal) -> VerificationError:
    return VerificationError(
        f"the list of disposal {disposal.id} is not what was proposed",
        hint="run muniment verify, and restore from a backup",
    )


def _disposal(reader: Reader, row: Row[Any]) -> Disposal:
    return Disposal(
        row.id,
        row.seq,
        row.schedule_id,
        Action(row.action),
        date.fromisoformat(row.as_of),
        row.listed,
        row.struck,
        row.digest,
        row.proposed_by,
        row.proposed_at,
        row.started_seq,
        row.finished_seq,
        row.withdrawn_seq,
        row.number,
        row.packaged_seq,
        row.acknowledged_seq,
        tuple(_approvals(reader, row)),
        _authorized(reader, row.id),
    )


def _approvals(reader: Reader, row: Row[Any]) -> Iterator[Approval]:
    c = t.approval.c
    query = select(t.approval).where(c.disposal_id == row.id).order_by(c.seq)
    if row.finished_seq is not None:
        query = query.where(c.used == 1)
    newest = {one.actor: one for one in reader.conn.execute(query)}
    for one in sorted(newest.values(), key=lambda one: one.seq):
        actor = actors.get(reader, one.actor)
        lapsed = ""
        if row.finished_seq is None and one.digest != row.digest:
            lapsed = f"the list was changed after {actor.name} had approved it"
        elif row.finished_seq is None and not _key_in_force(reader, actor, one.seq):
            lapsed = f"the key with which {actor.name} approved is no longer in force"
        yield Approval(actor.id, actor.name, one.seq, date.fromisoformat(one.expires), lapsed)


def _authorized(reader: Reader, disposal: str) -> dict[str, Authorized]:
    c = t.authorization.c
    rows = reader.conn.execute(
        select(t.authorization).where(c.disposal_id == disposal).order_by(c.seq)
    )
    return {
        row.document: Authorized(
            row.document,
            row.number,
            date.fromisoformat(row.filed) if row.filed else None,
            date.fromisoformat(row.approved),
        )
        for row in rows
    }


def _key_in_force(reader: Reader, actor: actors.Actor, position: int) -> bool:
    """Whether an actor still has the key that signed the entry at a position."""
    later = select(key_table.c.seq).where(key_table.c.actor == actor.id, key_table.c.seq > position)
    return not actor.revoked and reader.conn.execute(later).first() is None
