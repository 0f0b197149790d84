"""Tables that leave: RFC 4180 CSV, UTF-8 with a byte order mark, running no formula."""

import csv
import io
from collections.abc import Iterable

BOM = "\ufeff"
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def row(cells: Iterable[object]) -> str:
    """One line of CSV; an apostrophe in front of what a spreadsheet would run as a formula."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerow([_inert(str(cell)) for cell in cells])
    return out.getvalue()


def _inert(cell: str) -> str:
    return f"'{cell}" if cell.lstrip(" \u00a0\ufeff").startswith(_FORMULA) else cell
