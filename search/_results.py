"""What a search answers."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from search._snippets import Snippet


@dataclass(frozen=True, slots=True)
class Hit:
    """A record that matches, by the newest of its versions that does.

    `seq` is the log position of that version, `version` counts it from 1 of `versions`. `date` is
    when it was written (captured, where the platform does not say). `score` compares within one
    search only, and is 0 where the order is by date. `author` is "" where there is none.
    """

    id: str
    seq: int
    version: int
    versions: int
    score: float
    date: datetime
    platform: str
    kind: str
    status: str
    author: str
    snippet: Snippet

    @property
    def earlier(self) -> bool:
        """Whether the newest version does not match: it is an earlier one that does."""
        return self.version < self.versions


@dataclass(frozen=True, slots=True)
class Results:
    """One page of the answer to a search, and how complete it is.

    `total` counts all matching records. The index covers the first `position` entries of the log,
    which has `head` entries.
    """

    total: int
    hits: tuple[Hit, ...]
    position: int
    head: int

    @property
    def complete(self) -> bool:
        """Whether the index covers the whole log."""
        return self.position == self.head


@dataclass(frozen=True, slots=True)
class Group:
    """Records that say the same: the first of them, and the ids of the others."""

    hit: Hit
    others: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Groups:
    """All records that match, in `total` groups. `groups` can be read once."""

    total: int
    groups: Iterator[Group]
