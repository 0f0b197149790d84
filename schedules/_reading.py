"""Schedules as TOML: reading, with errors that name the line and the key.

docs/schedules.md documents the form.
"""

import re
import tomllib
from dataclasses import replace
from typing import Any

from archive.errors import UsageError
from schedules._authorization import COMMISSION, Authorization
from schedules._facts import FLAG_FACTS, REQUEST, REQUEST_FACTS, TEXT_FACTS
from schedules._period import Period
from schedules._schedule import (
    APPROVALS_EXPIRE,
    ILLINOIS,
    Action,
    Authority,
    CountsFrom,
    Rule,
    Schedule,
    Series,
    Trigger,
)
from schedules._toml import TomlReading
from schedules._years import YearStart

_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]{0,63}", re.ASCII)
_JURISDICTION = re.compile(r"[A-Z]{2}(-[A-Z0-9]{1,3})?", re.ASCII)
_AT_LINE = re.compile(r"(.*) \(at line (\d+), column \d+\)")
SCHEDULE_KEYS = frozenset({
    "code", "version", "title", "jurisdiction", "effective", "source", "fiscal_year_starts",
    "commission_certificate_required", "authorization", "approvals_expire", "unverified",
    "series",
})  # fmt: skip
SERIES_KEYS = frozenset({
    "code", "title", "authority", "trigger", "counts_from", "period", "action", "rule",
    "unverified",
})  # fmt: skip
AUTHORIZATION_KEYS = frozenset({
    "code", "document", "by", "number", "filed", "wait", "citation", "verified",
})  # fmt: skip
AUTHORITY_KEYS = frozenset({"application", "item", "citation", "verified"})
_VERIFIABLE = frozenset({"effective", "fiscal_year_starts"})
_VERIFIABLE_SERIES = frozenset({"authority", "trigger", "counts_from", "period", "action", "rule"})


class ScheduleError(UsageError):
    """A schedule file that says something else than a schedule.

    `problems` are all of them, each with its line; the message carries the first.
    """

    def __init__(self, name: str, problems: list[str]) -> None:
        more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
        super().__init__(
            f"{name}: {problems[0]}{more}",
            hint="correct the file; `muniment schedule check FILE` lists all that is wrong with it",
        )
        self.problems = problems


def read_schedule(text: str, name: str = "schedule") -> Schedule:
    """The schedule that a TOML text describes. ScheduleError lists everything that is wrong.

    `name` is what the errors call the text, usually its file name.
    """
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        where = _AT_LINE.fullmatch(str(error))
        said = f"line {where[2]}: is no TOML: {where[1]}" if where else f"is no TOML: {error}"
        raise ScheduleError(name, [said]) from error
    reading = _Reading(text)
    schedule = reading.schedule(data)
    if reading.problems:
        raise ScheduleError(name, reading.problems)
    return schedule


class _Reading(TomlReading):
    """The keys of a schedule and of its series."""

    def schedule(self, data: dict[str, Any]) -> Schedule:
        self.known(data, "", SCHEDULE_KEYS)
        jurisdiction = self.pattern(data, "jurisdiction", _JURISDICTION, "such as US-IL")
        heading = Schedule(
            code=self.pattern(data, "code", _CODE, "of letters, digits and . _ / -"),
            version=self._version(data),
            title=self.text(data, "title"),
            jurisdiction=jurisdiction,
            effective=self.day(data, "effective"),
            series=(),
            source=self.text(data, "source", default=""),
            authorizations=self._authorizations(data, jurisdiction),
            approvals_expire=self._duration(data, "approvals_expire") or APPROVALS_EXPIRE,
            fiscal_year_starts=self._fiscal_year(data),
            unverified=self.words(data, "unverified", _VERIFIABLE),
        )
        tables = self.value(data, "series", list)
        if tables == []:
            self.problem("series", "a schedule needs at least one [[series]]")
        series = tuple(self._series(i, table) for i, table in enumerate(tables or []))
        self._together(heading, series)
        return replace(heading, series=series)

    def _authorizations(self, data: dict[str, Any], jurisdiction: str) -> tuple[Authorization, ...]:
        """What outside approvals are asked for; Illinois' is known, and asked for unless denied."""
        commission = self.value(
            data, "commission_certificate_required", bool, default=jurisdiction == ILLINOIS
        )
        forms = [COMMISSION] if commission else []
        self.array = "authorization"
        for index, table in enumerate(self.value(data, "authorization", list, default=()) or ()):
            form = self._authorization(index, table if isinstance(table, dict) else {})
            if form.code and form.code in {one.code for one in forms}:
                self.problem("code", "is asked for twice")
            forms.append(form)
        self.array, self.index, self.where = "series", -1, ""
        return tuple(forms)

    def _authorization(self, index: int, data: dict[str, Any]) -> Authorization:
        self.index, code = index, data.get("code")
        name = f'"{code}"' if isinstance(code, str) else f"{index + 1}"
        self.where = f"authorization {name}: "
        self.known(data, "", AUTHORIZATION_KEYS)
        form = Authorization(
            code=self.pattern(data, "code", _CODE, "of letters, digits and . _ / -"),
            document=self.text(data, "document"),
            by=self.text(data, "by"),
            citation=self.text(data, "citation"),
            verified=self.value(data, "verified", bool) is True,
            number=self.value(data, "number", bool, default=False) is True,
            filed=self.value(data, "filed", bool, default=False) is True,
            wait=self._duration(data, "wait"),
        )
        if form.wait and not form.filed:
            self.problem("wait", "runs from the day of filing: filed = true")
        return form

    def _series(self, index: int, data: Any) -> Series:
        self.index = index
        if not isinstance(data, dict):
            data = {}
        code = data.get("code")
        self.where = f'series "{code}": ' if isinstance(code, str) else f"series {index + 1}: "
        self.known(data, "", SERIES_KEYS)
        action = self.word(data, "action", Action, Action.REVIEW)
        rule = self._rule(data)
        trigger = self.word(data, "trigger", Trigger, Trigger.LAST_ACTIVITY)
        self._of_requests(rule, trigger)
        return Series(
            code=self.pattern(data, "code", _CODE, "of letters, digits and . _ / -"),
            title=self.text(data, "title"),
            authority=self._authority(data),
            trigger=trigger,
            period=self._period(data, action),
            action=action,
            rule=rule,
            counts_from=self.word(
                data, "counts_from", CountsFrom, CountsFrom.TRIGGER, CountsFrom.TRIGGER
            ),
            unverified=self.words(data, "unverified", _VERIFIABLE_SERIES),
        )

    def _authority(self, data: dict[str, Any]) -> Authority:
        table = self.value(data, "authority", dict) or {}
        self.known(table, "authority", AUTHORITY_KEYS)
        return Authority(
            citation=self.text(table, "citation", "authority"),
            verified=self.value(table, "verified", bool, "authority") is True,
            application=self.text(table, "application", "authority", default=""),
            item=self.text(table, "item", "authority", default=""),
        )

    def _period(self, data: dict[str, Any], action: Action) -> Period | None:
        if data.get("period") and action is Action.PERMANENT:
            self.problem("period", "a permanent series has no period")
        return self._duration(data, "period")

    def _duration(self, data: dict[str, Any], key: str) -> Period | None:
        text = self.text(data, key, default="")
        try:
            return Period.parse(text) if text else None
        except ValueError as error:
            self.problem(key, str(error))
            return None

    def _fiscal_year(self, data: dict[str, Any]) -> YearStart | None:
        text = self.text(data, "fiscal_year_starts", default="")
        try:
            return YearStart.parse(text) if text else None
        except ValueError as error:
            self.problem("fiscal_year_starts", str(error))
            return None

    def _rule(self, data: dict[str, Any]) -> Rule:
        table = self.value(data, "rule", dict) or {}
        self.known(table, "rule", TEXT_FACTS.keys() | FLAG_FACTS)
        among: dict[str, frozenset[str]] = {}
        flags: dict[str, bool] = {}
        for fact, wanted in table.items():
            if fact in TEXT_FACTS:
                among[fact] = frozenset(self.words(table, fact, TEXT_FACTS[fact], "rule"))
                if wanted == []:
                    self.problem(f"rule.{fact}", "must be a word or a list of words")
            elif fact in FLAG_FACTS and isinstance(wanted, bool):
                flags[fact] = wanted
            elif fact in FLAG_FACTS:
                self.problem(f"rule.{fact}", "must be true or false")
        return Rule(among, flags)

    def _of_requests(self, rule: Rule, trigger: Trigger) -> None:
        """A request's own file is another kind of thing than what accounts hold."""
        kinds = rule.among.get("kind", frozenset())
        if REQUEST not in kinds:
            if trigger is Trigger.REQUEST_CLOSED:
                self.problem(
                    "trigger", f'only requests are closed: rule = {{ kind = "{REQUEST}" }}'
                )
            if "outcome" in rule.among:
                self.problem("rule.outcome", f'only requests have one: add kind = "{REQUEST}"')
            return
        if len(kinds) > 1:
            self.problem("rule.kind", "files of requests need a series of their own")
            return
        for fact in sorted({*rule.among, *rule.flags} - REQUEST_FACTS):
            self.problem(f"rule.{fact}", f"the file of a request has no {fact}")
        if trigger is not Trigger.REQUEST_CLOSED:
            self.problem("trigger", "the file of a request counts from request_closed")

    def _version(self, data: dict[str, Any]) -> int:
        version = self.value(data, "version", int)
        if version is not None and version < 1:
            self.problem("version", "must be 1 or more")
        return version or 0

    def _together(self, heading: Schedule, series: tuple[Series, ...]) -> None:
        """What no series shows by itself."""
        seen: set[str] = set()
        for index, one in enumerate(series):
            self.index, self.where = index, f'series "{one.code}": '
            if one.code and one.code in seen:
                self.problem("code", "stands twice in the schedule")
            seen.add(one.code)
            if one.counts_from is CountsFrom.FISCAL_YEAR_END and not heading.fiscal_year_starts:
                self.problem(
                    "counts_from",
                    'needs the first day of the fiscal year above: fiscal_year_starts = "07-01"',
                )
