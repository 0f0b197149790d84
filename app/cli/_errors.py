"""What a person sees when something fails: one line on stderr, and a status to rely on.

The statuses are those of `archive.errors` and the few of this module; `docs/cli.md` lists them all.
"""

import os
import sqlite3
import sys
import traceback
from collections.abc import Iterator

import click
from sqlalchemy.exc import SQLAlchemyError

from app.cli._output import one_line
from archive import faults
from archive.errors import MunimentError, StorageError, UsageError

USAGE = 2
INTERNAL = 10
INTERRUPTED = 130
OUTPUT_GONE = 141

_NO_DAY = "does not match the format '%Y-%m-%d'"
"""How click says that a day is none."""

_SAFE = "whole batches that were committed are kept; run the command again to go on"


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
    """The error as one that a person can read, with its status.

    What fails because of Ctrl-C, such as a statement that it cancels, is an interruption.
    """
    if any(isinstance(cause, KeyboardInterrupt) for cause in _causes(error)):
        return _Interrupted("interrupted", hint=_SAFE)
    if isinstance(error, MunimentError):
        return error
    if isinstance(error, click.Abort):
        return _Interrupted("stopped, it was not confirmed", hint="run the command again to go on")
    if isinstance(error, click.FileError):
        return UsageError(error.format_message(), hint="check the name")
    if isinstance(error, click.ClickException):
        return _usage(error)
    if isinstance(error, SQLAlchemyError | sqlite3.Error):
        return faults.of_database(error)
    if isinstance(error, OSError):
        return faults.of_system(error)
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


def _usage(error: click.ClickException) -> MunimentError:
    context = error.ctx if isinstance(error, click.UsageError) else None
    hint = f"see: {context.command_path.rstrip()} --help" if context else "see: muniment --help"
    said = " ".join(error.format_message().split()).rstrip(".")
    return UsageError(said.replace(_NO_DAY, "is no day such as 2026-03-02"), hint=hint)
