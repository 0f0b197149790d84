"""What the readers of ActivityStreams 2.0 share: notes, shares, actors.

The vocabulary is that of w3.org/TR/activitystreams-core and what Mastodon adds to it
(docs.joinmastodon.org/spec/activitypub).

A note's id is the note's own URI, a share's that of its activity. Notes that answer another are
comments, notes addressed to named people only are messages. The number in a Mastodon id carries
the time at which it was given out.
"""

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
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
from ingest._ids import disagreement, mastodon_time
from ingest._shapes import number, table, tables, text, texts
from ingest._times import from_iso

_PUBLIC = frozenset(("https://www.w3.org/ns/activitystreams#Public", "as:Public", "Public"))
_STATUS = re.compile(r"/statuses/(\d+)(?:/activity)?$")
_NAMED = re.compile(r"/(?:users/|@|u/|c/|profile/|accounts/)([^/]+)$")
NOTES = frozenset(
    ("Note", "Article", "Question", "Page", "Event", "Image", "Video", "Audio", "Document")
)
ACTORS = frozenset(("Person", "Organization", "Service", "Group", "Application"))
BESIDE = frozenset(
    (
        *("@context", "id", "type", "totalItems", "first", "last", "next", "prev", "current"),
        *("partOf", "startIndex", "name", "summary", "attributedTo", "published", "updated"),
    )
)
"""What stands beside the items of a collection."""

Member = Callable[[str], str]
"""Where in the export the file of an attachment's address stands; "" when it holds none."""


def note(
    activity: Mapping[str, Any],
    of: Mapping[str, Any],
    raw: bytes,
    author: AccountName,
    file: str,
    member: Member = lambda _: "",
) -> Capture:
    """The capture of a note `of` an activity; ValueError when it has no id."""
    parent, native_id = _one(of, "inReplyTo"), own_id(of)
    visibility = visibility_of(of if "to" in of or "cc" in of else activity)
    kind: Kind = "message" if visibility == "direct" else "comment" if parent else "post"
    languages = table(of, "contentMap")
    published = from_iso(of.get("published")) or from_iso(activity.get("published"))
    return Capture(
        native_id=native_id,
        kind=kind,
        raw=raw,
        text=content_of(of),
        title=text(of, "name") or text(of, "summary"),
        author_name=author.name,
        author_handle=author.handle,
        url=link_of(of),
        parent=parent,
        thread=text(of, "conversation") or text(of, "context"),
        occurred_at=published,
        edited_at=from_iso(of.get("updated")),
        language=next(iter(languages), ""),
        visibility=visibility,
        attachments=tuple(_attachment(one, member) for one in tables(of, "attachment")),
        source_file=file,
        shared=_quoted(of),
        poll=poll_of(of),
        location=text(table(of, "location"), "name"),
        reactions=_counts(of),
        notes=disagreement(status_time(native_id), published),
    )


def share(activity: Mapping[str, Any], raw: bytes, author: AccountName, file: str) -> Capture:
    """The capture of an ``Announce``: the words, where it holds them, are the other author's."""
    of, theirs = table(activity, "object"), activity.get("object")
    native_id, published = own_id(activity), from_iso(activity.get("published"))
    address = theirs if isinstance(theirs, str) else text(of, "id")
    if not address:
        raise ValueError("it does not say what it shares")
    whose = actor_of(of, "attributedTo")
    return Capture(
        native_id=native_id,
        kind="share",
        raw=raw,
        author_name=author.name,
        author_handle=author.handle,
        url=native_id,
        parent=address,
        occurred_at=published,
        visibility=visibility_of(activity),
        source_file=file,
        shared=Shared(
            text=content_of(of),
            author_name=whose.name,
            author_handle=whose.handle,
            url=link_of(of) or address,
            native_id=address,
            occurred_at=from_iso(of.get("published")),
        ),
        notes=disagreement(status_time(native_id), published),
    )


def profile(
    actor: Mapping[str, Any],
    raw: bytes,
    account: AccountName,
    file: str,
    member: Member = lambda _: "",
) -> Capture:
    """The account's own page: its description, and below it the rows that the page shows."""
    rows = (
        f"{text(one, 'name')}: {to_text(text(one, 'value'))}"
        for one in tables(actor, "attachment")
        if text(one, "type") == "PropertyValue"
    )
    pictures = (one for key in ("icon", "image") for one in tables(actor, key))
    shown = (to_text(text(actor, "summary")), "\n".join(rows))
    return Capture(
        native_id="profile",
        kind="profile",
        raw=raw,
        text="\n\n".join(one for one in shown if one),
        title=text(actor, "name"),
        author_name=account.name,
        author_handle=account.handle,
        url=link_of(actor),
        occurred_at=from_iso(actor.get("published")),
        edited_at=from_iso(actor.get("updated")),
        visibility="public",
        attachments=tuple(_attachment(one, member) for one in pictures),
        source_file=file,
    )


def actor_of(of: Mapping[str, Any], key: str = "actor") -> AccountName:
    """The actor under `key`, an object or an address; its handle is "" when there is none."""
    found = next(iter(tables(of, key)), {})
    address = text(found, "id") or _one(of, key)
    handle = text(found, "preferredUsername")
    host = urlsplit(address).netloc
    named = AccountName(f"{handle}@{host}".rstrip("@")) if handle else account_at(address)
    return AccountName(named.handle, text(found, "name"), link_of(found) or address)


def account_at(address: str) -> AccountName:
    """The account of an actor's address: name@host where it shows the name, else the address."""
    parts = urlsplit(address)
    match = _NAMED.search(parts.path.rstrip("/"))
    if match and parts.netloc and not match[1].isdigit():
        return AccountName(f"{match[1]}@{parts.netloc}", url=address)
    return AccountName(address, url=address)


def own_id(of: Mapping[str, Any]) -> str:
    """The id of an object; ValueError when it has none."""
    found = text(of, "id")
    if not found:
        raise ValueError("it has no id")
    return found


def content_of(of: Mapping[str, Any]) -> str:
    """What a note says, as text."""
    content = text(of, "content")
    if not content:
        content = next(iter(map(str, table(of, "contentMap").values())), "")
    return to_text(content)


def visibility_of(addressed: Mapping[str, Any]) -> Visibility:
    """Who may see what is addressed to ``to`` and ``cc``."""
    to, copied = texts(addressed, "to"), texts(addressed, "cc")
    if not _PUBLIC.isdisjoint(to):
        return "public"
    if not _PUBLIC.isdisjoint(copied):
        return "unlisted"
    if any(one.endswith("/followers") for one in (*to, *copied)):
        return "followers"
    return "direct" if to or copied else "unknown"


def poll_of(of: Mapping[str, Any]) -> tuple[PollOption, ...]:
    """The answers of a ``Question``, with the votes where they are given."""
    options = (*tables(of, "oneOf"), *tables(of, "anyOf"))
    return tuple(
        PollOption(text(one, "name"), number(table(one, "replies"), "totalItems"))
        for one in options
    )


def link_of(of: Mapping[str, Any]) -> str:
    """The address of the page of an object: a text, a link, or the first of a list of them."""
    plain = _one(of, "url")
    return plain or next((text(one, "href") for one in tables(of, "url")), "")


def status_time(address: str) -> datetime | None:
    """When the server gave out a Mastodon status id; None for other addresses."""
    match = _STATUS.search(address)
    return mastodon_time(match[1]) if match else None


def _one(of: Mapping[str, Any], key: str) -> str:
    found = texts(of, key)
    return found[0] if found else text(table(of, key), "id")


def _quoted(of: Mapping[str, Any]) -> Shared | None:
    for key in ("quote", "quoteUri", "quoteUrl", "_misskey_quote"):
        if address := _one(of, key):
            return Shared(url=address, native_id=address)
    return None


def _counts(of: Mapping[str, Any]) -> tuple[tuple[str, int], ...]:
    found = ((key, number(table(of, key), "totalItems")) for key in ("likes", "shares"))
    return tuple((key, count) for key, count in found if count is not None)


def _attachment(one: Mapping[str, Any], member: Member) -> Attachment:
    url = link_of(one) or text(one, "href")
    return Attachment(
        name=url.rpartition("/")[2],
        type=text(one, "mediaType"),
        alt=text(one, "name") or text(one, "summary"),
        url=url,
        member=member(url),
        link=text(one, "type") == "Link",
    )
