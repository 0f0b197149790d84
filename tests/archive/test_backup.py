"""Backups: whole, consistent, without secrets, and checkable without keys."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection

from archive import Archive, _backup, backup, check_backup, keys, verify
from archive._copy import TABLES, copy_rows, stored_database
from archive._manifest import Manifest
from archive.errors import NewerArchive, NotAnArchive, Refused, StorageError, VerificationError
from tests.archive.library import Library


@pytest.fixture
def filled(library: Library) -> Library:
    """With comments, an attachment, a removal, and a record that was disposed of."""
    first, second = library.capture("one", "two", attachment=b"picture")
    library.remove(first.subject)
    library.dispose(second.subject)
    return library


def rows(connection: Connection) -> dict[str, list[tuple[object, ...]]]:
    """Every row of the log and the vault."""
    return {
        table.name: [
            tuple(row)
            for row in connection.execute(table.select().order_by(*table.primary_key.columns))
        ]
        for table in TABLES
    }


def with_keys(backup_folder: Path, library: Library) -> Path:
    """The backup as an archive's folder, with the keys put back."""
    for name in ("log.key", "vault.key"):
        path = backup_folder / "keys" / name
        path.write_bytes((library.folder / "keys" / name).read_bytes())
        path.chmod(0o600)
    return backup_folder


def test_it_holds_the_rows_and_the_attachments(filled: Library, tmp_path: Path) -> None:
    made = backup(filled.folder, tmp_path / "copy", clock=filled.clock)
    assert list(check_backup(made.folder)) == []
    with filled.archive.snapshot() as reader, stored_database(made.folder / "archive.db") as copy:
        assert rows(copy) == rows(reader.conn)
        assert made.manifest.size == reader.head.size
        assert made.manifest.checkpoint == reader.checkpoint()
    (blob,) = [path.name for path in (made.folder / "blobs").rglob("*") if path.is_file()]
    assert (made.folder / "blobs" / blob[:2] / blob).read_bytes() == (
        filled.folder / "blobs" / blob[:2] / blob
    ).read_bytes()
    assert not list(tmp_path.glob(".*"))


def test_it_is_an_archive_once_the_keys_are_back(filled: Library, tmp_path: Path) -> None:
    made = backup(filled.folder, tmp_path / "copy")
    with Archive.open(with_keys(made.folder, filled), clock=filled.clock) as archive:
        assert verify(archive).ok
        with archive.read() as reader, filled.archive.read() as original:
            assert reader.head == original.head
        assert archive.config.database == "sqlite:///archive.db"


def test_no_secret_is_in_it(filled: Library, tmp_path: Path) -> None:
    made = backup(filled.folder, tmp_path / "copy")
    assert not list(made.folder.rglob("*.key"))
    secrets = [
        keys.load_secret(filled.folder / "keys" / name, name) for name in ("log.key", "vault.key")
    ]
    for path in made.folder.rglob("*"):
        if path.is_file():
            assert not any(secret in path.read_bytes() for secret in secrets)
            assert path.stat().st_mode & 0o077 == 0
    assert (made.folder / "keys" / "log.pub").is_file()


def test_a_private_key_in_the_wrong_place_is_not_copied(library: Library, tmp_path: Path) -> None:
    keys.create_actor_key(tmp_path / "ada")
    (library.folder / "keys" / "ada.pub").write_bytes((tmp_path / "ada").read_bytes())
    with pytest.raises(Refused, match="holds a private key"):
        backup(library.folder, tmp_path / "copy")
    assert not (tmp_path / "copy").exists()


@pytest.mark.parametrize("dest", ["archive/copy", "archive", "."])
def test_neither_inside_the_other(sqlite_library: Library, tmp_path: Path, dest: str) -> None:
    with pytest.raises(Refused, match="inside"):
        backup(sqlite_library.folder, tmp_path / dest)


def test_only_into_nothing(sqlite_library: Library, tmp_path: Path) -> None:
    full, empty = tmp_path / "full", tmp_path / "empty"
    full.mkdir()
    (full / "note").touch()
    with pytest.raises(Refused, match="not empty"):
        backup(sqlite_library.folder, full)
    with pytest.raises(Refused, match="not empty"):
        backup(sqlite_library.folder, full / "note")
    empty.mkdir()
    backup(sqlite_library.folder, empty)
    assert list(check_backup(empty)) == []


def test_what_a_killed_backup_left_is_removed(sqlite_library: Library, tmp_path: Path) -> None:
    left = tmp_path / ".copy.backup" / "new" / "blobs"
    left.mkdir(parents=True)
    (left / "piece").touch()
    (left.parents[1] / "file").touch()
    backup(sqlite_library.folder, tmp_path / "copy")
    assert not left.parents[1].exists()


def test_one_at_a_time_to_one_place(
    sqlite_library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def meanwhile(*_: object) -> str:
        with pytest.raises(Refused, match="another backup to"):
            backup(sqlite_library.folder, tmp_path / "copy")
        return ""

    monkeypatch.setattr(_backup, "copy_blobs", meanwhile)
    backup(sqlite_library.folder, tmp_path / "copy")


@pytest.mark.parametrize("error", [KeyboardInterrupt, OSError(28, "No space left on device")])
def test_nothing_is_left_of_one_that_failed(
    sqlite_library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    def fail(*_: object) -> tuple[int, int]:
        raise error

    monkeypatch.setattr(_backup, "write_sums", fail)
    with pytest.raises((KeyboardInterrupt, StorageError)):
        backup(sqlite_library.folder, tmp_path / "deep" / "copy")
    assert list((tmp_path / "deep").iterdir()) == []


def disposing(library: Library, monkeypatch: pytest.MonkeyPatch, times: int) -> Iterator[str]:
    """Dispose of a record while each of the next backups copies, that many times."""
    whole = copy_rows
    gone = [entry.subject for entry in library.capture(*["words"] * times, attachment=b"picture")]
    left = iter(gone)

    def meanwhile(*args: Any) -> None:
        whole(*args)
        if record := next(left, None):
            library.dispose(record)

    monkeypatch.setattr(_backup, "copy_rows", meanwhile)
    yield from gone


def test_what_is_disposed_of_meanwhile_is_not_in_it(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = list(disposing(library, monkeypatch, 2))
    made = backup(library.folder, tmp_path / "copy")
    assert list(check_backup(made.folder)) == []
    with stored_database(made.folder / "archive.db") as copy:
        found = rows(copy)
    assert len(found["entry"]) == library.size() == made.manifest.size
    assert not {row[0] for row in found["data_key"]} & set(gone)
    assert not found["blob"]
    assert not any(path.is_file() for path in (made.folder / "blobs").rglob("*"))


def test_it_gives_up_when_disposals_never_stop(
    sqlite_library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    list(disposing(sqlite_library, monkeypatch, 5))
    with pytest.raises(StorageError, match="again and again"):
        backup(sqlite_library.folder, tmp_path / "copy")
    assert not (tmp_path / "copy").exists()


def test_while_another_process_writes(library: Library, tmp_path: Path) -> None:
    secret = library.ada.key.private_bytes_raw().hex()
    command = [sys.executable, "-m", "tests.archive.writers", str(library.folder)]
    writer = subprocess.Popen(
        [*command, library.ada.actor, secret, "1000"],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    )
    assert writer.stdout is not None
    sizes = []
    try:
        for number in range(3):
            assert writer.stdout.readline() == "committed\n"
            made = backup(library.folder, tmp_path / f"copy{number}")
            assert list(check_backup(made.folder)) == []
            sizes.append(made.manifest.size)
    finally:
        writer.kill()
        writer.communicate()
    assert sizes == sorted(sizes)
    assert library.verify().ok
    with library.archive.read() as reader:
        for number, size in enumerate(sizes):
            manifest = Manifest.read(tmp_path / f"copy{number}")
            assert reader.root_at(size).hex() == manifest.root


def test_a_damaged_archive_makes_no_backup(library: Library, tmp_path: Path) -> None:
    library.capture("one")
    library.tamper("UPDATE entry SET header = :header WHERE seq = 2", header=b"{}")
    with pytest.raises(VerificationError, match="entry 2"):
        backup(library.folder, tmp_path / "copy")


@pytest.mark.parametrize("damage", ["missing", "altered"])
def test_a_damaged_attachment_makes_no_backup(
    sqlite_library: Library, tmp_path: Path, damage: str
) -> None:
    sqlite_library.capture("one", attachment=b"picture")
    (path,) = [path for path in sqlite_library.archive.blob_folder.rglob("*") if path.is_file()]
    path.unlink() if damage == "missing" else path.write_bytes(b"other")
    with pytest.raises(VerificationError, match=f"blob {path.name}"):
        backup(sqlite_library.folder, tmp_path / "copy")


def test_values_of_the_wrong_kind_are_damage(sqlite_library: Library, tmp_path: Path) -> None:
    sqlite_library.tamper("UPDATE entry SET header = 'text' WHERE seq = 1")
    with pytest.raises(VerificationError, match="the archive is damaged: entry 1"):
        backup(sqlite_library.folder, tmp_path / "copy")


def test_every_altered_file_is_seen_without_keys(filled: Library, tmp_path: Path) -> None:
    made = backup(filled.folder, tmp_path / "copy").folder
    for path in sorted(path for path in made.rglob("*") if path.is_file()):
        before = path.read_bytes()
        for changed in (bytes([before[0] ^ 1]) + before[1:], before[:-1], before + b"\n"):
            path.write_bytes(changed)
            try:
                assert list(check_backup(made)), path
            except NotAnArchive:
                assert path.name in {"backup.json", "muniment.toml"}
        path.unlink()
        try:
            assert list(check_backup(made)), path
        except NotAnArchive:
            assert path.name in {"backup.json", "muniment.toml"}
        path.write_bytes(before)
        assert list(check_backup(made)) == []
    (made / "blobs" / "more").touch()
    assert list(check_backup(made)) == ["blobs/more: not part of the backup"]


def test_no_backup_at_all(sqlite_library: Library, tmp_path: Path) -> None:
    with pytest.raises(NotAnArchive, match="is not a backup"):
        list(check_backup(sqlite_library.folder))
    with pytest.raises(NotAnArchive, match="is not a backup"):
        list(check_backup(tmp_path / "nowhere"))
    made = backup(sqlite_library.folder, tmp_path / "copy").folder
    manifest = made / "backup.json"
    whole = manifest.read_text()
    for broken in ("", "[]", "{}", whole.replace('"size": ', '"size": "x", "other": ')):
        manifest.write_text(broken)
        with pytest.raises(NotAnArchive, match=r"backup\.json is damaged"):
            list(check_backup(made))
    for newer in (
        whole.replace('"format": 1', '"format": 2'),
        whole.replace('"schema": "0', '"schema": "9'),
    ):
        manifest.write_text(newer)
        with pytest.raises(NewerArchive, match="a newer version"):
            list(check_backup(made))
