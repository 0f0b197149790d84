"""The samples in tests/data/samples: which reader knows each of them, and what it holds."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import IO

from ingest import Export, Limits, open_export
from ingest._boxes import DEFAULT_LIMITS, Refused
from tests.ingest.conftest import SAMPLES


@dataclass(frozen=True, slots=True)
class Sample:
    """A file or folder of the samples, the reader that knows it ("" for none), and its items.

    `captures`, `gone` and `rejected` are counted by hand in the file, not by a reader. `repeats`
    says that it gives items more than once, as recorded calls do.
    """

    path: str
    reader: str
    captures: int = 0
    gone: int = 0
    rejected: int = 0
    repeats: bool = False


TABLE = (
    Sample("bluesky/indigo/account_lifecycle.json", "bluesky", 0, 1),
    Sample("bluesky/indigo/bnewbold.robocracy.org.20250310005405.car", "bluesky-car", 25),
    Sample("bluesky/indigo/capture_atprotocom.json", "bluesky", 21),
    Sample("bluesky/indigo/capture_hackerdarkweb.json", "bluesky", 21),
    Sample("bluesky/indigo/deactivation.json", "bluesky", 1, 2),
    Sample("bluesky/indigo/fakermaker.repo.car", "bluesky-car", 42),
    Sample("bluesky/indigo/firehose_commit_4621317030.json", "bluesky", 1),
    Sample("bluesky/indigo/firehose_commit_4621332152.json", "bluesky"),
    Sample("bluesky/indigo/paul_staging.repo.car", "bluesky-car", 117),
    Sample("bluesky/indigo/post_lifecycle.json", "bluesky", 3, 1),
    Sample("bluesky/pds-local/calls.json", "bluesky", 0, 3),
    Sample("bluesky/pds-local/city-repo.car", "bluesky-car", 3),
    Sample("bluesky/pds-local/listRecords.json", "bluesky", 3),
    Sample("bluesky/pds-local/subscribeRepos.decoded.jsonl", "bluesky", 0, 1, 6),
    Sample("bluesky/pds-local/subscribeRepos.frames.bin", "bluesky", 6, 1),
    Sample("disqus/constructed/export.xml", "disqus", 4),
    Sample("disqus/disqus.xml", "disqus", 9),
    Sample("facebook/constructed/comments.json", "facebook", 2),
    Sample("facebook/constructed/webhook_feed.jsonl", "facebook-webhook", 7, gone=2),
    Sample("facebook/export", "facebook", 720),
    Sample("instagram/constructed/post_comments_1.json", "instagram", 2),
    Sample("instagram/export", "instagram", 150),
    Sample("linkedin/constructed/Comments_17529409.csv", "linkedin", 4),
    Sample("linkedin/constructed/Shares.csv", "linkedin", 3),
    Sample("mastodon/api/test_admin_reports.json", "mastodon-api", 9, repeats=True),
    Sample("mastodon/api/test_entity_context.json", "mastodon-api", 2),
    Sample("mastodon/api/test_entity_statusedit.json", "mastodon-api", 4, repeats=True),
    Sample("mastodon/api/test_public_tl.json", "mastodon-api", 18, repeats=True),
    Sample("mastodon/api/test_status_context.json", "mastodon-api", 2, repeats=True),
    Sample("mastodon/api/test_status_delete_media.json", "mastodon-api", 6, repeats=True),
    Sample("mastodon/api/test_status_edit.json", "mastodon-api", 6, repeats=True),
    Sample("mastodon/api/test_stream_user_local.json", "mastodon-api", 2, repeats=True),
    Sample("mastodon/archive-20260105-maplegrovepl.tar.gz", "mastodon", 261),
    Sample("mastodon/archive-20260201-maplegrovepl.tar.gz", "mastodon", 259),
    Sample("mastodon/constructed/activitypub.jsonl", "activitystreams", 1, 2),
    Sample("reddit/constructed/comments.csv", "reddit", 2),
    Sample("rss_atom/illformed_aaa_illformed.xml", "feed", 0, 0, 1),
    Sample("rss_atom/illformed_always_strip_doctype.xml", "feed", 0),
    Sample("rss_atom/illformed_chardet_big5.xml", "feed", 0),
    Sample("rss_atom/illformed_chardet_eucjp.xml", "feed", 1),
    Sample("rss_atom/illformed_chardet_euckr.xml", "feed", 1),
    Sample("rss_atom/illformed_chardet_gb2312.xml", "feed", 1),
    Sample("rss_atom/illformed_chardet_koi8r.xml", "feed", 1),
    Sample("rss_atom/illformed_chardet_shiftjis.xml", "feed", 1),
    Sample("rss_atom/illformed_chardet_tis620.xml", "feed", 1),
    Sample("rss_atom/illformed_chardet_windows1255.xml", "feed", 1),
    Sample("rss_atom/illformed_geo_georss_point_no_coords.xml", "feed", 1),
    Sample("rss_atom/illformed_geo_georss_polygon_insufficient_coords.xml", "feed", 1),
    Sample("rss_atom/illformed_geo_gml_point.xml", "feed", 1),
    Sample("rss_atom/illformed_http_high_bit_date.xml", "feed", 0),
    Sample("rss_atom/illformed_rdf_channel_empty_textinput.xml", "feed", 1, 0, 1),
    Sample("rss_atom/illformed_rss_incomplete_cdata.xml", "feed", 0, 0, 1),
    Sample("rss_atom/illformed_rss_item_link_corrupted_ampersands.xml", "feed", 1, 0, 1),
    Sample("rss_atom/illformed_undeclared_namespace.xml", "feed", 0),
    Sample("rss_atom/json_example.json", "jsonfeed", 2),
    Sample("rss_atom/wellformed_atom10_entry_source_contributor_multiple.xml", "feed", 1),
    Sample("rss_atom/wellformed_rss_item_comments.xml", "feed", 1),
    Sample("threads/constructed/threads_and_replies.json", "threads", 2),
    Sample("tiktok/constructed/user_data_tiktok.json", "tiktok", 2),
    Sample("warc/bad.arc", "warc", 1, 0, 3),
    Sample("warc/example-bad-non-chunked.warc.gz", "warc", 1),
    Sample("warc/example-bad.warc.gz.bad", "warc", 2),
    Sample("warc/example-digest.warc", "warc", 0),
    Sample("warc/example-iana.org-chunked.warc", "warc", 1),
    Sample("warc/example-resource.warc.gz", "warc", 1),
    Sample("warc/example-space-in-target-uri.warc.gz", "warc", 1),
    Sample("warc/example-space-in-url.arc", "warc", 1, 0, 1),
    Sample("warc/example-trunc.warc", "warc", 1, 0, 1),
    Sample("warc/example-wget-bad-target-uri.warc.gz", "warc", 3),
    Sample("warc/example-wrong-chunks.warc.gz", "warc", 1),
    Sample("warc/example.arc", "warc", 1),
    Sample("warc/example.arc.gz", "warc", 1),
    Sample("warc/example.warc", "warc", 1),
    Sample("warc/example.warc.gz", "warc", 1),
    Sample("warc/local-wordpress/city.warc.gz", "warc", 12),
    Sample("warc/post-test.warc.gz", "warc", 3),
    Sample("wordpress/isso-wordpress.xml", "wordpress", 11),
    Sample("wordpress/local-6.1.9/comment_missing.json", "wordpress-rest", 0, 0, 1),
    Sample("wordpress/local-6.1.9/comments.rss2.xml", "feed", 4),
    Sample("wordpress/local-6.1.9/comments_anonymous.json", "wordpress-rest", 4),
    Sample("wordpress/local-6.1.9/comments_approve.json", "wordpress-rest", 4),
    Sample("wordpress/local-6.1.9/comments_hold.json", "wordpress-rest", 1),
    Sample("wordpress/local-6.1.9/comments_spam.json", "wordpress-rest", 1),
    Sample("wordpress/local-6.1.9/comments_trash.json", "wordpress-rest", 1),
    Sample("wordpress/local-6.1.9/export.wxr.xml", "wordpress", 11),
    Sample("wordpress/local-6.1.9/feed.atom.xml", "feed", 2),
    Sample("wordpress/local-6.1.9/feed.rss2.xml", "feed", 2),
    Sample("wordpress/local-6.1.9/posts.json", "wordpress-rest", 3),
    Sample("wordpress/local-6.1.9/revisions_post.json", "wordpress-rest", 1),
    Sample("x/archive", "x", 326),
    Sample("youtube/comment_threads_by_channel.json", "youtube", 2),
    Sample("youtube/comments_post_june2024.csv", "youtube", 2),
    Sample("youtube/comments_pre_june2024.csv", "youtube", 2),
    Sample("youtube/live_chats_no_header.csv", "youtube", 1),
)

NO_EXPORTS = (
    "SOURCES.tsv",
    "bluesky/atproto/",  # snapshots of a test suite, and lists of times
)


class Held:
    """The members of an export, held in memory: a `Box`."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self._files = files
        self.sizes = {name: len(data) for name, data in files.items()}
        self.times: dict[str, datetime] = {}
        self.refused: list[Refused] = []

    def stream(self, name: str) -> IO[bytes]:
        return BytesIO(self._files[name])

    def packed(self, name: str) -> int:
        return self.sizes[name]

    def close(self) -> None:
        pass


def held(path: Path, files: Mapping[str, bytes], limits: Limits = DEFAULT_LIMITS) -> Export:
    """An export of these members, as if it stood at `path`."""
    return Export(path, Held(files), limits)


def members(path: Path) -> dict[str, bytes]:
    """All that an export holds."""
    with open_export(path) as export:
        return dict(_contents(export))


def _contents(export: Export) -> Iterator[tuple[str, bytes]]:
    for name in export.names:
        with export.open(name) as stream:
            yield name, stream.read()


def sample_files() -> list[str]:
    """Every file of the samples, as a path below their folder."""
    return sorted(
        path.relative_to(SAMPLES).as_posix() for path in SAMPLES.rglob("*") if path.is_file()
    )
