import shutil
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import select

from archive import (
    Archive,
    Draft,
    KeyProblem,
    NotAnArchive,
    Refused,
    StorageError,
    UsageError,
    VerificationError,
    Writer,
    _archive,
    _schema,
    actors,
    keys,
    new_id,
)
from tests.archive.library import Library

KEY = Ed25519PrivateKey.generate()


def create(folder: Path, passphrase: bytes | None = None, origin: str = "") -> Archive:
    return Archive.create(
        folder,
        name="Cook Memorial Public Library District",
        actor_name="ada",
        actor_key=KEY,
        origin=origin,
        passphrase=passphrase,
    )


def files(folder: Path) -> set[str]:
    return {str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file()}


def test_a_new_archive_is_a_folder_with_everything_in_it(tmp_path: Path) -> None:
    with create(tmp_path / "below" / "archive") as archive, archive.read() as reader:
        (ada,) = actors.every(reader)
        assert reader.head.size == 2
    assert {name.partition("-")[0] for name in files(archive.folder)} == {
        "archive.db",
        "keys/log.key",
        "keys/log.pub",
        "keys/vault.key",
        f"keys/{ada.id.partition('-')[0]}",
        "muniment.toml",
    }
    public = (archive.folder / "keys" / f"{ada.id}.pub").read_text()
    assert public == f"{keys.openssh_public(keys.public_bytes(KEY))} ada\n"
    for name in ("log.key", "vault.key"):
        assert (archive.folder / "keys" / name).stat().st_mode & 0o777 == 0o600
    assert archive.origin.startswith("cook-memorial-public-library-district/")
    assert archive.index_folder.is_dir()
    assert [path.name for path in (tmp_path / "below").iterdir()] == ["archive"]


def test_an_archive_goes_into_an_empty_folder_and_no_other(tmp_path: Path) -> None:
    with create(tmp_path / "archive"):
        pass
    before = files(tmp_path)
    (tmp_path / "file").touch()
    for folder in (tmp_path, tmp_path / "archive", tmp_path / "file"):
        with pytest.raises(Refused, match="is not empty"):
            create(folder)
    assert files(tmp_path) == before | {"file"}
    (tmp_path / "empty").mkdir()
    create(tmp_path / "empty").close()


@pytest.mark.parametrize("origin", ["two words", "a+b", "a\nb"])
def test_an_archive_that_cannot_be_made_leaves_nothing(tmp_path: Path, origin: str) -> None:
    with pytest.raises(UsageError, match="origin"):
        create(tmp_path / "archive", origin=origin)
    assert list(tmp_path.iterdir()) == []


def test_a_role_that_is_unknown_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="unknown role"):
        Archive.create(
            tmp_path / "archive", name="x", actor_name="ada", actor_key=KEY, roles=["king"]
        )
    assert list(tmp_path.iterdir()) == []


def test_an_archive_is_opened_with_its_passphrase(tmp_path: Path) -> None:
    folder = tmp_path / "archive"
    create(folder, b"word").close()
    asked: list[str] = []

    def answer(what: str) -> bytes:
        asked.append(what)
        return b"word"

    with pytest.raises(keys.PassphraseNeeded, match="vault key"):
        Archive.open(folder)
    with pytest.raises(KeyProblem, match="wrong passphrase"):
        Archive.open(folder, passphrase=lambda _: b"wrong")
    with Archive.open(folder, passphrase=answer) as archive, archive.read() as reader:
        ada = keys.ActorKey(actors.by_name(reader, "ada").id, KEY)
        assert asked == ["vault key"]
    with archive, archive.write(ada) as writer:
        writer.append([Draft("hold.placed", new_id())])
    assert asked == ["vault key", "log key"]


def test_what_is_missing_is_named(sqlite_library: Library) -> None:
    folder = sqlite_library.folder
    sqlite_library.archive.close()
    for name, error, words in (
        ("muniment.toml", NotAnArchive, "is not an archive"),
        ("archive.db", NotAnArchive, "archive.db is missing"),
        ("keys/vault.key", KeyProblem, "the vault key .* is missing"),
    ):
        (folder / name).rename(folder / "away")
        with pytest.raises(error, match=words):
            sqlite_library.again()
        (folder / "away").rename(folder / name)
    (folder / "keys" / "log.key").unlink()
    with sqlite_library.again() as archive, archive.read() as reader:
        assert reader.head.size == 2
    with pytest.raises(KeyProblem, match=r"the log key .* is missing"):
        sqlite_library.capture("x")


def test_a_vault_key_of_another_archive_is_noticed(library: Library, tmp_path: Path) -> None:
    path = library.folder / "keys" / "vault.key"
    path.unlink()
    keys.create_secret(path)
    with pytest.raises(VerificationError, match="of another vault key"):
        library.again()


def test_a_database_that_is_none_is_refused(sqlite_library: Library) -> None:
    sqlite_library.archive.close()
    path = sqlite_library.folder / "archive.db"
    for data in (b"", b"no database at all" * 1000):
        path.write_bytes(data)
        with pytest.raises((NotAnArchive, VerificationError), match="database"):
            sqlite_library.again()


def test_an_archive_is_copied_as_a_folder(sqlite_library: Library, tmp_path: Path) -> None:
    sqlite_library.capture("words", attachment=b"picture")
    sqlite_library.archive.close()
    shutil.copytree(sqlite_library.folder, tmp_path / "copy")
    with Archive.open(tmp_path / "copy", clock=sqlite_library.clock) as copy:
        assert Library(copy, sqlite_library.clock, sqlite_library.ada).verify().ok


def holding(folder: Path, needle: bytes) -> list[str]:
    """The files of a folder that hold some bytes."""
    return [
        str(path.relative_to(folder))
        for path in folder.rglob("*")
        if path.is_file() and needle in path.read_bytes()
    ]


@pytest.mark.parametrize("words", ["short", "a long comment " * 2000])
def test_scrubbing_leaves_no_erased_byte_in_any_file(sqlite_library: Library, words: str) -> None:
    library = sqlite_library
    library.capture(*(f"others {n}" for n in range(30)))
    _, gone, _ = library.capture("before", words, "after", attachment=b"picture")
    library.edit(gone, words.upper())
    sealed, data_key = _schema.sealed, _schema.data_key
    with library.archive.read() as reader:
        seqs = [entry.seq for entry in reader.history(gone.subject)]
        query = select(sealed.c.ciphertext).where(sealed.c.seq.in_(seqs))
        needles = [bytes(data) for data in reader.conn.execute(query).scalars()]
        query = select(data_key.c.wrapped).where(data_key.c.subject == gone.subject)
        needles.append(bytes(reader.conn.execute(query).scalar_one()))
        ((_, parts),) = reader.open([gone])
        assert parts is not None
        blob = parts.get("attachment/0/blob") or ""
    pieces = [needle[at : at + 24] for needle in needles for at in range(0, len(needle) - 24, 500)]
    assert len(pieces) >= 3
    assert all(holding(library.folder, piece) for piece in pieces)
    library.dispose(gone.subject)
    library.archive.scrub()
    assert [holding(library.folder, piece) for piece in pieces] == [[]] * len(pieces)
    assert list((library.folder / "blobs").rglob(blob)) == []
    assert library.verify().ok


def test_scrubbing_works_on_every_database_and_removes_orphans(library: Library) -> None:
    kept, gone = library.capture("kept", "gone", attachment=b"picture")
    orphan = library.folder / "blobs" / "00" / "00ff"
    orphan.parent.mkdir(exist_ok=True)
    orphan.touch()
    library.dispose(gone.subject)
    library.archive.scrub()
    library.archive.scrub()
    assert not orphan.exists()
    with library.archive.read() as reader:
        assert [parts is None for _, parts in reader.open([kept, gone])] == [False, True]
    assert library.verify().ok


def test_scrubbing_waits_for_nobody_but_says_so(
    sqlite_library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A reader of an older moment keeps the write-ahead log from being emptied."""
    monkeypatch.setattr("archive._store.BUSY_SECONDS", 0)
    with sqlite_library.again() as reading, reading.read() as reader:
        assert reader.head.size == 2
        sqlite_library.archive.close()
        with sqlite_library.again() as archive, pytest.raises(StorageError) as error:
            archive.scrub()
    assert error.value.hint


def test_a_full_disk_takes_the_batch_back(sqlite_library: Library) -> None:
    library = sqlite_library
    library.capture("before")
    size = library.size()
    with library.archive.engine.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages + 5}")
    with pytest.raises(StorageError, match="full") as error:
        library.capture(*(f"{n} words " * 500 for n in range(200)))
    assert "make room" in error.value.hint
    library.archive.close()
    assert library.size() == size
    assert library.verify().ok


def test_a_busy_database_is_a_storage_error(
    sqlite_library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("archive._store.BUSY_SECONDS", 0)
    with sqlite_library.again() as other, sqlite_library.archive.write(sqlite_library.ada):
        with pytest.raises(StorageError, match="is writing to the archive") as error:
            Library(other, sqlite_library.clock, sqlite_library.ada).capture("x")
        assert "wait for it" in error.value.hint


def test_maintenance_decides_nothing() -> None:
    with pytest.raises(Refused, match="maintenance"):
        _archive._NoOne().sign(b"x")


def test_attachments_of_a_commit_whose_answer_was_lost_stay(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    lost = library.archive.engine.dialect.loaded_dbapi.OperationalError("lost connection")

    def do_commit(connection: Any) -> None:
        connection.commit()
        monkeypatch.undo()
        raise lost

    monkeypatch.setattr(library.archive.engine.dialect, "do_commit", do_commit)
    with pytest.raises(StorageError):
        library.capture("hello", attachment=b"a picture")
    with library.archive.read() as reader:
        [captured] = list(reader.entries(types={"record.captured"}))
        [(_, sealed)] = reader.open([captured])
        assert sealed is not None
        blob = sealed.get("attachment/0/blob")
        assert blob is not None
        assert b"".join(reader.open_blob(captured.subject, blob)) == b"a picture"
    assert library.verify().ok


def test_attachments_of_a_failed_transaction_go(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise StorageError("the disk is full")

    monkeypatch.setattr(Writer, "finish", fail)
    with pytest.raises(StorageError):
        library.capture("hello", attachment=b"a picture")
    assert [path for path in library.archive.blob_folder.rglob("*") if path.is_file()] == []


def test_what_killed_commands_left_is_removed(library: Library) -> None:
    library.capture("hello", attachment=b"a picture")
    kept = sorted(path for path in library.folder.rglob("*") if path.is_file())
    for name in ("blobs/.n/.new.7.0badc0de", "keys/.log.key.0badc0de.tmp", f"blobs/0b/{'0b' * 32}"):
        left = library.folder / name
        left.parent.mkdir(exist_ok=True)
        left.write_bytes(b"half of someth")
    (library.folder / ".muniment.toml.0badc0de.tmp").touch()
    library.archive.tidy()
    assert sorted(path for path in library.folder.rglob("*") if path.is_file()) == kept


def test_public_keys_in_the_folder_are_put_right(library: Library) -> None:
    public = library.folder / "keys" / f"{library.ada.actor}.pub"
    before = public.read_text()
    public.unlink()
    library.archive.tidy()
    assert public.read_text() == before
