"""Signed notes, checkpoints, cosignatures and proofs of one entry: C2SP signed-note,
tlog-checkpoint, tlog-cosignature, tlog-proof.

Every parser raises VerificationError on any malformed field and nothing else.
"""

import re
from base64 import b64encode
from binascii import a2b_base64, b2a_base64
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from struct import Struct

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from archive import merkle
from archive.errors import VerificationError

MAX_NOTE_BYTES = 256 * 1024
ED25519 = b"\x01"
COSIGNATURE = b"\x04"
"""The kinds of keys, as C2SP signed-note numbers them; the second is cosignature/v1 by Ed25519."""

_KINDS = (ED25519, COSIGNATURE)
_DASH = "\u2014 "
_PROOF_HEADER = "c2sp.org/tlog-proof@v1"
_TIME = Struct(">Q")
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\ud800-\udfff]")
_DECIMAL = re.compile(r"(?:0|[1-9][0-9]{0,18})\Z", re.ASCII)

_SPKI = bytes.fromhex("302a300506032b6570032100")
"""What stands before an Ed25519 key of 32 bytes in a SubjectPublicKeyInfo."""


@dataclass(frozen=True, slots=True)
class NoteKey:
    """An Ed25519 public key with its note name: whose signature on a note counts.

    Its kind says what it signs: `ED25519` the note's text, `COSIGNATURE` the text and a time.
    """

    name: str
    public: bytes
    kind: bytes = ED25519

    @property
    def key_id(self) -> bytes:
        return sha256(self.name.encode() + b"\n" + self.kind + self.public).digest()[:4]

    @property
    def spki(self) -> bytes:
        """The key as openssl takes it: a SubjectPublicKeyInfo in DER (RFC 8410, section 4)."""
        return _SPKI + self.public

    @property
    def fingerprint(self) -> str:
        """Hex SHA-256 of `spki`, by which a bundle's page names the key."""
        return sha256(self.spki).hexdigest()

    def __str__(self) -> str:
        """The verifier key as text, ``name+keyid+base64(type ‖ key)``."""
        return f"{self.name}+{self.key_id.hex()}+{b64encode(self.kind + self.public).decode()}"

    @classmethod
    def parse(cls, text: str) -> "NoteKey":
        """A key from its text form; VerificationError when it is none."""
        name, _, rest = text.strip().partition("+")
        key_id, _, encoded = rest.partition("+")
        data = _base64(encoded, "verifier key")
        if len(data) != 33 or data[:1] not in _KINDS:
            raise VerificationError("verifier key: not an Ed25519 key")
        key = cls(_name(name, "verifier key"), data[1:], data[:1])
        if key.key_id.hex() != key_id:
            raise VerificationError("verifier key: its id is not that of its name and key")
        return key

    def verify(self, text: str, signature: bytes) -> None:
        """Check a signature over a note's text; VerificationError when it is wrong."""
        message = text.encode()
        if self.kind == COSIGNATURE:
            message = _cosigned(cosigned_at(signature), text)
            signature = signature[_TIME.size :]
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, message)
        except (InvalidSignature, ValueError) as error:
            raise VerificationError(f"note: wrong signature of {self.name}") from error


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature line of a note."""

    name: str
    key_id: bytes
    signature: bytes

    def __str__(self) -> str:
        """The line, its end included."""
        return f"{_DASH}{self.name} {self.encoded}\n"

    @property
    def encoded(self) -> str:
        """The base64 of key id and signature, as it stands on the line."""
        return b64encode(self.key_id + self.signature).decode()

    @classmethod
    def parse(cls, name: str, encoded: str) -> "Signature":
        """The signature of a line's two fields; VerificationError when it is malformed."""
        data = _base64(encoded, "note signature")
        if len(data) < 5:
            raise VerificationError("note signature: too short")
        return cls(_name(name, "note signature"), data[:4], data[4:])


@dataclass(frozen=True, slots=True)
class Note:
    """A parsed note. Its text means nothing until `verify` has returned."""

    text: str
    signatures: tuple[Signature, ...]

    @classmethod
    def parse(cls, data: str | bytes) -> "Note":
        """A note from its bytes or text; VerificationError when it is malformed."""
        note = _decoded(data)
        body, blank, lines = note.rpartition("\n\n")
        if not blank:
            raise VerificationError("note: no blank line before the signatures")
        if not lines.endswith("\n"):
            raise VerificationError("note: the last line does not end")
        return cls(body + "\n", tuple(_signature(line) for line in lines[:-1].split("\n")))

    def verify(self, keys: Iterable[NoteKey]) -> tuple[NoteKey, ...]:
        """The keys that signed. Signatures of unknown keys are ignored.

        VerificationError when a known key's signature is wrong, or none of the keys signed.
        """
        known = {(key.name, key.key_id): key for key in keys}
        signed: list[NoteKey] = []
        for line in self.signatures:
            key = known.get((line.name, line.key_id))
            if key is not None:
                key.verify(self.text, line.signature)
                signed.append(key)
        if not signed:
            raise VerificationError("note: not signed by a known key")
        return tuple(signed)


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A tree head as a log states it: origin, size and root."""

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        lines = [self.origin, str(self.size), b64encode(self.root).decode(), *self.extensions]
        return "".join(line + "\n" for line in lines)

    @classmethod
    def parse(cls, text: str) -> "Checkpoint":
        """A checkpoint from a note's text; VerificationError when it is malformed."""
        lines = text.split("\n")
        if len(lines) < 4 or lines[-1] or not all(lines[:-1]):
            raise VerificationError("checkpoint: not three non-empty lines or more")
        origin, size, root, *extensions = lines[:-1]
        digest = _base64(root, "checkpoint root")
        if len(digest) != merkle.HASH_BYTES:
            raise VerificationError("checkpoint root: not 32 bytes long")
        return cls(origin, _decimal(size, "checkpoint size"), digest, tuple(extensions))


def sign_checkpoint(checkpoint: Checkpoint, name: str, *keys: Ed25519PrivateKey) -> str:
    """The checkpoint as a note signed by each of `keys` under `name`."""
    lines = []
    for key in keys:
        public = NoteKey(name, key.public_key().public_bytes_raw())
        lines.append(Signature(name, public.key_id, key.sign(checkpoint.text.encode())))
    return f"{checkpoint.text}\n{''.join(map(str, lines))}"


def cosign(text: str, name: str, key: Ed25519PrivateKey, seconds: int) -> Signature:
    """A witness's cosignature/v1 over a checkpoint's text, at a time in seconds since 1970."""
    public = NoteKey(name, key.public_key().public_bytes_raw(), COSIGNATURE)
    signed = key.sign(_cosigned(seconds, text))
    return Signature(name, public.key_id, _TIME.pack(seconds) + signed)


def cosigned_at(signature: bytes) -> int:
    """The time that a cosignature/v1 states, in seconds since 1970.

    VerificationError when the signature is not of that form.
    """
    if len(signature) != _TIME.size + 64:
        raise VerificationError("cosignature: not a time and an Ed25519 signature")
    (seconds,) = _TIME.unpack_from(signature)
    if seconds >= 2**63:
        raise VerificationError("cosignature: its time is out of bounds")
    return int(seconds)


def open_checkpoint(note: str | bytes, keys: Iterable[NoteKey]) -> Checkpoint:
    """The checkpoint of a note that one of `keys` signed under the checkpoint's own origin.

    A cosignature does not make it the log's. VerificationError when it is malformed, unsigned or of
    another origin.
    """
    parsed = Note.parse(note)
    signers = parsed.verify(keys)
    checkpoint = Checkpoint.parse(parsed.text)
    if (checkpoint.origin, ED25519) not in {(key.name, key.kind) for key in signers}:
        raise VerificationError(f"checkpoint: of {checkpoint.origin}, signed by others only")
    return checkpoint


@dataclass(frozen=True, slots=True)
class EntryProof:
    """A C2SP tlog-proof: where an entry stands and how its leaf leads to a signed root."""

    index: int
    path: tuple[bytes, ...]
    note: str

    def __str__(self) -> str:
        hashes = "".join(b64encode(item).decode() + "\n" for item in self.path)
        return f"{_PROOF_HEADER}\nindex {self.index}\n{hashes}\n{self.note}"

    @classmethod
    def parse(cls, data: str | bytes) -> "EntryProof":
        """A proof from its file; VerificationError when it is malformed."""
        head, blank, note = _decoded(data).partition("\n\n")
        lines = head.split("\n")
        if not blank or lines.pop(0) != _PROOF_HEADER:
            raise VerificationError("proof: not a c2sp.org/tlog-proof@v1 file")
        if lines and lines[0].startswith("extra "):
            _base64(lines.pop(0)[6:], "proof extra data")
        if not lines or not lines[0].startswith("index "):
            raise VerificationError("proof: no index line")
        index = _decimal(lines.pop(0)[6:], "proof index")
        path = tuple(_base64(line, "proof hash") for line in lines)
        if any(len(item) != merkle.HASH_BYTES for item in path):
            raise VerificationError("proof hash: not 32 bytes long")
        return cls(index, path, note)

    def verify(self, leaf: bytes, keys: Sequence[NoteKey]) -> Checkpoint:
        """The checkpoint in which the entry of this leaf hash stands; else VerificationError."""
        checkpoint = open_checkpoint(self.note, keys)
        merkle.verify_inclusion(leaf, self.index, checkpoint.size, self.path, checkpoint.root)
        return checkpoint


def _decoded(data: str | bytes) -> str:
    if isinstance(data, bytes):
        if len(data) > MAX_NOTE_BYTES:
            raise VerificationError("note: too large")
        try:
            data = data.decode()
        except UnicodeDecodeError as error:
            raise VerificationError("note: not UTF-8") from error
    if len(data) > MAX_NOTE_BYTES:
        raise VerificationError("note: too large")
    if _CONTROL.search(data):
        raise VerificationError("note: holds a control character")
    return data


def _signature(line: str) -> Signature:
    if not line.startswith(_DASH):
        raise VerificationError("note: a signature line does not begin with an em dash")
    name, _, encoded = line[len(_DASH) :].partition(" ")
    return Signature.parse(name, encoded)


def _cosigned(seconds: int, text: str) -> bytes:
    return f"cosignature/v1\ntime {seconds}\n{text}".encode()


def _name(name: str, what: str) -> str:
    if not name or "+" in name or any(char.isspace() for char in name):
        raise VerificationError(f"{what}: not a key name")
    return name


def _base64(text: str, what: str) -> bytes:
    try:
        data = a2b_base64(text)
    except ValueError as error:
        raise VerificationError(f"{what}: not base64") from error
    if not data or b2a_base64(data, newline=False).decode() != text:
        raise VerificationError(f"{what}: not base64")
    return data


def _decimal(text: str, what: str) -> int:
    if not _DECIMAL.match(text):
        raise VerificationError(f"{what}: not a decimal number")
    return int(text)
