"""Answers of Reddit's API: listings of posts, comments, messages and moderators' actions."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from ingest._capture import (
    Attachment,
    Capture,
    Gone,
    Kind,
    PollOption,
    Rejected,
    Remover,
    Shared,
)
from ingest._export import Export
from ingest._json import Piece, array_items
from ingest._located import Inside, Located, located
from ingest._shapes import number, table, tables, text
from ingest._source import UNREADABLE, Item, reason_of
from ingest._times import from_seconds

_ANSWER = re.compile(
    rb'\s*(?:\[\s*)?\{\s*(?:"kind"\s*:\s*"Listing"'
    rb'|"data"\s*:\s*\{\s*"(?:after|before|children|dist|geo_filter|modhash)")'
)
_IN_LISTING = Inside(frozenset(("data", "children", "replies")))
_SITE = "https://www.reddit.com"
_REMOVING = frozenset(("removelink", "removecomment", "spamlink", "spamcomment"))
_KINDS: Mapping[str, Kind] = {"t1": "comment", "t3": "post", "t4": "message"}
_TOMBSTONES = ("[deleted]", "[removed]")
_BY_AUTHOR = frozenset(("author", "deleted"))
_BY_MODERATOR = frozenset(("moderator", "automod_filtered"))


def is_answer(head: bytes) -> bool:
    """Whether a file that begins so is a listing, or a list of them."""
    return _ANSWER.match(head.removeprefix(b"\xef\xbb\xbf")) is not None


def items_of(export: Export, file: str, others: Counter[str]) -> Iterator[Item]:
    """The items of a file of answers; what is no item is counted in `others`."""
    for piece in _listings(export, file):
        if piece.error:
            yield Rejected(piece.error, piece.raw, file)
            continue
        try:
            listing = piece.value or located(piece.raw, _IN_LISTING)
            children = listing["data"]["children"]
            if listing["kind"] != "Listing" or not all(type(one) is Located for one in children):
                raise ValueError("it is no listing of items")
        except UNREADABLE as error:
            yield Rejected(reason_of(error), piece.raw, file)
            continue
        yield from _things(children, file, others)


def _listings(export: Export, file: str) -> Iterator[Piece]:
    """The listings of a file: those of a list, or the one that it is."""
    with export.open(file) as stream:
        if export.head(file).removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"["):
            yield from array_items(stream, limit=export.limits.item, inside=_IN_LISTING)
            return
        whole = b""
        while len(whole) <= export.limits.item and (data := stream.read(1 << 20)):
            whole += data
    if len(whole) > export.limits.item:
        yield Piece(b"", error="it is longer than any answer of Reddit's")
    else:
        yield Piece(whole.strip())


def _things(children: list[Located], file: str, others: Counter[str]) -> Iterator[Item]:
    waiting = list(reversed(children))
    while waiting:
        thing = waiting.pop()
        replies = _replies(thing)
        raw = thing.without(replies)
        waiting.extend(reversed(replies))
        try:
            item = _item(text(thing, "kind"), table(thing, "data"), raw, file, others)
        except UNREADABLE as error:
            yield Rejected(reason_of(error), raw, file)
        else:
            if item is not None:
                yield item


def _replies(thing: Located) -> list[Located]:
    found = table(table(table(thing, "data"), "replies"), "data").get("children")
    return [one for one in found if isinstance(one, Located)] if isinstance(found, list) else []


def _item(
    kind: str, data: Mapping[str, Any], raw: bytes, file: str, others: Counter[str]
) -> Item | None:
    if kind == "modaction":
        return _action(data, raw, file, others)
    if kind == "more":
        count = number(data, "count") or 0
        others["comments that Reddit left out"] += count
        return None
    if kind not in _KINDS:
        raise ValueError(f"an item of the kind {kind!r} is not known")
    native_id = text(data, "name") or (f"{kind}_{text(data, 'id')}" if text(data, "id") else "")
    if not native_id:
        raise ValueError("it has no id")
    remover = _remover(data)
    words = text(data, "body") or text(data, "selftext")
    if kind == "t1" and words in _TOMBSTONES:
        return Gone(
            native_id=native_id,
            kind="comment",
            raw=raw,
            removed_at=from_seconds(data.get("banned_at_utc")),
            removed_by=remover,
            reason=_reason(data),
            source_file=file,
        )
    return _capture(native_id, _KINDS[kind], data, raw, file)


def _capture(native_id: str, kind: Kind, data: Mapping[str, Any], raw: bytes, file: str) -> Capture:
    remover = _remover(data)
    words = text(data, "body") or text(data, "selftext")
    category = text(data, "removed_by_category")
    permalink = text(data, "permalink")
    score = number(data, "score")
    edited = data.get("edited")
    return Capture(
        native_id=native_id,
        kind=kind,
        raw=raw,
        text="" if words in _TOMBSTONES else words,
        title=text(data, "title") or text(data, "subject"),
        author_handle=text(data, "author"),
        url=_SITE + permalink if permalink else "",
        parent=text(data, "parent_id"),
        thread=text(data, "link_id") or text(data, "first_message_name"),
        occurred_at=from_seconds(data.get("created_utc")),
        edited_at=from_seconds(edited) if edited else None,
        removed_at=from_seconds(data.get("banned_at_utc")) if remover else None,
        visibility="direct" if kind == "message" else "public",
        state="removed" if remover else "live",
        status=category or (words if words in _TOMBSTONES else ""),
        attachments=_attachments(data),
        source_file=file,
        shared=_crosspost(data),
        poll=tuple(
            PollOption(text(one, "text"), number(one, "vote_count"))
            for one in tables(table(data, "poll_data"), "options")
        ),
        removed_by=remover,
        removal_reason=_reason(data) if remover else "",
        reactions=() if score is None else (("score", score),),
    )


def _remover(data: Mapping[str, Any]) -> Remover:
    """Who removed an item; "" when it stands."""
    category = text(data, "removed_by_category")
    if category:
        if category in _BY_AUTHOR:
            return "author"
        return "moderator" if category in _BY_MODERATOR else "platform"
    words = text(data, "body") or text(data, "selftext")
    if words == "[deleted]":
        return "author"
    if words == "[removed]" or data.get("banned_by") or data.get("removed") is True:
        return "moderator"
    return ""


def _reason(data: Mapping[str, Any]) -> str:
    moderator = text(data, "banned_by")
    said = (text(data, "mod_reason_title"), text(data, "mod_note"), text(data, "removal_reason"))
    return ": ".join(filter(None, (f"by {moderator}" if moderator else "", *said)))


def _crosspost(data: Mapping[str, Any]) -> Shared | None:
    originals = tables(data, "crosspost_parent_list")
    if not originals:
        return None
    original = originals[0]
    permalink = text(original, "permalink")
    return Shared(
        text="\n\n".join(filter(None, (text(original, "title"), text(original, "selftext")))),
        author_handle=text(original, "author"),
        url=_SITE + permalink if permalink else "",
        native_id=text(original, "name"),
        occurred_at=from_seconds(original.get("created_utc")),
    )


def _attachments(data: Mapping[str, Any]) -> tuple[Attachment, ...]:
    gallery = table(data, "media_metadata")
    if gallery:
        sources = (table(one, "s") for one in gallery.values() if isinstance(one, dict))
        urls = (text(source, "u") or text(source, "gif") for source in sources)
        return tuple(Attachment(name=_name(url), url=url) for url in urls if url)
    url = text(data, "url")
    if not url or data.get("is_self") is True:
        return ()
    if "redd.it/" in url:
        return (Attachment(name=_name(url), url=url),)
    return (Attachment(url=url, link=True),)


def _name(url: str) -> str:
    return url.rpartition("/")[2].partition("?")[0]


def _action(
    data: Mapping[str, Any], raw: bytes, file: str, others: Counter[str]
) -> Capture | Gone | None:
    """A removal by a moderator; None for what is none."""
    action, target = text(data, "action"), text(data, "target_fullname")
    if not action:
        raise ValueError("it names no action")
    if action not in _REMOVING:
        others[f"{action} (moderation log)"] += 1
        return None
    kind = _KINDS.get(target.partition("_")[0])
    if kind is None:
        raise ValueError("it names no item")
    said = filter(None, (text(data, "details"), text(data, "description")))
    reason = f"{action} by {text(data, 'mod')}" + "".join(f": {one}" for one in said)
    removed_at = from_seconds(data.get("created_utc"))
    body, title = text(data, "target_body"), text(data, "target_title")
    if not body and not (title and kind == "post"):
        return Gone(target, kind, raw, removed_at, "moderator", reason, file)
    permalink = text(data, "target_permalink")
    return Capture(
        native_id=target,
        kind=kind,
        raw=raw,
        text=body,
        title=title if kind == "post" else "",
        author_handle=text(data, "target_author"),
        url=_SITE + permalink if permalink else "",
        removed_at=removed_at,
        visibility="public",
        state="removed",
        source_file=file,
        removed_by="moderator",
        removal_reason=reason,
    )
