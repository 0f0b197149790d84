"""A file that a command writes, and that may not be there yet."""

from collections.abc import Iterable
from pathlib import Path


def write_new(path: Path, pieces: Iterable[bytes]) -> None:
    """Write a file; UsageError when it is there already. Of one that fails nothing is left."""
    from archive import translated

    with translated():
        try:
            file = path.open("xb")
        except FileExistsError as error:
            raise is_there(path) from error
        try:
            with file:
                file.writelines(pieces)
        except BaseException:
            path.unlink(missing_ok=True)
            raise


def is_there(path: Path, what: str = "file") -> Exception:
    """What is said of a file, or of something else, that is there already."""
    from archive.errors import UsageError

    return UsageError(f"{path} is there already", hint=f"name another {what}")
