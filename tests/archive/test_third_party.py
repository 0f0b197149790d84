"""A verifier written from docs/format.md alone: hashlib, json, base64 and the openssl command."""

import base64
import hashlib
import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from archive import HiddenPart, ShownPart
from tests import vectors
from tests.archive.library import Library

pytestmark = pytest.mark.skipif(not shutil.which("openssl"), reason="needs the openssl command")


# --- the verifier: nothing of the program is used up to the next line of this kind ----------------


class Invalid(Exception):
    """The evidence does not hold."""


def check(holds: bool) -> None:
    if not holds:
        raise Invalid


def sha256(*pieces: bytes) -> bytes:
    return hashlib.sha256(b"".join(pieces)).digest()


def check_signature(work: Path, public: bytes, signature: bytes, message: bytes) -> None:
    der = bytes.fromhex("302a300506032b6570032100") + public
    for name, data in (("key", der), ("sig", signature), ("msg", message)):
        (work / name).write_bytes(data)
    command = "openssl pkeyutl -verify -pubin -keyform DER -inkey key -rawin -in msg -sigfile sig"
    run = subprocess.run(command.split(), cwd=work, capture_output=True, check=False)
    check(run.returncode == 0)


def head(work: Path, note: str, log_key: str) -> tuple[int, bytes]:
    """Size and root of a checkpoint that the log's key signed."""
    name, key_id, encoded = log_key.split("+", 2)
    kind_and_key = base64.b64decode(encoded)
    check(sha256(name.encode(), b"\n", kind_and_key)[:4].hex() == key_id)
    text, lines = note.rsplit("\n\n", 1)
    origin, size, root = f"{text}\n".split("\n")[:3]
    check(origin == name)
    for line in lines.splitlines():
        dash, signer, signed = line.split(" ")
        data = base64.b64decode(signed)
        if (dash, signer, data[:4].hex()) == ("—", name, key_id):
            check_signature(work, kind_and_key[1:], data[4:], f"{text}\n".encode())
            return int(size), base64.b64decode(root)
    raise Invalid


def check_entry(work: Path, proof: str, header: str, log_key: str) -> None:
    top, note = proof.split("\n\n", 1)
    magic, position, *path = top.split("\n")
    size, root = head(work, note, log_key)
    check(magic == "c2sp.org/tlog-proof@v1" and position.startswith("index "))
    at, last, found = int(position[6:]), size - 1, sha256(b"\0", header.encode())
    check(at <= last)
    for sibling in map(base64.b64decode, path):
        check(last > 0)
        if at % 2 or at == last:
            found = sha256(b"\1", sibling, found)
            while at and at % 2 == 0:
                at, last = at // 2, last // 2
        else:
            found = sha256(b"\1", found, sibling)
        at, last = at // 2, last // 2
    check(last == 0 and found == root)


def check_disclosure(header: str, parts: list[dict[str, str]]) -> None:
    digests = []
    for part in parts:
        if "digest" in part:
            digests.append(bytes.fromhex(part["digest"]))
        else:
            path, salt = part["path"].encode(), bytes.fromhex(part["salt"])
            value = bytes.fromhex(part["value"])
            digests.append(sha256(b"\0", salt, len(path).to_bytes(2, "big"), path, value))
    found = sha256(b"\2", len(digests).to_bytes(4, "big"), *digests)
    check(json.loads(header)["commitment"] == found.hex())


def check_actor(work: Path, header: str, public: bytes) -> None:
    members = json.loads(header)
    signature = bytes.fromhex(members.pop("signature"))
    rest = json.dumps(members, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    check_signature(work, public, signature, b"muniment entry v1\n" + rest.encode())


def check_batch(batch: str, captures: list[str]) -> None:
    data = json.loads(batch)["data"]
    leaves = sha256(*(sha256(b"\0", header.encode()) for header in captures))
    check((data["count"], data["leaves"]) == (len(captures), leaves.hex()))


# --- end of the verifier --------------------------------------------------------------------------


def disclosed(library: Library, seq: int, shown: set[int]) -> list[dict[str, str]]:
    with library.archive.read() as reader:
        ((_, sealed),) = reader.open([reader.entry(seq)])
    assert sealed is not None
    parts = []
    for part in sealed.disclose(shown).parts:
        if isinstance(part, ShownPart):
            parts.append({"path": part.path, "salt": part.salt.hex(), "value": part.value.hex()})
        else:
            assert isinstance(part, HiddenPart)
            parts.append({"digest": part.digest.hex()})
    return parts


def evidence(library: Library, seq: int) -> tuple[str, str, str]:
    """Proof file, header and the log's key, as a third party is given them."""
    with library.archive.read() as reader:
        proof, header = str(reader.prove(seq)), reader.entry(seq).header.decode()
    return proof, header, (library.folder / "keys" / "log.pub").read_text().strip()


def test_the_vectors_hold(tmp_path: Path) -> None:
    log: dict[str, Any] = vectors.load("log")
    headers = [entry["header"] for entry in log["entries"]]
    for entry in log["entries"]:
        check_entry(tmp_path, entry["proof"], entry["header"], log["log_key"])
        assert sha256(b"\0", entry["header"].encode()).hex() == entry["leaf"]
        if entry["signed"]:
            (public,) = log["actors"].values()
            check_actor(tmp_path, entry["header"], bytes.fromhex(public))
    check_batch(headers[4], headers[2:4])
    size, root = head(tmp_path, log["checkpoint"], log["log_key"])
    assert (size, root.hex()) == (5, log["roots"][-1])
    for case in vectors.load("sealed"):
        check_disclosure(json.dumps({"commitment": case["commitment"]}), case["parts"])


def test_a_third_party_verifies_an_entry_of_an_archive(library: Library, tmp_path: Path) -> None:
    captured = library.capture("Ich bin ein Kommentar, 評論", "another", "a third")
    removed = library.remove(captured[0].subject)
    for seq in range(library.size()):
        check_entry(tmp_path, *evidence(library, seq))
    _, header, _ = evidence(library, removed.seq)
    check_actor(tmp_path, header, library.ada.public)
    headers = [evidence(library, seq)[1] for seq in range(2, 6)]
    check_batch(headers[3], headers[:3])


def test_a_third_party_verifies_a_redacted_record(library: Library) -> None:
    (entry,) = library.capture("call me at 555 0100 today")
    header = entry.header.decode()
    for shown in ({*range(20)}, {0, 1, 2, 5}, set()):
        check_disclosure(header, disclosed(library, entry.seq, shown))
    parts = disclosed(library, entry.seq, {0, 1, 2, 5})
    assert [bytes.fromhex(p["value"]).decode() for p in parts if "value" in p] == [
        *("call ", "me ", "at ", "today")
    ]
    forged = [dict(part) for part in parts]
    forged[0]["value"] = b"write ".hex()
    for wrong in (forged, parts[:-1], parts[::-1], [*parts, parts[-1]]):
        with pytest.raises(Invalid):
            check_disclosure(header, wrong)


def test_a_third_party_is_not_fooled(library: Library, tmp_path: Path) -> None:
    library.capture("one", "two")
    proof, header, log_key = evidence(library, 2)
    other_proof, other_header, _ = evidence(library, 3)
    root_line = proof.split("\n\n")[1].split("\n")[2]
    flipped = root_line.replace(root_line[0], "A" if root_line[0] != "A" else "B", 1)
    for wrong in (
        (proof, other_header, log_key),
        (other_proof, header, log_key),
        (proof, header.replace("comment", "message"), log_key),
        (proof.replace("index 2", "index 3"), header, log_key),
        (proof.replace(root_line, flipped), header, log_key),
        (proof, header, vectors.load("log")["log_key"]),
    ):
        with pytest.raises((Invalid, ValueError)):
            check_entry(tmp_path, *wrong)
    _, decision, _ = evidence(library, 1)
    with pytest.raises(Invalid):
        check_actor(tmp_path, decision.replace("US-IL", "US-WI"), library.ada.public)
