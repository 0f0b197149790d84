from base64 import b64decode, b64encode
from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from archive import NotFound, Refused, VerificationError, cosignatures
from archive.notes import NoteKey, Signature, cosign
from tests.archive.library import Library, places
from tests.archive.witness import Witness

NOON = int(datetime(2026, 3, 2, 12, tzinfo=UTC).timestamp())


@pytest.fixture
def witness(library: Library) -> Witness:
    return Witness("clerk.example/w", library.archive.log_key)


def seen(library: Library, witness: Witness, since: int = 0, seconds: int = NOON) -> str:
    """The newest checkpoint with the witness's signature."""
    with library.archive.read() as reader:
        return witness.see(reader.checkpoint(), reader.consistency_proof(since), seconds)


def add(library: Library, note: str, *witnesses: Witness) -> list[cosignatures.Cosignature]:
    keys = [witness.public for witness in witnesses]
    return cosignatures.add(library.archive, library.ada, note, keys)


def check(library: Library, position: int) -> None:
    with library.archive.snapshot() as reader:
        cosignatures.check(library.archive, reader, reader.entry(position))


def test_a_witness_s_signature_is_kept_and_shown(library: Library, witness: Witness) -> None:
    note = seen(library, witness)
    (kept,) = add(library, note, witness)
    assert (kept.position, kept.size, kept.witness) == (2, 2, witness.public)
    assert kept.time == datetime(2026, 3, 2, 12, tzinfo=UTC)
    check(library, kept.position)
    archive_id = library.archive.config.id
    with library.archive.read() as reader:
        entry = reader.entry(2)
        assert entry.type == "log.cosigned"
        assert entry.subject == archive_id
        line = note.splitlines()[-1].split(" ")
        assert entry.data == {"size": 2, "witness": str(witness.public), "signature": line[2]}
        assert cosignatures.cosigned(reader, archive_id, 2) == note
        assert cosignatures.cosigned(reader, archive_id) == reader.checkpoint()
        assert cosignatures.witnesses(reader, archive_id) == (witness.public,)
        with pytest.raises(NotFound, match="no checkpoint of 1 entries"):
            cosignatures.cosigned(reader, archive_id, 1)


def test_a_witness_follows_the_log_as_it_grows(library: Library, witness: Witness) -> None:
    sizes, since = [], 0
    for words in ("one", "two", "three"):
        library.capture(words)
        (kept,) = add(library, seen(library, witness, since), witness)
        sizes.append(kept.size)
        since = kept.size
    assert sizes == [4, 7, 10]
    with library.archive.read() as reader:
        held = cosignatures.every(reader, library.archive.config.id)
        assert [one.size for one in held] == sizes
        with pytest.raises(VerificationError, match="consistency proof"):
            witness.see(reader.checkpoint(), [], NOON)


def test_a_witness_is_known_once_it_was_named(library: Library, witness: Witness) -> None:
    add(library, seen(library, witness), witness)
    library.capture("one")
    assert [one.size for one in add(library, seen(library, witness, 2))] == [5]


def test_what_is_known_already_adds_nothing(library: Library, witness: Witness) -> None:
    note = seen(library, witness)
    add(library, note, witness)
    assert add(library, note, witness) == []
    assert library.size() == 3
    text = note.partition("\n\n")[0] + "\n"
    later = cosign(text, witness.public.name, witness.key, NOON + 60)
    assert add(library, note + str(later), witness) == []


def test_several_witnesses_sign_one_checkpoint(library: Library) -> None:
    log = library.archive.log_key
    several = [Witness(f"w{n}.example", log) for n in range(20)]
    with library.archive.read() as reader:
        note = reader.checkpoint()
    for witness in several:
        note = witness.see(note, [], NOON)
    assert len(add(library, note, *several[:17])) == 17
    assert len(add(library, note, *several)) == 3
    with library.archive.read() as reader:
        assert cosignatures.cosigned(reader, library.archive.config.id, 2) == note


def test_signatures_of_strangers_are_passed_over(library: Library, witness: Witness) -> None:
    stranger = Witness("stranger.example", library.archive.log_key)
    note = stranger.see(seen(library, witness), [], NOON)
    assert [one.witness for one in add(library, note, witness)] == [witness.public]
    other = Witness("other.example", library.archive.log_key)
    signed = seen(library, other)
    with pytest.raises(VerificationError, match="not signed by a known key"):
        add(library, signed)


def test_a_wrong_signature_of_a_witness_is_refused(library: Library, witness: Witness) -> None:
    note = seen(library, witness)
    forger = Ed25519PrivateKey.generate()
    text = note.partition("\n\n")[0] + "\n"
    signed = b64decode(str(cosign(text, witness.public.name, forger, NOON)).split(" ")[2])
    line = Signature(witness.public.name, witness.public.key_id, signed[4:])
    body = "".join(note.splitlines(keepends=True)[:-1])
    with pytest.raises(VerificationError, match=r"wrong signature of clerk\.example/w"):
        add(library, body + str(line), witness)
    assert library.size() == 2


def test_a_note_that_is_not_this_log_s_is_refused(library: Library, witness: Witness) -> None:
    note = seen(library, witness)
    origin, size, root, *_ = note.split("\n")
    for text in (
        f"{origin}\n3\n{root}\n",
        f"other/log\n{size}\n{root}\n",
        f"{origin}\n{size}\n{b64encode(bytes(32)).decode()}\n",
        f"{origin}\n{size}\n{root}\nextension\n",
    ):
        with pytest.raises(VerificationError, match="no such checkpoint"):
            add(library, f"{text}\n{cosign(text, 'clerk.example/w', witness.key, NOON)}", witness)


def test_a_key_that_is_no_witness_s(library: Library, witness: Witness) -> None:
    plain = NoteKey(witness.public.name, witness.public.public)
    with pytest.raises(Refused, match="not a witness's"):
        cosignatures.add(library.archive, library.ada, seen(library, witness), [plain])


def test_a_stored_cosignature_that_does_not_hold_is_found(
    library: Library, witness: Witness
) -> None:
    (kept,) = add(library, seen(library, witness), witness)
    other = Witness("other.example", library.archive.log_key)
    good = {"size": 2, "witness": str(witness.public), "signature": kept.line.encoded}
    archive_id = library.archive.config.id
    signature = b64decode(kept.line.encoded)
    later = (NOON + 1).to_bytes(8)
    for changes in (
        {"size": 1},
        {"size": 3},
        {"size": 99},
        {"size": 2**53 - 1},
        {"size": True},
        {"size": None},
        {"witness": str(other.public)},
        {"witness": str(library.archive.log_key)},
        {"witness": str(witness.public) + "\n"},
        {"witness": "no key"},
        {"witness": 1},
        {"signature": "no base64"},
        {"signature": b64encode(signature[:-1]).decode()},
        {"signature": b64encode(signature[:12]).decode()},
        {"signature": b64encode(bytes(4) + signature[4:]).decode()},
        {"signature": b64encode(signature[:4] + later + signature[12:]).decode()},
        {"signature": b64encode(signature[:4] + b"\xff" * 8 + signature[12:]).decode()},
        {"signature": None},
    ):
        wrong = library.decide("log.cosigned", archive_id, good | changes)
        with pytest.raises(VerificationError):
            check(library, wrong.seq)
    check(library, library.decide("log.cosigned", archive_id, good).seq)
    with pytest.raises(VerificationError, match="subject"):
        check(library, library.decide("log.cosigned", library.account, good).seq)


def test_verification_checks_every_cosignature(library: Library, witness: Witness) -> None:
    (kept,) = add(library, seen(library, witness), witness)
    report = library.verify()
    assert (report.findings, report.cosignatures) == ((), 1)
    data = {"size": 1, "witness": str(witness.public), "signature": kept.line.encoded}
    wrong = library.decide("log.cosigned", library.archive.config.id, data)
    assert f"entry {wrong.seq}" in places(library.verify())


def test_a_changed_checkpoint_no_longer_bears_its_cosignature(
    library: Library, witness: Witness
) -> None:
    (kept,) = add(library, seen(library, witness), witness)
    library.tamper("UPDATE checkpoint SET note = replace(note, 'town', 'down') WHERE size = 2")
    with pytest.raises(VerificationError, match="wrong signature"):
        check(library, kept.position)
