"""A Mastodon server's own form of statuses and accounts (docs.joinmastodon.org/entities).

A status's key is its ``uri``, as in a Mastodon archive. What it answers, its history and its
deletion name it by its number on that server alone: `Statuses` remembers whose number is whose.
"""

from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from ingest._capture import (
    AccountName,
    Attachment,
    Capture,
    Kind,
    PollOption,
    Shared,
    Visibility,
)
from ingest._html import to_text
from ingest._ids import disagreement
from ingest._shapes import name_or_number, number, table, tables, text
from ingest._times import from_iso
from ingest.readers._activities import status_time

_SEEN = 20_000
_VISIBILITY: Mapping[str, Visibility] = {
    "public": "public",
    "unlisted": "unlisted",
    "private": "followers",
    "limited": "followers",
    "direct": "direct",
}
_COUNTS = tuple((one, f"{one}_count") for one in ("replies", "reblogs", "favourites", "quotes"))


class Met(NamedTuple):
    """What is remembered of a status: all that its history does not say again."""

    native_id: str
    kind: Kind
    author: AccountName
    url: str
    parent: str
    occurred_at: datetime | None
    language: str
    visibility: Visibility
    shared: Shared | None


class Statuses:
    """The statuses of one source, by their numbers: the last twenty thousand of them, or `most`."""

    def __init__(self, most: int = _SEEN) -> None:
        self._most = most
        self._seen: dict[str, Met] = {}
        self._same = lru_cache(maxsize=1024)(lambda author: author)
        """An author as they were met before: thousands of statuses have few of them."""

    def capture(self, of: Mapping[str, Any], raw: bytes, file: str) -> Capture:
        """The capture of a status; ValueError when it has no uri."""
        native_id = text(of, "uri")
        if not native_id:
            raise ValueError("it has no uri")
        made, visibility = from_iso(of.get("created_at")), _VISIBILITY.get(text(of, "visibility"))
        parent = self._parent(of)
        theirs = table(of, "reblog")
        author = author_of(table(of, "account"))
        kind: Kind = "comment" if parent else "post"
        found = Capture(
            native_id=native_id,
            kind="share" if theirs else "message" if visibility == "direct" else kind,
            raw=raw,
            text="" if theirs else content_of(of),
            title="" if theirs else text(of, "spoiler_text"),
            author_name=author.name,
            author_handle=author.handle,
            url=text(of, "url"),
            parent=text(theirs, "uri") if theirs else parent,
            occurred_at=made,
            edited_at=from_iso(of.get("edited_at")),
            language=text(of, "language"),
            visibility=visibility or "unknown",
            attachments=() if theirs else _attachments(of),
            source_file=file,
            shared=_shared(theirs or table(table(of, "quote"), "quoted_status")),
            poll=() if theirs else _poll(of),
            reactions=_counts(of),
            notes=disagreement(status_time(native_id), made),
        )
        self._remember(name_or_number(of, "id"), found, author)
        return found

    def version(
        self, of: Mapping[str, Any], raw: bytes, file: str, key: str, first: Mapping[str, Any]
    ) -> Capture:
        """One version in the history of the status of a number, `first` being its first one.

        `key` is the number, behind a space the server's address where it is known. ValueError when
        nothing says which status that is.
        """
        status, _, origin = key.partition(" ")
        account = table(of, "account")
        met = self._seen.get(status) or Met(
            native_id=_uri(status, account, origin),
            kind="post",
            author=author_of(account),
            url="",
            parent="",
            occurred_at=from_iso(first.get("created_at")),
            language="",
            visibility="unknown",
            shared=None,
        )
        return Capture(
            native_id=met.native_id,
            kind=met.kind,
            raw=raw,
            text=content_of(of),
            title=text(of, "spoiler_text"),
            author_name=met.author.name,
            author_handle=met.author.handle,
            url=met.url,
            parent=met.parent,
            occurred_at=met.occurred_at,
            edited_at=None if of is first else from_iso(of.get("created_at")),
            language=met.language,
            visibility=met.visibility,
            attachments=_attachments(of),
            source_file=file,
            shared=met.shared,
            poll=_poll(of),
        )

    def known(self, status: str) -> Met | None:
        """The status of a number; None when it was not met."""
        return self._seen.get(status)

    def _parent(self, of: Mapping[str, Any]) -> str:
        status = name_or_number(of, "in_reply_to_id")
        if not status:
            return ""
        if met := self._seen.get(status):
            return met.native_id
        account = table(of, "account")
        own = name_or_number(of, "in_reply_to_account_id") == name_or_number(account, "id")
        return _local_uri(status, account) if own and _is_local(account) else status

    def _remember(self, status: str, found: Capture, author: AccountName) -> None:
        if not status:
            return
        self._seen.pop(status, None)
        self._seen[status] = Met(
            found.native_id,
            found.kind,
            self._same(author),
            found.url,
            found.parent,
            found.occurred_at,
            found.language,
            found.visibility,
            found.shared,
        )
        if len(self._seen) > self._most:
            del self._seen[next(iter(self._seen))]


def author_of(account: Mapping[str, Any]) -> AccountName:
    """An account as name@server; its server is that of its address where it does not say."""
    handle = text(account, "acct")
    if "@" not in handle:
        host = urlsplit(text(account, "uri") or text(account, "url")).netloc
        handle = f"{handle}@{host}" if host else handle
    return AccountName(handle, text(account, "display_name"), text(account, "url"))


def profile_of(account: Mapping[str, Any], raw: bytes, file: str) -> Capture:
    """The account's own page: its description and the rows below it."""
    author = author_of(account)
    rows = (
        f"{text(one, 'name')}: {to_text(text(one, 'value'))}" for one in tables(account, "fields")
    )
    shown = (to_text(text(account, "note")), "\n".join(rows))
    return Capture(
        native_id="profile",
        kind="profile",
        raw=raw,
        text="\n\n".join(one for one in shown if one),
        title=text(account, "display_name"),
        author_name=author.name,
        author_handle=author.handle,
        url=text(account, "url"),
        occurred_at=from_iso(account.get("created_at")),
        visibility="public",
        attachments=tuple(
            Attachment(name=text(account, key).rpartition("/")[2], url=text(account, key))
            for key in ("avatar", "header")
            if text(account, key)
        ),
        source_file=file,
    )


def content_of(of: Mapping[str, Any]) -> str:
    """What a status says; the text as it was typed where only that is given."""
    return to_text(text(of, "content")) if "content" in of else text(of, "text")


def _uri(status: str, account: Mapping[str, Any], origin: str) -> str:
    if _is_local(account) and origin in ("", _origin(text(account, "uri"))):
        return _local_uri(status, account)
    if not origin or not status:
        raise ValueError("nothing says of which status this is a version")
    return f"{origin}/statuses/{status}"


def _is_local(account: Mapping[str, Any]) -> bool:
    return bool(text(account, "uri")) and "@" not in text(account, "acct")


def _local_uri(status: str, account: Mapping[str, Any]) -> str:
    return f"{text(account, 'uri')}/statuses/{status}"


def _origin(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"


def _shared(of: Mapping[str, Any]) -> Shared | None:
    if not text(of, "uri"):
        return None
    author = author_of(table(of, "account"))
    return Shared(
        text=content_of(of),
        author_name=author.name,
        author_handle=author.handle,
        url=text(of, "url"),
        native_id=text(of, "uri"),
        occurred_at=from_iso(of.get("created_at")),
    )


def _attachments(of: Mapping[str, Any]) -> tuple[Attachment, ...]:
    if not of.get("media_attachments") and not of.get("card"):
        return ()
    media = tuple(
        Attachment(name=url.rpartition("/")[2], alt=text(one, "description"), url=url)
        for one in tables(of, "media_attachments")
        if (url := text(one, "url") or text(one, "remote_url"))
    )
    card = table(of, "card")
    if not text(card, "url"):
        return media
    link = Attachment(
        name=text(card, "title"), alt=text(card, "description"), url=text(card, "url"), link=True
    )
    return (*media, link)


def _poll(of: Mapping[str, Any]) -> tuple[PollOption, ...]:
    if not of.get("poll"):
        return ()
    options = tables(table(of, "poll"), "options")
    return tuple(PollOption(text(one, "title"), number(one, "votes_count")) for one in options)


def _counts(of: Mapping[str, Any]) -> tuple[tuple[str, int], ...]:
    counts = [(name, number(of, member)) for name, member in _COUNTS]
    return tuple([(name, count) for name, count in counts if count is not None])
