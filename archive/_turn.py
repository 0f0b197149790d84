"""The one writer's turn: waited for in fairness, for a bounded time, and not in silence.

SQLite lets whoever asks at the right moment write next, and a command that writes batch after batch
asks again the moment it has committed. So writers stand in line first: whoever holds the lock of
the archive's settings file is next, and the one who has just written goes to the end. The kernel
takes the lock from a command that dies. PostgreSQL keeps the line for an advisory lock itself.
"""

import fcntl
import os
import sqlite3
import threading
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
_NEXT, _BEHIND = 0.005, 0.1
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

    def lasts(self) -> bool:
        """Whether to go on waiting; says what for when that has taken a while."""
        if time.monotonic() - self._start >= _QUIET:
            self.say()
        return self.left > 0

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
                    if not busy or not patience.lasts():
                        raise faults.of_database(error) from error
                    time.sleep(_NEXT)
                else:
                    return
        finally:
            connection.execute(f"PRAGMA busy_timeout = {timeout}")


@contextmanager
def _line(settings: Path, patience: Patience) -> Iterator[None]:
    """Be the next to write. Without a settings file, or when patience ends, SQLite's own lock
    decides alone.
    """
    try:
        descriptor = os.open(settings, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        yield
        return
    place = _Place(descriptor)
    try:
        while not place.first(_BEHIND) and patience.lasts():
            pass
        yield
    finally:
        place.leave()


class _Place:
    """A place in the line for a file's lock, first come, first served.

    The kernel keeps the order of those who wait in `flock`, and there is no end to such a wait: a
    thread stands there, and lets the next one pass when its place was given up meanwhile.
    """

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._first = threading.Event()
        self._left = False
        self._both = threading.Lock()
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            threading.Thread(target=self._stand, daemon=True).start()
        else:
            self._first.set()

    def first(self, seconds: float) -> bool:
        """Wait some seconds at most; whether nobody is in front any more."""
        return self._first.wait(seconds)

    def leave(self) -> None:
        """Let the next one pass."""
        with self._both:
            self._left = True
            if self._first.is_set():
                os.close(self._descriptor)

    def _stand(self) -> None:
        fcntl.flock(self._descriptor, fcntl.LOCK_EX)
        with self._both:
            self._first.set()
            if self._left:
                os.close(self._descriptor)


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
