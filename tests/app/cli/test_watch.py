"""How far an ingest is, in a pipe and on a terminal."""

import io
import sys

import pytest

from app.cli._watch import watch
from ingest import Progress

MB = 1_000_000


class Terminal(io.StringIO):
    """Something that looks like a terminal."""

    def isatty(self) -> bool:
        return True


def test_in_a_pipe_there_is_a_line_for_every_tenth_of_what_is_large(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with watch("big.zip") as show:
        for part in range(101):
            show(Progress(part * MB, 100 * MB, part * 10, part // 50))
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 9
    assert lines[0] == "big.zip: 10 of 100 MB, 100 items"
    assert lines[-1] == "big.zip: 90 of 100 MB, 900 items, 1 rejected"


def test_of_what_is_small_there_is_none(capsys: pytest.CaptureFixture[str]) -> None:
    with watch("small.zip") as show:
        show(Progress(MB, MB, 10, 0))
    assert capsys.readouterr().err == ""


def test_on_a_terminal_there_is_a_bar_of_bytes_items_and_rejects(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setenv("COLUMNS", "160")
    monkeypatch.setenv("TERM", "xterm")
    with watch("[red]\x1b[31m.zip") as show:
        show(Progress(30 * MB, 60 * MB, 12345, 2))
    shown = terminal.getvalue()
    assert "12345 items, 2 rejected" in shown
    assert "30.0/60.0 MB" in shown
    assert "\x1b[31m.zip" not in shown
