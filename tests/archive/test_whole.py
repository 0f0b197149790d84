"""A whole archive in an open form, and back: nobody is bound to this program."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive import (
    Archive,
    KeyProblem,
    NotAnArchive,
    Refused,
    Sealed,
    VerificationError,
    export_all,
    keys_of,
    restoring,
    to_backup,
    verify,
)
from archive._manifest import SUMS, write_sums
from archive._openform import line_of_sealed, sealed_of_line
from archive.restrictions import restrict
from tests.archive.library import Library
from tests.archive.test_backup import rows


def furnish(library: Library) -> Library:
    """Comments with attachments: one removed, one disposed of, one restricted."""
    first, second, third = library.capture("one", "two", "three", attachment=b"picture")
    library.remove(first.subject)
    library.dispose(second.subject)
    with library.archive.write(library.ada) as writer:
        restrict(writer, third.subject, ["ada"], reason="A court sealed it")
    return library


@pytest.fixture
def filled(sqlite_library: Library) -> Library:
    return furnish(sqlite_library)


def back(library: Library, source: Path, folder: Path, database: str = "") -> Archive:
    """The archive that is made of an export, with the library's keys."""
    made = folder.with_name(f"{folder.name}-backup")
    made.mkdir()
    put = keys_of(library.folder / "keys")
    to_backup(source, made, put)
    with restoring(made, folder, put_keys=put, database=database, clock=library.clock) as restored:
        restored.note(library.ada)
        restored.swap()
    return Archive.open(folder, clock=library.clock)


def test_what_comes_back_is_what_was_there(
    library: Library, tmp_path: Path, another_database: Callable[[], str]
) -> None:
    filled = furnish(library)
    with filled.archive.snapshot() as reader:
        before, checkpoint = rows(reader.conn), reader.checkpoint()
        opened = list(reader.open(reader.entries(), restricted=True))
    made = export_all(filled.archive, filled.ada, tmp_path / "out")
    with back(filled, made.folder, tmp_path / "again", another_database()) as archive:
        assert verify(archive).ok
        with archive.snapshot() as reader:
            after = rows(reader.conn)
            for table in ("entry", "checkpoint", "blob"):
                assert after[table][: len(before[table])] == before[table], table
            assert reader.checkpoint(made.size) == checkpoint
            assert list(reader.open(reader.entries(0, made.size), restricted=True)) == opened
            assert reader.lookup("one") == _lookup(filled)
            for name, subject, _ in before["blob"]:
                kept = b"".join(reader.open_blob(str(subject), str(name), restricted=True))
                assert kept == b"picture"


def _lookup(library: Library) -> str:
    with library.archive.read() as reader:
        return reader.lookup("one")


def test_any_program_can_read_it(filled: Library, tmp_path: Path) -> None:
    made = export_all(filled.archive, filled.ada, tmp_path / "out")
    headers = (made.folder / "entries.jsonl").read_bytes().splitlines()
    assert len(headers) == made.size
    said = []
    for line in (made.folder / "sealed.jsonl").read_text().splitlines():
        row = json.loads(line)
        fields = dict(row["fields"])
        assert "commitment" in json.loads(headers[row["entry"]])
        said.append("".join(fields.get("text", ())))
    assert {"one", "three"} <= set(said)
    assert "two" not in said
    listed = [json.loads(x) for x in (made.folder / "attachments.jsonl").read_text().splitlines()]
    assert [
        (made.folder / "attachments" / one["name"][:2] / one["name"]).read_bytes() for one in listed
    ] == [b"picture"] * len(listed)
    assert listed


def test_it_holds_no_key_of_the_archive_s_own(filled: Library, tmp_path: Path) -> None:
    made = export_all(filled.archive, filled.ada, tmp_path / "out")
    secrets = [filled.archive.key_files.load(name) for name in ("log.key", "vault.key")]
    for path in made.folder.rglob("*"):
        if path.is_file():
            data = path.read_bytes()
            assert not any(key in data or key.hex().encode() in data for key in secrets), path
            assert path.stat().st_mode & 0o077 == 0


def test_that_it_was_made_stands_in_the_log(filled: Library, tmp_path: Path) -> None:
    made = export_all(filled.archive, filled.ada, tmp_path / "out")
    with filled.archive.read() as reader:
        (entry,) = reader.entries(types={"archive.exported"})
    assert entry.data == {"size": made.size, "root": made.root, "sums": made.sums}
    assert verify(filled.archive).ok


@pytest.mark.parametrize("name", ["entries", "sealed", "keys", "checkpoints", "attachments"])
def test_damage_is_found_before_anything_is_made(
    filled: Library, tmp_path: Path, name: str
) -> None:
    made = export_all(filled.archive, filled.ada, tmp_path / "out")
    path = made.folder / f"{name}.jsonl"
    path.write_bytes(path.read_bytes().replace(b"1", b"2", 1))
    (tmp_path / "made").mkdir()
    with pytest.raises(VerificationError, match=rf"{name}\.jsonl"):
        to_backup(made.folder, tmp_path / "made", keys_of(filled.folder / "keys"))


@pytest.mark.parametrize("name", ["sealed", "keys", "attachments"])
def test_what_was_altered_with_its_sums_does_not_become_an_archive(
    filled: Library, tmp_path: Path, name: str
) -> None:
    made = export_all(filled.archive, filled.ada, tmp_path / "out")
    path = made.folder / f"{name}.jsonl"
    lines = path.read_bytes().splitlines(keepends=True)
    found, other = {
        "sealed": (b'"one"', b'"two"'),
        "keys": (_attached(made.folder), b"01a00000-0000-7000-8000-000000000000"),
        "attachments": (b'"prefix":"', b'"prefix":"00'),
    }[name]
    at = next(i for i, line in enumerate(lines) if found in line)
    lines[at] = lines[at].replace(found, other)
    path.write_bytes(b"".join(lines))
    _sum_again(made.folder)
    with pytest.raises((VerificationError, KeyProblem)):
        back(filled, made.folder, tmp_path / "again")
    assert not (tmp_path / "again").exists()


def _attached(folder: Path) -> bytes:
    """The subject that the first attachment belongs to."""
    line = (folder / "attachments.jsonl").read_text().splitlines()[0]
    return str(json.loads(line)["subject"]).encode()


def _sum_again(folder: Path) -> None:
    (folder / SUMS).unlink()
    write_sums(folder)


def test_other_folders_and_other_keys_are_refused(filled: Library, tmp_path: Path) -> None:
    (tmp_path / "made").mkdir()
    with pytest.raises(NotAnArchive, match="no export"):
        to_backup(tmp_path, tmp_path / "made", keys_of(filled.folder / "keys"))
    with pytest.raises(Refused, match="inside"):
        export_all(filled.archive, filled.ada, filled.folder / "out")
    made = export_all(filled.archive, filled.ada, tmp_path / "out")
    with pytest.raises(KeyProblem):
        to_backup(made.folder, tmp_path / "made", keys_of(tmp_path))
    with pytest.raises(Refused, match="not empty"):
        export_all(filled.archive, filled.ada, tmp_path / "out")


VALUE = st.binary(max_size=20)


@given(
    fields=st.lists(
        st.tuples(st.text(max_size=8), VALUE | st.lists(VALUE, max_size=4).map(tuple)), max_size=6
    ),
    seed=st.binary(min_size=32, max_size=32),
)
def test_every_sealed_half_comes_back(
    fields: list[tuple[str, bytes | tuple[bytes, ...]]], seed: bytes
) -> None:
    sealed = Sealed(tuple(fields), seed)
    line = json.loads(json.dumps(line_of_sealed(7, sealed)))
    assert sealed_of_line(line) == (7, sealed)
