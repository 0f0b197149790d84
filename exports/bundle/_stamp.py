"""The time stamp in a bundle: since when, by another's clock, the log has been what it is.

An authority (RFC 3161) stamped an earlier checkpoint of the log. A consistency proof (RFC 9162
section 2.1.4) leads from that checkpoint to the bundle's: what stood in the log then stands in it
still, at the same place.
"""

from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from archive import Reader, VerificationError, merkle, times, timestamps
from archive.notes import Checkpoint, Note
from exports import _open
from exports._open import Bundle

ANSWER = "data/proofs/timestamp.tsr"
NOTE = "data/proofs/timestamp.checkpoint"
PROOF = "data/proofs/timestamp.consistency"
AUTHORITY = "data/proofs/timestamp-authority.pem"
NAMES = frozenset({ANSWER, NOTE, PROOF, AUTHORITY})

_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Stamped:
    """A time stamp that was verified: who stamped, when, and how many entries of the log."""

    authority: str
    time: datetime
    size: int

    def __str__(self) -> str:
        when = times.to_text(self.time)
        return f"{self.authority} stamped the log of {self.size} entries at {when}"


@dataclass(frozen=True, slots=True)
class Evidence:
    """A time stamp to put into a bundle: the four files by name, and what they prove."""

    files: dict[str, bytes]
    stamped: Stamped


def newest(reader: Reader, authorities: Sequence[x509.Certificate]) -> Evidence | None:
    """The time stamp of the log that covers most of it; None where there is none to be checked.

    `authorities` are the certificates that the archive trusts. VerificationError when the stamp
    does not hold.
    """
    stamps = [timestamps.Stamp.of(one) for one in reader.entries(types={timestamps.TYPE})]
    if not stamps or not authorities:
        return None
    stamp = max(stamps, key=lambda one: (one.size, one.position))
    note = reader.checkpoint(stamp.size)
    token = timestamps.over(stamp.token, note.encode(), authorities)
    proof = reader.consistency_proof(stamp.size)
    files = {
        ANSWER: stamp.token,
        NOTE: note.encode(),
        PROOF: _written(stamp.size, proof, reader.checkpoint()).encode(),
        AUTHORITY: b"".join(one.public_bytes(Encoding.PEM) for one in authorities),
    }
    return Evidence(files, Stamped(token.authority, token.time, stamp.size))


def check(
    bundle: Bundle, head: Checkpoint, note: str, trusted: Sequence[x509.Certificate] = ()
) -> Stamped:
    """Check the time stamp that a bundle holds, against its head and that head's note.

    `trusted` are roots known from elsewhere; without them those in the bundle are taken, and then
    it is proved only that the token is theirs. VerificationError names the file that does not hold.
    """
    held = {name: _open.read(bundle, name, _BYTES) for name in sorted(NAMES)}
    with _at(AUTHORITY):
        roots = _certificates(held[AUTHORITY])
    with _at(ANSWER):
        token = timestamps.over(held[ANSWER], held[NOTE], trusted or roots)
    with _at(NOTE):
        earlier = Checkpoint.parse(Note.parse(held[NOTE]).text)
        if earlier.origin != head.origin:
            raise VerificationError("of another log")
    with _at(PROOF):
        proof = _read(held[PROOF], earlier.size, note)
        merkle.verify_consistency(earlier.size, head.size, earlier.root, head.root, proof)
    return Stamped(token.authority, token.time, earlier.size)


def _written(size: int, proof: Sequence[bytes], note: str) -> str:
    """The form in which a witness is asked (C2SP tlog-witness): old size, hashes, checkpoint."""
    hashes = "".join(f"{b64encode(one).decode()}\n" for one in proof)
    return f"old {size}\n{hashes}\n{note}"


def _read(data: bytes, size: int, note: str) -> list[bytes]:
    head, _, _ = data.decode(errors="replace").partition("\n\n")
    try:
        proof = [b64decode(line, validate=True) for line in head.split("\n")[1:] if line]
    except (Base64Error, ValueError) as error:
        raise VerificationError("a hash is no base64") from error
    if _written(size, proof, note).encode() != data:
        raise VerificationError("not a proof from the stamped checkpoint to the bundle's")
    return proof


def _certificates(pem: bytes) -> list[x509.Certificate]:
    try:
        return x509.load_pem_x509_certificates(pem)
    except ValueError as error:
        raise VerificationError("holds no certificates in PEM") from error


@contextmanager
def _at(place: str) -> Iterator[None]:
    """What does not hold is told with the file's name."""
    try:
        yield
    except VerificationError as error:
        raise VerificationError(f"{place}: {error}") from error
