from itertools import pairwise

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from archive import KeyProblem, VerificationError, keys
from archive._logkeys import log_keys, signers_of
from archive.notes import COSIGNATURE, Note, NoteKey
from tests.archive.library import Library

KEYS = [NoteKey("a/log", bytes([number]) * 32) for number in range(6)]


def test_an_archive_begins_with_one_key_of_its_log(library: Library) -> None:
    with library.archive.read() as reader:
        assert log_keys(reader, library.archive.config.id) == ((1, library.archive.log_key),)
    assert library.archive.log_keys() == (library.archive.log_key,)


def test_the_first_checkpoint_is_signed_by_the_first_key() -> None:
    assert signers_of([(1, KEYS[0])], 0, 2) == (KEYS[0],)
    assert signers_of([], 0, 2) == ()


def test_the_checkpoint_after_a_new_key_is_signed_by_both() -> None:
    named = [(1, KEYS[0]), (5, KEYS[1]), (9, KEYS[2])]
    assert signers_of(named, 2, 5) == (KEYS[0],)
    assert signers_of(named, 5, 6) == (KEYS[0], KEYS[1])
    assert signers_of(named, 4, 8) == (KEYS[0], KEYS[1])
    assert signers_of(named, 6, 9) == (KEYS[1],)
    assert signers_of(named, 2, 20) == (KEYS[0], KEYS[1], KEYS[2])


@given(
    st.sets(st.integers(2, 40), max_size=5),
    st.sets(st.integers(2, 45), min_size=1, max_size=20),
)
def test_every_key_signs_the_first_checkpoint_after_it_and_the_chain_never_breaks(
    rekeyed: set[int], sizes: set[int]
) -> None:
    named = list(zip([1, *sorted(rekeyed)], KEYS, strict=False))
    ordered = sorted(sizes)
    signers = [
        signers_of(named, before, size)
        for before, size in zip([0, *ordered], ordered, strict=False)
    ]
    for size, signed in zip(ordered, signers, strict=True):
        assert signed[-1] == [key for seq, key in named if seq < size][-1]
    for before, after in pairwise(signers):
        assert before[-1] == after[0]
    for seq, key in named:
        first = next((at for at, size in enumerate(ordered) if size > seq), None)
        assert first is None or key in signers[first]


@pytest.mark.parametrize(
    ("type_", "log_key", "problem"),
    [
        ("archive.created", str(NoteKey("a/log", bytes(32))), "not in its place"),
        ("log.rekeyed", "", "verifier key"),
        ("log.rekeyed", None, "verifier key"),
        ("log.rekeyed", str(NoteKey("b/log", bytes(32))), "another name"),
        ("log.rekeyed", str(NoteKey("a/log", bytes(32), COSIGNATURE)), "no key that signs"),
    ],
)
def test_a_log_that_names_its_keys_wrongly(
    sqlite_library: Library, type_: str, log_key: str | None, problem: str
) -> None:
    identity = sqlite_library.archive.config.id
    with pytest.raises(VerificationError, match=problem):
        sqlite_library.decide(type_, identity, {} if log_key is None else {"log_key": log_key})
    assert sqlite_library.size() == 2


def test_nothing_is_signed_with_a_key_that_the_log_does_not_name(library: Library) -> None:
    (library.folder / "keys" / "log.key").unlink()
    keys.create_secret(library.folder / "keys" / "log.key")
    with pytest.raises(KeyProblem, match="not the log's newest key") as error:
        library.capture("hello")
    assert "key restore" in error.value.hint
    assert library.size() == 2


def test_a_key_that_nobody_has_cannot_be_announced(library: Library) -> None:
    other = NoteKey(library.archive.origin, keys.public_bytes(Ed25519PrivateKey.generate()))
    with library.archive.read() as reader:
        before = Note.parse(reader.checkpoint())
    with pytest.raises(KeyProblem, match="not the log's newest key"):
        library.decide("log.rekeyed", library.archive.config.id, {"log_key": str(other)})
    with library.archive.read() as reader:
        assert Note.parse(reader.checkpoint()) == before
