import errno
import sqlite3

import pytest
from sqlalchemy.exc import DatabaseError

from archive import StorageError, UsageError, VerificationError, faults


class FromPostgres(Exception):
    def __init__(self, sqlstate: str) -> None:
        super().__init__("what it says\nDETAIL: more")
        self.sqlstate = sqlstate


def wrapped(error: Exception) -> DatabaseError:
    return DatabaseError("INSERT", {}, error)


def from_sqlite(name: str) -> sqlite3.Error:
    error = sqlite3.OperationalError("what it says")
    error.sqlite_errorname = name
    return error


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (from_sqlite("SQLITE_FULL"), "the disk is full"),
        (from_sqlite("SQLITE_IOERR_WRITE"), "the disk is full, or fails"),
        (from_sqlite("SQLITE_BUSY"), "another command is writing to the archive"),
        (from_sqlite("SQLITE_READONLY_DIRECTORY"), "the archive cannot be written to"),
        (FromPostgres("53100"), "the disk is full"),
        (FromPostgres("55P03"), "another command is writing to the archive"),
        (FromPostgres("99999"), "the database failed: what it says"),
        (sqlite3.OperationalError("odd"), "the database failed: odd"),
    ],
)
def test_what_a_database_says_becomes_one_line_and_what_to_do(
    error: Exception, message: str
) -> None:
    for known in (faults.of_database(error), faults.of_database(wrapped(error))):
        assert isinstance(known, StorageError)
        assert str(known) == message
        assert known.hint


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (
            (
                'connection failed: connection to server at "127.0.0.1", port 5432 failed:'
                " Connection refused\n\tIs the server running on that host?"
            ),
            "Connection refused",
        ),
        (
            (
                'connection failed: connection to server at "::1", port 5432 failed:'
                ' FATAL:  password authentication failed for user "ada"'
            ),
            'password authentication failed for user "ada"',
        ),
        (
            "failed to resolve host 'db.example': [Errno -2] Name or service not known",
            "failed to resolve host 'db.example': [Errno -2] Name or service not known",
        ),
    ],
)
def test_a_server_that_cannot_be_reached_says_why_in_one_line(said: str, why: str) -> None:
    known = faults.of_database(wrapped(Exception(said)))
    assert str(known) == f"no connection to the database server: {why}"
    assert ".pgpass" in known.hint


def test_a_character_that_no_database_holds_is_a_mistake_of_the_caller() -> None:
    error = Exception("PostgreSQL text fields cannot contain NUL (0x00) bytes")
    assert isinstance(faults.of_database(wrapped(error)), UsageError)


@pytest.mark.parametrize(
    "error",
    [from_sqlite("SQLITE_CORRUPT_VTAB"), from_sqlite("SQLITE_NOTADB"), FromPostgres("XX001")],
)
def test_a_damaged_database_is_a_matter_of_evidence(error: Exception) -> None:
    known = faults.of_database(error)
    assert isinstance(known, VerificationError)
    assert "muniment verify" in known.hint


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (OSError(errno.ENOSPC, "No space left on device", "/a/b"), "the disk is full: /a/b"),
        (OSError(errno.EFBIG, "File too large"), "the file may not grow any larger"),
        (PermissionError(errno.EACCES, "Permission denied", "x"), "permission denied: x"),
        (OSError("plain"), "plain"),
    ],
)
def test_what_the_disk_says_becomes_one_line(error: OSError, message: str) -> None:
    assert str(faults.of_system(error)) == message
