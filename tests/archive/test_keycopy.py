import json
from base64 import b64decode, b64encode
from pathlib import Path
from typing import Any

import pytest

from archive import (
    KeyCopy,
    KeyProblem,
    Refused,
    StorageError,
    UsageError,
    _keycopy,
    keys,
    read_copy,
    restore_keys,
    rotate_log,
    rotate_vault,
    write_copy,
)
from archive._keyfiles import LOG, LOG_PUBLIC, NEW, VAULT
from tests.archive.library import Library
from tests.archive.test_rotation import Stop, stopped_at, works

WORD = b"correct horse"


def copied(library: Library, name: str = "copy") -> KeyCopy:
    return write_copy(library.archive, library.folder.with_name(name), WORD)


def key_files(library: Library) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (library.folder / "keys").iterdir()}


def lose(library: Library, *names: str) -> None:
    for name in names:
        (library.folder / "keys" / name).unlink()


def test_a_copy_holds_what_was_put_in(library: Library) -> None:
    copy = copied(library)
    path = library.folder.with_name("copy")
    assert read_copy(path, WORD) == copy
    assert path.stat().st_mode & 0o777 == 0o600
    assert (copy.archive_id, copy.origin) == (library.archive.config.id, library.archive.origin)
    assert copy.log_key == library.archive.log_key
    assert copy.secrets.keys() == {LOG, VAULT}
    data = path.read_bytes()
    for secret in copy.secrets.values():
        assert secret.hex().encode() not in data
        assert b64encode(secret) not in data


def test_no_file_is_ever_overwritten(library: Library) -> None:
    path = library.folder.with_name("copy")
    path.write_text("precious")
    with pytest.raises(UsageError, match="there already"):
        copied(library)
    assert path.read_text() == "precious"


def test_a_copy_that_cannot_be_written_leaves_nothing(library: Library) -> None:
    with pytest.raises(StorageError, match="no such file or folder"):
        write_copy(library.archive, library.folder / "no" / "copy", WORD)


def test_the_copys_passphrase_is_needed(library: Library) -> None:
    copied(library)
    for word in (b"wrong", b""):
        with pytest.raises(KeyProblem, match="wrong passphrase"):
            read_copy(library.folder.with_name("copy"), word)


@pytest.mark.parametrize(
    "changes",
    [
        {"archive": "other"},
        {"name": "other"},
        {"origin": "other/log"},
        {"made": "2020"},
        {"protected": True},
        {"log_key": "other"},
        {"extra": 1},
        {"n": 2**11},
        {"salt": "AAAA"},
        {"nonce": "AAAAAAAAAAAAAAAA"},
        {"n": 2**30},
        {"n": 1000},
        {"n": "many"},
        {"n": 1.5},
        {"r": None},
        {"kdf": "none"},
        {"kind": "letter"},
        {"format": 2},
        {"name": 5},
        {"secret": "???"},
        {"secret": None},
        {"salt": None},
    ],
)
def test_a_changed_copy_is_refused(sqlite_library: Library, changes: dict[str, Any]) -> None:
    copied(sqlite_library)
    path = sqlite_library.folder.with_name("copy")
    document = json.loads(path.read_bytes()) | changes
    path.write_text(json.dumps({k: v for k, v in document.items() if v is not None}))
    with pytest.raises(KeyProblem, match=r"wrong passphrase|or damaged"):
        read_copy(path, WORD)


def test_what_is_no_copy_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "copy"
    with pytest.raises(KeyProblem, match="cannot be read"):
        read_copy(path, WORD)
    with pytest.raises(KeyProblem, match="cannot be read"):
        read_copy(tmp_path, WORD)
    for data in (b"", b"[]", b"5", b"\xff", b"{}", b'{"kind": "muniment key copy"}', b"[" * 9999):
        path.write_bytes(data)
        with pytest.raises(KeyProblem, match="not a copy"):
            read_copy(path, WORD)


def test_other_secrets_than_an_archives_are_refused(sqlite_library: Library) -> None:
    copy = copied(sqlite_library)
    for secrets in ({}, {LOG: bytes(32)}, {LOG: b"short", VAULT: bytes(32)}, {"../x": bytes(32)}):
        path = sqlite_library.folder.with_name("other")
        bare = _keycopy._seal(copy, WORD)
        document = json.loads(bare)
        path.write_bytes(resealed(document, secrets))
        with pytest.raises(KeyProblem, match="not a copy"):
            read_copy(path, WORD)


def resealed(document: dict[str, Any], secrets: dict[str, bytes]) -> bytes:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    from archive import canonical_json

    header = {name: value for name, value in document.items() if name != "secret"}
    key = keys.stretch(WORD, b64decode(document["salt"]), **_keycopy._COST)
    plain = json.dumps({k: b64encode(v).decode() for k, v in secrets.items()}).encode()
    bound = b"muniment key copy v1\n" + canonical_json(header)
    sealed = AESGCM(key).encrypt(b64decode(document["nonce"]), plain, bound)
    return json.dumps(header | {"secret": b64encode(sealed).decode()}).encode()


def test_lost_keys_are_put_back(library: Library) -> None:
    library.capture("hello")
    copy = copied(library)
    before = key_files(library)
    lose(library, LOG, VAULT, LOG_PUBLIC)
    assert restore_keys(library.folder, copy) == [LOG, VAULT]
    assert key_files(library).keys() == before.keys()
    for name in (LOG, VAULT):
        assert keys.load_secret(library.folder / "keys" / name, name) == copy.secrets[name]
        assert (library.folder / "keys" / name).stat().st_mode & 0o777 == 0o600
    works(library, "hello")
    library.capture("again")
    assert library.verify().ok


def test_keys_that_are_there_are_left_alone(library: Library) -> None:
    copy = copied(library)
    before = key_files(library)
    assert restore_keys(library.folder, copy, b"tulip") == []
    assert key_files(library) == before


def test_damaged_and_wrong_keys_are_put_aside(library: Library) -> None:
    copy = copied(library)
    where = library.folder / "keys"
    (where / LOG).write_bytes(b"noise")
    (where / VAULT).unlink()
    keys.create_secret(where / VAULT)
    assert restore_keys(library.folder, copy) == [LOG, VAULT]
    assert (where / f"{LOG}.aside").read_bytes() == b"noise"
    assert (where / f"{VAULT}.aside").exists()
    works(library)


def test_what_is_put_back_gets_the_passphrase_of_what_is_there(library: Library) -> None:
    copy = copied(library)
    where = library.folder / "keys"
    keys.write_secret(where / VAULT, copy.secrets[VAULT], b"tulip")
    lose(library, LOG)
    with pytest.raises(KeyProblem, match="wrong passphrase") as error:
        restore_keys(library.folder, copy, WORD, lambda _: b"rose")
    assert "move the file away" in error.value.hint
    with pytest.raises(KeyProblem, match="protected by a passphrase"):
        restore_keys(library.folder, copy, WORD)
    assert not (where / LOG).exists()
    assert restore_keys(library.folder, copy, WORD, lambda _: b"tulip") == [LOG]
    assert keys.load_secret(where / LOG, LOG, b"tulip") == copy.secrets[LOG]


def test_keys_of_another_archive_are_refused(library: Library, tmp_path: Path) -> None:
    other = Library.found(tmp_path / "other", library.clock)
    with other.archive:
        copy = copied(other, "copy of other")
    lose(library, VAULT)
    with pytest.raises(KeyProblem, match="another archive, Town Library"):
        restore_keys(library.folder, copy)
    mine = KeyCopy(library.archive.config.id, "x", library.archive.origin, "", False, copy.secrets)
    with pytest.raises(KeyProblem, match="none of this archive's"):
        restore_keys(library.folder, mine)
    log_key = {LOG: keys.load_secret(library.folder / "keys" / LOG, LOG)}
    mixed = KeyCopy(mine.archive_id, "x", mine.origin, "", False, {**copy.secrets, **log_key})
    with pytest.raises(KeyProblem, match="vault key in the copy is not this archive's"):
        restore_keys(library.folder, mixed)
    assert not (library.folder / "keys" / VAULT).exists()


def test_keys_that_were_replaced_are_not_put_back(library: Library) -> None:
    copy = copied(library)
    rotate_vault(library.archive, library.ada)
    newer = copied(library, "newer")
    lose(library, VAULT)
    with pytest.raises(Refused, match="vault key was replaced"):
        restore_keys(library.folder, copy)
    with pytest.raises(KeyProblem, match="missing"):
        library.again()
    assert restore_keys(library.folder, newer) == [VAULT]
    rotate_log(library.archive, library.ada)
    with pytest.raises(Refused, match="log key was replaced by entry"):
        restore_keys(library.folder, newer)


def test_both_vault_keys_are_in_a_copy_made_half_way(library: Library) -> None:
    library.capture("hello")
    before = copied(library, "before")
    with pytest.raises(Stop):
        rotate_vault(library.archive, library.ada, stopped_at(0))
    copy = copied(library)
    assert copy.secrets.keys() == {LOG, VAULT, VAULT + NEW}
    lose(library, VAULT, VAULT + NEW)
    with pytest.raises(KeyProblem, match="not this archive's"):
        restore_keys(library.folder, before)
    assert restore_keys(library.folder, copy) == [VAULT, VAULT + NEW]
    works(library, "hello")
    lose(library, VAULT)
    assert restore_keys(library.folder, before) == [VAULT]
    works(library, "hello")
    rotate_vault(library.archive, library.ada)
    lose(library, VAULT)
    assert restore_keys(library.folder, copy) == [VAULT]
    assert not (library.folder / "keys" / (VAULT + NEW)).exists()
    works(library, "hello")


def test_a_copy_is_put_into_a_folder(library: Library, tmp_path: Path) -> None:
    copy = copied(library)
    (tmp_path / "new" / "keys").mkdir(parents=True)
    copy.put(tmp_path / "new", b"tulip")
    for name in (LOG, VAULT):
        loaded = keys.load_secret(tmp_path / "new" / "keys" / name, name, b"tulip")
        assert loaded == copy.secrets[name]
    public = (tmp_path / "new" / "keys" / LOG_PUBLIC).read_text()
    assert public == f"{library.archive.log_key}\n"
