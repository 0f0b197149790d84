import base64
import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_ssh_public_key,
)

from archive import KeyProblem, keys

WORD = b"correct horse"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "keys" / "ada"


def refused(what: str, load: Any, *arguments: Any) -> None:
    with pytest.raises(KeyProblem, match=what):
        load(*arguments)


@pytest.mark.parametrize("passphrase", [None, WORD])
def test_an_actor_key_is_read_as_it_was_made(path: Path, passphrase: bytes | None) -> None:
    key = keys.create_actor_key(path, passphrase)
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    again = keys.load_actor_key(path, passphrase)
    assert keys.public_bytes(again) == keys.public_bytes(key)


def test_openssh_reads_an_actor_key(path: Path) -> None:
    key = keys.create_actor_key(path)
    try:
        command = ["ssh-keygen", "-y", "-f", str(path)]
        printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    except FileNotFoundError:
        pytest.skip("needs ssh-keygen")
    assert printed.split()[:2] == keys.openssh_public(keys.public_bytes(key)).split()


def test_the_public_half_is_an_openssh_line() -> None:
    key = Ed25519PrivateKey.generate()
    assert (
        load_ssh_public_key(keys.openssh_public(keys.public_bytes(key)).encode())
        == key.public_key()
    )


def test_a_key_is_never_overwritten(path: Path) -> None:
    keys.create_actor_key(path)
    held = path.read_bytes()
    refused("already a key", keys.create_actor_key, path)
    assert path.read_bytes() == held


def test_actor_keys_that_cannot_be_used(path: Path) -> None:
    refused("missing", keys.load_actor_key, path)
    refused("missing|cannot be read", keys.load_actor_key, path / "below")
    keys.create_actor_key(path, WORD)
    with pytest.raises(keys.PassphraseNeeded, match="protected") as needed:
        keys.load_actor_key(path)
    assert "--passphrase-fd" in needed.value.hint
    refused("wrong passphrase", keys.load_actor_key, path, b"wrong")
    path.chmod(0o640)
    refused("read by others", keys.load_actor_key, path, WORD)
    path.chmod(0o604)
    refused("read by others", keys.load_actor_key, path, WORD)


def test_a_passphrase_that_a_key_does_not_have_does_no_harm(path: Path) -> None:
    key = keys.create_actor_key(path)
    assert keys.public_bytes(keys.load_actor_key(path, WORD)) == keys.public_bytes(key)


def test_what_is_no_ed25519_key_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "key"
    other = generate_private_key(SECP256R1())
    ed25519 = Ed25519PrivateKey.generate()
    openssh = other.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption())
    pkcs8 = ed25519.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    public = keys.openssh_public(keys.public_bytes(ed25519)).encode()
    marked = b"-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n"
    whole = ed25519.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption())
    for data in (b"", b"key", b"\xff" * 100, public, pkcs8, openssh, marked, whole[:200]):
        path.write_bytes(data)
        path.chmod(0o600)
        refused("not an", keys.load_actor_key, path)


def test_a_key_of_a_security_token_is_refused(tmp_path: Path) -> None:
    whole = Ed25519PrivateKey.generate().private_bytes(
        Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()
    )
    body = base64.b64decode(b"".join(whole.split(b"\n")[1:-2]))
    token = body.replace(b"\0\0\0\x0bssh-ed25519", b"\0\0\0\x1ask-ssh-ed25519@openssh.com")
    path = tmp_path / "key"
    lines = base64.encodebytes(token)
    path.write_bytes(
        b"-----BEGIN OPENSSH PRIVATE KEY-----\n" + lines + b"-----END OPENSSH PRIVATE KEY-----\n"
    )
    path.chmod(0o600)
    refused("not an", keys.load_actor_key, path)


@pytest.mark.parametrize("passphrase", [None, WORD])
def test_a_secret_is_read_as_it_was_made(path: Path, passphrase: bytes | None) -> None:
    secret = keys.create_secret(path, passphrase)
    assert len(secret) == 32
    assert path.stat().st_mode & 0o777 == 0o600
    assert keys.load_secret(path, "vault key", passphrase) == secret
    assert (secret.hex() in path.read_text()) is False


def test_a_secret_without_passphrase_needs_none(path: Path) -> None:
    secret = keys.create_secret(path)
    assert keys.load_secret(path, "vault key", WORD) == secret


def test_secrets_that_cannot_be_used(path: Path) -> None:
    refused("the vault key .* is missing", keys.load_secret, path, "vault key")
    keys.create_secret(path, WORD)
    with pytest.raises(keys.PassphraseNeeded, match="the vault key"):
        keys.load_secret(path, "vault key")
    refused("wrong passphrase for the vault key", keys.load_secret, path, "vault key", b"x")
    path.chmod(0o644)
    refused("chmod|read by others", keys.load_secret, path, "vault key", WORD)


@pytest.mark.parametrize(
    "changes",
    [
        {"format": 2},
        {"format": None},
        {"kdf": "md5"},
        {"kdf": None},
        {"secret": "???"},
        {"secret": ""},
        {"secret": 5},
        {"secret": "AAAA"},
        {"salt": None},
        {"nonce": "AAAA"},
        {"n": 2**21},
        {"n": 1000},
        {"n": "many"},
        {"r": 10**6},
        {"p": 10**6},
        {"p": None},
    ],
)
def test_a_damaged_secret_is_refused(path: Path, changes: dict[str, Any]) -> None:
    keys.create_secret(path, WORD)
    document = json.loads(path.read_bytes()) | changes
    path.write_text(json.dumps({k: v for k, v in document.items() if v is not None}))
    refused("damaged|wrong passphrase", keys.load_secret, path, "log key", WORD)


def test_a_secret_file_that_is_no_secret_is_refused(path: Path) -> None:
    keys.create_secret(path)
    for data in (b"", b"[]", b"1", b"\xff", b"{}", b'{"format":1,"kdf":"none","secret":"AAAA"}'):
        path.write_bytes(data)
        refused("damaged", keys.load_secret, path, "log key")


def test_a_changed_byte_of_a_protected_secret_is_noticed(path: Path) -> None:
    keys.create_secret(path, WORD)
    document = json.loads(path.read_bytes())
    for name in ("salt", "nonce", "secret"):
        text = document[name]
        changed = ("B" if text[0] == "A" else "A") + text[1:]
        path.write_text(json.dumps(document | {name: changed}))
        refused("wrong passphrase", keys.load_secret, path, "log key", WORD)


def test_purposes_give_different_keys() -> None:
    secret = bytes(32)
    assert keys.derive(secret, "lookup") == keys.derive(secret, "lookup")
    assert keys.derive(secret, "lookup") != keys.derive(secret, "other")
    assert len(keys.derive(secret, "lookup")) == 32


def test_an_actor_key_signs_for_its_actor() -> None:
    key = keys.ActorKey("id", Ed25519PrivateKey.generate())
    key.key.public_key().verify(key.sign(b"message"), b"message")
    assert key.public == keys.public_bytes(key.key)
