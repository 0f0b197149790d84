"""Schedules as TOML: reading, with errors that name the line and the key."""

import re
import tomllib
from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Final, TypeVar

from archive.errors import UsageError
from schedules._facts import FLAG_FACTS, TEXT_FACTS
from schedules._lines import Lines
from schedules._period import Period
from schedules._schedule import ILLINOIS, Action, Authority, Rule, Schedule, Series, Trigger

_T = TypeVar("_T")
_E = TypeVar("_E", bound=StrEnum)
_REQUIRED: Final[Any] = object()
_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]{0,63}", re.ASCII)
_JURISDICTION = re.compile(r"[A-Z]{2}(-[A-Z0-9]{1,3})?", re.ASCII)
_SCHEDULE_KEYS = frozenset({
    "code", "version", "title", "jurisdiction", "effective", "source",
    "commission_certificate_required", "series",
})  # fmt: skip
_SERIES_KEYS = frozenset({"code", "title", "authority", "trigger", "period", "action", "rule"})
_AUTHORITY_KEYS = frozenset({"application", "item", "citation", "verified"})


class ScheduleError(UsageError):
    """A schedule file that says something else than a schedule.

    `problems` are all of them, each with its line; the message carries the first.
    """

    def __init__(self, name: str, problems: list[str]) -> None:
        more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
        super().__init__(
            f"{name}: {problems[0]}{more}",
            hint="correct the file; `muniment schedule presets` lists schedules to start from",
        )
        self.problems = problems


def read_schedule(text: str, name: str = "schedule") -> Schedule:
    """The schedule that a TOML text describes. ScheduleError lists everything that is wrong.

    `name` is what the errors call the text, usually its file name.
    """
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ScheduleError(name, [str(error)]) from error
    reading = _Reading(text)
    schedule = reading.schedule(data)
    if reading.problems:
        raise ScheduleError(name, reading.problems)
    return schedule


class _Reading:
    """One pass over the parsed text, collecting problems. `index` is the series being read."""

    def __init__(self, text: str) -> None:
        self.lines = Lines(text)
        self.problems: list[str] = []
        self.index = -1
        self.where = ""

    def schedule(self, data: dict[str, Any]) -> Schedule:
        self._known(data, "", _SCHEDULE_KEYS)
        jurisdiction = self._pattern(data, "jurisdiction", _JURISDICTION, "such as US-IL")
        heading = Schedule(
            code=self._pattern(data, "code", _CODE, "of letters, digits and . _ / -"),
            version=self._version(data),
            title=self._text(data, "title"),
            jurisdiction=jurisdiction,
            effective=self._date(data, "effective"),
            series=(),
            source=self._text(data, "source", default=""),
            commission_certificate_required=self._value(
                data, "commission_certificate_required", bool, default=jurisdiction == ILLINOIS
            ),
        )
        tables = self._value(data, "series", list)
        if tables == []:
            self._problem("series", "a schedule needs at least one [[series]]")
        series = tuple(self._series(i, table) for i, table in enumerate(tables or []))
        self._unique(series)
        return replace(heading, series=series)

    def _series(self, index: int, data: Any) -> Series:
        self.index = index
        if not isinstance(data, dict):
            data = {}
        code = data.get("code")
        self.where = f'series "{code}": ' if isinstance(code, str) else f"series {index + 1}: "
        self._known(data, "", _SERIES_KEYS)
        action = self._word(data, "action", Action, Action.REVIEW)
        return Series(
            code=self._pattern(data, "code", _CODE, "of letters, digits and . _ / -"),
            title=self._text(data, "title"),
            authority=self._authority(data),
            trigger=self._word(data, "trigger", Trigger, Trigger.LAST_ACTIVITY),
            period=self._period(data, action),
            action=action,
            rule=self._rule(data),
        )

    def _authority(self, data: dict[str, Any]) -> Authority:
        table = self._value(data, "authority", dict) or {}
        self._known(table, "authority", _AUTHORITY_KEYS)
        return Authority(
            citation=self._text(table, "citation", "authority"),
            verified=self._value(table, "verified", bool, "authority") is True,
            application=self._text(table, "application", "authority", default=""),
            item=self._text(table, "item", "authority", default=""),
        )

    def _period(self, data: dict[str, Any], action: Action) -> Period | None:
        text = self._text(data, "period", default="")
        if text and action is Action.PERMANENT:
            self._problem("period", "a permanent series has no period")
        if not text:
            return None
        try:
            return Period.parse(text)
        except ValueError as error:
            self._problem("period", str(error))
            return None

    def _rule(self, data: dict[str, Any]) -> Rule:
        table: Mapping[str, Any] = self._value(data, "rule", dict) or {}
        self._known(table, "rule", TEXT_FACTS.keys() | FLAG_FACTS)
        among: dict[str, frozenset[str]] = {}
        flags: dict[str, bool] = {}
        for fact, wanted in table.items():
            if fact in TEXT_FACTS:
                among[fact] = self._allowed(fact, wanted)
            elif fact in FLAG_FACTS and isinstance(wanted, bool):
                flags[fact] = wanted
            elif fact in FLAG_FACTS:
                self._problem(f"rule.{fact}", "must be true or false")
        return Rule(among, flags)

    def _allowed(self, fact: str, wanted: Any) -> frozenset[str]:
        words = [wanted] if isinstance(wanted, str) else wanted
        if not isinstance(words, list) or not words or any(type(w) is not str for w in words):
            self._problem(f"rule.{fact}", "must be a word or a list of words")
            return frozenset()
        known = TEXT_FACTS[fact]
        for word in words:
            if known is not None and word not in known:
                self._problem(f"rule.{fact}", f'"{word}" is none of {", ".join(sorted(known))}')
        return frozenset(words)

    def _version(self, data: dict[str, Any]) -> int:
        version = self._value(data, "version", int)
        if version is not None and version < 1:
            self._problem("version", "must be 1 or more")
        return version or 0

    def _date(self, data: dict[str, Any], key: str) -> date:
        found = self._value(data, key, date)
        if isinstance(found, datetime):
            self._problem(key, "must be a date without a time of day")
        return found or date.min

    def _word(self, data: dict[str, Any], key: str, words: type[_E], instead: _E) -> _E:
        text = self._value(data, key, str)
        if text is None:
            return instead
        try:
            return words(text)
        except ValueError:
            self._problem(key, f'"{text}" is none of {", ".join(words)}')
            return instead

    def _pattern(
        self, data: dict[str, Any], key: str, form: re.Pattern[str], described: str
    ) -> str:
        text = self._value(data, key, str)
        if text is not None and not form.fullmatch(text):
            self._problem(key, f'"{text}" must be {described}')
        return text or ""

    def _text(
        self, data: Mapping[str, Any], key: str, table: str = "", default: Any = _REQUIRED
    ) -> str:
        found = self._value(data, key, str, table, default)
        if found is not None and default is _REQUIRED and not found.strip():
            self._problem(_path(table, key), "must not be empty")
        return (found or "").strip()

    def _value(
        self,
        data: Mapping[str, Any],
        key: str,
        kind: type[_T],
        table: str = "",
        default: Any = _REQUIRED,
    ) -> Any:
        """The value of a key, `default` when it is absent, None when there is a problem with it."""
        if key not in data:
            if default is _REQUIRED:
                self._problem(_path(table, key), "is missing")
                return None
            return default
        found = data[key]
        if not isinstance(found, kind) or (kind is int and isinstance(found, bool)):
            self._problem(_path(table, key), f"must be {_KINDS[kind]}")
            return None
        return found

    def _known(self, data: Mapping[str, Any], table: str, keys: Collection[str]) -> None:
        for key in data:
            if key not in keys:
                self._problem(
                    _path(table, key), f"is no key here; known are {', '.join(sorted(keys))}"
                )

    def _unique(self, series: tuple[Series, ...]) -> None:
        seen: set[str] = set()
        for index, one in enumerate(series):
            if one.code and one.code in seen:
                self.index, self.where = index, f'series "{one.code}": '
                self._problem("code", "stands twice in the schedule")
            seen.add(one.code)

    def _problem(self, path: str, said: str) -> None:
        self.problems.append(f"line {self.lines.of(self.index, path)}: {self.where}{path}: {said}")


_KINDS: Final[dict[type[Any], str]] = {
    str: "text",
    int: "a whole number",
    bool: "true or false",
    list: "a list of [[series]] tables",
    dict: "a table",
    date: "a date such as 2026-01-01",
}


def _path(table: str, key: str) -> str:
    return f"{table}.{key}" if table else key
