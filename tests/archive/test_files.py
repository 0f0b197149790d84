from pathlib import Path

import pytest

from archive import _files
from archive._files import make_folder, write_durably


def test_a_file_is_replaced_and_keeps_its_mode(tmp_path: Path) -> None:
    path = tmp_path / "file"
    write_durably(path, b"old", 0o600)
    write_durably(path, b"new", 0o600)
    assert path.read_bytes() == b"new"
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_a_write_that_fails_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "file"
    write_durably(path, b"old")

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="No space"):
        write_durably(path, b"new")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_the_names_of_new_folders_are_durable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[Path] = []
    monkeypatch.setattr(_files, "sync_folder", synced.append)
    make_folder(tmp_path / "above" / "below")
    make_folder(tmp_path / "above" / "below")
    assert synced == [tmp_path, tmp_path / "above"]
    assert (tmp_path / "above").stat().st_mode & 0o777 == 0o700


def test_what_a_killed_write_left_does_not_stop_the_next(tmp_path: Path) -> None:
    (tmp_path / ".file.0badc0de.tmp").write_bytes(b"half")
    write_durably(tmp_path / "file", b"whole")
    assert [path.name for path in _files.unfinished(tmp_path)] == [".file.0badc0de.tmp"]
