"""JSON Lines: the way in for anything that has no reader yet, as docs/interchange.md describes it.

One JSON object a line, UTF-8, its members those of `ingest.readers._interchange`; `id` alone is
required, and is the key. Members of other names stay in the raw line. The account is named by
--account, the platform by --platform; without it the platform is ``jsonl``.
"""

import re
from collections.abc import Iterator
from functools import partial
from typing import Any

from archive import SourceError
from ingest._capture import KINDS, Told
from ingest._export import Export
from ingest._json import loads
from ingest._lines import json_lines
from ingest._source import Item, Source, each, whose
from ingest.readers._interchange import MEMBERS, item_of

_SUFFIXES = (".jsonl", ".ndjson")
_HEAD = 64 * 1024
_ID = re.compile(rb'"id"\s*:')


class JsonLines:
    """Reads JSON Lines: one file, or all of those in a zip, tar or folder."""

    name = "jsonl"
    version = 3

    def sniff(self, export: Export) -> bool:
        found = export.find(_is_lines)
        return bool(found) and _is_ours(export.head(found[0], _HEAD))

    def frame(self, source_file: str) -> tuple[bytes, bytes]:
        return b"", b"\n"

    def read(self, export: Export, told: Told) -> Source:
        files = export.find(_is_lines) or export.names
        if len(files) != 1 and not all(map(_is_lines, files)):
            raise SourceError(f"{export.path.name} holds no file that ends in .jsonl")
        known = whose(told, None)
        platform = told.platform or self.name
        return Source(platform, known, frozenset(KINDS), tuple(files), _items(export, files))


def _is_lines(name: str) -> bool:
    return name.endswith(_SUFFIXES)


def _is_ours(head: bytes) -> bool:
    """Whether the first line has an id and otherwise, if anything, a member that is known."""
    first = head.removeprefix(b"\xef\xbb\xbf").lstrip().partition(b"\n")[0]
    try:
        row = loads(first)
    except ValueError:
        return len(first) >= _HEAD // 2 and _ID.search(first) is not None
    if not isinstance(row, dict) or "id" not in row:
        return False
    return len(row) == 1 or not (MEMBERS - {"id", "kind"}).isdisjoint(row)


def _items(export: Export, files: list[str]) -> Iterator[Item]:
    for file in files:
        with export.open(file) as stream:
            lines = json_lines(stream, export.limits.item)
            yield from each(lines, file, partial(_item, file, export))


def _item(file: str, export: Export, row: Any, raw: bytes) -> Item:
    if not isinstance(row, dict):
        raise ValueError("it is no JSON object")
    return item_of(row, raw, file, export)
