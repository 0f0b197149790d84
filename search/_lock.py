"""One writer of an index at a time, among all processes of a machine."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from archive import Patience, StorageError, Tell, translated

_FILE = "writer.lock"
_PAUSE = 0.05


@contextmanager
def write_lock(index_folder: Path, wait: float, tell: Tell = lambda _: None) -> Iterator[None]:
    """Hold the writer's lock of an index folder, which is made when it is not there.

    `tell` is told when that takes more than a moment. Raises StorageError when another command
    still holds it after `wait` seconds. A command that dies lets go of it.
    """
    with translated():
        index_folder.mkdir(mode=0o700, exist_ok=True)
        descriptor = os.open(index_folder / _FILE, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        _acquire(descriptor, wait, Patience(wait, tell))
        yield
    finally:
        os.close(descriptor)


def _acquire(descriptor: int, wait: float, patience: Patience) -> None:
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if not patience.lasts():
                raise StorageError(
                    f"another command has been writing the search index for {wait:g} seconds",
                    hint="wait for it to end, then try again",
                ) from None
            time.sleep(_PAUSE)
        else:
            return
