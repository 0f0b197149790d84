"""A process that writes to an archive: `python -m tests.archive.writers FOLDER ACTOR KEY BATCHES`.

Prints a line per committed batch. With BATCHES 0 it stops for good in the middle of a batch, when
its parent reads `inside`.
"""

import sys
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from archive import Archive, Draft, Parts, Writer, keys, new_id, records


def drafts(writer: Writer, count: int, attachment: bytes = b"") -> list[Draft]:
    found = []
    for _ in range(count):
        record, native = new_id(), new_id()
        blob = writer.put_blob(record, [attachment]).name if attachment else ""
        data = {
            "account": "account",
            "kind": "comment",
            "lookup": records.lookup_of(writer, "x", "account", native),
            "platform": "x",
            "state": "live",
        }
        fields = [("text", f"comment {native}"), ("attachment/0/blob", blob)]
        found.append(Draft("record.captured", record, data, Parts.of(fields)))
    return found


def main(folder: str, actor: str, key: str, batches: str) -> None:
    signer = keys.ActorKey(actor, Ed25519PrivateKey.from_private_bytes(bytes.fromhex(key)))
    with Archive.open(Path(folder)) as archive:
        for _ in range(int(batches)):
            with archive.write(signer) as writer:
                writer.capture(drafts(writer, 20), "run", {"by": actor})
            print("committed", flush=True)
        if batches == "0":
            with archive.write(signer) as writer:
                writer.capture(drafts(writer, 300, b"picture"), "run", {})
                print("inside", flush=True)
                sys.stdin.read()


if __name__ == "__main__":
    main(*sys.argv[1:])
