"""Putting a finished folder in the place of an archive by renames, whatever interrupts them.

Two renames take the archive aside and the new one in. A note beside them says so from before the
first until after the second; whoever finds the note completes them.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from archive._files import sync_folder, write_durably
from archive._staging import staging, sync_tree
from archive._store import translated
from archive.errors import VerificationError

NEW = "new"
_NOTE = "swap.json"


@contextmanager
def building(folder: Path) -> Iterator[Path]:
    """An empty folder beside `folder` to build its successor in; gone afterwards unless swapped in.

    Refused while another process builds one.
    """
    with staging(_beside(folder), f"restore of {folder}", _settle, _NOTE) as beside:
        new = beside / NEW
        new.mkdir(mode=0o700)
        yield new


def finish_interrupted(folder: Path) -> Path | None:
    """Complete a swap that was interrupted: where the archive before it is kept; else None.

    One that had renamed nothing yet is undone; the archive then stands as it was.
    """
    beside = _beside(folder)
    if not (beside / _NOTE).is_file():
        return None
    settled: list[Path | None] = []
    with staging(beside, f"restore of {folder}", lambda path: settled.append(_settle(path))):
        pass
    return settled[0]


def swap_in(new: Path, folder: Path, now: datetime) -> Path | None:
    """Put `new`, made by `building`, in the place of `folder`.

    Returns where the archive that stood there is kept, None when there was none.
    """
    with translated():
        sync_tree(new)
        if not folder.exists() or not any(folder.iterdir()):
            new.replace(folder)
            sync_folder(folder.parent)
            return None
        aside = _free_name(folder, now)
        note = {"folder": folder.name, "aside": aside.name}
        write_durably(new.parent / _NOTE, json.dumps(note).encode() + b"\n", 0o600)
        sync_folder(new.parent.parent)
        try:
            folder.replace(aside)
            sync_folder(folder.parent)
            new.replace(folder)
        except BaseException:
            if aside.exists() and not folder.exists():
                aside.replace(folder)
            (new.parent / _NOTE).unlink()
            raise
        sync_folder(folder.parent)
        (new.parent / _NOTE).unlink()
        return aside


def _settle(beside: Path) -> Path | None:
    try:
        note = json.loads((beside / _NOTE).read_bytes())
        folder, aside = (beside.with_name(note[name]) for name in ("folder", "aside"))
    except FileNotFoundError:
        return None
    except (ValueError, TypeError, KeyError) as error:
        raise VerificationError(
            f"{beside / _NOTE} is damaged", hint="look at the folders beside it, and remove it"
        ) from error
    if not aside.exists():
        return None
    if not folder.exists():
        (beside / NEW).replace(folder)
        sync_folder(folder.parent)
    return aside


def _beside(folder: Path) -> Path:
    return folder.with_name(f".{folder.name}.restore")


def _free_name(folder: Path, now: datetime) -> Path:
    name = f"{folder.name}.replaced-{now.astimezone(UTC):%Y-%m-%dT%H%M%SZ}"
    path, number = folder.with_name(name), 1
    while path.exists():
        number += 1
        path = folder.with_name(f"{name}-{number}")
    return path
