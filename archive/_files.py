"""Files that are there wholly or not at all: write beside, fsync, rename, fsync the folder."""

import os
from collections.abc import Iterator
from pathlib import Path


def write_durably(path: Path, data: bytes, mode: int = 0o644) -> None:
    """Write `data` to `path` so that a crash leaves the old file or the new one, never a part."""
    beside = path.with_name(f".{path.name}.{os.urandom(4).hex()}.tmp")
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def unfinished(folder: Path) -> Iterator[Path]:
    """What is left in a folder of files that a killed process was writing."""
    yield from folder.glob(".*.*.tmp")


def make_folder(folder: Path, mode: int = 0o700) -> None:
    """Make a folder and those above it, their names durable; nothing happens when it is there."""
    if not folder.is_dir():
        make_folder(folder.parent, mode)
        folder.mkdir(mode=mode, exist_ok=True)
        sync_folder(folder.parent)


def sync_folder(folder: Path) -> None:
    """Make renames and removals in a folder durable."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
