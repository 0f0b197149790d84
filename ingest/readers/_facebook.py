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
A replaced text's key begins with ``edit``, as its ``fbid`` is that of the post.

`update_timestamp` later than the post is an edit. What a post shares of others (`external_context`)
is in `shared`. Nothing is said about removals, and of a comment's post only the localised title.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from archive import SourceError
from ingest._capture import (
    AccountName,
    Attachment,
    Capture,
    Kind,
    PollOption,
    Rejected,
    Shared,
    Told,
)
from ingest._export import Export
from ingest._inner import inner_items
from ingest._json import object_of
from ingest._places import Places
from ingest._shapes import number, table, tables, text
from ingest._source import UNREADABLE, Item, Source, each, reason_of, whose
from ingest._times import from_seconds
from ingest.readers._facebook_lists import Found, ListOf, lists_in
from ingest.readers._meta import (
    SMALL,
    coordinates,
    in_order,
    labelled,
    medium,
    pieces,
    place_of,
    said,
)
from ingest.readers._meta_messages import is_messages, messages

_PROFILE = "profile_information/profile_information.json"
_NOT_POSTS = ("album-photo", "photo", "video")


class FacebookDownload:
    """Reads a Facebook download in JSON: zip or folder, or one of its files."""

    name = "facebook"
    version = 2

    def sniff(self, export: Export) -> bool:
        if any(True for _ in lists_in(export)):
            return True
        return any(_is_ours(export, name) for name in export.names)

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
        maker = _Maker(export, one, account, places)
        for item in each(pieces(export, one.at), one.at.file, maker.make):
            yield item
            if isinstance(item, Capture) and b'"comments"' in item.raw:
                yield from maker.comments_under(item)
    for file in conversations:
        yield from messages(export, file, places, account)


class _Maker:
    """Makes the captures of one list."""

    def __init__(self, export: Export, found: Found, account: AccountName, places: Places) -> None:
        self._export = export
        self._of: ListOf = found.of
        self._file = found.at.file
        self._account = account
        self._places = places

    def make(self, item: Any, raw: bytes) -> Capture:
        if "label_values" in item:
            capture = self._labelled(item, raw)
        elif self._of.what in _NOT_POSTS:
            capture = self._photo(item, raw)
        elif self._of.kind == "comment":
            capture = self._comment(item, raw)
        else:
            capture = self._post(item, raw)
        return capture

    def comments_under(self, photo: Capture) -> Iterator[Item]:
        """The comments that stand inside a photo or video."""
        if self._of.what not in _NOT_POSTS:
            return

        def make(item: Any, raw: bytes) -> Capture:
            stamp, posted = _when(item.get("timestamp"))
            under = self._places.take("under", photo.native_id, stamp)
            return replace(
                self._said_by(item),
                native_id=f"{photo.native_id}/comment:{stamp}:{under}",
                raw=raw,
                parent=photo.native_id,
                thread=photo.native_id,
                occurred_at=posted,
            )

        yield from each(inner_items(photo.raw, "comments"), self._file, make)

    def _post(self, item: Mapping[str, Any], raw: bytes) -> Capture:
        stamp, posted = _when(item.get("timestamp"))
        rows = tables(item, "data")
        hanging = [one for group in tables(item, "attachments") for one in tables(group, "data")]
        words = [said(row, "post") for row in rows if "post" in row]
        mine = not self._of.others
        return Capture(
            native_id=self._places.key(self._of.what, stamp),
            kind="post",
            raw=raw,
            text="\n\n".join(filter(None, words)),
            title=said(item, "title"),
            author_name=(self._account.name or self._account.handle) if mine else "",
            author_handle=self._account.handle if mine else "",
            occurred_at=posted,
            edited_at=_edited(rows, posted),
            state="pending" if self._of.pending else "live",
            source_file=self._file,
            notes=_backdated(rows),
            **self._hanging(hanging),
        )

    def _comment(self, item: Mapping[str, Any], raw: bytes) -> Capture:
        stamp, posted = _when(item.get("timestamp"))
        rows = tables(item, "data")
        said_in = (table(row, "comment") for row in rows)
        comment: Mapping[str, Any] = next(filter(None, said_in), {})
        hanging = [one for group in tables(item, "attachments") for one in tables(group, "data")]
        return replace(
            self._said_by(comment),
            native_id=self._places.key(self._of.what, stamp),
            raw=raw,
            title=said(item, "title"),
            occurred_at=posted,
            edited_at=_edited(rows, posted),
            **self._hanging(hanging),
        )

    def _said_by(self, comment: Mapping[str, Any]) -> Capture:
        """A comment's words and author; the rest of the capture is still to be filled in."""
        author = said(comment, "author")
        mine = bool(author) and author == self._account.name
        return Capture(
            native_id="",
            kind="comment",
            raw=b"",
            text=said(comment, "comment"),
            author_name=author,
            author_handle=self._account.handle if mine else "",
            url=text(comment, "url"),
            source_file=self._file,
        )

    def _photo(self, item: Mapping[str, Any], raw: bytes) -> Capture:
        stamp, posted = _when(item.get("creation_timestamp"))
        words = said(item, "description")
        picture = replace(medium(item, "media", self._export, self._file), alt="")
        return Capture(
            native_id=self._places.key(self._of.what, stamp),
            kind="post",
            raw=raw,
            text=words,
            title=said(item, "title"),
            author_name=self._account.name or self._account.handle,
            author_handle=self._account.handle,
            occurred_at=posted,
            location=place_of(item),
            attachments=(picture,),
            source_file=self._file,
        )

    def _labelled(self, item: Mapping[str, Any], raw: bytes) -> Capture:
        stamp, posted = _when(item.get("timestamp"))
        labels = dict(labelled(item))
        words = next((said(labels[one], "value") for one in _WORDS if one in labels), None)
        if words is None:
            found = ((label, said(one, "value")) for label, one in labelled(item))
            words = "\n".join(f"{label}: {value}" for label, value in found if value)
        edited = from_seconds(number(labels.get("Last modified", {}), "timestamp_value"))
        native_id, own = text(item, "fbid"), self._of.what != "edit"
        media = [
            *tables(item, "media"),
            *(m for one in labels.values() for m in tables(one, "media")),
        ]
        where = (said(labels[one], "value") for one in _WHERE if one in labels)
        links = (text(one, "href") for one in labels.values())
        return Capture(
            native_id=native_id if native_id and own else self._places.key(self._of.what, stamp),
            kind=self._of.kind,
            raw=raw,
            text=words,
            title=said(item, "title"),
            author_name=self._account.name or self._account.handle,
            author_handle=self._account.handle,
            thread="" if own else native_id,
            occurred_at=posted,
            edited_at=edited if edited is not None and edited > posted else None,
            location=", ".join(filter(None, where)),
            status="" if own else "a text that an edit replaced or made",
            attachments=(
                *(medium(one, "media", self._export, self._file) for one in media),
                *(Attachment(type="link", url=url, link=True) for url in links if url),
            ),
            source_file=self._file,
        )

    def _hanging(self, hanging: list[Mapping[str, Any]]) -> dict[str, Any]:
        """What hangs on a post or comment, as fields of its capture."""
        attachments: list[Attachment] = []
        shared: Shared | None = None
        where: list[str] = []
        poll: tuple[PollOption, ...] = ()
        for one in hanging:
            for kind, value in one.items():
                if isinstance(value, str):
                    attachments.append(Attachment(name=said(one, kind), type=kind, link=True))
                elif not isinstance(value, dict):
                    continue
                elif kind == "place":
                    where.append(_place(value))
                elif kind == "poll":
                    attachments.append(
                        Attachment(name=said(value, "question"), type=kind, link=True)
                    )
                    poll = tuple(PollOption(said(o, "option")) for o in tables(value, "options"))
                elif text(value, "uri"):
                    attachments.append(medium(value, kind, self._export, self._file))
                else:
                    found = _elsewhere(kind, value)
                    attachments.append(found)
                    where.append(_place(table(value, "place")))
                    if kind == "external_context" and shared is None:
                        shared = Shared(text=found.name, url=found.url)
        places = dict.fromkeys(filter(None, where))
        return {
            "attachments": tuple(attachments),
            "shared": shared,
            "location": "; ".join(places),
            "poll": poll,
        }


_WORDS = ("Message", "Text", "Comment")
_WHERE = ("Place name", "Name", "Address", "Coordinates")


def _when(stamp: object) -> tuple[int, datetime]:
    moment = from_seconds(stamp)
    if not isinstance(stamp, int) or moment is None:
        raise ValueError("it has no timestamp")
    return stamp, moment


def _edited(rows: list[Mapping[str, Any]], posted: datetime) -> datetime | None:
    changed = [from_seconds(row["update_timestamp"]) for row in rows if "update_timestamp" in row]
    edited = max((moment for moment in changed if moment is not None), default=None)
    return edited if edited is not None and edited > posted else None


def _backdated(rows: list[Mapping[str, Any]]) -> tuple[str, ...]:
    stamps = (from_seconds(row.get("backdated_timestamp")) for row in rows)
    return tuple(f"its author dated it back to {one:%Y-%m-%dT%H:%M:%SZ}" for one in stamps if one)


def _elsewhere(kind: str, value: Mapping[str, Any]) -> Attachment:
    """A link, an event, a thing for sale: what has no bytes in the export."""
    return Attachment(
        name=said(value, "title") or said(value, "name"),
        type=kind,
        alt=said(value, "description") or said(value, "text"),
        url=text(value, "url"),
        link=True,
    )


def _place(value: Mapping[str, Any]) -> str:
    """A place by its name and address, else by where it is."""
    named = ", ".join(filter(None, (said(value, "name"), said(value, "address"))))
    return named or coordinates(table(value, "coordinate"))
