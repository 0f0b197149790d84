"""Reading requests: what is open, what is responsive, what is not determined yet."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, Row, func, select

from archive import Reader
from archive.errors import NotFound, Refused
from archive.records import record_table
from exports._production import Outcome
from exports.requests import _tables as t

_SHORTEST_ID = 4
_REQUESTS = select(
    t.request,
    select(t.request_pause.c.since)
    .where(t.request_pause.c.request_id == t.request.c.id, t.request_pause.c.until.is_(None))
    .scalar_subquery()
    .label("paused"),
)


@dataclass(frozen=True, slots=True)
class Request:
    """A request without its sealed half.

    `first_due` is the date before any extension; it and `due` are None where the law sets no day.
    `extended` is the ground of the latest extension, `extension_days` how many days it added, None
    where it named a day; they count from `extension_from`, or `first_due` where that is None.
    `paused` is the day since which the clock stands still. `closed_at` and `outcome` are None while
    it is open.
    """

    id: str
    seq: int
    number: str
    received: date
    channel: str
    first_due: date | None
    due: date | None
    purpose: str
    track: str
    jurisdiction: str
    extended: str | None
    extension_days: int | None
    extension_from: date | None
    paused: date | None
    closed_at: str | None
    outcome: str | None

    @property
    def closed(self) -> bool:
        return self.closed_at is not None


@dataclass(frozen=True, slots=True)
class Review:
    """One responsive version of a record and the latest determination about it, if any.

    `version` is the position of the entry that captured it, `seq` that of the determination.
    """

    record_id: str
    version: int
    outcome: Outcome | None
    exemptions: tuple[str, ...]
    seq: int | None


@dataclass(frozen=True, slots=True)
class Tally:
    """How far a review is: responsive records, those set aside, and versions by outcome."""

    records: int
    set_aside: int
    release: int
    redact: int
    withhold: int
    undetermined: int

    @property
    def versions(self) -> int:
        return self.release + self.redact + self.withhold + self.undetermined


@dataclass(frozen=True, slots=True)
class RequestNames:
    """The sealed half of a request: who asks, and for what."""

    requester: str
    contact: str
    subject: str
    text: str
    format: str
    body: str


def find_request(reader: Reader, key: str) -> Request:
    """A request by its number ("2026-0001"), its id, or the beginning or end of its id.

    NotFound when there is none, or more than one.
    """
    table = t.request
    for condition in (
        table.c.number == key,
        table.c.id == key,
        table.c.id.startswith(key, autoescape=True) | table.c.id.endswith(key, autoescape=True),
    ):
        found = reader.conn.execute(_REQUESTS.where(condition).limit(2)).fetchall()
        if len(found) == 1:
            return _request(found[0])
        if len(key) < _SHORTEST_ID:
            break
    raise NotFound(f"there is no request {key}", hint="muniment request list shows them all")


def list_requests(reader: Reader, *, closed: bool = True) -> Iterator[Request]:
    """Requests by due date, those without one last; `closed=False` leaves out those answered."""
    query = _REQUESTS.order_by(t.request.c.due.is_(None), t.request.c.due, t.request.c.number)
    if not closed:
        query = query.where(t.request.c.closed_at.is_(None))
    return map(_request, reader.conn.execute(query))


def open_request_of(request: Request) -> Request:
    """The request itself; Refused when it is closed."""
    if request.closed:
        raise Refused(
            f"request {request.number} was closed ({request.outcome})",
            hint="open a new request for anything further",
        )
    return request


def names_of(reader: Reader, request: Request) -> RequestNames:
    """The opened sealed half; empty texts where it was erased."""
    ((_, sealed),) = reader.open([reader.entry(request.seq)])
    if sealed is None:
        return RequestNames("", "", "", "", "", "")
    return RequestNames(
        requester=sealed.text("requester/name"),
        contact=sealed.get("requester/contact") or "",
        subject=sealed.text("subject"),
        text=sealed.text("text"),
        format=sealed.get("format") or "",
        body=sealed.get("body") or "",
    )


def review(
    reader: Reader,
    request: Request,
    *,
    record_id: str | None = None,
    undetermined: bool = False,
) -> list[Review]:
    """The responsive versions in the order of production: by when they were written."""
    table = t.determination
    conditions: list[ColumnElement[bool]] = [table.c.request_id == request.id]
    if record_id is not None:
        conditions.append(table.c.record_id == record_id)
    if undetermined:
        conditions.append(table.c.outcome.is_(None))
    written = func.coalesce(record_table.c.occurred_at, record_table.c.captured_at)
    query = (
        select(table)
        .join(record_table, record_table.c.id == table.c.record_id)
        .where(*conditions)
        .order_by(written, table.c.record_id, table.c.version)
    )
    return [
        Review(
            record_id=row.record_id,
            version=row.version,
            outcome=row.outcome,
            exemptions=tuple(row.exemptions.split()) if row.exemptions else (),
            seq=row.seq,
        )
        for row in reader.conn.execute(query)
    ]


def undetermined(reader: Reader, request: Request) -> list[Review]:
    """The responsive versions not determined yet: while there are any, nothing leaves."""
    return review(reader, request, undetermined=True)


def tally(reader: Reader, request: Request) -> Tally:
    """How far the review is."""
    table = t.determination
    mine = table.c.request_id == request.id
    rows = reader.conn.execute(
        select(table.c.outcome, func.count()).where(mine).group_by(table.c.outcome)
    )
    counts: dict[str | None, int] = {row[0]: row[1] for row in rows}
    held = t.request_record.c
    every, aside = reader.conn.execute(
        select(func.count(), func.count(held.set_aside)).where(held.request_id == request.id)
    ).one()
    return Tally(
        records=every - aside,
        set_aside=aside,
        release=counts.get("release", 0),
        redact=counts.get("redact", 0),
        withhold=counts.get("withhold", 0),
        undetermined=counts.get(None, 0),
    )


def responsive_through(
    reader: Reader, request: Request, record_ids: Sequence[str], *, set_aside: bool
) -> dict[str, int]:
    """Of these records, those in the responsive set, with the entry that last added each.

    With `set_aside` also those that were, with the end of the log: nothing adds them again.
    """
    held = t.request_record.c
    query = select(held.record_id, held.through, held.set_aside).where(
        held.request_id == request.id, held.record_id.in_(record_ids)
    )
    rows = reader.conn.execute(query).fetchall()
    present = {row.record_id: row.through for row in rows if row.set_aside is None}
    if set_aside:
        present |= {row.record_id: reader.head.size for row in rows if row.set_aside is not None}
    return present


def last_serial(reader: Reader, year: int) -> int:
    """The highest request number of a year; 0 when it has none."""
    serial = select(func.max(t.request.c.serial)).where(t.request.c.year == year)
    return reader.conn.execute(serial).scalar() or 0


def _request(row: Row[tuple[object, ...]]) -> Request:
    return Request(
        id=row.id,
        seq=row.seq,
        number=row.number,
        received=date.fromisoformat(row.received),
        channel=row.channel or "",
        first_due=_day(row.first_due),
        due=_day(row.due),
        purpose=row.purpose,
        track=row.track,
        jurisdiction=row.jurisdiction,
        extended=row.extended,
        extension_days=row.extension_days,
        extension_from=_day(row.extension_from),
        paused=_day(row.paused),
        closed_at=row.closed_at,
        outcome=row.outcome,
    )


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)
