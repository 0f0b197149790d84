import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exports._tables import row

FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "\u00a0=1", "＝1", "＠x", "\n=1"]


@pytest.mark.parametrize("cell", FORMULAS)
def test_no_cell_begins_a_formula(cell: str) -> None:
    [[read]] = csv.reader(io.StringIO(row([cell]), newline=""))
    assert read == f"'{cell}"


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))))
def test_cells_come_back(cells: list[str]) -> None:
    text = row(cells)
    assert text.endswith("\r\n")
    read = next(csv.reader(io.StringIO(text, newline="")), [])
    assert [cell.removeprefix("'") for cell in read] == [cell.removeprefix("'") for cell in cells]
