"""Errors that a person reads: one line saying what happened, one hint saying what to do next."""


class MunimentError(Exception):
    """The base of every error that Muniment raises on purpose.

    ``str(error)`` is one line; ``hint`` is empty or one line; ``exit_code`` is the status.
    """

    exit_code = 10

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class UsageError(MunimentError):
    """What was asked for cannot be understood."""

    exit_code = 2


class NotAnArchive(MunimentError):
    """The folder is no archive, or not one that can be read."""

    exit_code = 3


class NewerArchive(MunimentError):
    """The archive was written by a newer version of the program."""

    exit_code = 3


class KeyProblem(MunimentError):
    """A key is missing, locked, readable by others, or not the right one."""

    exit_code = 4


class NotFound(MunimentError):
    """No record, hold, request … of that id."""

    exit_code = 5


class Refused(MunimentError):
    """A rule forbids it."""

    exit_code = 6


class SourceError(MunimentError):
    """A source file is not what it claims to be, or cannot be read."""

    exit_code = 7


class VerificationError(MunimentError):
    """Evidence does not hold. The one error that hostile or damaged evidence raises."""

    exit_code = 8


class StorageError(MunimentError):
    """The disk is full, the database is busy, a file cannot be written."""

    exit_code = 9


class ProcessDied(StorageError):
    """A process that helped with the work is gone."""

    def __init__(
        self,
        message: str = "a process that helped with the work died",
        *,
        hint: str = "run the command again; it may have been short of memory",
    ) -> None:
        super().__init__(message, hint=hint)
