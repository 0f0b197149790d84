"""What a person at a terminal meets: passphrases that are not shown, results as tables."""

import codecs
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest
from rich.cells import cell_len

from tests.conftest import Muniment
from tests.terminal import MUNIMENT

ROOT = Path(__file__).parents[3]


@pytest.fixture
def database() -> str:
    """SQLite alone: what a terminal shows does not depend on the database."""
    return ""


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
        [sys.executable, "-c", MUNIMENT, *args],
        stdin=end,
        stdout=end,
        stderr=end,
        env=environment,
        start_new_session=True,
    ) as process:
        os.close(end)
        shown, waiting = "", list(typed)
        decoder = codecs.getincrementaldecoder("utf-8")()
        while data := _read(terminal):
            shown += decoder.decode(data)
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


def test_what_is_found_is_shown_in_time_and_wrapped_by_its_width(
    library: Muniment, tmp_path: Path
) -> None:
    rows = tmp_path / "rows.jsonl"
    rows.write_text(
        '{"id": "1", "author": "Bo", "text": "Parking?", "occurred_at": "2025-11-02T12:00:00Z"}\n'
        '{"id": "2", "author": "Bo", "text": "Parking", "occurred_at": "2026-02-02T12:00:00Z"}\n'
        f'{{"id": "3", "text": "parking {"図書館" * 30}", "parent": "1"}}\n'
    )
    library.ok("ingest", rows, "--account", "lib")
    status, shown = at_terminal(library, "search", "parking", "--group", "--context", typed=[])
    assert status == 0
    assert "3 records in 2 groups\r\n2025-11 █  ██ 2026-03, most in 2025-11: 1" in shown
    assert "    and 1 more like it: " in shown
    assert "  Bo  2025-11-02 06:00  live: Parking?" in shown
    assert max(map(cell_len, shown.splitlines())) <= 100
    lines = [line.strip() for line in shown.splitlines() if "図" in line]
    assert len(lines) == 2


def test_counts_are_shown_with_bars(library: Muniment, tmp_path: Path) -> None:
    rows = tmp_path / "rows.jsonl"
    rows.write_text(
        "".join(
            f'{{"id": "{n}", "author": "Author {n % 22}", "text": "a",'
            f' "occurred_at": "2025-0{1 + n % 2 * 2}-02T12:00:00Z"}}\n'
            for n in range(1, 31)
        )
        + '{"id": "0", "text": "a", "occurred_at": "2025-01-02T12:00:00Z"}\n'
    )
    library.ok("ingest", rows, "--account", "lib")
    status, shown = at_terminal(library, "search", "a", "--facets", "author,month", typed=[])
    assert status == 0
    table = [line.split() for line in shown.splitlines()]
    assert ["Author", "1", "2", "█" * 40] in table
    assert ["(none)", "1", "█" * 20] in table
    assert "and 2 more; --all shows every one" in shown
    assert [row for row in table if row and row[0].startswith("2025")] == [
        ["2025-01", "16", "█" * 40], ["2025-02", "0"], ["2025-03", "15", "█" * 37 + "▌"],
    ]  # fmt: skip
    status, shown = at_terminal(library, "search", "a", "--facets", "author", "--all", typed=[])
    assert "more;" not in shown
    assert shown.count("Author ") == 22
