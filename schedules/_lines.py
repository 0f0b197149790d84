"""Where in a TOML text a key of the schedule stands, for errors that name the line."""

import re
from collections import Counter

_ARRAY = re.compile(r"^\s*\[\[\s*(\w+)\s*\]\]", re.ASCII)
_TABLE = re.compile(r"^\s*\[\s*series\s*\.\s*(\w+)\s*\]", re.ASCII)
_KEY = re.compile(r"^\s*[\"']?([\w-]+)[\"']?\s*(?:\.\s*[\"']?([\w-]+)[\"']?\s*)?=", re.ASCII)


class Lines:
    """The lines of a schedule's text by (array of tables, index in it, key path)."""

    def __init__(self, text: str) -> None:
        self._found: dict[tuple[str, int, str], int] = {}
        self._place = ("", -1)
        seen: Counter[str] = Counter()
        table = ""
        for number, line in enumerate(text.splitlines(), start=1):
            if array := _ARRAY.match(line):
                self._place, table = (array[1], seen[array[1]]), ""
                seen[array[1]] += 1
                self._note("", number)
            elif section := _TABLE.match(line):
                table = section[1]
                self._note(table, number)
            elif key := _KEY.match(line):
                self._note(".".join(part for part in (table, key[1], key[2]) if part), number)

    def of(self, index: int, path: str, array: str = "series") -> int:
        """The line of a key, else of what it stands in; index -1 is the schedule itself.

        Lines count from 1.
        """
        place = (array, index) if index >= 0 else ("", -1)
        while True:
            if (line := self._found.get((*place, path))) is not None:
                return line
            if not path:
                return 1
            path = path.rpartition(".")[0]

    def _note(self, path: str, number: int) -> None:
        self._found.setdefault((*self._place, path), number)
