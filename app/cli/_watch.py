"""How far an ingest is: a bar of bytes, items and rejects, or plain lines in a pipe."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from app.cli._output import note, one_line

if TYPE_CHECKING:
    from ingest import Progress

_TENTHS = 10
_WORTH_LINES = 64 << 20
_MB = 1_000_000


@contextmanager
def watch(name: str) -> Iterator["Callable[[Progress], None]"]:
    """Gives a function that shows, on stderr, how far the ingest of a file is.

    On a terminal a bar; else a line at every tenth of an export of more than 64 MiB.
    """
    if sys.stderr.isatty():
        with _bar(name) as show:
            yield show
    else:
        yield _lines(name)


def _lines(name: str) -> "Callable[[Progress], None]":
    said = 0

    def show(state: "Progress") -> None:
        nonlocal said
        tenth = state.bytes_read * _TENTHS // max(state.bytes_total, 1)
        if state.bytes_total >= _WORTH_LINES and said < tenth < _TENTHS:
            said = tenth
            read, whole = (round(size / _MB) for size in (state.bytes_read, state.bytes_total))
            note(f"{name}: {read} of {whole} MB, {_counted(state)}")

    return show


@contextmanager
def _bar(name: str) -> Iterator["Callable[[Progress], None]"]:
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        DownloadColumn(),
        TextColumn("{task.fields[counted]}", markup=False),
        TimeRemainingColumn(),
    )
    with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(one_line(name), total=None, counted="")

        def show(state: "Progress") -> None:
            total = max(state.bytes_total, state.bytes_read)
            bar.update(task, total=total, completed=state.bytes_read, counted=_counted(state))

        yield show


def _counted(state: "Progress") -> str:
    rejected = f", {state.rejected} rejected" if state.rejected else ""
    items = "1 item" if state.items == 1 else f"{state.items} items"
    return f"{items}{rejected}"
