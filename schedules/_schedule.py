"""A retention schedule: its series, what starts their periods, and which records they cover."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from schedules._authorization import Authorization
from schedules._period import Period
from schedules._years import YearStart

ILLINOIS = "US-IL"
APPROVALS_EXPIRE = Period.parse("P90D")
"""How long an approval may be used, where a schedule says nothing else."""


class Trigger(StrEnum):
    """The event that starts a period. docs/schedules.md says what each one is."""

    CAPTURED = "captured"
    PUBLISHED = "published"
    LAST_EDITED = "last_edited"
    LAST_REPLY = "last_reply"
    LAST_ACTIVITY = "last_activity"
    THREAD_ACTIVITY = "thread_activity"
    REMOVED = "removed"
    VANISHED = "vanished"
    APPEAL_DECIDED = "appeal_decided"
    ACCOUNT_CLOSED = "account_closed"
    REQUEST_CLOSED = "request_closed"


class CountsFrom(StrEnum):
    """The day that a period is counted from: the trigger's own, or the end of its year."""

    TRIGGER = "trigger"
    CALENDAR_YEAR_END = "calendar_year_end"
    FISCAL_YEAR_END = "fiscal_year_end"


class Action(StrEnum):
    """What is done with a record when its period is over."""

    DESTROY = "destroy"
    TRANSFER = "transfer"
    PERMANENT = "permanent"
    REVIEW = "review"


@dataclass(frozen=True, slots=True)
class Authority:
    """What allows the disposal: in Illinois an approved application and the item in it."""

    citation: str
    verified: bool
    application: str = ""
    item: str = ""


@dataclass(frozen=True, slots=True)
class Rule:
    """Which records a series covers: every condition must hold; no condition covers all.

    `among` maps a fact's name to the values allowed, `flags` to the truth required.
    """

    among: Mapping[str, frozenset[str]]
    flags: Mapping[str, bool]

    def __str__(self) -> str:
        said = [f"{fact} is {' or '.join(sorted(allowed))}" for fact, allowed in self.among.items()]
        said += [fact if wanted else f"not {fact}" for fact, wanted in self.flags.items()]
        return ", ".join(said) or "every record"


@dataclass(frozen=True, slots=True)
class Series:
    """One records series of a schedule.

    `unverified` names what of it nobody has read in the source yet, by its keys.
    """

    code: str
    title: str
    authority: Authority
    trigger: Trigger
    period: Period | None
    action: Action
    rule: Rule
    counts_from: CountsFrom = CountsFrom.TRIGGER
    unverified: tuple[str, ...] = ()

    @property
    def doubtful(self) -> tuple[str, ...]:
        """What of it is not verified, the authority among it."""
        authority = () if self.authority.verified else ("authority",)
        return tuple(dict.fromkeys((*authority, *self.unverified)))


@dataclass(frozen=True, slots=True)
class Schedule:
    """A version of a retention schedule. The first series whose rule fits covers a record.

    `unverified` names what nobody has read in the source yet, by its keys.
    """

    code: str
    version: int
    title: str
    jurisdiction: str
    effective: date
    series: tuple[Series, ...]
    source: str = ""
    authorizations: tuple[Authorization, ...] = ()
    approvals_expire: Period = APPROVALS_EXPIRE
    fiscal_year_starts: YearStart | None = None
    unverified: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        return f"{self.code} version {self.version}"

    @property
    def doubtful(self) -> tuple[str, ...]:
        """What of the schedule itself is not verified, the forms of outside approvals among it."""
        forms = (str(form) for form in self.authorizations if not form.verified)
        return (*self.unverified, *forms)

    def asks(self, trigger: Trigger) -> bool:
        """Whether any series counts from this trigger."""
        return any(series.trigger is trigger for series in self.series)

    def obstacle(self, series: Series) -> str:
        """Why nothing of this series may be disposed of yet; "" when nothing stands in the way.

        Illinois: the agency's approved application is its schedule, and there is no disposal
        without the Commission's written approval (50 ILCS 205/7).
        """
        if series.action is Action.PERMANENT:
            return ""
        missing = []
        if self.jurisdiction == ILLINOIS and not series.authority.application:
            missing.append("application number")
        if self.jurisdiction == ILLINOIS and not series.authority.item:
            missing.append("item number")
        if series.period is None:
            missing.append("period")
        said = [f"no {' and no '.join(missing)} entered yet"] if missing else []
        if doubtful := (*series.doubtful, *self.doubtful):
            said.append(f"{_listed(doubtful)} not verified yet")
        return "; ".join(said)


_WORDS = {
    "effective": "date of effect",
    "fiscal_year_starts": "beginning of the fiscal year",
    "counts_from": "day that it counts from",
}


def _listed(keys: Sequence[str]) -> str:
    """``the period is``, ``the period and the trigger are``."""
    *others, last = (f"the {_WORDS.get(key, key)}" for key in keys)
    return f"{', '.join(others)} and {last} are" if others else f"{last} is"
