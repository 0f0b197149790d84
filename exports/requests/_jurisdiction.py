"""A jurisdiction's rules for requests, as its data file gives them: every date that runs, and why.

One form for every act. A term has days, or words where the law sets none; an extension has days, or
leaves the day to the body; what else is to be done by when, by whom, are steps that follow on what
happened before them.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Protocol, TypedDict, TypeVar

from archive.errors import UsageError
from exports.requests._data import Table, packaged, parse_toml

AGREEMENT = "agreement"
"""The ground of an extension that the requester agreed to in writing."""

ORDINARY = "ordinary"
RECEIVED, DUE, DENIED, ANSWERED = "received", "due", "denied", "answered"
CALENDAR_DAYS = "calendar days"
_UNITS = ("business days", "working days", CALENDAR_DAYS)
_ACTORS = ("body", "requester", "reviewer")
_EVENTS = (RECEIVED, DUE, DENIED, ANSWERED)
_EFFECTS = ("denial", "exhaustion")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rule:
    """A rule with its dates of effect. `verified`: read in a copy of the cited source."""

    effective_from: date
    effective_to: date | None
    source: str
    verified: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Term(_Rule):
    """How long a body has to answer requests of a track, counted from what happened before.

    `days` is None where the law sets none; `standard` are its words ("promptly").
    """

    track: str
    after: str
    days: int | None
    unit: str
    standard: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Extension(_Rule):
    """What a body may take by itself, on which grounds; once.

    `days` are counted from the original due date, or where `from_given` from the day on which it is
    taken; None: the body names the day. No `tracks`: any.
    """

    tracks: tuple[str, ...]
    days: int | None
    unit: str
    from_given: bool
    grounds: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step(_Rule):
    """Something that the body, the requester or a reviewer does, by when.

    `after` is an event ("received", "due", "denied", "answered") or another step; with
    `only_after` it runs only once that step was taken. `days` None: no day is set. `optional`: once
    its day is over nobody waits for it. `missed` says what follows when it is not done.
    """

    code: str
    title: str
    by: str
    tracks: tuple[str, ...]
    after: str
    only_after: str
    days: int | None
    unit: str
    optional: bool
    missed: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause(_Rule):
    """A ground on which the clock may stop; `times` is how often, None without a limit."""

    ground: str
    title: str
    times: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Threshold(_Rule):
    """So many requests of one person within so many days put the next ones on another track."""

    track: str
    requests: int
    days: int


@dataclass(frozen=True, slots=True)
class Silence:
    """What an unanswered request comes to: "denial", or "exhaustion" of remedies."""

    effect: str
    source: str
    verified: bool


@dataclass(frozen=True, slots=True)
class Jurisdiction:
    """The rules of one act.

    `receipt_counts` says whether the day of receipt is the first day. `silence` is None where the
    act does not say what an unanswered request comes to. `exemptions` is "" where none came along.
    `suggestions` maps a kind of private information ("phone"), or a group of kinds ("private"), to
    the code that usually exempts it.
    """

    code: str
    version: int
    title: str
    citation: str
    calendar: str
    exemptions: str
    receipt_counts: bool
    silence: Silence | None
    agreement_source: str
    terms: tuple[Term, ...]
    extensions: tuple[Extension, ...]
    steps: tuple[Step, ...]
    pauses: tuple[Pause, ...]
    thresholds: tuple[Threshold, ...]
    suggestions: Mapping[str, str]

    def track(self, purpose: str, received: date) -> str:
        """The track of a purpose: of its own where the act gives it a term, else the ordinary."""
        own = _in_effect((t for t in self.terms if t.track == purpose), received)
        return purpose if own is not None else ORDINARY

    def term(self, track: str, received: date) -> Term:
        """The term in effect on the day of receipt; UsageError when there is none."""
        found = _in_effect((t for t in self.terms if t.track == track), received)
        if found is None:
            known = sorted({term.track for term in self.terms})
            raise UsageError(
                f"{self.code} has no term for {article(track)} request received on {received}",
                hint=f"it has: {', '.join(known)}",
            )
        return found

    def extensions_of(self, track: str, received: date) -> list[Extension]:
        """The extensions that the body may take by itself; none when the law gives it none."""
        return [e for e in _all_in_effect(self.extensions, received) if _covers(e.tracks, track)]

    def steps_of(self, track: str, received: date) -> list[Step]:
        """The steps of a request, in the order of the file."""
        return [s for s in _all_in_effect(self.steps, received) if _covers(s.tracks, track)]

    def pause(self, ground: str, received: date) -> Pause:
        """The rule by which the clock may stop; UsageError names the grounds that there are."""
        known = _all_in_effect(self.pauses, received)
        found = next((p for p in known if p.ground == ground), None)
        if found is None:
            grounds = ", ".join(p.ground for p in known)
            raise UsageError(
                f"{ground} is no ground on which {self.code} stops the clock",
                hint=f"grounds: {grounds}" if grounds else "nothing stops it",
            )
        return found

    def thresholds_on(self, received: date) -> list[Threshold]:
        """The thresholds in effect on a day."""
        return _all_in_effect(self.thresholds, received)


def load_jurisdiction(code: str) -> Jurisdiction:
    """The rules that ship for `code` ("us-il"); UsageError names the known ones."""
    where = f"jurisdiction {code}"
    return read_jurisdiction(packaged("jurisdictions", code), where)


def read_jurisdiction(content: bytes, where: str) -> Jurisdiction:
    """The rules of a data file; UsageError when it is malformed, naming the key."""
    table = Table(parse_toml(content, where), where)
    steps = tuple(map(_step, table.tables("step")))
    events = {*_EVENTS, *(step.code for step in steps)}
    for known in steps:
        _check(f"{where}: after", known.after, events)
        _check(f"{where}: only_after", known.only_after, {"", *events})
    terms = tuple(map(_term, table.tables("term")))
    for term in terms:
        _check(f"{where}: after", term.after, events)
    receipt, agreement = table.table("receipt"), table.table("agreement")
    return Jurisdiction(
        code=table.text("code"),
        version=table.number("version"),
        title=table.text("title"),
        citation=table.text("citation"),
        calendar=table.text("calendar"),
        exemptions=table.text("exemptions", ""),
        receipt_counts=receipt.flag("counted") if table.has("receipt") else False,
        silence=_silence(table.table("silence")) if table.has("silence") else None,
        agreement_source=agreement.text("source", ""),
        terms=terms,
        extensions=tuple(map(_extension, table.tables("extension"))),
        steps=steps,
        pauses=tuple(map(_pause, table.tables("pause"))),
        thresholds=tuple(map(_threshold, table.tables("threshold"))),
        suggestions=table.pairs("suggestions"),
    )


def _silence(table: Table) -> Silence:
    effect = table.text("effect")
    _check("[silence] effect", effect, _EFFECTS)
    return Silence(effect, table.text("source"), table.flag("verified"))


def _term(table: Table) -> Term:
    days, unit = _span(table)
    standard = table.text("standard", "")
    if days is None and not standard:
        raise UsageError("a term has neither days nor a standard", hint="say what the law says")
    return Term(
        track=table.text("track"),
        after=table.text("after", RECEIVED),
        days=days,
        unit=unit,
        standard=standard,
        **_dated(table),
    )


def _extension(table: Table) -> Extension:
    days, unit = _span(table)
    start = table.text("counted_from", DUE)
    _check("counted_from", start, (DUE, "given"))
    return Extension(
        tracks=table.texts("tracks"),
        days=days,
        unit=unit,
        from_given=start == "given",
        grounds={g.text("code"): g.text("title") for g in table.tables("grounds")},
        **_dated(table),
    )


def _step(table: Table) -> Step:
    days, unit = _span(table)
    by = table.text("by")
    _check("by", by, _ACTORS)
    return Step(
        code=table.text("code"),
        title=table.text("title"),
        by=by,
        tracks=table.texts("tracks"),
        after=table.text("after"),
        only_after=table.text("only_after", ""),
        days=days,
        unit=unit,
        optional=table.flag("optional") if table.has("optional") else False,
        missed=table.text("missed", ""),
        **_dated(table),
    )


def _pause(table: Table) -> Pause:
    return Pause(
        ground=table.text("ground"),
        title=table.text("title"),
        times=table.number("times") if table.has("times") else None,
        **_dated(table),
    )


def _threshold(table: Table) -> Threshold:
    return Threshold(
        track=table.text("track"),
        requests=table.number("requests"),
        days=table.number("days"),
        **_dated(table),
    )


class _Dates(TypedDict):
    effective_from: date
    effective_to: date | None
    source: str
    verified: bool


def _dated(table: Table) -> _Dates:
    return {
        "effective_from": table.day("effective_from"),
        "effective_to": table.day_or_none("effective_to"),
        "source": table.text("source"),
        "verified": table.flag("verified"),
    }


def _span(table: Table) -> tuple[int | None, str]:
    if not table.has("days"):
        return None, CALENDAR_DAYS
    unit = table.text("unit")
    _check("unit", unit, _UNITS)
    return table.number("days"), unit


def _check(what: str, value: str, known: Iterable[str]) -> None:
    if value not in known:
        raise UsageError(f"{what} is {value!r}", hint=f"known: {', '.join(sorted(known))}")


def article(track: str) -> str:
    """The track with its article, for a sentence: "an ordinary", "a commercial"."""
    return f"an {track}" if track[0] in "aeiou" else f"a {track}"


def _covers(tracks: tuple[str, ...], track: str) -> bool:
    return not tracks or track in tracks


class _Dated(Protocol):
    @property
    def effective_from(self) -> date: ...
    @property
    def effective_to(self) -> date | None: ...


D = TypeVar("D", bound=_Dated)


def _all_in_effect(rules: Iterable[D], day: date) -> list[D]:
    """The rules in effect on `day`; `effective_to` is the last."""
    return [
        rule
        for rule in rules
        if rule.effective_from <= day and (rule.effective_to is None or day <= rule.effective_to)
    ]


def _in_effect(rules: Iterable[D], day: date) -> D | None:
    """The rule in effect on `day`; the latest beginning wins."""
    return max(_all_in_effect(rules, day), key=lambda rule: rule.effective_from, default=None)
