"""The download that Facebook lets an account or a Page make, as JSON.

Read are posts, posts of others on the timeline (their author stands only in the localised title),
posts and comments in groups, stories, check-ins, posts on other Pages, texts that were replaced by
an edit, photos and videos with the comments under them, comments, direct messages, the profile.

Facebook writes the bytes of UTF-8 as if they were Latin-1 characters; a text is repaired when the
whole of it turns back into UTF-8, and stays as it is when it does not.

There are no ids but in newer lists, whose items have an ``fbid``. Else an item's key is
``what:timestamp:place``: what it is, when it was made (seconds since 1970), and its place, counted
from 0, among the items of that sort made in the same second, in the order of the file. It stays
the same under an edit; when one of several items of the same second goes, those after it move up.
A replaced text's key begins with ``edit``, as its ``fbid`` is that of the post. Comments under a
picture or film have the key ``photo-comment:file:timestamp:place``, the same wherever a download
shows the picture, and their bytes are left out of those of the post or photo.

`update_timestamp` later than the post is an edit. What a post shares of others (`external_context`)
is in `shared`. Nothing is said about removals, and of a comment's post only the localised title.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from archive import SourceError
from ingest._capture import AccountName, Capture, Kind, Rejected, Told
from ingest._export import Export
from ingest._json import object_of
from ingest._places import Places
from ingest._shapes import table, tables, text
from ingest._source import UNREADABLE, Item, Source, each, reason_of, whose
from ingest.readers._facebook_items import Maker
from ingest.readers._facebook_lists import Found, lists_in
from ingest.readers._meta import SMALL, in_order, is_html, pieces, said
from ingest.readers._meta_messages import is_messages, messages

_PROFILE = "profile_information/profile_information.json"


class FacebookDownload:
    """Reads a Facebook download in JSON: zip or folder, or one of its files."""

    name = "facebook"
    version = 2

    def sniff(self, export: Export) -> bool:
        if any(True for _ in lists_in(export)):
            return True
        if any(_is_ours(export, name) for name in export.names):
            return True
        return is_html(export, "your_facebook_activity/")

    def frame(self, source_file: str) -> None:
        """None: the keys are places."""

    def read(self, export: Export, told: Told) -> Source:
        lists = list(lists_in(export))
        conversations = _conversations(export)
        if not lists and not conversations:
            raise SourceError(
                f"{export.path.name} holds neither posts nor comments nor messages in JSON",
                hint="ask Facebook for the download in JSON, not in HTML",
            )
        profile = _Profile.of(export)
        known = whose(told, profile.account)
        kinds: set[Kind] = {one.of.kind for one in lists if one.of.complete}
        kinds.update(("message",) if conversations else ())
        files = (*profile.files, *(one.at.file for one in lists), *conversations)
        items = _items(export, profile, lists, conversations, known)
        return Source("facebook", known, frozenset(kinds), files, items)


def _conversations(export: Export) -> list[str]:
    return in_order(name for name in export.names if _is_ours(export, name))


def _is_ours(export: Export, name: str) -> bool:
    """Whether a file holds a conversation, and not one of Instagram's."""
    return is_messages(export, name) and "your_instagram_activity/" not in name


@dataclass(frozen=True, slots=True)
class _Profile:
    """What an export says about the account: its name, and the item of its profile."""

    files: tuple[str, ...] = ()
    account: AccountName | None = None
    item: Item | None = None

    @classmethod
    def of(cls, export: Export) -> "_Profile":
        file = export.find_file(_PROFILE)
        if file is None:
            return cls()
        raw = export.head(file, SMALL)
        try:
            found = object_of(raw)
            profile = table(found, "profile_v2") or table(found, "profile")
            full = said(table(profile, "name"), "full_name") or said(profile, "name")
            url = text(profile, "profile_uri")
            handle = said(profile, "username") or url.rstrip("/").rpartition("/")[2] or full
            if not handle:
                raise ValueError("the profile has no name")
            described = Capture(
                native_id="profile",
                kind="profile",
                raw=raw,
                text="\n\n".join(_description(profile)),
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


def _description(profile: Mapping[str, Any]) -> Iterator[str]:
    for key in ("intro_bio", "bio", "about_me", "about", "description"):
        words = said(profile, key) or said(table(profile, key), "text")
        words = words or said(table(profile, key), "name")
        if words:
            yield words
    for site in tables(profile, "websites"):
        if text(site, "address"):
            yield said(site, "address")


def _items(
    export: Export,
    profile: _Profile,
    lists: list[Found],
    conversations: list[str],
    account: AccountName,
) -> Iterator[Item]:
    if profile.item is not None:
        yield profile.item
    places = Places()
    for one in lists:
        maker = Maker(export, one, account, places)
        for piece in pieces(export, one.at):
            if b'"comments"' in piece.raw and not piece.error:
                yield from maker.with_comments(piece)
            else:
                yield from each((piece,), one.at.file, maker.make)
    for file in conversations:
        yield from messages(export, file, places, account)
