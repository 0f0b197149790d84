"""The evaluator: a record's facts, a schedule, what freezes the record, and a day → a decision.

It is pure: no clock, no archive. Doubt keeps: without a rule, a trigger's day, an authority or a
period, a record is kept and the decision says so.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from functools import partial

from schedules._facts import REQUEST, Facts, Freeze, latest
from schedules._period import Period
from schedules._schedule import Action, CountsFrom, Rule, Schedule, Series, Trigger
from schedules._years import CALENDAR


class Outcome(StrEnum):
    """Keep the record, or its series' action may be taken."""

    KEEP = "keep"
    ELIGIBLE = "eligible"


@dataclass(frozen=True, slots=True)
class Decision:
    """What the schedule says about a record on a day, with the reason in a sentence.

    `rule` is the rule that covered the record in words. The period is counted from `counted_from`,
    the trigger's day or the end of its year. `due` is the first day on which `action` may be taken.
    `freezes` are what forbids it all the same.
    """

    outcome: Outcome
    reason: str
    series: str | None = None
    rule: str | None = None
    action: Action | None = None
    trigger: Trigger | None = None
    trigger_date: date | None = None
    counted_from: date | None = None
    period: Period | None = None
    due: date | None = None
    freezes: tuple[Freeze, ...] = ()

    @property
    def eligible(self) -> bool:
        return self.outcome is Outcome.ELIGIBLE

    @property
    def frozen(self) -> bool:
        return bool(self.freezes)


_EVENT = {
    Trigger.CAPTURED: "its capture",
    Trigger.PUBLISHED: "its publication",
    Trigger.LAST_EDITED: "its last edit",
    Trigger.LAST_REPLY: "the last reply",
    Trigger.LAST_ACTIVITY: "the last activity",
    Trigger.THREAD_ACTIVITY: "the last activity in its thread",
    Trigger.REMOVED: "its removal",
    Trigger.VANISHED: "it was found gone",
    Trigger.APPEAL_DECIDED: "the decision on its appeal",
    Trigger.ACCOUNT_CLOSED: "the closing of its account",
    Trigger.REQUEST_CLOSED: "the closing of the request",
}
_YEAR = {CountsFrom.CALENDAR_YEAR_END: "calendar", CountsFrom.FISCAL_YEAR_END: "fiscal"}


def evaluate(
    facts: Facts, schedule: Schedule, freezes: Collection[Freeze], today: date
) -> Decision:
    """Decide about one record. A freeze wins over everything but a disposal already done."""
    if facts.disposed is not None:
        return Decision(Outcome.KEEP, f"It was disposed of on {facts.disposed}.")
    series = covering(facts, schedule)
    started = None if series is None else trigger_date(facts, series.trigger)
    return judge(schedule, series, started, freezes, today)


def judge(
    schedule: Schedule,
    series: Series | None,
    started: date | None,
    freezes: Collection[Freeze],
    today: date,
) -> Decision:
    """Decide about what this series of the schedule covers, and whose trigger's day is known."""
    decision = _by_schedule(schedule, series, started, today)
    if freezes:
        held = tuple(sorted(freezes, key=str))
        named = ", ".join(map(str, held))
        return replace(decision, outcome=Outcome.KEEP, freezes=held, reason=f"Held: {named}.")
    return decision


def covering(facts: Facts, schedule: Schedule) -> Series | None:
    """The first series whose rule fits."""
    return next((series for series in schedule.series if fits(series.rule, facts)), None)


def fits(rule: Rule, facts: Facts) -> bool:
    """Whether every condition of the rule holds for the record.

    A request's own file is covered only by a rule that names its kind.
    """
    if facts.kind == REQUEST and "kind" not in rule.among:
        return False
    return all(getattr(facts, fact) in allowed for fact, allowed in rule.among.items()) and all(
        getattr(facts, fact) is wanted for fact, wanted in rule.flags.items()
    )


def trigger_date(facts: Facts, trigger: Trigger) -> date | None:
    """The day of the event; None when it is not known or has not come.

    A record that was never edited, or never answered, counts from its publication.
    """
    match trigger:
        case Trigger.CAPTURED:
            return facts.captured
        case Trigger.PUBLISHED:
            return facts.published
        case Trigger.LAST_EDITED:
            return latest(facts.published, facts.edited_on)
        case Trigger.LAST_REPLY:
            return latest(facts.published, facts.last_reply)
        case Trigger.LAST_ACTIVITY:
            return facts.last_activity
        case Trigger.THREAD_ACTIVITY:
            return latest(facts.last_activity, facts.thread_active)
        case Trigger.REMOVED:
            return facts.removed
        case Trigger.VANISHED:
            return facts.vanished
        case Trigger.APPEAL_DECIDED:
            return facts.appeal_decided
        case Trigger.ACCOUNT_CLOSED:
            return facts.account_closed
        case Trigger.REQUEST_CLOSED:
            return facts.request_closed


def counted_from(schedule: Schedule, series: Series, started: date) -> date:
    """The day from which the series counts its period, when its trigger came on `started`."""
    match series.counts_from:
        case CountsFrom.TRIGGER:
            return started
        case CountsFrom.CALENDAR_YEAR_END:
            return CALENDAR.end_of(started)
        case CountsFrom.FISCAL_YEAR_END:
            return (schedule.fiscal_year_starts or CALENDAR).end_of(started)


def _by_schedule(
    schedule: Schedule, series: Series | None, started: date | None, today: date
) -> Decision:
    if series is None:
        return Decision(Outcome.KEEP, f"No series of {schedule.label} covers it.")
    said = partial(
        Decision,
        series=series.code,
        rule=str(series.rule),
        action=series.action,
        trigger=series.trigger,
        period=series.period,
    )
    if series.action is Action.PERMANENT:
        return said(Outcome.KEEP, f"Series {series.code} is kept permanently.")
    said = partial(said, trigger_date=started)
    if obstacle := schedule.obstacle(series):
        return said(Outcome.KEEP, f"Series {series.code} of {schedule.label}: {obstacle}.")
    assert series.period is not None
    event = _EVENT[series.trigger]
    if started is None:
        return said(
            Outcome.KEEP,
            f"Series {series.code} counts {series.period} from {event}; that day is not known.",
        )
    start = counted_from(schedule, series, started)
    due = series.period.due(start)
    said = partial(said, counted_from=start, due=due)
    if series.counts_from is not CountsFrom.TRIGGER:
        event = f"{start}, the end of the {_YEAR[series.counts_from]} year of {event}"
    counted = f"series {series.code}, {series.period} after {event} on {started}"
    if today < due:
        last = due if due == date.max else due - timedelta(days=1)
        ahead = ", which is still to come" if started > today else ""
        return said(Outcome.KEEP, f"Kept through {last}: {counted}{ahead}.")
    noun = "destruction" if series.action is Action.DESTROY else series.action.value
    return said(Outcome.ELIGIBLE, f"Due for {noun} since {due}: {counted}.")
