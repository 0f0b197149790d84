"""Where in a TOML text a key of the schedule stands, for errors that name the line."""

import re

_SERIES = re.compile(r"^\s*\[\[\s*series\s*\]\]", re.ASCII)
_TABLE = re.compile(r"^\s*\[\s*series\s*\.\s*(\w+)\s*\]", re.ASCII)
_KEY = re.compile(r"^\s*[\"']?([\w-]+)[\"']?\s*(?:\.\s*[\"']?([\w-]+)[\"']?\s*)?=", re.ASCII)


class Lines:
    """The lines of a schedule's text by (series index, key path)."""

    def __init__(self, text: str) -> None:
        self._found: dict[tuple[int, str], int] = {}
        index, table = -1, ""
        for number, line in enumerate(text.splitlines(), start=1):
            if _SERIES.match(line):
                index, table = index + 1, ""
                self._note(index, "", number)
            elif section := _TABLE.match(line):
                table = section[1]
                self._note(index, table, number)
            elif key := _KEY.match(line):
                self._note(
                    index, ".".join(part for part in (table, key[1], key[2]) if part), number
                )

    def of(self, index: int, path: str) -> int:
        """The line of a key, else of what it stands in; index -1 is the schedule itself.

        Lines count from 1.
        """
        while True:
            if (line := self._found.get((index, path))) is not None:
                return line
            if not path:
                return 1
            path = path.rpartition(".")[0]

    def _note(self, index: int, path: str, number: int) -> None:
        self._found.setdefault((index, path), number)
