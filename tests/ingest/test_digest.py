"""The digest of an export can be made by anybody, with what every system has."""

import hashlib
import subprocess
from pathlib import Path

import pytest

from archive import SourceError
from ingest._digest import digest_of

COMMAND = "find . -type f -printf '%P\\0' | LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum"


def test_of_a_file_it_is_that_of_its_bytes(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"abc")
    found = digest_of([tmp_path / "a"])
    assert (found.sha256, found.size) == (hashlib.sha256(b"abc").hexdigest(), 3)


def test_of_a_folder_it_is_that_of_the_listing_of_sha256sum(tmp_path: Path) -> None:
    for name in ("b.txt", "a/ü.txt", "a/x y.txt", "a-b.txt", "odd\\name", "two\nlines", ".hidden"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(name)
    (tmp_path / "link").symlink_to("b.txt")
    made = subprocess.run(  # a shell's pipe, as docs/format.md gives it
        ["/bin/sh", "-c", COMMAND], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert digest_of([tmp_path]).sha256 == made.stdout.split()[0]


def test_of_parts_it_is_that_of_their_listing(tmp_path: Path) -> None:
    parts = [tmp_path / "2.zip", tmp_path / "1.zip"]
    for part in parts:
        part.write_text(part.name)
    lines = sorted(f"{hashlib.sha256(p.read_bytes()).hexdigest()}  {p.name}\n" for p in parts)
    lines.sort(key=lambda line: line.split("  ")[1])
    assert digest_of(parts).sha256 == hashlib.sha256("".join(lines).encode()).hexdigest()
    assert digest_of(parts) == digest_of(parts[::-1])


def test_what_is_not_there_is_no_export(tmp_path: Path) -> None:
    with pytest.raises(SourceError):
        digest_of([tmp_path / "nothing"])
