"""Reading tables of a TOML text, with problems that name the line and the key."""

import re
from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime
from difflib import get_close_matches
from enum import StrEnum
from typing import Any, Final, TypeVar

from schedules._lines import Lines

_T = TypeVar("_T")
_E = TypeVar("_E", bound=StrEnum)
_REQUIRED: Final[Any] = object()
_KINDS: Final[dict[type[Any], str]] = {
    str: "text",
    int: "a whole number",
    bool: "true or false",
    list: "a list",
    dict: "a table",
    date: "a date such as 2026-01-01",
}


class TomlReading:
    """One pass over a parsed schedule, collecting problems.

    `index` is the table of `array` being read, -1 outside of them; `where` is what its problems
    begin with.
    """

    def __init__(self, text: str) -> None:
        self.lines = Lines(text)
        self.problems: list[str] = []
        self.array = "series"
        self.index = -1
        self.where = ""

    def problem(self, path: str, said: str) -> None:
        line = self.lines.of(self.index, path, self.array)
        self.problems.append(f"line {line}: {self.where}{path}: {said}")

    def value(
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
                self.problem(_path(table, key), "is missing")
                return None
            return default
        found = data[key]
        if not isinstance(found, kind) or (kind is int and isinstance(found, bool)):
            self.problem(_path(table, key), f"must be {_KINDS[kind]}")
            return None
        return found

    def text(
        self, data: Mapping[str, Any], key: str, table: str = "", default: Any = _REQUIRED
    ) -> str:
        found = self.value(data, key, str, table, default)
        if found is not None and default is _REQUIRED and not found.strip():
            self.problem(_path(table, key), "must not be empty")
        return (found or "").strip()

    def pattern(self, data: dict[str, Any], key: str, form: re.Pattern[str], described: str) -> str:
        text = self.value(data, key, str)
        if text is not None and not form.fullmatch(text):
            self.problem(key, f'"{text}" must be {described}')
        return text or ""

    def day(self, data: dict[str, Any], key: str) -> date:
        found = self.value(data, key, date)
        if isinstance(found, datetime):
            self.problem(key, "must be a date without a time of day")
        return found or date.min

    def word(
        self, data: dict[str, Any], key: str, words: type[_E], instead: _E, default: Any = _REQUIRED
    ) -> _E:
        """One of `words`; `instead` when there is a problem with it."""
        text = self.value(data, key, str, default=default)
        if text is None:
            return instead
        try:
            return words(text)
        except ValueError:
            self.problem(key, none_of(text, words))
            return instead

    def words(
        self, data: Mapping[str, Any], key: str, known: Collection[str] | None, table: str = ""
    ) -> tuple[str, ...]:
        """A word or a list of words, of the `known` ones unless any may stand; empty if absent."""
        found = data.get(key, [])
        given = [found] if isinstance(found, str) else found
        if not isinstance(given, list) or any(type(word) is not str for word in given):
            self.problem(_path(table, key), "must be a word or a list of words")
            return ()
        for word in given:
            if known is not None and word not in known:
                self.problem(_path(table, key), none_of(word, sorted(known)))
        return tuple(given)

    def known(self, data: Mapping[str, Any], table: str, keys: Collection[str]) -> None:
        """Report every key that is none of `keys`."""
        for key in data:
            if key not in keys:
                self.problem(
                    _path(table, key),
                    f"is no key here; known are {', '.join(sorted(keys))}{_perhaps(key, keys)}",
                )


def none_of(word: str, words: Iterable[str]) -> str:
    """What is wrong with a word that is none of those there are."""
    there = [str(one) for one in words]
    return f'"{word}" is none of {", ".join(there)}{_perhaps(word, there)}'


def _perhaps(word: str, words: Collection[str]) -> str:
    close = get_close_matches(word.lower().replace("-", "_"), words, 1)
    return f"; did you mean {close[0]}?" if close else ""


def _path(table: str, key: str) -> str:
    return f"{table}.{key}" if table else key
