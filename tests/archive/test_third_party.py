"""What a third party can verify: with the openssl command, and with a script that was written from
docs/format.md alone (tests/third_party/verify_entry.py).
"""

import json
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from archive import HiddenPart, ShownPart, cosignatures, evidence, timestamps
from tests import vectors
from tests.archive.library import Library
from tests.archive.witness import Witness
from tests.third_party import verify_entry
from tests.third_party.verify_entry import (
    Invalid,
    check_actor,
    check_batch,
    check_cosignature,
    check_disclosure,
    check_entry,
    head,
    sha256,
)
from tests.tsa import Authority

pytestmark = pytest.mark.skipif(not shutil.which("openssl"), reason="needs the openssl command")


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


def evidence_of(library: Library, seq: int) -> tuple[str, str, str]:
    """Proof file, header and the log's key, as a third party is given them."""
    with library.archive.read() as reader:
        proof, header = str(reader.prove(seq)), reader.entry(seq).header.decode()
    return proof, header, (library.folder / "keys" / "log.pub").read_text().strip()


def test_the_vectors_hold() -> None:
    log: dict[str, Any] = vectors.load("log")
    headers = [entry["header"] for entry in log["entries"]]
    for entry in log["entries"]:
        check_entry(entry["proof"], entry["header"], log["log_key"])
        assert sha256(b"\0", entry["header"].encode()).hex() == entry["leaf"]
        if entry["signed"]:
            (public,) = log["actors"].values()
            check_actor(entry["header"], bytes.fromhex(public))
    check_batch(headers[4], headers[2:4])
    size, root = head(log["checkpoint"], log["log_key"])
    assert (size, root.hex()) == (5, log["roots"][-1])
    for case in vectors.load("sealed"):
        check_disclosure(json.dumps({"commitment": case["commitment"]}), case["parts"])


def test_a_third_party_verifies_an_entry_of_an_archive(library: Library) -> None:
    captured = library.capture("Ich bin ein Kommentar, 評論", "another", "a third")
    removed = library.remove(captured[0].subject)
    for seq in range(library.size()):
        check_entry(*evidence_of(library, seq))
    _, header, _ = evidence_of(library, removed.seq)
    check_actor(header, library.ada.public)
    headers = [evidence_of(library, seq)[1] for seq in range(2, 6)]
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


def test_a_third_party_is_not_fooled(library: Library) -> None:
    library.capture("one", "two")
    proof, header, log_key = evidence_of(library, 2)
    other_proof, other_header, _ = evidence_of(library, 3)
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
            check_entry(*wrong)
    _, decision, _ = evidence_of(library, 1)
    with pytest.raises(Invalid):
        check_actor(decision.replace("US-IL", "US-WI"), library.ada.public)


def run_alone(folder: Path, proof: str, header: str, key: str) -> subprocess.CompletedProcess[str]:
    """The script in a process of its own, which has nothing of the program to import."""
    script = shutil.copy(verify_entry.__file__, folder / "verify_entry.py")
    command = [sys.executable, "-I", str(script), proof, header, key]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def test_evidence_is_verified_by_a_program_of_its_own(library: Library, tmp_path: Path) -> None:
    library.capture("Ich bin ein Kommentar, 評論", "another", "a third")
    authority, folder = Authority(tmp_path / "tsa"), tmp_path / "evidence"
    with library.archive.read() as reader:
        asked = timestamps.query(reader)
    answer = authority.stamp(asked.der, datetime.now(UTC))
    stamp = timestamps.add(library.archive, library.ada, answer, asked, [authority.root])
    with library.archive.read() as reader:
        entries = list(reader.entries())
        evidence.write(library.archive, folder, evidence.of(library.archive, reader, entries))
        notes = {6: reader.checkpoint(6), 7: reader.checkpoint(7)}
    for seq, size in ((0, 6), (2, 6), (5, 6), (6, 7)):
        run = run_alone(folder, f"entry-{seq}.tlog-proof", f"entry-{seq}.json", "log.pub")
        assert run.stdout == f"valid: entry {seq} of {size}, signed by {library.archive.log_key}\n"
        assert (folder / f"entry-{seq}.tlog-proof").read_text().endswith(f"\n\n{notes[size]}")
    run = run_alone(folder, "entry-2.tlog-proof", "entry-3.json", "log.pub")
    assert (run.returncode, run.stdout) == (1, "invalid\n")
    command = "openssl ts -verify -data checkpoint-6 -in token-6.tsr -CAfile authorities.pem"
    openssl = subprocess.run(
        command.split(), cwd=folder, capture_output=True, text=True, check=False
    )
    assert openssl.stdout == "Verification: OK\n"
    assert (folder / "checkpoint-6").read_text() == notes[6]
    (folder / "checkpoint-6").write_text(notes[7])
    openssl = subprocess.run(
        command.split(), cwd=folder, capture_output=True, text=True, check=False
    )
    assert openssl.returncode != 0
    assert stamp.size == 6


def test_a_third_party_verifies_a_cosignature(library: Library) -> None:
    witness = Witness("clerk.example/w", library.archive.log_key)
    with library.archive.read() as reader:
        note = witness.see(reader.checkpoint(), [], 1772452800)
    cosignatures.add(library.archive, library.ada, note, [witness.public])
    with library.archive.read() as reader:
        kept = cosignatures.cosigned(reader, library.archive.config.id, 2)
    assert check_cosignature(kept, str(witness.public)) == 1772452800
    assert head(kept, str(library.archive.log_key))[0] == 2
    for wrong in (kept.replace("\n2\n", "\n3\n"), note.rpartition("— ")[0]):
        with pytest.raises(Invalid):
            check_cosignature(wrong, str(witness.public))
    with pytest.raises(Invalid):
        check_cosignature(kept, str(library.archive.log_key))
