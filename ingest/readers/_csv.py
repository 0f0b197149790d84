"""CSV: the way in for tables, as docs/interchange.md describes it.

One header and one item a row, UTF-8, commas, RFC 4180. The columns are called as the members of
`ingest.readers._interchange` are; those of `shared` are ``shared.text`` and so on, a count is
``reactions.NAME``, `poll` has an option a line, `attachments` a file or an address a line. An empty
cell says nothing. `id` alone is required, and is the key. Columns of other names stay in the raw
row. The account is named by --account, the platform by --platform; without it it is ``csv``.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from archive import SourceError
from ingest._capture import KINDS, Told
from ingest._csv import header_of, rows, titled
from ingest._export import Export
from ingest._source import Item, Source, whose
from ingest.readers._interchange import COMMON, item_of

_HEAD = 64 * 1024
_SAYS = frozenset(("text", "title", "deleted"))
_TRUTHS: Mapping[str, bool] = {"true": True, "yes": True, "false": False, "no": False}


class CommaSeparated:
    """Reads CSV: one file, or all of those in a zip, tar or folder."""

    name = "csv"
    version = 1

    def sniff(self, export: Export) -> bool:
        found = export.find(_is_table)
        return bool(found) and _is_ours(header_of(export.head(found[0], _HEAD)))

    def frame(self, source_file: str) -> None:
        return None

    def read(self, export: Export, told: Told) -> Source:
        files = export.find(_is_table) or export.names
        if len(files) != 1 and not all(map(_is_table, files)):
            raise SourceError(f"{export.path.name} holds no file that ends in .csv")
        for file in files:
            if "id" not in header_of(export.head(file, _HEAD)):
                raise SourceError(
                    f"{file} has no column id",
                    hint="docs/interchange.md names the columns; they are set apart by commas",
                )
        known = whose(told, None)
        platform = told.platform or self.name
        return Source(platform, known, frozenset(KINDS), tuple(files), _items(export, files))


def _is_table(name: str) -> bool:
    return name.lower().endswith(".csv")


def _is_ours(names: tuple[str, ...]) -> bool:
    known = [name for name in names if name in COMMON]
    return "id" in known and not _SAYS.isdisjoint(known)


def _items(export: Export, files: list[str]) -> Iterator[Item]:
    for file in files:

        def make(row: dict[str, str], raw: bytes, file: str = file) -> Item:
            if not _is_utf8(raw):
                raise ValueError("it is not UTF-8: save the list as CSV UTF-8, and ingest it again")
            return item_of(_members(row), raw, file, export)

        with export.open(file) as stream:
            found = rows(stream, limit=export.limits.item)
            yield from titled(found, file, make)


def _is_utf8(raw: bytes) -> bool:
    try:
        raw.decode()
    except UnicodeDecodeError:
        return False
    return True


def _members(row: Mapping[str, str]) -> Mapping[str, Any]:
    """The members that a row's cells stand for."""
    members: dict[str, Any] = {}
    for name, cell in row.items():
        first, _, second = name.partition(".")
        if not cell:
            continue
        if name == "deleted":
            if cell.lower() not in _TRUTHS:
                raise ValueError("its deleted is neither true nor false")
            members[name] = _TRUTHS[cell.lower()]
        elif name in COMMON:
            members[name] = cell
        elif first == "shared" and second:
            members.setdefault("shared", {})[second] = cell
        elif first == "reactions" and second:
            if not (cell.isascii() and cell.isdigit()):
                raise ValueError(f"its {name} is no whole number")
            members.setdefault("reactions", {})[second] = int(cell)
        elif name == "poll":
            members[name] = [{"text": line} for line in cell.splitlines() if line]
        elif name == "attachments":
            members[name] = [_attachment(line) for line in cell.splitlines() if line]
    return members


def _attachment(line: str) -> Mapping[str, Any]:
    if line.startswith(("https://", "http://")):
        return {"url": line, "name": line.rpartition("/")[2]}
    return {"file": line}
