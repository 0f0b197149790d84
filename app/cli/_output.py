"""Results on stdout: tables for people, plain lines for pipes, JSON for programs.

Nothing that came from a social-media export may steer the terminal: control characters and
characters that turn the direction of writing are shown as a replacement character.
"""

import json
import re
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click

from archive import spreadsheets
from archive.times import from_text, to_text

Row = Mapping[str, Any]

_CONTROLS = [*range(0x20), *range(0x7F, 0xA0), *range(0x202A, 0x202F), *range(0x2066, 0x206A)]
_ESCAPED = {code: f"\\u{code:04x}" for code in _CONTROLS if code > 0x20}
_VISIBLE = dict.fromkeys(_CONTROLS, "\N{REPLACEMENT CHARACTER}") | dict.fromkeys(b"\t\n\r\v\f", " ")

SHORT_ID = 12
_INDENT = "    "
_WIDEST = 100
_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}")

json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
"""The option of every command that reports; the command gets `as_json: bool`."""

csv_option = click.option("--csv", "as_csv", is_flag=True, help="Print CSV.")


def one_line(text: str) -> str:
    """The text on one line and without anything that a terminal would obey."""
    return text.translate(_VISIBLE)


def say(text: str = "") -> None:
    """A line, or several, on stdout."""
    click.echo("\n".join(one_line(line) for line in text.split("\n")))


def note(text: str) -> None:
    """A line for the person at the terminal, on stderr: never part of the result."""
    click.echo(one_line(text), err=True)


def emit(
    rows: Iterable[Row],
    columns: Sequence[str],
    as_json: bool = False,
    style: Callable[[Row], str] | None = None,
) -> None:
    """Print rows, each a mapping by column name.

    On a terminal a table, or the word "none", with ids by their last twelve characters, which every
    command takes, and in the colours that `style` names for a row (rich's; none where NO_COLOR is
    set); where the terminal is too narrow for a table, names and values row by row. In a pipe one
    tab-separated line a row, without a heading, streamed; with `as_json` an array of objects,
    streamed. Values may be str, int, bool, None, date, datetime (aware), Path, and for JSON lists
    and mappings of these.
    """
    if as_json:
        _emit_json(rows, columns)
    elif on_terminal():
        _emit_table(rows, columns, style)
    else:
        for row in rows:
            click.echo("\t".join(one_line(_cell(row.get(column))) for column in columns))


def emit_csv(rows: Iterable[Row], columns: Sequence[str]) -> None:
    """Print rows as CSV (RFC 4180) with a heading, streamed.

    Cells that a spreadsheet may take for a formula begin with an apostrophe.
    """
    sys.stdout.write(spreadsheets.row(columns))
    for row in rows:
        sys.stdout.write(spreadsheets.row(_cell(row.get(column)) for column in columns))


def emit_texts(rows: Iterable[Row], columns: Sequence[str], *texts: str) -> None:
    """Print rows that carry texts, as `emit` does in a pipe.

    On a terminal each row is a line of its `columns` with its `texts` wrapped below it, streamed;
    every text of a list begins a line.
    """
    if not on_terminal():
        emit(rows, (*columns, *texts))
        return
    for row in rows:
        click.echo("  ".join(one_line(_short(_cell(row.get(column)))) for column in columns))
        for name in texts:
            value = row.get(name)
            for text in value if isinstance(value, list) else [value]:
                click.echo(_wrapped(one_line(_cell(text))))


def on_terminal() -> bool:
    """Whether a person at a terminal reads the result."""
    return sys.stdout.isatty()


def shown_id(known: str) -> str:
    """An id within a line of text: on a terminal its last twelve characters."""
    return _short(known) if on_terminal() else known


def emit_facts(facts: Row, as_json: bool = False) -> None:
    """Print one thing as names and values: aligned lines, or a JSON object."""
    if as_json:
        click.echo(_json(facts))
        return
    names = {name: name.replace("_", " ") for name in facts}
    width = max(map(len, names.values()), default=0)
    for name, value in facts.items():
        click.echo(f"{names[name]:<{width}}  {one_line(_cell(value))}".rstrip())


def local_time(moment: datetime | str | None, timezone: str = "") -> str | None:
    """A time for people, `2026-03-02 09:00` where the archive is; without a zone its UTC text.

    `moment` is aware, or a text of `archive.times`.
    """
    if not moment:
        return None
    known = from_text(moment) if isinstance(moment, str) else moment
    if not timezone:
        return to_text(known)
    return f"{known.astimezone(ZoneInfo(timezone)):%Y-%m-%d %H:%M}"


@contextmanager
def progress(label: str, total: int | None = None) -> Iterator[Callable[[int], None]]:
    """A progress bar on stderr while a terminal looks on; gives a function that advances it.

    `total` is in the same unit as what is advanced by; None when it is not known.
    """
    if not sys.stderr.isatty():
        yield lambda _done: None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(one_line(label), total=total)
        yield lambda done: bar.advance(task, done)


@contextmanager
def late_progress(
    label: str, passes: int
) -> Iterator[tuple[Callable[[int], None], Callable[[int], None]]]:
    """A progress bar over something whose size is found out on the way.

    Gives a function that is told the size once it is known, and one that advances the bar, which
    goes through the whole of it `passes` times.
    """
    with ExitStack() as stack:
        bars: list[Callable[[int], None]] = []

        def started(size: int) -> None:
            if not bars:
                bars.append(stack.enter_context(progress(label, size * passes)))

        def advance(done: int) -> None:
            bars[0](done)

        yield started, advance


def _emit_json(rows: Iterable[Row], columns: Sequence[str]) -> None:
    opening = "["
    for row in rows:
        values = {column: row.get(column) for column in columns}
        click.echo(opening + _json(values), nl=False)
        opening = ",\n "
    click.echo("]" if opening != "[" else "[]")


def _json(value: Row) -> str:
    return json.dumps(value, ensure_ascii=False, default=_plain).translate(_ESCAPED)


def _emit_table(
    rows: Iterable[Row], columns: Sequence[str], style: Callable[[Row], str] | None
) -> None:
    from app.cli._table import console, laid_out

    kept = list(rows)
    if not kept:
        click.echo("none")
        return
    cells = [[one_line(_short(_cell(row.get(column)))) for column in columns] for row in kept]
    numbers = [all(isinstance(row.get(column), int) for row in kept) for column in columns]
    styles = [style(row) if style else None for row in kept]
    screen = console(colours=style is not None)
    names = [column.replace("_", " ") for column in columns]
    for piece in laid_out(names, cells, numbers, styles, screen.width):
        screen.print(piece)


def _wrapped(text: str) -> str:
    """The text indented and wrapped by what its characters take up on a terminal."""
    from rich.console import Console
    from rich.text import Text

    width = min(shutil.get_terminal_size().columns, _WIDEST) - len(_INDENT)
    lines = Text(text).wrap(Console(width=width), width)
    return "\n".join(_INDENT + line.plain.rstrip() for line in lines)


def _short(cell: str) -> str:
    return cell[-SHORT_ID:] if _ID.fullmatch(cell) else cell


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str | int | float):
        return str(value)
    if isinstance(value, list | tuple):
        return ", ".join(map(_cell, value))
    return _plain(value)


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return to_text(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Path):
        return str(value)
    raise TypeError(f"a {type(value).__name__} cannot be printed as a result")
