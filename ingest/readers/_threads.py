"""The posts and replies of Threads, as the download of Instagram or of Threads holds them.

One file, ``threads/threads_and_replies.json``: a list ``text_post_app_text_posts`` of posts in the
shape of Instagram's (see `ingest.readers._instagram`), with ``text_app_post`` at their media. A
post with ``is_reply`` is a comment; what it answers is not said. There are no ids: the key is
``post:timestamp:place`` or ``comment:timestamp:place``. Texts are repaired as in a Facebook
download. Nothing is said about edits and removals.
"""

import re
from collections.abc import Iterator
from typing import Any

from archive import SourceError
from ingest._capture import AccountName, Capture, Kind, Told
from ingest._export import Export
from ingest._places import Places
from ingest._shapes import table, tables
from ingest._source import Item, Source, each, whose
from ingest.readers._instagram import Profile, post_of, stamp_of
from ingest.readers._meta import Listing, in_order, listing, pieces

_POSTS = re.compile(r"(?:^|/)threads_and_replies(?:_\d+)?\.json$")
_KEY = "text_post_app_text_posts"


class ThreadsDownload:
    """Reads what a download says of Threads: zip or folder, or the file itself."""

    name = "threads"
    version = 1

    def sniff(self, export: Export) -> bool:
        return bool(_lists_in(export))

    def frame(self, source_file: str) -> None:
        """None: the keys are places."""

    def read(self, export: Export, told: Told) -> Source:
        lists = _lists_in(export)
        if not lists:
            raise SourceError(
                f"{export.path.name} holds no posts of Threads in JSON",
                hint="ask for the download in JSON, not in HTML",
            )
        profile = Profile.of(export)
        known = whose(told, profile.account)
        return Source(
            "threads",
            known,
            frozenset(("post", "comment")),
            (*profile.files, *(at.file for at in lists)),
            _items(export, profile, lists, known),
        )


def _lists_in(export: Export) -> list[Listing]:
    names = in_order(export.find(lambda name: _POSTS.search(name) is not None))
    found = (listing(export, name, (_KEY,)) for name in names)
    return [at for at in found if at is not None]


def _items(
    export: Export, profile: Profile, lists: list[Listing], account: AccountName
) -> Iterator[Item]:
    if profile.item is not None:
        yield profile.item
    places = Places()
    for at in lists:

        def make(item: Any, raw: bytes, file: str = at.file) -> Capture:
            settings = (table(one, "text_app_post") for one in tables(item, "media"))
            reply = any(one.get("is_reply") is True for one in settings)
            kind: Kind = "comment" if reply else "post"
            stamp = stamp_of(item)
            return post_of(
                item,
                raw,
                export,
                file,
                stamp,
                native_id=places.key(kind, stamp),
                kind=kind,
                author_name=account.name or account.handle,
                author_handle=account.handle,
            )

        yield from each(pieces(export, at), at.file, make)
