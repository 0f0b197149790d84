"""docs/interchange.md says what the generic readers do."""

import re
from pathlib import Path

import pytest

from ingest import KINDS, Gone, Rejected, Told, open_export, reader_for
from ingest.readers._interchange import MEMBERS

PAGE = (Path(__file__).parents[3] / "docs/interchange.md").read_text(encoding="utf-8")
ROWS = [line.split("|") for line in PAGE.splitlines() if line.startswith("| `")]


def test_the_page_names_every_member_and_no_other() -> None:
    named = [name for row in ROWS for name in re.findall(r"`(\w+)`", row[1])]
    assert sorted(named) == sorted(MEMBERS)


def test_the_page_names_every_kind() -> None:
    [row] = [row for row in ROWS if "`kind`" in row[1]]
    assert tuple(re.findall(r"`(\w+)`", row[3])) == KINDS


@pytest.mark.parametrize(("form", "count"), [("jsonl", 5), ("csv", 2)])
def test_its_examples_are_read(tmp_path: Path, form: str, count: int) -> None:
    [example] = re.findall(rf"```{form}\n(.*?)```", PAGE, re.DOTALL)
    path = tmp_path / f"example.{form}"
    path.write_text(example, encoding="utf-8")
    with open_export(path) as export:
        reader = reader_for(export)
        items = list(reader.read(export, Told("maplegrovepl", "nextdoor")).items)
    assert reader.name == form
    assert [one for one in items if isinstance(one, Rejected)] == []
    assert len(items) == count
    assert sum(isinstance(one, Gone) for one in items) == (form == "jsonl")
