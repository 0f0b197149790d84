"""A request from receipt to closing: its number and its responsive set, each step an entry."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from typing import Any, NamedTuple

from archive import Draft, Parts, Reader, Refused, UsageError, Writer, chunked, new_id, records
from exports.requests._clock import Deadline
from exports.requests._dates import Course, first_due
from exports.requests._jurisdiction import ORDINARY
from exports.requests._requests import (
    Request,
    find_request,
    last_serial,
    open_request_of,
    responsive_through,
    tally,
    undetermined,
)
from exports.requests._rules import Rules

CHANNELS = ("e-mail", "post", "in-person", "web-form", "phone")
PURPOSES = (ORDINARY, "commercial")

_LARGEST_ENTRY = 1000
WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Intake:
    """What a requester sends: who, how to reach them, about what, in their own words, and when.

    `format` is the one that they want. `track` is the act's, where it is not that of the purpose.
    """

    requester: str
    contact: str
    subject: str
    text: str
    received: date
    purpose: str = ORDINARY
    channel: str = ""
    format: str = ""
    track: str = ""


@dataclass(frozen=True, slots=True)
class Searched:
    """A search as it was run: what was asked, how it was understood, on which index.

    `found` are the ids of records; `restricted` counts those that no search finds.
    """

    query: str
    parsed: str
    position: int
    engine: str
    found: Sequence[str]
    restricted: int = 0


def open_request(
    writer: Writer, intake: Intake, rules: Rules, *, body: str, today: date
) -> tuple[Request, Deadline | None]:
    """Open a request: it gets the next number of the year of receipt, and its due date.

    There is no due date where the law sets none. UsageError when it names no requester, was
    received in the future, or came in a way or for a purpose that there is not.
    """
    if not intake.requester.strip():
        raise UsageError("a request needs a requester", hint="“anonymous” will do")
    if intake.received > today:
        raise UsageError(f"{intake.received} is in the future", hint=f"today is {today}")
    _known("channel", intake.channel, ("", *CHANNELS))
    _known("purpose", intake.purpose, PURPOSES)
    act = rules.jurisdiction
    track = intake.track or act.track(intake.purpose, intake.received)
    counted = first_due(act, rules.calendar, Course(intake.received, track))
    serial = last_serial(writer, intake.received.year) + 1
    identity = new_id()
    data: dict[str, Any] = {
        "number": f"{intake.received.year}-{serial:04d}",
        "received": intake.received.isoformat(),
        "purpose": intake.purpose,
        "track": track,
        "jurisdiction": act.code,
        "rules": act.version,
    }
    if intake.channel:
        data["channel"] = intake.channel
    if counted is not None:
        data |= {"due": counted.due.isoformat(), "days": counted.days, "unit": counted.unit}
        data["calendars"] = [
            {"code": one.code, "version": one.version, "digest": one.digest}
            for one in rules.calendar.counted_by(counted)
        ]
    parts = Parts.of(
        [
            ("requester/name", intake.requester.strip()),
            ("requester/contact", intake.contact.strip()),
            ("subject", intake.subject.strip()),
            ("text", intake.text.strip()),
            *([("format", intake.format.strip())] if intake.format.strip() else []),
            ("body", body),
        ]
    )
    writer.append([Draft("request.opened", identity, data, parts)])
    return find_request(writer, identity), counted


class Added(NamedTuple):
    """How many records were new to the responsive set, and how many more came as their context."""

    new: int
    context: int


def record_search(writer: Writer, request: Request, search: Searched) -> Added:
    """Keep a search as evidence and add what it found to the responsive set, each record once.

    What a record answers comes with it, up to the post at the top: a comment is not understood
    without it.
    """
    open_request_of(request)
    identity = new_id()
    data = {
        "search": identity,
        "position": search.position,
        "engine": search.engine,
        "count": len(search.found),
        "digest": digest_of(search.found),
        "restricted": search.restricted,
    }
    parts = Parts.of([("query", search.query), ("parsed", search.parsed)])
    writer.append([Draft("request.searched", request.id, data, parts)])
    return _add_families(writer, request, search.found, by_search=identity)


def digest_of(record_ids: Iterable[str]) -> str:
    """The SHA-256 of the ids, sorted, a line each: what ``sort | sha256sum`` makes of them."""
    return sha256("".join(f"{one}\n" for one in sorted(record_ids)).encode()).hexdigest()


def add_records(writer: Writer, request: Request, record_ids: Sequence[str]) -> Added:
    """Add records that an officer knows to be responsive, and what they answer.

    NotFound for an unknown record, Refused for a disposed one.
    """
    open_request_of(request)
    found = [records.get(writer, record_id) for record_id in record_ids]
    for record in found:
        if record.status == "disposed":
            raise Refused(
                f"record {record.id} was disposed of on {record.disposed_at}",
                hint="the disposal certificate answers for it",
            )
    return _add_families(writer, request, [record.id for record in found])


def set_aside(writer: Writer, request: Request, record_ids: Sequence[str], *, reason: str) -> int:
    """Take records that a search found, but that do not answer the request, out of the review.

    Later searches do not bring them back, `add_records` does. Returns how many there were.
    UsageError without a reason, Refused for a record that is not among the responsive ones.
    """
    open_request_of(request)
    if not reason.strip():
        raise UsageError("a reason is needed", hint="say in --reason why it does not answer")
    ids = list(dict.fromkeys(records.get(writer, record_id).id for record_id in record_ids))
    held = responsive_through(writer, request, ids, set_aside=False)
    for record_id in ids:
        if record_id not in held:
            raise Refused(f"record {record_id} is not among the responsive ones")
    parts = Parts.of([("reason", reason.strip())])
    writer.append(
        Draft("request.set_aside", request.id, {"records": list(chunk)}, parts)
        for chunk in chunked(ids, _LARGEST_ENTRY)
    )
    return len(ids)


def close(writer: Writer, request: Request, *, withdrawn: bool = False) -> str:
    """Close a request; what it came to: granted, granted-in-part, denied, no-records, withdrawn.

    Refused while records are undetermined, unless the requester withdrew it.
    """
    open_request_of(request)
    if not withdrawn:
        refuse_undetermined(writer, request)
    outcome = WITHDRAWN if withdrawn else _outcome(writer, request)
    writer.append([Draft("request.closed", request.id, {"outcome": outcome})])
    return outcome


def refuse_undetermined(reader: Reader, request: Request) -> None:
    """Refused while any responsive version is not determined."""
    if missing := undetermined(reader, request):
        raise Refused(
            f"request {request.number}: {len(missing)} responsive items are not determined yet",
            hint=f"muniment request show {request.number} --undetermined",
        )


def _known(what: str, value: str, known: Sequence[str]) -> None:
    if value not in known:
        raise UsageError(
            f"there is no {what} {value}", hint=f"known: {', '.join(filter(None, known))}"
        )


def _outcome(writer: Writer, request: Request) -> str:
    count = tally(writer, request)
    if not count.versions:
        return "no-records"
    if count.withhold == count.versions:
        return "denied"
    return "granted" if count.release == count.versions else "granted-in-part"


def _add_families(
    writer: Writer, request: Request, record_ids: Sequence[str], *, by_search: str = ""
) -> Added:
    new = _add(writer, request, record_ids, by_search=by_search)
    above = set[str]()
    for chunk in chunked(list(dict.fromkeys(record_ids)), _LARGEST_ENTRY):
        above |= _above(writer, chunk)
    above.difference_update(record_ids)
    context = _add(writer, request, sorted(above), by_search=by_search, context=True)
    return Added(new, context)


def _above(reader: Reader, record_ids: Sequence[str]) -> set[str]:
    """What records answer, and what that answers, up to the top."""
    above = set[str]()
    level = records.get_many(reader, record_ids)
    while wanted := sorted({one.parent_lookup for one in level.values() if one.parent_lookup}):
        reached = records.by_lookup(reader, wanted).values()
        level = {one.id: one for one in reached if one.id not in above}
        above.update(level)
    return above


def _add(
    writer: Writer,
    request: Request,
    record_ids: Iterable[str],
    *,
    by_search: str = "",
    context: bool = False,
) -> int:
    added = 0
    for chunk in chunked(list(dict.fromkeys(record_ids)), _LARGEST_ENTRY):
        new = list(_new(writer, request, chunk, fetched=bool(by_search) or context))
        if new:
            source = {"search": by_search} if by_search else {}
            data = {"records": new, **source, **({"context": True} if context else {})}
            writer.append([Draft("request.responsive", request.id, data)])
        added += len(new)
    return added


def _new(
    writer: Writer, request: Request, record_ids: Sequence[str], *, fetched: bool
) -> Iterator[str]:
    """The records that are not in the set, or have a version that is not; none that is disposed.

    What a search or another record fetched does not bring back what was set aside.
    """
    held = responsive_through(writer, request, record_ids, set_aside=fetched)
    found = records.get_many(writer, record_ids)
    for record_id in record_ids:
        record = found.get(record_id)
        if record is None or record.status == "disposed":
            continue
        if held.get(record_id, -1) < record.last_seq:
            yield record_id
