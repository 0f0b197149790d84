import json
import shutil
from pathlib import Path

import pytest

from archive import Archive
from archive._store import writing
from tests.archive.library import disarmed
from tests.conftest import BOTH, Muniment


@pytest.fixture
def checkpoint(library: Muniment, tmp_path: Path) -> Path:
    """The checkpoint of the new archive, kept outside it; two entries follow."""
    path = tmp_path / "kept.checkpoint"
    path.write_text(library.ok("checkpoint"))
    library.ok("account", "add", "mastodon", "@library")
    library.ok("account", "add", "wordpress", "library.example")
    return path


def change(library: Muniment, statement: str) -> None:
    """Change the database behind the program's back, its guards switched off."""
    with (
        Archive.open(library.folder) as archive,
        writing(archive.engine) as connection,
        disarmed(connection),
    ):
        assert connection.exec_driver_sql(statement).rowcount == 1


@BOTH
def test_a_whole_archive(library: Muniment, checkpoint: Path) -> None:
    assert library.ok("verify").startswith("Everything holds: 4 entries.\n")
    assert "extends the checkpoint of 2 entries" in library.ok("verify", "--since", checkpoint)
    report = json.loads(library.ok("verify", "--json"))
    assert (report["ok"], report["entries"], report["findings"]) == (True, 4, [])


@BOTH
def test_a_changed_entry_is_named(library: Muniment, checkpoint: Path) -> None:
    with Archive.open(library.folder) as archive, archive.read() as reader:
        forged = reader.entry(3).header.replace(b"wordpress", b"wordprexx").hex()
    literal = rf"'\x{forged}'" if library.database else f"x'{forged}'"
    change(library, f"UPDATE entry SET header = {literal} WHERE seq = 3")
    result = library.run("verify")
    assert result.exit_code == 8
    assert "entry 3" in result.stdout
    assert result.stderr.count("\n") == 1
    assert "entry 3" in result.stderr
    report = json.loads(library.run("verify", "--json").stdout)
    assert report["ok"] is False
    assert any(finding["place"] == "entry 3" for finding in report["findings"])


def test_an_older_copy_put_in_its_place(sqlite_library: Muniment, tmp_path: Path) -> None:
    """A folder is a whole archive on SQLite alone."""
    library = sqlite_library
    shutil.copytree(library.folder, tmp_path / "older")
    library.ok("account", "add", "mastodon", "@library")
    kept = tmp_path / "kept.checkpoint"
    kept.write_text(library.ok("checkpoint"))
    shutil.rmtree(library.folder)
    (tmp_path / "older").rename(library.folder)
    library.ok("verify")
    assert "the log has 2 entries" in library.fails(8, "verify", "--since", kept)
    library.ok("account", "add", "mastodon", "@other")
    library.ok("verify")
    assert "rewritten" in library.fails(8, "verify", "--since", kept)


@BOTH
def test_a_checkpoint_whose_size_was_changed(library: Muniment, checkpoint: Path) -> None:
    checkpoint.write_text(checkpoint.read_text().replace("\n2\n", "\n3\n"))
    library.fails(8, "verify", "--since", checkpoint)


@BOTH
def test_a_checkpoint_of_another_log(library: Muniment, tmp_path: Path) -> None:
    other = Muniment(tmp_path / "other", library.keys, library.clock)
    other.ok("init", other.folder, "--name", "Other", "--actor", "eve", "--no-passphrase")
    note = tmp_path / "other.checkpoint"
    note.write_text(other.ok("checkpoint"))
    library.fails(8, "verify", "--since", note)


@BOTH
def test_a_file_that_is_no_checkpoint(library: Muniment, tmp_path: Path) -> None:
    assert "muniment checkpoint" in library.fails(2, "verify", "--since", tmp_path / "none")
    (tmp_path / "empty").write_text("")
    library.fails(8, "verify", "--since", tmp_path / "empty")


@BOTH
def test_rebuild_keeps_everything(library: Muniment, checkpoint: Path) -> None:
    before = library.ok("account", "list")
    assert "4 entries" in library.ok("rebuild")
    assert library.ok("account", "list") == before
    library.ok("verify", "--since", checkpoint)


@BOTH
def test_a_table_that_the_log_does_not_say_is_mended_by_a_rebuild(
    library: Muniment, checkpoint: Path
) -> None:
    change(library, "UPDATE account SET platform = 'facebook' WHERE platform = 'mastodon'")
    line = library.run("verify").stderr
    assert "table account" in line
    assert "muniment rebuild" in line
    library.ok("rebuild")
    library.ok("verify")


@BOTH
def test_a_damaged_index_is_built_anew(library: Muniment, checkpoint: Path) -> None:
    library.ok("verify")
    victim = max((library.folder / "index").rglob("*"), key=lambda path: path.stat().st_size)
    data = bytearray(victim.read_bytes())
    data[len(data) // 2] ^= 1
    victim.unlink()  # a thread of the engine may still have the file mapped
    victim.write_bytes(data)
    result = library.run("verify")
    assert result.exit_code == 0
    assert "the search index has been built anew" in result.stderr


@BOTH
def test_options_for_the_other_kind(library: Muniment, tmp_path: Path) -> None:
    library.fails(2, "verify", "--key", tmp_path / "log.pub")
    library.fails(2, "verify", tmp_path / "bundle.zip", "--since", tmp_path / "x")


@BOTH
def test_a_bundle_that_is_none(muniment: Muniment, tmp_path: Path) -> None:
    muniment.fails(8, "verify", tmp_path / "bundle.zip")
    (tmp_path / "bundle.zip").write_bytes(b"no zip")
    muniment.fails(8, "verify", tmp_path / "bundle.zip")
    assert "log.pub" in muniment.fails(
        4, "verify", tmp_path / "bundle.zip", "--key", tmp_path / "none"
    )


@BOTH
def test_the_log_alone_needs_no_secret_key(library: Muniment, checkpoint: Path) -> None:
    (library.folder / "keys" / "vault.key").unlink()
    (library.folder / "keys" / "log.key").unlink()
    said = library.ok("verify", "--log-only", "--since", checkpoint)
    assert said.startswith("The log holds: 4 entries.\n")
    assert "contents" not in said
    assert "extends the checkpoint of 2 entries" in said
    report = json.loads(library.ok("verify", "--log-only", "--json"))
    assert (report["ok"], report["signatures"], report["unlisted"]) == (True, 4, 0)
    assert "vault key" in library.fails(4, "verify")
    assert "--log-only" in library.fails(2, "verify", "bundle.zip", "--log-only")


@BOTH
def test_a_kept_checkpoint_is_looked_at_though_the_tree_is_damaged_too(
    library: Muniment, checkpoint: Path
) -> None:
    change(library, "UPDATE tile SET hashes = (SELECT root FROM head)")
    result = library.run("verify", "--since", checkpoint)
    assert result.exit_code == 8
    assert "tile 0/0" in result.stdout
    assert str(checkpoint) in result.stdout
