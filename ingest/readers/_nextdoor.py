"""Answers of Nextdoor's API: posts of a public agency with the comments under them, as JSON.

A file is a list of posts, or an object with such a list under ``posts``, ``data`` or ``results``.
Keys are Nextdoor's own ids: the post's as it is, a comment's behind ``comment:``, for the two are
counted apart. A comment's parent is the comment or post it answers, its thread the post. Authors
may be names or ids, as the answer gives them. Times are seconds since 1970 or name their zone;
those that name none are read as UTC and marked. Nextdoor gives agencies no films, no files in
comments, and the newest posts only; what was edited or removed it does not say. Comments are cut
out of the bytes of what they answer. The answers do not name the account.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from archive import SourceError
from ingest._capture import Attachment, Capture, Kind, PollOption, Rejected, Told
from ingest._export import Export
from ingest._html import to_text
from ingest._json import array_items
from ingest._located import Inside, Located
from ingest._shapes import name_or_number, number, table, tables, text, texts
from ingest._source import UNREADABLE, Item, Source, reason_of, whose
from ingest._times import from_gmt, from_iso, from_seconds

_START = re.compile(rb'\s*(?:\{\s*"(posts|data|results)"\s*:\s*)?\[')
_BODY = re.compile(rb'"body"\s*:')
_MARK = re.compile(rb'"(?:parent_comment_id|creation_date|nextdoor_\w+)"\s*:|nextdoor\.com/')
_IN_POSTS = Inside(frozenset(("comments",)))
_HEAD = 64 * 1024
_MOST = 50
_KINDS: frozenset[Kind] = frozenset(("post", "comment"))


class Nextdoor:
    """Reads answers of Nextdoor's API: zip, tar, folder or single files."""

    name = "nextdoor"
    version = 1

    def sniff(self, export: Export) -> bool:
        return bool(_files(export))

    def frame(self, source_file: str) -> tuple[bytes, bytes]:
        return b"[", b"]"

    def read(self, export: Export, told: Told) -> Source:
        files = _files(export) or export.find(lambda name: name.lower().endswith(".json"))
        if not files:
            raise SourceError(f"{export.path.name} holds no answers of Nextdoor's API")
        known = whose(told, None)
        return Source("nextdoor", known, _KINDS, tuple(files), _items(export, files))


def _files(export: Export) -> list[str]:
    found = export.find(lambda name: name.lower().endswith(".json"))[:_MOST]
    return [name for name in found if _is_ours(export.head(name, _HEAD))]


def _is_ours(head: bytes) -> bool:
    start = _START.match(head.removeprefix(b"\xef\xbb\xbf"))
    return bool(start and _BODY.search(head) and _MARK.search(head))


def _items(export: Export, files: list[str]) -> Iterator[Item]:
    for file in files:
        start = _START.match(export.head(file).removeprefix(b"\xef\xbb\xbf"))
        key = start[1].decode() if start and start[1] else ""
        with export.open(file) as stream:
            for piece in array_items(stream, key, limit=export.limits.item, inside=_IN_POSTS):
                if piece.error:
                    yield Rejected(piece.error, piece.raw, file)
                    continue
                try:
                    post = piece.value
                    native_id = name_or_number(post, "id") or name_or_number(post, "post_id")
                except UNREADABLE as error:
                    yield Rejected(reason_of(error), piece.raw, file)
                else:
                    yield from _thread(post, native_id, file)


def _thread(post: Located, native_id: str, file: str) -> Iterator[Item]:
    """A post and all comments under it, each with its own bytes alone."""
    waiting: list[tuple[Located, str]] = [(post, "")]
    while waiting:
        one, above = waiting.pop()
        inner = [each for each in tables(one, "comments") if isinstance(each, Located)]
        raw = one.without(inner)
        try:
            if one is post:
                found = _item(one, native_id, raw, file)
            else:
                found = _comment(one, native_id, above, raw, file)
        except UNREADABLE as error:
            yield Rejected(reason_of(error), raw, file)
            found = None
        if found is not None:
            yield found
        below = above if found is None else found.native_id
        waiting.extend((comment, below) for comment in reversed(inner))


def _item(post: Mapping[str, Any], native_id: str, raw: bytes, file: str) -> Capture:
    if not native_id:
        raise ValueError("it has no id")
    posted, naive = _time(post)
    likes = number(post, "like_count")
    return Capture(
        native_id=native_id,
        kind="post",
        raw=raw,
        text=_words(post),
        title=text(post, "subject") or text(post, "title"),
        author_name=_author(post),
        author_handle=name_or_number(post, "author_id"),
        url=text(post, "url") or text(post, "permalink"),
        occurred_at=posted,
        naive=naive,
        attachments=_attachments(post),
        source_file=file,
        poll=tuple(
            PollOption(text(one, "text"), number(one, "votes"))
            for one in tables(table(post, "poll"), "options")
        ),
        reactions=() if likes is None else (("like", likes),),
    )


def _comment(comment: Mapping[str, Any], post: str, above: str, raw: bytes, file: str) -> Capture:
    native_id = name_or_number(comment, "id")
    if not native_id:
        raise ValueError("it has no id")
    parent = name_or_number(comment, "parent_comment_id")
    posted, naive = _time(comment)
    return Capture(
        native_id=f"comment:{native_id}",
        kind="comment",
        raw=raw,
        text=_words(comment),
        author_name=_author(comment),
        author_handle=name_or_number(comment, "author_id"),
        parent=f"comment:{parent}" if parent else above or post,
        thread=post,
        occurred_at=posted,
        naive=naive,
        attachments=_attachments(comment),
        source_file=file,
    )


def _words(of: Mapping[str, Any]) -> str:
    body = of["body"]
    if not isinstance(body, str):
        raise TypeError("its body is no text")
    return to_text(body) if body.startswith("<") else body


def _author(of: Mapping[str, Any]) -> str:
    author = table(of, "author")
    return text(of, "author_name") or text(author, "name") or name_or_number(of, "author")


def _attachments(of: Mapping[str, Any]) -> tuple[Attachment, ...]:
    urls = [*texts(of, "media_attachments"), *texts(of, "images"), *texts(of, "photos")]
    urls += [text(one, "url") for one in tables(of, "media_attachments")]
    named = ((url.rpartition("/")[2].partition("?")[0], url) for url in urls if url)
    return tuple(Attachment(name=name, url=url) for name, url in named)


def _time(of: Mapping[str, Any]) -> tuple[datetime | None, bool]:
    """When an item was written, and whether that names no zone."""
    for name in ("creation_date", "created_at"):
        value = of.get(name)
        moment = from_iso(value) if isinstance(value, str) else None
        moment = moment or from_seconds(value)
        if moment is not None:
            return moment, False
        if isinstance(value, str):
            naive = from_gmt(value.replace("T", " ").partition(".")[0])
            return naive, naive is not None
    return None, False
