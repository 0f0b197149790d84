"""The one writer's turn: waited for in fairness, for a bounded time, and not in silence.

SQLite lets whoever asks at the right moment write next, and a command that writes batch after batch
asks again the moment it has committed. So writers stand in line first: whoever holds the lock of
the archive's settings file is next, and the one who has just written goes to the end. The kernel
takes the lock from a command that dies. PostgreSQL keeps the line for an advisory lock itself.
"""

import fcntl
import os
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from archive import faults

if TYPE_CHECKING:
    import psycopg

Tell = Callable[[str], None]
"""Is told, in one line, what a command waits for or does that was not asked of it."""

_TAKE = f"SELECT pg_advisory_xact_lock({0x4D554E494D454E54})"  # "MUNIMENT"
_QUIET = 2.0
_NEXT, _BEHIND = 0.005, 0.02
_BUSY = "SQLITE_BUSY"


class Patience:
    """How long to wait, in seconds, and whom to tell when it takes more than a moment."""

    def __init__(self, seconds: float, tell: Tell) -> None:
        self._seconds = seconds
        self._tell = tell
        self._start = time.monotonic()
        self._told = False

    @property
    def left(self) -> float:
        """Seconds that are left; 0 when there is no more waiting."""
        return max(0.0, self._start + self._seconds - time.monotonic())

    def pause(self, seconds: float) -> bool:
        """Wait for a little while; False when that was long enough already."""
        if not self.left:
            return False
        if time.monotonic() - self._start >= _QUIET:
            self.say()
        time.sleep(seconds)
        return True

    def say(self) -> None:
        """Say once what is waited for."""
        if not self._told:
            self._tell(
                "waiting for another command to finish writing, "
                f"at most {round(self._seconds)} seconds"
            )
        self._told = True


def begin_sqlite(connection: sqlite3.Connection, settings: Path, patience: Patience) -> None:
    """Begin the one writer's transaction; StorageError when there was no turn in time."""
    with _line(settings, patience):
        timeout = connection.execute("PRAGMA busy_timeout").fetchone()[0]
        connection.execute("PRAGMA busy_timeout = 0")
        try:
            while True:
                try:
                    connection.execute("BEGIN IMMEDIATE")
                except sqlite3.OperationalError as error:
                    busy = error.sqlite_errorname.startswith(_BUSY)
                    if not busy or not patience.pause(_NEXT):
                        raise faults.of_database(error) from error
                else:
                    return
        finally:
            connection.execute(f"PRAGMA busy_timeout = {timeout}")


@contextmanager
def _line(settings: Path, patience: Patience) -> Iterator[None]:
    """Be the next to write. Without a settings file, or when patience ends, nobody stands in line:
    then SQLite's own lock decides.
    """
    try:
        descriptor = os.open(settings, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        yield
        return
    try:
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if not patience.pause(_BEHIND):
                    break
            else:
                break
        yield
    finally:
        os.close(descriptor)


def begin_postgresql(connection: "psycopg.Connection", patience: Patience) -> None:
    """Take the one writer's lock on a psycopg connection, for the transaction that begins here.

    Each statement sees what was committed before it, and a commit is on disk when it returns,
    whatever the database's defaults are. StorageError when there was no turn in time.
    """
    from psycopg import Error
    from psycopg.errors import LockNotAvailable

    seconds = patience.left
    try:
        with connection.cursor() as cursor:
            cursor.execute(
                "SET TRANSACTION ISOLATION LEVEL READ COMMITTED; "
                f"SET LOCAL synchronous_commit = on; {_lock_timeout(seconds)}; SAVEPOINT waiting; "
                f"{_lock_timeout(min(_QUIET, seconds))}",
                prepare=False,
            )
            try:
                cursor.execute(_TAKE)
            except LockNotAvailable:
                if not patience.left:
                    raise
                patience.say()
                cursor.execute("ROLLBACK TO SAVEPOINT waiting")
                cursor.execute(_TAKE)
            cursor.execute(_lock_timeout(seconds))
    except Error as error:
        raise faults.of_database(error) from error


def _lock_timeout(seconds: float) -> str:
    return f"SET LOCAL lock_timeout = {max(1, round(seconds * 1000))}"
