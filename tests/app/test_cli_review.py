"""`muniment request review` at a real terminal: keys go in, the screen comes out."""

import json
import os
import pty
import re
import select
import subprocess
import sys
import termios
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.app.test_cli_request import comment, opened, writing
from tests.conftest import Muniment
from tests.terminal import MUNIMENT

_PATIENCE = 60
_STEERING = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b\][^\x07]*\x07|\r")


class Terminal:
    """The other side of a pseudo-terminal."""

    def __init__(self, handle: int, process: int) -> None:
        self._handle, self._process = handle, process
        self._text = ""

    def press(self, keys: str) -> None:
        os.write(self._handle, keys.encode())

    def interrupt(self) -> None:
        """Press Ctrl-C once the program waits for a key: what comes between its last word and that
        is lost on any program until the next key.
        """
        while _state(self._process) != "S":
            pass
        self.press("\x03")

    def see(self, wanted: str) -> str:
        """Wait until a text is on the screen; what came up to its end, without what steers."""
        while (at := self._text.find(wanted)) < 0:
            ready, _, _ = select.select([self._handle], [], [], _PATIENCE)
            try:
                piece = os.read(self._handle, 1 << 16) if ready else b""
            except OSError:
                piece = b""
            assert piece, f"{wanted!r} did not come after {self._text!r}"
            self._text = _STEERING.sub("", self._text + piece.decode(errors="replace"))
        seen = self._text[: at + len(wanted)]
        self._text = self._text[at + len(wanted) :]
        return seen


def _state(process: int) -> str:
    """Whether a process runs (R) or waits (S), as Linux says."""
    return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]


@contextmanager
def reviewing(library: Muniment) -> Iterator[Terminal]:
    """A review of the first request, in a process of its own as a person starts it."""
    ours, theirs = pty.openpty()
    settings = termios.tcgetattr(theirs)
    settings[3] |= termios.NOFLSH  # else Ctrl-C may throw away what the program says to it
    termios.tcsetattr(theirs, termios.TCSANOW, settings)
    environment = dict(
        os.environ,
        MUNIMENT_ARCHIVE=str(library.folder),
        MUNIMENT_KEYS=str(library.keys),
        MUNIMENT_ACTOR="ada",
        TERM="xterm",
        COLUMNS="120",
        LINES="50",
    )
    process = subprocess.Popen(
        [sys.executable, "-c", MUNIMENT, "request", "review", "2026-0001"],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env=environment,
        start_new_session=True,
    )
    os.close(theirs)
    try:
        yield Terminal(ours, process.pid)
        assert process.wait(_PATIENCE) == 0
    finally:
        process.kill()
        process.wait()
        os.close(ours)


@pytest.fixture
def library(sqlite_library: Muniment, monkeypatch: pytest.MonkeyPatch) -> Muniment:
    """An open request to which three comments are responsive. Keys concern no database."""
    with writing(sqlite_library, monkeypatch) as writer:
        ids = [
            comment(writer, "Parking? Call 630-555-0142"),
            comment(writer, "The lot holds 555-0199 cars", **{"author/name": "Library"}),
            comment(writer, "Thank you, Jane Roe \x1b[2J"),
        ]
    opened(sqlite_library)
    sqlite_library.ok("request", "add", "2026-0001", *ids)
    return sqlite_library


def reviewed(library: Muniment) -> list[tuple[str, list[str]]]:
    rows = json.loads(library.ok("request", "show", "2026-0001", "--records", "--json"))
    return [(row["outcome"], row["exemptions"]) for row in rows]


def test_keys_decide_and_every_step_is_saved_at_once(library: Muniment) -> None:
    with reviewing(library) as terminal:
        seen = terminal.see("1 of 3, 3 undetermined")
        seen = terminal.see("q quit")
        assert "Parking? Call 630-555-0142" in seen
        assert "> phone: 630-555-0142" in seen
        terminal.press("a")
        terminal.see("exemption [7(1)(b)]: ")
        terminal.press("\r")
        terminal.see("reason [A private telephone number]: ")
        terminal.press("\r")
        terminal.see("hidden: 630-555-0142")
        terminal.press("n")
        terminal.see("> phone: 555-0199")
        terminal.press("f")
        terminal.see("will not be suggested again")
        terminal.press("r")
        terminal.see("3 of 3, 1 undetermined")
        terminal.press("x")
        terminal.see("hide which words: ")
        terminal.press("Jane Roe\r")
        terminal.see("exemption: ")
        terminal.press("7(c)\r")
        terminal.see("no exemption has the code 7(c) — near: ")
        terminal.press("w")
        terminal.see("exemptions, a space between them: ")
        terminal.press("7(1)(c)\r")
        terminal.see("reason: ")
        terminal.press("A patron\r")
        terminal.see("3 of 3, 0 undetermined")
        terminal.press("u")
        terminal.see("taken back")
        terminal.press("?")
        terminal.see("there is no such key")
        terminal.press("x")
        terminal.see("hide which words: ")
        terminal.press("\r")
        terminal.see("left as it was")
        assert reviewed(library) == [
            ("redact", ["7(1)(b)"]),
            ("release", []),
            ("undetermined", []),
        ]
        terminal.press("p")
        terminal.see("2 of 3, 1 undetermined")
        terminal.press("q")
        terminal.see("2 of 3 are determined, 1 are not")


def test_ctrl_c_loses_nothing(library: Muniment) -> None:
    with reviewing(library) as terminal:
        terminal.see("q quit")
        terminal.press("r")
        terminal.see("2 of 3, 2 undetermined")
        terminal.see("q quit")
        terminal.press("w")
        terminal.see("exemptions, a space between them: ")
        terminal.interrupt()
        terminal.see("left as it was")
        terminal.see("q quit")
        terminal.interrupt()
        terminal.see("1 of 3 are determined, 2 are not")
    assert [outcome for outcome, _ in reviewed(library)].count("release") == 1


def test_a_review_needs_a_terminal(library: Muniment) -> None:
    assert "a review needs a terminal" in library.fails(2, "request", "review", "2026-0001")
