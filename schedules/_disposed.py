"""The list of what was disposed of, to be kept outside the archive for the day it is restored."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from archive import Reader, new_id
from archive.errors import UsageError
from archive.times import to_text

_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass(frozen=True, slots=True)
class Disposed:
    """A record that was disposed of: in which series, by which disposal, when (a time text)."""

    record: str
    series: str
    disposal: str
    at: str


def disposed_records(reader: Reader) -> Iterator[Disposed]:
    """Every record that was disposed of, in the order of the log."""
    for entry in reader.entries(types={"record.disposed"}):
        data = entry.data
        yield Disposed(entry.subject, data["series"], data["disposal"], to_text(entry.at))


def disposed_in(text: str) -> dict[str, dict[str, str]]:
    """The records of a kept list, each with the data of its `record.disposed` entry.

    The list is JSON, an array of objects with `record`, `series` and `disposal`, or a line for each
    record: its id, series and disposal, separated by tabs. Ids alone will do. UsageError names what
    is no id of a record.
    """
    unnamed = new_id()
    found: dict[str, dict[str, str]] = {}
    for where, row in _rows(text):
        record = row.get("record")
        if not isinstance(record, str) or not _ID.fullmatch(record):
            raise UsageError(
                f"{where} of the list names no record", hint="see: muniment disposal records"
            )
        found[record] = {
            "disposal": str(row.get("disposal") or unnamed),
            "series": str(row.get("series") or ""),
        }
    return found


def _rows(text: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    if text.lstrip()[:1] in {"[", "{"}:
        try:
            items = json.loads(text)
        except ValueError as error:
            raise UsageError(f"the list is no JSON ({error})") from error
        for number, item in enumerate(items if isinstance(items, list) else [items], 1):
            row = {"record": item} if isinstance(item, str) else item
            yield f"item {number}", row if isinstance(row, dict) else {}
        return
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip():
            cells = [cell.strip() for cell in line.split("\t")]
            names = ("record", "series", "disposal")
            yield f"line {number}", dict(zip(names, cells, strict=False))
