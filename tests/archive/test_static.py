import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from archive import Archive, Exported, Refused, VerificationError, export_tiles, merkle
from archive._static import _path
from tests.archive.library import Library
from tests.archive.tiles_client import Client, sha256


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "public"


def files(folder: Path) -> dict[str, tuple[int, bytes]]:
    """Every file with its inode, which a file that is written anew does not keep."""
    return {
        str(path.relative_to(folder)): (path.stat().st_ino, path.read_bytes())
        for path in folder.rglob("*")
        if path.is_file()
    }


def check_whole(library: Library, folder: Path) -> Client:
    """What is published is the log, for somebody who has nothing else."""
    client = Client(folder)
    with library.archive.read() as reader:
        assert (client.origin, client.size) == (library.archive.origin, reader.head.size)
        assert client.root == reader.head.root == client.tree(0, client.size)
        entries = client.entries()
        assert entries == [entry.header for entry in reader.entries()]
        for index in {0, 1, client.size // 2, client.size - 1}:
            path = client.path(index, 0, client.size)
            assert path == reader.inclusion_proof(index)
            leaf = sha256(b"\0", entries[index])
            merkle.verify_inclusion(leaf, index, client.size, path, client.root)
    return client


@pytest.mark.parametrize(
    ("index", "width", "path"),
    [
        (0, 256, "tile/2/000"),
        (5, 12, "tile/2/005.p/12"),
        (999, 256, "tile/2/999"),
        (1000, 256, "tile/2/x001/000"),
        (1234067, 256, "tile/2/x001/x234/067"),
        (1234067, 1, "tile/2/x001/x234/067.p/1"),
    ],
)
def test_paths_are_those_of_the_specification(index: int, width: int, path: str) -> None:
    assert _path("2", index, width) == path


def test_a_log_is_read_back_from_its_files_alone(library: Library, folder: Path) -> None:
    sizes = []
    for count in (1, 100, 300, 250):
        library.capture(*["words"] * count)
        exported = export_tiles(library.archive, folder)
        assert exported.size == library.size()
        sizes.append(exported.size)
        check_whole(library, folder)
    assert sizes == [4, 105, 406, 657]
    assert sorted(path for path in files(folder)) == [
        "checkpoint",
        "tile/0/000",
        "tile/0/001",
        "tile/0/002.p/145",
        "tile/1/000.p/1",
        "tile/1/000.p/2",
        "tile/entries/000",
        "tile/entries/001",
        "tile/entries/002.p/145",
    ]


def test_only_what_has_grown_is_written(library: Library, folder: Path) -> None:
    library.capture(*["words"] * 300)
    assert export_tiles(library.archive, folder) == Exported(303, 6)
    before = files(folder)
    assert export_tiles(library.archive, folder) == Exported(303, 0)
    assert files(folder) == before
    library.capture("one more")
    assert export_tiles(library.archive, folder) == Exported(305, 3)
    after = files(folder)
    kept = {name: value for name, value in before.items() if name != "checkpoint"}
    assert kept.items() <= after.items()
    assert after.keys() - before.keys() == {"tile/0/001.p/49", "tile/entries/001.p/49"}


def test_the_checkpoint_comes_last(
    sqlite_library: Library, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each attempt writes one file more and is then interrupted."""
    sqlite_library.capture(*["words"] * 300)
    replace = Path.replace
    for written in range(1, 6):
        with monkeypatch.context() as patch:
            allowed = iter([True])

            def once(self: Path, target: Path, allowed: Iterator[bool] = allowed) -> Path:
                if not next(allowed, False):
                    raise KeyboardInterrupt
                return replace(self, target)

            patch.setattr(Path, "replace", once)
            with pytest.raises(KeyboardInterrupt):
                export_tiles(sqlite_library.archive, folder)
        assert len(files(folder)) == written
        assert not (folder / "checkpoint").exists()
    export_tiles(sqlite_library.archive, folder)
    check_whole(sqlite_library, folder)


def test_a_folder_of_another_log_is_left_alone(
    sqlite_library: Library, folder: Path, tmp_path: Path
) -> None:
    other = Library.found(tmp_path / "other", sqlite_library.clock)
    with other.archive:
        export_tiles(other.archive, folder)
        before = files(folder)
        with pytest.raises(VerificationError, match="no checkpoint of"):
            export_tiles(sqlite_library.archive, folder)
        assert files(folder) == before


def test_a_rolled_back_log_is_not_published(sqlite_library: Library, folder: Path) -> None:
    database = sqlite_library.folder / "archive.db"
    sqlite_library.archive.close()
    older = database.read_bytes()
    sqlite_library.capture("one")
    export_tiles(sqlite_library.archive, folder)
    before = files(folder)
    sqlite_library.archive.close()
    for name in ("archive.db-wal", "archive.db-shm"):
        (sqlite_library.folder / name).unlink(missing_ok=True)
    database.write_bytes(older)
    with pytest.raises(VerificationError, match="the log has 2 entries"):
        export_tiles(sqlite_library.archive, folder)
    sqlite_library.capture("another")
    with pytest.raises(VerificationError, match="are not those"):
        export_tiles(sqlite_library.archive, folder)
    assert files(folder) == before


def test_a_file_that_was_changed_is_named(sqlite_library: Library, folder: Path) -> None:
    sqlite_library.capture(*["words"] * 300)
    export_tiles(sqlite_library.archive, folder)
    (folder / "checkpoint").unlink()
    (folder / "tile" / "0" / "000").write_bytes(bytes(8192))
    with pytest.raises(VerificationError, match="tile/0/000 is not what"):
        export_tiles(sqlite_library.archive, folder)


def test_damage_is_not_published(library: Library, folder: Path) -> None:
    library.capture(*["words"] * 300)
    library.tamper(
        "UPDATE entry SET header = (SELECT header FROM entry WHERE seq = 7) WHERE seq = 8"
    )
    with pytest.raises(VerificationError, match="tile 0/0 does not hold"):
        export_tiles(library.archive, folder)
    library.tamper("DELETE FROM tile WHERE level = 0 AND idx = 1")
    with pytest.raises(VerificationError):
        export_tiles(library.archive, folder)
    assert not (folder / "checkpoint").exists()


def test_a_header_that_is_too_long_for_a_bundle(sqlite_library: Library, folder: Path) -> None:
    sqlite_library.decide("hold.extended", sqlite_library.account, {"records": ["x" * 70_000]})
    with pytest.raises(Refused, match="entry 2 has 70"):
        export_tiles(sqlite_library.archive, folder)


def test_files_can_be_read_by_whoever_serves_them(library: Library, folder: Path) -> None:
    archive: Archive = library.archive
    export_tiles(archive, folder)
    umask = os.umask(0)
    os.umask(umask)
    assert all(
        path.stat().st_mode & 0o777 == 0o644 & ~umask
        for path in folder.rglob("*")
        if path.is_file()
    )
