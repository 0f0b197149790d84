"""The command `muniment search`, on an archive of the command line."""

import csv
import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from app.cli._keyring import Keyring
from app.cli._rooms import projections
from archive import Archive, Draft, Parts, new_id
from tests.conftest import BOTH, Muniment, comment_header

Capture = Callable[..., str]


@pytest.fixture
def capture(library: Muniment, monkeypatch: pytest.MonkeyPatch) -> Capture:
    """Captures a comment, or with `version` a later version of it; gives its id."""
    monkeypatch.setenv("MUNIMENT_KEYS", str(library.keys))

    def captured(text: str, record: str = "", version: int = 1, **more: str) -> str:
        record = record or new_id()
        opened = Archive.open(library.folder, projections=projections(), clock=library.clock)
        with opened as archive:
            signer = Keyring.of(archive.config.id).signer(archive, "ada", lambda _: None)
            with archive.write(signer) as writer:
                data = comment_header(writer, record, version)
                fields = {"author/name": "Eve Example", "occurred_at": TIME} | more
                parts = Parts.of([("text", text), *fields.items(), ("raw", b"{}")])
                kind = "record.captured" if version == 1 else "record.edited"
                writer.capture([Draft(kind, record, data, parts)], new_id(), {})
        return record

    return captured


TIME = "2026-02-01T12:00:00.000000Z"


@BOTH
def test_it_shows_the_total_a_page_and_what_was_covered(
    library: Muniment, capture: Capture
) -> None:
    ids = [capture(f"Tulips number {number} are <b>lovely</b>") for number in range(3)]
    capture("Roses are not")
    result = library.run("search", "tulip lovely", "--limit", "2")
    assert result.exit_code == 0
    rows = [line.split("\t") for line in result.stdout.splitlines()]
    assert len(rows) == 2
    assert {row[0] for row in rows} <= set(ids)
    assert rows[0][1:5] == ["mastodon", "Eve Example", "2026-02-01 06:00", "live"]
    assert rows[0][5].startswith("«Tulips» number ")
    assert rows[0][5].endswith(" are <b>«lovely»</b>")
    first, last = result.stderr.splitlines()
    assert first == "3 records, of which the first 2; --all shows every one"
    assert last.startswith("searched by tantivy 0.")
    everything = library.ok("search", "tulip", "--all", "--sort", "date")
    assert [line.split("\t")[0] for line in everything.splitlines()] == ids


def test_every_hit_as_a_table_for_a_spreadsheet(library: Muniment, capture: Capture) -> None:
    ids = [capture(f"Tulip, number {number}") for number in range(3)]
    capture("=tulip()", **{"author/name": "=cmd"})
    table = library.ok("search", "tulip number", "--all", "--sort", "date", "--csv")
    rows = list(csv.DictReader(io.StringIO(table, newline="")))
    assert [row["id"] for row in rows] == ids
    assert rows[0]["snippet"] == "Tulip, number 0"
    assert rows[0]["date"] == TIME
    (row,) = csv.DictReader(io.StringIO(library.ok("search", "tulip AND NOT number", "--csv")))
    assert (row["author"], row["snippet"]) == ("'=cmd", "'=tulip()")


def test_a_hit_in_an_earlier_version_says_so(library: Muniment, capture: Capture) -> None:
    record = capture("The first words")
    capture("Other words", record, 2, title="A title")
    assert "\t(version 1 of 2) The «first» words\n" in library.ok("search", "first")
    assert "\ttitle: A «title»\n" in library.ok("search", "title")
    assert library.ok("search", "words", "--count") == "1\n"


def test_zero_hits_come_with_what_was_searched(library: Muniment, capture: Capture) -> None:
    capture("Roses")
    result = library.run("search", "tulips")
    assert (result.exit_code, result.stdout) == (0, "")
    first, word, last = result.stderr.splitlines()
    assert first == "0 records"
    assert word == "no record has tulips"
    assert " entries" in last


def test_json_says_it_all(library: Muniment, capture: Capture) -> None:
    record = capture("The \x1b[31m tulips\u202e")
    found = json.loads(library.ok("search", "tulips", "--json"))
    assert found["total"] == 1
    assert found["position"] == found["head"]
    (hit,) = found["hits"]
    assert hit.pop("score") > 0
    assert hit == {
        "id": record,
        "seq": hit["seq"],
        "version": 1,
        "versions": 1,
        "date": TIME,
        "platform": "mastodon",
        "kind": "comment",
        "status": "live",
        "author": "Eve Example",
        "snippet": "The \x1b[31m tulips\u202e",
        "marks": [[10, 16]],
        "found_in": "text",
    }
    assert (found["restricted"], found["nowhere"]) == (0, [])
    assert "hits" not in json.loads(library.ok("search", "tulips", "--json", "--count"))
    assert json.loads(library.ok("search", "nothing", "--json"))["hits"] == []


def test_a_word_that_is_nowhere_comes_with_words_that_are(
    library: Muniment, capture: Capture
) -> None:
    capture("Parking near the library")
    capture("Parking again")
    for arguments in (["parkng roses"], ["parkng roses", "--count"], ["parkng OR roses", "--csv"]):
        said = library.run("search", *arguments).stderr.splitlines()
        assert "no record has parkng; did you mean parking (2 records)?" in said
        assert "no record has roses" in said
    found = json.loads(library.ok("search", "author:exampel", "--json", "--count"))
    assert found["nowhere"] == [
        {"word": "author:exampel", "near": [{"word": "author:example", "records": 2}]}
    ]
    assert "no record has" not in library.run("search", "parking").stderr


LIST = """\
{"id": "1", "author": "Jane Roe", "handle": "jane", "text": "Parking?", "occurred_at": 1772460000}
{"id": "2", "kind": "comment", "text": "Parking!", "parent": "1", "occurred_at": 1764547200}
{"id": "3", "kind": "comment", "author": "Bo", "parent": "2", "text": "No parking",\
 "state": "removed"}
{"id": "4", "kind": "comment", "author": "Bo", "text": "Parking \\u202e", "parent": "9"}
{"id": "5", "kind": "share", "author": "Bo", "parent": "1", "shared": {"text": "Parking?"}}
"""


@pytest.fixture
def listed(library: Muniment, tmp_path: Path) -> dict[str, str]:
    """Ids by the numbers of a list that was taken in."""
    rows = tmp_path / "rows.jsonl"
    rows.write_text(LIST)
    library.ok("ingest", rows, "--account", "lib", "--platform", "facebook")
    hits = json.loads(library.ok("search", "*", "--all", "--sort", "date", "--json"))["hits"]
    order = ["2", "1", "3", "4", "5"]
    assert [hit["author"] for hit in hits] == ["", "Jane Roe", "Bo", "Bo", "Bo"]
    return {number: hit["id"] for number, hit in zip(order, hits, strict=True)}


@pytest.mark.usefixtures("listed")
def test_counts_by_facet(library: Muniment) -> None:
    result = library.run("search", "parking", "--facets", "status,Author,account,month")
    assert result.stdout.splitlines() == [
        "status\tlive\t4", "status\tremoved\t1",
        "author\tBo\t3", "author\tJane Roe (jane)\t1", "author\t\t1",
        "account\tlib (facebook)\t5",
        "month\t2025-11\t1", "month\t2026-03\t4",
    ]  # fmt: skip
    assert result.stderr.startswith("5 records\n")
    table = library.ok("search", "parking", "--facets", "kind", "--csv")
    assert table.splitlines() == [
        "facet,value,records",
        "kind,comment,3",
        "kind,post,1",
        "kind,share,1",
    ]
    found = json.loads(library.ok("search", "parking AND NOT no", "--facets", "author", "--json"))
    assert found["total"] == 4
    assert "hits" not in found
    assert found["facets"] == {
        "author": {
            "values": [{"value": "Bo", "records": 2}, {"value": "Jane Roe (jane)", "records": 1}],
            "without": 1,
        }
    }


def test_what_cannot_be_asked_together(library: Muniment) -> None:
    assert "'size' is none of: platform, author" in library.fails(
        2, "search", "a", "--facets", "status,size"
    )
    assert "--count and --facets cannot be given together" in library.fails(
        2, "search", "a", "--facets", "status", "--count"
    )
    assert "--count and --group" in library.fails(2, "search", "a", "--group", "--count")


def test_hits_with_what_they_answer(library: Muniment, listed: dict[str, str]) -> None:
    shown = library.ok("search", "*", "--context", "--sort", "date").splitlines()
    answers = {line.split("\t")[0]: line.split("\t")[6] for line in shown}
    post = f"{listed['1']}  Jane Roe  2026-03-02 08:00  live: Parking?"
    assert answers == {
        listed["1"]: "",
        listed["2"]: f"answers {post}",
        listed[
            "3"
        ]: f"answers {listed['2']}  2025-11-30 18:00  live: Parking!, which answers {post}",
        listed["4"]: "answers what is not in the archive",
        listed["5"]: f"shares {post}",
    }
    found = json.loads(library.ok("search", "no", "--context", "--json"))
    (hit,) = found["hits"]
    assert hit["answers"]["id"] == listed["2"]
    assert hit["answers"]["answers"] == {
        "standing": "here",
        "id": listed["1"],
        "kind": "post",
        "status": "live",
        "author": "Jane Roe",
        "date": "2026-03-02T14:00:00.000000Z",
        "snippet": "Parking?",
        "answers": None,
    }
    table = library.ok("search", "no", "--context", "--csv")
    (row,) = csv.DictReader(io.StringIO(table))
    assert (row["answers_id"], row["answers_snippet"]) == (listed["2"], "Parking!")
    assert (row["top_id"], row["top_author"]) == (listed["1"], "Jane Roe")


def test_hits_in_groups(library: Muniment, listed: dict[str, str]) -> None:
    result = library.run("search", "parking", "--group", "--sort", "date", "--limit", "1")
    assert result.stderr.splitlines()[0] == (
        "5 records in 2 groups, of which the first 1; --all shows every one"
    )
    (row,) = (line.split("\t") for line in result.stdout.splitlines())
    assert (row[0], row[6]) == (listed["2"], ", ".join(listed[number] for number in "145"))
    found = json.loads(
        library.ok("search", "parking", "--group", "--sort", "date", "--all", "--json")
    )
    assert (found["total"], found["groups"]) == (5, 2)
    assert [hit["alike"] for hit in found["hits"]] == [[listed[n] for n in "145"], []]
    table = library.ok("search", "parking", "--group", "--sort", "date", "--csv", "--context")
    first, second = csv.DictReader(io.StringIO(table))
    assert first["alike"].split(", ") == [listed[number] for number in "145"]
    assert (first["answers_id"], second["answers_id"]) == (listed["1"], listed["2"])


def test_explain_searches_nothing(library: Muniment) -> None:
    assert library.ok("search", "libraries NOT date:2026", "--explain") == (
        "(text:librari AND NOT date:[2026-01-01T00:00-06:00 TO 2027-01-01T00:00-06:00})\n"
    )
    asked = json.loads(library.ok("search", "a", "--explain", "--json"))
    assert asked["parsed"] == "text:a"
    assert not list((library.folder / "index").iterdir())


def test_a_wrong_query_is_refused_with_its_place(library: Muniment) -> None:
    assert "query, position 5: there is no field 'nosuch'" in library.fails(
        2, "search", "foo nosuch:bar"
    )
    assert not list((library.folder / "index").iterdir())


def test_a_damaged_index_is_built_anew_and_said(library: Muniment, capture: Capture) -> None:
    capture("Tulips")
    library.ok("search", "tulips")
    (library.folder / "index" / "index.json").write_text("no")
    result = library.run("search", "tulips", "--count")
    assert result.stdout == "1\n"
    assert result.stderr.startswith("the search index was built anew: ")


FORMS = (
    ["--all"], ["--all", "--csv"], ["--all", "--json", "--context"], ["--group", "--all"],
    ["--facets", "author"], ["--count"],
)  # fmt: skip


@pytest.mark.parametrize("form", FORMS, ids=" ".join)
def test_a_reader_that_leaves_ends_a_search_quietly(
    sqlite_library: Muniment, tmp_path: Path, form: list[str]
) -> None:
    rows = tmp_path / "rows.jsonl"
    rows.write_text(LIST)
    sqlite_library.ok("ingest", rows, "--account", "lib")
    sqlite_library.ok("search", "parking")
    command = [sys.executable, "-c", "from app.cli import main; main()"]
    environment = os.environ | {"MUNIMENT_ARCHIVE": str(sqlite_library.folder)}
    with subprocess.Popen(
        [*command, "search", "parking", *form],
        cwd=Path(__file__).parents[2],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        process.stdout.close()
        assert process.stderr is not None
        said = process.stderr.read().splitlines()
    assert process.returncode == 141
    assert all(
        line == "5 records" or line.startswith(("5 records in", "searched by")) for line in said
    )
