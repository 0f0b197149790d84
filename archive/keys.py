"""Keys: actors' OpenSSH Ed25519 keys, and the archive's own log key and vault key.

A secret file of the archive is JSON with the secret in the clear, or encrypted by AES-256-GCM under
a key that scrypt (RFC 7914) derives from a passphrase. Files are created with mode 0600 and refused
when others can read them.
"""

import json
import os
import stat
from base64 import b64decode, b64encode
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidTag, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_ssh_private_key,
)

from archive._files import make_folder, write_durably
from archive.errors import KeyProblem

SECRET_BYTES = 32
ARCHIVE_KEYS = frozenset({"log key", "vault key"})
_SCRYPT = {"n": 2**15, "r": 8, "p": 1}
_DOMAIN = b"muniment secret v1"
_PEM_BEGIN = b"-----BEGIN OPENSSH PRIVATE KEY-----"
_PEM_END = b"-----END OPENSSH PRIVATE KEY-----"
_OPENSSH = b"openssh-key-v1\0"


@dataclass(frozen=True, slots=True)
class ActorKey:
    """An actor's private key together with the actor's id: what signs decisions."""

    actor: str
    key: Ed25519PrivateKey

    def sign(self, message: bytes) -> bytes:
        return self.key.sign(message)

    @property
    def public(self) -> bytes:
        return public_bytes(self.key)


def public_bytes(key: Ed25519PrivateKey) -> bytes:
    """The 32 bytes of the public half."""
    return key.public_key().public_bytes_raw()


def openssh_public(public: bytes) -> str:
    """A raw public key as an OpenSSH line without comment."""
    key = Ed25519PublicKey.from_public_bytes(public)
    return key.public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()


def create_actor_key(path: Path, passphrase: bytes | None = None) -> Ed25519PrivateKey:
    """A new OpenSSH private key in a file of mode 0600; KeyProblem when the file exists."""
    if path.exists():
        raise KeyProblem(f"there is already a key at {path}", hint="choose another name")
    key = Ed25519PrivateKey.generate()
    encryption = BestAvailableEncryption(passphrase) if passphrase else NoEncryption()
    make_folder(path.parent)
    write_durably(path, key.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, encryption), 0o600)
    return key


def load_actor_key(path: Path, passphrase: bytes | None = None) -> Ed25519PrivateKey:
    """An actor's private key from its OpenSSH file; a passphrase that it does not need is ignored.

    KeyProblem when the file is missing, readable by others, locked, or no Ed25519 key.
    """
    data = read_private(path, "private key")
    try:
        key = load_ssh_private_key(data, passphrase)
    except TypeError as error:
        if passphrase:
            return load_actor_key(path)
        raise PassphraseNeeded(f"the key {path} is protected by a passphrase") from error
    except UnsupportedAlgorithm as error:
        raise KeyProblem(
            f"{path} is not an Ed25519 key, or protected in an unusual way ({error})",
            hint="make one with ssh-keygen -t ed25519",
        ) from error
    except ValueError as error:
        if passphrase and b"OPENSSH PRIVATE KEY" in data:
            raise WrongPassphrase(f"wrong passphrase for {path}", hint="try again") from error
        raise KeyProblem(
            f"{path} is not an OpenSSH private key", hint="make one with ssh-keygen -t ed25519"
        ) from error
    if not isinstance(key, Ed25519PrivateKey):
        raise KeyProblem(
            f"{path} is not an Ed25519 key", hint="make one with ssh-keygen -t ed25519"
        )
    return key


def public_half(path: Path) -> bytes:
    """The raw public key that an OpenSSH private key file states, for which it needs no passphrase.

    KeyProblem when the file is missing, readable by others, or no Ed25519 key. Format: OpenSSH's
    PROTOCOL.key.
    """
    data = read_private(path, "private key")
    hint = "make one with ssh-keygen -t ed25519"
    lines = [line.strip() for line in data.split(b"\n")]
    try:
        start, end = lines.index(_PEM_BEGIN), lines.index(_PEM_END)
        body = b64decode(b"".join(lines[start + 1 : end]), validate=True)
        if not body.startswith(_OPENSSH):
            raise ValueError("not openssh-key-v1")
        rest = body[len(_OPENSSH) :]
        for _ in ("cipher", "kdf", "kdf options"):
            _, rest = _ssh_string(rest)
        public, _ = _ssh_string(rest[4:])
        kind, rest = _ssh_string(public)
        key, rest = _ssh_string(rest)
    except ValueError as error:
        raise KeyProblem(f"{path} is not an OpenSSH private key", hint=hint) from error
    if kind != b"ssh-ed25519" or len(key) != SECRET_BYTES or rest:
        raise KeyProblem(f"{path} is not an Ed25519 key", hint=hint)
    return key


class PassphraseNeeded(KeyProblem):
    """The key is protected and no passphrase was given."""

    def __init__(self, message: str) -> None:
        super().__init__(message, hint="give its passphrase at the prompt or by --passphrase-fd")


class WrongPassphrase(KeyProblem):
    """The passphrase that was given does not open the key."""


def create_secret(path: Path, passphrase: bytes | None = None) -> bytes:
    """A new random 32-byte secret in a file of mode 0600, encrypted when there is a passphrase."""
    secret = os.urandom(SECRET_BYTES)
    write_secret(path, secret, passphrase)
    return secret


def write_secret(path: Path, secret: bytes, passphrase: bytes | None = None) -> None:
    """Put a secret into a file of mode 0600, as `create_secret` does; replaces the file there."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    write_durably(path, seal_secret(secret, passphrase), 0o600)


def seal_secret(secret: bytes, passphrase: bytes | None = None) -> bytes:
    """The content of a secret's file, encrypted when there is a passphrase."""
    document: dict[str, object] = {"format": 1}
    if passphrase:
        salt, nonce = os.urandom(16), os.urandom(12)
        sealed = AESGCM(stretch(passphrase, salt, **_SCRYPT)).encrypt(nonce, secret, _DOMAIN)
        document |= {"kdf": "scrypt", "salt": _text(salt), **_SCRYPT, "nonce": _text(nonce)}
        document["secret"] = _text(sealed)
    else:
        document |= {"kdf": "none", "secret": _text(secret)}
    return json.dumps(document, indent=1).encode() + b"\n"


def load_secret(path: Path, what: str, passphrase: bytes | None = None) -> bytes:
    """A secret from its file.

    KeyProblem when it is missing, readable by others, locked, or damaged; PassphraseNeeded when it
    is protected and no passphrase was given.
    """
    return open_secret(read_private(path, what), path, what, passphrase)


def open_secret(data: bytes, path: Path, what: str, passphrase: bytes | None = None) -> bytes:
    """A secret from the content of its file, for which `path` stands in messages.

    KeyProblem and PassphraseNeeded as `load_secret`.
    """
    try:
        document = json.loads(data)
        sealed = b64decode(document["secret"], validate=True)
        if document["format"] != 1:
            raise ValueError("unknown format")
        if document["kdf"] == "none":
            secret = sealed
        elif document["kdf"] == "scrypt":
            if not passphrase:
                raise PassphraseNeeded(f"the {what} {path} is protected by a passphrase")
            salt, nonce = b64decode(document["salt"]), b64decode(document["nonce"])
            cost = {name: int(document[name]) for name in _SCRYPT}
            secret = AESGCM(stretch(passphrase, salt, **cost)).decrypt(nonce, sealed, _DOMAIN)
        else:
            raise ValueError("unknown key derivation")
        if len(secret) != SECRET_BYTES:
            raise ValueError("wrong length")
    except InvalidTag as error:
        raise WrongPassphrase(
            f"wrong passphrase for the {what} {path}", hint="try again"
        ) from error
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise KeyProblem(
            f"the {what} {path} is damaged ({error})",
            hint="put back your copy of it: muniment key restore FILE",
        ) from error
    return secret


def name_of(secret: bytes) -> str:
    """The name by which `vault.rekeyed` calls a vault key: 16 hexadecimal characters."""
    return derive(secret, "name")[:8].hex()


def derive(secret: bytes, purpose: str) -> bytes:
    """A 32-byte key for one purpose: HKDF-SHA-256 (RFC 5869)."""
    info = b"muniment " + purpose.encode()
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=info).derive(secret)


def stretch(passphrase: bytes, salt: bytes, n: int, r: int, p: int) -> bytes:
    """A 32-byte key of a passphrase by scrypt (RFC 7914).

    ValueError when the parameters are none, or would take more than 2 GiB of memory.
    """
    if n > 2**20 or r > 32 or p > 16 or n * r > 2**24:
        raise ValueError("scrypt parameters out of bounds")
    return Scrypt(salt=salt, length=32, n=n, r=r, p=p).derive(passphrase)


def read_private(path: Path, what: str) -> bytes:
    """A private file's content; KeyProblem when it is missing, or can be read by others."""
    try:
        with path.open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            if stat.S_IMODE(mode) & 0o077:
                raise KeyProblem(
                    f"the {what} {path} can be read by others", hint=f"run: chmod 600 '{path}'"
                )
            return file.read(1 << 16)
    except FileNotFoundError as error:
        restore = ": muniment key restore FILE" if what in ARCHIVE_KEYS else ""
        raise KeyProblem(
            f"the {what} {path} is missing", hint=f"put back your copy of it{restore}"
        ) from error
    except OSError as error:
        raise KeyProblem(f"the {what} {path} cannot be read ({error.strerror})") from error


def _ssh_string(data: bytes) -> tuple[bytes, bytes]:
    """A string in the form of RFC 4251 section 5, and what follows it."""
    length = int.from_bytes(data[:4], "big")
    if len(data) < 4 + length:
        raise ValueError("cut short")
    return data[4 : 4 + length], data[4 + length :]


def _text(data: bytes) -> str:
    return b64encode(data).decode()
