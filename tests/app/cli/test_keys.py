"""Who acts, with which key, behind which passphrase."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.conftest import Muniment

Descriptor = Callable[[str], int]


@pytest.fixture
def descriptor() -> Callable[[str], int]:
    """A readable file descriptor that gives the text and then ends."""

    def make(text: str) -> int:
        reading, writing = os.pipe()
        os.write(writing, text.encode())
        os.close(writing)
        return reading

    return make


@pytest.fixture
def locked(muniment: Muniment, descriptor: Descriptor) -> Muniment:
    """An archive whose only actor's key has the passphrase `tulip`."""
    fd = descriptor("tulip\n")
    muniment.ok(
        "--passphrase-fd", str(fd), "init", muniment.folder, "--name", "L", "--actor", "ada"
    )
    os.close(fd)
    return muniment


def key_file(muniment: Muniment, name: str = "ada") -> Path:
    (found,) = muniment.keys.glob(f"*/{name}")
    return found


def entries(muniment: Muniment) -> str:
    return muniment.ok("checkpoint").splitlines()[1]


def test_the_right_passphrase(locked: Muniment, descriptor: Descriptor) -> None:
    fd = descriptor("tulip\n")
    locked.ok("--passphrase-fd", str(fd), "account", "add", "mastodon", "@library")
    assert "@library" in locked.ok("account", "list")


def test_a_wrong_passphrase(locked: Muniment, descriptor: Descriptor) -> None:
    before = entries(locked)
    fd = descriptor("rose\n")
    line = locked.fails(4, "--passphrase-fd", str(fd), "account", "add", "mastodon", "@library")
    assert "wrong passphrase" in line
    assert entries(locked) == before


def test_no_passphrase_at_all(locked: Muniment, descriptor: Descriptor) -> None:
    assert "--passphrase-fd" in locked.fails(4, "account", "add", "mastodon", "@library")
    fd = descriptor("")
    line = locked.fails(4, "--passphrase-fd", str(fd), "account", "add", "mastodon", "@library")
    assert "no passphrase for ada's key" in line
    line = locked.fails(4, "--passphrase-fd", "999", "account", "add", "mastodon", "@library")
    assert "999" in line


def test_the_archives_own_keys_may_have_a_passphrase(
    muniment: Muniment, descriptor: Descriptor
) -> None:
    create = descriptor("tulip\nvault\n")
    muniment.ok(
        "--passphrase-fd", str(create), "init", muniment.folder,
        "--name", "L", "--actor", "ada", "--protect",
    )  # fmt: skip
    assert "vault key" in muniment.fails(4, "actor", "list")
    muniment.ok("--passphrase-fd", str(descriptor("vault\n")), "actor", "list")
    both = descriptor("vault\ntulip\n")
    muniment.ok("--passphrase-fd", str(both), "account", "add", "mastodon", "@library")


def test_a_missing_key_file(library: Muniment) -> None:
    key_file(library).unlink()
    line = library.fails(4, "--as", "ada", "account", "add", "mastodon", "@library")
    assert "ada's private key is not here" in line
    line = library.fails(4, "account", "add", "mastodon", "@library")
    assert "no actor of this archive has a private key here" in line


def test_a_missing_vault_key(library: Muniment) -> None:
    (library.folder / "keys" / "vault.key").unlink()
    assert "vault key" in library.fails(4, "actor", "list")


def test_an_actor_that_is_none(library: Muniment) -> None:
    line = library.fails(4, "--as", "eve", "account", "add", "mastodon", "@library")
    assert "there is no actor named eve" in line
    assert "actors are ada" in line


def test_an_actor_without_a_key_here(library: Muniment, tmp_path: Path) -> None:
    public = tmp_path / "carla.pub"
    key = Ed25519PrivateKey.generate().public_key()
    public.write_bytes(key.public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH))
    library.ok("actor", "add", "carla", "--public-key", public)
    assert "carla\tofficer\tno" in library.ok("actor", "list")
    line = library.fails(4, "--as", "carla", "account", "add", "mastodon", "@library")
    assert "carla's private key is not here" in line


def test_somebody_elses_key_under_my_name(library: Muniment) -> None:
    library.ok("actor", "add", "ben", "--no-passphrase")
    key_file(library, "ben").replace(key_file(library, "ada"))
    line = library.fails(4, "--as", "ada", "account", "add", "mastodon", "@library")
    assert "is not ada's key" in line


def test_a_key_that_others_can_read(library: Muniment) -> None:
    key_file(library).chmod(0o644)
    assert "chmod 600" in library.fails(4, "account", "add", "mastodon", "@library")


def test_two_keys_need_a_name(library: Muniment) -> None:
    library.ok("actor", "add", "ben", "--role", "director", "--no-passphrase")
    line = library.fails(2, "account", "add", "mastodon", "@library")
    assert "ada, ben" in line
    assert "--as" in line
    library.ok("--as", "ben", "account", "add", "mastodon", "@library")


def test_an_actor_is_added_once(library: Muniment) -> None:
    library.ok("actor", "add", "ben", "--no-passphrase")
    before = key_file(library, "ben").read_bytes()
    library.fails(4, "--as", "ada", "actor", "add", "ben", "--no-passphrase")
    assert key_file(library, "ben").read_bytes() == before


def test_an_actor_who_was_refused_leaves_no_key(library: Muniment) -> None:
    library.fails(6, "actor", "add", "ben", "--role", "wizard", "--no-passphrase")
    assert [path.name for path in library.keys.glob("*/*")] == ["ada"]


def test_a_public_key_that_is_none(library: Muniment, tmp_path: Path) -> None:
    path = tmp_path / "key.pub"
    assert "cannot be read" in library.fails(4, "actor", "add", "x", "--public-key", path)
    path.write_text("hello")
    assert "not an OpenSSH" in library.fails(4, "actor", "add", "x", "--public-key", path)
    other = generate_private_key(SECP256R1()).public_key()
    path.write_bytes(other.public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH))
    assert "not an Ed25519" in library.fails(4, "actor", "add", "x", "--public-key", path)
