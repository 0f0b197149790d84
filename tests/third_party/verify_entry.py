"""Does an entry stand in the log? Written from docs/format.md alone; needs the openssl command.

    python verify_entry.py PROOF HEADER LOG_KEY

PROOF is the .tlog-proof file, HEADER the file with the entry's header, LOG_KEY the file with the
log's public key, one a line where there were several. Prints what it found; leaves with status 0
when the evidence holds, else 1.
"""

import base64
import hashlib
import json
import subprocess
import sys
import tempfile
from pathlib import Path


class Invalid(Exception):
    """The evidence does not hold."""


def check(holds: bool) -> None:
    if not holds:
        raise Invalid


def sha256(*pieces: bytes) -> bytes:
    return hashlib.sha256(b"".join(pieces)).digest()


def check_signature(public: bytes, signature: bytes, message: bytes) -> None:
    der = bytes.fromhex("302a300506032b6570032100") + public
    with tempfile.TemporaryDirectory() as work:
        for name, data in (("key", der), ("sig", signature), ("msg", message)):
            Path(work, name).write_bytes(data)
        line = "openssl pkeyutl -verify -pubin -keyform DER -inkey key -rawin -in msg -sigfile sig"
        run = subprocess.run(line.split(), cwd=work, capture_output=True, check=False)
    check(run.returncode == 0)


def head(note: str, log_key: str) -> tuple[int, bytes]:
    """Size and root of a checkpoint that the log's key signed."""
    name, key_id, encoded = log_key.split("+", 2)
    kind_and_key = base64.b64decode(encoded)
    check(sha256(name.encode(), b"\n", kind_and_key)[:4].hex() == key_id)
    text, lines = note.rsplit("\n\n", 1)
    origin, size, root = f"{text}\n".split("\n")[:3]
    check(origin == name and kind_and_key[:1] == b"\1")
    for line in lines.splitlines():
        dash, signer, signed = line.split(" ")
        data = base64.b64decode(signed)
        if (dash, signer, data[:4].hex()) == ("—", name, key_id):
            check_signature(kind_and_key[1:], data[4:], f"{text}\n".encode())
            return int(size), base64.b64decode(root)
    raise Invalid


def check_entry(proof: str, header: str, log_key: str) -> tuple[int, int]:
    """Number of the entry of this header, and size of the log that it stands in."""
    top, note = proof.split("\n\n", 1)
    magic, position, *path = top.split("\n")
    size, root = head(note, log_key)
    check(magic == "c2sp.org/tlog-proof@v1" and position.startswith("index "))
    index = at = int(position[6:])
    last, found = size - 1, sha256(b"\0", header.encode())
    check(0 <= at <= last)
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
    return index, size


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


def check_actor(header: str, public: bytes) -> None:
    members = json.loads(header)
    signature = bytes.fromhex(members.pop("signature"))
    rest = json.dumps(members, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    check_signature(public, signature, b"muniment entry v1\n" + rest.encode())


def check_batch(batch: str, captures: list[str]) -> None:
    data = json.loads(batch)["data"]
    leaves = sha256(*(sha256(b"\0", header.encode()) for header in captures))
    check((data["count"], data["leaves"]) == (len(captures), leaves.hex()))


def check_cosignature(note: str, witness: str) -> int:
    """When the witness saw this checkpoint, in seconds since 1970."""
    name, key_id, encoded = witness.split("+", 2)
    kind_and_key = base64.b64decode(encoded)
    check(sha256(name.encode(), b"\n", kind_and_key)[:4].hex() == key_id)
    check(kind_and_key[:1] == b"\4")
    text, lines = note.rsplit("\n\n", 1)
    for line in lines.splitlines():
        dash, signer, signed = line.split(" ")
        data = base64.b64decode(signed)
        if (dash, signer, data[:4].hex()) == ("—", name, key_id):
            seconds = int.from_bytes(data[4:12], "big")
            message = f"cosignature/v1\ntime {seconds}\n{text}\n".encode()
            check_signature(kind_and_key[1:], data[12:], message)
            return seconds
    raise Invalid


def main(proof: str, header: str, log_key: str) -> int:
    files = [Path(name).read_bytes().decode() for name in (proof, header)]
    for key in Path(log_key).read_text(encoding="utf-8").split():
        try:
            index, size = check_entry(files[0], files[1], key)
        except (Invalid, ValueError):
            continue
        print(f"valid: entry {index} of {size}, signed by {key}")
        return 0
    print("invalid")
    return 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
