"""Answers of the Graph API about an Instagram professional account: its media, and comments.

One answer a file, JSON: an object with ``data``, or one medium or comment by itself. A file is one
of these when its first bytes hold a ``timestamp`` with the offset ``+0000`` and a ``username``.
Ask media for ``caption,media_type,media_url,permalink,timestamp,username,children`` and comments
for ``text,timestamp,username,hidden,parent_id,like_count`` and ``replies`` with the same: these are
items of their own, and their bytes are left out of those of the comment.

Keys are Instagram's own ids, which its download lacks: what both hold is two records. A hidden
comment is removed; by whom is not said, and neither is an edit's time. What a comment answers
stands in its ``parent_id``; else it answers its ``media``, or what the file's name says, as in
``17895695/comments.json``.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from archive import SourceError
from ingest._capture import Attachment, Capture, Rejected, Told
from ingest._export import Export
from ingest._located import Inside, Located, located
from ingest._shapes import number, table, tables, text
from ingest._source import UNREADABLE, Item, Source, reason_of, whose
from ingest._times import from_iso
from ingest.readers._facebook_known import Known

_MARK = re.compile(rb'"timestamp"\s*:\s*"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+0000"')
_NAME = b'"username"'
_OF = re.compile(r"(?:^|/)(\d+)/(?:comments|replies)\.json$")
_ITEMS = Inside(frozenset(("data", "replies")))
_HEAD = 64 * 1024


class InstagramAnswers:
    """Reads saved answers: one file, or all of those in a folder, zip or tar.

    With a `Known`, what other answers said before counts, too.
    """

    name = "instagram-graph"
    version = 1

    def __init__(self, known: Known | None = None) -> None:
        self._known = known

    def sniff(self, export: Export) -> bool:
        return bool(_files(export))

    def frame(self, source_file: str) -> tuple[bytes, bytes] | None:
        return b'{"data":[', b"]}"

    def read(self, export: Export, told: Told) -> Source:
        files = _files(export)
        if not files:
            raise SourceError(f"{export.path.name} holds no answers about an Instagram account")
        items = (item for file in files for item in _items(export, file))
        if self._known is not None:
            before = self._known
            items = (before.shown(one) if isinstance(one, Capture) else one for one in items)
        return Source("instagram", whose(told, None), frozenset(), tuple(files), items)


def _files(export: Export) -> list[str]:
    found = []
    for name in sorted(export.names):
        if name.endswith(".json"):
            head = export.head(name, _HEAD)
            if _NAME in head and _MARK.search(head):
                found.append(name)
    return found


def _items(export: Export, file: str) -> Iterator[Item]:
    raw = export.head(file, export.limits.item)
    if export.size(file) > len(raw):
        yield Rejected(f"it is longer than {export.limits.item} bytes", raw, file)
        return
    try:
        answer = located(raw, _ITEMS)
        items = tables(answer, "data") if "data" in answer else [answer]
    except UNREADABLE as error:
        yield Rejected(reason_of(error), raw, file)
        return
    of = _OF.search(file)
    medium = of[1] if of else ""
    for item in items:
        replies = [r for r in tables(table(item, "replies"), "data") if isinstance(r, Located)]
        own = item.without(replies) if isinstance(item, Located) else raw
        yield _made(item, own, medium, "", file)
        above = text(table(item, "media"), "id") or medium
        for reply in replies:
            yield _made(reply, reply.raw, above, text(item, "id"), file)


def _made(item: Mapping[str, Any], raw: bytes, of: str, above: str, file: str) -> Item:
    try:
        return _capture(item, raw, of, above, file)
    except UNREADABLE as error:
        return Rejected(reason_of(error), raw, file)


def _capture(item: Mapping[str, Any], raw: bytes, of: str, above: str, file: str) -> Capture:
    native_id, made = text(item, "id"), from_iso(item.get("timestamp"))
    if not native_id or made is None:
        raise ValueError("it has no id or no timestamp")
    is_medium = "media_type" in item or "permalink" in item
    medium = text(table(item, "media"), "id") or of
    parent = "" if is_medium else text(item, "parent_id") or above or medium
    hidden = item.get("hidden") is True
    likes = number(item, "like_count")
    return Capture(
        native_id=native_id,
        kind="post" if is_medium else "comment",
        raw=raw,
        text=text(item, "caption") if is_medium else text(item, "text"),
        author_handle=text(item, "username") or text(table(item, "from"), "username"),
        url=text(item, "permalink"),
        parent=parent,
        thread="" if is_medium else medium,
        occurred_at=made,
        visibility="public",
        state="removed" if hidden else "live",
        status="hidden" if hidden else "",
        attachments=tuple(_attachments(item)),
        source_file=file,
        reactions=() if likes is None else (("likes", likes),),
    )


def _attachments(item: Mapping[str, Any]) -> Iterator[Attachment]:
    """The pictures and films of a medium, of an album each by itself."""
    for one in tables(table(item, "children"), "data") or [item]:
        url = text(one, "media_url")
        if url:
            name = url.partition("?")[0].rpartition("/")[2]
            yield Attachment(name, text(one, "media_type").lower(), url=url)
