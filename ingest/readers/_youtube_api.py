"""Answers of the YouTube Data API v3: comment threads, comments, videos."""

from collections.abc import Iterator, Mapping
from typing import Any

from ingest._capture import Capture, Rejected, State, Visibility
from ingest._export import Export
from ingest._html import to_text
from ingest._json import Piece, array_items
from ingest._located import Inside, Located, located
from ingest._shapes import number, table, tables, text
from ingest._source import UNREADABLE, Item, reason_of
from ingest._times import from_iso

_STATES: Mapping[str, State] = {
    "": "live",
    "published": "live",
    "heldForReview": "pending",
    "likelySpam": "pending",
    "rejected": "removed",
}
_BESIDE = frozenset(
    (
        *("kind", "etag", "eventId", "nextPageToken", "prevPageToken", "pageInfo", "regionCode"),
        *("visitorId", "tokenPagination"),
    )
)
"""What stands beside the items of an answer."""
_IN_THREAD = Inside(frozenset(("replies",)), frozenset(("comments",)))
_VISIBILITY: Mapping[str, Visibility] = {"public": "public", "unlisted": "unlisted"}


def answers(export: Export, file: str, videos: Mapping[str, str]) -> Iterator[Item]:
    """The items of one answer; `videos` are those of threads, for comments that do not name one."""
    with export.open(file) as stream:
        pieces = array_items(stream, "items", limit=export.limits.item, beside=_BESIDE)
        for piece in pieces:
            if piece.error:
                yield Rejected(piece.error, piece.raw, file)
                continue
            try:
                yield from list(_items(piece, file, videos))
            except UNREADABLE as error:
                yield Rejected(reason_of(error), piece.raw, file)


def _items(piece: Piece, file: str, videos: Mapping[str, str]) -> Iterator[Item]:
    kind = piece.value["kind"]
    if kind == "youtube#comment":
        parent = text(table(piece.value, "snippet"), "parentId") or text(piece.value, "id")
        thread = {"videoId": videos[parent]} if parent in videos else {}
        yield _comment(piece.value, piece.raw, file, thread)
    elif kind == "youtube#video":
        yield _video(piece.value, piece.raw, file)
    elif kind == "youtube#commentThread":
        yield from _thread(piece.value, piece.raw, file)
    else:
        raise ValueError(f"an item of the kind {kind!r} is not known")


def _thread(thread: Mapping[str, Any], raw: bytes, file: str) -> Iterator[Item]:
    """The first comment of a thread, and the replies that came with it, cut out of its bytes."""
    snippet = table(thread, "snippet")
    if "replies" in thread:
        whole = located(raw, _IN_THREAD)
        found = tables(table(whole, "replies"), "comments")
        replies = [one for one in found if isinstance(one, Located)]
        raw = whole.without(replies)
        for reply in replies:
            yield _reply(reply, reply.raw, file, snippet)
    yield _comment(table(snippet, "topLevelComment"), raw, file, snippet)


def _reply(reply: Mapping[str, Any], raw: bytes, file: str, thread: Mapping[str, Any]) -> Item:
    try:
        return _comment(reply, raw, file, thread)
    except UNREADABLE as error:
        return Rejected(reason_of(error), raw, file)


def _comment(
    comment: Mapping[str, Any], raw: bytes, file: str, thread: Mapping[str, Any]
) -> Capture:
    native_id, snippet = text(comment, "id"), table(comment, "snippet")
    if not native_id or not snippet:
        raise ValueError("it has no id or no snippet")
    video = text(snippet, "videoId") or text(thread, "videoId")
    parent = text(snippet, "parentId")
    status = text(snippet, "moderationStatus")
    state = _STATES[status]
    posted, updated = from_iso(snippet.get("publishedAt")), from_iso(snippet.get("updatedAt"))
    likes = number(snippet, "likeCount")
    return Capture(
        native_id=native_id,
        kind="comment",
        raw=raw,
        text=text(snippet, "textOriginal") or to_text(text(snippet, "textDisplay")),
        author_name=text(snippet, "authorDisplayName"),
        author_handle=text(table(snippet, "authorChannelId"), "value"),
        url=f"https://www.youtube.com/watch?v={video}&lc={native_id}" if video else "",
        parent=parent or video,
        thread=parent,
        occurred_at=posted,
        edited_at=updated if updated != posted else None,
        visibility="public",
        state=state,
        status="" if state == "live" else status,
        source_file=file,
        removed_by="moderator" if state == "removed" else "",
        reactions=() if likes is None else (("like", likes),),
    )


def _video(video: Mapping[str, Any], raw: bytes, file: str) -> Capture:
    native_id, snippet = text(video, "id"), table(video, "snippet")
    if not native_id or not snippet:
        raise ValueError("it has no id or no snippet")
    privacy = text(table(video, "status"), "privacyStatus")
    statistics = table(video, "statistics")
    counts = ((name, number(statistics, f"{name}Count")) for name in ("view", "like", "comment"))
    return Capture(
        native_id=native_id,
        kind="post",
        raw=raw,
        text=text(snippet, "description"),
        title=text(snippet, "title"),
        author_name=text(snippet, "channelTitle"),
        author_handle=text(snippet, "channelId"),
        url=f"https://www.youtube.com/watch?v={native_id}",
        occurred_at=from_iso(snippet.get("publishedAt")),
        language=text(snippet, "defaultLanguage"),
        visibility=_VISIBILITY.get(privacy, "unknown"),
        status="" if privacy in ("", *_VISIBILITY) else privacy,
        source_file=file,
        reactions=tuple((name, count) for name, count in counts if count is not None),
    )
