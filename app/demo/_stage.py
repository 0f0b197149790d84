"""Shows commands as a person would type them, runs them for real, and keeps what they answer."""

import io
import json
import os
import shlex
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, redirect_stdout
from pathlib import Path
from typing import Any

import click

from app.cli import cli
from app.cli._errors import report
from archive import MunimentError


class Stage:
    """Runs `muniment` commands in one archive, in the order of a story."""

    def __init__(self) -> None:
        self._chapter = 0

    @contextmanager
    def setting(self, values: dict[str, str]) -> Iterator[None]:
        """The environment that the commands run in, shown as the reader would set it."""
        before = {name: os.environ.get(name) for name in values}
        for name, value in values.items():
            click.echo(f"$ export {name}={shlex.quote(value)}")
            os.environ[name] = value
        try:
            yield
        finally:
            for name, old in before.items():
                if old is None:
                    os.environ.pop(name, None)
                else:
                    os.environ[name] = old

    def chapter(self, title: str) -> None:
        """A heading."""
        self._chapter += 1
        click.echo()
        click.secho(f"{self._chapter}. {title}", bold=True)

    def tell(self, text: str) -> None:
        """A sentence between commands."""
        click.echo()
        click.echo(f"# {text}")

    def run(self, *words: str | Path) -> None:
        """Show a command and run it."""
        arguments = self._show(words)
        cli.main(arguments, prog_name="muniment", standalone_mode=False)

    def fails(self, *words: str | Path) -> None:
        """Show a command that is to be refused, and its one line and exit status."""
        arguments = self._show(words)
        try:
            cli.main(arguments, prog_name="muniment", standalone_mode=False)
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

    def _show(self, words: Sequence[str | Path]) -> list[str]:
        arguments = [str(word) for word in words]
        click.echo()
        click.secho(f"$ muniment {shlex.join(arguments)}", fg="cyan")
        return arguments
