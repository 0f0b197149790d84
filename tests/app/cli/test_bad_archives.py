"""Folders that are none, databases that are too new, locked or damaged, disks that are full."""

import os
import random
import resource
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import Muniment

ROOT = Path(__file__).parents[3]
LONG = random.Random(0).randbytes(50_000).hex()
"""Too long for a small disk, and it cannot be compressed to less than half."""


@pytest.fixture
def database() -> str:
    """SQLite alone: this is about the files of an archive and the disk they are on."""
    return ""


def run(
    muniment: Muniment, *args: str, largest: int | None = None
) -> subprocess.CompletedProcess[str]:
    """A command in a process of its own, which may write files of `largest` bytes only."""

    def limit() -> None:
        if largest is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (largest, resource.RLIM_INFINITY))

    return subprocess.run(
        [sys.executable, "-c", "from app.cli import main; main()", *args],
        cwd=ROOT,
        env=os.environ
        | {"MUNIMENT_ARCHIVE": str(muniment.folder), "MUNIMENT_KEYS": str(muniment.keys)},
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=limit,
    )


def contents(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and not path.name.endswith(("-shm", "-wal"))
    }


def test_a_folder_that_is_no_archive(muniment: Muniment) -> None:
    assert "muniment init" in muniment.fails(3, "actor", "list")
    muniment.folder.mkdir()
    assert "is not an archive" in muniment.fails(3, "actor", "list")
    assert list(muniment.folder.iterdir()) == []


def test_no_archive_at_all(
    muniment: Muniment, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    done = run(Muniment(Path(), muniment.keys, muniment.clock), "actor", "list")
    assert done.returncode == 3
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("damage", ["", "name = 3\n", "= =\n", "\xff"])
def test_settings_that_are_damaged(library: Muniment, damage: str) -> None:
    (library.folder / "muniment.toml").write_text(damage, encoding="latin-1")
    assert "muniment.toml" in library.fails(3, "actor", "list")


def test_a_missing_database(library: Muniment) -> None:
    (library.folder / "archive.db").unlink()
    assert "archive.db is missing" in library.fails(3, "actor", "list")
    assert not (library.folder / "archive.db").exists()


def test_a_newer_database(library: Muniment) -> None:
    database = sqlite3.connect(library.folder / "archive.db")
    database.execute("UPDATE alembic_version SET version_num = '9999'")
    database.commit()
    database.close()
    before = contents(library.folder)
    line = library.fails(3, "account", "add", "mastodon", "@library")
    assert "newer" in line
    assert "install" in line
    assert contents(library.folder) == before


def test_a_database_that_is_none(library: Muniment) -> None:
    (library.folder / "archive.db").write_bytes(b"this is no database" * 1000)
    line = library.fails(8, "actor", "list")
    assert "damaged" in line


def test_settings_that_cannot_be_read(library: Muniment) -> None:
    settings = library.folder / "muniment.toml"
    settings.unlink()
    settings.mkdir()
    assert "cannot be read" in library.fails(3, "actor", "list")


@pytest.mark.parametrize("largest", [0, 2_000, 40_000])
def test_a_full_disk_makes_no_half_archive(muniment: Muniment, largest: int) -> None:
    done = run(
        muniment, "init", str(muniment.folder), "--name", "L", "--no-passphrase", largest=largest
    )
    assert (done.returncode, done.stdout) == (9, ""), done.stderr
    assert done.stderr.count("\n") == 1, done.stderr
    assert not muniment.folder.exists()
    assert list(muniment.folder.parent.glob(".*")) == []
    assert not muniment.keys.exists() or list(muniment.keys.iterdir()) == []


def test_a_full_disk_adds_nothing_by_halves(library: Muniment) -> None:
    library.ok("account", "add", "mastodon", "@library")
    before = library.ok("checkpoint")
    done = run(library, "account", "add", "mastodon", LONG, largest=50_000)
    assert (done.returncode, done.stdout) == (9, ""), done.stderr
    assert done.stderr.count("\n") == 1, done.stderr
    assert library.ok("checkpoint") == before
    assert LONG not in library.ok("account", "list")
    library.ok("account", "add", "mastodon", "@after")


@pytest.fixture
def tiny_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of one megabyte."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = shutil.which("mount")
    command = [mount or "mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(place)]
    if mount is None or subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("a file system of one megabyte can only be mounted by root")
    try:
        yield place
    finally:
        subprocess.run(["umount", "--lazy", str(place)], check=True)


def test_a_disk_that_runs_full(muniment: Muniment, tiny_disk: Path) -> None:
    on_it = Muniment(tiny_disk / "library", muniment.keys, muniment.clock)
    made = run(on_it, "init", str(on_it.folder), "--name", "L", "--no-passphrase")
    assert made.returncode == 0, made.stderr
    before = on_it.ok("checkpoint")
    filler = tiny_disk / "filler"
    filler.write_bytes(bytes(shutil.disk_usage(tiny_disk).free))
    done = run(on_it, "account", "add", "mastodon", LONG)
    assert (done.returncode, done.stdout) == (9, ""), done.stderr
    assert "make room" in done.stderr
    filler.unlink()
    assert on_it.ok("checkpoint") == before
    on_it.ok("account", "add", "mastodon", "@after")
