"""The place of an item among its equals, for sources that give no ids."""

import sqlite3
from collections import Counter

_HELD = 100_000


class Places:
    """Counts items of the same kind and moment, from 0, in the order in which they are met.

    What was counted beyond some number goes into a temporary database: memory stays flat.
    """

    def __init__(self) -> None:
        self._recent: Counter[str] = Counter()
        self._spilt: sqlite3.Connection | None = None

    def take(self, *of: object) -> int:
        """The place of the next item that is alike in all of `of`."""
        key = "\x1f".join(map(str, of))
        if self._spilt is not None and key not in self._recent:
            found = self._spilt.execute("SELECT n FROM places WHERE key = ?", (key,)).fetchone()
            self._recent[key] = 0 if found is None else found[0]
        place = self._recent[key]
        self._recent[key] = place + 1
        if len(self._recent) >= _HELD:
            self._spill()
        return place

    def key(self, what: str, stamp: object) -> str:
        """The derived key ``what:stamp:place`` of the next item of a kind and moment."""
        return f"{what}:{stamp}:{self.take(what, stamp)}"

    def _spill(self) -> None:
        if self._spilt is None:
            self._spilt = sqlite3.connect("", isolation_level=None)
            self._spilt.execute("CREATE TABLE places (key TEXT PRIMARY KEY, n) WITHOUT ROWID")
        self._spilt.execute("BEGIN")
        self._spilt.executemany("REPLACE INTO places VALUES (?, ?)", self._recent.items())
        self._spilt.execute("COMMIT")
        self._recent.clear()
