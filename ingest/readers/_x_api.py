"""Answers of the X API v2: posts of timelines, mentions and look-ups, as they were received.

One answer a file, JSON: ``data`` with one post or a list of posts, and in ``includes`` whom and
what they refer to. Ask for the expansions ``author_id``, ``referenced_tweets.id``,
``referenced_tweets.id.author_id``, ``attachments.media_keys``, ``attachments.poll_ids`` and
``geo.place_id``. A file is one of these when its first bytes hold ``edit_history_tweet_ids``.

Keys, kinds, threads of edited posts and reposts are as in an archive that X lets download: each
version of an edited post has an id of its own, `thread` names the first. `raw` is the post's object
alone; names and addresses of media are from ``includes``. Nothing is said about deletions: an id
that is not found stands in ``errors``, which are not read. Whose answers they are has to be told.
"""

import html
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from archive import SourceError
from ingest._capture import Attachment, Capture, Kind, PollOption, Rejected, Shared, Told
from ingest._export import Export
from ingest._ids import disagreement, x_time
from ingest._located import Inside, Located, located
from ingest._shapes import number, table, tables, text, texts
from ingest._source import UNREADABLE, Item, Source, reason_of, whose
from ingest._times import from_iso

_MARK = b'"edit_history_tweet_ids"'
_HEAD = 64 * 1024
_POSTS = Inside(items=frozenset(("data",)))
_COUNTS = (
    ("like_count", "favorite"),
    ("retweet_count", "retweet"),
    ("reply_count", "reply"),
    ("quote_count", "quote"),
)


class XAnswers:
    """Reads saved answers of the X API v2: one file, or all of those in a folder, zip or tar."""

    name = "x-api"
    version = 1

    def sniff(self, export: Export) -> bool:
        return bool(_files(export))

    def frame(self, source_file: str) -> None:
        """None: who wrote a post stands elsewhere in its answer."""

    def read(self, export: Export, told: Told) -> Source:
        files = _files(export)
        if not files:
            raise SourceError(f"{export.path.name} holds no answers of the X API")
        known = whose(told, None)
        items = (item for file in files for item in _items(export, file))
        return Source("x", known, frozenset(), tuple(files), items)


def _files(export: Export) -> list[str]:
    return [
        name
        for name in sorted(export.names)
        if name.endswith(".json") and _MARK in export.head(name, _HEAD)
    ]


def _items(export: Export, file: str) -> Iterator[Item]:
    raw = export.head(file, export.limits.item)
    if export.size(file) > len(raw):
        yield Rejected(f"it is longer than {export.limits.item} bytes", raw, file)
        return
    try:
        answer = located(raw, _POSTS)
        posts = tables(answer, "data")
        beside = _Includes.of(table(answer, "includes"))
    except UNREADABLE as error:
        yield Rejected(reason_of(error), raw, file)
        return
    for post in posts:
        own = post.raw if isinstance(post, Located) else raw
        try:
            yield _capture(post, own, beside, file)
        except UNREADABLE as error:
            yield Rejected(reason_of(error), own, file)


@dataclass(frozen=True, slots=True)
class _Includes:
    """What posts refer to, by id or key."""

    users: Mapping[str, Mapping[str, Any]]
    posts: Mapping[str, Mapping[str, Any]]
    media: Mapping[str, Mapping[str, Any]]
    polls: Mapping[str, Mapping[str, Any]]
    places: Mapping[str, Mapping[str, Any]]

    @classmethod
    def of(cls, includes: Mapping[str, Any]) -> "_Includes":
        def by(name: str, key: str = "id") -> dict[str, Mapping[str, Any]]:
            return {text(one, key): one for one in tables(includes, name)}

        return cls(by("users"), by("tweets"), by("media", "media_key"), by("polls"), by("places"))

    def author(self, post: Mapping[str, Any]) -> tuple[str, str]:
        """The name and the handle of who wrote a post; the number, where that is all."""
        number_of_author = text(post, "author_id")
        user = self.users.get(number_of_author, {})
        return text(user, "name"), text(user, "username") or number_of_author


def _capture(post: Mapping[str, Any], raw: bytes, beside: _Includes, file: str) -> Capture:
    native_id = text(post, "id")
    if not native_id:
        raise ValueError("it has no id")
    references = {text(one, "type"): text(one, "id") for one in tables(post, "referenced_tweets")}
    reposted = references.get("retweeted", "")
    parent = references.get("replied_to", "")
    kind: Kind = "comment" if parent else "share" if reposted else "post"
    versions = texts(post, "edit_history_tweet_ids")
    first = versions[0] if len(versions) > 1 else ""
    posted = from_iso(post.get("created_at"))
    name, handle = beside.author(post)
    other = reposted or references.get("quoted", "")
    hanging = table(post, "attachments")
    return Capture(
        native_id=native_id,
        kind=kind,
        raw=raw,
        text="" if reposted else _words(post),
        author_name=name,
        author_handle=handle,
        url=_address(handle, native_id),
        parent=parent or reposted,
        thread=first,
        occurred_at=posted,
        edited_at=posted if first not in ("", native_id) else None,
        language=text(post, "lang"),
        visibility="public",
        attachments=tuple(
            _attachment(beside.media[key])
            for key in texts(hanging, "media_keys")
            if key in beside.media
        ),
        source_file=file,
        shared=_shared(other, beside) if other else None,
        poll=tuple(
            PollOption(text(option, "label"), number(option, "votes"))
            for key in texts(hanging, "poll_ids")
            for option in tables(beside.polls.get(key, {}), "options")
        ),
        location=text(beside.places.get(text(table(post, "geo"), "place_id"), {}), "full_name"),
        reactions=tuple(
            (said, count)
            for key, said in _COUNTS
            if (count := number(table(post, "public_metrics"), key)) is not None
        ),
        notes=disagreement(x_time(native_id), posted),
    )


def _words(post: Mapping[str, Any]) -> str:
    """A post's text, of a long one all of it."""
    return html.unescape(text(table(post, "note_tweet"), "text") or text(post, "text"))


def _address(handle: str, native_id: str) -> str:
    return f"https://x.com/{handle or 'i'}/status/{native_id}"


def _shared(native_id: str, beside: _Includes) -> Shared:
    original = beside.posts.get(native_id, {})
    name, handle = beside.author(original)
    return Shared(
        text=_words(original),
        author_name=name,
        author_handle=handle,
        url=_address(handle, native_id),
        native_id=native_id,
        occurred_at=from_iso(original.get("created_at")),
    )


def _attachment(medium: Mapping[str, Any]) -> Attachment:
    films = [one for one in tables(medium, "variants") if text(one, "content_type") == "video/mp4"]
    films.sort(key=lambda one: number(one, "bit_rate") or 0)
    shown = text(films[-1], "url") if films else text(medium, "url")
    url = shown or text(medium, "preview_image_url")
    return Attachment(
        name=url.partition("?")[0].rpartition("/")[2],
        type=text(medium, "type"),
        alt=text(medium, "alt_text"),
        url=url,
    )
