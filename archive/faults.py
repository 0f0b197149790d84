"""What databases and disks say when they fail, as errors that tell a person what to do."""

import errno

from sqlalchemy.exc import DBAPIError

from archive.errors import MunimentError, StorageError, UsageError, VerificationError

_FULL = "nothing was half written; make room and run the command again"
_BUSY = "wait for it and run the command again"
_OWNER = "check who owns the archive's files and who may write to them"
_DAMAGED = "run: muniment verify; then put back a good copy"
_UNREACHABLE = "check that it runs, the database URL, and the password in ~/.pgpass"
_LOST = "whole batches that were committed are kept; when the server is back, run the command again"

_SQLITE = {
    "SQLITE_FULL": ("the disk is full", _FULL),
    "SQLITE_IOERR": ("the disk is full, or fails", _FULL),
    "SQLITE_BUSY": ("another command is writing to the archive", _BUSY),
    "SQLITE_LOCKED": ("another command is writing to the archive", _BUSY),
    "SQLITE_READONLY": ("the archive cannot be written to", _OWNER),
    "SQLITE_CANTOPEN": ("the archive's database cannot be opened", _OWNER),
    "SQLITE_PERM": ("the archive's database cannot be opened", _OWNER),
    "SQLITE_CORRUPT": ("the archive's database is damaged", _DAMAGED),
    "SQLITE_NOTADB": ("the archive's database is damaged", _DAMAGED),
}

_POSTGRESQL = {
    "53100": ("the disk is full", _FULL),
    "55P03": ("another command is writing to the archive", _BUSY),
    "42501": ("the archive cannot be written to", "check what the database's user may do"),
    "XX001": ("the archive's database is damaged", _DAMAGED),
    "XX002": ("the archive's database is damaged", _DAMAGED),
}
"""By SQLSTATE (PostgreSQL documentation, appendix A)."""

_NO_CONNECTION = ("connection failed", "connection is bad", "failed to resolve host")
"""How psycopg begins to say so; such an error has no SQLSTATE."""

_SYSTEM: dict[int | None, tuple[str, str]] = {
    errno.ENOSPC: ("the disk is full", _FULL),
    errno.EDQUOT: ("the disk quota is used up", _FULL),
    errno.EFBIG: ("the file may not grow any larger", _FULL),
    errno.EROFS: ("the disk is read-only", "write to another place"),
    errno.EACCES: ("permission denied", "check who owns it and who may read and write it"),
    errno.EPERM: ("not permitted", "check who owns it and who may read and write it"),
    errno.ENOENT: ("no such file or folder", "check the name"),
    errno.EISDIR: ("that is a folder, not a file", "name a file"),
    errno.ENOTDIR: ("that is not a folder", "name a folder"),
    errno.EIO: ("the disk reports an error", "check the disk, then run: muniment verify"),
    errno.EMFILE: ("too many open files", "raise the limit (ulimit -n) and try again"),
}


def of_database(error: BaseException) -> MunimentError:
    """StorageError; VerificationError when the database itself is damaged; UsageError for a text
    that PostgreSQL cannot hold. `error` is SQLAlchemy's, or the driver's own.
    """
    said = error.orig or error if isinstance(error, DBAPIError) else error
    name = getattr(said, "sqlite_errorname", None) or ""
    known = next(
        (_SQLITE[one] for one in _SQLITE if name == one or name.startswith(f"{one}_")),
        _POSTGRESQL.get(getattr(said, "sqlstate", None) or ""),
    )
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return connection_lost()
    if known is None:
        reason = (str(said).strip() or type(said).__name__).splitlines()[0]
        if "cannot contain NUL" in reason:
            return UsageError("a text holds the character U+0000", hint="leave it out")
        if reason.startswith(_NO_CONNECTION):
            why = reason.rpartition("failed: ")[2].removeprefix("FATAL:").strip()
            return StorageError(f"no connection to the database server: {why}", hint=_UNREACHABLE)
        return StorageError(f"the database failed: {reason}", hint="check that it runs")
    message, hint = known
    return (VerificationError if hint is _DAMAGED else StorageError)(message, hint=hint)


def connection_lost() -> StorageError:
    """The server, or the way to it, went away in the middle of something."""
    return StorageError("the connection to the database server was lost", hint=_LOST)


def of_system(error: OSError) -> StorageError:
    """StorageError that names the file, where the operating system names one."""
    message, hint = _SYSTEM.get(error.errno, (error.strerror or str(error), ""))
    where = f": {error.filename}" if error.filename else ""
    return StorageError(f"{message}{where}", hint=hint)
