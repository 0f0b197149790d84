"""Changing the archive's own keys: their passphrase, the log key, the vault key.

Each survives being killed at any moment. The passphrase of all files changes at once, the log key
in one transaction, after which the next writer settles its files as the log says
(`KeyFiles.settle_log_key`). A vault key is two keys until the whole of its replacement is done:
every transaction uses both, and running it again goes on where it stopped.
"""

from collections.abc import Callable
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Connection, bindparam, func, select, update

from archive import _schema, _store, actors, keys
from archive._archive import Archive
from archive._entry import Draft, Signer
from archive._files import sync_folder
from archive._keyfiles import LOG, NEW, VAULT, KeyFiles
from archive._log import Reader, Writer
from archive._vault import Vault
from archive.errors import VerificationError
from archive.notes import NoteKey

_BATCH = 2000

Told = Callable[[str, int, int], None]
"""Told what is being done, and how many of how many data keys are looked through."""


@dataclass(frozen=True, slots=True)
class VaultRotation:
    """What the replacement of a vault key did, since it was begun or taken up again.

    `damaged` are subjects whose data key opens under neither key, and did not before.
    """

    key: str
    rewrapped: int
    resumed: bool
    damaged: tuple[str, ...]


def rotate_log(archive: Archive, signer: Signer) -> NoteKey:
    """Replace the log key: from the next checkpoint but one the new key signs alone.

    Refused when the signer is neither officer nor director.
    """
    files = archive.key_files
    with archive.write(signer) as writer:
        actors.require_governing(writer, signer, "replace the log key")
        secret = keys.create_secret(files.folder / (LOG + NEW), files.passphrase_of(LOG))
        private = Ed25519PrivateKey.from_private_bytes(secret)
        key = NoteKey(archive.origin, keys.public_bytes(private))
        writer.append([Draft("log.rekeyed", archive.config.id, {"log_key": str(key)})])
    with _store.writing(archive.engine) as connection:
        secrets = files.secrets(connection, archive.config.id)
        reader = Reader(connection, secrets, archive.blob_folder)
        files.settle_log_key(reader, archive.config.id)
    return key


def rotate_vault(archive: Archive, signer: Signer, told: Told = lambda *_: None) -> VaultRotation:
    """Replace the vault key, or go on with a replacement that was interrupted.

    Others may read and write meanwhile. `told` is called between transactions; what it raises
    stops the rotation there. At the end the old key opens nothing in the database, no copy that a
    free page or the write-ahead log held included, and is in no file.

    Refused when the signer is neither officer nor director; StorageError when another command
    keeps old pages in use until this one gave up waiting: run it again.
    """
    files = archive.key_files
    with archive.write(signer) as writer:
        actors.require_governing(writer, signer, "replace the vault key")
        rotation, resumed = _begin(archive, writer)
        announced = _announced(writer, archive.config.id) == rotation.name
    rewrapped, damaged = 0, tuple[str, ...]()
    if not announced:
        changed = -1
        while changed:
            changed, damaged = rotation.run(told)
            rewrapped += changed
        told("announcing the new key", 0, 0)
        with archive.write(signer) as writer:
            writer.append([Draft("vault.rekeyed", archive.config.id, {"key": rotation.name})])
    told("removing what the old key opened from free pages", 0, 0)
    archive.scrub()
    told("removing the old key", 0, 0)
    with _store.writing(archive.engine):
        _put_in_place(files)
    return VaultRotation(rotation.name, rewrapped, resumed, damaged)


def protect(archive: Archive, passphrase: bytes | None) -> None:
    """Put the archive's key files under a passphrase, or under none: all of them, or none.

    KeyProblem when one of them is missing or cannot be opened.
    """
    with _store.writing(archive.engine):
        archive.key_files.protect(passphrase)


def vault_rotation_under_way(archive: Archive) -> bool:
    """Whether a replacement of the vault key was begun and is not done."""
    return (archive.key_files.folder / (VAULT + NEW)).exists()


class _Rotation:
    """Passes over all data keys that put those under the old vault key under the new one."""

    def __init__(self, archive: Archive, new: bytes, old: bytes) -> None:
        self._archive = archive
        self._new, self._old = new, old
        self.name = keys.name_of(new)

    def run(self, told: Told) -> tuple[int, tuple[str, ...]]:
        """One pass: how many keys it rewrapped, and whose open under neither vault key."""
        with _store.reading(self._archive.engine) as connection:
            query = select(func.count()).select_from(_schema.data_key)
            total = connection.execute(query).scalar_one()
        changed, damaged, seen, last = 0, list[str](), 0, ""
        while True:
            told("putting data keys under the new vault key", seen, total)
            with _store.writing(self._archive.engine) as connection:
                rows = _page(connection, last)
                rewrapped, unopened = self.rewrap(connection, rows)
            if not rows:
                return changed, tuple(damaged)
            changed, last, seen = changed + rewrapped, rows[-1][0], seen + len(rows)
            damaged += unopened

    def rewrap(
        self, connection: Connection, rows: list[tuple[str, bytes]]
    ) -> tuple[int, list[str]]:
        """Put data keys, given as (subject, wrapped), under the new vault key where they are not.

        Returns how many were not, and the subjects of those that open under neither.
        """
        new, old = Vault(connection, self._new), Vault(connection, self._old)
        changes: list[dict[str, object]] = []
        damaged: list[str] = []
        for subject, wrapped in rows:
            if new.opens(subject, wrapped):
                continue
            try:
                key = old.unwrap(subject, wrapped)
            except VerificationError:
                damaged.append(subject)
                continue
            changes.append({"whose": subject, "as_now": new.wrap(subject, key)})
        if changes:
            table = _schema.data_key
            change = update(table).where(table.c.subject == bindparam("whose"))
            connection.execute(change.values(wrapped=bindparam("as_now")), changes)
        return len(changes), damaged


def _begin(archive: Archive, writer: Writer) -> tuple[_Rotation, bool]:
    """Have a new vault key at hand, and the archive's own data key under it.

    From then on every transaction wraps with the new key (`KeyFiles.secrets`).
    """
    files = archive.key_files
    old = files.load(VAULT)
    path = files.folder / (VAULT + NEW)
    if not path.exists():
        keys.create_secret(path, files.passphrase_of(VAULT))
    new = files.load(VAULT + NEW)
    rotation = _Rotation(archive, new, old)
    table = _schema.data_key
    query = select(table.c.subject, table.c.wrapped).where(table.c.subject == archive.config.id)
    rows = [(subject, bytes(wrapped)) for subject, wrapped in writer.conn.execute(query)]
    rewrapped, _ = rotation.rewrap(writer.conn, rows)
    return rotation, not rewrapped


def _page(connection: Connection, last: str) -> list[tuple[str, bytes]]:
    table = _schema.data_key
    query = select(table.c.subject, table.c.wrapped).where(table.c.subject > last)
    rows = connection.execute(query.order_by(table.c.subject).limit(_BATCH))
    return [(subject, bytes(wrapped)) for subject, wrapped in rows]


def _announced(reader: Reader, archive_id: str) -> str:
    """The name of the newest vault key that the log names; empty for the archive's first one."""
    entries = reader.history(archive_id, {"vault.rekeyed"})
    return str(entries[-1].data.get("key")) if entries else ""


def _put_in_place(files: KeyFiles) -> None:
    new = files.folder / (VAULT + NEW)
    if new.exists():
        new.replace(files.folder / VAULT)
        sync_folder(files.folder)
    files.vault_key_moved()
