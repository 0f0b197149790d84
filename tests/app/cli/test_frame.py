import inspect
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from app import __version__
from app.cli import COMMANDS, cli
from app.cli._reference import commands
from tests.conftest import Muniment

ROOT = Path(__file__).parents[3]


def test_the_version() -> None:
    result = CliRunner().invoke(cli, ["--version"])
    assert result.output == f"muniment {__version__}\n"


def test_the_help_loads_no_command_and_no_room() -> None:
    program = (
        "import sys; from app.cli import cli\n"
        "try: cli(['--help'])\n"
        "except SystemExit: pass\n"
        "heavy = {'archive', 'search', 'sqlalchemy', 'rich', 'cryptography', 'app.cli.status'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.endswith("[]\n")


@pytest.mark.parametrize("name", COMMANDS)
def test_the_root_says_of_a_command_what_the_command_says(name: str) -> None:
    context = click.Context(cli, info_name="muniment", **cli.context_settings)
    command = cli.get_command(context, name)
    assert command is not None
    assert command.name == name
    assert (command.help or "").split("\n")[0].strip() == COMMANDS[name]


def test_every_help_has_a_summary_and_an_example_of_the_command() -> None:
    wanting = []
    for context in commands():
        text = inspect.cleandoc(context.command.help or "")
        example = text.partition("\b\nExample:\n")[2]
        if not text.split("\n")[0].endswith("."):
            wanting.append(f"{context.command_path}: no summary in a sentence")
        if context.command_path.partition(" ")[2] not in example:
            wanting.append(f"{context.command_path}: no example")
        wanting += [
            f"{context.command_path}: {parameter.name} is not explained"
            for parameter in context.command.params
            if isinstance(parameter, click.Option) and not parameter.hidden and not parameter.help
        ]
    assert wanting == []


def test_a_noun_says_of_its_commands_whole_sentences() -> None:
    cut = [
        context.command_path
        for context in commands()
        if "...\n" in context.get_help().partition("Commands:")[2]
    ]
    assert cut == []


def test_a_choice_that_is_missing_is_one_line(muniment: Muniment) -> None:
    said = muniment.fails(2, "appeal", "decide", "x")
    assert "Choose from: affirmed, reversed" in said


def test_a_day_that_is_none_is_told_how_days_are_written(muniment: Muniment) -> None:
    assert "'noon' is no day such as 2026-03-02" in muniment.fails(
        2, "moderate", "blocked", "--at", "noon"
    )


def test_an_unknown_command_is_one_line(muniment: Muniment) -> None:
    assert muniment.fails(2, "frobnicate") == (
        "muniment: there is no command 'frobnicate' — see: muniment --help"
    )


def test_an_unknown_option_names_the_help_to_read(muniment: Muniment) -> None:
    assert muniment.fails(2, "actor", "add", "ben", "--nope").endswith(
        "see: muniment actor add --help"
    )


def test_a_group_alone_shows_its_help(muniment: Muniment) -> None:
    result = muniment.run("actor")
    assert result.exit_code == 2
    assert result.stderr.startswith("Usage: muniment actor")


def test_callers_in_this_process_can_ask_for_the_errors_themselves(tmp_path: Path) -> None:
    with pytest.raises(click.UsageError):
        cli.main(["frobnicate"], prog_name="muniment", standalone_mode=False)
    assert cli.main(["--version"], prog_name="muniment", standalone_mode=False) == 0
