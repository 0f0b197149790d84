"""`muniment moderate`, `muniment appeal` and `muniment policy`."""

import csv
import json
from pathlib import Path

import pytest

from tests.conftest import BOTH, Muniment


@pytest.fixture
def records(library: Muniment, tmp_path: Path) -> list[str]:
    """The ids of two comments by Mallory, in an archive with the policy of Cook Memorial."""
    path = tmp_path / "rows.jsonl"
    rows = ({"id": i, "kind": "comment", "handle": "mallory", "text": f"words {i}"} for i in (1, 2))
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    library.ok("ingest", path, "--account", "lib")
    library.ok("policy", "adopt", "cook-memorial")
    from archive import Archive
    from archive import records as records_

    with Archive.open(library.folder) as archive, archive.read() as reader:
        return [record.id for record in records_.stream(reader)]


def remove(library: Muniment, record: str, *more: str) -> str:
    words = ("--clause", "IV.5", "--reason", "A pill shop")
    return library.ok("moderate", "remove", record[-12:], *words, *more)


@BOTH
def test_policies_are_listed_shown_and_adopted(library: Muniment, tmp_path: Path) -> None:
    assert "cook-memorial\t\tcan be adopted" in library.ok("policy", "list")
    assert "no policy is adopted" in library.fails(5, "policy", "show")
    assert "not adopted" in library.ok("policy", "show", "cook-memorial")
    assert "PC.7" in library.ok("policy", "show", "westmont", "--on", "2018-05-01")
    library.fails(5, "policy", "show", "cook-memorial", "--on", "2012-03-21")
    assert library.ok("policy", "adopt", "cook-memorial").count("is adopted") == 3
    assert "adopted already" in library.ok("policy", "adopt", "cook-memorial")
    listed = library.ok("policy", "list")
    assert "cook-memorial\t2021-02-16\tin force" in listed
    assert "cook-memorial\t2016-06-21\tsuperseded" in listed
    shown = json.loads(library.ok("policy", "show", "--on", "2018-05-01", "--json"))
    assert (shown["version"], shown["clauses_as_of"]) == ("2016-06-21", "2021-02-16")
    assert (shown["business_days_to_answer"], "FOIA" in shown["notice"]) == (2, True)
    assert "IV.5\tIV\tSpam" in library.ok("policy", "show")
    assert "--adopted" in library.fails(2, "policy", "adopt", "westmont")
    library.ok("policy", "adopt", "westmont", "--adopted", "2027-01-01")
    assert "westmont\t2027-01-01\tlater" in library.ok("policy", "list")
    assert "no file" in library.fails(2, "policy", "adopt", str(tmp_path / "none.toml"))


def test_a_removal_is_recorded_listed_and_undone(library: Muniment, records: list[str]) -> None:
    assert "recorded under cook-memorial IV.5" in remove(library, records[0])
    [row] = json.loads(library.ok("moderate", "list", "--json"))
    assert (row["record"], row["actor"], row["reason"]) == (records[0], "ada", "A pill shop")
    assert row["removed_at"] == "2026-03-02T15:00:00.000000Z"
    library.fails(6, "moderate", "remove", records[0], "--clause", "IV.5", "--reason", "x")
    library.ok("moderate", "restore", records[0], "--reason", "A mistake")
    assert library.ok("moderate", "list", "--open") == ""


def test_a_reason_is_given_once_and_may_come_from_a_file(
    library: Muniment, records: list[str], tmp_path: Path
) -> None:
    start = ("moderate", "remove", records[0], "--clause", "IV.5")
    unnamed = library.fails(2, "moderate", "remove", records[0], "--reason", "x")
    assert "Missing option '--clause'" in unnamed
    path = tmp_path / "why.txt"
    path.write_text("Spam, as the file says\n")
    assert "--reason" in library.fails(2, *start)
    assert "--reason" in library.fails(2, *start, "--reason", "x", "--reason-file", path)
    assert "empty" in library.fails(2, *start, "--reason", " ")
    latin = tmp_path / "latin.txt"
    latin.write_bytes("Pâtés".encode("latin-1"))
    assert "UTF-8" in library.fails(2, *start, "--reason-file", latin)
    library.ok(*start, "--reason-file", path, "--part", "--by", "platform")
    assert (
        json.loads(library.ok("record", "show", records[0], "--json"))["removed_extent"] == "part"
    )
    [row] = json.loads(library.ok("moderate", "list", "--json"))
    assert (row["reason"], row["extent"], row["by"]) == (
        "Spam, as the file says", "part", "platform",
    )  # fmt: skip
    library.ok("moderate", "remove", records[1], "--clause", "V", "--reason-file", "-", stdin="why")


def test_a_ban_needs_its_violations(library: Muniment, records: list[str]) -> None:
    words = ("--clause", "IV.5", "--reason", "Again and again")
    remove(library, records[0])
    assert "--exception" in library.fails(6, "moderate", "ban", records[0], *words)
    again = library.run("moderate", "remove", records[1], *words)
    assert (
        "violations of cook-memorial by this author that are recorded and stand: 2" in again.stderr
    )
    library.fails(2, "moderate", "ban", *words)
    library.fails(2, "moderate", "ban", records[0], "--author", "m", "--platform", "x", *words)
    library.ok("moderate", "ban", "--author", "Mallory", "--platform", "jsonl", *words)
    [row] = json.loads(library.ok("moderate", "list", "--bans", "--json"))
    assert (row["author"], row["reason"]) == ("Mallory", "Again and again")
    library.fails(6, "moderate", "ban", records[0], *words)
    library.ok("moderate", "unban", row["ban"], "--reason", "Promised")
    assert library.ok("moderate", "list", "--bans", "--open") == ""


def test_an_appeal_runs_its_course(library: Muniment, records: list[str]) -> None:
    remove(library, records[0])
    words = ("--appellant", "Mallory M.", "--text", "I was on topic.")
    assert "2026-04-01" in library.ok("appeal", "file", records[0], *words)
    library.fails(6, "appeal", "file", records[1], *words)
    library.clock.advance(days=31)
    [row] = json.loads(library.ok("appeal", "list", "--open", "--json"))
    assert (row["state"], row["appellant"]) == ("overdue", "Mallory M.")
    decide = ("appeal", "decide", row["appeal"])
    refused = library.fails(6, *decide, "reversed", "--reason", "It was.")
    assert "decided by a director, and ada is none" in refused
    library.ok("actor", "add", "ben", "--role", "director", "--no-passphrase")
    done = library.ok("--as", "ben", *decide, "reversed", "--reason", "It was.")
    assert f"{records[0]} is restored" in done
    history = library.ok("record", "history", records[0])
    assert "by Mallory M., I was on topic." in history
    assert "the removal was reversed on appeal, It was." in history
    assert library.ok("appeal", "list", "--open") == ""
    library.fails(6, "--as", "ben", *decide, "affirmed", "--reason", "x")
    assert "reversed" in library.ok("appeal", "list")


def test_decisions_of_every_kind_are_recorded_and_reported(
    library: Muniment, records: list[str], tmp_path: Path
) -> None:
    first, second = records
    shot = tmp_path / "shot.png"
    shot.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(100))
    why = ("--clause", "IV.5", "--reason", "=A pill shop")
    done = library.ok("moderate", "hide", first, *why, "--evidence", shot)
    assert "hiding of" in done
    kept = library.ok("moderate", "evidence", done.split()[-1])
    assert kept.startswith("shot.png\timage/png\t")
    library.ok("moderate", "evidence", first, "-o", tmp_path / "out")
    [copy] = (tmp_path / "out").iterdir()
    assert copy.read_bytes() == shot.read_bytes()
    assert "is there already" in library.fails(
        2, "moderate", "evidence", first, "-o", tmp_path / "out"
    )
    explain = ("moderate", "explain", second, "--by", "author", "--reason", "x")
    assert "only what has vanished" in library.fails(6, *explain)
    assert "somebody else's" in library.fails(6, "moderate", "edit-own", second, "--reason", "x")
    told = ("moderate", "submitted", "--account", "lib", "--author", "Pat", "--text")
    assert "held for approval" in library.ok(*told, "May I?", "--at", "2026-02-27")
    assert "refused under" in library.ok(*told, "Pills", *why)
    library.fails(2, *told, "Pills", "--clause", "IV.5")
    period = ("moderate", "report", "--from", "2026-03-01", "--to", "2026-03-31")
    found = json.loads(library.ok(*period, "--json"))
    assert (found["removals"], found["action"]) == (2, {"hide": 1, "refuse": 1})
    assert "clause\tcook-memorial IV.5\t2" in library.ok(*period)
    rows = library.ok(*period, "--csv").splitlines()
    assert rows[0].startswith("removal,record,")
    assert rows[1].endswith(",'=A pill shop")
    library.fails(2, "moderate", "report", "--from", "2026-03-02", "--to", "2026-03-01")


def test_a_removal_counts_from_its_day(library: Muniment, records: list[str]) -> None:
    remove(library, records[0], "--on", "2026-02-27")
    remove(library, records[1])
    assert library.ok("search", "removed:2026-02-27", "--count").strip() == "1"
    assert library.ok("search", "removed:2026-03-02", "--count").strip() == "1"
    period = ("moderate", "report", "--from", "2026-02-01", "--to", "2026-02-28", "--json")
    assert json.loads(library.ok(*period))["removals"] == 1
    library.ok("rebuild")
    assert library.ok("search", "removed:2026-02-27", "--count").strip() == "1"
    assert json.loads(library.ok(*period))["removals"] == 1


def test_the_block_list_of_a_day(library: Muniment, records: list[str]) -> None:
    words = ("--clause", "IV.5", "--reason", "Again", "--exception")
    library.ok("moderate", "ban", records[0], *words)
    library.clock.advance(days=3)
    [row] = json.loads(library.ok("moderate", "blocked", "--json"))
    assert (row["author"], row["platform"]) == ("mallory", "jsonl")
    assert (row["banned_on"], row["exception"]) == ("2026-03-02", "yes")
    appeal = ("appeal", "file", "--ban", row["ban"], "--appellant", "Mallory", "--text", "Why?")
    library.ok(*appeal)
    library.fails(2, *appeal, records[0])
    [filed] = json.loads(library.ok("appeal", "list", "--json"))
    assert (filed["ban"], filed["record"]) == (row["ban"], None)
    library.ok("actor", "add", "ben", "--role", "director", "--no-passphrase")
    decide = ("appeal", "decide", filed["appeal"], "reversed", "--reason", "Once only")
    done = library.ok("--as", "ben", *decide)
    assert "has ended" in done
    assert library.ok("moderate", "blocked") == ""
    assert library.ok("moderate", "blocked", "--at", "2026-03-01") == ""
    rows = library.ok("moderate", "blocked", "--at", "2026-03-02", "--csv").splitlines()
    assert len(rows) == 2


@pytest.mark.parametrize("spelled", ["mallory", "@mallory", "@Mallory"])
def test_an_author_is_found_with_or_without_an_at(
    library: Muniment, records: list[str], spelled: str
) -> None:
    for one in records:
        remove(library, one)
    words = ("--clause", "IV.5", "--reason", "Again and again")
    library.ok("moderate", "ban", "--author", spelled, "--platform", "jsonl", *words)
    refused = library.fails(6, "moderate", "ban", records[0], *words)
    assert "banned already" in refused


def test_a_decision_about_one_s_own_is_marked(library: Muniment, records: list[str]) -> None:
    library.ok("actor", "add", "ben", "--role", "director", "--no-passphrase")
    period = ("moderate", "report", "--from", "2026-03-01", "--to", "2026-03-31")
    for name, record in zip(("ada", "ben"), records, strict=True):
        words = ("--clause", "IV.5", "--reason", "A pill shop")
        library.ok("--as", name, "moderate", "remove", record, *words)
        filed = ("--appellant", "Mallory", "--text", "No", "--received", "2026-02-27")
        appeal = library.ok("--as", name, "appeal", "file", record, *filed).split()[1]
        outcome = ("appeal", "decide", appeal, "affirmed", "--reason", "Spam")
        assert ("own decision" in library.run("--as", "ben", *outcome).stderr) == (name == "ben")
    rows = json.loads(library.ok("appeal", "list", "--json"))
    assert [(row["decided_by"], row["own_decision"]) for row in rows] == [
        ("ben", False), ("ben", True),
    ]  # fmt: skip
    assert {(row["received"], row["due"]) for row in rows} == {("2026-02-27", "2026-03-29")}
    assert json.loads(library.ok(*period, "--json"))["appeals"] == 0
    period = ("moderate", "report", "--from", "2026-02-01", "--to", "2026-03-31")
    found = json.loads(library.ok(*period, "--json"))
    assert (found["appeals"], found["decided_by_who_had_removed_or_banned"]) == (2, 1)
    [first, second] = csv.DictReader(library.ok(*period, "--csv").splitlines())
    assert (first["platform"], first["actor"], first["appeal_decided_by"]) == (
        "jsonl",
        "ada",
        "ben",
    )
    assert (second["actor"], second["appeal_outcome"]) == ("ben", "affirmed")


def test_a_day_that_has_not_come_is_refused(library: Muniment, records: list[str]) -> None:
    submitted = ("submitted", "--account", "lib", "--author", "Pat", "--text", "Hello")
    remove = ("remove", records[0], "--clause", "IV.5", "--reason", "x")
    library.ok("moderate", "remove", records[1], "--clause", "IV.5", "--reason", "x")
    appeal = ("appeal", "file", records[1], "--appellant", "Pat", "--text", "Why?", "--received")
    for command in (
        (*appeal, "2026-03-03"),
        ("moderate", "blocked", "--at", "2026-03-03"),
        ("moderate", *submitted, "--at", "2026-03-03"),
        ("moderate", *remove, "--on", "2026-03-03"),
        ("moderate", "explain", *remove[1:], "--by", "staff", "--on", "2026-03-03"),
    ):
        assert "2026-03-03 has not come yet" in library.fails(2, *command), command
    library.ok(*appeal, "2026-03-02")
    library.ok("moderate", *submitted, "--at", "2026-03-02")
    library.ok("moderate", "blocked", "--at", "2026-03-02")


def test_text_that_cannot_be_kept_exactly_is_refused(library: Muniment, records: list[str]) -> None:
    given = ("--account", "lib", "--author", "Pat", "--text", "caf\udce9")
    assert "--text-file" in library.fails(2, "moderate", "submitted", *given)
