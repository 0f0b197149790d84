"""A copy of the archive's own keys in one sealed file, to be kept apart from the archive.

The file says in clear which archive it is of; the secrets in it are encrypted by AES-256-GCM under
a key that scrypt (RFC 7914) derives from a passphrase (`docs/format.md` section 8).
"""

import json
import os
from base64 import b64decode, b64encode
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Connection, select

from archive import _canonical, _schema, _store, keys, times
from archive._archive import Archive
from archive._config import Config
from archive._files import sync_folder, write_durably
from archive._keyfiles import (
    LOG,
    LOG_PUBLIC,
    NEW,
    VAULT,
    KeyFiles,
    Passphrase,
    own_data_key,
    what_is,
)
from archive._log import NO_SECRETS, Reader
from archive._logkeys import log_keys
from archive._vault import Vault
from archive.errors import KeyProblem, Refused, UsageError
from archive.notes import NoteKey

KIND = "muniment key copy"
_COST = {"n": 2**17, "r": 8, "p": 1}
_DOMAIN = b"muniment key copy v1\n"
_NAMES = (LOG, VAULT, VAULT + NEW)
_LARGEST = 1 << 16


@dataclass(frozen=True, slots=True)
class KeyCopy:
    """An opened copy: of which archive, made when, and the secrets by the names of their files.

    `protected` says whether the archive's key files had a passphrase when it was made.
    """

    archive_id: str
    name: str
    origin: str
    made: str
    protected: bool
    secrets: Mapping[str, bytes]

    @property
    def log_key(self) -> NoteKey:
        """The public half of the log key."""
        private = Ed25519PrivateKey.from_private_bytes(self.secrets[LOG])
        return NoteKey(self.origin, keys.public_bytes(private))

    def put(self, folder: Path, passphrase: bytes | None = None) -> None:
        """Write log.key, vault.key (vault.key.new where there is one) and log.pub into an archive's
        folder `keys`, replacing what is there; protected when there is a passphrase.
        """
        for name, secret in self.secrets.items():
            keys.write_secret(folder / "keys" / name, secret, passphrase)
        write_durably(folder / "keys" / LOG_PUBLIC, f"{self.log_key}\n".encode())


def write_copy(archive: Archive, dest: Path, passphrase: bytes) -> KeyCopy:
    """Seal the archive's own keys into a new file of mode 0600, and read it back.

    UsageError when there is a file already; KeyProblem when a key is missing, or the log key is not
    the log's newest.
    """
    files = archive.key_files
    with _store.writing(archive.engine) as connection:
        secrets = files.secrets(connection, archive.config.id)
        reader = Reader(connection, secrets, archive.blob_folder)
        files.settle_log_key(reader, archive.config.id)
        held = {name: files.load(name) for name in _NAMES if (files.folder / name).exists()}
        protected = any(files.is_protected(name) for name in held)
    config = archive.config
    made = times.to_text(archive.clock())
    copy = KeyCopy(config.id, config.name, config.origin, made, protected, held)
    with _store.translated():
        _write_new(dest, _seal(copy, passphrase))
    try:
        if read_copy(dest, passphrase) != copy:
            raise KeyProblem(f"{dest} did not keep what was written to it", hint="use another disk")
    except BaseException:
        dest.unlink()
        raise
    return copy


def read_copy(path: Path, passphrase: bytes) -> KeyCopy:
    """Open a copy. KeyProblem when it cannot be read, is none, or the passphrase is wrong."""
    header, document = _document(path)
    try:
        salt, nonce = (b64decode(document[name], validate=True) for name in ("salt", "nonce"))
        sealed = b64decode(document["secret"], validate=True)
        cost = {name: int(document[name]) for name in _COST}
        stretched = keys.stretch(passphrase, salt, **cost)
        plain = AESGCM(stretched).decrypt(nonce, sealed, header)
        secrets = {name: b64decode(text, validate=True) for name, text in json.loads(plain).items()}
        if not {LOG, VAULT} <= secrets.keys() <= set(_NAMES):
            raise ValueError("not the keys of an archive")
        if any(len(secret) != keys.SECRET_BYTES for secret in secrets.values()):
            raise ValueError("a key of another length")
    except InvalidTag as error:
        raise keys.WrongPassphrase(
            f"wrong passphrase for the copy of the keys {path}", hint="try again"
        ) from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise _damaged(path, error) from error
    return KeyCopy(
        document["archive"],
        document["name"],
        document["origin"],
        document["made"],
        document["protected"] is True,
        secrets,
    )


def restore_keys(
    folder: Path,
    copy: KeyCopy,
    passphrase: bytes | None = None,
    ask: Passphrase = lambda _: None,
) -> list[str]:
    """Put the archive's missing and damaged key files back from a copy; the names of those.

    A file that is replaced is kept beside its place with `.aside` behind its name. The keys are
    first proved to be this archive's, against its log and its vault. `passphrase` protects what is
    put back, or the one that `ask` gives where a key file that is there needs it. KeyProblem when
    the keys are another archive's, or that passphrase is wrong; Refused when the archive has got
    other keys since.
    """
    config = Config.read(folder)
    if copy.archive_id != config.id:
        raise KeyProblem(
            f"this is a copy of the keys of another archive, {copy.name} ({copy.origin})",
            hint="name the copy of this archive's keys",
        )
    where, opening = folder / "keys", _Opening(passphrase, ask)
    engine = _store.connect(config.database, folder)
    try:
        with _store.writing(engine) as connection:
            KeyFiles(where, ask).settle_passphrase()
            _prove_log_key(connection, config.id, copy)
            secrets = {LOG: copy.secrets[LOG]}
            secrets |= _proven_vault_keys(connection, config.id, copy, where, opening)
            put = [name for name, secret in secrets.items() if opening.load(where / name) != secret]
            for name in put:
                _put(where / name, secrets[name], opening.passphrase)
            if put:
                write_durably(where / LOG_PUBLIC, f"{copy.log_key}\n".encode())
    finally:
        engine.dispose()
    return put


def _prove_log_key(connection: Connection, archive_id: str, copy: KeyCopy) -> None:
    reader = Reader(connection, NO_SECRETS, Path())
    named = log_keys(reader, archive_id)
    if not named or copy.log_key not in [key for _, key in named]:
        raise KeyProblem("the log key in the copy is none of this archive's")
    if named[-1][1] != copy.log_key:
        raise Refused(
            f"the log key was replaced by entry {named[-1][0]}, after this copy was made",
            hint="name a newer copy of the keys",
        )


def _proven_vault_keys(
    connection: Connection, archive_id: str, copy: KeyCopy, where: Path, opening: "_Opening"
) -> dict[str, bytes]:
    """The vault keys in a copy that open something in the database, by the names of their files.

    While a vault key is being replaced the archive's own data key is under the new one, which may
    be at hand already.
    """
    own = own_data_key(connection, archive_id)
    old, new = copy.secrets[VAULT], copy.secrets.get(VAULT + NEW)
    if Vault(connection, old).opens(archive_id, own):
        return {VAULT: old}
    if new is not None and Vault(connection, new).opens(archive_id, own):
        return {VAULT: old, VAULT + NEW: new} if _opens_any(connection, old) else {VAULT: new}
    path = where / (VAULT + NEW)
    if path.exists():
        held = opening.load(path)
        if held and Vault(connection, held).opens(archive_id, own) and _opens_any(connection, old):
            return {VAULT: old}
    reader = Reader(connection, NO_SECRETS, Path())
    if path.exists() or reader.history(archive_id, {"vault.rekeyed"}):
        raise Refused(
            "the vault key was replaced after this copy was made",
            hint="name a newer copy of the keys",
        )
    raise KeyProblem("the vault key in the copy is not this archive's")


def _opens_any(connection: Connection, key: bytes) -> bool:
    vault, table = Vault(connection, key), _schema.data_key
    query = select(table.c.subject, table.c.wrapped).execution_options(yield_per=1000)
    with connection.execute(query) as rows:
        return any(vault.opens(subject, bytes(wrapped)) for subject, wrapped in rows)


class _Opening:
    """Looks into the key files that are there; `passphrase` is the one that opened the last."""

    def __init__(self, passphrase: bytes | None, ask: Passphrase) -> None:
        self.passphrase = passphrase
        self._ask = ask

    def load(self, path: Path) -> bytes | None:
        """The secret in a key file, None when it is missing or damaged."""
        what = what_is(path.name)
        try:
            return keys.load_secret(path, what)
        except keys.PassphraseNeeded:
            return self._protected(path, what)
        except KeyProblem:
            return None

    def _protected(self, path: Path, what: str) -> bytes:
        if self.passphrase:
            with suppress(keys.WrongPassphrase):
                return keys.load_secret(path, what, self.passphrase)
        given = self._ask(what)
        try:
            secret = keys.load_secret(path, what, given)
        except (keys.PassphraseNeeded, keys.WrongPassphrase) as error:
            raise KeyProblem(
                str(error),
                hint="if nobody knows its passphrase, move the file away and run this again",
            ) from error
        self.passphrase = given
        return secret


def _put(path: Path, secret: bytes, passphrase: bytes | None) -> None:
    if path.exists():
        path.replace(path.with_name(path.name + ".aside"))
    keys.write_secret(path, secret, passphrase)


def _seal(copy: KeyCopy, passphrase: bytes) -> bytes:
    salt, nonce = os.urandom(16), os.urandom(12)
    header: dict[str, Any] = {
        "format": 1,
        "kind": KIND,
        "archive": copy.archive_id,
        "name": copy.name,
        "origin": copy.origin,
        "made": copy.made,
        "protected": copy.protected,
        "log_key": str(copy.log_key),
        "kdf": "scrypt",
        **_COST,
        "salt": _text(salt),
        "nonce": _text(nonce),
    }
    plain = json.dumps({name: _text(secret) for name, secret in copy.secrets.items()}).encode()
    key = keys.stretch(passphrase, salt, **_COST)
    sealed = AESGCM(key).encrypt(nonce, plain, _DOMAIN + _canonical.dumps(header))
    return json.dumps(header | {"secret": _text(sealed)}, indent=1).encode() + b"\n"


def _document(path: Path) -> tuple[bytes, dict[str, Any]]:
    """The bytes that the sealing covers, and the members of a copy's file."""
    try:
        with path.open("rb") as file:
            data = file.read(_LARGEST)
        document = json.loads(data)
        if document["kind"] != KIND or document["format"] != 1 or document["kdf"] != "scrypt":
            raise ValueError("not a copy of an archive's keys")
        header = {name: value for name, value in document.items() if name != "secret"}
        for name in ("archive", "name", "origin", "made"):
            if not isinstance(document[name], str):
                raise ValueError(f"{name} is no text")
        return _DOMAIN + _canonical.dumps(header), document
    except OSError as error:
        raise KeyProblem(f"{path} cannot be read ({error.strerror})") from error
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise _damaged(path, error) from error


def _damaged(path: Path, error: Exception) -> KeyProblem:
    return KeyProblem(
        f"{path} is not a copy of an archive's keys, or damaged ({error})",
        hint="name a file that muniment key backup has made",
    )


def _write_new(path: Path, data: bytes) -> None:
    """Write a new file, durably; UsageError when there is one. Nothing of it is left on failure."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    except FileExistsError as error:
        raise UsageError(f"{path} is there already", hint="name another file") from error
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        sync_folder(path.parent)
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def _text(data: bytes) -> str:
    return b64encode(data).decode()
