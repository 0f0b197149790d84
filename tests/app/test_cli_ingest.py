"""`muniment ingest`."""

import hashlib
import json
import tarfile
import zipfile
from pathlib import Path

import pytest

from ingest import KINDS
from ingest.readers import _interchange, _jsonl
from tests.conftest import BOTH, Muniment

SAMPLES = Path(__file__).parents[1] / "data" / "samples"
JANUARY = SAMPLES / "mastodon/archive-20260105-maplegrovepl.tar.gz"
FEBRUARY = SAMPLES / "mastodon/archive-20260201-maplegrovepl.tar.gz"


@BOTH
def test_an_export_is_taken_in_and_summed_up(library: Muniment) -> None:
    [first, second] = json.loads(library.ok("ingest", JANUARY, FEBRUARY, "--complete", "--json"))
    assert (first["source"], first["account"]) == ("mastodon", "maplegrovepl@social.example")
    assert (first["seen"], first["new"], first["rejected"]) == (261, 261, 0)
    assert (second["changed"], second["vanished"]) == (2, 2)
    assert library.ok("ingest", JANUARY) == (
        f"{JANUARY.name}: 261 items of maplegrovepl@social.example (mastodon), "
        "2 of them direct messages: 0 new, 261 unchanged, "
        "27 attachments missing\n"
    )
    assert "maplegrovepl@social.example" in library.ok("account", "list")


def test_rejects_make_the_status_say_so_and_are_explained(
    library: Muniment, tmp_path: Path
) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text('{"id": 1}\nno json\n')
    result = library.run("ingest", path, "--account", "lib", "--complete")
    assert result.exit_code == 1
    assert "1 rejected" in result.stderr
    assert "vanished" in result.stderr
    assert result.stdout == "rows.jsonl: 2 items of lib (jsonl): 1 new, 1 rejected\n"


def test_what_is_no_export_says_what_to_do(library: Muniment, tmp_path: Path) -> None:
    path = tmp_path / "holiday.jpg"
    path.write_bytes(b"jpg")
    assert "known sources: mastodon, " in library.fails(7, "ingest", path)
    assert "there is no file" in library.fails(7, "ingest", tmp_path / "nowhere")
    assert "there is no source" in library.fails(2, "ingest", path, "--source", "myspace")
    comments = SAMPLES / "facebook/constructed/comments.json"
    assert "--account" in library.fails(2, "ingest", comments)
    library.ok("ingest", comments, "--account", "lib")


def test_what_cannot_be_read_is_named(library: Muniment, tmp_path: Path) -> None:
    for name, data in (("news.xml", "<rss><item/></rss>"), ("outbox.json", "{}")):
        path = tmp_path / name
        path.write_text(data)
        source = "wordpress" if name.endswith("xml") else "mastodon"
        said = library.fails(7, "ingest", path, "--source", source, "--account", "lib")
        assert said.count(name) == 1


def test_what_was_done_before_a_failure_is_summed_up(library: Muniment, tmp_path: Path) -> None:
    result = library.run("ingest", JANUARY, tmp_path / "nowhere")
    assert result.exit_code == 7
    assert result.stdout.startswith(f"{JANUARY.name}: 261 items of ")


def test_runs_name_the_file_and_every_capture_names_its_run(
    library: Muniment, tmp_path: Path
) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text('{"id": 1, "text": "hello"}\n')
    [summary] = json.loads(library.ok("ingest", path, "--account", "lib", "--json"))
    [run] = json.loads(library.ok("ingest", "runs", "--json"))
    assert run["run"] == summary["run"]
    assert (run["file"], run["size"]) == ("rows.jsonl", path.stat().st_size)
    assert run["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
    assert (run["account"], run["seen"], run["new"]) == ("lib", 1, 1)
    assert run["finished"]
    [hit] = json.loads(library.ok("search", "hello", "--json"))["hits"]
    [captured] = json.loads(library.ok("record", "history", hit["id"], "--json"))
    assert (captured["run"], captured["file"]) == (run["run"], "rows.jsonl")


def test_what_was_rejected_is_listed_shown_and_read_again(
    library: Muniment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text('{"id": 1}\nno json\n{"id": 2, "kind": "poem", "text": "Roses are red"}\n')
    assert library.run("ingest", path, "--account", "lib").exit_code == 1
    first, second = json.loads(library.ok("ingest", "rejected", "list", "--json"))
    assert (first["source_file"], first["bytes"], second["bytes"]) == ("rows.jsonl", 7, 50)
    assert library.ok("ingest", "rejected", "show", first["id"], "--raw") == "no json"
    assert "kind" in library.ok("ingest", "rejected", "show", second["id"][-12:])
    assert library.run("ingest", "rejected", "retry").exit_code == 1
    assert len(json.loads(library.ok("ingest", "runs", "--json"))) == 1
    monkeypatch.setattr(_interchange, "KINDS", (*KINDS, "poem"))
    again = library.run("ingest", "rejected", "retry")
    assert again.exit_code == 1
    assert again.stdout == "2 rejected: 1 read now, 1 not\n"
    [left] = json.loads(library.ok("ingest", "rejected", "list", "--json"))
    assert left["id"] == first["id"]
    assert json.loads(library.ok("search", "roses", "--json"))["total"] == 1
    run, retried = json.loads(library.ok("ingest", "runs", "--json"))
    assert (retried["retried"], retried["sha256"]) == (run["run"], run["sha256"])
    [_, read] = json.loads(library.ok("ingest", "rejected", "list", "--all", "--json"))
    assert read["recovered"] == retried["run"]


def test_what_cannot_be_read_alone_is_read_with_the_whole(
    library: Muniment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text('{"id": 1}\n{"id": 2, "kind": "poem"}\n')
    library.run("ingest", path, "--account", "lib")
    monkeypatch.setattr(_interchange, "KINDS", (*KINDS, "poem"))
    monkeypatch.setattr(_jsonl.JsonLines, "frame", lambda *_: None)
    result = library.run("ingest", "rejected", "retry")
    assert result.exit_code == 1
    assert "ingest their exports again" in result.stderr
    library.ok("ingest", path, "--account", "lib")
    assert library.ok("ingest", "rejected", "list") == ""


def test_parts_of_one_download_are_one_export(library: Muniment, tmp_path: Path) -> None:
    items, media = tmp_path / "items.zip", tmp_path / "media.zip"
    with zipfile.ZipFile(items, "w") as archive, zipfile.ZipFile(media, "w") as other:
        with tarfile.open(JANUARY) as tar:
            for name in ("outbox.json", "actor.json"):
                file = tar.extractfile(name)
                assert file is not None
                archive.writestr(name, file.read())
        other.writestr("notes.txt", "nothing")
    result = library.run("ingest", "--together", items, media, "--json")
    [summary] = json.loads(result.stdout)
    assert (summary["file"], summary["new"]) == ("items.zip, media.zip", 261)
    assert summary["unread"] == ["notes.txt"]
    assert "1 file was not read: notes.txt" in result.stderr
