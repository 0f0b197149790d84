"""The evaluator: a record's facts, a schedule, what freezes the record, and a day → a decision.

It is pure: no clock, no archive. Doubt keeps: without a rule, a trigger's day, an authority or a
period, a record is kept and the decision says so.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum

from schedules._facts import Facts, Freeze
from schedules._schedule import Action, Rule, Schedule, Series, Trigger


class Outcome(StrEnum):
    """Keep the record, or its series' action may be taken."""

    KEEP = "keep"
    ELIGIBLE = "eligible"


@dataclass(frozen=True, slots=True)
class Decision:
    """What the schedule says about a record on a day, with the reason in a sentence.

    `rule` is the rule that covered the record in words. `due` is the first day on which `action`
    may be taken.
    """

    outcome: Outcome
    reason: str
    series: str | None = None
    rule: str | None = None
    action: Action | None = None
    trigger_date: date | None = None
    due: date | None = None
    frozen: bool = False

    @property
    def eligible(self) -> bool:
        return self.outcome is Outcome.ELIGIBLE


_EVENT = {
    Trigger.CAPTURED: "its capture",
    Trigger.PUBLISHED: "its publication",
    Trigger.LAST_EDITED: "its last edit",
    Trigger.LAST_REPLY: "the last reply",
    Trigger.LAST_ACTIVITY: "the last activity",
    Trigger.REMOVED: "its removal",
    Trigger.VANISHED: "it was found gone",
    Trigger.APPEAL_DECIDED: "the decision on its appeal",
}


def evaluate(
    facts: Facts, schedule: Schedule, freezes: Collection[Freeze], today: date
) -> Decision:
    """Decide about one record. A freeze wins over everything but a disposal already done."""
    if facts.disposed is not None:
        return Decision(Outcome.KEEP, f"It was disposed of on {facts.disposed}.")
    decision = _by_schedule(facts, schedule, today)
    if freezes:
        named = ", ".join(sorted(str(freeze) for freeze in freezes))
        return replace(decision, outcome=Outcome.KEEP, frozen=True, reason=f"Held: {named}.")
    return decision


def covering(facts: Facts, schedule: Schedule) -> Series | None:
    """The first series whose rule fits."""
    return next((series for series in schedule.series if fits(series.rule, facts)), None)


def fits(rule: Rule, facts: Facts) -> bool:
    """Whether every condition of the rule holds for the record."""
    return all(getattr(facts, fact) in allowed for fact, allowed in rule.among.items()) and all(
        getattr(facts, fact) is wanted for fact, wanted in rule.flags.items()
    )


def trigger_date(facts: Facts, trigger: Trigger) -> date | None:
    """The day that starts the period; None when it is not known or has not come.

    A record that was never edited, or never answered, counts from its publication.
    """
    match trigger:
        case Trigger.CAPTURED:
            return facts.captured
        case Trigger.PUBLISHED:
            return facts.published
        case Trigger.LAST_EDITED:
            return _latest(facts.published, facts.edited_on)
        case Trigger.LAST_REPLY:
            return _latest(facts.published, facts.last_reply)
        case Trigger.LAST_ACTIVITY:
            return _latest(
                facts.published,
                facts.edited_on,
                facts.removed,
                facts.vanished,
                facts.last_reply,
                facts.appeal_decided,
            )
        case Trigger.REMOVED:
            return facts.removed
        case Trigger.VANISHED:
            return facts.vanished
        case Trigger.APPEAL_DECIDED:
            return facts.appeal_decided


def _latest(*days: date | None) -> date | None:
    return max((day for day in days if day is not None), default=None)


def _by_schedule(facts: Facts, schedule: Schedule, today: date) -> Decision:
    series = covering(facts, schedule)
    if series is None:
        return Decision(Outcome.KEEP, f"No series of {schedule.label} covers it.")
    kept = Decision(
        Outcome.KEEP, "", series=series.code, rule=str(series.rule), action=series.action
    )
    if series.action is Action.PERMANENT:
        return replace(kept, reason=f"Series {series.code} is kept permanently.")
    started = trigger_date(facts, series.trigger)
    kept = replace(kept, trigger_date=started)
    if obstacle := series.obstacle(schedule.jurisdiction):
        return replace(kept, reason=f"Series {series.code} of {schedule.label}: {obstacle}.")
    assert series.period is not None
    event = _EVENT[series.trigger]
    if started is None:
        return replace(
            kept,
            reason=f"Series {series.code} counts {series.period} from {event}; "
            "that day is not known.",
        )
    due = series.period.due(started)
    counted = f"series {series.code}, {series.period} after {event} on {started}"
    if today < due:
        last = due if due == date.max else due - timedelta(days=1)
        return replace(kept, due=due, reason=f"Kept through {last}: {counted}.")
    noun = "destruction" if series.action is Action.DESTROY else series.action.value
    return replace(
        kept,
        outcome=Outcome.ELIGIBLE,
        due=due,
        reason=f"Due for {noun} since {due}: {counted}.",
    )
