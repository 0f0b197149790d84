"""What a person sees when something fails: one line on stderr, and a status to rely on.

The statuses are those of `archive.errors` and the few of this module; `docs/cli.md` lists them all.
"""

import errno
import os
import sqlite3
import sys
import traceback
from collections.abc import Iterator

import click
from sqlalchemy.exc import DBAPIError

from app.cli._output import one_line
from archive.errors import MunimentError, StorageError, UsageError, VerificationError

USAGE = 2
INTERNAL = 10
INTERRUPTED = 130
OUTPUT_GONE = 141

_SAFE = "whole batches that were committed are kept; run the command again to go on"
_FULL = "free some space and run the command again; nothing was half written"
_DAMAGED = "run: muniment verify; then put back a good copy"

_OS_ERRORS: dict[int | None, tuple[str, str]] = {
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

_SQLITE_ERRORS = {
    "SQLITE_FULL": ("the disk is full", _FULL),
    "SQLITE_BUSY": ("another command is writing to the archive", "wait for it and try again"),
    "SQLITE_LOCKED": ("another command is writing to the archive", "wait for it and try again"),
    "SQLITE_READONLY": ("the archive cannot be written to", "check who owns its files"),
    "SQLITE_CANTOPEN": ("the archive's database cannot be opened", "check who owns its files"),
    "SQLITE_PERM": ("the archive's database cannot be opened", "check who owns its files"),
    "SQLITE_IOERR": ("the disk is full, or fails", _FULL),
    "SQLITE_CORRUPT": ("the archive's database is damaged", _DAMAGED),
    "SQLITE_NOTADB": ("the archive's database is damaged", _DAMAGED),
}


def report(error: BaseException) -> int:
    """Say on stderr what went wrong, in one line, and return the exit status.

    With MUNIMENT_DEBUG=1 in the environment the traceback comes first.
    """
    if os.environ.get("MUNIMENT_DEBUG") == "1":
        traceback.print_exception(error)
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        error.show()
        return USAGE
    known = explain(error)
    click.echo(f"muniment: {one_line(str(known))}{_hint(known)}", err=True)
    return known.exit_code


def explain(error: BaseException) -> MunimentError:
    """The error as one that a person can read, with its status."""
    if isinstance(error, StorageError) and isinstance(error.__cause__, DBAPIError):
        error = error.__cause__
    if isinstance(error, MunimentError):
        return error
    if isinstance(error, KeyboardInterrupt | click.Abort):
        return _interruption(error)
    if isinstance(error, click.FileError):
        return UsageError(error.format_message(), hint="check the name")
    if isinstance(error, click.ClickException):
        return _usage(error)
    if isinstance(error, DBAPIError):
        return _database(error.orig or error)
    if isinstance(error, sqlite3.Error):
        return _database(error)
    if isinstance(error, OSError):
        return _system(error)
    if isinstance(error, MemoryError):
        return StorageError("the memory is used up", hint="close other programs and try again")
    return _Internal(
        f"internal error ({type(error).__name__}: {error})",
        hint="please report it, with the traceback that MUNIMENT_DEBUG=1 shows",
    )


def reader_left(error: BaseException) -> bool:
    """Whether the error comes from whoever read the output having gone, as `head` does."""
    return any(isinstance(cause, BrokenPipeError) for cause in _causes(error))


def leave_quietly() -> int:
    """Write nothing more to stdout, not even what is still buffered; the status to leave with."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
    return OUTPUT_GONE


class _Internal(MunimentError):
    exit_code = INTERNAL


class _Interrupted(MunimentError):
    exit_code = INTERRUPTED


def _hint(error: MunimentError) -> str:
    return f" — {one_line(error.hint)}" if error.hint else ""


def _causes(error: BaseException) -> Iterator[BaseException]:
    cause: BaseException | None = error
    while cause is not None:
        yield cause
        cause = cause.__cause__ or cause.__context__


def _interruption(error: BaseException) -> MunimentError:
    if any(isinstance(cause, KeyboardInterrupt) for cause in _causes(error)):
        return _Interrupted("interrupted", hint=_SAFE)
    return _Interrupted("stopped, it was not confirmed", hint="run the command again to go on")


def _usage(error: click.ClickException) -> MunimentError:
    context = error.ctx if isinstance(error, click.UsageError) else None
    hint = f"see: {context.command_path} --help" if context else "see: muniment --help"
    return UsageError(error.format_message().rstrip("."), hint=hint)


def _database(error: BaseException) -> MunimentError:
    code = getattr(error, "sqlite_errorname", "")
    for name, (message, hint) in _SQLITE_ERRORS.items():
        if code == name or code.startswith(f"{name}_"):
            damaged = hint is _DAMAGED
            return (VerificationError if damaged else StorageError)(message, hint=hint)
    return StorageError(f"the database failed ({error})", hint="check that it runs, then try again")


def _system(error: OSError) -> MunimentError:
    message, hint = _OS_ERRORS.get(error.errno, (error.strerror or str(error), ""))
    where = f": {error.filename}" if error.filename else ""
    return StorageError(f"{message}{where}", hint=hint)
