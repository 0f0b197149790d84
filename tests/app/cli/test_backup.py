"""`muniment backup` and `muniment restore`, as a person meets them."""

import json
import resource
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.cli._rooms import projections
from archive import Archive
from tests.conftest import BOTH, Muniment
from tests.schedules.sample import TOML
from tests.schedules.town import Town


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return tmp_path / "copies" / "first"


@pytest.fixture
def town(sqlite_library: Muniment, tmp_path: Path) -> Iterator[Town]:
    """The library with a second officer and a schedule under which old comments are due."""
    sqlite_library.ok("actor", "add", "ben", "--role", "director", "--no-passphrase")
    path = tmp_path / "town.toml"
    path.write_text(TOML, encoding="utf-8")
    sqlite_library.ok("--as", "ada", "schedule", "adopt", path)
    folder = sqlite_library.folder
    with Archive.open(folder, projections=projections(), clock=sqlite_library.clock) as archive:
        yield Town.at(archive, sqlite_library.clock, sqlite_library.keys)


def dispose(library: Muniment) -> str:
    """Propose, approve and run a disposal of what is due; its id."""
    disposal = str(
        json.loads(library.ok("--as", "ada", "disposal", "propose", "--json"))["disposal"]
    )
    for name in ("ada", "ben"):
        library.ok("--as", name, "disposal", "approve", disposal)
    library.ok("--as", "ada", "disposal", "run", disposal)
    return disposal


@BOTH
def test_a_backup_and_its_check(library: Muniment, copy: Path) -> None:
    result = library.run("backup", copy)
    assert result.exit_code == 0
    assert "copied 2 entries" in result.stdout
    assert "muniment key backup" in result.stderr
    assert "is as it was written" in library.ok("backup", "--check", copy)
    facts = json.loads(library.ok("backup", copy.with_name("second"), "--json"))
    assert (facts["entries"], facts["backup"]) == (2, str(copy.with_name("second")))
    assert "not empty" in library.fails(6, "backup", copy)
    (copy / "archive.db").write_bytes(b"other")
    assert "the backup is damaged: archive.db" in library.fails(8, "backup", "--check", copy)
    assert json.loads(library.run("backup", "--check", "--json", copy).stdout)["ok"] is False
    assert "is not a backup" in library.fails(3, "backup", "--check", library.folder)


def test_the_checksums_are_for_sha256sum(library: Muniment, copy: Path) -> None:
    if shutil.which("sha256sum") is None:
        pytest.skip("needs sha256sum")
    library.ok("backup", copy)
    subprocess.run(
        ["sha256sum", "--check", "--strict", "SHA256SUMS"],
        cwd=copy,
        check=True,
        capture_output=True,
    )


def test_no_passphrase_is_asked_for(muniment: Muniment, tmp_path: Path) -> None:
    passphrase = tmp_path / "passphrase"
    passphrase.write_bytes(b"secret\n")
    with passphrase.open("rb") as file:
        muniment.ok(
            "--passphrase-fd", str(file.fileno()), "init", muniment.folder,
            "--name", "Library", "--actor", "ada", "--no-passphrase", "--protect",
        )  # fmt: skip
    muniment.ok("backup", tmp_path / "copy")
    assert "passphrase" in muniment.fails(
        4, "restore", tmp_path / "copy", tmp_path / "new", "--keys", muniment.folder / "keys"
    )
    with passphrase.open("rb") as file:
        muniment.ok(
            "--passphrase-fd", str(file.fileno()), "restore", tmp_path / "copy", tmp_path / "new",
            "--keys", muniment.folder / "keys",
        )  # fmt: skip


@pytest.mark.parametrize("protect", [False, True])
def test_keys_from_a_sealed_copy(muniment: Muniment, tmp_path: Path, protect: bool) -> None:
    def with_passphrases(lines: str, *words: str | Path) -> None:
        file = tmp_path / "passphrases"
        file.write_text(lines)
        with file.open("rb") as opened:
            muniment.ok("--passphrase-fd", str(opened.fileno()), *words)

    keys = tmp_path / "library.keys"
    with_passphrases(
        "own\n", "init", muniment.folder, "--name", "Library", "--actor", "ada", "--no-passphrase",
        *(["--protect"] if protect else []),
    )  # fmt: skip
    muniment.ok("backup", tmp_path / "copy")
    with_passphrases("own\nsealed\n" if protect else "sealed\n", "key", "backup", keys)
    new = tmp_path / "new"
    with_passphrases("sealed\n", "restore", tmp_path / "copy", new, "--keys", keys)
    again = Muniment(new, muniment.keys, muniment.clock)
    if protect:
        again.fails(4, "status")
    else:
        again.ok("verify")
    with_passphrases("sealed\n", "--archive", new, "verify")
    other = Muniment(tmp_path / "other", muniment.keys, muniment.clock)
    other.ok("init", other.folder, "--name", "O", "--actor", "ada", "--no-passphrase")
    other.ok("backup", tmp_path / "elsewhere")
    file = tmp_path / "passphrases"
    with file.open("rb") as opened:
        said = other.fails(
            4, "--passphrase-fd", str(opened.fileno()),
            "restore", tmp_path / "elsewhere", tmp_path / "newer", "--keys", keys,
        )  # fmt: skip
    assert "the keys of another archive" in said


@pytest.mark.parametrize("command", ["backup", "restore"])
def test_a_full_disk_leaves_nothing(
    sqlite_library: Muniment, tmp_path: Path, copy: Path, command: str
) -> None:
    sqlite_library.ok("backup", copy)
    place = tmp_path / "place"
    place.mkdir()
    words = {
        "backup": ["backup", str(place / "new")],
        "restore": [
            "restore", str(copy), str(place / "new"), "--keys", str(sqlite_library.folder / "keys"),
        ],
    }[command]  # fmt: skip
    run = subprocess.run(
        [sys.executable, "-c", "from app.cli import main; main()", *words],
        env={
            "MUNIMENT_ARCHIVE": str(sqlite_library.folder),
            "MUNIMENT_KEYS": str(sqlite_library.keys),
            "PYTHONPATH": str(Path(__file__).parents[3]),
            "PYTHONDONTWRITEBYTECODE": "1",
        },
        capture_output=True,
        text=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000)),
        check=False,
    )
    assert run.returncode == 9, run.stderr
    assert run.stderr.startswith("muniment: the disk is full")
    assert list(place.iterdir()) == []


def test_in_the_place_of_the_archive(sqlite_library: Muniment, copy: Path) -> None:
    library = sqlite_library
    library.ok("backup", copy)
    library.ok("actor", "add", "ben", "--no-passphrase")
    since = copy.with_name("checkpoint")
    since.write_text(library.ok("checkpoint"))
    rehearsed = library.ok("--as", "ada", "restore", copy, "--dry-run")
    assert "would restore" in rehearsed
    assert "1 entries of the log" in rehearsed
    library.ok("verify", "--since", since)
    done = json.loads(
        library.ok("--as", "ada", "restore", copy, "--reason", "the disk failed", "--json")
    )
    assert (done["lost"], done["lost_types"]) == (1, {"actor.added": 1})
    kept = Path(done["kept_aside"])
    assert kept.name == "library.replaced-2026-03-02T150000Z"
    assert "Everything holds: 3 entries" in library.ok("verify")
    library.fails(8, "verify", "--since", since)
    aside = Muniment(kept, library.keys, library.clock)
    aside.ok("verify", "--since", since)


def test_holds_come_along_and_late_ones_are_listed(
    sqlite_library: Muniment, town: Town, copy: Path
) -> None:
    library, record = sqlite_library, town.capture("flood")
    library.ok("--as", "ada", "hold", "place", "early", "--record", record, "--matter", "Doe")
    library.ok("backup", copy)
    library.ok("--as", "ada", "hold", "place", "late", "--record", record, "--matter", "Roe")
    said = library.ok("--as", "ada", "restore", copy)
    assert 'the hold "late" was placed after the backup: place it again' in said
    assert "1 hold.placed" in said
    assert "early" in library.ok("hold", "list")
    result = library.run("--as", "ada", "disposal", "propose")
    assert "Nothing is due" in result.stderr


def test_disposed_stays_disposed(sqlite_library: Muniment, town: Town, copy: Path) -> None:
    library, record = sqlite_library, town.capture("secret")
    library.ok("backup", copy)
    dispose(library)
    result = library.run("--as", "ada", "restore", copy)
    assert "1 records disposed of since the backup are disposed of again" in result.stdout
    assert f"{copy} still holds what is disposed of: retire it" in result.stderr
    assert json.loads(library.ok("record", "show", record, "--json"))["status"] == "disposed"
    library.ok("verify")


def test_a_list_that_was_kept(
    sqlite_library: Muniment, town: Town, copy: Path, tmp_path: Path
) -> None:
    library, record = sqlite_library, town.capture("secret")
    library.ok("backup", copy)
    dispose(library)
    kept = tmp_path / "disposed"
    kept.write_text(library.ok("disposal", "records"))
    assert kept.read_text().startswith(f"{record}\tCOMMENT\t")
    assert json.loads(library.ok("disposal", "records", "--json"))[0]["record"] == record
    town.archive.close()
    (library.folder / "archive.db").write_bytes(b"rubbish")
    for name in ("archive.db-wal", "archive.db-shm"):
        (library.folder / name).unlink(missing_ok=True)
    said = library.fails(6, "--as", "ada", "restore", copy)
    assert "cannot say what was disposed of since" in said
    assert "--disposed FILE" in said
    library.fails(2, "--as", "ada", "restore", copy, "--disposed", "-", stdin="nonsense")
    library.ok("--as", "ada", "restore", copy, "--disposed", kept)
    assert json.loads(library.ok("record", "show", record, "--json"))["status"] == "disposed"


def test_what_cannot_be_restored(
    sqlite_library: Muniment, copy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    library = sqlite_library
    library.ok("backup", copy)
    library.fails(3, "restore", tmp_path / "nothing")
    library.fails(3, "restore", library.folder, tmp_path / "new")
    said = library.fails(4, "restore", copy, tmp_path / "new")
    assert "no log.key" in said
    assert "--keys" in said
    library.fails(6, "restore", copy, copy / "inside")
    library.ok("init", tmp_path / "other", "--name", "Other", "--actor", "ada", "--no-passphrase")
    assert "another archive" in library.fails(6, "restore", copy, tmp_path / "other")
    said = library.fails(
        4, "restore", copy, tmp_path / "new", "--keys", tmp_path / "other" / "keys"
    )
    assert "the vault key is not the backup's" in said
    library.fails(4, "--as", "eve", "restore", copy)
    assert not (tmp_path / "new").exists()
    assert "Everything holds: 2 entries" in library.ok("verify")


def test_keys_that_were_replaced_since(
    sqlite_library: Muniment, copy: Path, tmp_path: Path
) -> None:
    library, early = sqlite_library, tmp_path / "early"
    library.ok("backup", copy)
    shutil.copytree(library.folder / "keys", early)
    library.ok("key", "rotate", "log")
    library.fails(4, "restore", copy)
    library.ok("key", "rotate", "vault")
    said = library.fails(4, "restore", copy)
    assert "the vault key is not the backup's" in said
    assert "--keys" in said
    library.ok("verify")
    library.ok("backup", copy.with_name("second"))
    library.ok("backup", "--check", copy.with_name("second"))
    library.ok("restore", copy.with_name("second"))
    library.ok("verify")
    third = Muniment(tmp_path / "third", library.keys, library.clock)
    library.ok("restore", copy, third.folder, "--keys", early)
    third.ok("verify")


def test_where_one_stands(
    sqlite_library: Muniment, copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    library = sqlite_library
    library.ok("backup", copy)
    monkeypatch.chdir(library.folder)
    result = library.run("restore", copy, ".")
    assert result.exit_code == 0
    assert "cd" in result.stderr
    library.ok("verify")
