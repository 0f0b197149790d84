"""The archive's secret keys in their files, read when they are needed and again when they change.

`log.key` and `vault.key` are the keys in force. While one is being replaced, the new one lies
beside it under the same name with `.new` (`archive._rotation`). While their passphrase is being
changed, one file holds what all of them are to become, and counts in their place.
"""

import json
from collections.abc import Callable, Sequence
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Connection, bindparam, select

from archive import _schema, keys
from archive._files import sync_folder, write_durably
from archive._log import Reader, Secrets
from archive._logkeys import log_keys, signers_of
from archive._store import stored_bytes
from archive._vault import Vault
from archive.errors import KeyProblem, VerificationError
from archive.notes import NoteKey

LOG, VAULT, LOG_PUBLIC = "log.key", "vault.key", "log.pub"
NEW = ".new"
_NAMES = (VAULT + NEW, VAULT, LOG + NEW, LOG)
_CHANGE = "passphrase.new"
_WRAPPED = select(_schema.data_key.c.wrapped).where(
    _schema.data_key.c.subject == bindparam("subject")
)

Stamp = tuple[tuple[int, int] | None, tuple[int, int] | None]

Passphrase = Callable[[str], bytes | None]
"""Asked for the passphrase of the key it names, when that key has one."""


class KeyFiles:
    """The secret keys of an archive, for as long as it is open."""

    def __init__(self, folder: Path, passphrase: Passphrase) -> None:
        self.folder = folder
        self._passphrase = passphrase
        self._read: dict[str, tuple[Stamp, bytes]] = {}
        self._passphrases: dict[str, bytes | None] = {}
        self._vault_keys: list[bytes] = []
        self._held: tuple[bytes, Secrets] | None = None

    def load(self, name: str) -> bytes:
        """The secret in a key file; KeyProblem when it is missing, locked or damaged."""
        stamp = (_stamp(self.folder / name), _stamp(self.folder / _CHANGE))
        known = self._read.get(name)
        if stamp[0] is None or known is None or known[0] != stamp:
            known = self._read[name] = (stamp, self._open(name))
        return known[1]

    def is_protected(self, name: str) -> bool:
        """Whether a key file has a passphrase; KeyProblem when it cannot be read."""
        try:
            keys.open_secret(self._content(name), self.folder / name, what_is(name))
        except keys.PassphraseNeeded:
            return True
        return False

    def protect(self, passphrase: bytes | None) -> None:
        """Put all key files under a passphrase, or under none: all of them, or none.

        To be called with the writer's lock. KeyProblem when one is missing or cannot be opened.
        """
        self.settle_passphrase()
        present = [n for n in _NAMES if n in (VAULT, LOG) or (self.folder / n).exists()]
        documents = {
            name: keys.seal_secret(self.load(name), passphrase).decode() for name in present
        }
        write_durably(self.folder / _CHANGE, json.dumps(documents).encode(), 0o600)
        self.settle_passphrase()

    def settle_passphrase(self) -> None:
        """Complete a change of the passphrase that was interrupted, for which none is needed.

        To be called with the writer's lock.
        """
        change = self.folder / _CHANGE
        if change.exists():
            for name, document in self._changed().items():
                write_durably(self.folder / name, document.encode(), 0o600)
            change.unlink()
            sync_folder(self.folder)

    def passphrase_of(self, name: str) -> bytes | None:
        """The passphrase that a key file which was loaded has, or None."""
        self.load(name)
        return self._passphrases.get(name)

    def vault_keys(self) -> list[bytes]:
        """The vault keys at hand, a new one that is being put in place first."""
        found = [self.load(VAULT + NEW)] if (self.folder / (VAULT + NEW)).exists() else []
        try:
            found.append(self.load(VAULT))
        except KeyProblem:
            if not found:
                raise
        self._vault_keys = list(dict.fromkeys([*found, *self._vault_keys]))
        return self._vault_keys

    def secrets(self, connection: Connection, archive_id: str) -> Secrets:
        """What opens the vault as this transaction sees it.

        The archive's own data key tells which vault key is in force: it is the first that is put
        under a new one. VerificationError when it is missing or under none of the keys at hand.
        """
        wrapped = own_data_key(connection, archive_id)
        if self._held is None or self._held[0] != wrapped:
            self._held = (wrapped, self._opening(connection, archive_id, wrapped))
        return self._held[1]

    def log_key_names(self) -> list[str]:
        """The files with a private key of the log: two while it is being replaced."""
        return [LOG, *(name for name in (LOG + NEW,) if (self.folder / name).exists())]

    def vault_key_moved(self) -> None:
        """The new vault key is in its place: use no other one again."""
        self._moved(VAULT + NEW, VAULT)
        self._vault_keys, self._held = [], None

    def settle_log_key(self, reader: Reader, archive_id: str) -> None:
        """Complete or drop a replacement of the log key that was interrupted, as the log says.

        To be called with the writer's lock. KeyProblem when no key file has the log's newest key.
        """
        self.settle_passphrase()
        named = [key for _, key in log_keys(reader, archive_id)]
        if not named:
            return
        new = self.folder / (LOG + NEW)
        if self._is(LOG, named[-1]):
            new.unlink(missing_ok=True)
        elif new.exists() and self._is(LOG + NEW, named[-1]):
            new.replace(self.folder / LOG)
            sync_folder(self.folder)
            self._moved(LOG + NEW, LOG)
        else:
            raise KeyProblem(
                f"{self.folder / LOG} is not the log's newest key",
                hint="put back the newest copy of the keys: muniment key restore FILE",
            )
        public = self.folder / LOG_PUBLIC
        if not public.exists() or public.read_text().strip() in map(str, named[:-1]):
            write_durably(public, f"{named[-1]}\n".encode())

    def signing_keys(
        self, reader: Reader, archive_id: str, previous: int, size: int
    ) -> Sequence[Ed25519PrivateKey]:
        """The private keys that have to sign the checkpoint of `size` (`signers_of`).

        KeyProblem when one of them is in no key file.
        """
        at_hand = {}
        for name in (LOG, LOG + NEW):
            if (self.folder / name).exists():
                private = Ed25519PrivateKey.from_private_bytes(self.load(name))
                at_hand[keys.public_bytes(private)] = private
        wanted = signers_of(log_keys(reader, archive_id), previous, size)
        if not wanted:
            raise VerificationError("the log names no key of its own")
        if any(key.public not in at_hand for key in wanted):
            raise KeyProblem(
                f"{self.folder / LOG} is not the log's newest key",
                hint="put back the newest copy of the keys: muniment key restore FILE",
            )
        return [at_hand[key.public] for key in wanted]

    def _moved(self, name: str, to: str) -> None:
        """A key file was renamed: what was read of it holds for its new name."""
        if name in self._read:
            self._read[to] = self._read.pop(name)
            self._passphrases[to] = self._passphrases.pop(name, None)

    def _is(self, name: str, key: NoteKey) -> bool:
        private = Ed25519PrivateKey.from_private_bytes(self.load(name))
        return keys.public_bytes(private) == key.public

    def _opening(self, connection: Connection, archive_id: str, wrapped: bytes) -> Secrets:
        at_hand = self.vault_keys()
        for key in at_hand:
            try:
                secret = Vault(connection, key).unwrap(archive_id, wrapped)
            except VerificationError:
                continue
            others = [other for other in at_hand if other != key]
            return Secrets(key, keys.derive(secret, "lookup"), others[0] if others else None)
        raise VerificationError(
            f"data key of {archive_id}: damaged, or of another vault key",
            hint="put back the right copy of the keys: muniment key restore FILE",
        )

    def _open(self, name: str) -> bytes:
        data, path, what = self._content(name), self.folder / name, what_is(name)
        self._passphrases[name] = None
        try:
            return keys.open_secret(data, path, what)
        except keys.PassphraseNeeded:
            given = self._passphrase(what)
            if not given:
                raise
        secret = keys.open_secret(data, path, what, given)
        self._passphrases[name] = given
        return secret

    def _content(self, name: str) -> bytes:
        """What a key file holds, or is to hold when a change of the passphrase is complete."""
        changed = self._changed().get(name)
        if changed is not None:
            return changed.encode()
        return keys.read_private(self.folder / name, what_is(name))

    def _changed(self) -> dict[str, str]:
        """What key files are to hold, by name; empty while no passphrase is being changed."""
        path = self.folder / _CHANGE
        if not path.exists():
            return {}
        try:
            found = json.loads(keys.read_private(path, "new passphrase"))
            if not found or any(type(found[name]) is not str for name in found.keys() | {VAULT}):
                raise ValueError("not the content of key files")
            return {name: found[name] for name in _NAMES if name in found}
        except (ValueError, KeyError, AttributeError, RecursionError) as error:
            raise KeyProblem(
                f"{path} is damaged", hint="move it away; the passphrase is the one before it"
            ) from error


def what_is(name: str) -> str:
    """What a key file holds, in words."""
    return "log key" if name.startswith(LOG) else "vault key"


def own_data_key(connection: Connection, archive_id: str) -> bytes:
    """The archive's own data key, wrapped; VerificationError when there is none."""
    wrapped = connection.execute(_WRAPPED, {"subject": archive_id}).scalar()
    if wrapped is None:
        raise VerificationError(f"data key of {archive_id}: missing", hint="restore a backup")
    return stored_bytes(wrapped, f"data key of {archive_id}")


def _stamp(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns
