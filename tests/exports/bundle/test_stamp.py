"""The log's time stamp leaves with a bundle, and is checked without the archive."""

import shutil
import subprocess
import sys
import zipfile
from base64 import b64encode
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from archive import timestamps
from exports.bundle import verify_bundle
from exports.bundle._stamp import NAMES
from tests.conftest import Clock
from tests.exports.bundle.answer import Answer, member, page_records, repacked
from tests.exports.bundle.conftest import main_street
from tests.exports.bundle.test_instructions import blocks, run
from tests.tsa import Authority

pytestmark = pytest.mark.skipif(not shutil.which("openssl"), reason="needs the openssl command")


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("tsa") / "a")


@pytest.fixture(scope="module")
def bundle(authority: Authority, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Five records before the time stamp, one after it that hides a word of the authority's."""
    folder = tmp_path_factory.mktemp("stamped")
    answer = Answer.found(folder / "library", Clock(datetime(2026, 3, 2, 15, tzinfo=UTC)))
    with answer.archive:
        main_street(answer)
        with answer.archive.read() as reader:
            asked = timestamps.query(reader)
        reply = authority.reply(asked.der)
        timestamps.add(answer.archive, answer.agent, reply, asked, [authority.root])
        answer.decide({"text": "Ask Stamps about it"}, "redact", {"Stamps": "7(1)(c)"}, "A name.")
        answer.authorities = timestamps.trusted(answer.archive)
        answer.export(folder / "bundle.zip")
        yield folder / "bundle.zip"


def test_it_is_verified_and_says_what_it_covers(
    bundle: Path, authority: Authority, tmp_path: Path
) -> None:
    for roots in ((), (authority.root,)):
        report = verify_bundle(bundle, authorities=roots)
        assert report.findings == ()
        assert report.stamped is not None
        assert report.stamped.authority == "Town Time Stamps"
        assert report.stamped.size < report.size
        assert (report.covered, report.records) == (5, 6)
    other = Authority(tmp_path / "other", name="Other")
    [finding] = verify_bundle(bundle, authorities=[other.root]).findings
    assert str(finding).startswith("data/proofs/timestamp.tsr: time stamp: ")


def test_whatever_is_altered_is_named(bundle: Path, tmp_path: Path) -> None:
    altered = tmp_path / "altered.zip"
    for name in NAMES:
        for changed in (None, b"", member(bundle, name)[:-9] + b"\nAAAAAAA\n"):
            altered.write_bytes(repacked(bundle, {name: changed}))
            report = verify_bundle(altered)
            assert report.stamped is None
            places = {name, "data/proofs/timestamp.tsr"}
            problems = {one.what for one in report.findings if one.place in places}
            assert any("manifest" not in problem for problem in problems), (name, problems)


def test_a_proof_of_something_else_is_refused(bundle: Path, tmp_path: Path) -> None:
    name, altered = "data/proofs/timestamp.consistency", tmp_path / "altered.zip"
    lines = member(bundle, name).split(b"\n")
    lines[1] = b64encode(bytes(32))
    altered.write_bytes(repacked(bundle, {name: b"\n".join(lines)}))
    said = [one.what for one in verify_bundle(altered).findings if one.place == name]
    assert any("does not extend" in what for what in said)


def test_its_instructions_do_what_they_say(bundle: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(bundle) as opened:
        opened.extractall(tmp_path)
    *_, stamp = blocks(tmp_path, "sh")
    done = run(stamp, tmp_path)
    assert "Verification: OK" in done.stdout + done.stderr
    assert "Time stamp: " in done.stdout
    (tmp_path / "check.py").write_text(blocks(tmp_path, "python")[1], encoding="utf-8")
    check = [sys.executable, "-I", "check.py"]
    said = subprocess.run(check, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert said.stdout.startswith("the log of "), said.stderr
    note = tmp_path / "data/proofs/timestamp.checkpoint"
    note.write_bytes(note.read_bytes().replace(b"\n", b"\n\n", 1))
    assert run(stamp, tmp_path).returncode != 0


def test_the_page_says_that_it_is_there(bundle: Path) -> None:
    page = member(bundle, "data/index.html")
    assert b'"stamp":"Town Time Stamps stamped the log of ' in page
    assert len(page_records(bundle)) == 6
