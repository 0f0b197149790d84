"""Answers of the Graph API about a Facebook Page: its feed, and comments, as they were received.

One answer a file, JSON: an object with ``data`` (and ``paging``), or one post or comment by itself.
Comments that stand inside a post, and replies inside a comment, are items of their own, and their
bytes are left out of those of the post. A file is one of these when its first bytes hold
``created_time`` with the offset ``+0000``.

A post's key is its id ``page_post``, a comment's ``post_comment``, of the older form
``page_post_comment`` its last two parts. Public access gives comments without an id: their key is
``comment:created_time:place``, the place counted among those of the same second. What a comment
answers is in ``parent``; else the ``reply_comment_id`` of its permalink tells; else it answers the
post that it stands in, or that the paging addresses name.

An item is a post or a comment by the fields it has, by the edge that the paging addresses name, or
by the file's own name, as in ``7_11/comments.json``; ask for ``from,permalink_url`` and, of
comments, ``parent,attachment,is_hidden``. ``updated_time`` of a post changes with every comment,
and counts as no edit. Hidden items are removed; by whom is not said. Addresses of media stop
working after about a week: a note says when.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

from archive import SourceError
from ingest._boxes import CHUNK
from ingest._capture import (
    AccountName,
    Attachment,
    Capture,
    Kind,
    Rejected,
    Remark,
    Shared,
    Told,
    Visibility,
)
from ingest._export import Export
from ingest._json import Piece, array_items
from ingest._located import Inside, Located, located
from ingest._places import Places
from ingest._shapes import number, table, tables, text
from ingest._source import UNREADABLE, Item, Source, reason_of, whose
from ingest._times import from_iso
from ingest.readers._facebook_known import Known
from ingest.readers._facebook_page import PLATFORM, author_of, comment_key, expiries, page
from ingest.readers._meta import in_order

_CREATED = re.compile(rb'"created_time"\s*:\s*"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+0000"')
_ASKED = re.compile(
    rb"graph\.facebook\.com\\?/(?:v[\d.]+\\?/)?(\d+(?:_\d+)?)\\?/"
    rb"(feed|posts|published_posts|visitor_posts|tagged|comments)\b"
)
_NAMED = re.compile(r"(?:^|/)(\d+(?:_\d+)?)/(feed|comments)\.json$")
_LIST = re.compile(rb'(?:\xef\xbb\xbf)?\s*\{\s*"(?:data|paging|summary)"')
_IN_POST = Inside(frozenset(("comments", "data")))
_BESIDE = frozenset(("paging", "summary", "__www_request_id__", "__debug__"))
_HEAD = 64 * 1024
_OF_POSTS = frozenset(
    (
        *("attachments", "status_type", "full_picture", "shares", "is_published", "story"),
        *("updated_time", "privacy", "promotable_id", "is_expired", "place", "parent_id"),
    )
)
_OF_COMMENTS = frozenset(
    (
        *("attachment", "comment_count", "can_hide", "can_reply_privately", "can_comment"),
        *("parent", "is_private", "user_likes", "like_count", "can_remove"),
    )
)
_PRIVACY: Mapping[str, Visibility] = {
    "EVERYONE": "public",
    "ALL_FRIENDS": "followers",
    "FRIENDS_OF_FRIENDS": "followers",
}
_MEDIA = ("photo", "video", "album", "animated_image", "sticker", "cover_photo", "profile_media")


class GraphAnswers:
    """Reads saved answers of the Graph API: one file, or all of those in a folder, zip or tar.

    With a `Known`, what other answers and the webhook said before counts, too.
    """

    name = "facebook-graph"
    version = 2

    def __init__(self, known: Known | None = None) -> None:
        self._known = known

    def sniff(self, export: Export) -> bool:
        return any(_is_answer(export, name) for name in export.names)

    def frame(self, source_file: str) -> None:
        """None: what an item is may stand in the paging addresses of its answer."""

    def read(self, export: Export, told: Told) -> Source:
        files = in_order(name for name in export.names if _is_answer(export, name))
        if not files:
            raise SourceError(f"{export.path.name} holds no answers of Facebook's Graph API")
        known = whose(told, _page_in(export, files))
        items = _items(export, files)
        if self._known is not None:
            before = self._known
            items = (before.shown(one) if isinstance(one, Capture) else one for one in items)
        return Source(PLATFORM, known, frozenset(), tuple(files), items)


def _is_answer(export: Export, name: str) -> bool:
    if not name.endswith(".json"):
        return False
    head = export.head(name, _HEAD)
    return _CREATED.search(head) is not None and b'"entry"' not in head


def _is_list(export: Export, file: str) -> bool:
    return _LIST.match(export.head(file, 64)) is not None


@dataclass(frozen=True, slots=True)
class _Asked:
    """What an answer is to, as its paging addresses say: the edge of an object, "" for unknown."""

    of: str = ""
    edge: str = ""

    @classmethod
    def by(cls, export: Export, file: str) -> "_Asked":
        named = _NAMED.search(file)
        if named is not None:
            return cls(named[1], named[2])
        if not _is_list(export, file):
            return cls()
        tail = b""
        with export.open(file) as stream:
            while data := stream.read(CHUNK):
                tail = (tail + data)[-_HEAD:]
        found = _ASKED.findall(tail[tail.rfind(b"]") :])
        return cls(found[-1][0].decode(), found[-1][1].decode()) if found else cls()

    @property
    def kind(self) -> Kind | None:
        return ("comment" if self.edge == "comments" else "post") if self.edge else None


def _page_in(export: Export, files: list[str]) -> AccountName | None:
    """The Page that the answers are about: the ids of its posts begin with its number."""
    for file in files:
        asked = _Asked.by(export, file)
        for piece in _pieces(export, file):
            item = piece.value
            first = text(item, "id") if isinstance(item, dict) else ""
            number_of_page, _, post = first.partition("_")
            if post and _kind(item, asked) == "post":
                name, author = author_of(item)
                return page(number_of_page, name if author == number_of_page else "")
            number_of_page, _, post = asked.of.partition("_")
            if asked.kind == "post" or (post and first.partition("_")[0] in (post, "")):
                return page(number_of_page)
            break
    return None


def _pieces(export: Export, file: str) -> Iterator[Piece]:
    """The items of an answer; of a single object, that object."""
    limit = export.limits.item
    if _is_list(export, file):
        with export.open(file) as stream:
            yield from array_items(stream, "data", limit=limit, inside=_IN_POST, beside=_BESIDE)
        return
    raw = export.head(file, limit)
    try:
        yield Piece(raw, located(raw, _IN_POST))
    except ValueError as error:
        yield Piece(raw, error=str(error))


def _kind(item: Mapping[str, Any], asked: _Asked) -> Kind | None:
    """Whether an item is a post or a comment; None when nothing says so."""
    as_post, as_comment = not _OF_POSTS.isdisjoint(item), not _OF_COMMENTS.isdisjoint(item)
    if as_post != as_comment:
        return "post" if as_post else "comment"
    if asked.kind is not None:
        return asked.kind
    author, before = author_of(item)[1], text(item, "id").partition("_")[0]
    return "post" if author and author == before else None


def _items(export: Export, files: list[str]) -> Iterator[Item]:
    places = Places()
    more = 0
    for file in files:
        answer = _Answer(file, _Asked.by(export, file), places)
        for piece in _pieces(export, file):
            if piece.error:
                yield Rejected(piece.error, piece.raw, file)
            else:
                yield from answer.items(piece)
        more += answer.more
    if more:
        yield Remark(f"{more} posts or comments have more comments than their answers hold")


@dataclass(frozen=True, slots=True)
class _Met:
    """An item where it was met, and what it stands in."""

    value: Located
    parent: str = ""
    thread: str = ""


class _Answer:
    """Makes the captures of one answer."""

    def __init__(self, file: str, asked: _Asked, places: Places) -> None:
        self._file, self._asked, self._places = file, asked, places
        self.more = 0

    def items(self, piece: Piece) -> Iterator[Item]:
        """An item, and the comments inside it."""
        if not isinstance(piece.value, Located):
            yield Rejected("it is no object", piece.raw, self._file)
            return
        waiting = [_Met(piece.value)]
        while waiting:
            met = waiting.pop()
            inside = table(met.value, "comments")
            replies = [one for one in tables(inside, "data") if isinstance(one, Located)]
            raw = met.value.without(replies) if replies else met.value.raw
            key = ""
            try:
                capture = self._capture(met, raw)
                key = capture.native_id
                yield capture
            except UNREADABLE as error:
                yield Rejected(reason_of(error), raw, self._file)
            self.more += "next" in table(inside, "paging")
            thread = met.thread or key
            waiting += [_Met(one, key, thread) for one in reversed(replies)]

    def _capture(self, met: _Met, raw: bytes) -> Capture:
        item = met.value
        created = from_iso(item.get("created_time"))
        if created is None:
            raise ValueError("it has no created_time")
        kind = "comment" if met.thread else _kind(item, self._asked)
        if kind is None:
            raise ValueError(
                "nothing says whether it is a post or a comment: ask for more of its fields"
            )
        native_id = text(item, "id") if kind == "post" else comment_key(text(item, "id"))
        if not native_id:
            if kind == "post":
                raise ValueError("it has no id")
            native_id = self._places.key("comment", text(item, "created_time"))
        name, handle = author_of(item)
        hidden = item.get("is_hidden") is True
        special = self._of_comment(native_id, met) if kind == "comment" else _of_post(item)
        return Capture(
            **{
                "native_id": native_id,
                "kind": kind,
                "raw": raw,
                "text": text(item, "message"),
                "author_name": name,
                "author_handle": handle,
                "url": text(item, "permalink_url"),
                "occurred_at": created,
                "visibility": "public",
                "state": "removed" if hidden else "live",
                "status": "hidden" if hidden else "",
                "source_file": self._file,
                "reactions": _reactions(item),
                **special,
            }
        )

    def _of_comment(self, native_id: str, met: _Met) -> dict[str, Any]:
        """The fields that a comment has, or has otherwise."""
        post, _, rest = native_id.partition("_")
        asked = self._asked.of if self._asked.kind == "comment" else ""
        of_post = not rest or post == asked.partition("_")[2]
        thread = met.thread or (asked if of_post else post)
        answered = comment_key(text(table(met.value, "parent"), "id")) or _answered(
            text(met.value, "permalink_url"), post
        )
        hanging = table(met.value, "attachment")
        return {
            "parent": answered or met.parent or asked or thread,
            "thread": thread,
            **(_hanging([hanging]) if hanging else {}),
        }


def _answered(permalink: str, post: str) -> str:
    """The comment that a reply answers, as the reply's permalink tells."""
    asked = parse_qs(urlsplit(permalink).query) if "reply_comment_id=" in permalink else {}
    above = "".join(asked.get("comment_id", [])[:1])
    return f"{post}_{above}" if above and post else ""


def _of_post(item: Mapping[str, Any]) -> dict[str, Any]:
    """The fields that a post has, or has otherwise."""
    hanging = tables(table(item, "attachments"), "data")
    hanging = [inner for one in hanging for inner in _inside(one)]
    if not hanging and text(item, "full_picture"):
        hanging = [{"type": "photo", "media": {"image": {"src": item["full_picture"]}}}]
    before = text(item, "parent_id")
    made = {
        "kind": "share" if before else "post",
        "title": text(item, "story"),
        "parent": before,
        "visibility": _PRIVACY.get(text(table(item, "privacy"), "value") or "EVERYONE", "unknown"),
        "location": _place(table(item, "place")),
        **_hanging(hanging),
    }
    if before:
        made["shared"] = replace(made["shared"] or Shared(), native_id=before)
    if item.get("is_published") is False:
        made |= {"state": "pending", "visibility": "unknown"}
    return made


def _inside(attachment: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The media of an album by themselves; anything else as it is."""
    return tables(table(attachment, "subattachments"), "data") or [attachment]


def _hanging(hanging: list[Mapping[str, Any]]) -> dict[str, Any]:
    """What hangs on an item, as fields of its capture: media are its own, a link is others'."""
    attachments: list[Attachment] = []
    shared: Shared | None = None
    for one in hanging:
        kind = text(one, "type")
        media = table(one, "media")
        source = text(media, "source") or text(table(media, "image"), "src")
        target = text(table(one, "target"), "url") or text(one, "url")
        words = "\n\n".join(filter(None, (text(one, "title"), text(one, "description"))))
        if kind.startswith(_MEDIA):
            name = source.partition("?")[0].rpartition("/")[2]
            attachments.append(Attachment(name, kind, words, source or target))
        else:
            attachments.append(Attachment(text(one, "title"), kind, url=target, link=True))
            shared = shared or Shared(text=words, url=target)
    return {
        "attachments": tuple(attachments),
        "shared": shared,
        "notes": expiries(one.url for one in attachments if not one.link),
    }


def _place(place: Mapping[str, Any]) -> str:
    where = table(place, "location")
    parts = (text(place, "name"), *(text(where, key) for key in ("street", "city", "state")))
    return ", ".join(filter(None, parts))


def _reactions(item: Mapping[str, Any]) -> tuple[tuple[str, int], ...]:
    counts = (
        ("comments", number(item, "comment_count")),
        ("likes", number(item, "like_count")),
        ("reactions", number(table(table(item, "reactions"), "summary"), "total_count")),
        ("shares", number(table(item, "shares"), "count")),
    )
    return tuple([(name, count) for name, count in counts if count is not None])
