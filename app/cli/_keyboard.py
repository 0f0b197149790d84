"""Single keys of a terminal, and lines in between; what is typed ahead is not lost."""

import os
import select
import termios
from types import TracebackType
from typing import Any, Self

import click

_LONGEST = 8
_ARRIVES = 0.05
_LOCAL_FLAGS = 3


class Keyboard:
    """A terminal that gives each key as it is pressed, without echo, while the block lasts.

    Ctrl-C still interrupts. `key` gives "" at the end of the input; an arrow is its whole sequence.
    """

    def __init__(self, handle: int = 0) -> None:
        self._handle = handle
        self._lines = termios.tcgetattr(handle)
        self._keys = termios.tcgetattr(handle)
        self._keys[_LOCAL_FLAGS] &= ~(termios.ICANON | termios.ECHO)

    def __enter__(self) -> Self:
        self._set(self._keys)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._set(self._lines)

    def key(self) -> str:
        """The next key."""
        first = os.read(self._handle, 1)
        if first == b"\x1b" and select.select([self._handle], [], [], _ARRIVES)[0]:
            return (first + os.read(self._handle, _LONGEST)).decode(errors="replace")
        return first.decode(errors="replace")

    def ask(self, what: str, default: str = "") -> str:
        """A line, or the default for an empty one; click.Abort without one, and for Ctrl-C."""
        self._set(self._lines)
        try:
            answer = str(click.prompt(what, default=default, show_default=bool(default))).strip()
        finally:
            self._set(self._keys)
        if not answer:
            raise click.Abort
        return answer

    def agree(self, what: str) -> None:
        """Ask for a yes; click.Abort for anything else."""
        self._set(self._lines)
        try:
            click.confirm(what, abort=True)
        finally:
            self._set(self._keys)

    def _set(self, attributes: list[Any]) -> None:
        """Change the terminal once all output is out; what was typed stays to be read."""
        termios.tcsetattr(self._handle, termios.TCSADRAIN, attributes)
