"""Legal holds as they stand: what they cover, who answers for them, and what they have caught."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import Row, select

from archive import Entry, Parts, Reader
from archive.errors import NotFound, UsageError, VerificationError
from archive.times import to_text
from schedules import _tables as t
from schedules._criteria import Criteria
from schedules._facts import hold_label

_CATCHING = {"hold.placed", "hold.widened", "hold.extended"}


class HoldKind(StrEnum):
    """What a hold is for."""

    LITIGATION = "litigation"
    REQUEST = "request"
    AUDIT = "audit"


@dataclass(frozen=True, slots=True)
class Custodian:
    """Who answers for what is held, and since when (a time text) for the hold as it is now."""

    name: str
    acknowledged_at: str | None


@dataclass(frozen=True, slots=True)
class Hold:
    """A hold as it stands: what fits any of its criteria is held.

    `records` counts what it has caught; times are texts. `remind` is the day on which to look at it
    again, `every` the ISO 8601 period from one such day to the next.
    """

    id: str
    seq: int
    name: str
    kind: HoldKind
    matter: str
    criteria: tuple[Criteria, ...]
    custodians: tuple[Custodian, ...]
    placed_at: str
    released_at: str | None
    records: int
    remind: date | None
    every: str | None

    @property
    def label(self) -> str:
        return hold_label(self.name, self.kind)

    @property
    def active(self) -> bool:
        return self.released_at is None

    @property
    def outstanding(self) -> tuple[str, ...]:
        """The custodians who have not acknowledged the hold as it is now; none once released."""
        missing = (one.name for one in self.custodians if one.acknowledged_at is None)
        return tuple(missing) if self.active else ()

    def due(self, day: date) -> bool:
        """Whether the hold is to be looked at on that day."""
        return self.active and self.remind is not None and self.remind <= day


@dataclass(frozen=True, slots=True)
class Terms:
    """What an entry that placed or widened a hold says; name and matter when it was placed."""

    name: str
    matter: str
    criteria: Criteria
    custodians: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Caught:
    """A record that a hold caught, and when (a time text)."""

    record: str
    at: str


def holds(reader: Reader) -> list[Hold]:
    """Every hold ever placed, in order. VerificationError when what is sealed of one is missing."""
    rows = reader.conn.execute(select(t.hold).order_by(t.hold.c.seq)).all()
    terms = defaultdict[str, list[Terms]](list)
    query = select(t.hold_terms.c.seq).order_by(t.hold_terms.c.seq)
    entries = [reader.entry(seq) for seq in reader.conn.execute(query).scalars().all()]
    for entry, sealed in reader.open(entries):
        terms[entry.subject].append(terms_of(entry, sealed))
    told = defaultdict[str, list[str | None]](list)
    custodian = t.hold_custodian
    for row in reader.conn.execute(select(custodian).order_by(custodian.c.number)):
        told[row.hold_id].append(row.acknowledged_at)
    return [_hold(row, terms[row.id], told[row.id]) for row in rows]


def find_hold(reader: Reader, wanted: str) -> Hold:
    """The hold of a name (the active one, else the newest), or of an id or a part of one.

    The part is its beginning or end, at least 6 characters long. NotFound when there is none,
    UsageError when several fit.
    """
    every = holds(reader)
    named = [hold for hold in every if hold.name == wanted]
    if named:
        return max(named, key=lambda hold: (hold.active, hold.seq))
    found = [
        hold
        for hold in every
        if len(wanted) >= 6 and (hold.id.startswith(wanted) or hold.id.endswith(wanted))
    ]
    if len(found) > 1:
        raise UsageError(f"several holds fit {wanted}", hint="give more of the id")
    if not found:
        raise NotFound(f"there is no hold {wanted}", hint="see: muniment hold list")
    return found[0]


def held_records(reader: Reader, hold: Hold) -> Iterator[Caught]:
    """All records that a hold caught, in the order in which it did."""
    for entry in reader.history(hold.id, _CATCHING):
        at = to_text(entry.at)
        yield from (Caught(record, at) for record in entry.data["records"])


def terms_of(entry: Entry, sealed: Parts | None) -> Terms:
    """What an entry that placed or widened a hold says; VerificationError when that is missing."""
    if sealed is None and entry.commitment is not None:
        raise VerificationError(f"hold {entry.subject}: what is sealed of it is missing")
    parts, data = sealed or Parts(()), entry.data
    return Terms(
        parts.text("name"),
        parts.text("matter"),
        Criteria(
            query=parts.text("query"),
            account=data.get("account"),
            author_key=data.get("author_key"),
            since=_date(data.get("from")),
            until=_date(data.get("to")),
            author=parts.text("author"),
        ),
        tuple(parts.text(f"custodian/{number}") for number in range(data["custodians"])),
    )


def _hold(row: Row[Any], terms: Sequence[Terms], acknowledged: Sequence[str | None]) -> Hold:
    names = [name for one in terms for name in one.custodians]
    return Hold(
        row.id,
        row.seq,
        terms[0].name,
        HoldKind(row.kind),
        terms[0].matter,
        tuple(one.criteria for one in terms if one.criteria),
        tuple(Custodian(*one) for one in zip(names, acknowledged, strict=True)),
        row.placed_at,
        row.released_at,
        row.records,
        _date(row.remind),
        row.every,
    )


def _date(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)
