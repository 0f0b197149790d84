"""What a backup says of itself: backup.json, and SHA256SUMS over every file.

SHA256SUMS is what `sha256sum` writes and `sha256sum --check` reads.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from archive import _schema
from archive._config import Config
from archive._copy import digest_of
from archive._files import write_durably
from archive.errors import NewerArchive, NotAnArchive

FILE = "backup.json"
SUMS = "SHA256SUMS"
FORMAT = 1
_LINE = re.compile(r"([0-9a-f]{64})  ([^\0\n]+)\n")
_HINT = "name a folder that muniment backup made"


@dataclass(frozen=True, slots=True)
class Manifest:
    """Of which archive a backup is, and of which moment of its log.

    `made` is a time text, `size` the number of entries, `root` the tree's root in hex, `checkpoint`
    the signed note over both, `schema` the revision of the tables.
    """

    archive: str
    name: str
    origin: str
    made: str
    size: int
    root: str
    checkpoint: str
    schema: str

    @classmethod
    def read(cls, folder: Path) -> "Manifest":
        """What the backup in `folder` says; NotAnArchive when it holds none, NewerArchive."""
        try:
            values = json.loads((folder / FILE).read_text(encoding="utf-8"))
        except (FileNotFoundError, NotADirectoryError) as error:
            raise NotAnArchive(f"{folder} is not a backup (no {FILE})", hint=_HINT) from error
        except OSError as error:
            raise NotAnArchive(f"{folder / FILE} cannot be read ({error.strerror})") from error
        except ValueError as error:
            raise NotAnArchive(f"{folder / FILE} is damaged ({error})", hint=_OTHER) from error
        known = cls.__dataclass_fields__
        if not isinstance(values, dict) or not known.keys() <= values.keys():
            raise NotAnArchive(f"{folder / FILE} is damaged", hint=_OTHER)
        if values.get("format") != FORMAT or str(values["schema"]) > _schema.REVISION:
            raise NewerArchive(
                f"{folder} is a backup of a newer version", hint="install the newest muniment"
            )
        found = cls(**{name: values[name] for name in known})
        kinds = {name: int if name == "size" else str for name in known}
        if not all(type(getattr(found, name)) is kind for name, kind in kinds.items()):
            raise NotAnArchive(f"{folder / FILE} is damaged", hint=_OTHER)
        config = Config.read(folder)
        if (config.id, config.origin) != (found.archive, found.origin):
            raise NotAnArchive(f"{folder} holds the settings of another archive", hint=_OTHER)
        return found

    def write(self, folder: Path) -> None:
        """Write backup.json into a backup's folder."""
        text = json.dumps({"format": FORMAT, **asdict(self)}, ensure_ascii=False, indent=1)
        write_durably(folder / FILE, text.encode() + b"\n", 0o600)


_OTHER = "use another backup"


def write_sums(folder: Path) -> tuple[int, int]:
    """Write SHA256SUMS over every file in a folder; returns how many files and bytes there are."""
    sums: list[bytes] = []
    size = 0
    for path in _files(folder):
        sums.append(f"{digest_of(path)}  {path.relative_to(folder).as_posix()}\n".encode())
        size += path.stat().st_size
    write_durably(folder / SUMS, b"".join(sums), 0o600)
    return len(sums), size


def check_sums(folder: Path) -> Iterator[tuple[str, str]]:
    """Each file of a backup that is missing, altered or too many, with what is wrong with it."""
    listed: set[str] = set()
    try:
        with (folder / SUMS).open(encoding="utf-8", newline="\n") as lines:
            for number, line in enumerate(lines, 1):
                match = _LINE.fullmatch(line)
                if match is None or ".." in (parts := Path(match[2]).parts) or parts[0] == "/":
                    yield SUMS, f"line {number} is damaged"
                    continue
                listed.add(match[2])
                try:
                    if digest_of(folder / match[2]) != match[1]:
                        yield match[2], "not as it was written"
                except FileNotFoundError:
                    yield match[2], "missing"
                except OSError as error:
                    yield match[2], f"cannot be read ({error.strerror})"
    except FileNotFoundError:
        yield SUMS, "missing"
        return
    except (OSError, UnicodeDecodeError) as error:
        yield SUMS, f"cannot be read ({error})"
        return
    for path in _files(folder):
        name = path.relative_to(folder).as_posix()
        if name not in listed and name != SUMS:
            yield name, "not part of the backup"


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if not path.is_dir() or path.is_symlink())
