import pytest

from archive import KeyState, key_states, keys, protect, rotate_log, rotate_vault
from archive._keyfiles import LOG, NEW, VAULT
from tests.archive.library import Library
from tests.archive.test_rotation import Stop, stopped_at


def vault_name(library: Library, file: str = VAULT) -> str:
    return keys.name_of(keys.load_secret(library.folder / "keys" / file, "vault key"))


def told(states: list[KeyState]) -> list[tuple[str, str, str, str, int | None]]:
    return [(one.kind, one.name, one.file, one.state, one.since) for one in states]


def test_a_new_archive_has_two_keys(library: Library) -> None:
    states = key_states(library.archive)
    assert told(states) == [
        ("log", library.archive.log_key.key_id.hex(), LOG, "in use", 1),
        ("vault", vault_name(library), VAULT, "in use", 1),
    ]
    assert {one.at for one in states} == {library.clock.now}
    assert {one.protected for one in states} == {False}


def test_replaced_keys_stay_known(library: Library) -> None:
    first = library.archive.log_key.key_id.hex()
    rotate_log(library.archive, library.ada)
    rotate_vault(library.archive, library.ada)
    rotate_vault(library.archive, library.ada)
    protect(library.archive, b"tulip")
    library.archive.key_files._passphrase = lambda _: b"tulip"
    states = told(key_states(library.archive))
    assert states[0] == ("log", first, "", "replaced", 1)
    assert states[1][2:] == (LOG, "in use", 2)
    assert [state[2:] for state in states[2:]] == [
        ("", "replaced", 1),
        ("", "replaced", 3),
        (VAULT, "in use", 4),
    ]
    assert [one.protected for one in key_states(library.archive)][1::3] == [True, True]


@pytest.mark.parametrize("stop", [0, -1])
def test_a_key_that_is_being_replaced_is_shown(library: Library, stop: int) -> None:
    steps: list[str] = []
    rotate_vault(library.archive, library.ada, lambda stage, *_: steps.append(stage))
    before = vault_name(library)
    with pytest.raises(Stop):
        rotate_vault(library.archive, library.ada, stopped_at(len(steps) - 1 if stop else 0))
    new = vault_name(library, VAULT + NEW)
    expected = (
        [(before, VAULT, "in use", 2), (new, VAULT + NEW, "being put in place", None)]
        if stop == 0
        else [(before, VAULT, "being replaced", 2), (new, VAULT + NEW, "in use", 3)]
    )
    assert [state[1:] for state in told(key_states(library.archive))[2:]] == expected


def test_a_missing_file_is_a_state(library: Library) -> None:
    (library.folder / "keys" / LOG).unlink()
    log, vault = key_states(library.archive)
    assert "missing" in log.state
    assert log.protected is None
    assert vault.state == "in use"
