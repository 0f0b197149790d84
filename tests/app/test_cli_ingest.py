"""`muniment ingest`."""

import json
from pathlib import Path

from tests.conftest import Muniment

SAMPLES = Path(__file__).parents[1] / "data" / "samples"
JANUARY = SAMPLES / "mastodon/archive-20260105-maplegrovepl.tar.gz"
FEBRUARY = SAMPLES / "mastodon/archive-20260201-maplegrovepl.tar.gz"


def test_an_export_is_taken_in_and_summed_up(library: Muniment) -> None:
    [first, second] = json.loads(library.ok("ingest", JANUARY, FEBRUARY, "--complete", "--json"))
    assert (first["source"], first["account"]) == ("mastodon", "maplegrovepl@social.example")
    assert (first["seen"], first["new"], first["rejected"]) == (261, 261, 0)
    assert (second["changed"], second["vanished"]) == (2, 2)
    assert library.ok("ingest", JANUARY) == (
        f"{JANUARY.name}: 261 items of maplegrovepl@social.example (mastodon): "
        "0 new, 261 unchanged\n"
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
    assert "known sources: mastodon, x, facebook" in library.fails(7, "ingest", path)
    assert "there is no file" in library.fails(7, "ingest", tmp_path / "nowhere")
    assert "there is no source" in library.fails(2, "ingest", path, "--source", "myspace")
    comments = SAMPLES / "facebook/constructed/comments.json"
    assert "--account" in library.fails(2, "ingest", comments)
    library.ok("ingest", comments, "--account", "lib")


def test_what_was_done_before_a_failure_is_summed_up(library: Muniment, tmp_path: Path) -> None:
    result = library.run("ingest", JANUARY, tmp_path / "nowhere")
    assert result.exit_code == 7
    assert result.stdout.startswith(f"{JANUARY.name}: 261 items of ")
