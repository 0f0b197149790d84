"""The vault: one data key per subject, sealed halves under it, and their destruction.

A data key is wrapped by AES-256-GCM under the vault key with the subject as associated data. A
sealed half is compressed with Zstandard when that makes it smaller, and encrypted by AES-256-GCM
under its subject's data key with the entry's commitment as associated data.
"""

import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from io import BytesIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Connection, delete, func, select

from archive import _schema
from archive._handed_over import HandedOver
from archive._packing import Packer
from archive._parts import Sealed
from archive._store import among, chunked, insert_rows, rows_of, stored_bytes
from archive.errors import VerificationError

_NONCE, _KEY = 12, 32
_sealed, _key = _schema.sealed.c, _schema.data_key.c
_SEALED = among(select(_sealed.seq, _sealed.ciphertext), _sealed.seq)
_WRAPPED = among(select(_key.subject, _key.wrapped), _key.subject)


@dataclass(frozen=True, slots=True)
class Erased:
    """What an erasure destroyed."""

    subjects: int
    sealed: int
    bytes: int
    blobs: tuple[str, ...]


class Vault:
    """Seals, opens and erases within one transaction."""

    def __init__(
        self, connection: Connection, vault_key: bytes, other: bytes | None = None
    ) -> None:
        self._connection = connection
        self._wrapper = AESGCM(vault_key)
        self._other = None if other is None else AESGCM(other)
        self._packer = Packer()
        self._keys: dict[str, AESGCM] = {}

    def create_key(self, subject: str) -> bytes:
        """A new data key for a subject that has none, stored wrapped; returns the key."""
        key, row = self._new_key(subject)
        insert_rows(self._connection, _schema.data_key, [row])
        return key

    def secret_of(self, subject: str) -> bytes:
        """A subject's data key; VerificationError when there is none or it does not unwrap."""
        table = _schema.data_key
        wrapped = self._connection.execute(
            select(table.c.wrapped).where(table.c.subject == subject)
        ).scalar()
        if wrapped is None:
            raise VerificationError(f"data key of {subject}: missing")
        return self.unwrap(subject, stored_bytes(wrapped, f"data key of {subject}"))

    def cipher_of(self, subject: str, *, create: bool = False) -> AESGCM:
        """The cipher under a subject's data key; VerificationError when there is none."""
        table = _schema.data_key
        query = select(table.c.subject).where(table.c.subject == subject)
        if create and self._connection.execute(query).scalar() is None:
            return AESGCM(self.create_key(subject))
        return AESGCM(self.secret_of(subject))

    def seal(self, rows: Sequence[tuple[int, str, bytes, Sealed]]) -> None:
        """Encrypt and store sealed halves given as (seq, subject, commitment, sealed)."""
        self._load_keys({subject for _, subject, _, _ in rows})
        fresh: list[tuple[str, bytes]] = []
        stored: list[tuple[int, bytes]] = []
        random = BytesIO(os.urandom(len(rows) * (_KEY + 2 * _NONCE))).read
        for seq, subject, commitment, sealed in rows:
            cipher = self._keys.get(subject)
            if cipher is None:
                key, row = self._new_key(subject, random)
                fresh.append(row)
                cipher = self._keys[subject] = AESGCM(key)
            nonce = random(_NONCE)
            stored.append((seq, nonce + cipher.encrypt(nonce, self._packed(sealed), commitment)))
        insert_rows(self._connection, _schema.data_key, fresh)
        insert_rows(self._connection, _schema.sealed, stored)
        self._keys.clear()

    def open(self, rows: Sequence[tuple[int, str, bytes]]) -> dict[int, Sealed]:
        """The sealed halves that are still there, by seq, of (seq, subject, commitment) rows.

        VerificationError names the entry whose ciphertext or key is damaged.
        """
        opened: dict[int, Sealed] = {}
        for seq, plain in self.open_encoded(rows).items():
            try:
                opened[seq] = Sealed.decode(plain)
            except VerificationError as error:
                raise VerificationError(f"entry {seq}: {error}") from error
        return opened

    def open_encoded(self, rows: Sequence[tuple[int, str, bytes]]) -> dict[int, bytes]:
        """As `open`, but the encoded bytes (`Sealed.encode`), not looked into."""
        found: dict[int, bytes] = {}
        for seq, data in rows_of(self._connection, _SEALED, [seq for seq, _, _ in rows]):
            found[seq] = stored_bytes(data, f"entry {seq}: its sealed half")
        self._load_keys({subject for seq, subject, _ in rows if seq in found})
        opened: dict[int, bytes] = {}
        for seq, subject, commitment in rows:
            if seq not in found:
                continue
            cipher = self._keys.get(subject)
            if cipher is None:
                raise VerificationError(f"entry {seq}: the data key of its sealed half is missing")
            try:
                opened[seq] = self.decrypt(cipher, found[seq], commitment)
            except VerificationError as error:
                raise VerificationError(f"entry {seq}: {error}") from error
        self._keys.clear()
        return opened

    def erase(self, subjects: Sequence[str]) -> Erased:
        """Delete the data keys, sealed halves and blob rows of subjects (NIST SP 800-88r2)."""
        counted, size = 0, 0
        blobs: list[str] = []
        entry, sealed, blob = _schema.entry, _schema.sealed, _schema.blob
        for chunk in chunked(subjects):
            theirs = select(entry.c.seq).where(entry.c.subject.in_(chunk))
            count, length = self._connection.execute(
                select(func.count(), func.coalesce(func.sum(func.length(sealed.c.ciphertext)), 0))
                .select_from(sealed)
                .where(sealed.c.seq.in_(theirs))
            ).one()
            counted += count
            size += length
            named = select(blob.c.name).where(blob.c.subject.in_(chunk))
            blobs += self._connection.execute(named).scalars()
            self._connection.execute(delete(sealed).where(sealed.c.seq.in_(theirs)))
            self._connection.execute(delete(blob).where(blob.c.subject.in_(chunk)))
            keys = _schema.data_key
            self._connection.execute(delete(keys).where(keys.c.subject.in_(chunk)))
        return Erased(len(subjects), counted, size, tuple(blobs))

    def _load_keys(self, subjects: Iterable[str]) -> None:
        wanted = [subject for subject in subjects if subject not in self._keys]
        for subject, wrapped in rows_of(self._connection, _WRAPPED, wanted):
            key = stored_bytes(wrapped, f"data key of {subject}")
            self._keys[subject] = AESGCM(self.unwrap(subject, key))

    def _new_key(
        self, subject: str, random: Callable[[int], bytes] = os.urandom
    ) -> tuple[bytes, tuple[str, bytes]]:
        key = random(_KEY)
        return key, (subject, self.wrap(subject, key, random))

    def wrap(self, subject: str, key: bytes, random: Callable[[int], bytes] = os.urandom) -> bytes:
        """The stored form of a subject's data key; `random` gives bytes that nobody else gets."""
        nonce = random(_NONCE)
        return nonce + self._wrapper.encrypt(nonce, key, subject.encode())

    def opens(self, subject: str, wrapped: bytes) -> bool:
        """Whether the stored form of a subject's data key opens under the vault key at hand."""
        try:
            self.unwrap(subject, wrapped)
        except VerificationError:
            return False
        return True

    def unwrap(self, subject: str, wrapped: bytes) -> bytes:
        """The data key of a subject from its stored form; VerificationError when it is damaged."""
        for wrapper in (self._wrapper, self._other):
            try:
                if wrapper is not None:
                    return wrapper.decrypt(wrapped[:_NONCE], wrapped[_NONCE:], subject.encode())
            except (InvalidTag, ValueError):
                continue
        raise VerificationError(f"data key of {subject}: damaged, or of another vault key")

    def _packed(self, sealed: Sealed) -> bytes:
        ready = sealed.packed if isinstance(sealed, HandedOver) else None
        return self._packer.pack(sealed.encode()) if ready is None else ready

    def decrypt(self, cipher: AESGCM, stored: bytes, commitment: bytes) -> bytes:
        """The encoded sealed half in a stored ciphertext; VerificationError when it is damaged."""
        try:
            packed = cipher.decrypt(stored[:_NONCE], stored[_NONCE:], commitment)
        except (InvalidTag, ValueError) as error:
            raise VerificationError("its sealed half is damaged") from error
        return self._packer.unpack(packed)
