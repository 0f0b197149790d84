"""muniment.toml: what an archive is called, where its database is, which law it answers to."""

import json
import tomllib
from dataclasses import asdict, dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from archive._files import write_durably
from archive._words import to_bytes
from archive.errors import NotAnArchive

FILE = "muniment.toml"
DEFAULT_DATABASE = "sqlite:///archive.db"


@dataclass(frozen=True, slots=True)
class Config:
    """The settings of one archive. `sign_off` is "required" where answers leave by two people."""

    id: str
    name: str
    origin: str
    database: str = DEFAULT_DATABASE
    search: str = "tantivy"
    jurisdiction: str = "US-IL"
    timezone: str = "America/Chicago"
    tsa: str = ""
    contact: str = ""
    sign_off: str = ""

    @classmethod
    def read(cls, folder: Path) -> "Config":
        """The settings of the archive in `folder`; NotAnArchive when it holds none."""
        hint = "name one by --archive or MUNIMENT_ARCHIVE, or make one by muniment init"
        try:
            values = tomllib.loads((folder / FILE).read_text(encoding="utf-8"))
        except (FileNotFoundError, NotADirectoryError) as error:
            raise NotAnArchive(f"{folder} is not an archive (no {FILE})", hint=hint) from error
        except OSError as error:
            raise NotAnArchive(f"{folder / FILE} cannot be read ({error.strerror})") from error
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise NotAnArchive(f"{folder / FILE} is damaged: {error}", hint="mend it") from error
        known = {name: values[name] for name in cls.__slots__ if name in values}
        if not {"id", "name", "origin"} <= known.keys() or not all(
            isinstance(value, str) for value in known.values()
        ):
            raise NotAnArchive(
                f"{folder / FILE} lacks id, name or origin, or has a value that is no text",
                hint="mend it",
            )
        config = cls(**known)
        if config.sign_off not in {"", "required"}:
            raise NotAnArchive(
                f"{folder / FILE} says sign_off = {config.sign_off!r}",
                hint='write sign_off = "required", or "" for none',
            )
        try:
            ZoneInfo(config.timezone)
        except (LookupError, ValueError, OSError) as error:
            raise NotAnArchive(
                f"{folder / FILE} names no time zone: {config.timezone!r}",
                hint="name one such as America/Chicago",
            ) from error
        return config

    def write(self, folder: Path) -> None:
        """Write the settings file, whole or not at all."""
        lines = [f"{k} = {json.dumps(v, ensure_ascii=False)}\n" for k, v in asdict(self).items()]
        write_durably(folder / FILE, to_bytes("".join(lines).replace("\x7f", "\\u007f")))
