"""The lists of a Facebook download that are read: which files, under which names, as what."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ingest._capture import Kind
from ingest._export import Export
from ingest.readers._meta import Listing, in_order, listing


@dataclass(frozen=True, slots=True)
class ListOf:
    """A sort of list: the path of its files, the names that the list had over the years.

    `what` is how its keys begin. `complete`: with this list an export holds its `kind` at all;
    `others`: it holds what others wrote; `pending`: what waits for somebody's consent. `status` is
    where its items stand, if not on the timeline.
    """

    path: re.Pattern[str]
    keys: tuple[str, ...]
    what: str
    kind: Kind = "post"
    complete: bool = False
    others: bool = False
    pending: bool = False
    status: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """A list that an export holds."""

    of: ListOf
    at: Listing


def _path(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"(?:^|/)(?:{pattern})\.json$")


_LISTS = (
    ListOf(
        _path(r"(?:your|profile|page)_posts(?:__check_ins__photos_and_videos)?(?:_\d+)?"),
        ("", "status_updates"),
        "post",
        complete=True,
    ),
    ListOf(
        _path(r"other_people.{0,3}s_posts_to_your_timeline(?:_\d+)?"),
        ("wall_posts_sent_to_you", ""),
        "wall-post",
        others=True,
    ),
    ListOf(
        _path(r"group_posts_and_comments|your_posts(?:_and_comments)?_in_groups"),
        ("group_posts_v2", "group_posts"),
        "group-post",
    ),
    ListOf(
        _path("your_pending_posts_in_groups"),
        ("pending_posts_v2",),
        "group-post-pending",
        pending=True,
    ),
    ListOf(_path("archive"), ("archive_v2",), "archived-post", status="archived"),
    ListOf(_path("archived_stories"), ("archived_stories_v2", "archived_stories"), "story"),
    ListOf(_path("posts_on_other_pages_and_profiles"), ("",), "other-page-post"),
    ListOf(_path("check-ins"), ("",), "check-in"),
    ListOf(_path("edits_you_made_to_posts"), ("",), "edit"),
    ListOf(_path(r"album/\d+"), ("photos",), "album-photo"),
    ListOf(_path("(?:your_)?uncategorized_photos"), ("other_photos_v2", "other_photos"), "photo"),
    ListOf(_path("(?:your_)?videos"), ("videos_v2",), "video"),
    ListOf(
        _path(r"comments(?:_\d+)?"),
        ("comments_v2", "comments"),
        "comment",
        "comment",
        complete=True,
    ),
    ListOf(
        _path("your_comments_in_groups"),
        ("group_comments_v2", "group_comments"),
        "group-comment",
        "comment",
    ),
)


def lists_in(export: Export) -> Iterator[Found]:
    """The lists that an export holds, posts before comments, the parts of one list in order."""
    names = [name for name in export.names if name.endswith(".json")]
    for sort in _LISTS:
        for name in in_order(filter(sort.path.search, names)):
            at = listing(export, name, sort.keys)
            if at is not None and _is_ours(export, at):
                yield Found(sort, at)


def _is_ours(export: Export, at: Listing) -> bool:
    """``comments`` and ``photos`` are names that others use, too."""
    if at.key not in ("comments", "photos"):
        return True
    head = export.head(at.file)
    return b'"timestamp"' in head or b'"creation_timestamp"' in head
