"""What a new archive begins with: settings, folders, keys, and the tables of an empty log."""

from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Connection

from archive import _schema, _store, keys, merkle, notes
from archive._address import refuse_password
from archive._config import Config
from archive._files import write_durably
from archive._keyfiles import LOG, LOG_PUBLIC, VAULT, KeyFiles
from archive._vault import Vault
from archive.errors import UsageError


def settings_of(
    identity: str, name: str, origin: str, database: str, jurisdiction: str, timezone: str
) -> Config:
    """The settings of a new archive; what is empty is left to its default.

    UsageError when the origin is none or the database URL holds a password.
    """
    origin = origin or f"{_slug(name)}/{identity}"
    if "+" in origin or " " in origin or not origin.isprintable():
        raise UsageError(
            f"{origin!r} cannot be a log's origin", hint="give one without spaces and plus signs"
        )
    if database:
        refuse_password(database)
    wanted = {"database": database, "jurisdiction": jurisdiction, "timezone": timezone}
    return Config(identity, name, origin, **{key: value for key, value in wanted.items() if value})


def furnish(folder: Path, config: Config, passphrase: bytes | None) -> None:
    """The folders, the settings, and new keys, in an empty folder."""
    (folder / "keys").mkdir(mode=0o700)
    for name in ("blobs", "index"):
        (folder / name).mkdir()
    keys.create_secret(folder / "keys" / VAULT, passphrase)
    log_key = Ed25519PrivateKey.from_private_bytes(
        keys.create_secret(folder / "keys" / LOG, passphrase)
    )
    public = notes.NoteKey(config.origin, keys.public_bytes(log_key))
    write_durably(folder / "keys" / LOG_PUBLIC, f"{public}\n".encode())
    config.write(folder)


def set_up(connection: Connection, config: Config, key_files: KeyFiles) -> None:
    """The tables, the archive's own data key, and the head of an empty log; Refused when the
    database is in use.
    """
    _store.refuse_occupied(connection)
    _store.migrate(connection)
    Vault(connection, key_files.load(VAULT)).create_key(config.id)
    connection.execute(
        _schema.head.insert().values(
            id=1, size=0, root=merkle.EMPTY_ROOT, at="1970-01-01T00:00:00.000000Z"
        )
    )


def _slug(name: str) -> str:
    words = "".join(c if c.isascii() and c.isalnum() else " " for c in name.lower()).split()
    return "-".join(words) or "archive"
