"""`muniment schedule` from the command line."""

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from app.cli._rooms import projections
from archive import Archive
from tests.conftest import BOTH, Muniment
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


@BOTH
def test_adopt_a_file(library: Muniment, file: Path) -> None:
    assert library.ok("schedule", "adopt", file) == (
        "no record's series or due date moves\n"
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
    said = library.run("schedule", "adopt", "us-tx-local").output
    assert "the trigger, the rule and the date of effect are not verified yet" in said
    assert "answers to the law of US-IL" in said


def test_a_schedule_of_the_future_says_from_when(library: Muniment, file: Path) -> None:
    library.ok("schedule", "adopt", file)
    later = TOML.replace("version = 1", "version = 2").replace("2020-01-01", "2026-07-01")
    file.write_text(later, encoding="utf-8")
    said = library.ok("schedule", "adopt", file)
    assert "in force from 2026-07-01; until then nothing changes" in said
    states = {row["version"]: row["state"] for row in json.loads(
        library.ok("schedule", "list", "--json")
    )}  # fmt: skip
    assert states == {1: "in force", 2: "from 2026-07-01"}
    assert "town version 1" in library.ok("schedule", "show")
    sooner = TOML.replace("version = 1", "version = 3").replace("2020-01-01", "2026-02-01")
    file.write_text(sooner, encoding="utf-8")
    said = library.ok("schedule", "adopt", file)
    assert "town version 2, to be in force from 2026-07-01, is superseded by it" in said
    assert [row["state"] for row in json.loads(library.ok("schedule", "list", "--json"))] == [
        "superseded", "superseded", "in force",
    ]  # fmt: skip


def test_what_a_version_moves_is_said_before_it_is_adopted(
    library: Muniment, town: Town, file: Path
) -> None:
    record = town.capture(occurred=date(2025, 9, 1))
    town.capture(occurred=date(2025, 9, 1))
    library.ok("schedule", "adopt", file)
    file.write_text(TOML.replace("version = 1", "version = 2").replace("P1Y", "P3M"), "utf-8")
    (row,) = json.loads(library.ok("schedule", "adopt", file, "--dry-run", "--json"))
    assert row == {
        "from_series": "COMMENT", "to_series": "COMMENT", "records": 2,
        "earlier": 2, "later": 0, "now_due": 2, "no_longer_due": 0,
    }  # fmt: skip
    listed = json.loads(library.ok("schedule", "adopt", file, "--dry-run", "--list", "--json"))
    assert [(row["due_before"], row["due"]) for row in listed] == [("2026-09-02", "2025-12-02")] * 2
    assert record in {row["record"] for row in listed}
    assert "nothing was adopted" in library.ok("schedule", "adopt", file, "--dry-run")
    assert len(json.loads(library.ok("schedule", "list", "--json"))) == 1
    library.ok("schedule", "adopt", file)
    assert "already adopted" in library.fails(6, "schedule", "adopt", file, "--dry-run")


def test_presets(library: Muniment) -> None:
    rows = {row["name"]: row for row in json.loads(library.ok("schedule", "presets", "--json"))}
    assert len(rows) == 8
    grs = rows["us-grs-6.4"]
    assert grs["unverified"] == ["4.2/020: authority", "4.2/020: period", "4.2/020: trigger"]
    assert not grs["verified"]
    assert grs["source"]


def test_a_file_to_edit(library: Muniment, tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    assert 'code = "us-grs-6.4"' in library.ok("schedule", "new", "--from", "us-grs-6.4")
    said = library.ok("schedule", "new", "--from", "us-grs-6.4", "-o", path)
    assert "to edit" in said
    assert path.read_text(encoding="utf-8").startswith("# Made from the preset us-grs-6.4.")
    assert "is there already" in library.fails(
        2, "schedule", "new", "--from", "us-grs-6.4", "-o", path
    )
    library.fails(5, "schedule", "new", "--from", "us-xx")
    assert "us-grs-6.4 version 2, 3 series" in library.ok("schedule", "check", path)


def test_check_lists_every_problem(library: Muniment, file: Path) -> None:
    file.write_text(TOML.replace('"P2Y"', '"-P2Y"').replace("version = 1", "version = 0"))
    result = library.run("schedule", "check", file)
    assert result.exit_code == 2
    assert result.stdout.splitlines() == [
        "problem\tline 2: version: must be 1 or more",
        'problem\tline 21: series "REMOVED": period: "-P2Y" is negative: a period runs forwards',
    ]
    assert "town.toml is no schedule: 2 problems" in result.stderr
    rows = json.loads(library.run("schedule", "check", file, "--json").stdout)
    assert [row["finding"] for row in rows] == ["problem", "problem"]


def test_check_warns_of_rules(library: Muniment, file: Path) -> None:
    assert library.ok("schedule", "check", file) == (
        "town.toml is town version 1, 4 series, from 2020-01-01\n"
    )
    hidden = TOML.replace("rule = { appealed = true }", 'rule = { kind = ["comment"] }')
    file.write_text(hidden, encoding="utf-8")
    (row,) = json.loads(library.ok("schedule", "check", file, "--json"))
    assert row["finding"] == "warning"
    assert 'series "REMOVED": never reached: all that fits it is covered before' in row["said"]


def test_diff(library: Muniment, file: Path, tmp_path: Path) -> None:
    library.ok("schedule", "adopt", file)
    other = tmp_path / "other.toml"
    other.write_text(TOML.replace("version = 1", "version = 2").replace("P1Y", "P2Y"), "utf-8")
    changed = "changed\t\tversion\t1\t2\nchanged\tCOMMENT\tperiod\tP1Y\tP2Y\n"
    assert library.ok("schedule", "diff", "town", other) == changed
    library.ok("schedule", "adopt", other)
    assert library.ok("schedule", "diff", "town@1", "town@2") == changed
    assert library.ok("schedule", "diff", other, "town") == ""
    rows = json.loads(library.ok("schedule", "diff", "town", "us-grs-6.4", "--json"))
    assert {"added", "removed"} < {row["change"] for row in rows}
    library.fails(5, "schedule", "diff", "town@x", "town")
    library.fails(5, "schedule", "diff", "town@9", "town")


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
    town.capture(kind="post")
    library.ok("hold", "place", "doe", "--record", held)
    rows = {row["series"]: row for row in json.loads(library.ok("schedule", "due", "--json"))}
    comment = rows["COMMENT"]
    assert [comment[name] for name in ("due", "held", "later", "undetermined")] == [1, 1, 1, 1]
    assert rows["-"]["undetermined"] == 1
    assert (rows["POST"]["later"], rows["POST"]["undetermined"]) == (1, 0)
    listed = json.loads(library.ok("schedule", "due", "--list", "--json"))
    assert {row["record"]: row["held"] for row in listed} == {old: False, held: True}
    later = library.ok("schedule", "due", "--as-of", "2027-01-02", "--list", "--json")
    assert len(json.loads(later)) == 3


def test_what_is_not_known_is_kept_and_listed(library: Muniment, town: Town, file: Path) -> None:
    library.ok("schedule", "adopt", file)
    undated, uncovered = town.capture(occurred=None), town.capture(kind="share")
    town.capture()
    listed = json.loads(library.ok("schedule", "due", "--undetermined", "--json"))
    assert {row["record"]: row["reason"] for row in listed} == {
        undated: "Series COMMENT counts P1Y from its publication; that day is not known.",
        uncovered: "No series of town version 1 covers it.",
    }
    library.fails(2, "schedule", "due", "--undetermined", "--list")


def test_due_by_year(library: Muniment, town: Town, file: Path) -> None:
    library.ok("schedule", "adopt", file)
    held = town.capture()
    town.capture(occurred=date(2026, 1, 1))
    town.capture(occurred=date(2026, 1, 9))
    town.capture(occurred=None)
    library.ok("hold", "place", "doe", "--record", held)
    assert library.ok("schedule", "due", "--by-year").splitlines() == [
        "COMMENT\t2025\tdestroy\t1\t1",
        "COMMENT\t2027\tdestroy\t2\t0",
    ]
    library.fails(2, "schedule", "due", "--by-year", "--list")


def test_why(library: Muniment, town: Town, file: Path) -> None:
    library.ok("schedule", "adopt", file)
    record = town.capture(occurred=date(2026, 1, 1))
    assert json.loads(library.ok("record", "why", record[-12:], "--json")) == {
        "record": record,
        "outcome": "keep",
        "reason": "Kept through 2027-01-01: series COMMENT, P1Y after its publication on "
        "2026-01-01.",
        "schedule": "town version 1",
        "series": "COMMENT",
        "rule": "kind is comment or message",
        "action": "destroy",
        "trigger": "published",
        "trigger_day": "2026-01-01",
        "counts_from": "2026-01-01",
        "period": "P1Y",
        "due": "2027-01-02",
        "holds": [],
        "requests": [],
        "appeals": [],
    }
    assert "Due for destruction" in library.ok("record", "why", record, "--as-of", "2027-01-02")
    library.fails(5, "record", "why", "ffffffff")
    library.ok("hold", "place", "doe", "--record", record)
    assert json.loads(library.ok("record", "why", record, "--json"))["holds"] == [
        '"doe" (litigation)'
    ]


FILES = """
[[series]]
code = "FILES"
title = "Requests"
trigger = "request_closed"
period = "P1M"
action = "destroy"
rule = { kind = "request" }
authority = { application = "20:001", item = "9", citation = "LRA", verified = true }
"""


def test_files_of_requests_are_covered_explained_and_due(
    library: Muniment, town: Town, file: Path
) -> None:
    file.write_text(TOML + FILES, encoding="utf-8")
    library.ok("schedule", "adopt", file)
    library.ok("request", "open", "--requester", "Robin", "--subject", "Parking")
    said = library.ok("record", "why", "2026-0001")
    assert "counts P1M from the closing of the request; that day is not known" in said
    library.ok("request", "close", "2026-0001", "--withdrawn")
    facts = json.loads(library.ok("record", "why", "2026-0001", "--json"))
    assert (facts["series"], facts["due"]) == ("FILES", "2026-04-03")
    (row,) = json.loads(library.ok("schedule", "due", "--as-of", "2026-04-03", "--list", "--json"))
    assert (row["record"], row["series"], row["action"]) == ("2026-0001", "FILES", "destroy")
    library.clock.advance(days=40)
    result = library.run("disposal", "propose")
    assert "1 file of requests due for destruction: no disposal erases those yet" in result.stderr
    assert "Nothing is due for destruction." in result.stderr


def test_what_a_timer_calls_every_day(library: Muniment, tmp_path: Path) -> None:
    office = library
    office.ok("actor", "add", "ben", "--role", "director", "--no-passphrase")
    office.ok("--as", "ada", "actor", "add", "nightly", "--role", "agent", "--no-passphrase")
    path = tmp_path / "town.toml"
    path.write_text(TOML, encoding="utf-8")
    office.ok("--as", "ada", "schedule", "adopt", path)
    with Archive.open(office.folder, projections=projections(), clock=office.clock) as archive:
        record = Town.at(archive, office.clock, office.keys).capture()
    nightly = ("--as", "nightly", "schedule", "run")
    office.fails(2, *nightly)
    office.fails(2, *nightly, "--due", "--every", "soon")
    first = office.run(*nightly, "--due")
    assert first.exit_code == 0
    assert first.stdout == (
        "Lists run: 0 (0 disposed of, 0 kept); newly listed: 1; waiting for people: 1, overdue: 0\n"
    )
    assert "waits: 2 more approvals needed" in first.stderr
    (listed,) = json.loads(office.ok("disposal", "list", "--json"))
    office.fails(6, "--as", "nightly", "disposal", "approve", listed["id"])
    for officer in ("ada", "ben"):
        office.ok("--as", officer, "disposal", "approve", listed["id"])
    done = json.loads(office.ok(*nightly, "--due", "--every", "P3M", "--json"))
    assert (done["disposed"], done["waiting"], done["overdue"]) == (1, [], 0)
    assert json.loads(office.ok("record", "show", record, "--json"))["status"] == "disposed"
    assert office.ok(*nightly, "--due").startswith("Lists run: 0 ")
