"""What an index folder says about itself, in one small file that is replaced whole."""

import json
import os
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from search import _analysis, _fields
from search._engine import DamagedIndex

_FILE = "index.json"
_PART = "part-"
_PIECE = 1 << 20
_CHANGING = (".lock", "WRITELOCK")


@dataclass(frozen=True, slots=True)
class Settings:
    """How far an index has come, and by what it was made.

    `position` entries of the log are in it, whose tree had the root `root` (hexadecimal).
    `unfinished` is set while documents are being written. `parts` names the folders of its parts;
    those numbered in `stale` remember words of records that are not found any more. `files` maps
    the engines' files, by their paths, to their size and CRC-32. `generation` counts how often
    parts were made anew.
    """

    engine: str
    generation: int
    position: int = 0
    root: str = ""
    documents: int = 0
    unfinished: bool = False
    parts: tuple[str, ...] = ()
    stale: tuple[int, ...] = ()
    files: Mapping[str, tuple[int, int]] = field(default_factory=dict)
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
        files = {name: (int(size), int(crc)) for name, (size, crc) in values.pop("files").items()}
        parts, stale = tuple(values.pop("parts")), tuple(values.pop("stale"))
        found = Settings(**values, parts=parts, stale=stale, files=files)
        _ = found.numbered
        return found
    except FileNotFoundError:
        return None
    except (ValueError, TypeError, KeyError, AttributeError, OSError) as error:
        raise DamagedIndex(f"{_FILE} cannot be read ({error})") from error


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
    index_folder: Path, parts: Iterable[str], known: Mapping[str, tuple[int, int]]
) -> dict[str, tuple[int, int]]:
    """Size and CRC-32 of the engines' files.

    Files in `known` keep their sum without being read again: segments are never written twice.
    """
    found: dict[str, tuple[int, int]] = {}
    for path in (path for part in parts for path in sorted((index_folder / part).iterdir())):
        if path.name.endswith(_CHANGING):
            continue
        name, size = f"{path.parent.name}/{path.name}", path.stat().st_size
        before = known.get(name)
        kept = before is not None and before[0] == size and not path.name.endswith(".json")
        found[name] = before if kept and before is not None else (size, _crc(path))
    return found


def damaged(
    index_folder: Path, files: Mapping[str, tuple[int, int]], *, read_up_to: int
) -> list[str]:
    """Which files are missing or not as they were written.

    All are measured; they are also read when they hold no more than `read_up_to` bytes together.
    """
    read = sum(size for size, _ in files.values()) <= read_up_to
    wrong: list[str] = []
    for name, (size, crc) in files.items():
        path = index_folder / name
        if not path.is_file() or path.stat().st_size != size or (read and _crc(path) != crc):
            wrong.append(name)
    return wrong


def _crc(path: Path) -> int:
    crc = 0
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            crc = zlib.crc32(piece, crc)
    return crc
