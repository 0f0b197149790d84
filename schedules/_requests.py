"""The files of public-records requests: records of a kind of their own, that a schedule covers.

A file is all that is sealed under the request's own key: who asked, for what, every search and
every determination. Where its series says destroy it is reported as due, unless a hold names it; no
disposal erases one yet.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from sqlalchemy import or_, select

from archive import Reader, rows_among
from archive.errors import NotFound
from schedules import _tables as t
from schedules._days import day_of
from schedules._evaluate import Decision, evaluate
from schedules._facts import REQUEST, Facts, Freeze
from schedules._guard import frozen
from schedules._schedule import Schedule


@dataclass(frozen=True, slots=True)
class RequestFile:
    """A request's own file; `closed` is the day on which it was closed, None while it is open."""

    id: str
    number: str
    outcome: str
    closed: date | None


def request_files(reader: Reader, zone: ZoneInfo) -> Iterator[RequestFile]:
    """Every request's file, in the order of their numbers."""
    table = t.freeze_request
    for row in reader.conn.execute(select(table).order_by(table.c.number)):
        closed = None if row.closed_at is None else day_of(row.closed_at, zone)
        yield RequestFile(row.id, row.number, row.outcome or "", closed)


def find_request_file(reader: Reader, wanted: str, zone: ZoneInfo) -> RequestFile | None:
    """The file of the request of that number or id, if there is one."""
    files = request_files(reader, zone)
    return next((one for one in files if wanted in {one.number, one.id}), None)


def find_request(reader: Reader, wanted: str) -> str:
    """The id of the request of that number or id; NotFound when there is none."""
    c = t.freeze_request.c
    found = reader.conn.execute(
        select(c.id).where(or_(c.number == wanted, c.id == wanted))
    ).scalar()
    if found is None:
        raise NotFound(f"there is no request {wanted}", hint="see: muniment request list")
    return str(found)


def request_numbers(reader: Reader, ids: Sequence[str]) -> dict[str, str]:
    """Of these ids those of requests, each with the request's number."""
    c = t.freeze_request.c
    return dict(map(tuple, rows_among(reader.conn, select(c.id, c.number), c.id, ids)))


def decide_request(
    file: RequestFile, schedule: Schedule, today: date, freezes: Collection[Freeze] = ()
) -> Decision:
    """What the schedule says about a request's file, while these holds name it."""
    facts = Facts(
        record=file.id,
        kind=REQUEST,
        platform="",
        account="",
        status="",
        visibility="",
        request_closed=file.closed,
        outcome=file.outcome,
    )
    return evaluate(facts, schedule, freezes, today)


def survey_requests(
    reader: Reader, schedule: Schedule, today: date, zone: ZoneInfo
) -> Iterator[tuple[RequestFile, Decision]]:
    """The decision about every request's file."""
    files = list(request_files(reader, zone))
    held = frozen(reader, [file.id for file in files])
    for file in files:
        yield file, decide_request(file, schedule, today, held.get(file.id, ()))
