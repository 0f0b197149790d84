"""VERIFY.md does what it says, without this program."""

import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest


@pytest.fixture
def unpacked(bundle: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "unpacked"
    with zipfile.ZipFile(bundle) as opened:
        opened.extractall(folder)
    return folder


def blocks(folder: Path, language: str) -> list[str]:
    text = (folder / "VERIFY.md").read_text(encoding="utf-8")
    return re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)


def run(script: str, folder: Path) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        ["/bin/sh", "-e", "-c", script], cwd=folder, capture_output=True, text=True, check=False
    )


def test_files_and_signature(unpacked: Path) -> None:
    for tool in ("sha256sum", "openssl", "base64"):
        if shutil.which(tool) is None:
            pytest.skip(f"needs {tool}")
    sums, signature, key, _ = blocks(unpacked, "sh")
    done = run(sums, unpacked)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert "Verified Successfully" in run(signature, unpacked).stdout
    published = (unpacked / "data/proofs/log-key.pub").read_text().strip()
    assert run(key, unpacked).stdout.strip() == published.split("+", 2)[2]
    checkpoint = unpacked / "data/proofs/checkpoint"
    checkpoint.write_text(checkpoint.read_text().replace("\n12\n", "\n13\n"))
    assert run(signature, unpacked).returncode != 0


def test_records(unpacked: Path) -> None:
    script, _ = blocks(unpacked, "python")
    (unpacked / "check.py").write_text(script, encoding="utf-8")
    check = [sys.executable, "-I", "check.py"]
    done = subprocess.run(check, cwd=unpacked, capture_output=True, text=True, check=False)
    assert done.stdout == "5 records lead to the root of the log's head\n"
    records = unpacked / "data/records.jsonl"
    records.write_bytes(records.read_bytes().replace(b"Friday", b"Monday"))
    done = subprocess.run(check, cwd=unpacked, capture_output=True, text=True, check=False)
    assert "('parts', 1)" in done.stderr
