"""The reference part of docs/cli.md, made from the commands themselves: `make docs`."""

import sys
from collections.abc import Iterator
from pathlib import Path

import click

from app.cli import cli

MARK = "<!-- Below this line everything is made by `make docs` from the commands' own help. -->"
_WIDTH = 96


def commands() -> Iterator[click.Context]:
    """A context for the root and for every command below it, in the order of the help."""
    yield from _walk(cli, None, "muniment")


def reference() -> str:
    """Every command's help as Markdown, a heading each."""
    sections = []
    for context in commands():
        level = "#" * min(2 + context.command_path.count(" "), 4)
        text = "\n".join(line.rstrip() for line in context.get_help().splitlines())
        sections.append(f"{level} {context.command_path}\n\n```text\n{text}\n```\n")
    return "\n".join(sections)


def renewed(document: str) -> str:
    """The document with everything after the mark made anew; ValueError when it has no mark."""
    written, mark, _ = document.partition(MARK)
    if not mark:
        raise ValueError("the document does not say where its reference part begins")
    return f"{written}{MARK}\n\n{reference()}"


def _walk(
    command: click.Command, parent: click.Context | None, name: str
) -> Iterator[click.Context]:
    context = click.Context(
        command,
        parent=parent,
        info_name=name,
        terminal_width=_WIDTH,
        max_content_width=_WIDTH,
        help_option_names=["-h", "--help"],
    )
    yield context
    if isinstance(command, click.Group):
        for below in command.list_commands(context):
            found = command.get_command(context, below)
            if found is not None and not found.hidden:
                yield from _walk(found, context, below)


if __name__ == "__main__":
    path = Path(sys.argv[1])
    path.write_text(renewed(path.read_text(encoding="utf-8")), encoding="utf-8")
