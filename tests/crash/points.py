"""The places where a process writes: each may be told to fail, or to be the last thing it does.

What is installed here and in `drivers` changes this process for good (its `os`, its `open`, its
database drivers), so it runs in a process that was forked for one command.
"""

import builtins
import errno
import io
import os
import signal
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, TypeVar

Side = Literal["before", "after", "stays"]
"""Before it took effect, after it, or before and so does everything that follows."""

SIDES: tuple[Side, ...] = ("before", "after", "stays")
ERRNOS = (errno.ENOSPC, errno.EIO, errno.EDQUOT)

T = TypeVar("T")


@dataclass
class Plan:
    """What happens at which point, counted from 1; 0 counts them only.

    `deadly` kills the process there; otherwise `variety` picks the error that is raised.
    """

    at: int = 0
    side: Side = "before"
    deadly: bool = False
    variety: int = 0
    labels: list[str] = field(default_factory=list)

    def pass_by(self, label: str, perform: Callable[[], T], fail: Callable[[], BaseException]) -> T:
        """Do what `perform` does, unless this is the point."""
        self.labels.append(label)
        number = len(self.labels)
        if not self.at or number < self.at or (number > self.at and self.side != "stays"):
            return perform()
        if self.side == "after":
            perform()
        if self.deadly:
            os.kill(os.getpid(), signal.SIGKILL)
        raise fail()

    def system(self, label: str, path: object, perform: Callable[[], T]) -> T:
        """`path` is a path, or the descriptor of an open file."""
        number = ERRNOS[self.variety % len(ERRNOS)]
        name = str(_opened(path) if isinstance(path, int) else path)
        known = [part for part in ("blobs", "index", "keys") if f"/{part}" in name]
        shown = None if isinstance(path, int) else name
        return self.pass_by(
            " ".join((label, *known)), perform, lambda: OSError(number, os.strerror(number), shown)
        )


def install_files(plan: Plan) -> None:
    """Let every write to a file pass by the plan."""
    for name in ("fsync", "replace", "rename", "unlink", "remove", "mkdir", "rmdir", "ftruncate"):
        setattr(os, name, _counted(plan, name, getattr(os, name)))
    opened = os.open

    def open_descriptor(path: Any, flags: int, *args: Any, **kwargs: Any) -> int:
        if not flags & os.O_CREAT:
            return opened(path, flags, *args, **kwargs)
        return plan.system("create", path, lambda: opened(path, flags, *args, **kwargs))

    os.open = open_descriptor
    plain = io.open

    class Raw(io.FileIO):
        def write(self, data: Any, /) -> int:
            written: list[int] = []

            def perform() -> int:
                written.append(super(Raw, self).write(data) or 0)
                return written[0]

            half = memoryview(data)[: len(data) // 2]
            if len(plan.labels) + 1 == plan.at and plan.side != "after":
                super().write(half)
            return plan.system("write", self.fileno(), perform)

    def open_file(
        file: Any,
        mode: str = "r",
        buffering: int = -1,
        encoding: str | None = None,
        errors: str | None = None,
        newline: str | None = None,
        closefd: bool = True,
        opener: Any = None,
    ) -> Any:
        if not set(mode) & set("wxa+") or file == os.devnull:
            return plain(file, mode, buffering, encoding, errors, newline, closefd, opener)
        bare = mode.replace("b", "").replace("t", "")

        def make() -> Raw:
            return Raw(file, bare, closefd, opener)

        raw = make() if isinstance(file, int) else plan.system("create", file, make)
        if buffering == 0:
            return raw
        buffered = io.BufferedRandom(raw) if "+" in mode else io.BufferedWriter(raw)
        return buffered if "b" in mode else io.TextIOWrapper(buffered, encoding, errors, newline)

    io.open = builtins.open = open_file


def _counted(plan: Plan, name: str, real: Callable[..., T]) -> Callable[..., T]:
    def counted(*args: Any, **kwargs: Any) -> T:
        return plan.system(name, args[0], lambda: real(*args, **kwargs))

    return counted


def _opened(descriptor: int) -> Path:
    """The path of an open file, where the system tells."""
    link = Path(f"/proc/self/fd/{descriptor}")
    return link.readlink() if link.is_symlink() else Path()
