"""The readers, one module per platform.

To add one: a class with the members of `ingest._source.SourceReader`, and a place in `READERS`.
The order is the order in which they look at an export: the particular before the general.
"""

from archive import SourceError, UsageError
from ingest._capture import Told
from ingest._export import Export
from ingest._source import Source, SourceReader
from ingest.readers._activitystreams import ActivityStreams
from ingest.readers._bluesky import Bluesky
from ingest.readers._bluesky_car import BlueskyRepository
from ingest.readers._csv import CommaSeparated
from ingest.readers._discourse import DiscourseAnswers
from ingest.readers._disqus import DisqusExport
from ingest.readers._facebook import FacebookDownload
from ingest.readers._facebook_webhook import FacebookWebhook
from ingest.readers._feed import Feed
from ingest.readers._graph import GraphAnswers
from ingest.readers._instagram import InstagramDownload
from ingest.readers._instagram_graph import InstagramAnswers
from ingest.readers._jsonfeed import JSONFeed
from ingest.readers._jsonl import JsonLines
from ingest.readers._linkedin import LinkedInDownload
from ingest.readers._mastodon import MastodonArchive
from ingest.readers._mastodon_api import MastodonAnswers
from ingest.readers._nextdoor import Nextdoor
from ingest.readers._reddit import Reddit
from ingest.readers._threads import ThreadsDownload
from ingest.readers._tiktok import TikTokDownload
from ingest.readers._warc import WebArchive
from ingest.readers._wordpress import WordPressExport
from ingest.readers._wordpress_rest import WordPressAnswers
from ingest.readers._x import XArchive
from ingest.readers._x_api import XAnswers
from ingest.readers._youtube import YouTube

READERS: tuple[SourceReader, ...] = (
    MastodonArchive(),
    BlueskyRepository(),
    Bluesky(),
    ActivityStreams(),
    MastodonAnswers(),
    XArchive(),
    XAnswers(),
    InstagramDownload(),
    InstagramAnswers(),
    ThreadsDownload(),
    FacebookDownload(),
    FacebookWebhook(),
    GraphAnswers(),
    DisqusExport(),
    Reddit(),
    Nextdoor(),
    LinkedInDownload(),
    TikTokDownload(),
    YouTube(),
    DiscourseAnswers(),
    WordPressAnswers(),
    WordPressExport(),
    Feed(),
    JSONFeed(),
    WebArchive(),
    JsonLines(),
    CommaSeparated(),
)

_WIDE = (b"\xff\xfe", b"\xfe\xff")


def reader_named(name: str) -> SourceReader:
    """The reader of a name; UsageError lists those there are."""
    for reader in READERS:
        if reader.name == name:
            return reader
    known = ", ".join(reader.name for reader in READERS)
    raise UsageError(f"there is no source {name!r}", hint=f"known sources: {known}")


def reader_for(export: Export) -> SourceReader:
    """The reader that knows an export; SourceError when none does."""
    reader = _known(export)
    if reader is None:
        raise _unknown(export)
    return reader


def _unknown(export: Export) -> SourceError:
    """Why no reader knows an export, as far as its first bytes tell."""
    name = export.path.name
    if not export.refused and not any(map(export.size, export.names)):
        return SourceError(f"{name} is empty", hint="download it again")
    if len(export.names) == 1 and export.head(export.names[0], 2) in _WIDE:
        return SourceError(f"{name} is UTF-16", hint="save it as UTF-8 and try again")
    if name.lower().endswith((".csv", ".jsonl", ".ndjson")):
        return SourceError(
            f"{name} is no export that is known here, nor a list",
            hint="a list has the columns id and text, set apart by commas: see docs/interchange.md",
        )
    known = ", ".join(reader.name for reader in READERS)
    return SourceError(
        f"{name} is no export that is known here",
        hint=f"name it as the platform did, and say what it is by --source; known sources: {known}",
    )


def opened_by(reader: SourceReader, export: Export, told: Told) -> Source:
    """What a reader makes of an export.

    The SourceError of one that does not know the export names the reader that does.
    """
    try:
        return reader.read(export, told)
    except SourceError as error:
        other = None if reader.sniff(export) else _known(export)
        if other is not None:
            hint = f"it looks like {other.name}: leave out --source"
        else:
            hint = error.hint or "check that it is what the platform gave, by the name it had there"
        raise SourceError(str(error), hint=hint) from error


def _known(export: Export) -> SourceReader | None:
    return next((reader for reader in READERS if reader.sniff(export)), None)
