import stat
from pathlib import Path

import pytest

from tests.conftest import BOTH, Clock, Muniment

INIT = ("--name", "Cook Memorial Library", "--actor", "ada", "--no-passphrase")


@BOTH
def test_a_new_archive_has_an_actor_and_a_key_outside_it(muniment: Muniment) -> None:
    result = muniment.run("init", muniment.folder, *INIT)
    assert result.exit_code == 0
    (key,) = muniment.keys.glob("*/*")
    assert key.name == "ada"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert str(key) in result.stdout
    assert muniment.folder not in key.parents
    assert "loses the vault key" in result.stderr
    assert muniment.ok("actor", "list").startswith("ada\tofficer\tyes\t")


def test_the_current_folder_is_an_archive_when_it_is_one(
    library: Muniment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(library.folder)
    here = Muniment(Path(), library.keys, library.clock)
    assert here.run("actor", "list").exit_code == 0


def test_a_folder_in_use_is_left_alone(muniment: Muniment) -> None:
    muniment.folder.mkdir()
    (muniment.folder / "notes.txt").write_text("mine")
    assert "is not empty" in muniment.fails(6, "init", muniment.folder, *INIT)
    assert [path.name for path in muniment.folder.iterdir()] == ["notes.txt"]
    assert not list(muniment.keys.glob("*")) if muniment.keys.exists() else True


@pytest.mark.parametrize("name", ["../ada", "", ".ada", "a/b", "a\nb", "x" * 101])
def test_a_name_that_no_file_can_have_is_refused(muniment: Muniment, name: str) -> None:
    line = muniment.fails(2, "init", muniment.folder, "--name", "L", "--actor", name)
    assert "cannot be an actor's name" in line
    assert not muniment.folder.exists()


def test_a_time_zone_that_is_none(muniment: Muniment) -> None:
    line = muniment.fails(2, "init", muniment.folder, *INIT, "--timezone", "Middle/Earth")
    assert "America/Chicago" in line
    assert not muniment.folder.exists()


def test_an_unknown_role_leaves_nothing_behind(muniment: Muniment) -> None:
    muniment.fails(6, "init", muniment.folder, *INIT, "--role", "wizard")
    assert not muniment.folder.exists()
    assert list(muniment.keys.iterdir()) == []


def test_a_place_that_cannot_be_written_leaves_nothing_behind(muniment: Muniment) -> None:
    in_the_way = muniment.keys.parent / "file"
    in_the_way.write_text("")
    muniment.fails(9, "init", in_the_way / "library", *INIT)
    assert list(muniment.keys.iterdir()) == []


def test_without_a_terminal_a_passphrase_has_to_come_from_somewhere(muniment: Muniment) -> None:
    line = muniment.fails(4, "init", muniment.folder, "--name", "L", "--actor", "ada")
    assert "--passphrase-fd" in line
    assert not muniment.folder.exists()


def test_what_a_killed_init_left_is_removed(sqlite_muniment: Muniment) -> None:
    left = sqlite_muniment.folder.with_name(f".{sqlite_muniment.folder.name}.new")
    (left / "keys").mkdir(parents=True)
    (left / "keys" / "vault.key").write_text("half")
    sqlite_muniment.ok("init", sqlite_muniment.folder, *INIT)
    assert not left.exists()
    assert "ada" in sqlite_muniment.ok("status")


@pytest.mark.parametrize(
    ("status", "url", "words"),
    [
        (9, "postgresql://ada@localhost:1/name", "no connection to the database server"),
        (2, "postgresql://ada:tulip@localhost:1/name", "~/.pgpass"),
        (3, "mysql://ada:tulip@localhost/name", "neither SQLite nor PostgreSQL"),
        (3, "nonsense", "cannot be understood"),
    ],
)
def test_a_database_that_cannot_be_used(
    sqlite_muniment: Muniment, status: int, url: str, words: str
) -> None:
    muniment = sqlite_muniment
    line = muniment.fails(status, "init", muniment.folder, *INIT, "--database", url)
    assert words in line
    assert "tulip" not in line
    assert not muniment.folder.exists()
    assert list(muniment.keys.iterdir()) == []


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_a_database_holds_one_archive(library: Muniment, tmp_path: Path, clock: Clock) -> None:
    """PostgreSQL alone: on SQLite each folder has a database of its own."""
    before = library.ok("checkpoint")
    url = library.database.replace("postgresql+psycopg", "postgresql")
    other = Muniment(tmp_path / "other", tmp_path / "others", clock, url)
    assert "already holds an archive" in other.fails(6, "init", other.folder, *INIT)
    assert not other.folder.exists()
    assert library.ok("checkpoint") == before


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_what_fails_half_way_leaves_the_database_empty(muniment: Muniment) -> None:
    """PostgreSQL alone: what SQLite has made goes with the folder."""
    muniment.fails(6, "init", muniment.folder, *INIT, "--role", "wizard")
    muniment.ok("init", muniment.folder, *INIT)
    muniment.ok("verify")


def test_a_law_without_rules_is_named_at_once(muniment: Muniment) -> None:
    result = muniment.run("init", muniment.folder, *INIT, "--jurisdiction", "US-LI")
    assert result.exit_code == 0
    assert "no rules for requests under 'US-LI'" in result.stderr
    assert "us-il" in result.stderr
