"""Every date of a request: what runs, until when, for whom. Pure: rules and facts in, dates out."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from exports.requests._calendar import Calendar
from exports.requests._clock import Deadline, Pause, deadline
from exports.requests._jurisdiction import (
    ANSWERED,
    DENIED,
    DUE,
    RECEIVED,
    Jurisdiction,
    Silence,
    Step,
    Term,
)
from exports.requests._requests import Request

_DAY = timedelta(days=1)
_AFTER_AN_ANSWER = frozenset({ANSWERED, DENIED})
_REFUSING = frozenset({"denied", "granted-in-part"})

ANSWER, SILENCE = "answer", "silence"
"""The codes of two dates that every request may have, beside those of the act's steps."""

EFFECTS = {
    "denial": "Without an answer it counts as denied",
    "exhaustion": "Without an answer the requester may go to court",
}


@dataclass(frozen=True, slots=True)
class Course:
    """What happened so far: the day of each step, and when the clock stood still."""

    received: date
    track: str
    steps: Mapping[str, date] = field(default_factory=dict)
    pauses: tuple[Pause, ...] = ()


@dataclass(frozen=True, slots=True)
class Counted:
    """The due date by the act's term alone, and with the extension; None where no day is set."""

    first: Deadline | None
    due: date | None


@dataclass(frozen=True, slots=True)
class Dated:
    """Something to be done, by when and by whom ("body", "requester", "reviewer", "law").

    `day` is None where no day is set, `done` the day on which it was done. `missed` says what
    follows when it is not.
    """

    code: str
    title: str
    by: str
    day: date | None
    done: date | None
    missed: str
    source: str
    verified: bool

    @property
    def open(self) -> bool:
        return self.done is None


def count(act: Jurisdiction, calendar: Calendar, request: Request, course: Course) -> Counted:
    """When a request is due by these rules, this calendar and what happened so far.

    A day that was named or agreed on stays.
    """
    first = first_due(act, calendar, course)
    if request.extended is None:
        return Counted(first, None if first is None else first.due)
    start = request.extension_from or (None if first is None else first.due)
    if request.extension_days is None or start is None:
        return Counted(first, request.due)
    extension = next(
        e
        for e in act.extensions_of(request.track, request.received)
        if request.extended in e.grounds
    )
    days, unit = request.extension_days, extension.unit
    return Counted(first, deadline(calendar, start, days, unit, course.pauses).due)


def first_due(act: Jurisdiction, calendar: Calendar, course: Course) -> Deadline | None:
    """The due date before any extension; None where the law sets no day."""
    term = act.term(course.track, course.received)
    start = _Events(act, calendar, course, {}).day(term.after)
    if term.days is None or start is None:
        return None
    return deadline(calendar, start, term.days, term.unit, course.pauses)


def dates(
    act: Jurisdiction,
    calendar: Calendar,
    request: Request,
    course: Course,
    *,
    today: date,
    answered: date | None,
) -> list[Dated]:
    """Every date of a request, by day, those without one last.

    `answered` is the day on which it was closed: from then on only what follows from that runs.
    """
    term, silence = act.term(request.track, request.received), act.silence
    denied = answered if request.outcome in _REFUSING else None
    deemed = None
    if silence is not None and request.due is not None:
        deemed = request.due + _DAY
        if silence.effect == "denial" and answered is None and deemed <= today:
            denied = deemed
    known = {DUE: request.due, ANSWERED: answered, DENIED: denied}
    events = _Events(act, calendar, course, known)
    found = [_answer(term, request, answered)]
    if silence is not None and deemed is not None and answered is None and not request.paused:
        found.append(_silent(silence, deemed))
    for step in act.steps_of(course.track, course.received):
        done = course.steps.get(step.code)
        due = events.due(step)
        over = answered is not None and not _follows_an_answer(step)
        lapsed = step.optional and due is not None and due < today
        if done is not None or (events.runs(step) and not over and not lapsed):
            found.append(_dated(step, due, done))
    return sorted(found, key=lambda one: (one.day is None, one.day or today, one.by != "body"))


class _Events:
    """On which day something happened or, where it has not, is to happen at the latest."""

    def __init__(
        self,
        act: Jurisdiction,
        calendar: Calendar,
        course: Course,
        known: Mapping[str, date | None],
    ) -> None:
        start = course.received - _DAY if act.receipt_counts else course.received
        self._known = {RECEIVED: start, **known}
        self._steps = {step.code: step for step in act.steps_of(course.track, course.received)}
        self._calendar, self._course = calendar, course

    def day(self, event: str) -> date | None:
        if event in self._known:
            return self._known[event]
        taken = self._course.steps.get(event)
        return taken or (self.due(self._steps[event]) if event in self._steps else None)

    def due(self, step: Step) -> date | None:
        start = self.day(step.after)
        if start is None or step.days is None:
            return None
        return deadline(self._calendar, start, step.days, step.unit).due

    def runs(self, step: Step) -> bool:
        if step.only_after and step.only_after not in self._course.steps:
            return False
        return self.day(step.after) is not None


def _follows_an_answer(step: Step) -> bool:
    return bool(step.only_after) or step.after in _AFTER_AN_ANSWER


def _answer(term: Term, request: Request, answered: date | None) -> Dated:
    title = f"Answer the request ({term.standard})" if term.standard else "Answer the request"
    day = None if request.paused else request.due
    return Dated(ANSWER, title, "body", day, answered, "", term.source, term.verified)


def _silent(silence: Silence, day: date) -> Dated:
    title = EFFECTS[silence.effect]
    return Dated(SILENCE, title, "law", day, None, "", silence.source, silence.verified)


def _dated(step: Step, day: date | None, done: date | None) -> Dated:
    return Dated(step.code, step.title, step.by, day, done, step.missed, step.source, step.verified)
