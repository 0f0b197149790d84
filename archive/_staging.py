"""A folder that is built beside its place by one process at a time, and appears by a rename."""

import fcntl
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from archive._files import sync_folder
from archive._store import translated
from archive.errors import Refused


@contextmanager
def staging(
    path: Path, what: str, settle: Callable[[Path], object] = lambda _: None, note: str = ""
) -> Iterator[Path]:
    """A new, empty folder at `path` (mode 0700) for this process alone.

    What a killed run left there is removed, after `settle` has looked at it. On the way out it is
    removed, unless it was renamed or holds a file named `note`. Refused while another process
    builds there; `what` says in its message what.
    """
    with translated():
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = _claim(path, what)
        try:
            settle(path)
            _clear(path)
            try:
                yield path
            finally:
                if _is(path, descriptor) and not (note and (path / note).exists()):
                    shutil.rmtree(path, ignore_errors=True)
        finally:
            os.close(descriptor)


def sync_tree(folder: Path) -> None:
    """Make the names in a folder and in all folders below it durable."""
    for inner in sorted(path for path in folder.rglob("*") if path.is_dir()):
        sync_folder(inner)
    sync_folder(folder)


def within(inner: Path, outer: Path) -> bool:
    """Whether one path is the other, or lies below it, links followed."""
    return inner.resolve().is_relative_to(outer.resolve())


def _claim(path: Path, what: str) -> int:
    while True:
        path.mkdir(mode=0o700, exist_ok=True)
        descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            os.close(descriptor)
            raise Refused(f"another {what} is under way", hint="wait until it is done") from error
        if _is(path, descriptor):
            return descriptor
        os.close(descriptor)


def _clear(folder: Path) -> None:
    for left in folder.iterdir():
        if left.is_dir() and not left.is_symlink():
            shutil.rmtree(left)
        else:
            left.unlink()


def _is(path: Path, descriptor: int) -> bool:
    """Whether the folder that is open is the one that stands at `path`."""
    try:
        return os.path.samestat(path.stat(), os.fstat(descriptor))
    except FileNotFoundError:
        return False
