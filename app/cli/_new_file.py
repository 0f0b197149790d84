"""A file that a command writes, and that may not be there yet."""

from pathlib import Path


def write_new(path: Path, content: bytes) -> None:
    """Write a file; UsageError when it is there already."""
    from archive import translated

    with translated():
        try:
            with path.open("xb") as file:
                file.write(content)
        except FileExistsError as error:
            raise is_there(path) from error


def is_there(path: Path) -> Exception:
    """What is said of a file that is there already."""
    from archive.errors import UsageError

    return UsageError(f"{path} is there already", hint="name another file")
