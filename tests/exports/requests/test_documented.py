"""docs/requests.md says what the program says."""

import re
import shlex
from datetime import date
from pathlib import Path

import click

from app.cli import cli
from exports.requests import (
    CHANNELS,
    PURPOSES,
    BusinessCalendar,
    Extension,
    load_jurisdiction,
)

PAGE = (Path(__file__).parents[3] / "docs" / "requests.md").read_text(encoding="utf-8")
DAY = date(2026, 11, 20)


def cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip().strip("|").split("|")]


def words(cell: str) -> list[str]:
    return re.findall(r"`([\w-]+)`", cell)


def told(extension: Extension) -> str:
    grounds = ", ".join(f"`{ground}`" for ground in extension.grounds)
    given = "a named day" if extension.days is None else f"{extension.days} {extension.unit}"
    return f"{grounds}: {given}"


def test_the_table_of_acts_is_the_data() -> None:
    rows = [cells(line) for line in PAGE.splitlines() if line.startswith("| `US")]
    folder = Path(__file__).parents[3] / "exports" / "data" / "jurisdictions"
    assert {words(row[0])[0].lower() for row in rows} == {p.stem for p in folder.glob("*.toml")}
    for code, term, extensions, steps in rows:
        act = load_jurisdiction(words(code)[0].lower())
        ordinary = act.term("ordinary", DAY)
        known = f"{ordinary.days} {ordinary.unit}" if ordinary.days else ordinary.standard.lower()
        assert term == known
        assert extensions == "; ".join(map(told, act.extensions_of("ordinary", DAY)))
        assert words(steps) == [step.code for step in act.steps_of("ordinary", DAY)]


def test_the_words_are_those_of_the_program() -> None:
    rows = dict(cells(line) for line in PAGE.splitlines() if line.startswith("| `--"))
    assert tuple(words(rows["`--channel`"])) == CHANNELS
    assert tuple(words(rows["`--purpose`"])) == PURPOSES


def test_the_list_of_closures_is_one() -> None:
    (text,) = re.findall(r"^```toml\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    calendar = BusinessCalendar(text.encode(), name="docs/requests.md")
    assert calendar.closed(date(2027, 12, 27)) == "Winter break"
    assert calendar.closed(date(2027, 6, 12)) is None


def test_every_command_is_one_with_these_options() -> None:
    code = re.sub(r"\\\n\s+", "", PAGE)
    commands = re.findall(r"^    muniment (.*?)(?:\s+#.*)?$", code, re.MULTILINE)
    assert len(commands) == 10
    for line in commands:
        args = shlex.split(line)
        command: click.Command = cli
        with click.Context(command) as context:
            while isinstance(command, click.Group):
                found = command.get_command(context, args.pop(0))
                assert found is not None, line
                command = found
        known = {option for param in command.params for option in param.opts}
        assert {arg for arg in args if arg.startswith("-")} <= known, line
