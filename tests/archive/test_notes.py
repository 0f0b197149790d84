from base64 import b64encode
from contextlib import suppress
from hashlib import sha256

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from archive import VerificationError, keys, merkle
from archive.notes import (
    COSIGNATURE,
    MAX_NOTE_BYTES,
    Checkpoint,
    EntryProof,
    Note,
    NoteKey,
    Signature,
    cosign,
    cosigned_at,
    open_checkpoint,
    sign_checkpoint,
)
from tests import vectors

PUBLISHED = vectors.load("notes")
SIGNED = PUBLISHED["signed"]
PETER, ENOCH = (NoteKey.parse(text) for text in SIGNED["keys"])
NAME = "library.example/log"
KEY = Ed25519PrivateKey.from_private_bytes(b"\x07" * 32)
PUBLIC = NoteKey(NAME, keys.public_bytes(KEY))
ROOT = bytes(range(32))
NOTE = sign_checkpoint(Checkpoint(NAME, 5, ROOT), NAME, KEY)
TEXT, LINES = NOTE.split("\n\n")
WITNESS = NoteKey("clerk.example/w", PUBLIC.public, COSIGNATURE)
SECONDS = 1772452800
LINE = cosign(TEXT + "\n", WITNESS.name, KEY, SECONDS)
COSIGNED = NOTE + str(LINE)
PROOF = "c2sp.org/tlog-proof@v1\nindex 3\n" + f"{b64encode(ROOT).decode()}\n" * 3 + "\n" + NOTE


def test_the_published_note_opens_with_either_key_or_both() -> None:
    lines = "".join(f"{line}\n" for line in SIGNED["signatures"])
    note = Note.parse(f"{SIGNED['text']}\n{lines}")
    assert note.text == SIGNED["text"]
    assert note.verify([PETER]) == (PETER,)
    assert note.verify([ENOCH]) == (ENOCH,)
    assert note.verify([ENOCH, PETER, PUBLIC]) == (PETER, ENOCH)


def test_keys_are_written_as_they_are_read() -> None:
    assert [str(PETER), str(ENOCH)] == SIGNED["keys"]
    assert PETER.key_id.hex() == "c74f20a3"
    assert NoteKey.parse(f"{PUBLIC}\n") == PUBLIC


def test_the_text_ends_at_the_last_empty_line() -> None:
    note = Note.parse(PUBLISHED["note"].encode())
    assert note.text.endswith(":\n\ned è subito sera.\n")
    assert note.signatures[0].name == "quasimodo.example/salvatore"
    assert note.signatures[0].key_id.hex() == "367ba04b"
    assert len(note.signatures[0].signature) == 64


def test_the_published_checkpoint_is_read_and_written_alike() -> None:
    given_ = PUBLISHED["checkpoint"]
    note = Note.parse(given_["note"])
    checkpoint = Checkpoint.parse(note.text)
    assert (checkpoint.origin, checkpoint.size) == (given_["origin"], given_["size"])
    assert b64encode(checkpoint.root).decode() == given_["root"]
    assert checkpoint.text == note.text
    with pytest.raises(VerificationError, match="not signed by a known key"):
        note.verify([PUBLIC])


def test_a_wrong_signature_of_a_known_key_condemns_the_note() -> None:
    lines = "".join(f"{line}\n" for line in SIGNED["signatures"])
    note = Note.parse(f"{SIGNED['text'].replace('problem', 'Problem')}\n{lines}")
    with pytest.raises(VerificationError, match="wrong signature of PeterNeumann"):
        note.verify([PETER])


def test_sixteen_foreign_signatures_stand_in_nobodys_way() -> None:
    line = "— witness.example/w " + b64encode(bytes(68)).decode() + "\n"
    assert open_checkpoint(NOTE + line * 16, [PUBLIC]).size == 5


def test_more_signatures_than_sixteen_are_checked() -> None:
    witnesses = [NoteKey(f"w{n}.example", WITNESS.public, COSIGNATURE) for n in range(40)]
    note = NOTE + "".join(str(cosign(TEXT + "\n", one.name, KEY, 5)) for one in witnesses)
    assert Note.parse(note).verify([*witnesses, PUBLIC]) == (PUBLIC, *witnesses)


def test_a_cosignature_is_over_the_time_and_the_text() -> None:
    note = Note.parse(COSIGNED)
    assert note.verify([WITNESS]) == (WITNESS,)
    assert note.verify([WITNESS, PUBLIC]) == (PUBLIC, WITNESS)
    assert note.signatures[1] == LINE
    assert cosigned_at(LINE.signature) == SECONDS
    message = f"cosignature/v1\ntime {SECONDS}\n{TEXT}\n".encode()
    KEY.public_key().verify(LINE.signature[8:], message)
    assert LINE.signature[:8] == SECONDS.to_bytes(8)


def test_the_key_of_a_witness_has_an_id_of_its_own() -> None:
    same = NoteKey(WITNESS.name, WITNESS.public)
    assert same.key_id != WITNESS.key_id
    assert NoteKey.parse(f"{WITNESS}\n") == WITNESS
    preimage = WITNESS.name.encode() + b"\n\x04" + WITNESS.public
    assert sha256(preimage).digest()[:4] == WITNESS.key_id
    with pytest.raises(VerificationError, match="not signed by a known key"):
        Note.parse(COSIGNED).verify([same])


def test_a_cosignature_does_not_make_a_checkpoint_the_log_s() -> None:
    named = NoteKey(NAME, WITNESS.public, COSIGNATURE)
    unsigned = TEXT + "\n\n" + str(cosign(TEXT + "\n", NAME, KEY, SECONDS))
    assert Note.parse(unsigned).verify([named]) == (named,)
    for keys_ in ([named], [named, PUBLIC]):
        with pytest.raises(VerificationError, match="signed by others only"):
            open_checkpoint(unsigned, keys_)
    assert open_checkpoint(COSIGNED, [WITNESS, PUBLIC]).size == 5


@pytest.mark.parametrize(
    ("signature", "problem"),
    [
        (LINE.signature[8:], "not a time and an Ed25519 signature"),
        (LINE.signature[:-1], "not a time and an Ed25519 signature"),
        (LINE.signature + b"\0", "not a time and an Ed25519 signature"),
        (b"\x80" + LINE.signature[1:], "out of bounds"),
        (b"\xff" * 8 + LINE.signature[8:], "out of bounds"),
        (b"\x7f" + LINE.signature[1:], "wrong signature of clerk"),
        (bytes(8) + LINE.signature[8:], "wrong signature of clerk"),
        ((SECONDS + 1).to_bytes(8) + LINE.signature[8:], "wrong signature of clerk"),
        (LINE.signature[:8] + bytes(64), "wrong signature of clerk"),
    ],
)
def test_a_malformed_cosignature_is_refused(signature: bytes, problem: str) -> None:
    line = Signature(WITNESS.name, WITNESS.key_id, signature)
    note = Note.parse(NOTE + str(line))
    with pytest.raises(VerificationError, match=problem):
        note.verify([WITNESS])
    assert note.verify([PUBLIC]) == (PUBLIC,)


def test_a_note_signature_is_not_a_cosignature() -> None:
    """A plain signature over the signed message of a cosignature is one over another note."""
    plain = Signature(WITNESS.name, WITNESS.key_id, KEY.sign((TEXT + "\n").encode()))
    with pytest.raises(VerificationError, match="not a time"):
        Note.parse(NOTE + str(plain)).verify([WITNESS])


def test_a_checkpoint_signed_under_another_name_is_refused() -> None:
    other = NoteKey("other.example/log", PUBLIC.public)
    note = sign_checkpoint(Checkpoint(NAME, 5, ROOT), other.name, KEY)
    with pytest.raises(VerificationError, match="signed by others only"):
        open_checkpoint(note, [other, PUBLIC])


@pytest.mark.parametrize(
    "text",
    [
        "",
        "PeterNeumann",
        "PeterNeumann+c74f20a3",
        "PeterNeumann+c74f20a3+",
        "+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "Peter Neumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "PeterNeumann+c74f20a4+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "PeterNeumann+C74F20A3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "PeterNeumann+c74f20a3+AhpcY2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10T",
        "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10Q=",
        "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq_LDE4izWy10TW",
    ],
)
def test_what_is_no_key_is_refused(text: str) -> None:
    with pytest.raises(VerificationError, match="verifier key"):
        NoteKey.parse(text)


@pytest.mark.parametrize(
    ("note", "problem"),
    [
        ("", "no blank line"),
        (TEXT + "\n" + LINES, "no blank line"),
        (NOTE.rstrip("\n"), "does not end"),
        (TEXT + "\n\n", "does not end"),
        (NOTE + "\n", "does not end"),
        (TEXT + "\n\n-" + LINES[1:], "em dash"),
        (TEXT + "\n\n—" + LINES[2:], "em dash"),
        (NOTE + "more\n", "em dash"),
        (TEXT + "\n\n— " + LINES.split(" ")[2], "not base64"),
        (TEXT + "\n\n—  " + LINES.split(" ")[2], "not a key name"),
        (NOTE.replace("— library", "— lib+rary"), "not a key name"),
        (NOTE.replace("— library", "— lib\u2003rary"), "not a key name"),
        (TEXT + "\n\n— name AAAA\n", "too short"),
        (TEXT + "\n\n— name AAAAAAB=\n", "not base64"),
        (TEXT + "\n\n— name AAAAAAE\n", "not base64"),
        (TEXT + "\n\n— name AAAA AAAA\n", "not base64"),
        (TEXT + "\n\n— name AAAAA\u0661A=\n", "not base64"),
        (NOTE.replace("\n5\n", "\n5\r\n"), "control character"),
        (NOTE.replace("\n5\n", "\n5\0\n"), "control character"),
        ("a" * MAX_NOTE_BYTES + NOTE, "too large"),
    ],
)
def test_a_malformed_note_is_refused(note: str, problem: str) -> None:
    for data in (note, note.encode()):
        with pytest.raises(VerificationError, match=problem):
            Note.parse(data)


def test_a_note_that_is_no_text_is_refused() -> None:
    with pytest.raises(VerificationError, match="not UTF-8"):
        Note.parse(NOTE.encode() + b"\xff")
    with pytest.raises(VerificationError, match="control character"):
        Note.parse("\ud800" + NOTE)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "three non-empty lines"),
        ("origin\n5\n", "three non-empty lines"),
        ("\n5\nAAAA\n", "three non-empty lines"),
        ("origin\n\nAAAA\n", "three non-empty lines"),
        (TEXT, "three non-empty lines"),
        (TEXT + "\n\n", "three non-empty lines"),
        (TEXT.replace("\n5\n", "\n05\n") + "\n", "not a decimal"),
        (TEXT.replace("\n5\n", "\n-5\n") + "\n", "not a decimal"),
        (TEXT.replace("\n5\n", "\n+5\n") + "\n", "not a decimal"),
        (TEXT.replace("\n5\n", "\n5 \n") + "\n", "not a decimal"),
        (TEXT.replace("\n5\n", "\n\u0665\n") + "\n", "not a decimal"),
        (TEXT.replace("\n5\n", "\n1_0\n") + "\n", "not a decimal"),
        (TEXT.replace("\n5\n", f"\n1{'0' * 30}\n") + "\n", "not a decimal"),
        ("origin\n5\nAAAA\n", "not 32 bytes"),
        ("origin\n5\n???\n", "not base64"),
    ],
)
def test_a_malformed_checkpoint_is_refused(text: str, problem: str) -> None:
    with pytest.raises(VerificationError, match=problem):
        Checkpoint.parse(text)


def test_extension_lines_are_kept() -> None:
    checkpoint = Checkpoint(NAME, 0, merkle.EMPTY_ROOT, ("one", "two"))
    assert Checkpoint.parse(checkpoint.text) == checkpoint


@pytest.mark.parametrize(
    ("proof", "problem"),
    [
        ("", "not a c2sp.org/tlog-proof@v1 file"),
        (PROOF.replace("@v1", "@v2"), "not a c2sp.org/tlog-proof@v1 file"),
        ("\n" + PROOF, "not a c2sp.org/tlog-proof@v1 file"),
        (PROOF.replace("index 3\n", ""), "no index line"),
        ("c2sp.org/tlog-proof@v1\n\n" + NOTE, "no index line"),
        (PROOF.replace("index 3", "Index 3"), "no index line"),
        (PROOF.replace("index 3", "index 03"), "not a decimal"),
        (PROOF.replace("index 3", "index "), "not a decimal"),
        (PROOF.replace("index 3", "extra ?\nindex 3"), "not base64"),
        (PROOF.replace("index 3", "extra AAAA\nextra AAAA\nindex 3"), "no index line"),
        (PROOF.replace("index 3\n", "index 3\nAAAA\n"), "not 32 bytes"),
        (PROOF.replace("index 3\n", "index 3\n=\n"), "not base64"),
        (PROOF.replace("index 3", "index\t3"), "control character"),
    ],
)
def test_a_malformed_proof_is_refused(proof: str, problem: str) -> None:
    for data in (proof, proof.encode()):
        with pytest.raises(VerificationError, match=problem):
            EntryProof.parse(data)


def test_a_proof_may_carry_extra_data_which_is_not_looked_at() -> None:
    assert EntryProof.parse(PROOF.replace("index 3", "extra AAAA\nindex 3")) == EntryProof.parse(
        PROOF
    )


@given(st.integers(1, 40), st.data())
def test_a_proof_is_read_as_it_was_written_and_holds(size: int, data: st.DataObject) -> None:
    leaves = [merkle.leaf_hash(b"%d" % n) for n in range(size)]
    index = data.draw(st.integers(0, size - 1))

    def node(level: int, at: int) -> bytes:
        return merkle.root_of(leaves[at << level : (at + 1) << level])

    note = sign_checkpoint(Checkpoint(NAME, size, merkle.root_of(leaves)), NAME, KEY)
    proof = EntryProof(index, tuple(merkle.inclusion_proof(node, index, size)), note)
    read = EntryProof.parse(str(proof).encode())
    assert read == proof
    assert read.verify(leaves[index], [PUBLIC]).size == size
    with pytest.raises(VerificationError):
        read.verify(merkle.leaf_hash(b"another"), [PUBLIC])


BYTES = st.binary(max_size=4)


@given(st.integers(0, len(COSIGNED.encode())), st.integers(0, 8), BYTES)
def test_damage_to_a_cosigned_note_is_a_verification_error_or_shows_nothing_else(
    at: int, cut: int, put: bytes
) -> None:
    data = COSIGNED.encode()
    damaged = data[:at] + put + data[at + cut :]
    for known in ([WITNESS], [WITNESS, PUBLIC]):
        with suppress(VerificationError):
            note = Note.parse(damaged)
            if WITNESS in note.verify(known):
                assert LINE in note.signatures
            assert Checkpoint.parse(note.text) == Checkpoint(NAME, 5, ROOT)


@given(st.integers(0, 2**63 - 1), st.text(max_size=20))
def test_cosignatures_are_read_as_they_were_made(seconds: int, text: str) -> None:
    line = cosign(text, WITNESS.name, KEY, seconds)
    assert cosigned_at(line.signature) == seconds
    assert Signature.parse(line.name, line.encoded) == line
    WITNESS.verify(text, line.signature)
    other = Ed25519PrivateKey.from_private_bytes(b"\x08" * 32)
    with pytest.raises(VerificationError, match="wrong signature"):
        NoteKey(WITNESS.name, keys.public_bytes(other), COSIGNATURE).verify(text, line.signature)


@given(st.integers(0, len(PROOF.encode())), st.integers(0, 8), BYTES)
def test_damage_to_a_proof_is_a_verification_error_or_shows_nothing_else(
    at: int, cut: int, put: bytes
) -> None:
    data = PROOF.encode()
    damaged = data[:at] + put + data[at + cut :]
    with suppress(VerificationError):
        proof = EntryProof.parse(damaged)
        assert open_checkpoint(proof.note, [PUBLIC]) == Checkpoint(NAME, 5, ROOT)
    with suppress(VerificationError):
        EntryProof.parse(damaged).verify(merkle.leaf_hash(b"x"), [PUBLIC])


@given(st.one_of(st.text(), st.binary()))
def test_anything_at_all_is_a_verification_error(data: str | bytes) -> None:
    for parse in (Note.parse, EntryProof.parse):
        with suppress(VerificationError):
            parse(data)
    if isinstance(data, str):
        for read in (Checkpoint.parse, NoteKey.parse):
            with suppress(VerificationError):
                read(data)
