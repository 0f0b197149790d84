"""The readers, one module per platform.

To add one: a class with the members of `ingest._source.SourceReader`, and a place in `READERS`.
The order is the order in which they look at an export: the particular before the general.
"""

from archive import SourceError, UsageError
from ingest._export import Export
from ingest._source import SourceReader
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
from ingest.readers._youtube import YouTube

READERS: tuple[SourceReader, ...] = (
    MastodonArchive(),
    BlueskyRepository(),
    Bluesky(),
    ActivityStreams(),
    MastodonAnswers(),
    XArchive(),
    InstagramDownload(),
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
