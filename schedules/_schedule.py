"""A retention schedule: its series, what starts their periods, and which records they cover."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from schedules._period import Period

ILLINOIS = "US-IL"


class Trigger(StrEnum):
    """The event from whose day a period is counted."""

    CAPTURED = "captured"
    PUBLISHED = "published"
    LAST_EDITED = "last_edited"
    LAST_REPLY = "last_reply"
    LAST_ACTIVITY = "last_activity"
    REMOVED = "removed"
    VANISHED = "vanished"
    APPEAL_DECIDED = "appeal_decided"


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
    """One records series of a schedule."""

    code: str
    title: str
    authority: Authority
    trigger: Trigger
    period: Period | None
    action: Action
    rule: Rule

    def obstacle(self, jurisdiction: str) -> str:
        """Why nothing of this series may be disposed of yet; "" when nothing stands in the way.

        Illinois: the agency's approved application is its schedule, and there is no disposal
        without the Commission's written approval (50 ILCS 205/7).
        """
        if self.action is Action.PERMANENT:
            return ""
        missing = []
        if jurisdiction == ILLINOIS and not self.authority.application:
            missing.append("application number")
        if jurisdiction == ILLINOIS and not self.authority.item:
            missing.append("item number")
        if self.period is None:
            missing.append("period")
        if missing:
            return f"no {' and no '.join(missing)} entered yet"
        if not self.authority.verified:
            return "the authority is not verified yet"
        return ""


@dataclass(frozen=True, slots=True)
class Schedule:
    """A version of a retention schedule. The first series whose rule fits covers a record."""

    code: str
    version: int
    title: str
    jurisdiction: str
    effective: date
    series: tuple[Series, ...]
    source: str = ""
    commission_certificate_required: bool = False

    @property
    def label(self) -> str:
        return f"{self.code} version {self.version}"
