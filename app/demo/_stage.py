"""Shows commands as a person would type them, runs them for real, and keeps what they answer."""

import io
import json
import os
import shlex
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, redirect_stdout
from pathlib import Path
from typing import Any

import click

from app.cli import cli
from app.cli._errors import report
from archive import MunimentError

_WIDTH = {"COLUMNS": "140"}


class Stage:
    """Runs `muniment` commands in one archive, in the order of a story."""

    def __init__(self) -> None:
        self._chapter = 0

    @contextmanager
    def setting(self, values: dict[str, str]) -> Iterator[None]:
        """The environment that the commands run in, shown as the reader would set it."""
        for name, value in values.items():
            click.echo(f"$ export {name}={shlex.quote(value)}")
        changed = values if sys.stdout.isatty() else _WIDTH | values
        before = {name: os.environ.get(name) for name in changed}
        os.environ.update(changed)
        try:
            yield
        finally:
            for name, old in before.items():
                if old is None:
                    del os.environ[name]
                else:
                    os.environ[name] = old

    def chapter(self, title: str) -> None:
        """A heading."""
        self._chapter += 1
        click.echo()
        click.secho(f"{self._chapter}. {title}", bold=True)

    def tell(self, text: str) -> None:
        """A remark between commands, of one or more lines."""
        click.echo()
        for line in text.splitlines():
            click.echo(f"# {line}")

    def run(self, *words: str | Path) -> None:
        """Show a command and run it."""
        self._invoke(self._show(words))

    def fails(self, *words: str | Path) -> None:
        """Show a command that is to be refused, and its one line and exit status."""
        arguments = self._show(words)
        try:
            self._invoke(arguments)
        except MunimentError as error:
            status = report(error)
            click.echo(f"(exit status {status})")
        else:
            raise AssertionError(f"not refused: {shlex.join(arguments)}")

    def ask(self, *words: str | Path) -> Any:
        """Run a command without showing it; its answer as the `--json` option gives it."""
        answer = io.StringIO()
        with redirect_stdout(answer):
            cli.main([*map(str, words), "--json"], prog_name="muniment", standalone_mode=False)
        return json.loads(answer.getvalue())

    @staticmethod
    def _show(words: Sequence[str | Path]) -> list[str]:
        arguments = [str(word) for word in words]
        click.echo()
        click.secho(f"$ muniment {shlex.join(arguments)}", fg="cyan")
        return arguments

    @staticmethod
    def _invoke(arguments: list[str]) -> None:
        sys.stdout.flush()
        screen = _Screen(sys.stdout.buffer, encoding="utf-8", write_through=True)
        try:
            with redirect_stdout(screen):
                cli.main(arguments, prog_name="muniment", standalone_mode=False)
        finally:
            screen.detach()


class _Screen(io.TextIOWrapper):
    """Standard output as a person at a terminal sees it: with tables, also in a log."""

    def isatty(self) -> bool:
        return True
