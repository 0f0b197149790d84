"""What an index folder says about itself, in one small file that is replaced whole."""

import json
import os
import shutil
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from search import _analysis, _fields
from search._engine import DamagedIndex

_FILE = "index.json"
_PART = "part-"
_PIECE = 1 << 20
_CHANGING = (".lock", "WRITELOCK")


@dataclass(frozen=True, slots=True)
class FileState:
    """A file as it was written: its size, CRC-32, and when its inode changed last, in ns."""

    size: int
    crc: int
    changed: int


@dataclass(frozen=True, slots=True)
class Settings:
    """How far an index has come, and by what it was made.

    `position` entries of the log are in it, whose tree had the root `root` (hexadecimal).
    `unfinished` is set while documents are being written. `parts` names the folders of its parts;
    those numbered in `stale` remember words of records that are not found any more. `files` maps
    the engines' files, by their paths, to what they were when they were written. `generation`
    counts how often parts were made anew.
    """

    engine: str
    generation: int
    position: int = 0
    root: str = ""
    documents: int = 0
    unfinished: bool = False
    parts: tuple[str, ...] = ()
    stale: tuple[int, ...] = ()
    files: Mapping[str, FileState] = field(default_factory=dict)
    schema: int = _fields.SCHEMA_VERSION
    analyzer: int = _analysis.VERSION

    @property
    def outdated(self) -> bool:
        """Whether it was made with other fields or another analyzer than there are now."""
        return (self.schema, self.analyzer) != (_fields.SCHEMA_VERSION, _analysis.VERSION)

    @property
    def numbered(self) -> dict[int, str]:
        """The folders of the parts by their numbers."""
        return {number_of(name): name for name in self.parts}

    def fresh(self, number: int) -> str:
        """The folder of a part that this generation makes."""
        return f"{_PART}{number:06}-{self.generation:06}"


def load(index_folder: Path) -> Settings | None:
    """The settings of an index; None when there is none. Raises DamagedIndex."""
    try:
        values = json.loads((index_folder / _FILE).read_bytes())
        files = {name: FileState(**state) for name, state in values.pop("files").items()}
        parts, stale = tuple(values.pop("parts")), tuple(values.pop("stale"))
        found = Settings(**values, parts=parts, stale=stale, files=files)
        _ = found.numbered
        return found
    except FileNotFoundError:
        return None
    except (ValueError, TypeError, KeyError, AttributeError, OSError) as error:
        raise DamagedIndex(f"its {_FILE} cannot be read") from error


def save(index_folder: Path, settings: Settings) -> None:
    """Put `settings` in the place of the earlier ones, whole or not at all."""
    beside = index_folder / f"{_FILE}.new"
    with beside.open("wb") as file:
        file.write(json.dumps(asdict(settings), indent=1).encode())
        file.flush()
        os.fsync(file.fileno())
    beside.replace(index_folder / _FILE)
    sync(index_folder)


def sync(index_folder: Path) -> None:
    """Make what was renamed and removed in an index folder durable."""
    descriptor = os.open(index_folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def copy(source: str, target: str) -> None:
    """Copy a file, durably."""
    shutil.copyfile(source, target)
    descriptor = os.open(target, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def left_over(index_folder: Path, parts: Iterable[str]) -> list[Path]:
    """The folders that are none of `parts`: replaced, or left by an interruption."""
    return sorted(path for path in index_folder.glob("*/") if path.name not in set(parts))


def latest(index_folder: Path) -> int:
    """The latest generation that made any of the folders that are there; 0 when none is."""
    made = (path.name.rpartition("-")[2] for path in index_folder.glob("*/"))
    return max((int(number) for number in made if number.isdecimal()), default=0)


def number_of(part: str) -> int:
    """The number of the part that a folder holds; ValueError when it has none."""
    return int(part.removeprefix(_PART).split("-")[0])


def inventory(
    index_folder: Path, parts: Iterable[str], known: Mapping[str, FileState]
) -> dict[str, FileState]:
    """What the engines' files are now.

    Files in `known` keep their sum without being read again: segments are never written twice.
    """
    found: dict[str, FileState] = {}
    for path in (path for part in parts for path in sorted((index_folder / part).iterdir())):
        if path.name.endswith(_CHANGING):
            continue
        name, state = f"{path.parent.name}/{path.name}", path.stat()
        before = known.get(name)
        if before is None or before.size != state.st_size or path.name.endswith(".json"):
            found[name] = FileState(state.st_size, _crc(path), state.st_ctime_ns)
        elif before.changed != state.st_ctime_ns and _crc(path) == before.crc:
            found[name] = replace(before, changed=state.st_ctime_ns)
        else:
            found[name] = before
    return found


def damaged(index_folder: Path, files: Mapping[str, FileState], *, read_up_to: int) -> list[str]:
    """Which files are missing or not as they were written.

    All are measured. Those that the system says were touched since are read, and all of them when
    they hold no more than `read_up_to` bytes together.
    """
    every = sum(file.size for file in files.values()) <= read_up_to
    return [
        name
        for name, file in files.items()
        if not _is_as_written(index_folder / name, file, read=every)
    ]


def _is_as_written(path: Path, file: FileState, *, read: bool) -> bool:
    try:
        state = path.stat()
    except FileNotFoundError:
        return False
    if state.st_size != file.size:
        return False
    return (state.st_ctime_ns == file.changed and not read) or _crc(path) == file.crc


def _crc(path: Path) -> int:
    crc = 0
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            crc = zlib.crc32(piece, crc)
    return crc
