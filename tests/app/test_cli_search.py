"""The command `muniment search`, on an archive of the command line."""

import csv
import io
import json
from collections.abc import Callable

import pytest

from app.cli._keyring import Keyring
from app.cli._rooms import projections
from archive import Archive, Draft, Parts, new_id
from tests.conftest import Muniment, comment_header

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
    first, last = result.stderr.splitlines()
    assert first == "0 records"
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
    assert "hits" not in json.loads(library.ok("search", "tulips", "--json", "--count"))
    assert json.loads(library.ok("search", "nothing", "--json"))["hits"] == []


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
