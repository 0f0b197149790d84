"""`muniment moderate restrict`: what is restricted is shown by no command but to whom it names."""

import json
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from app.cli import cli
from tests.conftest import Muniment

SECRET = "zanthorium"
ROWS = (
    {"id": "1", "kind": "post", "handle": "lib", "text": "What shall we read?"},
    {"id": "2", "kind": "comment", "handle": "mallory", "parent": "1", "text": f"Buy {SECRET}!"},
    {"id": "3", "kind": "comment", "handle": "jane", "parent": "1", "text": "A novel, please"},
)  # fmt: skip


@pytest.fixture
def library(sqlite_library: Muniment) -> Muniment:
    """What the databases do is tested in tests/archive/test_restrictions.py."""
    return sqlite_library


@pytest.fixture
def export(tmp_path: Path) -> Path:
    return written(tmp_path, *ROWS)


def written(folder: Path, *rows: dict[str, str]) -> Path:
    path = folder / "rows.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


@pytest.fixture
def record(library: Muniment, export: Path) -> str:
    """A comment that was found, removed, appealed about and requested before it is restricted."""
    library.ok("actor", "add", "ben", "--role", "director", "--no-passphrase")
    ada = ("--as", "ada")
    library.ok(*ada, "ingest", export, "--account", "lib")
    library.ok(*ada, "policy", "adopt", "cook-memorial")
    [hit] = json.loads(library.ok("search", SECRET, "--json"))["hits"]
    found = str(hit["id"])
    removal = ("moderate", "remove", found, "--clause", "IV.5", "--reason", f"Sells {SECRET}")
    library.ok(*ada, *removal)
    appeal = ("appeal", "file", found, "--appellant", "Mallory", "--text", f"My {SECRET} is fine")
    library.ok(*ada, *appeal)
    library.ok(*ada, "request", "open", "--requester", "Pat", "--subject", "Books")
    library.ok(*ada, "request", "search", "2026-0001", "*")
    return found


def restrict(library: Muniment, record: str, to: str = "ben") -> str:
    words = ("moderate", "restrict", record, "--to", to, "--reason", f"A sale of {SECRET}")
    return library.ok("--as", "ada", *words)


def reporting() -> Iterator[list[str]]:
    """Every command that reports something, as its words."""

    def below(command: click.Command, words: list[str]) -> Iterator[list[str]]:
        if isinstance(command, click.Group):
            context = click.Context(command)
            for name in command.list_commands(context):
                found = command.get_command(context, name)
                assert found is not None
                yield from below(found, [*words, name])
        elif any(parameter.name == "as_json" for parameter in command.params):
            yield words

    yield from below(cli, [])


def test_no_command_shows_a_restricted_record(
    library: Muniment, record: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # some of them write where they are told to
    commands = list(reporting())
    assert ["record", "show"] in commands
    assert ["moderate", "list"] in commands
    restrict(library, record)
    arguments: tuple[list[str], ...] = (
        [], [record], ["2026-0001"], ["2026-0001", "--records"], ["*", "--all"],
        ["zanthor*"], ["zanthoriam"], ["zanthoriam~"],
    )  # fmt: skip
    for words in commands:
        if words[0] in {"init", "restore", "backup"}:
            continue
        for more in arguments:
            for form in ([], ["--json"]):
                said = library.run("--as", "ada", *words, *more, *form)
                assert SECRET not in said.stdout, (words, more)
                if SECRET not in more:
                    assert SECRET not in said.output, (words, more)


def test_lists_say_why_words_are_missing(library: Muniment, record: str) -> None:
    restrict(library, record)
    for form in ([], ["--json"]):
        assert "(restricted)" in library.ok("moderate", "list", *form)
        assert "(restricted)" in library.ok("appeal", "list", *form)
    assert "is restricted to ben" in library.fails(6, "moderate", "evidence", record)


def test_it_is_out_of_the_index_and_a_search_says_so(library: Muniment, record: str) -> None:
    found = library.run("search", "--json", f"{SECRET} OR novel")
    assert json.loads(found.stdout)["total"] == 2
    restrict(library, record)
    found = library.run("search", "--json", f"{SECRET} OR novel")
    assert json.loads(found.stdout)["total"] == 1
    assert json.loads(found.stdout)["restricted"] == 1
    assert json.loads(found.stdout)["nowhere"] == [{"word": SECRET, "near": []}]
    assert "1 record is restricted and not searched" in found.stderr
    misspelt = library.run("search", f"{SECRET[:-1]}q", "--count")
    assert misspelt.stdout == "0\n"
    assert SECRET not in misspelt.stderr
    words = SECRET.encode()
    files = [path for path in (library.folder / "index").rglob("*") if path.is_file()]
    assert files
    assert not any(words in path.read_bytes() for path in files)
    library.ok("rebuild")
    assert json.loads(library.ok("search", "--json", "*"))["total"] == 2
    library.ok("--as", "ben", "moderate", "lift", record, "--reason", "Found lawful")
    assert json.loads(library.ok("search", "--json", SECRET))["total"] == 1
    assert SECRET in library.ok("record", "show", record)


def test_whom_it_names_sees_it_and_that_goes_on_the_record(library: Muniment, record: str) -> None:
    assert "is restricted to ben" in restrict(library, record)
    assert "is restricted to ben" in restrict(library, record)
    refused = library.fails(6, "--as", "ben", "record", "show", record)
    assert "is restricted to ben" in refused
    assert "--reason" in refused
    why = ("--reason", "The prosecutor asks")
    refused = library.fails(6, "record", "show", record, "--as", "ada", *why)
    assert "does not name you" in refused
    shown = library.ok("record", "show", record, "--as", "ben", *why)
    assert SECRET in shown
    history = library.ok("record", "history", record)
    assert "ben\t(restricted)" in history
    assert history.count("seen though restricted") == 1
    assert SECRET not in history
    history = library.ok("record", "history", record, "--as", "ben", *why)
    assert "ben\tThe prosecutor asks" in history
    assert history.count("seen though restricted") == 2
    [row] = json.loads(library.ok("moderate", "restricted", "--json"))
    assert (row["record"], row["by"], row["to"]) == (record, "ada", ["ben"])


def test_a_reason_for_a_record_that_is_open_is_not_kept(library: Muniment, record: str) -> None:
    said = library.run("record", "show", record, "--as", "ben", "--reason", "Curious")
    assert SECRET in said.stdout
    assert "not restricted" in said.stderr
    assert "seen though" not in library.ok("record", "history", record)


def test_it_leaves_in_no_bundle(library: Muniment, record: str, tmp_path: Path) -> None:
    restrict(library, record)
    ada, everything = ("--as", "ada"), ("request", "determine", "2026-0001", "undetermined")
    assert "withhold it" in library.fails(6, *ada, *everything, "release")
    withheld = ("--exemption", "7(1)(a)", "--reason", "A court forbids it")
    library.ok(*ada, "request", "determine", "2026-0001", record, "withhold", *withheld)
    library.ok(*ada, *everything, "release")
    bundle = tmp_path / "bundle.zip"
    library.ok(*ada, "export", "2026-0001", "-o", bundle)
    library.ok("verify", bundle)
    again = (*everything[:3], record, "release", "--replace")
    assert "is restricted" in library.fails(6, *ada, *again)


def test_what_was_released_before_is_not_exported(
    library: Muniment, record: str, tmp_path: Path
) -> None:
    ada = ("--as", "ada")
    library.ok(*ada, "request", "determine", "2026-0001", "undetermined", "release")
    restrict(library, record)
    refused = library.fails(6, *ada, "export", "2026-0001", "-o", tmp_path / "bundle.zip")
    assert "is restricted" in refused
    assert not (tmp_path / "bundle.zip").exists()


def test_ingest_goes_on_comparing(library: Muniment, record: str, export: Path) -> None:
    restrict(library, record)
    ada = ("--as", "ada", "ingest", "--account", "lib", "--json")
    [summary] = json.loads(library.ok(*ada, export))
    assert (summary["unchanged"], summary["new"]) == (3, 0)
    written(export.parent, ROWS[0], ROWS[1] | {"text": f"Buy more {SECRET}!"}, ROWS[2])
    [summary] = json.loads(library.ok(*ada, export))
    assert (summary["changed"], summary["unchanged"]) == (1, 2)
    assert json.loads(library.ok("search", "--json", SECRET))["total"] == 0
    shown = library.ok("record", "show", record, "--as", "ben", "--reason", "The new words")
    assert "Buy more" in shown


def test_a_hold_by_a_query_catches_what_is_not_searched(library: Muniment, record: str) -> None:
    restrict(library, record)
    words = ("--matter", "Doe v. Library", "--custodian", "ada", "--query", SECRET)
    library.ok("--as", "ada", "hold", "place", "doe", *words)
    [held] = json.loads(library.ok("hold", "list", "--json"))
    assert held["records"] == 1


def test_its_author_is_banned_by_name(library: Muniment, record: str) -> None:
    restrict(library, record)
    ban = ("--as", "ada", "moderate", "ban")
    why = ("--clause", "IV.5", "--reason", "Sells", "--exception")
    assert "--author" in library.fails(6, *ban, record, *why)
    assert "mallory" in library.ok(*ban, "--author", "mallory", "--platform", "jsonl", *why)


def test_what_is_said_wrong(library: Muniment, record: str) -> None:
    start = ("--as", "ada", "moderate", "restrict", record)
    assert "'--to'" in library.fails(2, *start, "--reason", "x")
    assert "nobody" in library.fails(5, *start, "--to", "nobody", "--reason", "x")
    assert "--reason" in library.fails(2, *start, "--to", "ben")
    lifted = ("--as", "ada", "moderate", "lift", record, "--reason", "x")
    assert "not restricted" in library.fails(6, *lifted)
    restrict(library, record)
    assert "only a director" in library.fails(6, *lifted)


def test_a_restored_backup_is_restricted_again(
    library: Muniment, record: str, tmp_path: Path
) -> None:
    library.ok("backup", tmp_path / "copy")
    restrict(library, record)
    words = ("--as", "ada", "restore", tmp_path / "copy", library.folder)
    assert "restricted again, as they were since the backup: 1" in library.ok(*words)
    assert "is restricted to ben" in library.fails(6, "record", "show", record)
    shown = ("record", "history", record, "--as", "ben", "--reason", "Why is it restricted?")
    assert f"A sale of {SECRET}" in library.ok(*shown)
    library.ok(*words)
    assert len(json.loads(library.ok("moderate", "restricted", "--json"))) == 1
