"""Where the room's rules lie: versioned files beside the code, read and checked in one place."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import date, datetime
from importlib.resources import files
from pathlib import Path
from typing import Any, TypeVar

from archive.errors import UsageError

T = TypeVar("T")


def packaged(folder: str, name: str) -> bytes:
    """A data file that ships with the program; UsageError names the ones there are."""
    place = files("exports").joinpath("data", folder)
    for suffix in (".toml", ".csv"):
        found = place.joinpath(name + suffix)
        if Path(name).name == name and found.is_file():
            return found.read_bytes()
    known = ", ".join(sorted(Path(item.name).stem for item in place.iterdir()))
    raise UsageError(f"there are no {folder} called “{name}”", hint=f"known: {known}")


def parse_toml(content: bytes, what: str) -> dict[str, Any]:
    """The tables of a rule file; UsageError says where it is malformed."""
    try:
        return tomllib.loads(content.decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(
            f"{what} cannot be read: {error}", hint="it is TOML: correct the place that is named"
        ) from error


class Table:
    """One table of a rule file: a wrong or missing key is an error that names it."""

    def __init__(self, values: Mapping[str, Any], where: str) -> None:
        self._values, self._where = values, where

    def text(self, key: str, default: str | None = None) -> str:
        return self._of(str, key, default)

    def number(self, key: str) -> int:
        value = self._of(int, key, None)
        if value < 0:
            raise UsageError(f"{self._where}: {key} is negative")
        return value

    def flag(self, key: str) -> bool:
        return self._of(bool, key, None)

    def day(self, key: str) -> date:
        value = self._values.get(key)
        if not isinstance(value, date) or isinstance(value, datetime):
            raise UsageError(f"{self._where}: {key} is no date (write {key} = 2026-01-31)")
        return value

    def day_or_none(self, key: str) -> date | None:
        return self.day(key) if key in self._values else None

    def texts(self, key: str) -> tuple[str, ...]:
        values = self._of(list, key, [])
        if not all(isinstance(value, str) for value in values):
            raise UsageError(f"{self._where}: {key} is no list of texts")
        return tuple(values)

    def table(self, key: str) -> Table:
        return Table(self._of(dict, key, {}), f"{self._where} [{key}]")

    def tables(self, key: str) -> list[Table]:
        values = self._of(list, key, [])
        if not all(isinstance(value, dict) for value in values):
            raise UsageError(f"{self._where}: {key} is no list of tables")
        return [Table(value, f"{self._where} [[{key}]] {n}") for n, value in enumerate(values, 1)]

    def pairs(self, key: str) -> dict[str, str]:
        inner = self._of(dict, key, {})
        table = Table(inner, f"{self._where} [{key}]")
        return {name: table.text(name) for name in inner}

    def has(self, key: str) -> bool:
        return key in self._values

    def _of(self, kind: type[T], key: str, default: T | None) -> T:
        value = self._values.get(key, default)
        if value is None:
            raise UsageError(f"{self._where}: {key} is missing")
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            raise UsageError(f"{self._where}: {key} is not a {kind.__name__}")
        return value
