"""Makes the vectors of the format: `python -m tests.vectors.make_vectors`.

They were made once. Made again by a later version they must come out the same, or the format has
changed and needs another number.
"""

import json
from base64 import b64encode
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from hashlib import sha256, shake_256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import create_engine, select

from archive import Draft, Entry, Parts, _blobs, _schema, keys, merkle, notes, split_text, times
from archive._entry import build
from archive._parts import Sealed
from archive._vault import Vault

ORIGIN = "library.example/log"
ACTOR = "01957f3c-0000-7000-8000-000000000001"
RECORD = "01957f3c-0000-7000-8000-000000000002"
RUN = "01957f3c-0000-7000-8000-000000000003"
AT = datetime(2026, 3, 2, 15, 0, 0, 123456, tzinfo=UTC)
ACTOR_KEY = keys.ActorKey(ACTOR, Ed25519PrivateKey.from_private_bytes(sha256(b"actor").digest()))
LOG_KEY = Ed25519PrivateKey.from_private_bytes(sha256(b"log").digest())
VAULT_KEY = sha256(b"vault").digest()
TEXTS = [
    "",
    "one",
    "two words",
    "  leading, \t tabs\nand lines  ",
    "你好 world",
    "สวัสดีครับ",
    "カタカナ と ひらがな",
    "안녕 하세요",
    "👩‍👩‍👧 🇩🇪 e\u0301\u00a0x\u3000y",
    "nul\u0000 and \u001f unit\u001fs",
]
CONTENTS: dict[str, list[tuple[str, str | bytes | None]]] = {
    "one word": [("text", "yes")],
    "a comment": [
        ("text", "Die Bücherei ist zu. 閉館"),
        ("author/handle", "@resident"),
        ("url", "https://social.example/@resident/1"),
        ("occurred_at", "2026-03-01T12:00:00.000000Z"),
        ("raw", b'{"id":"1"}\xff\x00'),
    ],
    "a decision": [("reason", "An insult, see clause 3.")],
    "a long text": [("title", "Minutes"), ("text", "word " * 40)],
}


def randomness(name: str) -> Callable[[int], bytes]:
    """A stand-in for os.urandom that gives the same bytes each time."""
    served = 0

    def serve(count: int) -> bytes:
        nonlocal served
        served += count
        return shake_256(name.encode()).digest(served)[-count:]

    return serve


def seed_of(name: str) -> bytes:
    return sha256(f"seed of {name}".encode()).digest()


def sealed_vectors() -> list[dict[str, Any]]:
    found = []
    for name, fields in CONTENTS.items():
        sealed = Sealed(Parts.of(fields).fields, seed_of(name))
        parts = zip(sealed.paths, sealed.values, sealed.salts, sealed.digests, strict=True)
        found.append(
            {
                "name": name,
                "fields": [
                    {"name": name, "text": value}
                    if isinstance(value, str)
                    else {"name": name, "bytes": (value or b"").hex()}
                    for name, value in fields
                ],
                "seed": sealed.seed.hex(),
                "parts": [
                    {"path": path, "value": value.hex(), "salt": salt.hex(), "digest": digest.hex()}
                    for path, value, salt, digest in parts
                ],
                "commitment": sealed.commitment.hex(),
                "encoded": sealed.encode().hex(),
            }
        )
    return found


def log_entries() -> list[Entry]:
    """An actor, a decision with a sealed half, two captures and their batch."""
    public = ACTOR_KEY.public.hex()
    lookup = "0123456789abcdef0123456789abcdef"
    capture = {"account": RUN, "kind": "comment", "lookup": lookup, "platform": "mastodon"}
    capture |= {"run": RUN, "state": "live"}
    commitments = {
        name: Sealed(Parts.of(fields).fields, seed_of(name)).commitment
        for name, fields in CONTENTS.items()
    }
    drafts: list[tuple[Draft, str, bool]] = [
        (Draft("actor.added", ACTOR, {"public_key": public, "roles": ["officer"]}), "", True),
        (
            Draft(
                "record.removed", RECORD, {"clause": "3 “ü”", "extent": "all", "count": 2**53 - 1}
            ),
            "a decision",
            True,
        ),
        (Draft("record.captured", RECORD, capture | {"version": 1}), "a comment", False),
        (Draft("record.edited", RECORD, capture | {"version": 2}), "one word", False),
    ]
    entries = [
        build(seq, draft, at, times.to_text(at), ACTOR, commitments.get(content), signer)
        for seq, (draft, content, signed) in enumerate(drafts)
        for at in [AT + timedelta(microseconds=seq)]
        for signer in [ACTOR_KEY if signed else None]
    ]
    leaves = sha256(b"".join(entry.leaf_hash for entry in entries[2:])).hexdigest()
    batch = Draft("capture.batch", RUN, {"first": 2, "count": 2, "leaves": leaves})
    entries.append(build(4, batch, AT, times.to_text(AT + timedelta(1)), ACTOR, None, ACTOR_KEY))
    return entries


def log_vectors() -> dict[str, Any]:
    entries = log_entries()
    leaves = [entry.leaf_hash for entry in entries]

    def node(level: int, index: int) -> bytes:
        return merkle.root_of(leaves[index << level : (index + 1) << level])

    size = len(entries)
    head = notes.Checkpoint(ORIGIN, size, merkle.root_of(leaves))
    note = notes.sign_checkpoint(head, ORIGIN, LOG_KEY)
    return {
        "log_key": str(notes.NoteKey(ORIGIN, keys.public_bytes(LOG_KEY))),
        "actors": {ACTOR: ACTOR_KEY.public.hex()},
        "entries": [
            {
                "header": entry.header.decode(),
                "leaf": entry.leaf_hash.hex(),
                "signed": entry.signed_message.decode() if entry.signature else None,
                "proof": str(
                    notes.EntryProof(
                        entry.seq, tuple(merkle.inclusion_proof(node, entry.seq, size)), note
                    )
                ),
            }
            for entry in entries
        ],
        "roots": [merkle.root_of(leaves[: n + 1]).hex() for n in range(size)],
        "tile": b"".join(leaves).hex(),
        "checkpoint": note,
    }


def vault_vectors() -> dict[str, Any]:
    engine = create_engine("sqlite://")
    rows = [
        (seq, RECORD, sealed.commitment, sealed)
        for seq, (name, fields) in enumerate(CONTENTS.items())
        for sealed in [Sealed(Parts.of(fields).fields, seed_of(name))]
    ]
    with patch("os.urandom", randomness("vault")), engine.begin() as connection:
        _schema.metadata.create_all(connection)
        vault = Vault(connection, VAULT_KEY)
        vault.seal(rows)
        data_key = vault.secret_of(RECORD)
        wrapped = connection.execute(select(_schema.data_key.c.wrapped)).scalar_one()
        stored = connection.execute(select(_schema.sealed).order_by("seq")).all()
    engine.dispose()
    with TemporaryDirectory() as folder, patch("os.urandom", randomness("blob")):
        content = b"a picture\n"
        ref = _blobs.store(Path(folder), AESGCM(data_key), [content])
        blob = _blobs.path_of(Path(folder), ref.name).read_bytes()
    return {
        "vault_key": VAULT_KEY.hex(),
        "subject": RECORD,
        "data_key": data_key.hex(),
        "wrapped": wrapped.hex(),
        "sealed": [
            {"commitment": row[2].hex(), "plain": row[3].encode().hex(), "stored": data.hex()}
            for row, (_, data) in zip(rows, stored, strict=True)
        ],
        "blob": {
            "name": ref.name,
            "content": content.hex(),
            "sha256": ref.sha256,
            "stored": blob.hex(),
        },
    }


def key_vectors() -> list[dict[str, Any]]:
    found = []
    for passphrase in (None, "correct horse"):
        with TemporaryDirectory() as folder, patch("os.urandom", randomness(f"key {passphrase}")):
            path = Path(folder) / "vault.key"
            secret = keys.create_secret(path, passphrase.encode() if passphrase else None)
            document = json.loads(path.read_bytes())
        found.append({"passphrase": passphrase, "secret": secret.hex(), "file": document})
    lookup = keys.derive(sha256(b"archive").digest(), "lookup")
    found.append(
        {
            "archive_secret": b64encode(sha256(b"archive").digest()).decode(),
            "lookup_key": lookup.hex(),
        }
    )
    return found


def vectors() -> dict[str, Any]:
    """Every file of vectors by name."""
    return {
        "split": [{"text": text, "parts": split_text(text)} for text in TEXTS],
        "sealed": sealed_vectors(),
        "log": log_vectors(),
        "vault": vault_vectors(),
        "keys": key_vectors(),
    }


if __name__ == "__main__":
    for name, value in vectors().items():
        path = Path(__file__).parent / f"{name}.json"
        path.write_text(json.dumps(value, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
