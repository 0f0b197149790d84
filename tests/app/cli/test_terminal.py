"""What a person at a terminal meets: passphrases that are not shown, results as tables."""

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import Muniment

ROOT = Path(__file__).parents[3]


@pytest.fixture
def database() -> str:
    """SQLite alone: what a terminal shows does not depend on the database."""
    return ""


PROGRAM = (
    "import fcntl, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0);from app.cli import main; main()"
)


def at_terminal(muniment: Muniment, *args: str, typed: list[str]) -> tuple[int, str]:
    """Run a command at a terminal of its own; each line is typed when a prompt waits for it."""
    environment = os.environ | {
        "MUNIMENT_ARCHIVE": str(muniment.folder),
        "MUNIMENT_KEYS": str(muniment.keys),
        "PYTHONPATH": str(ROOT),
        "COLUMNS": "100",
        "TERM": "dumb",
    }
    terminal, end = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM, *args],
        stdin=end,
        stdout=end,
        stderr=end,
        env=environment,
        start_new_session=True,
    ) as process:
        os.close(end)
        shown, waiting = "", list(typed)
        while data := _read(terminal):
            shown += data.decode()
            if waiting and shown.rstrip(" ").endswith(":"):
                os.write(terminal, waiting.pop(0).encode() + b"\n")
                shown += "\n"
    os.close(terminal)
    return process.returncode, shown


def _read(terminal: int) -> bytes:
    """What the terminal shows next; nothing once the command has ended."""
    try:
        return os.read(terminal, 4096)
    except OSError:
        return b""


@pytest.fixture
def init(muniment: Muniment) -> list[str]:
    return ["init", str(muniment.folder), "--name", "L", "--actor", "ada"]


def test_a_new_passphrase_is_asked_for_twice_and_never_shown(
    muniment: Muniment, init: list[str]
) -> None:
    status, shown = at_terminal(muniment, *init, typed=["tulip", "tulip"])
    assert status == 0, shown
    assert "New passphrase for ada's key:" in shown
    assert "tulip" not in shown
    status, shown = at_terminal(muniment, "account", "add", "mastodon", "@library", typed=["tulip"])
    assert status == 0, shown
    assert "Passphrase for ada's key:" in shown


def test_a_wrong_passphrase_at_the_terminal(muniment: Muniment, init: list[str]) -> None:
    at_terminal(muniment, *init, typed=["tulip", "tulip"])
    status, shown = at_terminal(muniment, "account", "add", "mastodon", "@library", typed=["rose"])
    assert status == 4
    assert "wrong passphrase" in shown


def test_an_interrupted_prompt_makes_nothing(muniment: Muniment, init: list[str]) -> None:
    status, shown = at_terminal(muniment, *init, typed=["\x03"])
    assert status == 130, shown
    assert "muniment: interrupted" in shown
    assert not muniment.folder.exists()
    assert not muniment.keys.exists() or list(muniment.keys.iterdir()) == []


def test_results_are_tables(library: Muniment) -> None:
    status, shown = at_terminal(library, "actor", "list", typed=[])
    assert status == 0
    assert "key here" in shown
    assert "ada" in shown


def test_found_texts_stand_below_their_line(library: Muniment, tmp_path: Path) -> None:
    rows = tmp_path / "rows.jsonl"
    rows.write_text('{"id": "1", "author": "Jane Roe", "text": "Is there parking near here?"}\n')
    library.ok("ingest", rows, "--account", "lib")
    status, shown = at_terminal(library, "search", "parking", typed=[])
    assert status == 0
    first, second = [line for line in shown.splitlines() if "Roe" in line or "parking" in line]
    assert first.split()[1:4] == ["jsonl", "Jane", "Roe"]
    assert second == "    Is there «parking» near here?"
