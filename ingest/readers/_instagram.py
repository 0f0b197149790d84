"""The download that Instagram lets an account make, as JSON.

Read are posts, reels, stories, archived posts, IGTV films, what else was made, what was deleted
lately (removed by its author), comments on posts, reels and stories, direct messages, the profile.
Threads is in the same download and has a reader of its own.

A post is a list of media; its caption and time stand beside them only when there are several, else
at the first of them. Comments are maps whose names are in the language of the account: the entry
with a time is the time, the first of the texts the comment, the second whose post it is on (kept
as `title`), unless their English names say otherwise. Older downloads wrap the lists in an object,
and give comments as ``title`` and ``string_list_data``.

There are no ids: a key is ``what:timestamp:place`` as in a Facebook download, and texts are
repaired in the same way. Nothing is said about edits and removals, and of a comment's post only
whose it is.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from archive import SourceError
from ingest._capture import AccountName, Attachment, Capture, Kind, Rejected, Remark, State, Told
from ingest._export import Export
from ingest._json import object_of
from ingest._places import Places
from ingest._shapes import number, table, tables, text
from ingest._source import UNREADABLE, Item, Source, each, reason_of, whose
from ingest._times import from_seconds
from ingest.readers._meta import (
    SMALL,
    Listing,
    in_order,
    is_html,
    listing,
    medium,
    member,
    pieces,
    place_of,
    said,
)
from ingest.readers._meta_messages import is_messages, messages

_OWN_FOLDER = "your_instagram_activity/"
_PROFILE = re.compile(
    r"(?:^|/)(?:personal|account)_information(?:/[^/]+)*/personal_information\.json$"
)
_OWNER = ("Media Owner", "Author")


@dataclass(frozen=True, slots=True)
class _ListOf:
    """A sort of list: its files, the names it had over the years ("" for the root)."""

    path: re.Pattern[str]
    keys: tuple[str, ...]
    what: str
    kind: Kind = "post"
    state: State = "live"


def _path(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"(?:^|/)(?:{pattern})\.json$")


_LISTS = (
    _ListOf(_path(r"posts(?:_\d+)?"), ("",), "post"),
    _ListOf(_path(r"reels(?:_\d+)?"), ("ig_reels_media",), "reel"),
    _ListOf(_path(r"stories(?:_\d+)?"), ("ig_stories",), "story"),
    _ListOf(_path(r"archived_posts(?:_\d+)?"), ("ig_archived_post_media",), "archived-post"),
    _ListOf(_path(r"igtv_videos(?:_\d+)?"), ("ig_igtv_media",), "igtv"),
    _ListOf(_path(r"other_content(?:_\d+)?"), ("ig_other_media",), "other"),
    _ListOf(
        _path(r"recently_deleted_content(?:_\d+)?"),
        ("ig_recently_deleted_media",),
        "deleted",
        state="removed",
    ),
    _ListOf(
        _path(r"post_comments(?:_\d+)?"), ("", "comments_media_comments"), "comment", "comment"
    ),
    _ListOf(
        _path(r"reels_comments(?:_\d+)?"),
        ("comments_reels_comments", ""),
        "reel-comment",
        "comment",
    ),
    _ListOf(
        _path(r"(?:hype|story_comments)(?:_\d+)?"),
        ("comments_story_comments", ""),
        "story-comment",
        "comment",
    ),
)


class InstagramDownload:
    """Reads an Instagram download in JSON: zip or folder, or one of its files."""

    name = "instagram"
    version = 1

    def sniff(self, export: Export) -> bool:
        if any(True for _ in _lists_in(export)):
            return True
        if any(_OWN_FOLDER in name and is_messages(export, name) for name in export.names):
            return True
        return is_html(export, _OWN_FOLDER)

    def frame(self, source_file: str) -> None:
        """None: the keys are places."""

    def read(self, export: Export, told: Told) -> Source:
        lists = list(_lists_in(export))
        conversations = _conversations(export)
        if not lists and not conversations:
            raise SourceError(
                f"{export.path.name} holds neither posts nor comments nor messages in JSON",
                hint="ask Instagram for the download in JSON, not in HTML",
            )
        profile = Profile.of(export)
        known = whose(told, profile.account)
        kinds: set[Kind] = {of.kind for of, _ in lists if of.what in ("post", "comment")}
        kinds.update(("message",) if conversations else ())
        files = (*profile.files, *(at.file for _, at in lists), *conversations)
        items = _items(export, profile, lists, conversations, known)
        return Source("instagram", known, frozenset(kinds), files, items)


@dataclass(frozen=True, slots=True)
class Profile:
    """What a download of Instagram or Threads says about the account."""

    files: tuple[str, ...] = ()
    account: AccountName | None = None
    item: Item | None = None

    @classmethod
    def of(cls, export: Export) -> "Profile":
        file = next(iter(export.find(lambda name: _PROFILE.search(name) is not None)), None)
        if file is None:
            return cls()
        raw = export.head(file, SMALL)
        try:
            user = tables(object_of(raw), "profile_user")[0]
            told = table(user, "string_map_data")
            handle, full, words, site = (
                said(table(told, key), "value") for key in ("Username", "Name", "Bio", "Website")
            )
            if not handle:
                return cls((file,), None, _nameless(told, raw, file))
            url = f"https://www.instagram.com/{handle}/"
            described = Capture(
                native_id="profile",
                kind="profile",
                raw=raw,
                text="\n\n".join(filter(None, (words, site))),
                author_name=full,
                author_handle=handle,
                url=url,
                source_file=file,
            )
            return cls((file,), AccountName(handle, full, url), described)
        except SourceError as error:
            return cls((file,), None, Rejected(str(error), raw, file))
        except UNREADABLE as error:
            return cls((file,), None, Rejected(reason_of(error), raw, file))


def _nameless(told: Mapping[str, Any], raw: bytes, file: str) -> Capture:
    """A profile whose entries are named in another language: all of them, none as a handle."""
    said_of_it = (said(table(told, key), "value") for key in told)
    return Capture(
        native_id="profile",
        kind="profile",
        raw=raw,
        text="\n".join(filter(None, said_of_it)),
        source_file=file,
    )


def _lists_in(export: Export) -> Iterator[tuple[_ListOf, Listing]]:
    names = [name for name in export.names if name.endswith(".json")]
    for sort in _LISTS:
        for name in in_order(filter(sort.path.search, names)):
            at = listing(export, name, sort.keys)
            if at is not None and (at.key or _is_ours(export, name, sort)):
                yield sort, at


def _is_ours(export: Export, name: str, sort: _ListOf) -> bool:
    """A list without a name is known by what its first items hold, or by its folder."""
    head = export.head(name)
    if sort.kind == "comment":
        return b'"string_map_data"' in head or b'"string_list_data"' in head
    if b'"creation_timestamp"' in head:
        return b'"media"' in head
    return _OWN_FOLDER in name and b"{" not in head


def _conversations(export: Export) -> list[str]:
    return in_order(name for name in export.names if is_messages(export, name))


def _items(
    export: Export,
    profile: Profile,
    lists: list[tuple[_ListOf, Listing]],
    conversations: list[str],
    account: AccountName,
) -> Iterator[Item]:
    if profile.item is not None:
        yield profile.item
    if export.find_file("threads_and_replies.json") is not None:
        yield Remark("it also holds posts of Threads: ingest it again with --source threads")
    places = Places()
    for of, at in lists:
        maker = _Maker(export, of, at.file, account, places)
        yield from each(pieces(export, at), at.file, maker.make)
    for file in conversations:
        yield from messages(export, file, places, account)


class _Maker:
    """Makes the captures of one list."""

    def __init__(
        self, export: Export, of: _ListOf, file: str, account: AccountName, places: Places
    ) -> None:
        self._export, self._of, self._file = export, of, file
        self._account, self._places = account, places

    def make(self, item: Any, raw: bytes) -> Capture:
        if self._of.kind == "comment":
            return self._comment(item, raw)
        stamp = stamp_of(item)
        deleted = self._of.state == "removed"
        return post_of(
            item,
            raw,
            self._export,
            self._file,
            stamp,
            kind="post",
            native_id=self._places.key(self._of.what, stamp),
            author_name=self._account.name or self._account.handle,
            author_handle=self._account.handle,
            state=self._of.state,
            status=self._of.what if self._of.what == "archived-post" else "",
            removed_by="author" if deleted else "",
        )

    def _comment(self, item: Mapping[str, Any], raw: bytes) -> Capture:
        words, owner, stamp = _comment_of(item)
        posted = from_seconds(stamp)
        if posted is None:
            raise ValueError("it has no timestamp")
        return Capture(
            native_id=self._places.key(self._of.what, stamp),
            kind="comment",
            raw=raw,
            text=words,
            title=owner,
            author_name=self._account.name or self._account.handle,
            author_handle=self._account.handle,
            occurred_at=posted,
            attachments=tuple(
                medium(one, "media", self._export, self._file)
                for one in tables(item, "media_list_data")
                if text(one, "uri")
            ),
            source_file=self._file,
        )


def _comment_of(item: Mapping[str, Any]) -> tuple[str, str, int | None]:
    """The words of a comment, whose post it is on, and when it was made."""
    listed = tables(item, "string_list_data")
    if listed:
        return said(listed[0], "value"), said(item, "title"), number(listed[0], "timestamp")
    entries = {key: table(item["string_map_data"], key) for key in item["string_map_data"]}
    stamps = [number(one, "timestamp") for one in entries.values() if "timestamp" in one]
    owners = [said(one, "value") for key, one in entries.items() if key in _OWNER]
    words = [said(entries[key], "value") for key in ("Comment",) if key in entries]
    others = [
        said(one, "value")
        for key, one in entries.items()
        if "value" in one and key not in (*_OWNER, "Comment") and "timestamp" not in one
    ]
    if not words and others:
        words.append(others.pop(0))
    if not owners and others:
        owners.append(others.pop(0))
    return "".join(words[:1]), "".join(owners[:1]), next(iter(stamps), None)


def stamp_of(item: Mapping[str, Any]) -> int:
    """When a post of Instagram or Threads was made: its own time, else that of its first medium."""
    stamp = number(item, "creation_timestamp")
    if not stamp:
        stamps = (number(one, "creation_timestamp") for one in tables(item, "media"))
        stamp = next((one for one in stamps if one), None)
    if stamp is None or from_seconds(stamp) is None:
        raise ValueError("it has no creation_timestamp")
    return stamp


def post_of(
    item: Mapping[str, Any], raw: bytes, export: Export, file: str, stamp: int, **own: Any
) -> Capture:
    """A post of Instagram or Threads as its media give it; key, kind and author are its `own`."""
    media = tables(item, "media") if "media" in item else [item]
    caption = said(item, "title") or (said(media[0], "title") if media else "")
    return Capture(
        raw=raw,
        text=caption,
        occurred_at=from_seconds(stamp),
        location=next(filter(None, map(place_of, media)), ""),
        attachments=tuple(_medium(one, caption, export, file) for one in media if text(one, "uri")),
        source_file=file,
        **own,
    )


def _medium(of: Mapping[str, Any], caption: str, export: Export, file: str) -> Attachment:
    """A picture or film; its own title, where that is not the caption, stands as its text."""
    title, uri = said(of, "title"), text(of, "uri")
    return Attachment(
        name=uri.rpartition("/")[2],
        type="media",
        alt=title if title != caption else said(of, "description"),
        url=uri,
        member=member(export, file, uri),
    )
