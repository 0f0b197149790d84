"""A table whose words stay whole; where the terminal is too narrow for them, a block for each row.

Nobody can copy an id that is broken into three lines.
"""

import re
from collections.abc import Sequence

from rich.box import SIMPLE_HEAD
from rich.cells import cell_len
from rich.console import Console, JustifyMethod, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

_WORD = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d|\S+")
_BREAKABLE = 24
_NARROW = 12
_GAPS = (3, 2)


def laid_out(
    names: Sequence[str],
    rows: Sequence[Sequence[str]],
    numbers: Sequence[bool],
    styles: Sequence[str | None],
    width: int,
) -> list[RenderableType]:
    """What to print on a terminal of `width` cells; `numbers` are the columns that end alike."""
    for gap in _GAPS:
        if widths := column_widths(names, rows, width - gap * (len(names) - 1)):
            return [_table(names, rows, numbers, styles, widths, collapse=gap < _GAPS[0])]
    return [
        block
        for place, (row, style) in enumerate(zip(rows, styles, strict=True))
        for block in _block(names, row, style, first=not place)
    ]


def column_widths(
    names: Sequence[str], rows: Sequence[Sequence[str]], room: int
) -> list[int] | None:
    """How wide each column is within `room` cells; None when words would have to be broken.

    A word of more than 24 cells, such as an address, may be broken; a time is one word. What is
    left over goes first to the columns that lack the most of what their longest cell takes.
    """
    columns = [[name, *cells] for name, *cells in zip(names, *rows, strict=True)]
    wants = [max(map(cell_len, column)) for column in columns]
    widths = [
        min(want, max(_longest_word(column), _NARROW))
        for want, column in zip(wants, columns, strict=True)
    ]
    for _ in range(room - sum(widths)):
        growing = [place for place, want in enumerate(wants) if widths[place] < want]
        if not growing:
            break
        widths[min(growing, key=lambda place: widths[place] / wants[place])] += 1
    return widths if sum(widths) <= room else None


def _longest_word(cells: Sequence[str]) -> int:
    words = (word for cell in cells for word in _WORD.findall(cell))
    return min(max(map(cell_len, words), default=0), _BREAKABLE)


def _table(
    names: Sequence[str],
    rows: Sequence[Sequence[str]],
    numbers: Sequence[bool],
    styles: Sequence[str | None],
    widths: Sequence[int],
    *,
    collapse: bool,
) -> Table:
    table = Table(box=SIMPLE_HEAD, pad_edge=False, show_edge=False, collapse_padding=collapse)
    for name, number, width in zip(names, numbers, widths, strict=True):
        justify: JustifyMethod = "right" if number else "left"
        table.add_column(name, justify=justify, overflow="fold", width=width)
    for row, style in zip(rows, styles, strict=True):
        table.add_row(*map(Text, row), style=style)
    return table


def _block(
    names: Sequence[str], row: Sequence[str], style: str | None, *, first: bool
) -> list[RenderableType]:
    """A row as names and values below each other; what is empty is left out."""
    block = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    block.add_column(width=max(map(cell_len, names)))
    block.add_column(overflow="fold")
    for name, value in zip(names, row, strict=True):
        if value:
            block.add_row(name, Text(value), style=style)
    return [block if first else Padding(block, (1, 0, 0, 0))]


def console(*, colours: bool) -> Console:
    """The terminal, in colours unless NO_COLOR is set."""
    return Console(color_system="auto" if colours and not Console().no_color else None)
