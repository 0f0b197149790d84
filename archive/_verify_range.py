"""Entries of one range of the log, checked from stored bytes: what any process can do alone.

What needs the entries before the range, the tree and the covering of captures by their batch, is
returned in a compact form for `archive._verify_chain`.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Connection, column, func, select, table

from archive import merkle, notes
from archive._authority import Authority
from archive._entry import CAPTURE_TYPES, Entry
from archive._findings import Findings
from archive._logkeys import NamedKeys, signers_of
from archive._parts import Sealed, commitment_of_encoded
from archive._store import rows_among
from archive._vault import Vault
from archive.errors import VerificationError

RANGE = 1024
"""Entries that are checked together."""

WITNESSES = frozenset({"log.timestamped", "log.cosigned"})

_REKEYED = frozenset({"log.rekeyed", "vault.rekeyed"})
_STREAM = 64

# Without types: what stands in a damaged row is taken as it is.
ENTRY = table("entry", column("seq"), column("type"), column("subject"), column("header"))
SEALED = table("sealed", column("seq"), column("ciphertext"))
DATA_KEY = table("data_key", column("subject"), column("wrapped"))
BLOB = table("blob", column("name"), column("subject"), column("size"))
CHECKPOINT = table("checkpoint", column("size"), column("note"))


class Captures(NamedTuple):
    """Captures by one actor that follow each other without a gap."""

    first: int
    length: int
    actor: str


class Batch(NamedTuple):
    """A `capture.batch`, and what it says that it covers."""

    seq: int
    actor: str
    covered: tuple[object, object, object]


class Other(NamedTuple):
    """An entry behind captures that is no batch."""

    seq: int


@dataclass(slots=True)
class Outcome:
    """What a range held: `leaves` are its leaf hashes, joined, with zeros where one is missing.

    `heads` are the size and root of each checkpoint in it that is signed as it should be.
    """

    start: int
    stop: int
    findings: Findings = field(default_factory=Findings)
    leaves: bytes = b""
    entries: int = 0
    signatures: int = 0
    contents: int = 0
    erased: int = 0
    checkpoints: int = 0
    heads: list[tuple[int, bytes]] = field(default_factory=list)
    runs: list[Captures | Batch | Other] = field(default_factory=list)
    witnessed: list[int] = field(default_factory=list)
    first: tuple[int, datetime] | None = None
    last: datetime | None = None


class RangeCheck:
    """Checks ranges within one snapshot; without a vault only what needs no key."""

    def __init__(
        self,
        connection: Connection,
        origin: str,
        authority: Authority,
        log_keys: NamedKeys,
        vault: Vault | None,
    ) -> None:
        self._connection = connection
        self._origin = origin
        self._authority = authority
        self._log_keys = log_keys
        self._vault = vault

    def check(self, start: int, stop: int) -> Outcome:
        """The entries from `start` up to `stop`, and the checkpoints of those sizes."""
        out = Outcome(start, stop)
        entries: list[Entry] = []
        leaves: list[bytes] = []
        for seq, kind, subject, header in self._rows(start, stop):
            if seq > start + len(leaves):
                _report_gap(out, start + len(leaves), seq)
                leaves += [bytes(merkle.HASH_BYTES)] * (seq - start - len(leaves))
            out.entries += 1
            if not isinstance(header, bytes):
                out.findings.add(f"entry {seq}", "not a header (not bytes)")
                leaves.append(bytes(merkle.HASH_BYTES))
                continue
            leaves.append(merkle.leaf_hash(header))
            entry = _parsed(out, seq, header)
            if entry is not None:
                if (kind, subject) != (entry.type, entry.subject):
                    problem = "its type or subject column differs from its header"
                    out.findings.add(f"entry {seq}", problem)
                self._alone(out, entry)
                entries.append(entry)
        if len(leaves) < stop - start:
            _report_gap(out, start + len(leaves), stop)
            leaves += [bytes(merkle.HASH_BYTES)] * (stop - start - len(leaves))
        out.leaves = b"".join(leaves)
        if self._vault is not None:
            self._contents(out, self._vault, entries)
        self._heads(out)
        return out

    def _rows(self, start: int, stop: int) -> Sequence[Any]:
        seq = ENTRY.c.seq
        return self._connection.execute(
            select(ENTRY).where(seq >= start, seq < stop).order_by(seq)
        ).fetchall()

    def _alone(self, out: Outcome, entry: Entry) -> None:
        """What an entry shows by itself: its time, its signature, its place among captures."""
        if out.last is None:
            out.first = (entry.seq, entry.at)
        elif entry.at < out.last:
            out.findings.add(
                f"entry {entry.seq}", "its time is before that of the entry ahead of it"
            )
        out.last = entry.at if out.last is None else max(entry.at, out.last)
        runs = out.runs
        if entry.type in CAPTURE_TYPES:
            if entry.signature is not None:
                out.findings.add(f"entry {entry.seq}", "a capture with a signature of its own")
            held = runs[-1] if runs else None
            if (
                isinstance(held, Captures)
                and held.actor == entry.actor
                and held.first + held.length == entry.seq
            ):
                runs[-1] = Captures(held.first, held.length + 1, held.actor)
            else:
                runs.append(Captures(entry.seq, 1, entry.actor))
            return
        if entry.type == "capture.batch":
            said = (entry.data.get("first"), entry.data.get("count"), entry.data.get("leaves"))
            runs.append(Batch(entry.seq, entry.actor, said))
        elif not runs or isinstance(runs[-1], Captures):
            runs.append(Other(entry.seq))
        if entry.type in _REKEYED and not self._authority.governs(entry.actor):
            out.findings.add(f"entry {entry.seq}", "its actor may not replace the archive's keys")
        if entry.type in WITNESSES:
            out.witnessed.append(entry.seq)
        self._signed(out, entry)

    def _signed(self, out: Outcome, entry: Entry) -> None:
        key = self._authority.key_at(entry.actor, entry.seq)
        if key is None:
            problem = f"its actor {entry.actor} is not known by then"
        elif not key:
            problem = f"its actor {entry.actor} was revoked by then"
        elif entry.signature is None:
            problem = "a decision without its actor's signature"
        else:
            try:
                _public(key).verify(entry.signature, entry.signed_message)
            except InvalidSignature:
                problem = "its actor's signature is wrong"
            else:
                out.signatures += 1
                return
        out.findings.add(f"entry {entry.seq}", problem)

    def _contents(self, out: Outcome, vault: Vault, entries: Sequence[Entry]) -> None:
        """The sealed halves: each opens and leads to its commitment, or was disposed of."""
        committed = {entry.seq: entry for entry in entries if entry.commitment is not None}
        bare = {entry.seq for entry in entries if entry.commitment is None}
        keys = self._keys(vault, sorted({entry.subject for entry in committed.values()}))
        named: list[tuple[Entry, str]] = []
        for seq, ciphertext in self._stream(out):
            if seq in bare:
                out.findings.add(f"sealed half {seq}", "its entry commits to none")
            entry = committed.pop(seq, None)
            if entry is None:
                continue
            problem = self._opened(vault, keys, entry, ciphertext, named)
            if problem:
                out.findings.add(f"entry {seq}", problem)
            else:
                out.contents += 1
        self._absent(out, list(committed.values()))
        self._attached(out, named)

    def _stream(self, out: Outcome) -> Iterator[Any]:
        seq = SEALED.c.seq
        query = select(SEALED).where(seq >= out.start, seq < out.stop).order_by(seq)
        yield from self._connection.execute(query, execution_options={"yield_per": _STREAM})

    def _keys(self, vault: Vault, subjects: Sequence[str]) -> dict[str, AESGCM | str]:
        """The ciphers of subjects, or what is wrong with the data key of one."""
        found: dict[str, AESGCM | str] = {}
        rows = rows_among(self._connection, select(DATA_KEY), DATA_KEY.c.subject, subjects)
        for subject, wrapped in rows:
            try:
                if not isinstance(wrapped, bytes):
                    raise VerificationError("not bytes")
                found[subject] = AESGCM(vault.unwrap(subject, wrapped))
            except VerificationError:
                found[subject] = "its data key is damaged, or of another vault key"
        return found

    @staticmethod
    def _opened(
        vault: Vault,
        keys: dict[str, AESGCM | str],
        entry: Entry,
        ciphertext: object,
        named: list[tuple[Entry, str]],
    ) -> str:
        """What is wrong with a sealed half, or ""; the attachments it names go to `named`."""
        cipher = keys.get(entry.subject, "the data key of its sealed half is missing")
        if isinstance(cipher, str):
            return cipher
        if not isinstance(ciphertext, bytes):
            return "its sealed half is damaged"
        try:
            plain = vault.decrypt(cipher, ciphertext, entry.commitment or b"")
            if commitment_of_encoded(plain) != entry.commitment:
                return "its content is not what its header commits to"
            if b"attachment/" in plain:
                named += [(entry, name) for name, _ in attachments(Sealed.decode(plain))]
        except VerificationError as error:
            return str(error)
        return ""

    def _absent(self, out: Outcome, absent: Sequence[Entry]) -> None:
        query = select(ENTRY.c.subject).where(ENTRY.c.type == "record.disposed")
        subjects = sorted({entry.subject for entry in absent})
        rows = rows_among(self._connection, query, ENTRY.c.subject, subjects)
        disposed = {subject for (subject,) in rows}
        for entry in absent:
            if entry.subject in disposed:
                out.erased += 1
            else:
                problem = "its content is missing, and no disposal says so"
                out.findings.add(f"entry {entry.seq}", problem)

    def _attached(self, out: Outcome, named: Sequence[tuple[Entry, str]]) -> None:
        """Each attachment that a content names is listed as its subject's."""
        query = select(BLOB.c.name, BLOB.c.subject)
        names = sorted({name for _, name in named})
        rows = rows_among(self._connection, query, BLOB.c.name, names)
        listed = {(name, subject) for name, subject in rows}
        for entry, name in named:
            if (name, entry.subject) not in listed:
                problem = f"its attachment {name} is not listed as its record's"
                out.findings.add(f"entry {entry.seq}", problem)

    def _heads(self, out: Outcome) -> None:
        size = CHECKPOINT.c.size
        previous = self._connection.execute(
            select(func.max(size)).where(size <= out.start)
        ).scalar()
        query = select(CHECKPOINT).where(size > out.start, size <= out.stop).order_by(size)
        before = previous or 0
        for at, note in self._connection.execute(query).fetchall():
            out.checkpoints += 1
            root, problem = self._head(before, at, note)
            if problem:
                out.findings.add(f"checkpoint {at}", problem)
            else:
                out.heads.append((at, root))
            before = at

    def _head(self, before: int, size: int, note: object) -> tuple[bytes, str]:
        """The root that a stored checkpoint states, or what is wrong with it."""
        if not isinstance(note, str):
            return b"", "not a note"
        signers = signers_of(self._log_keys, before, size)
        try:
            parsed = notes.Note.parse(note)
            signed = parsed.verify(signers)
            checkpoint = notes.Checkpoint.parse(parsed.text)
        except VerificationError as error:
            return b"", str(error)
        for key in signers:
            if key not in signed:
                return b"", f"not signed by the log's key {key.key_id.hex()}"
        if (checkpoint.size, checkpoint.origin) != (size, self._origin):
            return b"", "speaks of another size or origin"
        return checkpoint.root, ""


def attachments(sealed: Sealed) -> Iterable[tuple[str, str | None]]:
    """The names of the attachments in a content, each with the SHA-256 that it states, if any."""
    for path, value in sealed.singles.items():
        if path.startswith("attachment/") and path.endswith("/blob"):
            stated = sealed.singles.get(path.removesuffix("blob") + "sha256")
            yield (
                value.decode(errors="backslashreplace"),
                None if stated is None else stated.decode(errors="backslashreplace"),
            )


def _parsed(out: Outcome, seq: int, header: bytes) -> Entry | None:
    try:
        return Entry.parse(seq, header)
    except VerificationError as error:
        out.findings.add(f"entry {seq}", str(error).partition(": ")[2])
        return None


def _report_gap(out: Outcome, start: int, stop: int) -> None:
    if stop - start == 1:
        out.findings.add(f"entry {start}", "missing")
    else:
        out.findings.add(f"entry {start}", f"missing, and all up to entry {stop - 1}")


@lru_cache(maxsize=256)
def _public(key: bytes) -> Ed25519PublicKey:
    return Ed25519PublicKey.from_public_bytes(key)
