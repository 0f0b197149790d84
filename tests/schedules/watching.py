"""Watching a program that runs: what takes rows or files of an archive away, and from where."""

import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any

from sqlalchemy import Engine, event

from tests.schedules.removing import ROOMS, ROOT

VAULT = frozenset({"sealed", "data_key", "blob"})
"""The tables that hold what a disposal destroys."""

_TAKES = re.compile(
    r"\s*(?:WITH\b.*?\b)?(DELETE\s+FROM|UPDATE|DROP\s+TABLE(?:\s+IF\s+EXISTS)?|TRUNCATE(?:\s+TABLE)?"
    r'|(?:INSERT\s+OR\s+)?REPLACE\s+INTO|ALTER\s+TABLE)\s+"?(\w+)',
    re.IGNORECASE | re.DOTALL,
)
_FILES = {"os.remove": 0, "os.rename": 1, "os.truncate": 0}
"""Python's audit events, and which argument names the file that goes."""


@dataclass(frozen=True, slots=True)
class Taken:
    """Rows of a table, or a file, that something takes away; `sites` are innermost first."""

    verb: str
    what: str
    sites: tuple[str, ...]

    @property
    def module(self) -> str:
        """The innermost module of the program on the way there; empty when there is none."""
        return self.sites[0].partition(" ")[0] if self.sites else ""


@dataclass
class Watch:
    """What was taken away while it was watched: from tables, and files below a folder."""

    folder: Path
    rows: list[Taken] = field(default_factory=list)
    files: list[Taken] = field(default_factory=list)

    def statement(self, _conn: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if found := _TAKES.match(statement):
            verb = " ".join(found[1].upper().split())
            self.rows.append(Taken(verb, found[2], _sites()))

    def audited(self, name: str, args: tuple[Any, ...]) -> None:
        place = _FILES.get(name)
        if place is not None and isinstance(args[place], str | os.PathLike):
            path = Path(args[place]).absolute()
            gone = name != "os.rename" or path.exists()
            if gone and path.is_relative_to(self.folder):
                self.files.append(Taken(name, str(path.relative_to(self.folder)), _sites()))


_watching: list[Watch] = []


def _audit(name: str, args: tuple[Any, ...]) -> None:
    """Python calls it for every event, for as long as the process lives."""
    for watch in _watching:
        watch.audited(name, args)


sys.addaudithook(_audit)


@contextmanager
def watched(folder: Path) -> Iterator[Watch]:
    """Watch every database of this process, and the files below a folder."""
    watch = Watch(folder.absolute())
    event.listen(Engine, "before_cursor_execute", watch.statement)
    _watching.append(watch)
    try:
        yield watch
    finally:
        _watching.remove(watch)
        event.remove(Engine, "before_cursor_execute", watch.statement)


def _sites() -> tuple[str, ...]:
    found: list[str] = []
    frame: FrameType | None = sys._getframe(2)
    while frame is not None:
        path = Path(frame.f_code.co_filename)
        if path.is_relative_to(ROOT):
            module = path.relative_to(ROOT).as_posix()
            if module.startswith(tuple(f"{room}/" for room in ROOMS)):
                found.append(f"{module} {frame.f_code.co_qualname}")
        frame = frame.f_back
    return tuple(found)
