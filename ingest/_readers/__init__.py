"""The readers, one module per platform.

To add one: a class with the members of `ingest._source.SourceReader`, and a place in `READERS`.
The order is the order in which they look at an export: the particular before the general.
"""

from archive import SourceError, UsageError
from ingest._export import Export
from ingest._readers.facebook import FacebookDownload
from ingest._readers.jsonl import JsonLines
from ingest._readers.mastodon import MastodonArchive
from ingest._readers.wordpress import WordPressExport
from ingest._readers.x import XArchive
from ingest._source import SourceReader

READERS: tuple[SourceReader, ...] = (
    MastodonArchive(),
    XArchive(),
    FacebookDownload(),
    WordPressExport(),
    JsonLines(),
)


def reader_named(name: str) -> SourceReader:
    """The reader of a name; UsageError lists those there are."""
    for reader in READERS:
        if reader.name == name:
            return reader
    known = ", ".join(reader.name for reader in READERS)
    raise UsageError(f"there is no source {name!r}", hint=f"known sources: {known}")


def reader_for(export: Export) -> SourceReader:
    """The reader that knows an export; SourceError when none does."""
    for reader in READERS:
        if reader.sniff(export):
            return reader
    known = ", ".join(reader.name for reader in READERS)
    raise SourceError(
        f"{export.path.name} is no export that is known here",
        hint=f"say what it is by --source; known sources: {known}",
    )
