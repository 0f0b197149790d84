import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.spreadsheets import row

FORMULAS = [
    *("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "\u00a0=1", "＝1", "＠x", "\n=1"),
    *('"=1+1"', "'=1", ' "\u3000=1', "“=1+1”", "\u200b=1", "\u202e=1", "\x07=1", "''@x", "−1"),
]


@pytest.mark.parametrize("cell", FORMULAS)
def test_no_cell_begins_a_formula(cell: str) -> None:
    [[read]] = csv.reader(io.StringIO(row([cell]), newline=""))
    assert read == f"'{cell}"


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))))
def test_cells_come_back(cells: list[str]) -> None:
    text = row(cells)
    assert text.endswith("\r\n")
    read = next(csv.reader(io.StringIO(text, newline="")), [])
    assert all(found in (cell, f"'{cell}") for found, cell in zip(read, cells, strict=True))


@pytest.mark.parametrize("cell", ["", "plain", "5 - 3", '"quoted"', "'tis", "12", "\u3000全角"])
def test_other_cells_stay_as_they_are(cell: str) -> None:
    [[read, _]] = csv.reader(io.StringIO(row([cell, "x"]), newline=""))
    assert read == cell
