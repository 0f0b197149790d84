"""What stands beside the log and must agree with it: settings, key files, guards, single rows."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)
from cryptography.hazmat.primitives.serialization import load_ssh_public_key
from sqlalchemy import Connection, create_engine, select, text

from archive import _guards, _store, keys, notes
from archive._authority import Authority
from archive._config import FILE, Config
from archive._entry import Entry
from archive._findings import Findings
from archive._logkeys import NamedKeys
from archive._parts import Sealed
from archive._vault import Vault
from archive._verify_range import SEALED
from archive.errors import KeyProblem, VerificationError

_SCHEMA = text("SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL")
_PAGE_BYTES = 1 << 16


def named_keys(entries: Iterable[Entry], findings: Findings) -> NamedKeys:
    """The log's keys as entries of `archive._logkeys.TYPES` name them; what is wrong is noted."""
    found: list[tuple[int, notes.NoteKey]] = []
    for entry in entries:
        problem = ""
        try:
            key = notes.NoteKey.parse(str(entry.data.get("log_key")))
        except VerificationError as error:
            findings.add(f"entry {entry.seq}", str(error))
            continue
        if (entry.type == "archive.created") == bool(found):
            problem = f"{entry.type} is not in its place"
        elif key.kind != notes.ED25519:
            problem = "names no key that signs checkpoints"
        elif found and key.name != found[0][1].name:
            problem = "the log's new key has another name"
        elif key in [known for _, known in found]:
            problem = "names a key that the log had before"
        if problem:
            findings.add(f"entry {entry.seq}", problem)
        else:
            found.append((entry.seq, key))
    return tuple(found)


def sealed_name(connection: Connection, vault: Vault, created: Entry) -> str:
    """The archive's name in the sealed half of `archive.created`; "" when it cannot be read."""
    query = select(SEALED.c.ciphertext).where(SEALED.c.seq == created.seq)
    stored = connection.execute(query).scalar()
    if not isinstance(stored, bytes):
        return ""
    try:
        cipher = vault.cipher_of(created.subject)
        plain = vault.decrypt(cipher, stored, created.commitment or b"")
        return Sealed.decode(plain).get("name") or ""
    except VerificationError:
        return ""


def check_settings(
    config: Config, created: Entry | None, log_keys: NamedKeys, name: str
) -> Iterator[tuple[str, str]]:
    """muniment.toml against `archive.created`; `name` is the one sealed in it, or ""."""
    if created is None:
        yield "log", "no entry names the archive and its first key (archive.created)"
        return
    if created.subject != config.id:
        yield FILE, "its id is not the one that the log begins with"
    if log_keys and log_keys[0][1].name != config.origin:
        yield FILE, "its origin is not the name of the log's key"
    if name and name != config.name:
        yield FILE, "its name is not the one that the log begins with"


def check_key_files(
    folder: Path, authority: Authority, log_keys: NamedKeys
) -> Iterator[tuple[str, str]]:
    """The public keys in the archive's folder against those that the log names.

    A command that was killed may have left the one that was in force until then.
    """
    if log_keys:
        try:
            stated = notes.NoteKey.parse(_text(folder / "log.pub"))
        except VerificationError as error:
            yield "keys/log.pub", str(error)
        else:
            if stated not in [key for _, key in log_keys]:
                yield "keys/log.pub", "is not the key that the log names"
    for path in sorted(folder.glob("*.pub")):
        if path.name == "log.pub":
            continue
        known = authority.keys_of(path.stem)
        try:
            public = _openssh(_text(path))
        except VerificationError as error:
            yield f"keys/{path.name}", str(error)
        else:
            if public not in known:
                yield f"keys/{path.name}", "is not the key that the log names for this actor"


def check_log_key(
    log_keys: NamedKeys, load: Callable[[str], bytes], names: Sequence[str]
) -> Iterator[tuple[str, str]]:
    """The private key of the log against the newest that the log names.

    `load` reads it by the name of its file, of which there are two while it is being replaced.
    """
    try:
        secrets = [Ed25519PrivateKey.from_private_bytes(load(name)) for name in names]
    except KeyProblem as error:
        yield "keys/log.key", str(error)
        return
    if log_keys and log_keys[-1][1].public not in map(keys.public_bytes, secrets):
        yield "keys/log.key", "is not the key that the log names"


def check_rows(connection: Connection, findings: Findings) -> None:
    """Tables that hold one row, and, on SQLite, the tables and guards themselves."""
    heads = connection.execute(text("SELECT id FROM head")).scalars().all()
    if len(heads) == 1 and heads[0] != 1:
        findings.add("head", f"stands in row {heads[0]}")
    revisions = connection.execute(text("SELECT version_num FROM alembic_version")).scalars().all()
    if len(revisions) != 1:
        findings.add("database", f"names {len(revisions)} revisions of its tables")
    for name in _guards.missing(connection):
        findings.add(f"guard {name}", "is missing, switched off or not as it was made")
    if connection.dialect.name == "sqlite":
        for place, problem in _schema_differences(connection):
            findings.add(place, problem)


def _schema_differences(connection: Connection) -> Iterator[tuple[str, str]]:
    """Tables and indexes of the log and vault against those of a new database, and what is more."""
    expected = _expected_schema()
    held = {(kind, name): sql for kind, name, sql in connection.execute(_SCHEMA)}
    for (kind, name), sql in expected.items():
        if kind != "trigger" and held.get((kind, name)) != sql:
            yield f"{kind} {name}", "is missing, or not as it was made"
    for kind, name in sorted(held.keys() - expected.keys()):
        if kind not in {"table", "index"}:
            yield f"{kind} {name}", "is none of this program's"


@cache
def _expected_schema() -> dict[tuple[str, str], str]:
    """What the migrations make of an empty database."""
    engine = create_engine("sqlite://")
    try:
        with engine.begin() as fresh:
            _store.migrate(fresh)
            return {(kind, name): sql for kind, name, sql in fresh.execute(_SCHEMA)}
    finally:
        engine.dispose()


def _text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return file.read(_PAGE_BYTES).decode()
    except FileNotFoundError as error:
        raise VerificationError("missing") from error
    except OSError as error:
        raise VerificationError(f"cannot be read ({error.strerror})") from error
    except UnicodeDecodeError as error:
        raise VerificationError("not a text") from error


def _openssh(line: str) -> bytes:
    try:
        key = load_ssh_public_key(line.encode())
    except (ValueError, UnsupportedAlgorithm) as error:
        raise VerificationError("not an OpenSSH public key") from error
    if not isinstance(key, Ed25519PublicKey):
        raise VerificationError("not an Ed25519 key")
    return key.public_bytes_raw()
