"""The model: what may become of records, in plain words, with calendar arithmetic of its own.

It knows nothing of the program. A history tells it what happened, and asks it what must be there.
"""

from calendar import monthrange
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta

Period = tuple[int, int, int]
"""Years, months, days."""


@dataclass(frozen=True)
class Series:
    code: str
    rule: dict[str, object]
    trigger: str
    year_end: bool
    period: Period
    action: str


@dataclass(frozen=True)
class Plan:
    """A retention schedule, and for how many days an approval under it counts."""

    version: int
    effective: date
    series: tuple[Series, ...]
    approvals_last: int


@dataclass
class Thing:
    """A post or comment; `said` is the text of each version. Days are None until something came.

    `held` are the removals by the staff that nobody took back, by id: whether it was all of it, and
    the day. `appeals` are the undecided appeals, each with the removal that it is against.
    """

    name: str
    kind: str
    account: str
    author: str
    parent: str | None
    published: date | None
    captured: date
    said: list[str]
    status: str = "live"
    edited: date | None = None
    removed: date | None = None
    vanished: date | None = None
    decided: date | None = None
    appealed: bool = False
    held: dict[str, tuple[bool, date]] = field(default_factory=dict)
    appeals: dict[str, str] = field(default_factory=dict)
    gone: bool = False
    forgotten: bool = False

    @property
    def by_staff(self) -> bool:
        """Whether all of it is removed by the staff."""
        return any(whole for whole, _ in self.held.values())

    def put_back(self, removals: Iterable[str]) -> None:
        """These removals end. What another removed is still removed."""
        for one in removals:
            del self.held[one]
        self.status = "removed" if self.by_staff else "live"
        self.removed = next((day for _, day in reversed(self.held.values())), None)
        self.vanished = None

    def shown(self) -> None:
        """Its source shows it: that takes back what the source said of it, and no decision."""
        if self.status == "removed" and not self.by_staff:
            self.removed = None
        if not self.by_staff:
            self.status = "live"
        self.vanished = None


@dataclass(frozen=True)
class Terms:
    """What a hold is about; everything that is said must fit."""

    word: str | None = None
    account: str | None = None
    author: str | None = None
    since: date = date.min
    until: date = date.max

    def fit(self, thing: Thing) -> bool:
        said = self.word is None or any(self.word in text.split() for text in thing.said)
        when = thing.published is None or self.since <= thing.published <= self.until
        return (
            said and when
            and self.account in (None, thing.account)
            and self.author in (None, thing.author)
        )  # fmt: skip


@dataclass
class Hold:
    named: set[str]
    terms: list[Terms]


@dataclass
class Disposal:
    """`listed` is the series and number of versions by name; `approved` by whom, until when."""

    plan: Plan
    listed: dict[str, tuple[str, int]]
    approved: dict[str, date] = field(default_factory=dict)
    state: str = "proposed"


@dataclass
class Model:
    things: dict[str, Thing] = field(default_factory=dict)
    plans: list[Plan] = field(default_factory=list)
    holds: dict[str, Hold] = field(default_factory=dict)
    requests: dict[str, set[str] | None] = field(default_factory=dict)
    """The open ones: what they ask for, None while nobody has searched."""
    banned_appeal: set[str] = field(default_factory=set)
    """Authors whose ban is under appeal."""
    closed: dict[str, date] = field(default_factory=dict)
    disposals: dict[str, Disposal] = field(default_factory=dict)
    answers: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

    def frozen(self, thing: Thing) -> bool:
        return (
            any(thing.name in one.named or any(terms.fit(thing) for terms in one.terms)
                for one in self.holds.values())
            or any(thing.name in asked for asked in self.requests.values() if asked)
            or bool(thing.appeals)
            or thing.author in self.banned_appeal
        )  # fmt: skip

    def plan(self, day: date) -> Plan | None:
        return next((plan for plan in reversed(self.plans) if plan.effective <= day), None)

    def destroyed(self, thing: Thing, plan: Plan, day: date) -> str | None:
        """The series under which a record is to be destroyed by a day, if it is."""
        series = next((one for one in plan.series if self._fits(thing, one.rule)), None)
        if thing.gone or series is None or series.action != "destroy":
            return None
        start = self._start(thing, series.trigger)
        if start is None or day <= after(year_end(start) if series.year_end else start, series):
            return None
        return series.code

    def may_go(self, disposal: Disposal, day: date) -> set[str]:
        """What of a list may be destroyed on a day: due as it was listed, unchanged, not frozen."""
        return {
            name
            for name, (series, versions) in disposal.listed.items()
            if self.destroyed(self.things[name], disposal.plan, day) == series
            and len(self.things[name].said) == versions
            and not self.frozen(self.things[name])
        }

    def approvals(self, disposal: Disposal, day: date) -> set[str]:
        return {who for who, until in disposal.approved.items() if day <= until}

    def runs(self, disposal: Disposal, day: date) -> bool:
        return (
            disposal.state in ("proposed", "started")
            and len(self.approvals(disposal, day)) >= 2
            and self.plan(day) is disposal.plan
            and None not in self.requests.values()
        )

    def destroy(self, name: str) -> None:
        """What stood in no thread is forgotten; other days still count for its thread."""
        thing = self.things[name]
        thing.gone, thing.forgotten = True, not (thing.parent or self.answers[name])

    def _fits(self, thing: Thing, rule: dict[str, object]) -> bool:
        return all(
            getattr(thing, fact) in wanted
            if isinstance(wanted, list)
            else wanted is self._is(thing, fact)
            for fact, wanted in rule.items()
        )

    def _is(self, thing: Thing, fact: str) -> bool:
        if fact == "replied":
            return any(True for _ in self._below(thing.name))
        return thing.edited is not None if fact == "edited" else thing.appealed

    def _start(self, thing: Thing, trigger: str) -> date | None:
        return max((day for day in self._days(thing, trigger) if day), default=None)

    def _days(self, thing: Thing, trigger: str) -> Iterator[date | None]:
        if trigger == "account_closed":
            yield self.closed.get(thing.account)
        elif trigger in ("captured", "published", "removed", "vanished"):
            yield getattr(thing, trigger)
        elif trigger == "appeal_decided":
            yield thing.decided
        else:
            yield thing.published
        if trigger in ("last_edited", "last_activity", "thread_activity"):
            yield thing.edited
        if trigger in ("last_activity", "thread_activity"):
            yield from (thing.removed, thing.vanished, thing.decided)
        if trigger in ("last_reply", "last_activity", "thread_activity"):
            yield from (one.published or one.captured for one in self._below(thing.name))
        if trigger == "thread_activity":
            yield from self._thread(thing)

    def _below(self, name: str) -> Iterator[Thing]:
        for answer in self.answers[name]:
            if not self.things[answer].forgotten:
                yield self.things[answer]
            yield from self._below(answer)

    def _thread(self, thing: Thing) -> Iterator[date | None]:
        """The days of all that is in the thread, if anything else is."""
        top = thing.name
        while top in self.things and (above := self.things[top].parent):
            top = above
        every = [*self._below(top), *([self.things[top]] if top in self.things else [])]
        for one in every if len(every) > 1 else ():
            if not one.forgotten:
                yield from (one.published or one.captured, one.edited, one.removed)
                yield from (one.vanished, one.decided)

    def with_what_they_answer(self, names: Iterable[str]) -> set[str]:
        """These and, of what they answer up to the top, all that is still there."""
        kept = set(names)
        for name in tuple(kept):
            at = self.things[name].parent
            while at in self.things:
                thing = self.things[at]
                kept |= set() if thing.gone else {at}
                at = thing.parent
        return kept


def year_end(day: date) -> date:
    return date(day.year, 12, 31)


def after(start: date, series: Series) -> date:
    """The last day of the period: a month without such a day ends on its own last."""
    years, months, days = series.period
    year, month = divmod(start.month - 1 + months, 12)
    year, month = start.year + years + year, month + 1
    return date(year, month, min(start.day, monthrange(year, month)[1])) + timedelta(days)
