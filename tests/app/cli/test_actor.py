"""Actors' keys: those of OpenSSH, new ones, lost ones, and none."""

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from archive import keys
from archive.errors import KeyProblem
from tests.app.cli.test_key import typed
from tests.conftest import BOTH, Muniment

Made = Callable[..., Path]


@pytest.fixture
def made(tmp_path: Path) -> Made:
    """A private key of ssh-keygen's."""
    if shutil.which("ssh-keygen") is None:
        pytest.skip("needs ssh-keygen")

    def make(name: str, passphrase: str = "", *options: str, kind: str = "ed25519") -> Path:
        path = tmp_path / name
        command = ["ssh-keygen", "-q", "-t", kind, "-N", passphrase, "-f", str(path), *options]
        subprocess.run(command, check=True)
        return path

    return make


def ring(muniment: Muniment) -> Path:
    (found,) = muniment.keys.iterdir()
    return found


def listed(muniment: Muniment) -> dict[str, list[str]]:
    lines = muniment.ok("actor", "list").splitlines()
    return {row[0]: row[1:] for row in (line.split("\t") for line in lines)}


def works(muniment: Muniment, *options: str) -> None:
    muniment.ok(*options, "account", "add", "mastodon", f"@{os.urandom(4).hex()}")


@BOTH
def test_an_archive_begins_with_a_key_of_openssh(muniment: Muniment, made: Made) -> None:
    key = made("id_ada", "tulip")
    init = ("init", muniment.folder, "--name", "L", "--actor", "ada", "--key", key)
    assert "--passphrase-fd" in muniment.fails(4, *init)
    assert "wrong passphrase" in muniment.fails(4, *typed("rose\n"), *init)
    assert not muniment.folder.exists()
    muniment.ok(*typed("tulip\n"), *init)
    link = ring(muniment) / "ada"
    assert link.is_symlink()
    assert link.resolve() == key
    works(muniment, *typed("tulip\n"))
    assert "wrong passphrase" in muniment.fails(4, *typed("rose\n"), "account", "add", "x", "@x")
    assert "--passphrase-fd" in muniment.fails(4, "account", "add", "x", "@x")
    muniment.ok("verify")


def test_a_key_without_passphrase_needs_none(muniment: Muniment, made: Made) -> None:
    muniment.ok("init", muniment.folder, "--name", "L", "--actor", "ada", "--key", made("id_ada"))
    works(muniment)


@pytest.mark.parametrize("kind", ["rsa", "ecdsa"])
def test_other_kinds_of_keys_are_refused(library: Muniment, made: Made, kind: str) -> None:
    key = made("id", kind=kind)
    line = library.fails(4, "actor", "add", "ben", "--key", key)
    assert "not an Ed25519 key" in line
    assert "ssh-keygen -t ed25519" in line
    assert sorted(path.name for path in ring(library).iterdir()) == ["ada"]


def test_the_public_half_needs_no_passphrase(made: Made) -> None:
    for passphrase in ("", "tulip"):
        path = made(f"id{passphrase}", passphrase)
        printed = path.with_suffix(".pub").read_text().split()[:2]
        assert keys.openssh_public(keys.public_half(path)).split() == printed
        key = keys.load_actor_key(path, passphrase.encode() or None)
        assert keys.public_bytes(key) == keys.public_half(path)


def test_what_is_no_private_key_has_no_public_half(made: Made, tmp_path: Path) -> None:
    whole = made("id").read_bytes()
    lines = whole.split(b"\n")
    path = tmp_path / "bad"
    for data in (
        b"",
        b"noise",
        whole[:100],
        b"\n".join([lines[0], b"AAAA", lines[-2], b""]),
        b"\n".join([lines[0], b"????", lines[-2], b""]),
        b"\n".join([lines[0], lines[1][:40], lines[-2], b""]),
        (tmp_path / "id.pub").read_bytes(),
    ):
        path.write_bytes(data)
        path.chmod(0o600)
        with pytest.raises(KeyProblem, match="not an"):
            keys.public_half(path)


def test_an_actor_with_a_key_that_lies_elsewhere(library: Muniment, made: Made) -> None:
    key = made("id_ben", "tulip")
    library.ok("--as", "ada", "actor", "add", "ben", "--key", key)
    works(library, "--as", "ben", *typed("tulip\n"))
    moved = key.rename(key.with_name("moved"))
    line = library.fails(4, "--as", "ben", "account", "add", "x", "@x")
    assert f"({key})" in line
    assert "actor link ben" in line
    library.ok("actor", "link", "ben", moved)
    works(library, "--as", "ben", *typed("tulip\n"))


def test_a_person_on_another_machine_links_the_key(library: Muniment, made: Made) -> None:
    key = made("id_ben")
    library.ok("actor", "add", "ben", "--public-key", key.with_suffix(".pub"))
    line = library.fails(4, "--as", "ben", "account", "add", "x", "@x")
    assert "actor link ben FILE" in line
    assert "missing" in library.fails(4, "actor", "link", "ben", key.with_name("nosuch"))
    assert "is not ben's key" in library.fails(4, "actor", "link", "ben", made("other"))
    assert "no actor named" in library.fails(5, "actor", "link", "carl", key)
    assert listed(library)["ben"][1] == "no"
    assert str(key) in library.ok("actor", "link", "ben", key)
    assert listed(library)["ben"][1] == "yes"
    works(library, "--as", "ben")


def test_a_key_is_given_in_one_way(library: Muniment, made: Made) -> None:
    key = made("id")
    both = ("--key", key, "--public-key", key.with_suffix(".pub"))
    assert "either" in library.fails(2, "actor", "add", "ben", *both)


def test_an_actor_takes_a_new_key(library: Muniment) -> None:
    before = keys.public_half(ring(library) / "ada")
    said = library.ok("actor", "rekey", "ada", "--no-passphrase")
    assert "signs with a new key" in said
    assert str(ring(library) / "ada") in said
    assert keys.public_half(ring(library) / "ada") != before
    kept = ring(library) / f".ada.old-{before.hex()[:8]}"
    assert keys.public_half(kept) == before
    assert list(listed(library)) == ["ada"]
    works(library)
    (ring(library) / "ada").unlink()
    kept.rename(ring(library) / "ada")
    line = library.fails(4, "account", "add", "x", "@x")
    assert "was ada's before" in line


def test_a_lost_key_is_replaced_by_somebody_else(library: Muniment, made: Made) -> None:
    library.ok("actor", "add", "ben", "--role", "director", "--no-passphrase")
    (ring(library) / "ada").unlink()
    reason = ("--reason", "the laptop was stolen")
    new = made("id_ada")
    library.ok("--as", "ben", "actor", "rekey", "ada", "--key", new, *reason)
    works(library, "--as", "ada")
    line = library.fails(6, "--as", "ben", "actor", "rekey", "ada", "--key", new)
    assert "already ada's" in line
    works(library, "--as", "ada")
    library.ok("verify")


def test_a_key_elsewhere_leaves_the_one_here_useless(library: Muniment, made: Made) -> None:
    key = made("id_ada")
    said = library.ok("actor", "rekey", "ada", "--public-key", key.with_suffix(".pub"))
    assert "is ada's key no longer" in said
    assert "was ada's before" in library.fails(4, "account", "add", "x", "@x")
    library.ok("actor", "link", "ada", key)
    works(library)


def test_a_refused_key_leaves_nothing_behind(library: Muniment, made: Made) -> None:
    library.ok("actor", "add", "mo", "--role", "moderator", "--no-passphrase")
    for command in (("add", "carl"), ("rekey", "ada")):
        line = library.fails(6, "--as", "mo", "actor", *command, "--key", made(command[1]))
        assert "officer or a director" in line
    assert sorted(path.name for path in ring(library).iterdir()) == ["ada", "mo"]
    assert "no actor named" in library.fails(5, "--as", "ada", "actor", "rekey", "x")


def test_a_new_key_is_put_in_place_when_the_command_was_killed(
    library: Muniment, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = keys.public_half(ring(library) / "ada")
    with monkeypatch.context() as patch:
        patch.setattr("app.cli._keyring.Keyring.settle_new", lambda *_: False)
        library.ok("actor", "rekey", "ada", "--no-passphrase")
    assert keys.public_half(ring(library) / "ada") == before
    works(library)
    assert keys.public_half(ring(library) / "ada") != before
    assert not (ring(library) / ".ada.new").exists()


def test_a_broken_key_file_can_be_replaced(library: Muniment) -> None:
    library.ok("actor", "add", "ben", "--no-passphrase")
    (ring(library) / "ada").write_text("noise")
    library.ok("--as", "ben", "actor", "rekey", "ada", "--no-passphrase")
    works(library, "--as", "ada")
    assert (ring(library) / ".ada.old-unreadable").read_text() == "noise"


def test_an_actor_is_revoked(library: Muniment) -> None:
    library.ok("actor", "add", "ben", "--no-passphrase")
    revoke = ("--as", "ada", "actor", "revoke", "ben")
    assert "--reason" in library.fails(2, *revoke)
    assert "is empty" in library.fails(2, *revoke, "--reason", " ")
    assert library.ok(*revoke, "--reason", "left the library") == "ben is revoked\n"
    assert listed(library)["ben"][-1] == "yes"
    assert listed(library)["ada"][-1] == "no"
    assert "ben is revoked" in library.fails(4, "--as", "ben", "account", "add", "x", "@x")
    assert "revoked already" in library.fails(6, *revoke, "--reason", "again")
    line = library.fails(6, "--as", "ada", "actor", "revoke", "ada", "--reason", "me too")
    assert "last officer or director" in line
    library.ok("--as", "ada", "actor", "rekey", "ben", "--no-passphrase")
    works(library, "--as", "ben")
    library.ok("verify")
