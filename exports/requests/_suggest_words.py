"""The words by which private information is recognised, as their data file gives them."""

import re
from collections.abc import Iterable
from functools import cache

from exports.requests._data import Table, packaged, parse_toml

_FILE = "us"


@cache
def words(table: str, key: str) -> frozenset[str]:
    """One list of words, in small letters."""
    return frozenset(_tables().table(table).texts(key))


def any_of(found: Iterable[str]) -> str:
    """A pattern for any of these words, the longest first."""
    return "(?:" + "|".join(map(re.escape, sorted(found, key=lambda w: (-len(w), w)))) + ")"


def text_of(table: str, key: str) -> str:
    """One text."""
    return _tables().table(table).text(key)


def tables(name: str) -> list[Table]:
    """The tables of that name, in order."""
    return _tables().tables(name)


@cache
def _tables() -> Table:
    where = f"suggestions {_FILE}"
    return Table(parse_toml(packaged("suggestions", _FILE), where), where)
