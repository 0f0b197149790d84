"""Time stamps of the log's head by a time-stamping authority (RFC 3161).

An authority signs the hash of a checkpoint together with the time. Its answer is verified when it
comes and kept as an entry `log.timestamped`: whoever knows the authority's root certificate can
then prove since when the log has been what it is, without trusting the archive's clock.
"""

from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from sqlalchemy import select

from archive import _rfc3161, _schema, times
from archive._archive import Archive
from archive._entry import Draft, Entry, Signer
from archive._files import write_durably
from archive._log import Reader
from archive._rfc3161 import Query, Token
from archive._store import translated
from archive._tsa import ask
from archive.errors import KeyProblem, NotFound, Refused, VerificationError

__all__ = [
    "TYPE",
    "Query",
    "Stamp",
    "Token",
    "add",
    "ask",
    "authority",
    "certificates",
    "check",
    "every",
    "over",
    "query",
    "remember",
    "trusted",
]

TYPE = "log.timestamped"
MAX_BYTES = 1 << 20
_PAGE = 1000


@dataclass(frozen=True, slots=True)
class Stamp:
    """A time stamp as the log holds it; nothing of it is verified but its form.

    `position` is its entry's number, `size` that of the checkpoint, `sha256` the hash of that
    checkpoint's note, `token` the authority's whole answer (DER TimeStampResp).
    """

    position: int
    size: int
    sha256: bytes
    time: datetime
    token: bytes

    @classmethod
    def of(cls, entry: Entry) -> "Stamp":
        """The time stamp in an entry; VerificationError when it holds none of the right form."""
        size = entry.data.get("size")
        if type(size) is not int or size < 0:
            raise VerificationError("time stamp: size is no number")
        try:
            token = b64decode(entry.data["token"], validate=True)
            digest = bytes.fromhex(entry.data["sha256"])
            time = times.from_text(entry.data["time"])
        except (KeyError, TypeError, ValueError, Base64Error) as error:
            raise VerificationError("time stamp: sha256, time or token is malformed") from error
        return cls(entry.seq, size, digest, time, token)


def check(archive: Archive, reader: Reader, entry: Entry) -> None:
    """Check a `log.timestamped` entry from stored bytes: that its token is over the checkpoint of
    its size as stored, bears its time, and is signed under a root in `keys/tsa.pem`.

    VerificationError when anything does not hold.
    """
    stamp = Stamp.of(entry)
    if entry.subject != archive.config.id:
        raise VerificationError("time stamp: its subject is not the archive")
    if stamp.size > entry.seq:
        raise VerificationError("time stamp: of a checkpoint that did not exist yet")
    try:
        note = reader.checkpoint(stamp.size)
    except NotFound as error:
        raise VerificationError(f"time stamp: there is no checkpoint {stamp.size}") from error
    roots = trusted(archive)
    if not roots:
        raise VerificationError(
            "time stamp: no root certificate to check it against: keys/tsa.pem is missing"
        )
    token = _rfc3161.verified(stamp.token, roots)
    if not stamp.sha256 == token.imprint == sha256(note.encode()).digest():
        raise VerificationError(f"time stamp: it is not over checkpoint {stamp.size} as stored")
    if token.time != stamp.time:
        raise VerificationError("time stamp: its token bears another time")


def over(response: bytes, note: bytes, roots: Sequence[x509.Certificate]) -> Token:
    """The token of an answer, verified under `roots`, over the bytes of a checkpoint's note.

    VerificationError when anything does not hold.
    """
    token = _rfc3161.verified(response, roots)
    if token.imprint != sha256(note).digest():
        raise VerificationError("time stamp: it is not over this checkpoint")
    return token


def every(reader: Reader, archive_id: str) -> list[Stamp]:
    """The time stamps that the log holds, in its order."""
    return [Stamp.of(entry) for entry in reader.history(archive_id, {TYPE})]


def query(reader: Reader) -> Query:
    """A new query over the newest checkpoint."""
    return Query.of(reader.checkpoint().encode())


def add(
    archive: Archive,
    signer: Signer,
    response: bytes,
    asked: Query | None = None,
    authorities: Sequence[x509.Certificate] = (),
) -> Stamp:
    """Verify an authority's answer and keep it as an entry, and its new certificates with it.

    `asked` is the query, when it is at hand; `authorities` are trusted besides those in
    `keys/tsa.pem`, and added to them. Raises VerificationError when the answer does not hold,
    KeyProblem when no root is known, NotFound when it is over no checkpoint of this log, Refused
    when the log holds this answer already.
    """
    held = trusted(archive)
    fresh = [one for one in dict.fromkeys(authorities) if one not in held]
    roots = [*held, *fresh]
    if not roots:
        raise KeyProblem(
            "no time-stamping authority's root certificate is known here",
            hint="name the file with it by --ca",
        )
    token = _rfc3161.verified(response, roots, asked.nonce if asked else None)
    if asked is not None and token.imprint != asked.imprint:
        raise VerificationError("time stamp: it is over something else (wrong imprint)")
    with archive.read() as reader:
        size = _stamped(reader, token.imprint)
        if any(one.token == response for one in every(reader, archive.config.id)):
            raise Refused("the log holds this time stamp already", hint="ask for a new one")
    if fresh:
        _keep(archive, roots)
    data = {
        "size": size,
        "sha256": token.imprint.hex(),
        "time": times.to_text(token.time),
        "token": b64encode(response).decode(),
    }
    with archive.write(signer) as writer:
        (entry,) = writer.append([Draft(TYPE, archive.config.id, data)])
    return Stamp.of(entry)


def remember(archive: Archive, url: str) -> None:
    """Write an authority's address into muniment.toml, to be asked from now on."""
    with translated():
        replace(archive.config, tsa=url).write(archive.folder)


def authority(stamp: Stamp) -> str:
    """The name in the certificate of the authority that a token says it is by, unverified."""
    return _rfc3161.claimed_authority(stamp.token)


def trusted(archive: Archive) -> tuple[x509.Certificate, ...]:
    """The certificates in `keys/tsa.pem`; none when there is no such file."""
    path = _path(archive)
    return certificates(path) if path.exists() else ()


def certificates(path: Path) -> tuple[x509.Certificate, ...]:
    """The certificates in a PEM file; KeyProblem when it holds none or cannot be read."""
    hint = "name a PEM file with the authority's root certificate"
    try:
        with path.open("rb") as file:
            return tuple(x509.load_pem_x509_certificates(file.read(MAX_BYTES)))
    except OSError as error:
        raise KeyProblem(f"{path} cannot be read ({error.strerror})", hint=hint) from error
    except ValueError as error:
        raise KeyProblem(f"{path} holds no certificates in PEM", hint=hint) from error


def _keep(archive: Archive, roots: Sequence[x509.Certificate]) -> None:
    pem = b"".join(one.public_bytes(Encoding.PEM) for one in roots)
    with translated():
        write_durably(_path(archive), pem)


def _path(archive: Archive) -> Path:
    return archive.folder / "keys" / "tsa.pem"


def _stamped(reader: Reader, imprint: bytes) -> int:
    """The size of the checkpoint whose note has this SHA-256; the newest are looked at first."""
    for size, note in _notes(reader):
        if sha256(note.encode()).digest() == imprint:
            return size
    raise NotFound(
        "the time stamp is over no checkpoint of this log",
        hint="name the answer to a query that muniment timestamp --request wrote",
    )


def _notes(reader: Reader) -> Iterator[tuple[int, str]]:
    table, below = _schema.checkpoint, reader.head.size + 1
    while True:
        page = select(table.c.size, table.c.note).where(table.c.size < below)
        rows = reader.conn.execute(page.order_by(table.c.size.desc()).limit(_PAGE)).fetchall()
        if not rows:
            return
        yield from ((size, note) for size, note in rows)
        below = rows[-1][0]
