"""A jurisdiction's rules for requests, as its data file gives them: terms, extensions, silence."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Protocol, TypeVar

from archive.errors import UsageError
from exports.requests._data import Table, packaged, parse_toml

AGREEMENT = "agreement"
"""The ground of an extension that the requester agreed to in writing."""


@dataclass(frozen=True, slots=True)
class Term:
    """How many days a body has to answer. `verified`: read in a copy of the cited source."""

    purpose: str
    days: int
    unit: str
    effective_from: date
    effective_to: date | None
    source: str
    verified: bool


@dataclass(frozen=True, slots=True)
class Extension:
    """By how many days after the original due date a body may extend, and on which grounds."""

    purposes: tuple[str, ...]
    days: int
    grounds: Mapping[str, str]
    effective_from: date
    effective_to: date | None
    source: str
    verified: bool


@dataclass(frozen=True, slots=True)
class Jurisdiction:
    """The rules of one act.

    `silence` is what an unanswered request comes to: "denial", or "exhaustion" of remedies.
    `suggestions` maps a kind of private information ("phone"), or a group of kinds ("private"), to
    the code that usually exempts it.
    """

    code: str
    version: int
    title: str
    citation: str
    calendar: str
    exemptions: str
    silence: str
    silence_source: str
    agreement_source: str
    terms: tuple[Term, ...]
    extensions: tuple[Extension, ...]
    suggestions: Mapping[str, str]

    def term(self, purpose: str, received: date) -> Term:
        """The term in effect on the day of receipt; UsageError when there is none."""
        found = _in_effect((t for t in self.terms if t.purpose == purpose), received)
        if found is None:
            known = sorted({term.purpose for term in self.terms})
            raise UsageError(
                f"{self.code} has no term for a {purpose} request received on {received}",
                hint=f"purposes: {', '.join(known)}",
            )
        return found

    def extension(self, purpose: str, received: date) -> Extension | None:
        """The extension that the body may take by itself; None when the law gives it none."""
        return _in_effect((e for e in self.extensions if purpose in e.purposes), received)


def load_jurisdiction(code: str) -> Jurisdiction:
    """The rules that ship for `code` ("us-il"); UsageError names the known ones."""
    where = f"jurisdiction {code}"
    table = Table(parse_toml(packaged("jurisdictions", code), where), where)
    silence = table.table("silence")
    return Jurisdiction(
        code=table.text("code"),
        version=table.number("version"),
        title=table.text("title"),
        citation=table.text("citation"),
        calendar=table.text("calendar"),
        exemptions=table.text("exemptions"),
        silence=silence.text("effect"),
        silence_source=silence.text("source"),
        agreement_source=table.table("agreement").text("source"),
        terms=tuple(_term(t) for t in table.tables("term")),
        extensions=tuple(_extension(t) for t in table.tables("extension")),
        suggestions=table.pairs("suggestions"),
    )


def _term(table: Table) -> Term:
    return Term(
        purpose=table.text("purpose"),
        days=table.number("days"),
        unit=table.text("unit"),
        effective_from=table.day("effective_from"),
        effective_to=table.day_or_none("effective_to"),
        source=table.text("source"),
        verified=table.flag("verified"),
    )


def _extension(table: Table) -> Extension:
    return Extension(
        purposes=table.texts("purposes"),
        days=table.number("days"),
        grounds={g.text("code"): g.text("title") for g in table.tables("grounds")},
        effective_from=table.day("effective_from"),
        effective_to=table.day_or_none("effective_to"),
        source=table.text("source"),
        verified=table.flag("verified"),
    )


class _Dated(Protocol):
    @property
    def effective_from(self) -> date: ...
    @property
    def effective_to(self) -> date | None: ...


D = TypeVar("D", bound=_Dated)


def _in_effect(rules: Iterable[D], day: date) -> D | None:
    """The rule in effect on `day` (`effective_to` is the last); the latest beginning wins."""
    current = [
        rule
        for rule in rules
        if rule.effective_from <= day and (rule.effective_to is None or day <= rule.effective_to)
    ]
    return max(current, key=lambda rule: rule.effective_from, default=None)
