from contextlib import suppress
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from archive import Draft, Entry, VerificationError, canonical_json, keys, merkle, new_id, times
from archive._entry import build

KEY = keys.ActorKey("0197f000-0000-7000-8000-00000000ada0", Ed25519PrivateKey.generate())
AT = datetime(2026, 3, 2, 15, tzinfo=UTC)
DRAFT = Draft("hold.placed", new_id(), {"kind": "litigation", "records": [new_id()]})


def header(**changes: Any) -> dict[str, Any]:
    """A full header with some members changed, or taken away where the change is Ellipsis."""
    members = {
        "actor": KEY.actor,
        "at": "2026-03-02T15:00:00.000000Z",
        "commitment": "0f" * 32,
        "data": {"kind": "litigation"},
        "format": 1,
        "signature": "0f" * 64,
        "subject": "s",
        "type": "hold.placed",
        **changes,
    }
    return {name: value for name, value in members.items() if value is not ...}


def test_an_entry_is_read_as_it_was_built() -> None:
    for commitment in (None, bytes(32)):
        for signer in (None, KEY):
            entry = build(7, DRAFT, AT, times.to_text(AT), KEY.actor, commitment, signer)
            assert Entry.parse(7, entry.header) == entry
            assert entry.leaf_hash == merkle.leaf_hash(entry.header)
            assert (entry.signature is None) == (signer is None)


def test_the_signature_covers_every_other_member() -> None:
    entry = build(0, DRAFT, AT, times.to_text(AT), KEY.actor, bytes(32), KEY)
    assert entry.signature is not None
    unsigned = build(0, DRAFT, AT, times.to_text(AT), KEY.actor, bytes(32), None)
    assert entry.signed_message == b"muniment entry v1\n" + unsigned.header
    KEY.key.public_key().verify(entry.signature, entry.signed_message)


def test_data_that_cannot_stand_in_a_header_is_refused() -> None:
    for data in ({"share": 0.5}, {"size": 2**53}, {"ä": 1}):
        with pytest.raises(ValueError, match="header"):
            build(0, Draft("a.b", "s", data), AT, times.to_text(AT), "a", None, None)


def test_the_form_of_the_test_header_is_right() -> None:
    assert Entry.parse(0, canonical_json(header())).seq == 0
    assert Entry.parse(0, canonical_json(header(commitment=..., signature=...))).signature is None


@pytest.mark.parametrize("name", ["actor", "at", "data", "format", "subject", "type"])
def test_a_header_without_one_of_its_members_is_refused(name: str) -> None:
    with pytest.raises(VerificationError, match="members missing"):
        Entry.parse(3, canonical_json(header(**{name: ...})))


@pytest.mark.parametrize(
    "changes",
    [
        {"more": 1},
        {"actor": None},
        {"actor": 1},
        {"type": ["hold.placed"]},
        {"subject": {"a": 1}},
        {"data": []},
        {"data": "x"},
        {"data": None},
        {"format": 0},
        {"format": 2},
        {"format": "1"},
        {"format": True},
        {"format": None},
        {"at": 0},
        {"at": ""},
        {"at": "2026-03-02"},
        {"at": "2026-03-02T15:00:00Z"},
        {"at": "2026-03-02T15:00:00.000000+"},
        {"at": "2026-03-02T15:00:00,000000Z"},
        {"at": "2026-W10-1T15:00:00.000000Z"},
        {"at": "2026-13-02T15:00:00.000000Z"},
        {"commitment": None},
        {"commitment": 15},
        {"commitment": ""},
        {"commitment": "0f" * 31},
        {"commitment": "0f" * 33},
        {"commitment": "0F" * 32},
        {"commitment": "0g" * 32},
        {"commitment": "0f " * 21 + "0"},
        {"commitment": "  " + "0f" * 31},
        {"signature": None},
        {"signature": "0f" * 32},
        {"signature": "0F" * 64},
        {"signature": "  " + "0f" * 63},
    ],
)
def test_a_malformed_member_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(VerificationError, match="entry 3: not a header"):
        Entry.parse(3, canonical_json(header(**changes)))


def test_bytes_that_are_not_canonical_are_refused() -> None:
    stored = canonical_json(header())
    for wrong in (
        b"",
        b"{}",
        b"[]",
        stored + b"\n",
        b" " + stored,
        stored.replace(b'"format":1', b'"format":1.0'),
        stored.replace(b'"format":1', b'"format":1,"format":1'),
        stored.replace(b'"subject":"s"', b'"subject":"\\u0073"'),
        stored.replace(b'"data":{', b'"data":{"deep":' + b"[" * 980 + b"]" * 980 + b","),
    ):
        with pytest.raises(VerificationError, match="entry 3: not a header"):
            Entry.parse(3, wrong)


STORED = canonical_json(header())


@given(st.integers(0, len(STORED)), st.integers(0, 4), st.binary(max_size=4))
def test_damage_to_a_header_is_a_verification_error_or_another_entry(
    at: int, cut: int, put: bytes
) -> None:
    damaged = STORED[:at] + put + STORED[at + cut :]
    with suppress(VerificationError):
        assert Entry.parse(0, damaged).header == damaged


def test_ids_are_uuids_of_version_7_in_the_order_of_time() -> None:
    ids = [new_id() for _ in range(100)]
    assert ids == sorted(set(ids))
    assert all(UUID(one).version == 7 and str(UUID(one)) == one for one in ids)
