"""What happens to a request's clock: extensions, agreements, tracks, steps and pauses."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select

from archive import Draft, Parts, Reader, Refused, UsageError, Writer
from exports.requests import _tables as t
from exports.requests._clock import Deadline, deadline
from exports.requests._closures import Closures
from exports.requests._dates import Counted, Course, count
from exports.requests._jurisdiction import (
    AGREEMENT,
    Extension,
    Jurisdiction,
    article,
    load_jurisdiction,
)
from exports.requests._requests import Request, find_request, list_requests, open_request_of
from exports.requests._rules import Rules


@dataclass(frozen=True, slots=True)
class Extended:
    """A new due date; `counted` says how, None where a day was named."""

    due: date
    counted: Deadline | None
    source: str
    verified: bool


@dataclass(frozen=True, slots=True)
class Moved:
    """An open request whose due date another calendar moves to `counted`."""

    request: Request
    counted: Counted


def course_of(reader: Reader, request: Request) -> Course:
    """What happened to a request so far; of a step that was taken twice the later entry counts."""
    step, pause = t.request_step, t.request_pause
    taken = reader.conn.execute(
        select(step.c.code, step.c.day).where(step.c.request_id == request.id).order_by(step.c.seq)
    )
    stood = reader.conn.execute(
        select(pause.c.since, pause.c.until)
        .where(pause.c.request_id == request.id, pause.c.until.is_not(None))
        .order_by(pause.c.seq)
    )
    return Course(
        received=request.received,
        track=request.track,
        steps={code: date.fromisoformat(day) for code, day in taken},
        pauses=tuple((date.fromisoformat(a), date.fromisoformat(b)) for a, b in stood),
    )


def extend(
    writer: Writer,
    request: Request,
    rules: Rules,
    *,
    ground: str,
    today: date,
    days: int | None = None,
    until: date | None = None,
    on: date | None = None,
    reason: str = "",
) -> Extended:
    """Extend by the body's own right, on one of the act's grounds; all the days that it gives.

    `days` are fewer, `until` names the day, `on` is when the requester was told, else `today`.
    Refused after the due date, for a second time, by more than the act gives, or when it gives no
    extension for such a request.
    """
    open_request_of(request)
    told = _told(request, on, today)
    extension = _extension(rules.jurisdiction, request, ground)
    _refuse_again(writer, request, extension)
    limit = request.due if request.extended else request.first_due
    if limit is not None and told > limit:
        raise Refused(
            f"request {request.number} was due on {limit}: too late to extend",
            hint="say --on DAY if the requester was told in time; or --agreed-until",
        )
    counted = _most(writer, request, rules.calendar, extension, days, told)
    due = until or (None if counted is None else counted.due)
    if due is None:
        raise UsageError(
            f"{extension.source} leaves the day to the body", hint="name it: --until DAY"
        )
    if counted is not None and due > counted.due:
        raise Refused(
            f"{extension.source} allows at most {extension.days} {extension.unit}: "
            f"until {counted.due}"
        )
    data: dict[str, Any] = {"ground": ground, "on": told.isoformat()}
    if until is None and counted is not None:
        data["days"] = counted.days
        if extension.from_given:
            data["from"] = told.isoformat()
    _extend(writer, request, data, due, reason)
    used = None if until else counted
    return Extended(due, used, extension.source, extension.verified)


def agree(writer: Writer, request: Request, until: date, *, reason: str = "") -> None:
    """Set the due date that the requester agreed to in writing.

    UsageError when it is not later than the present one.
    """
    open_request_of(request)
    _extend(writer, request, {"ground": AGREEMENT}, until, reason)


def treat(
    writer: Writer,
    request: Request,
    rules: Rules,
    track: str,
    *,
    today: date,
    on: date | None = None,
) -> Counted:
    """Answer a request on another track ("recurrent", "voluminous"): its dates are counted anew.

    `on` is the day on which that was decided, else `today`. UsageError when the act has no such
    track, Refused after the due date, or once it was extended.
    """
    open_request_of(request)
    day = _told(request, on, today)
    rules.jurisdiction.term(track, request.received)
    if track == request.track:
        raise Refused(f"request {request.number} is {track} already")
    if request.extended is not None:
        raise Refused(
            f"request {request.number} was extended already ({request.extended})",
            hint="agree on a date with the requester: --agreed-until",
        )
    if request.due is not None and day > request.due:
        raise Refused(
            f"request {request.number} was due on {request.due}: too late for another track",
            hint="say --on DAY if it was decided in time",
        )
    before = course_of(writer, request)
    course = Course(request.received, track, before.steps, before.pauses)
    counted = count(rules.jurisdiction, rules.calendar, request, course)
    data = {"track": track, "on": day.isoformat()} | _dues(counted)
    writer.append([Draft("request.treated", request.id, data)])
    return counted


def take_step(
    writer: Writer,
    request: Request,
    rules: Rules,
    code: str,
    *,
    on: date,
    today: date,
    note: str = "",
) -> Request:
    """Record that one of the act's steps was taken, also after the request was closed.

    What follows from it is counted from that day; taken twice, the later entry counts. UsageError
    for a step that the act does not know, or a day that cannot be.
    """
    known = [s.code for s in rules.jurisdiction.steps_of(request.track, request.received)]
    if code not in known:
        raise UsageError(
            f"{code} is no step of {article(request.track)} request under "
            f"{rules.jurisdiction.title}",
            hint=f"steps: {', '.join(known)}" if known else "that act has none",
        )
    day = _told(request, on, today)
    course = course_of(writer, request)
    after = Course(course.received, course.track, {**course.steps, code: day}, course.pauses)
    data = {"step": code, "on": day.isoformat()} | _moved(request, rules, after)
    parts = Parts.of([("note", note.strip())]) if note.strip() else None
    writer.append([Draft("request.stepped", request.id, data, parts)])
    return find_request(writer, request.id)


def pause(
    writer: Writer, request: Request, rules: Rules, ground: str, *, on: date, today: date
) -> None:
    """Stop the clock: the requester was asked something on that day.

    UsageError for a ground that the act does not have; Refused when the clock stands already, the
    request was due before, or the act lets it stop no more on that ground.
    """
    open_request_of(request)
    rule = rules.jurisdiction.pause(ground, request.received)
    day = _told(request, on, today)
    if request.paused is not None:
        raise Refused(f"the clock of request {request.number} stands since {request.paused}")
    if request.due is not None and day > request.due:
        raise Refused(f"request {request.number} was due on {request.due}: too late to stop it")
    before = [
        e for e in writer.history(request.id, {"request.paused"}) if e.data["ground"] == ground
    ]
    if rule.times is not None and len(before) >= rule.times:
        raise Refused(f"{rule.source} stops the clock on that ground no more often")
    data = {"ground": ground, "on": day.isoformat()}
    writer.append([Draft("request.paused", request.id, data)])


def resume(writer: Writer, request: Request, rules: Rules, *, on: date, today: date) -> Request:
    """Let the clock go on: the requester answered on that day, which does not count itself.

    Refused when it does not stand.
    """
    open_request_of(request)
    if request.paused is None:
        raise Refused(f"the clock of request {request.number} does not stand still")
    day = _told(request, on, today)
    if day < request.paused:
        raise UsageError(f"the clock stopped on {request.paused}, after {day}")
    course = course_of(writer, request)
    pauses = (*course.pauses, (request.paused, day))
    after = Course(course.received, course.track, course.steps, pauses)
    data = {"on": day.isoformat()} | _moved(request, rules, after)
    writer.append([Draft("request.resumed", request.id, data)])
    return find_request(writer, request.id)


def moved_by(reader: Reader, calendar: Closures) -> list[Moved]:
    """The open requests whose due dates are others by that calendar."""
    found = []
    for request in list_requests(reader, closed=False):
        act = load_jurisdiction(request.jurisdiction)
        counted = count(act, calendar, request, course_of(reader, request))
        first = None if counted.first is None else counted.first.due
        if (first, counted.due) != (request.first_due, request.due):
            found.append(Moved(request, counted))
    return found


def recount(writer: Writer, moved: Iterable[Moved], cause: str) -> None:
    """Set the due dates that a calendar moves; `cause` is the id of its adoption."""
    writer.append(
        Draft("request.recounted", one.request.id, {"calendar": cause} | _dues(one.counted))
        for one in moved
    )


def _extension(act: Jurisdiction, request: Request, ground: str) -> Extension:
    known = act.extensions_of(request.track, request.received)
    if not known:
        raise Refused(
            f"{act.code} gives no extension for {article(request.track)} request",
            hint="the requester may agree to a later date in writing: --agreed-until",
        )
    found = next((e for e in known if ground in e.grounds), None)
    if found is None:
        grounds = [code for e in known for code in e.grounds]
        raise UsageError(
            f"{ground} is no ground for an extension", hint=f"grounds: {', '.join(grounds)}"
        )
    return found


def _refuse_again(reader: Reader, request: Request, extension: Extension) -> None:
    for entry in reader.history(request.id, {"request.extended"}):
        if entry.data["ground"] in extension.grounds:
            raise Refused(
                f"request {request.number} was extended already ({entry.data['ground']})",
                hint="the requester may agree to a later date in writing: --agreed-until",
            )


def _most(
    reader: Reader,
    request: Request,
    calendar: Closures,
    extension: Extension,
    days: int | None,
    told: date,
) -> Deadline | None:
    start = told if extension.from_given else request.first_due
    if extension.days is None or start is None:
        return None
    wanted = extension.days if days is None else days
    if not 0 < wanted <= extension.days:
        raise Refused(
            f"{extension.source} allows at most {extension.days} {extension.unit}, not {wanted}"
        )
    pauses = course_of(reader, request).pauses
    return deadline(calendar, start, wanted, extension.unit, pauses)


def _told(request: Request, on: date | None, today: date) -> date:
    day = on or today
    if day > today:
        raise UsageError(f"{day} is in the future", hint=f"today is {today}")
    if day < request.received:
        raise UsageError(
            f"request {request.number} was received on {request.received}, after {day}"
        )
    return day


def _extend(writer: Writer, request: Request, data: dict[str, Any], due: date, reason: str) -> None:
    if request.due is not None and due <= request.due:
        raise UsageError(f"request {request.number} is due on {request.due}, not before {due}")
    parts = Parts.of([("reason", reason.strip())]) if reason.strip() else None
    header = data | {"due": due.isoformat()}
    writer.append([Draft("request.extended", request.id, header, parts)])


def _moved(request: Request, rules: Rules, course: Course) -> dict[str, str]:
    """The due dates by that course, where they are others than before."""
    if request.closed:
        return {}
    counted = count(rules.jurisdiction, rules.calendar, request, course)
    return {} if counted.due == request.due else _dues(counted)


def _dues(counted: Counted) -> dict[str, str]:
    first = None if counted.first is None else counted.first.due
    known = {"first_due": first, "due": counted.due}
    return {name: day.isoformat() for name, day in known.items() if day is not None}
