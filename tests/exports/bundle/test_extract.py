"""What is left out of the texts of a bundle, and nothing else is."""

from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.notes import EntryProof
from exports.bundle._extract import Texts, without_machine_values

CHECKPOINT = "log.example/a+b\n12\nQUJD\n\n— log.example/a+b c2ln\n"
NAME = "data/proofs/000001.tlog-proof"
UUID = "01a2057f-2ae3-7580-a427-2f661601f3aa"
HASHES = st.binary(min_size=32, max_size=32)


def said(data: bytes) -> list[str]:
    _, *fragments = Texts(CHECKPOINT, Path()).of(NAME, BytesIO(data))
    return [fragment.text for fragment in fragments]


@given(st.integers(0, 10**19 - 1), st.lists(HASHES, max_size=4))
def test_a_proof_of_this_head_says_nothing(index: int, path: list[bytes]) -> None:
    proof = str(EntryProof(index, tuple(path), CHECKPOINT))
    assert said(proof.encode()) == []


@pytest.mark.parametrize(
    ("there", "instead"),
    [
        ("@v1\n", "@v1\nextra QUJD\n"),
        ("index 7", "index 07"),
        ("index 7", "index Ann"),
        ("AAA=\n", "AAB=\n"),
        ("AAA=\n", "AAA=\nQUJD\n"),
        ("12\nQUJD", "13\nQUJD"),
        ("c2ln\n", "c2ln\nAnn\n"),
        ("c2ln\n", "c2ln"),
    ],
)
def test_a_proof_that_says_more_or_other_is_read(there: str, instead: str) -> None:
    proof = str(EntryProof(7, (bytes(32),), CHECKPOINT)).replace(there, instead)
    assert said(proof.encode()) == [proof]


@pytest.mark.parametrize(
    "value", [UUID, "0" * 32, "f" * 64, "a" * 128, f"{'+' * 43}=", "A/" * 11 + "=="]
)
def test_machine_values_are_left_out_where_they_stand_alone(value: str) -> None:
    for before, after in (("", ""), ("a ", " b"), ('{"', '"}'), ("é-", ", é"), ("x:", "\n")):
        assert without_machine_values(before + value + after) == f"{before} {after}"
    assert without_machine_values(f"a{value}") == f"a{value}"
