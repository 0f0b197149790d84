"""What an engine is: the few things that everything above asks of one."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, TypeAlias

from search._documents import Document

Query: TypeAlias = Any
"""A tree of `whoosh.query` nodes as `search.parse` builds them (whoosh has no type hints)."""


class DamagedIndex(Exception):
    """The files of an index cannot be read, or are not what was written."""


@dataclass(frozen=True, slots=True)
class Match:
    """A document that matched. ``score`` says how well; scores of two engines do not compare."""

    id: str
    record: int
    seq: int
    several: bool
    order: int
    score: float = 0.0


Ranked: TypeAlias = tuple[float, Any]
"""How well a document matched, and its engine's own name for it, good until the next batch."""


class Engine(Protocol):
    """An index of `Document` values in a folder of its own. One writer at a time.

    Whatever goes wrong within an engine, in reading or in writing, is raised as `DamagedIndex`.
    """

    name: str
    version: str

    def __init__(self, folder: Path) -> None:
        """Begin an index in an empty folder, or open the one that is there; DamagedIndex."""

    def apply(self, gone: Iterable[int], documents: Iterable[Document]) -> None:
        """Take out all documents of the records `gone`, then add `documents`; all of it or none."""

    def settle(self) -> None:
        """Finish what works in the background, so that the files stay as they are."""

    def forget(self, again: Callable[[Sequence[int]], Iterable[Document]]) -> None:
        """Write anew what holds documents that were taken out, so that no file has their words.

        `again` makes all documents of a few records anew, as they were last applied.
        """

    def size(self) -> int:
        """How many documents there are."""

    def count(self, query: Query) -> int:
        """How many documents match."""

    def records(self, query: Query) -> int:
        """How many records match, in any of their versions."""

    def best(self, query: Query, limit: int) -> tuple[int, list[Ranked]]:
        """`records`, and the first page of `ranked` for `matches`, at once."""

    def matches(self, found: Sequence[Ranked]) -> list[Match]:
        """What `best` found, looked up."""

    def ranked(self, query: Query, offset: int, limit: int) -> list[Match]:
        """Matches from the best on; `limit` is at least 1."""

    def ordered(
        self, query: Query, least: int, limit: int, records: Sequence[int] | None = None
    ) -> list[Match]:
        """Matches whose `Document.order` is at least `least`, in that order; `limit` ≥ 1.

        Of `records` only, when they are given.
        """

    def close(self) -> None:
        """Let go of files; what was not applied is lost."""
