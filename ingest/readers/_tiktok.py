"""The data that TikTok lets an account download, as JSON: ``user_data_tiktok.json``.

Comments, also those on others' live videos, posts, recently deleted posts, direct messages and the
profile are read; other lists, such as what was watched, are counted only, unless their elements
hold words: those are rejected. The names of members are written small or with a capital, and lists
may be null; the sections that lists stand in changed their names more than once.

TikTok gives no ids. Keys are the kind, the time as it is written, and the place among equals;
those of messages also hold the conversation and the sender. An edit keeps them. Times name no zone;
they are read as UTC and marked. What a comment answers is not said, nor what was removed, but for
recently deleted posts, which their author removed. The account is the profile's ``userName``.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from functools import partial
from typing import Any

from archive import SourceError
from ingest._capture import (
    AccountName,
    Attachment,
    Capture,
    Kind,
    Rejected,
    Remark,
    Told,
    Visibility,
)
from ingest._export import Export
from ingest._places import Places
from ingest._shapes import name_or_number, number
from ingest._source import UNREADABLE, Item, Source, reason_of, whose
from ingest._times import from_gmt
from ingest._tree import Path, tree_items

_MARK = re.compile(rb'"(?:CommentsList|ProfileMap|FavoriteEffectsList|ChatHistory|LikedVideoList)"')
_USER = re.compile(rb'"userName"\s*:\s*"([\w.-]+)"')
_VIDEO = re.compile(r"/(?:video|photo)/(\d+)")
_NO_NAME = re.compile(r'[{}\[\],"]|\d{4}-\d\d')  # of a member: something was lost before it
_DATED = re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:")
_TIMES = re.compile("WatchTime|MostRecentModificationTime")  # these date no item
_HEAD = 1 << 20
_MOST = 50
_NOTHING = ("N/A", "None")
_WORDS = frozenset(("comment", "content", "photo", "sticker", "commentcontent", "questioncontent"))
_MEMBERS = _WORDS | {"date", "url", "video", "from", "title"}
_COMMENTS = "Comment"  # a section that holds nothing else
_PROFILE = "ProfileMap"
_CHAT = re.compile(r"^Chat History with (.*?):?$")
_SEEN_BY: Mapping[str, Visibility] = {
    "public": "public",
    "public to everyone": "public",
    "everyone": "public",
    "followers": "followers",
    "friends": "followers",
}
_KINDS: frozenset[Kind] = frozenset(("post", "comment", "message"))

Row = Mapping[str, Any]
Make = Callable[[Row, bytes], Capture]


class TikTokDownload:
    """Reads a TikTok download: zip or folder, or its JSON file."""

    name = "tiktok"
    version = 2

    def sniff(self, export: Export) -> bool:
        return bool(_files(export))

    def frame(self, source_file: str) -> None:
        return None

    def read(self, export: Export, told: Told) -> Source:
        files = _files(export)
        if not files:
            raise SourceError(
                f"{export.path.name} holds no user_data_tiktok.json",
                hint="ask TikTok for the download as JSON, not as TXT",
            )
        found = _USER.search(export.head(files[0], _HEAD))
        handle = found[1].decode() if found else ""
        named = AccountName(handle, "", f"https://www.tiktok.com/@{handle}") if found else None
        known = whose(told, named)
        return Source("tiktok", known, _KINDS, tuple(files), _items(export, files, known))


def _files(export: Export) -> list[str]:
    found = export.find(lambda name: name.lower().endswith(".json"))[:_MOST]
    return [name for name in found if _is_ours(export, name)]


def _is_ours(export: Export, name: str) -> bool:
    head = export.head(name, 64 * 1024).removeprefix(b"\xef\xbb\xbf").lstrip()
    named = name.rpartition("/")[2].lower().startswith("user_data")
    return head.startswith(b"{") and (named or _MARK.search(head) is not None)


def _items(export: Export, files: list[str], account: AccountName) -> Iterator[Item]:
    places = Places()
    others: Counter[str] = Counter()
    for file in files:
        with export.open(file) as stream:
            limit = export.limits.item
            for path, piece in tree_items(stream, whole=frozenset((_PROFILE,)), limit=limit):
                if piece.error:
                    yield Rejected(piece.error, piece.raw, file)
                    continue
                make = _maker(path, account, file, places)
                if make is not None and piece.value is None:
                    continue
                if make is None:
                    if _has_words(path, piece.value):
                        yield Rejected("it stands in no list that is known", piece.raw, file)
                    elif isinstance(piece.value, dict):
                        others[" / ".join(path)] += 1
                    continue
                try:
                    yield make(_lowered(piece.value), piece.raw)
                except UNREADABLE as error:
                    yield Rejected(reason_of(error), piece.raw, file)
    if others:
        named = ", ".join(f"{count} of {name}" for name, count in others.most_common())
        yield Remark(f"not captured: {named}")


def _maker(path: Path, account: AccountName, file: str, places: Places) -> Make | None:
    """What reads the elements of a list; None for lists that hold no items."""
    last, before = path[-1] if path else "", path[-2] if len(path) > 1 else ""
    if last == _PROFILE:
        return partial(_profile, account, file)
    if last == "CommentsList":
        return partial(_comment, account, file, places)
    if last == "VideoList" and before in ("Videos", "Posts"):
        return partial(_post, account, file, places, deleted=False)
    if last in ("PostList", "VideoList") and before.startswith("Recently Deleted"):
        return partial(_post, account, file, places, deleted=True)
    if last == "Comments" and path[-3:-2] == ("WatchLiveMap",):
        return partial(_live_comment, account, file, places, before)
    chat = _CHAT.match(last)
    if chat is not None and before == "ChatHistory":
        return partial(_message, account, file, places, chat[1])
    return None


def _has_words(path: Path, value: Any) -> bool:
    """Whether what no list is known for looks like an item, or like a member of one."""
    if path[:1] == (_COMMENTS,) and isinstance(value, str | list | dict):
        return True
    if isinstance(value, dict):
        return not _WORDS.isdisjoint(map(str.lower, value))
    if isinstance(value, str) and _DATED.match(value) and not _TIMES.match(path[-1]):
        return True
    return bool(path) and (path[-1].lower() in _MEMBERS or _NO_NAME.search(path[-1]) is not None)


def _lowered(value: Mapping[str, Any]) -> Row:
    """An element by its names in small letters, without what says that there is nothing."""
    return {name.lower(): one for name, one in value.items() if one not in _NOTHING}


def _comment(account: AccountName, file: str, places: Places, row: Row, raw: bytes) -> Capture:
    date, url = _date(row), name_or_number(row, "url")
    under = _VIDEO.search(url)
    return Capture(
        native_id=places.key("comment", date),
        kind="comment",
        raw=raw,
        text=name_or_number(row, "comment"),
        author_handle=account.handle,
        url=url,
        parent=under[1] if under else "",
        occurred_at=_time(date),
        naive=not date.endswith("UTC"),
        attachments=tuple(
            _media(name_or_number(row, name))
            for name in ("photo", "sticker", "video")
            if name_or_number(row, name)
        ),
        source_file=file,
    )


def _live_comment(
    account: AccountName, file: str, places: Places, live: str, row: Row, raw: bytes
) -> Capture:
    date = _date(row, "commenttime")
    return Capture(
        native_id=places.key("live-comment", date),
        kind="comment",
        raw=raw,
        text=name_or_number(row, "commentcontent"),
        author_handle=account.handle,
        parent=live,
        occurred_at=_time(date),
        naive=not date.endswith("UTC"),
        source_file=file,
    )


def _post(
    account: AccountName, file: str, places: Places, row: Row, raw: bytes, *, deleted: bool
) -> Capture:
    date, url = _date(row), name_or_number(row, "link")
    removed = name_or_number(row, "datedeleted") or name_or_number(row, "deletedate")
    likes = number(row, "likes")
    return Capture(
        native_id=places.key("post", date),
        kind="post",
        raw=raw,
        text=name_or_number(row, "title") or name_or_number(row, "description"),
        author_handle=account.handle,
        occurred_at=_time(date),
        removed_at=_time(removed) if deleted else None,
        naive=not date.endswith("UTC"),
        visibility=_SEEN_BY.get(name_or_number(row, "whocanview").lower(), "unknown"),
        state="removed" if deleted else "live",
        attachments=(_media(url, name_or_number(row, "alttext")),) if url else (),
        source_file=file,
        location=name_or_number(row, "location"),
        removed_by="author" if deleted else "",
        reactions=() if likes is None else (("like", likes),),
    )


def _message(
    _account: AccountName, file: str, places: Places, chat: str, row: Row, raw: bytes
) -> Capture:
    date, sender = _date(row), name_or_number(row, "from")
    return Capture(
        native_id=places.key(f"message:{chat}:{sender}", date),
        kind="message",
        raw=raw,
        text=name_or_number(row, "content"),
        author_handle=sender,
        thread=chat,
        occurred_at=_time(date),
        naive=not date.endswith("UTC"),
        visibility="direct",
        source_file=file,
    )


def _profile(account: AccountName, file: str, row: Row, raw: bytes) -> Capture:
    return Capture(
        native_id="profile",
        kind="profile",
        raw=raw,
        text=name_or_number(row, "biodescription"),
        author_name=name_or_number(row, "displayname"),
        author_handle=account.handle,
        url=f"https://www.tiktok.com/@{account.handle}",
        visibility="public",
        source_file=file,
    )


def _media(url: str, alt: str = "") -> Attachment:
    return Attachment(name=url.rpartition("/")[2].partition("?")[0], alt=alt, url=url)


def _date(row: Row, name: str = "date") -> str:
    date = name_or_number(row, name)
    if not date:
        raise ValueError("it has no date")
    return date


def _time(date: str) -> datetime | None:
    return from_gmt(date.removesuffix("UTC"))
