"""Tables that leave: RFC 4180 CSV, UTF-8 with a byte order mark, running no formula."""

import csv
import io
import re
from collections.abc import Iterable

BOM = "\ufeff"
_FORMULA = re.compile(
    r"[ \u00a0\u1680\u2000-\u200f\u202a-\u202f\u205f-\u206f\u3000\ufeff"
    r"\"'`\u00ab\u00bb\u2018-\u201f\u2039\u203a]*"
    r"[=+\-@\x00-\x1f\x7f-\x9f\u2028\u2029\uff1d\uff0b\uff0d\uff20\u2212]"
)
"""What a spreadsheet may take for a formula, after blanks, marks not seen, and quotation marks."""


def row(cells: Iterable[object]) -> str:
    """One line of CSV; an apostrophe in front of what a spreadsheet would run as a formula."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerow([_inert(str(cell)) for cell in cells])
    return out.getvalue()


def _inert(cell: str) -> str:
    return f"'{cell}" if _FORMULA.match(cell) else cell
