"""Every command that the README shows is one that Muniment has, with options that it has."""

import re
import shlex
from pathlib import Path

import click
import pytest

from app.cli import cli

README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
SHOWN = re.findall(r"^\$ muniment (.*?)(?: > \S+)?$", README, re.MULTILINE)


@pytest.mark.parametrize("line", SHOWN)
def test_the_readme_shows_commands_as_they_are(line: str) -> None:
    command: click.Command = cli
    words = shlex.split(line)
    context = click.Context(cli, info_name="muniment", **cli.context_settings)
    while isinstance(command, click.Group):
        _, words, _ = _parsed(command, words, context)
        name, found, words = command.resolve_command(context, words)
        assert found is not None, line
        command, context = found, click.Context(found, parent=context, info_name=name)
    _parsed(command, words, context)


def _parsed(
    command: click.Command, words: list[str], context: click.Context
) -> tuple[dict[str, object], list[str], list[click.Parameter]]:
    """What click makes of the words; it raises UsageError for an option that is not there."""
    return command.make_parser(context).parse_args(list(words))


def test_the_readme_opens_with_what_it_is_for_and_the_two_commands() -> None:
    opening = README.split("## ")[0]
    first = opening.split("\n\n")[1].replace("\n", " ")
    assert len(re.findall(r"[.!?](?: |$)", first)) == 3
    assert "make demo" in opening
    assert "make test" in opening
