"""docs/search.md says what the program says."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from search import FIELDS, QueryError, parse
from search._explain import explain

NOW = datetime(2026, 3, 2, 15, tzinfo=UTC)
PAGE = (Path(__file__).parents[2] / "docs" / "search.md").read_text(encoding="utf-8")


def rows(heading: str) -> dict[str, str]:
    """What stands in the tables with that heading, by query."""
    tables = re.findall(
        rf"^\| [^|]+ \| {heading} \|\n\|---\|---\|\n((?:\|.*\n)+)", PAGE, re.MULTILINE
    )
    lines = "".join(tables).splitlines()
    found = {}
    for line in lines:
        query, said = line.removeprefix("| `").removesuffix(" |").split("` | ", 1)
        found[query] = said
    return found


def test_what_is_documented_as_understood() -> None:
    documented = rows("How it is understood")
    assert len(documented) > 60
    said = {query: f"`{explain(parse(query, UTC, NOW), UTC)}`" for query in documented}
    assert said == documented


def test_what_is_documented_as_refused() -> None:
    documented = rows("Why it is refused")
    assert len(documented) > 20
    for query, said in documented.items():
        with pytest.raises(QueryError) as refused:
            parse(query, UTC, NOW)
        assert f"{refused.value} — {refused.value.hint}" == said


def test_every_field_and_value_is_documented() -> None:
    documented = rows("What it is")
    expected = {
        f"{field.name}:": field.meaning
        + (": " if field.values else "")
        + ", ".join(f"`{value}`" for value in field.values)
        for field in FIELDS.values()
    }
    assert documented == expected
