"""Placing, widening and releasing holds, and applying them to what is captured later.

A hold is never narrowed: the narrower one is placed, and the wide one released with its reason.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Self

from archive import Archive, Draft, Parts, Reader, Writer, actors, new_id, records
from archive.errors import Refused, UsageError
from schedules._criteria import Criteria, matching
from schedules._guard import Coverage
from schedules._holds import Hold, HoldKind, Terms, find_hold, holds
from schedules._reminders import NEVER, Reminder
from schedules._requests import find_request
from search import parse

_PER_ENTRY = 1000


@dataclass(frozen=True, slots=True)
class _Named:
    """What a hold names: ids of records, and of requests whose own files it is to keep."""

    records: frozenset[str]
    requests: frozenset[str]

    @classmethod
    def of(cls, writer: Writer, records: Iterable[str], requests: Iterable[str]) -> Self:
        return cls(
            frozenset(_present(writer, record) for record in records),
            frozenset(find_request(writer, request) for request in requests),
        )

    @property
    def ids(self) -> list[str]:
        return sorted(self.records | self.requests)


def place(
    archive: Archive,
    writer: Writer,
    name: str,
    kind: HoldKind,
    *,
    matter: str = "",
    custodians: Sequence[str] = (),
    record_ids: Iterable[str] = (),
    requests: Iterable[str] = (),
    criteria: Criteria | None = None,
    reminder: Reminder = NEVER,
) -> Hold:
    """Place a hold on single records, on requests' own files, and on whatever fits the criteria.

    Requests are named by their numbers or ids.

    Call it before anything is appended in the transaction. UsageError when it would catch nothing,
    ever, or names a custodian twice; QueryError for a query that cannot be read, or depends on the
    day. Refused when an active hold has the name or a record was disposed of; NotFound for an
    unknown record or request.
    """
    if not name.strip():
        raise UsageError("a hold needs a name", hint="such as the matter's short name")
    if any(hold.active and hold.name == name for hold in holds(writer)):
        raise Refused(
            f'a hold named "{name}" is already in place',
            hint="choose another name, or widen it: muniment hold widen",
        )
    criteria = _readable(criteria or Criteria())
    named = _Named.of(writer, record_ids, requests)
    if not named.ids and not criteria:
        raise UsageError(
            "a hold needs records or criteria",
            hint="give --record, --request, --query, --account, --author, --from or --to",
        )
    hold = new_id()
    terms = Terms(name, matter, criteria, _custodians(custodians))
    covered, parts, more = _covering(archive, writer, hold, named, terms)
    data = {"kind": kind.value} | reminder.data | covered
    writer.append([Draft("hold.placed", hold, data, parts), *more])
    return find_hold(writer, hold)


def widen(
    archive: Archive,
    writer: Writer,
    hold: Hold,
    *,
    custodians: Sequence[str] = (),
    record_ids: Iterable[str] = (),
    requests: Iterable[str] = (),
    criteria: Criteria | None = None,
) -> Hold:
    """Let a hold cover what is named as well, and whatever fits these criteria; add custodians.

    What it covered it still covers. Call it before anything is appended in the transaction. Raises
    what `place` raises, and Refused for a hold that was released.
    """
    _in_place(hold)
    criteria = _readable(criteria or Criteria())
    named = _Named.of(writer, record_ids, requests)
    added = _custodians(custodians, [one.name for one in hold.custodians])
    if not (named.ids or criteria or added):
        raise UsageError(
            "nothing says what the hold is to cover as well",
            hint="give --record, --request, --query, --account, --author, --from, --to or "
            "--custodian",
        )
    terms = Terms("", "", criteria, added)
    covered, parts, more = _covering(archive, writer, hold.id, named, terms)
    writer.append([Draft("hold.widened", hold.id, covered, parts), *more])
    return find_hold(writer, hold.id)


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
        hold: matching(archive, reader, hold.criteria, hold.id)
        for hold in holds(reader)
        if hold.active
    }
    return {hold: caught for hold, caught in found.items() if caught}


def release(writer: Writer, hold: Hold, reason: str) -> None:
    """End a hold. UsageError without a reason.

    Refused when it was released before, or when the signer is neither officer nor director.
    """
    _in_place(hold)
    if not reason.strip():
        raise UsageError("a release needs a reason", hint="give --reason")
    actors.require_governing(writer, writer.signer, "release a hold")
    writer.append([Draft("hold.released", hold.id, {}, Parts.of([("reason", reason.strip())]))])


def _covering(
    archive: Archive, writer: Writer, hold: str, named: _Named, terms: Terms
) -> tuple[dict[str, Any], Parts, list[Draft]]:
    """What an entry says that lets a hold cover more, and the entries that go on listing it."""
    criteria = terms.criteria
    caught = list(dict.fromkeys([*named.ids, *matching(archive, writer, [criteria], hold)]))
    data: dict[str, Any] = {
        "records": caught[:_PER_ENTRY],
        "count": len(caught),
        "named": len(named.records),
        "query": bool(criteria.query),
        "custodians": len(terms.custodians),
    }
    for key, value in (
        ("requests", len(named.requests) or None),
        ("account", criteria.account),
        ("author_key", criteria.author_key),
        ("from", criteria.since),
        ("to", criteria.until),
    ):
        if value is not None:
            data[key] = value if isinstance(value, int) else str(value)
    words = [
        ("name", terms.name),
        ("matter", terms.matter),
        ("query", criteria.query),
        ("author", criteria.author),
        *((f"custodian/{number}", name) for number, name in enumerate(terms.custodians)),
    ]
    return data, Parts.of(words), _extensions(hold, caught[_PER_ENTRY:])


def _readable(criteria: Criteria) -> Criteria:
    if criteria.query:
        parse(criteria.query)  # without a day: what a hold is about does not move with the calendar
    if criteria.since and criteria.until and criteria.since > criteria.until:
        raise UsageError("the hold's period ends before it begins", hint="swap --from and --to")
    return criteria


def _custodians(given: Sequence[str], known: Sequence[str] = ()) -> tuple[str, ...]:
    names = [name.strip() for name in given if name.strip()]
    seen = {name.casefold() for name in known}
    for name in names:
        if name.casefold() in seen:
            raise UsageError(f"{name} is a custodian of the hold already", hint="name each once")
        seen.add(name.casefold())
    return tuple(names)


def _in_place(hold: Hold) -> None:
    if not hold.active:
        raise Refused(
            f'the hold "{hold.name}" was released on {str(hold.released_at)[:10]}',
            hint="place a new one: muniment hold place",
        )


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
