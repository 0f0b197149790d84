"""`muniment schedule` from the command line."""

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from app.cli._rooms import projections
from archive import Archive
from tests.conftest import Muniment
from tests.schedules.sample import TOML
from tests.schedules.town import Town


@pytest.fixture
def town(library: Muniment) -> Iterator[Town]:
    with Archive.open(library.folder, projections=projections(), clock=library.clock) as archive:
        yield Town.at(archive, library.clock, library.keys)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "town.toml"
    path.write_text(TOML, encoding="utf-8")
    return path


def test_adopt_a_file(library: Muniment, file: Path) -> None:
    assert library.ok("schedule", "adopt", file) == (
        "town version 1 is adopted, in force from 2020-01-01\n"
    )
    (row,) = json.loads(library.ok("schedule", "list", "--json"))
    assert (row["code"], row["version"], row["state"]) == ("town", 1, "in force")
    assert library.ok("schedule", "show", "--file") == TOML
    assert [row["code"] for row in json.loads(library.ok("schedule", "show", "--json"))] == [
        "APPEAL", "REMOVED", "COMMENT", "POST",
    ]  # fmt: skip
    assert "jurisdiction" in library.ok("schedule", "show", "town")


def test_adopt_a_preset_says_what_is_missing(library: Muniment) -> None:
    said = library.ok("schedule", "adopt", "us-il-local-library")
    assert "SM-NOTICE is disposed of: no application number and no item number" in said


def test_presets(library: Muniment) -> None:
    rows = json.loads(library.ok("schedule", "presets", "--json"))
    assert [row["name"] for row in rows] == ["us-grs-6.4", "us-il-local-library"]
    assert 'code = "us-grs-6.4"' in library.ok("schedule", "presets", "us-grs-6.4")


def test_a_broken_file_names_line_and_key(library: Muniment, file: Path) -> None:
    file.write_text(TOML.replace('"P2Y"', '"2Y"'), encoding="utf-8")
    said = library.fails(2, "schedule", "adopt", file)
    assert 'town.toml: line 21: series "REMOVED": period: "2Y" is not a period' in said


def test_nothing_of_that_name(library: Muniment) -> None:
    assert "us-il-local-library" in library.fails(5, "schedule", "adopt", "us-xx")
    library.fails(9, "schedule", "adopt", "missing.toml")
    library.fails(5, "schedule", "due")
    library.fails(5, "schedule", "show", "town")


def test_due(library: Muniment, town: Town, file: Path) -> None:
    library.ok("schedule", "adopt", file)
    old, held = town.capture(), town.capture()
    town.capture(occurred=date(2026, 1, 1))
    town.capture(occurred=None)
    town.capture(kind="share")
    library.ok("hold", "place", "doe", "--record", held)
    rows = {row["series"]: row for row in json.loads(library.ok("schedule", "due", "--json"))}
    comment = rows["COMMENT"]
    assert [comment[name] for name in ("due", "held", "later", "undetermined")] == [1, 1, 1, 1]
    assert rows["-"]["undetermined"] == 1
    listed = json.loads(library.ok("schedule", "due", "--list", "--json"))
    assert {row["record"]: row["held"] for row in listed} == {old: False, held: True}
    later = library.ok("schedule", "due", "--as-of", "2027-01-02", "--list", "--json")
    assert len(json.loads(later)) == 3


def test_why(library: Muniment, town: Town, file: Path) -> None:
    library.ok("schedule", "adopt", file)
    record = town.capture(occurred=date(2026, 1, 1))
    facts = json.loads(library.ok("schedule", "why", record[-12:], "--json"))
    assert facts["outcome"] == "keep"
    assert facts["series"] == "COMMENT"
    assert facts["due"] == "2027-01-02"
    assert "Kept through 2027-01-01" in library.ok("schedule", "why", record)
    library.fails(5, "schedule", "why", "ffffffff")
