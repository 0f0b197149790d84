"""The archive's own keys, as an officer handles them."""

import json
import os
from base64 import b64decode
from hashlib import sha256
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_der_public_key,
)

from archive import StorageError
from tests.conftest import BOTH, Muniment

WORD = "tulip\n"


def typed(text: str) -> tuple[str, str]:
    """Options that hand passphrases over, one a line."""
    reading, writing = os.pipe()
    os.write(writing, text.encode())
    os.close(writing)
    return "--passphrase-fd", str(reading)


def rows(muniment: Muniment, *options: str) -> list[list[str]]:
    return [line.split("\t") for line in muniment.ok(*options, "key", "list").splitlines()]


@BOTH
def test_the_keys_are_listed(library: Muniment) -> None:
    log, vault = rows(library)
    assert (log[0], log[2:]) == ("log", ["in use", "no", "1", "2026-03-02", "keys/log.key"])
    assert (vault[0], vault[2:]) == ("vault", ["in use", "no", "1", "2026-03-02", "keys/vault.key"])
    assert len(json.loads(library.ok("key", "list", "--json"))) == 2


def test_the_log_s_key_is_printed_as_a_bundle_names_it(sqlite_library: Muniment) -> None:
    published = json.loads(sqlite_library.ok("key", "publish", "--json"))
    log_key = (sqlite_library.folder / "keys" / "log.pub").read_text().strip()
    assert published["key"] == log_key
    encoded = b64decode(log_key.split("+", 2)[2])[1:]
    known = load_der_public_key(bytes.fromhex("302a300506032b6570032100") + encoded)
    der = known.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    assert published["fingerprint"] == sha256(der).hexdigest()


def test_a_copy_is_made_and_lost_keys_are_put_back(library: Muniment, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    result = library.run(*typed(WORD), "key", "backup", copy)
    assert (result.exit_code, result.stdout) == (0, f"the archive's keys are in {copy}\n")
    assert "write its passphrase down" in result.stderr
    for name in ("log.key", "vault.key"):
        (library.folder / "keys" / name).unlink()
    line = library.fails(4, "actor", "list")
    assert "muniment key restore" in line
    assert "wrong passphrase" in library.fails(4, *typed("rose\n"), "key", "restore", copy)
    put = library.ok(*typed(WORD), "key", "restore", copy)
    assert put == "put back keys/log.key\nput back keys/vault.key\n"
    assert "nothing was changed" in library.ok(*typed(WORD), "key", "restore", copy)
    library.ok("account", "add", "mastodon", "@library")
    library.ok("verify")


def test_a_copy_needs_a_passphrase_and_a_new_file(library: Muniment, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    assert "--passphrase-fd" in library.fails(4, "key", "backup", copy)
    assert "no passphrase for" in library.fails(4, *typed(""), "key", "backup", copy)
    assert not copy.exists()
    copy.write_text("precious")
    assert "there already" in library.fails(2, "key", "backup", copy)
    assert "no such file or folder" in library.fails(
        9, *typed(WORD), "key", "backup", tmp_path / "no" / "copy"
    )
    assert "cannot be read" in library.fails(4, *typed(WORD), "key", "restore", tmp_path / "x")
    assert "not a copy" in library.fails(4, *typed(WORD), "key", "restore", copy)


def test_the_keys_get_a_passphrase_and_lose_it(library: Muniment, tmp_path: Path) -> None:
    assert "--no-passphrase" in library.fails(4, "key", "protect")
    assert "new passphrase" in library.ok(*typed(WORD), "key", "protect")
    assert "vault key" in library.fails(4, "actor", "list")
    assert rows(library, *typed(WORD))[0][3] == "yes"
    library.ok(*typed(WORD), "account", "add", "mastodon", "@library")
    library.ok(*typed("tulip\nrose\n"), "key", "protect")
    assert "wrong passphrase" in library.fails(4, *typed(WORD), "actor", "list")
    library.ok(*typed("rose\ncopy\n"), "key", "backup", tmp_path / "copy")
    assert "no passphrase now" in library.ok(*typed("rose\n"), "key", "protect", "--no-passphrase")
    assert rows(library)[0][3] == "no"


def test_what_is_put_back_is_protected_as_before(library: Muniment, tmp_path: Path) -> None:
    library.ok(*typed(WORD), "key", "protect")
    library.ok(*typed("tulip\ncopy\n"), "key", "backup", tmp_path / "copy")
    (library.folder / "keys" / "log.key").unlink()
    line = library.fails(4, *typed("copy\nrose\n"), "key", "restore", tmp_path / "copy")
    assert "move the file away" in line
    library.ok(*typed("copy\ntulip\n"), "key", "restore", tmp_path / "copy")
    library.ok(*typed(WORD), "account", "add", "mastodon", "@library")
    for name in ("log.key", "vault.key"):
        (library.folder / "keys" / name).unlink()
    library.ok(*typed("copy\n"), "key", "restore", tmp_path / "copy")
    library.ok(*typed("copy\n"), "account", "add", "mastodon", "@other")


def test_the_log_key_is_replaced(library: Muniment) -> None:
    old = (library.folder / "keys" / "log.pub").read_text()
    result = library.run("key", "rotate", "log")
    assert result.exit_code == 0
    new = (library.folder / "keys" / "log.pub").read_text()
    assert result.stdout == f"the log's key is now {new}"
    assert new != old
    assert "key backup" in result.stderr
    assert library.ok("checkpoint").count("\n— ") == 2
    library.ok("account", "add", "mastodon", "@library")
    assert library.ok("checkpoint").count("\n— ") == 1
    library.ok("verify")
    assert [row[2] for row in rows(library)] == ["replaced", "in use", "in use"]


def test_the_vault_key_is_replaced(library: Muniment, tmp_path: Path) -> None:
    library.ok("account", "add", "mastodon", "@library")
    library.ok(*typed(WORD), "key", "backup", tmp_path / "copy")
    result = library.run("key", "rotate", "vault")
    assert result.exit_code == 0, result.output
    assert "data keys are under it" in result.stdout
    assert "backups made before" in result.stderr
    assert "@library" in library.ok("account", "list")
    library.ok("verify")
    assert rows(library)[-1][4] == "3"
    (library.folder / "keys" / "vault.key").unlink()
    line = library.fails(6, *typed(WORD), "key", "restore", tmp_path / "copy")
    assert "replaced after this copy was made" in line


def test_a_replacement_that_was_interrupted_is_said_and_completed(
    library: Muniment, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(_: object) -> None:
        raise StorageError("another command reads it")

    with monkeypatch.context() as patch:
        patch.setattr("archive._archive.Archive.scrub", busy)
        library.fails(9, "key", "rotate", "vault")
    assert "key rotate vault" in library.ok("status", "--quick")
    assert [row[2] for row in rows(library)] == ["in use", "being replaced", "in use"]
    library.ok("account", "add", "mastodon", "@library")
    assert "going on where it had stopped" in library.ok("key", "rotate", "vault")
    assert "rotate" not in library.ok("status", "--quick")
    library.ok("verify")


def test_moderators_replace_no_keys(library: Muniment) -> None:
    library.ok("actor", "add", "mo", "--role", "moderator", "--no-passphrase")
    for what in ("log", "vault"):
        line = library.fails(6, "--as", "mo", "key", "rotate", what)
        assert "officer or a director" in line
