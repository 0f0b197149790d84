"""The program agrees with the vectors of the format, which other implementations use as well."""

import json
from base64 import b64decode
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import create_engine

from archive import Parts, _blobs, _schema, keys, split_text
from archive._parts import Sealed
from archive._store import insert_rows
from archive._vault import Vault
from tests import vectors
from tests.vectors.make_vectors import vectors as make


@pytest.mark.parametrize("name", ["split", "sealed", "log", "keys"])
def test_vectors_come_out_as_they_were_made(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys, "_SCRYPT", {"n": 2**15, "r": 8, "p": 1})
    assert json.loads(json.dumps(make()[name])) == vectors.load(name)


def test_texts_are_split_as_the_vectors_have_it() -> None:
    for case in vectors.load("split"):
        assert split_text(case["text"]) == case["parts"]


def test_sealed_halves_are_those_of_the_vectors() -> None:
    for case in vectors.load("sealed"):
        fields = [
            (f["name"], f["text"] if "text" in f else bytes.fromhex(f["bytes"]))
            for f in case["fields"]
        ]
        sealed = Sealed(Parts.of(fields).fields, bytes.fromhex(case["seed"]))
        assert sealed.encode().hex() == case["encoded"]
        assert sealed.commitment.hex() == case["commitment"]
        found = zip(sealed.paths, sealed.values, sealed.salts, sealed.digests, strict=True)
        assert [
            {"path": path, "value": value.hex(), "salt": salt.hex(), "digest": digest.hex()}
            for path, value, salt, digest in found
        ] == case["parts"]
        assert Sealed.decode(bytes.fromhex(case["encoded"])) == sealed


def test_the_vault_opens_the_vectors(tmp_path: Path) -> None:
    """Only opens: what a compressor writes may differ between its versions."""
    case = vectors.load("vault")
    subject = case["subject"]
    engine = create_engine("sqlite://")
    with engine.begin() as connection:
        _schema.metadata.create_all(connection)
        insert_rows(connection, _schema.data_key, [(subject, bytes.fromhex(case["wrapped"]))])
        stored = [(n, bytes.fromhex(row["stored"])) for n, row in enumerate(case["sealed"])]
        insert_rows(connection, _schema.sealed, stored)
        vault = Vault(connection, bytes.fromhex(case["vault_key"]))
        assert vault.secret_of(subject).hex() == case["data_key"]
        wanted = [
            (n, subject, bytes.fromhex(row["commitment"])) for n, row in enumerate(case["sealed"])
        ]
        opened = vault.open(wanted)
    engine.dispose()
    assert [opened[n].encode().hex() for n in range(len(wanted))] == [
        row["plain"] for row in case["sealed"]
    ]
    blob = case["blob"]
    path = _blobs.path_of(tmp_path, blob["name"])
    path.parent.mkdir()
    path.write_bytes(bytes.fromhex(blob["stored"]))
    content = b"".join(_blobs.load(tmp_path, AESGCM(bytes.fromhex(case["data_key"])), blob["name"]))
    assert content.hex() == blob["content"]


def test_secrets_are_read_from_the_vectors(tmp_path: Path) -> None:
    *files, derived = vectors.load("keys")
    for case in files:
        path = tmp_path / "key"
        path.write_text(json.dumps(case["file"]))
        path.chmod(0o600)
        passphrase = case["passphrase"] and case["passphrase"].encode()
        assert keys.load_secret(path, "key", passphrase).hex() == case["secret"]
    lookup = keys.derive(b64decode(derived["archive_secret"]), "lookup")
    assert lookup.hex() == derived["lookup_key"]
