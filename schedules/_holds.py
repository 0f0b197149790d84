"""Legal holds: placed, extended to what is captured later, released with a reason."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import Row, select

from archive import Archive, Draft, Parts, Reader, Writer, new_id, records
from archive.errors import NotFound, Refused, UsageError, VerificationError
from schedules import _tables as t
from schedules._criteria import Criteria, matching
from schedules._facts import hold_label
from schedules._guard import Coverage
from search import parse

_PER_ENTRY = 1000


class HoldKind(StrEnum):
    """What a hold is for."""

    LITIGATION = "litigation"
    REQUEST = "request"
    AUDIT = "audit"


@dataclass(frozen=True, slots=True)
class Hold:
    """A hold as it stands. `records` counts what it has caught; times are texts."""

    id: str
    seq: int
    name: str
    kind: HoldKind
    criteria: Criteria
    placed_at: str
    released_at: str | None
    records: int

    @property
    def label(self) -> str:
        return hold_label(self.name, self.kind)

    @property
    def active(self) -> bool:
        return self.released_at is None


@dataclass(frozen=True, slots=True)
class Sheet:
    """What a hold's entries say of it, from the vault."""

    matter: str
    custodian: str
    query: str
    release_reason: str


def place(
    archive: Archive,
    writer: Writer,
    name: str,
    kind: HoldKind,
    *,
    matter: str,
    custodian: str,
    record_ids: Iterable[str] = (),
    criteria: Criteria | None = None,
) -> Hold:
    """Place a hold on single records and on whatever fits the criteria.

    Call it before anything is appended in the transaction. UsageError when it would catch nothing,
    ever; QueryError for a query that cannot be read, or depends on
    the day. Refused when an active hold has the name or a record was disposed of; NotFound for an
    unknown record.
    """
    criteria = criteria or Criteria()
    if criteria.query:
        parse(criteria.query)  # without a day: what a hold is about does not move with the calendar
    named = [_present(writer, record) for record in record_ids]
    if not named and not criteria:
        raise UsageError(
            "a hold needs records or criteria",
            hint="give --record, --query, --account, --author, --from or --to",
        )
    if criteria.since and criteria.until and criteria.since > criteria.until:
        raise UsageError("the hold's period ends before it begins", hint="swap --from and --to")
    if not name.strip():
        raise UsageError("a hold needs a name", hint="such as the matter's short name")
    if any(hold.active and hold.name == name for hold in holds(writer)):
        raise Refused(f'a hold named "{name}" is already in place', hint="choose another name")
    hold = new_id()
    caught = list(dict.fromkeys([*named, *matching(archive, writer, criteria, hold)]))
    data: dict[str, Any] = {"kind": kind.value, "records": caught[:_PER_ENTRY]}
    for key, value in (
        ("account", criteria.account),
        ("author_key", criteria.author_key),
        ("from", criteria.since),
        ("to", criteria.until),
    ):
        if value is not None:
            data[key] = str(value)
    parts = Parts.of(
        [("name", name), ("matter", matter), ("custodian", custodian), ("query", criteria.query)]
    )
    writer.append(
        [Draft("hold.placed", hold, data, parts), *_extensions(hold, caught[_PER_ENTRY:])]
    )
    return find_hold(writer, hold)


def cover(archive: Archive, writer: Writer) -> tuple[Coverage, dict[str, int]]:
    """Extend every active hold to the records that fit it by now.

    Call it before anything is appended in the transaction. Returns the coverage that the guard
    asks for, and how many records each hold caught anew.
    """
    caught = uncovered(archive, writer)
    writer.append(
        [draft for hold, found in caught.items() for draft in _extensions(hold.id, found)]
    )
    return Coverage(writer.head.size), {hold.name: len(found) for hold, found in caught.items()}


def uncovered(archive: Archive, reader: Reader) -> dict[Hold, list[str]]:
    """Per active hold the records that fit it and that it has not caught yet."""
    found = {
        hold: list(matching(archive, reader, hold.criteria, hold.id))
        for hold in holds(reader)
        if hold.active
    }
    return {hold: caught for hold, caught in found.items() if caught}


def release(writer: Writer, hold: Hold, reason: str) -> None:
    """End a hold. Refused when it was released before, UsageError without a reason."""
    if not hold.active:
        raise Refused(f'the hold "{hold.name}" was released on {str(hold.released_at)[:10]}')
    if not reason.strip():
        raise UsageError("a release needs a reason", hint="give --reason")
    writer.append([Draft("hold.released", hold.id, {}, Parts.of([("reason", reason)]))])


def holds(reader: Reader) -> list[Hold]:
    """Every hold ever placed, in order."""
    rows = reader.conn.execute(select(t.hold).order_by(t.hold.c.seq)).all()
    queries = _queries(reader, [row for row in rows if row.query])
    return [_hold(row, queries.get(row.id, "")) for row in rows]


def find_hold(reader: Reader, wanted: str) -> Hold:
    """The hold of a name (the active one, else the newest) or of an id or its beginning."""
    every = holds(reader)
    named = [hold for hold in every if hold.name == wanted]
    if named:
        return max(named, key=lambda hold: (hold.active, hold.seq))
    begun = [hold for hold in every if len(wanted) >= 6 and hold.id.startswith(wanted)]
    if len(begun) > 1:
        raise UsageError(f"several holds fit {wanted}", hint="give more of the id")
    if not begun:
        raise NotFound(f"there is no hold {wanted}", hint="see: muniment hold list")
    return begun[0]


def sheet(reader: Reader, hold: Hold) -> Sheet:
    """Matter, custodian, query and reason of release, read from the vault."""
    entries = reader.history(hold.id, {"hold.placed", "hold.released"})
    opened = [parts for _, parts in reader.open(entries)]
    if any(parts is None for parts in opened):
        raise VerificationError(f"hold {hold.id}: its sealed half is missing")
    placed, *released = [parts for parts in opened if parts is not None]
    return Sheet(
        placed.get("matter") or "",
        placed.get("custodian") or "",
        placed.get("query") or "",
        released[0].text("reason") if released else "",
    )


def held_records(reader: Reader, hold: Hold) -> Iterator[str]:
    """The ids of all records that a hold caught, in the order in which it did."""
    for entry in reader.history(hold.id, {"hold.placed", "hold.extended"}):
        yield from entry.data["records"]


def _present(writer: Writer, wanted: str) -> str:
    record = records.get(writer, wanted)
    if record.disposed_at is not None:
        raise Refused(f"record {record.id} was disposed of on {record.disposed_at[:10]}")
    return record.id


def _extensions(hold: str, caught: Sequence[str]) -> list[Draft]:
    return [
        Draft("hold.extended", hold, {"records": list(caught[start : start + _PER_ENTRY])})
        for start in range(0, len(caught), _PER_ENTRY)
    ]


def _queries(reader: Reader, rows: Sequence[Row[Any]]) -> dict[str, str]:
    entries = [reader.entry(row.seq) for row in rows]
    found = {}
    for entry, parts in reader.open(entries):
        query = parts.get("query") if parts is not None else None
        if query is None:
            raise VerificationError(f"hold {entry.subject}: its query is missing")
        found[entry.subject] = query
    return found


def _hold(row: Row[Any], query: str) -> Hold:
    return Hold(
        row.id,
        row.seq,
        row.name,
        HoldKind(row.kind),
        Criteria(query, row.account, row.author_key, _date(row.since), _date(row.until)),
        row.placed_at,
        row.released_at,
        row.records,
    )


def _date(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)
