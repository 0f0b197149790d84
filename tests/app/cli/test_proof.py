import json
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from archive import new_id
from tests.app.cli.test_record import capture, writing
from tests.conftest import BOTH, Muniment
from tests.tsa import Authority, answering, serving


@pytest.fixture
def evidence(library: Muniment, tmp_path: Path) -> Path:
    """The evidence of entry 1, in a folder, and the log's key beside it."""
    library.ok("proof", "1", "-o", tmp_path / "evidence")
    return tmp_path / "evidence"


@BOTH
def test_one_entry_s_proof_is_printed(library: Muniment) -> None:
    proof = library.ok("proof", "1")
    assert proof.startswith("c2sp.org/tlog-proof@v1\nindex 1\n")
    assert proof.endswith(library.ok("checkpoint"))


def test_evidence_is_verified_without_an_archive(
    library: Muniment, evidence: Path, tmp_path: Path
) -> None:
    assert sorted(path.name for path in evidence.iterdir()) == [
        "VERIFY.md", "entry-1.json", "entry-1.tlog-proof", "log.pub",
    ]  # fmt: skip
    key = shutil.copy(library.folder / "keys" / "log.pub", tmp_path / "log.pub")
    origin = Path(key).read_text().partition("+")[0]
    shutil.rmtree(library.folder)
    proof = evidence / "entry-1.tlog-proof"
    said = library.ok("verify", proof, "--key", key)
    assert said.startswith(f"{evidence / 'entry-1.json'} is entry 1 of {origin}.\n")
    assert "archive.created" in said
    facts = json.loads(library.ok("verify", proof, "--key", key, "--json"))
    assert (facts["ok"], facts["entry"], facts["entries"]) == (True, 1, 2)
    header = (evidence / "entry-1.json").rename(tmp_path / "elsewhere")
    library.ok("verify", proof, "--key", key, "--header", header)
    assert "--header" in library.fails(2, "verify", proof, "--key", key)


def test_evidence_that_does_not_hold(library: Muniment, evidence: Path, tmp_path: Path) -> None:
    proof, header, key = (
        evidence / name for name in ("entry-1.tlog-proof", "entry-1.json", "log.pub")
    )
    other = Muniment(tmp_path / "other", library.keys, library.clock)
    other.ok("init", other.folder, "--name", "Other", "--actor", "eve", "--no-passphrase")
    foreign = other.folder / "keys" / "log.pub"
    assert "not signed" in library.fails(8, "verify", proof, "--key", foreign)
    assert "--key" in library.fails(2, "verify", proof)
    library.fails(4, "verify", proof, "--key", tmp_path / "none")
    library.fails(2, "verify", tmp_path / "none.tlog-proof", "--key", key)
    library.fails(2, "verify", "--header", header)
    library.fails(2, "verify", proof, "--key", key, "--since", proof)
    good = header.read_text()
    for wrong in (good.replace("US-IL", "US-WI"), good[:-1], "", good + "\n"):
        header.write_text(wrong)
        library.fails(8, "verify", proof, "--key", key)
    header.write_text(good)
    proof.write_text(proof.read_text().replace("index 1", "index 0"))
    assert "does not lead" in library.fails(8, "verify", proof, "--key", key)


def test_every_entry_of_a_record(
    library: Muniment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    record, folder = new_id(), tmp_path / "evidence"
    with writing(library, monkeypatch) as writer:
        capture(writer, record, "First words.")
    assert library.ok("proof", record) == library.ok("proof", "2")
    with writing(library, monkeypatch) as writer:
        capture(writer, record, "Other words.", version=2)
    assert "has 2 entries (2, 4)" in library.fails(2, "proof", record[-12:])
    assert "the proofs of 2 entries" in library.ok("proof", record[-12:], "-o", folder)
    for position in (2, 4):
        proof = folder / f"entry-{position}.tlog-proof"
        facts = json.loads(library.ok("verify", proof, "--key", folder / "log.pub", "--json"))
        assert (facts["entry"], facts["subject"]) == (position, record)


def test_a_time_stamp_comes_along(library: Muniment, tmp_path: Path) -> None:
    authority = Authority(tmp_path / "tsa")
    with serving(answering(lambda query: authority.stamp(query, datetime.now(UTC)))) as url:
        library.ok("timestamp", "--tsa", url, "--ca", authority.ca)
        library.ok("account", "add", "mastodon", "@library")
        library.ok("timestamp")
    folder = tmp_path / "evidence"
    assert "no time stamp" not in library.ok("proof", "0", "-o", folder)
    assert "index 0" in (folder / "entry-0.tlog-proof").read_text()
    library.ok("verify", folder / "entry-0.tlog-proof", "--key", folder / "log.pub")
    note = (folder / "checkpoint-2").read_text()
    assert (folder / "entry-0.tlog-proof").read_text().endswith(f"\n\n{note}")
    (command,) = [
        line.strip()
        for line in (folder / "VERIFY.md").read_text().splitlines()
        if "openssl ts" in line
    ]
    run = subprocess.run(command.split(), cwd=folder, capture_output=True, text=True, check=False)
    assert run.stdout == "Verification: OK\n"
    assert (folder / "authorities.pem").read_bytes() == authority.ca.read_bytes()
    library.ok("proof", "3", "-o", tmp_path / "later")
    assert (tmp_path / "later" / "checkpoint-4").exists()
    assert "no time stamp covers them yet" in library.ok("proof", "4", "-o", tmp_path / "newest")


def test_what_there_is_not(library: Muniment, evidence: Path) -> None:
    assert "there is no entry 99" in library.fails(5, "proof", "99")
    assert "no entry and no record" in library.fails(5, "proof", "123456789012")
    assert "no entry and no record" in library.fails(5, "proof", "abcdef123456")
    assert "is not empty" in library.fails(6, "proof", "1", "-o", evidence)
    library.fails(6, "proof", "1", "-o", evidence / "log.pub")
