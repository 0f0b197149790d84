import stat
from pathlib import Path

import pytest

from tests.conftest import Muniment

INIT = ("--name", "Cook Memorial Library", "--actor", "ada", "--no-passphrase")


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
