"""Restoring: verified first, swapped in by renames, nothing changed by what fails."""

import errno
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from archive import (
    Archive,
    Draft,
    _schema,
    backup,
    check_backup,
    finish_interrupted,
    keys_of,
    restoring,
    verify,
)
from archive._copy import stored_database
from archive._manifest import write_sums
from archive.errors import (
    KeyProblem,
    MunimentError,
    NotAnArchive,
    Refused,
    StorageError,
    UsageError,
    VerificationError,
)
from tests import postgres
from tests.archive.library import Library
from tests.archive.test_backup import rows
from tests.conftest import Clock


def filled(library: Library) -> Library:
    """With comments, an attachment, a removal, and a record that was disposed of."""
    first, second = library.capture("one", "two", attachment=b"picture")
    library.remove(first.subject)
    library.dispose(second.subject)
    return library


def restored(library: Library, copy: Path, folder: Path, database: str = "") -> Path | None:
    keys = keys_of(library.folder / "keys")
    with restoring(copy, folder, clock=library.clock, put_keys=keys, database=database) as made:
        made.note(library.ada)
        return made.swap()


@pytest.fixture
def copy(sqlite_library: Library, tmp_path: Path) -> Path:
    """A backup of the library's archive."""
    return backup(filled(sqlite_library).folder, tmp_path / "copy").folder


@pytest.fixture
def postgresql_url(postgresql: postgres.Server) -> Iterator[Callable[[], str]]:
    """Makes empty databases on PostgreSQL, whatever database the test has."""
    made: list[str] = []

    def make() -> str:
        made.append(postgresql.create())
        return made[-1]

    yield make
    for url in made:
        postgresql.drop(url)


def tree(folder: Path) -> dict[str, bytes]:
    """Every file below a folder, the database's workings aside."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and not path.name.endswith(("-wal", "-shm"))
    }


def test_from_either_database_to_the_other_and_back(
    library: Library, postgresql_url: Callable[[], str], tmp_path: Path
) -> None:
    filled(library)
    first = backup(library.folder, tmp_path / "first").folder
    elsewhere = tmp_path / "elsewhere"
    assert restored(library, first, elsewhere, postgresql_url()) is None
    second = backup(elsewhere, tmp_path / "second").folder
    back = tmp_path / "back"
    restored(library, second, back)
    with (
        stored_database(first / "archive.db") as one,
        stored_database(second / "archive.db") as two,
    ):
        ours, theirs = rows(one), rows(two)
        for name in ("entry", "checkpoint", "sealed", "data_key", "blob"):
            assert [row for row in theirs[name] if row in ours[name]] == ours[name]
    for folder in (elsewhere, back):
        with Archive.open(folder, clock=library.clock) as archive:
            assert verify(archive).ok
            with archive.read() as reader, library.archive.read() as original:
                assert reader.root_at(original.head.size) == original.head.root
                for projection in archive.projections:
                    for table in projection.metadata.sorted_tables:
                        ours_, theirs_ = (
                            sorted(map(tuple, conn.execute(table.select())), key=repr)
                            for conn in (reader.conn, original.conn)
                        )
                        assert ours_ == theirs_, table.name


def test_in_the_place_of_an_archive(sqlite_library: Library, copy: Path) -> None:
    library = sqlite_library
    library.capture("late")
    with library.archive.read() as reader:
        head = reader.head
    before = tree(library.folder)
    with restoring(copy, library.folder, clock=library.clock) as made:
        assert made.beyond is not None
        assert (made.beyond.size, made.beyond.entries) == (head.size, 2)
        assert made.beyond.types == {"record.captured": 1, "capture.batch": 1}
        entry = made.note(library.ada, "the disk failed")
        aside = made.swap()
    assert aside == library.folder.with_name("archive.replaced-2026-03-02T150000Z")
    assert tree(aside) == before
    assert entry.data == {
        "size": made.manifest.size,
        "root": made.manifest.root,
        "known_size": head.size,
        "known_root": head.root.hex(),
    }
    with library.again() as archive:
        assert verify(archive).ok
        with archive.read() as reader:
            assert reader.entry(made.manifest.size).type == "archive.restored"
            assert reader.head.size == made.manifest.size + 1
    assert [path.name for path in library.folder.parent.iterdir() if path.name[0] == "."] == []


def test_what_is_not_swapped_in_leaves_nothing(
    sqlite_library: Library, copy: Path, postgresql_url: Callable[[], str]
) -> None:
    library, url = sqlite_library, postgresql_url()
    before = tree(library.folder)
    for _ in range(2):
        with restoring(copy, library.folder, clock=library.clock, database=url) as made:
            made.note(library.ada)
    assert tree(library.folder) == before
    restored(library, copy, library.folder.with_name("other"), url)
    with pytest.raises(Refused, match="is not empty"):
        restored(library, copy, library.folder.with_name("third"), url)
    with Archive.open(library.folder.with_name("other"), clock=library.clock) as archive:
        assert verify(archive).ok


def test_another_database_is_left_alone(
    postgresql_url: Callable[[], str], tmp_path: Path, clock: Clock
) -> None:
    library = Library.found(tmp_path / "archive", clock, postgresql_url())
    with library.archive:
        made = backup(library.folder, tmp_path / "copy").folder
        with pytest.raises(Refused, match="stays as it is"):
            restored(library, made, library.folder)
        with pytest.raises(UsageError, match="in its folder"):
            restored(library, made, library.folder, "sqlite:////tmp/other.db")
        aside = restored(library, made, library.folder, "sqlite:///archive.db")
    assert aside is not None
    for folder in (aside, library.folder):
        with Archive.open(folder, clock=clock) as archive:
            assert verify(archive).ok


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE entry SET header = X'7B7D' WHERE seq = 3",
        "DELETE FROM entry WHERE seq = (SELECT max(seq) FROM entry)",
        "UPDATE sealed SET ciphertext = substr(ciphertext, 2) WHERE seq = 1",
        "DELETE FROM sealed WHERE seq = 1",
        "UPDATE data_key SET wrapped = X'00'",
        "UPDATE tile SET hashes = hashes || hashes",
        "UPDATE head SET size = size - 1",
    ],
)
def test_a_damaged_backup_is_refused(sqlite_library: Library, copy: Path, statement: str) -> None:
    with sqlite3.connect(copy / "archive.db") as connection:
        for (name,) in connection.execute(
            "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        ).fetchall():
            connection.execute(f"DROP TRIGGER {name}")
        connection.execute(statement)
    connection.close()
    before = tree(sqlite_library.folder)
    with pytest.raises(VerificationError, match=r"the backup is damaged: archive\.db"):
        restored(sqlite_library, copy, sqlite_library.folder)
    (copy / "SHA256SUMS").unlink()
    write_sums(copy)
    with pytest.raises(MunimentError):
        restored(sqlite_library, copy, sqlite_library.folder)
    assert tree(sqlite_library.folder) == before


def test_a_backup_by_an_older_version(sqlite_library: Library, copy: Path) -> None:
    with sqlite3.connect(copy / "archive.db") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '0001'")
    connection.close()
    manifest = copy / "backup.json"
    manifest.write_text(manifest.read_text().replace(_schema.REVISION, "0001"))
    (copy / "SHA256SUMS").unlink()
    write_sums(copy)
    assert list(check_backup(copy)) == []
    restored(sqlite_library, copy, copy.with_name("new"))
    with Archive.open(copy.with_name("new"), clock=sqlite_library.clock) as archive:
        assert verify(archive).ok


def test_a_backup_of_another_archive(
    sqlite_library: Library, copy: Path, clock: Clock, tmp_path: Path
) -> None:
    other = Library.found(tmp_path / "other", clock)
    with other.archive:
        with pytest.raises(Refused, match="a backup of another archive"):
            restored(sqlite_library, copy, other.folder)
        with pytest.raises(KeyProblem, match="not the backup's"):
            restored(other, copy, tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_keys_that_are_missing(sqlite_library: Library, copy: Path, tmp_path: Path) -> None:
    (tmp_path / "keys").mkdir()
    with (
        pytest.raises(KeyProblem, match=r"no log\.key"),
        restoring(copy, tmp_path / "new", put_keys=keys_of(tmp_path / "keys")),
    ):
        pass
    assert not (tmp_path / "new").exists()


def test_no_backup(sqlite_library: Library, tmp_path: Path) -> None:
    with pytest.raises(NotAnArchive, match="is not a backup"):
        restored(sqlite_library, tmp_path, tmp_path / "new")


def test_neither_inside_the_other(sqlite_library: Library, copy: Path) -> None:
    inside = sqlite_library.folder / "copy"
    shutil.copytree(copy, inside)
    with pytest.raises(Refused, match="inside the other"):
        restored(sqlite_library, inside, sqlite_library.folder)
    with pytest.raises(Refused, match="inside the other"):
        restored(sqlite_library, copy, copy / "new")


def test_a_folder_with_something_else(sqlite_library: Library, copy: Path, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "file").touch()
    with pytest.raises(Refused, match="holds no archive that can be read"):
        restored(sqlite_library, copy, tmp_path / "other")


def test_a_log_that_has_parted_from_the_backup(sqlite_library: Library, copy: Path) -> None:
    library = sqlite_library
    library.capture("lost")
    lost = backup(library.folder, copy.with_name("lost")).folder
    restored(library, copy, library.folder)
    with pytest.raises(Refused, match="neither a beginning"):
        restored(library, lost, library.folder)
    restored(library, lost, library.folder.with_name("new"))


def test_a_log_that_was_rolled_back(sqlite_library: Library, copy: Path) -> None:
    library = sqlite_library
    early = library.folder.with_name("early")
    shutil.copytree(library.folder, early)
    library.capture("late")
    newer = backup(library.folder, copy.with_name("newer")).folder
    with restoring(newer, early, clock=library.clock) as made:
        assert made.beyond is not None
        assert made.beyond.entries == 0
        assert made.beyond.size < made.manifest.size
        made.note(library.ada)
        made.swap()


@pytest.mark.parametrize(
    ("statement", "reason"),
    [
        ("UPDATE entry SET header = X'7B7D' WHERE seq = 8", "not a header"),
        ("DELETE FROM entry WHERE seq = 7", "entry 7: missing"),
        ("DELETE FROM entry WHERE seq = 8", "do not lead to its head"),
        ("DELETE FROM checkpoint WHERE size = 9", "not over its head"),
        ("DELETE FROM tile", "cut short or missing"),
        ("DELETE FROM head", "holds no head"),
    ],
)
def test_a_log_that_cannot_be_read(
    sqlite_library: Library, copy: Path, statement: str, reason: str
) -> None:
    library = sqlite_library
    library.capture("late")
    library.tamper(statement)
    with restoring(copy, library.folder, clock=library.clock) as made:
        assert made.beyond is None
        assert reason in made.unread
        made.note(library.ada)
        assert made.swap() is not None
    with library.again() as archive:
        assert verify(archive).ok


def test_a_database_that_is_gone_or_rubbish(sqlite_library: Library, copy: Path) -> None:
    library = sqlite_library
    library.archive.close()
    for path in library.folder.glob("archive.db*"):
        path.unlink()
    with restoring(copy, library.folder, clock=library.clock) as made:
        assert "missing" in made.unread
    assert not (library.folder / "archive.db").exists()
    (library.folder / "archive.db").write_bytes(b"rubbish" * 1000)
    with restoring(copy, library.folder, clock=library.clock) as made:
        assert "damaged" in made.unread
        made.note(library.ada)
        assert made.swap() is not None


def test_others_wait_and_are_told(
    sqlite_library: Library, copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    library = sqlite_library
    monkeypatch.setattr("archive._store.BUSY_SECONDS", 0)
    with library.again() as waiting, restoring(copy, library.folder, clock=library.clock) as made:
        with (
            pytest.raises(StorageError, match="another command is writing"),
            waiting.write(library.ada),
        ):
            pass
        made.note(library.ada)
        aside = made.swap()
    assert aside is not None
    with pytest.raises(Refused, match="was replaced"), library.archive.write(library.ada) as writer:
        writer.append([Draft("hold.released", "x")])
    with Archive.open(aside, clock=library.clock) as before:
        assert verify(before).ok


@pytest.mark.parametrize("renames", [0, 1, 2])
def test_a_swap_that_was_killed(sqlite_library: Library, copy: Path, renames: int) -> None:
    library = sqlite_library
    library.capture("late")
    size = library.size()
    library.archive.close()
    secret = library.ada.key.private_bytes_raw().hex()
    command = [sys.executable, "-m", "tests.archive.restorer", str(copy), str(library.folder)]
    run = subprocess.run(
        [*command, library.ada.actor, secret, str(renames)],
        cwd=Path(__file__).parents[2],
        check=False,
    )
    assert run.returncode == 9
    assert library.folder.exists() == (renames != 1)
    kept = finish_interrupted(library.folder)
    assert (kept is not None) == (renames > 0)
    with library.again() as archive, archive.read() as reader:
        assert verify(archive).ok
        newest = reader.entry(reader.head.size - 1).type
        assert newest == ("archive.restored" if kept else "capture.batch")
    if kept is not None:
        with Archive.open(kept, clock=library.clock) as archive, archive.read() as reader:
            assert reader.head.size == size
    assert finish_interrupted(library.folder) is None
    assert not list(library.folder.parent.glob(".*"))


def test_a_rename_that_fails_is_undone(
    sqlite_library: Library, copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    library = sqlite_library
    before = tree(library.folder)
    whole = Path.replace

    def replace(self: Path, target: Path) -> Path:
        if self.name == "new":
            raise OSError(errno.EIO, "Input/output error")
        return whole(self, target)

    monkeypatch.setattr(Path, "replace", replace)
    with pytest.raises(StorageError, match="the disk reports an error"):
        restored(library, copy, library.folder)
    assert tree(library.folder) == before
    assert not list(library.folder.parent.glob("archive.replaced*"))
    assert not list(library.folder.parent.glob(".*"))
