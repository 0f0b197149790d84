from itertools import count
from pathlib import Path

import pytest

from archive import Archive, KeyProblem, _files, keys, protect, rotate_vault
from archive import _keyfiles as keyfiles
from archive._keyfiles import LOG, NEW, VAULT
from tests.archive.library import Library
from tests.archive.test_rotation import Stop, is_protected, stopped_at

WORD, OTHER = b"tulip", b"rose"


def opened(library: Library, passphrase: bytes | None) -> Archive:
    return Archive.open(library.folder, clock=library.clock, passphrase=lambda _: passphrase)


def works_with(library: Library, passphrase: bytes | None) -> None:
    """Reading needs the vault key, writing the log key."""
    with opened(library, passphrase) as archive, archive.write(library.ada) as writer:
        writer.capture([library.draft(writer)], library.run, {})


def test_a_passphrase_is_set_changed_and_taken_away(library: Library) -> None:
    where = library.folder / "keys"
    secrets = {name: keys.load_secret(where / name, name) for name in (LOG, VAULT)}
    now: bytes | None = None
    for word in (WORD, OTHER, None):
        with opened(library, now) as archive:
            protect(archive, word)
        works_with(library, word)
        for name in (LOG, VAULT):
            assert keys.load_secret(where / name, name, word) == secrets[name]
            assert is_protected(where / name) == (word is not None)
            assert (where / name).stat().st_mode & 0o777 == 0o600
        if word:
            for wrong in (now, b"wrong"):
                with pytest.raises(KeyProblem):
                    opened(library, wrong)
        now = word
    assert not (where / "passphrase.new").exists()


def test_a_vault_key_that_is_being_replaced_is_protected_as_well(library: Library) -> None:
    with pytest.raises(Stop):
        rotate_vault(library.archive, library.ada, stopped_at(0))
    protect(library.archive, WORD)
    assert is_protected(library.folder / "keys" / (VAULT + NEW))
    works_with(library, WORD)
    with opened(library, WORD) as archive:
        rotate_vault(archive, library.ada)
    works_with(library, WORD)


def test_a_missing_key_cannot_be_protected(library: Library) -> None:
    (library.folder / "keys" / LOG).unlink()
    with pytest.raises(KeyProblem, match="missing"):
        protect(library.archive, WORD)
    assert not is_protected(library.folder / "keys" / VAULT)


@pytest.mark.parametrize(("now", "then"), [(None, WORD), (WORD, OTHER), (WORD, None)])
@pytest.mark.parametrize("rotating", [False, True])
def test_whenever_it_is_interrupted_one_passphrase_opens_everything(
    library: Library,
    monkeypatch: pytest.MonkeyPatch,
    now: bytes | None,
    then: bytes | None,
    rotating: bool,
) -> None:
    protect(library.archive, now)
    if rotating:
        with opened(library, now) as archive, pytest.raises(Stop):
            rotate_vault(archive, library.ada, stopped_at(0))
    write, unlink, left = _files.write_durably, Path.unlink, 0

    def passing() -> None:
        nonlocal left
        if left == 0:
            raise Stop
        left -= 1

    def write_durably(path: Path, data: bytes, mode: int = 0o644) -> None:
        passing()
        write(path, data, mode)
        passing()

    def unlinked(path: Path, missing_ok: bool = False) -> None:
        passing()
        unlink(path, missing_ok)

    for steps in count():
        left = steps
        with monkeypatch.context() as patch, opened(library, now) as archive:
            patch.setattr(keyfiles, "write_durably", write_durably)
            patch.setattr(Path, "unlink", unlinked)
            try:
                protect(archive, then)
            except Stop:
                pass
            else:
                break
        works = then if opens(library, then) else now
        assert steps == 0 or works == then
        works_with(library, works)
        with opened(library, works) as archive:
            protect(archive, now)
    works_with(library, then)
    assert steps == (9 if rotating else 7)


def opens(library: Library, passphrase: bytes | None) -> bool:
    try:
        opened(library, passphrase).close()
    except KeyProblem:
        return False
    return True


def test_a_damaged_change_of_the_passphrase_is_said(library: Library) -> None:
    change = library.folder / "keys" / "passphrase.new"
    for data in (b"", b"[]", b"5", b'{"log.key": 5}'):
        change.write_bytes(data)
        change.chmod(0o600)
        with pytest.raises(KeyProblem, match="damaged"):
            works_with(library, None)
    change.unlink()
    works_with(library, None)
