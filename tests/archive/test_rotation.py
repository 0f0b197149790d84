"""Replacing the archive's own keys, interrupted at every step, while others go on."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import select

from archive import (
    Archive,
    KeyProblem,
    Reader,
    Refused,
    StorageError,
    VerificationError,
    _rotation,
    _schema,
    actors,
    keys,
    rotate_log,
    rotate_vault,
    vault_rotation_under_way,
    verify,
)
from archive._keyfiles import LOG, NEW, VAULT, KeyFiles
from archive._store import reading
from archive._vault import Vault
from archive.notes import Note
from tests.archive.library import Library


class Stop(Exception):
    """Somebody pulled the plug."""


def folder(library: Library) -> Path:
    return library.folder / "keys"


def signers(library: Library, size: int | None = None) -> list[bytes]:
    """Key ids on a checkpoint."""
    with library.archive.read() as reader:
        return [line.key_id for line in Note.parse(reader.checkpoint(size)).signatures]


def key_id(library: Library) -> bytes:
    return library.archive.log_keys()[-1].key_id


def secret(library: Library, name: str) -> bytes:
    return keys.load_secret(folder(library) / name, name)


def opened_by(library: Library, key: bytes) -> int:
    """How many data keys of the database a vault key opens."""
    with reading(library.archive.engine) as connection:
        vault, table = Vault(connection, key), _schema.data_key
        rows = connection.execute(select(table.c.subject, table.c.wrapped)).fetchall()
        return sum(vault.opens(subject, bytes(wrapped)) for subject, wrapped in rows)


def texts(archive: Archive) -> list[str]:
    with archive.read() as reader:
        entries = list(reader.entries(types={"record.captured"}))
        return [sealed.text() for _, sealed in reader.open(entries) if sealed is not None]


def works(library: Library, *expected: str) -> None:
    """Both for somebody who had the archive open, and for a newcomer."""
    assert texts(library.archive) == list(expected)
    with library.again() as archive:
        assert texts(archive) == list(expected)


def moderator(library: Library) -> keys.ActorKey:
    key = Ed25519PrivateKey.generate()
    with library.archive.write(library.ada) as writer:
        added = actors.add(writer, "mo", keys.public_bytes(key), ["moderator"])
    return keys.ActorKey(added.id, key)


def test_a_new_log_key_is_vouched_for_by_the_old_one(library: Library) -> None:
    old = key_id(library)
    library.capture("before")
    new = rotate_log(library.archive, library.ada).key_id
    size = library.size()
    assert signers(library) == [old, new]
    library.capture("after")
    assert signers(library) == [new]
    assert signers(library, size - 1) == [old]
    assert [key.key_id for key in library.archive.log_keys()] == [old, new]
    assert library.archive.log_key.key_id == new
    assert not (folder(library) / (LOG + NEW)).exists()
    assert library.verify().ok


def test_a_log_key_is_replaced_again_and_again(library: Library) -> None:
    for _ in range(3):
        rotate_log(library.archive, library.ada)
    library.capture("after")
    assert len(set(library.archive.log_keys())) == 4
    assert library.verify().ok


def test_somebody_who_had_the_archive_open_signs_with_the_new_log_key(library: Library) -> None:
    with library.again() as other:
        rotate_log(other, library.ada)
    library.capture("after")
    assert signers(library) == [key_id(library)]


def test_a_log_key_with_a_passphrase_keeps_it(tmp_path: Path) -> None:
    key = Ed25519PrivateKey.generate()
    with Archive.create(
        tmp_path / "a", name="x", actor_name="ada", actor_key=key, passphrase=b"tulip"
    ) as archive:
        with archive.read() as reader:
            ada = keys.ActorKey(actors.by_name(reader, "ada").id, key)
        rotate_log(archive, ada)
        rotate_vault(archive, ada)
    for name in (LOG, VAULT):
        assert is_protected(tmp_path / "a" / "keys" / name)
        keys.load_secret(tmp_path / "a" / "keys" / name, name, b"tulip")


def test_only_officers_and_directors_replace_keys(library: Library) -> None:
    somebody = moderator(library)
    for rotate in (rotate_log, rotate_vault):
        with pytest.raises(Refused, match="officer or a director"):
            rotate(library.archive, somebody)
    assert sorted(path.name for path in folder(library).glob("*.key*")) == [LOG, VAULT]


def is_protected(path: Path) -> bool:
    """Whether a key file has a passphrase."""
    return bool(json.loads(path.read_bytes())["kdf"] != "none")


def stopping(*_: object, **__: object) -> None:
    raise Stop


def test_a_log_key_that_the_log_never_heard_of_is_dropped(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = key_id(library)
    with monkeypatch.context() as patch:
        patch.setattr("archive._log.Writer.finish", stopping)
        with pytest.raises(Stop):
            rotate_log(library.archive, library.ada)
    assert (folder(library) / (LOG + NEW)).exists()
    library.capture("after")
    assert signers(library) == [old]
    assert not (folder(library) / (LOG + NEW)).exists()
    assert library.verify().ok


@pytest.mark.parametrize(
    "seam",
    [
        "archive._rotation.Reader",
        "archive._keyfiles.KeyFiles.settle_log_key",
        "archive._keyfiles.sync_folder",
        "archive._keyfiles.write_durably",
    ],
)
def test_a_log_key_that_the_log_names_is_put_in_place_by_the_next_writer(
    library: Library, monkeypatch: pytest.MonkeyPatch, seam: str
) -> None:
    """Stopped after the commit: before the new key is renamed, after it, and before log.pub."""
    old, settle = key_id(library), KeyFiles.settle_log_key

    def second(files: KeyFiles, reader: Reader, archive_id: str) -> None:
        if (files.folder / (LOG + NEW)).exists():
            raise Stop
        settle(files, reader, archive_id)

    with monkeypatch.context() as patch:
        patch.setattr(seam, second if seam.endswith("settle_log_key") else stopping)
        with pytest.raises(Stop):
            rotate_log(library.archive, library.ada)
    assert key_id(library) != old
    library.capture("after")
    assert signers(library) == [key_id(library)]
    assert library.archive.log_key == library.archive.log_keys()[-1]
    assert not (folder(library) / (LOG + NEW)).exists()
    assert library.verify().ok


def test_a_lost_public_key_of_the_log_is_written_again(library: Library) -> None:
    public = folder(library) / "log.pub"
    held = public.read_bytes()
    public.unlink()
    library.capture("hello")
    assert public.read_bytes() == held
    public.write_text("altered")
    library.capture("hello again")
    assert public.read_text() == "altered"


def test_a_new_vault_key_opens_everything_and_the_old_one_nothing(library: Library) -> None:
    library.capture("one", "two", attachment=b"picture")
    old = secret(library, VAULT)
    made = rotate_vault(library.archive, library.ada)
    assert (made.resumed, made.damaged) == (False, ())
    assert made.key == keys.name_of(secret(library, VAULT))
    assert opened_by(library, old) == 0
    works(library, "one", "two")
    library.capture("three")
    works(library, "one", "two", "three")
    assert opened_by(library, old) == 0
    with library.archive.read() as reader:
        (entry,) = reader.history(library.archive.config.id, {"vault.rekeyed"})
    assert entry.data == {"key": made.key}
    assert not vault_rotation_under_way(library.archive)
    with pytest.raises(VerificationError, match="another vault key"):
        with_key(library, old)
    assert library.verify().ok


def with_key(library: Library, key: bytes) -> None:
    """Open a copy of the archive's folder with a stolen vault key."""
    stolen = library.folder.with_name("stolen")
    shutil.copytree(library.folder, stolen)
    (stolen / "keys" / VAULT).unlink()
    keys.write_secret(stolen / "keys" / VAULT, key)
    Archive.open(stolen).close()


def test_no_wrap_of_the_old_vault_key_is_left_in_any_file(sqlite_library: Library) -> None:
    library = sqlite_library
    library.capture(*[f"comment {number}" for number in range(300)])
    with library.archive.read() as reader:
        table = _schema.data_key
        wraps = [bytes(row) for row in reader.conn.execute(select(table.c.wrapped)).scalars()]
    rotate_vault(library.archive, library.ada)
    for path in library.folder.glob("archive.db*"):
        data = path.read_bytes()
        assert not any(wrap[:12] in data for wrap in wraps), path
    assert len(wraps) > 300


def steps_of(library: Library) -> list[str]:
    """Where a rotation of this archive can be stopped; it is run for that."""
    seen: list[str] = []
    rotate_vault(library.archive, library.ada, lambda stage, *_: seen.append(stage))
    return seen


def stopped_at(number: int) -> Callable[[str, int, int], None]:
    left = [number]

    def told(_stage: str, _done: int, _total: int) -> None:
        if left[0] == 0:
            raise Stop
        left[0] -= 1

    return told


@pytest.fixture
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_rotation, "_BATCH", 3)


@pytest.mark.usefixtures("small_batches")
def test_a_rotation_goes_on_wherever_it_was_stopped_and_others_work_meanwhile(
    library: Library,
) -> None:
    library.capture("0", "1", "2", "3", "4")
    expected = ["0", "1", "2", "3", "4"]
    stops = len(steps_of(library))
    assert stops > 8
    with library.again() as other:
        for number in range(stops):
            old = secret(library, VAULT)
            with pytest.raises(Stop):
                rotate_vault(library.archive, library.ada, stopped_at(number))
            assert vault_rotation_under_way(other)
            works(library, *expected)
            assert texts(other) == expected
            with other.write(library.ada) as writer:
                draft = library.draft(writer, f"during {number}")
                writer.capture([draft], library.run, {})
            library.capture(f"and {number}")
            library.dispose(draft.subject)
            expected.append(f"and {number}")
            works(library, *expected)
            assert rotate_vault(library.archive, library.ada).resumed
            assert opened_by(library, old) == 0
            works(library, *expected)
            assert texts(other) == expected
    assert library.verify().ok
    assert library.archive.differing_tables() == []


@pytest.mark.usefixtures("small_batches")
def test_nobody_ever_wraps_with_the_old_key_once_the_new_one_is_in_force(
    library: Library,
) -> None:
    library.capture("before")
    old = secret(library, VAULT)
    with library.again() as other:
        assert texts(other) == ["before"]
        with pytest.raises(Stop):
            rotate_vault(library.archive, library.ada, stopped_at(0))
        held = opened_by(library, old)
        with other.write(library.ada) as writer:
            writer.capture([library.draft(writer, "during")], library.run, {})
        assert opened_by(library, old) == held
        assert texts(other) == ["before", "during"]


def test_a_rotation_that_was_stopped_before_it_began_is_none(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    library.capture("before")
    old = secret(library, VAULT)
    with monkeypatch.context() as patch:
        patch.setattr("archive._rotation._Rotation.rewrap", stopping)
        with pytest.raises(Stop):
            rotate_vault(library.archive, library.ada)
    library.capture("after")
    works(library, "before", "after")
    assert opened_by(library, old) > 0
    made = rotate_vault(library.archive, library.ada)
    assert not made.resumed
    assert opened_by(library, old) == 0
    works(library, "before", "after")


def test_a_file_that_cannot_be_renamed_is_renamed_next_time(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    library.capture("before")
    old = secret(library, VAULT)
    with monkeypatch.context() as patch:
        patch.setattr(_rotation, "_put_in_place", stopping)
        with pytest.raises(Stop):
            rotate_vault(library.archive, library.ada)
    assert opened_by(library, old) == 0
    assert secret(library, VAULT) == old
    works(library, "before")
    made = rotate_vault(library.archive, library.ada)
    assert (made.resumed, made.rewrapped) == (True, 0)
    assert secret(library, VAULT) != old
    with library.archive.read() as reader:
        assert len(reader.history(library.archive.config.id, {"vault.rekeyed"})) == 1


def test_a_damaged_data_key_does_not_stop_a_rotation(library: Library) -> None:
    hurt, _ = library.capture("one", "two")[:2]
    library.tamper(
        "UPDATE data_key SET wrapped = :wrapped WHERE subject = :subject",
        wrapped=bytes(60),
        subject=hurt.subject,
    )
    old = secret(library, VAULT)
    assert rotate_vault(library.archive, library.ada).damaged == (hurt.subject,)
    assert opened_by(library, old) == 0


def test_a_verification_that_a_rotation_overtakes_blames_nobody(library: Library) -> None:
    library.capture("one", attachment=b"picture")

    def overtaken(_done: int, _of: int) -> None:
        if not vault_rotation_under_way(other):
            with pytest.raises(Stop):
                rotate_vault(other, library.ada, stopped_at(2))

    replaced = pytest.raises(StorageError, match="replaced while the archive was verified")
    with library.again() as other, replaced:
        verify(library.archive, overtaken)
    assert library.verify().ok
    rotate_vault(library.archive, library.ada)
    assert library.verify().ok


def test_a_vault_key_that_is_lost_half_way_is_missed(library: Library) -> None:
    library.capture("before")
    with pytest.raises(Stop):
        rotate_vault(library.archive, library.ada, stopped_at(0))
    (folder(library) / VAULT).unlink()
    with library.again() as archive, pytest.raises(KeyProblem, match=r"vault\.key is missing"):
        rotate_vault(archive, library.ada)


def test_what_the_disk_refuses_stops_a_rotation_that_can_go_on(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    library.capture("before")

    def busy(_: Archive) -> None:
        raise StorageError("another command reads it")

    with monkeypatch.context() as patch:
        patch.setattr(Archive, "scrub", busy)
        with pytest.raises(StorageError):
            rotate_vault(library.archive, library.ada)
    works(library, "before")
    assert vault_rotation_under_way(library.archive)
    assert rotate_vault(library.archive, library.ada).resumed
    assert not vault_rotation_under_way(library.archive)
