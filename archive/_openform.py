"""The open form of a whole archive: lines of JSON and plain files (docs/format.md section 11).

Nothing in it is encrypted, so that any program can read it; the data keys are in it all the same,
because attachments are named by their encrypted bytes, and lookups are made with one of them.
"""

import os
from base64 import b64decode, b64encode
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, BinaryIO

import orjson

from archive._parts import Field, Sealed
from archive.errors import VerificationError

ENTRIES = "entries.jsonl"
SEALED = "sealed.jsonl"
KEYS = "keys.jsonl"
CHECKPOINTS = "checkpoints.jsonl"
ATTACHMENTS = "attachments.jsonl"
CONTENT = "attachments"
ARCHIVE = "archive.json"
README = "README.txt"

Row = dict[str, Any]

_Value = str | dict[str, str]


def line_of_sealed(seq: int, sealed: Sealed) -> Row:
    """A sealed half as a row: its entry, the seed of its salts, and its fields in order."""
    fields = [
        [name, _shown(value) if isinstance(value, bytes) else list(map(_shown, value))]
        for name, value in sealed.fields
    ]
    return {"entry": seq, "seed": sealed.seed.hex(), "fields": fields}


def sealed_of_line(row: Row) -> tuple[int, Sealed]:
    """The inverse of `line_of_sealed`; ValueError, TypeError or LookupError for anything else."""
    fields: list[Field] = []
    for name, value in row["fields"]:
        held = tuple(map(_value, value)) if isinstance(value, list) else _value(value)
        fields.append((str(name), held))
    return int(row["entry"]), Sealed(tuple(fields), bytes.fromhex(row["seed"]))


def new_file(path: Path) -> BinaryIO:
    """A new file that only its owner may read, open for writing."""
    return open(path, "xb", opener=lambda name, flags: os.open(name, flags, 0o600))


def write_lines(path: Path, rows: Iterable[Row]) -> int:
    """Write rows as lines of JSON to a new file; how many there were."""
    count = 0
    with new_file(path) as file:
        for row in rows:
            file.write(orjson.dumps(row) + b"\n")
            count += 1
    return count


def read_lines(path: Path) -> Iterator[Row]:
    """The rows of a file; VerificationError names the line that is none."""
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            try:
                row = orjson.loads(line)
            except orjson.JSONDecodeError as error:
                raise damaged(path, number) from error
            if not isinstance(row, dict):
                raise damaged(path, number)
            yield row


def damaged(path: Path, number: int) -> VerificationError:
    """What to raise about a line, counted from 1."""
    return VerificationError(
        f"{path.name}: line {number} is damaged", hint="use another copy of the export"
    )


def _shown(value: bytes) -> _Value:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return {"base64": b64encode(value).decode()}


def _value(shown: _Value) -> bytes:
    if isinstance(shown, str):
        return shown.encode()
    return b64decode(shown["base64"], validate=True)
