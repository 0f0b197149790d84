"""What an index folder says about itself, in one small file that is replaced whole."""

import json
import os
import zlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from search import _analysis, _fields
from search._engine import DamagedIndex

_FILE = "index.json"
_GENERATION = "generation-"
_PIECE = 1 << 20
_CHANGING = (".lock", "WRITELOCK")


@dataclass(frozen=True, slots=True)
class Settings:
    """How far an index has come, and by what it was made.

    `position` entries of the log are in it, whose tree had the root `root` (hexadecimal).
    `unfinished` is set while documents are being written. `files` maps the engine's files to
    their size and CRC-32.
    """

    engine: str
    generation: int
    position: int = 0
    root: str = ""
    documents: int = 0
    unfinished: bool = False
    files: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    schema: int = _fields.SCHEMA_VERSION
    analyzer: int = _analysis.VERSION

    @property
    def outdated(self) -> bool:
        """Whether it was made with other fields or another analyzer than there are now."""
        return (self.schema, self.analyzer) != (_fields.SCHEMA_VERSION, _analysis.VERSION)

    def folder(self, index_folder: Path) -> Path:
        """Where the engine's files are."""
        return index_folder / f"{_GENERATION}{self.generation:06}"


def load(index_folder: Path) -> Settings | None:
    """The settings of an index; None when there is none. Raises DamagedIndex."""
    try:
        values = json.loads((index_folder / _FILE).read_bytes())
        files = {name: (int(size), int(crc)) for name, (size, crc) in values.pop("files").items()}
        return Settings(**values, files=files)
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


def generations(index_folder: Path) -> list[Path]:
    """The folders of all generations that are there, also left-overs of interrupted rebuilds."""
    return sorted(index_folder.glob(f"{_GENERATION}*"))


def number_of(generation: Path) -> int:
    """The number of a generation's folder, 0 when it has none."""
    number = generation.name.removeprefix(_GENERATION)
    return int(number) if number.isdecimal() else 0


def inventory(
    folder: Path, known: Mapping[str, tuple[int, int]] | None = None
) -> dict[str, tuple[int, int]]:
    """Size and CRC-32 of an engine's files.

    Files in `known` keep their sum without being read again: segments are never written twice.
    """
    found: dict[str, tuple[int, int]] = {}
    for path in sorted(folder.iterdir()):
        if path.name.endswith(_CHANGING):
            continue
        size = path.stat().st_size
        before = (known or {}).get(path.name)
        kept = before is not None and before[0] == size and not path.name.endswith(".json")
        found[path.name] = before if kept and before is not None else (size, _crc(path))
    return found


def damaged(folder: Path, files: Mapping[str, tuple[int, int]], *, read_up_to: int) -> list[str]:
    """Which files are missing or not as they were written.

    All are measured; they are also read when they hold no more than `read_up_to` bytes together.
    """
    read = sum(size for size, _ in files.values()) <= read_up_to
    wrong: list[str] = []
    for name, (size, crc) in files.items():
        path = folder / name
        if not path.is_file() or path.stat().st_size != size or (read and _crc(path) != crc):
            wrong.append(name)
    return wrong


def _crc(path: Path) -> int:
    crc = 0
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            crc = zlib.crc32(piece, crc)
    return crc
