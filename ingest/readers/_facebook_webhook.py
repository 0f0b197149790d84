"""What Facebook sent to the webhook of a Page: the bodies of its calls, one a line, or one a file.

Read are the changes of the field ``feed`` and the messages of ``messaging``; reactions, follows,
blocks, deliveries and the like are counted, not kept. `raw` is the whole body, for that is what
``X-Hub-Signature-256`` signs; several changes in one body share it.

An item is known by its ``comment_id`` or ``post_id``. ``created_time`` is when the event happened:
the item's own time only in an ``add``, the time of the edit, the hiding or the removal else. What
an event does not repeat is taken from the item's event before it in the same files. ``hide`` is a
removal that ``unhide`` takes back; ``remove`` says neither what was removed nor by whom. As bodies
come one by one, in live capture, what was known before stands in a `Known`.

Events come twice and out of order: `revision` is the event's verb and time. An event that comes
after a later one of its item is a version that came before; one that comes after its item's removal
brings nothing back; an ``add`` or hiding that is over by what is known is passed over.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from archive import SourceError
from ingest._boxes import CHUNK
from ingest._capture import (
    Attachment,
    Capture,
    Gone,
    Kind,
    Rejected,
    Remark,
    Shared,
    Told,
)
from ingest._export import Export
from ingest._json import Piece, array_items, piece_of
from ingest._lines import json_lines
from ingest._shapes import name_or_number, number, table, tables, text, texts
from ingest._source import UNREADABLE, Item, Source, reason_of, whose
from ingest._times import from_seconds
from ingest.readers._facebook_known import Known
from ingest.readers._facebook_page import PLATFORM, author_of, comment_key, expiries, page
from ingest.readers._meta import in_order

_SUFFIXES = (".jsonl", ".ndjson", ".json")
_ENTRY = re.compile(rb'"entry"\s*:\s*\[')
_TIME = re.compile(rb'"time"\s*:\s*(\d{10})(?:\d{3})?(?!\d)')
_POSTS = frozenset(
    ("status", "post", "photo", "video", "album", "link", "note", "event", "milestone", "story")
)
_PASSED_ITEMS = frozenset(("reaction", "like", "follow"))
_PASSED_VERBS = frozenset(("block", "unblock", "follow", "mute", "unmute"))
_EDITS = frozenset(("edited", "edit", "update"))
_VERBS = frozenset(("add", "hide", "unhide", *_EDITS))
_HIDING = frozenset(("hide", "unhide"))
_REMOVALS = frozenset(("remove", "delete"))
_LONGEST = 8 * 1024
_HEAD = 16 * 1024
_OVERLAP = 64


class FacebookWebhook:
    """Reads the bodies that were sent to a Page's webhook.

    With a `Known`, bodies one by one: events of other Pages than the one that is told, which a body
    may hold too, are passed over then.
    """

    name = "facebook-webhook"
    version = 2

    def __init__(self, known: Known | None = None) -> None:
        self._known = known

    def sniff(self, export: Export) -> bool:
        return any(_is_one(export, name) for name in export.names)

    def frame(self, source_file: str) -> tuple[bytes, bytes]:
        return b"", b"\n"

    def read(self, export: Export, told: Told) -> Source:
        files = _files(export)
        if not files:
            raise SourceError(f"{export.path.name} holds no webhook bodies of a Facebook Page")
        alone = self._known is not None
        number_of_page = told.handle if alone else _page_in(export, files[0])
        known = whose(told, page(number_of_page) if number_of_page else None)
        events = _Events(export, number_of_page, self._known or Known(), others=alone)
        items = events.items(files)
        return Source(PLATFORM, known, frozenset(), tuple(files), items, _last(export, files))


def _files(export: Export) -> list[str]:
    return in_order(name for name in export.names if _is_one(export, name))


def _is_one(export: Export, name: str) -> bool:
    if not name.endswith(_SUFFIXES):
        return False
    head = export.head(name, _HEAD)
    events = b'"changes"' in head or b'"messaging"' in head
    return b'"object"' in head and events and _ENTRY.search(head) is not None


def _bodies(export: Export, file: str) -> Iterator[Piece]:
    """The bodies of a file: one a line, the elements of a list, or the whole file."""
    limit = export.limits.item
    with export.open(file) as stream:
        if not file.endswith(".json"):
            yield from json_lines(stream, limit)
        elif export.head(file, 64).lstrip().startswith(b"["):
            yield from array_items(stream, limit=limit)
        else:
            yield piece_of(export.head(file, limit))


def _page_in(export: Export, file: str) -> str:
    """The number of the Page that the first readable body of a file is about; "" for none."""
    for piece in _bodies(export, file):
        if isinstance(piece.value, dict):
            for entry in tables(piece.value, "entry"):
                return name_or_number(entry, "id")
    return ""


def _last(export: Export, files: list[str]) -> datetime | None:
    """When the last event of all was sent: what a file shows is the state at that time."""
    newest = b""
    for file in files:
        tail = b""
        with export.open(file) as stream:
            while data := stream.read(CHUNK):
                found = (match.group(1) for match in _TIME.finditer(tail + data))
                newest = max(newest, *found, b"")
                tail = data[-_OVERLAP:]
    return from_seconds(newest.decode()) if newest else None


@dataclass(frozen=True, slots=True)
class _Event:
    """Something that happened to a post or comment, and what was said of it then."""

    key: str
    kind: Kind
    verb: str
    stamp: int
    at: datetime
    value: Mapping[str, Any]

    def applied_to(self, known: Capture, raw: bytes, file: str) -> Capture:
        """The item after this event; what the event does not say stays as it was known."""
        said = self._said(known)
        if self.verb in _EDITS:
            said["edited_at"] = self.at
        else:
            hidden = self.verb == "hide"
            said["state"] = "removed" if hidden else said.get("state", "live")
            said["status"] = "hidden" if hidden else ""
            said["removed_at"] = self.at if hidden else None
            said["as_of"] = self.at
        if self.verb == "add":
            said["occurred_at"] = self.at
        revision = f"{self.verb} {self.stamp}"
        return replace(known, raw=raw, source_file=file, revision=revision, **said)

    def _said(self, known: Capture) -> dict[str, Any]:
        """What the event says of the item, as fields of its capture."""
        value = self.value
        said: dict[str, Any] = {}
        name, handle = author_of(value)
        url = text(value, "permalink_url") or text(table(value, "post"), "permalink_url")
        told = {"author_name": name, "author_handle": handle, "url": url}
        if self.kind == "comment":
            told["parent"] = comment_key(name_or_number(value, "parent_id"))
            told["thread"] = name_or_number(value, "post_id")
        elif self.kind == "share" and text(value, "link"):
            said["shared"] = Shared(url=text(value, "link"))
        said.update((field, words) for field, words in told.items() if words)
        if "message" in value:
            said["text"] = text(value, "message")
        attachments = tuple(_attachments(value))
        if attachments:
            said["attachments"] = attachments
            said["notes"] = expiries(one.url for one in attachments if not one.link)
        if value.get("published", 1) not in (1, True):
            said["state"] = "pending"
        elif known.state == "pending":
            said["state"] = "live"
        return said


class _Events:
    """Makes items of events, and keeps what the events of the same item said before.

    `others` is whether events of other Pages may be among them.
    """

    def __init__(self, export: Export, of_page: str, known: Known, *, others: bool) -> None:
        self._export = export
        self._page = of_page
        self._known = known
        self._others = others
        self._passed: Counter[str] = Counter()

    def items(self, files: list[str]) -> Iterator[Item]:
        for file in files:
            for piece in _bodies(self._export, file):
                if piece.error:
                    yield Rejected(piece.error, piece.raw, file)
                else:
                    yield from self._body(piece.value, piece.raw, file)
        if self._passed:
            counted = ", ".join(f"{count} {name}" for name, count in sorted(self._passed.items()))
            yield Remark(f"events that are no content were passed over: {counted}")

    def _body(self, body: Any, raw: bytes, file: str) -> Iterator[Item]:
        try:
            events = list(_events(body))
            if not events:
                raise ValueError("it holds no events")
        except UNREADABLE as error:
            yield Rejected(reason_of(error), raw, file)
            return
        for of_page, event, is_message in events:
            try:
                if of_page != self._page and self._others:
                    self._passed["of another Page"] += 1
                    continue
                if of_page != self._page:
                    raise ValueError(f"it is of the Page {of_page}, not of {self._page}")
                make = self._message if is_message else self._change
                found = list(make(event, raw, file))
            except UNREADABLE as error:
                yield Rejected(reason_of(error), raw, file)
            else:
                yield from found

    def _change(self, change: Mapping[str, Any], raw: bytes, file: str) -> Iterator[Item]:
        if text(change, "field") != "feed":
            raise ValueError(f"changes of {text(change, 'field')!r} are not known")
        value = change["value"]
        item, verb = text(value, "item"), text(value, "verb")
        if item in _PASSED_ITEMS or verb in _PASSED_VERBS:
            self._passed[item or verb] += 1
            return
        kind = _kind(item)
        if kind == "comment":
            key = comment_key(name_or_number(value, "comment_id"))
        else:
            key = name_or_number(value, "post_id")
        stamp = number(value, "created_time")
        at = from_seconds(stamp)
        if not key:
            raise ValueError("it names neither a post nor a comment")
        if verb in _REMOVALS:
            self._known.remove(key, stamp or 0)
            yield Gone(key, kind, raw, removed_at=at, source_file=file)
            return
        if verb not in _VERBS:
            raise ValueError(f"the verb {verb!r} is not known")
        if stamp is None or at is None:
            raise ValueError("it has no created_time")
        yield from self._versions(_Event(key, kind, verb, stamp, at, value), raw, file)

    def _versions(self, event: "_Event", raw: bytes, file: str) -> Iterator[Capture]:
        """What an event makes of its item: one version, or two where its place was earlier."""
        last, known = self._known.get(event.key)
        late = event.stamp < last
        added = event.verb == "add" and known is not None and known.occurred_at is not None
        if late and (added or event.verb in _HIDING):
            self._passed[f"late {event.verb}"] += 1
            return
        if late or known is None:
            made = event.applied_to(
                Capture(event.key, event.kind, b"", visibility="public"), raw, file
            )
        else:
            made = event.applied_to(known, raw, file)
        gone = self._known.removed(event.key)
        if gone is not None and event.stamp <= gone:
            made = replace(made, state="removed", removed_at=from_seconds(gone))
        yield made
        if len(raw) > _LONGEST:
            self._known.forget(event.key)
        elif not late:
            self._known.keep(event.stamp, made)
        elif known is not None and event.verb == "add" and known.occurred_at is None:
            filled = replace(known, occurred_at=made.occurred_at)
            self._known.keep(last, filled)
            yield filled

    def _message(self, event: Mapping[str, Any], raw: bytes, file: str) -> Iterator[Item]:
        message = table(event, "message")
        key = text(message, "mid")
        if not key:
            self._passed["messaging"] += 1
            return
        stamp = number(event, "timestamp")
        at = None if stamp is None else from_seconds(stamp / 1000)
        if message.get("is_deleted") is True:
            yield Gone(key, "message", raw, at, "author", source_file=file)
            return
        sender = name_or_number(table(event, "sender"), "id")
        recipient = name_or_number(table(event, "recipient"), "id")
        yield Capture(
            native_id=key,
            kind="message",
            raw=raw,
            text=text(message, "text"),
            author_handle=sender,
            parent=text(table(message, "reply_to"), "mid"),
            thread=recipient if sender == self._page else sender,
            occurred_at=at,
            visibility="direct",
            attachments=tuple(
                Attachment(type=text(one, "type"), url=text(table(one, "payload"), "url"))
                for one in tables(message, "attachments")
            ),
            source_file=file,
        )


def _events(body: Any) -> Iterator[tuple[str, Mapping[str, Any], bool]]:
    """The events of a body: the number of the Page, the event, whether it is of messages."""
    if text(body, "object") != "page":
        raise ValueError(f"bodies about {text(body, 'object')!r} are not known")
    for entry in tables(body, "entry"):
        number_of_page = name_or_number(entry, "id")
        for change in tables(entry, "changes"):
            yield number_of_page, change, False
        for event in tables(entry, "messaging"):
            yield number_of_page, event, True


def _kind(item: str) -> Kind:
    if item == "comment":
        return "comment"
    if item in ("share", "reshare"):
        return "share"
    if item not in _POSTS:
        raise ValueError(f"the item {item!r} is not known")
    return "post"


def _attachments(value: Mapping[str, Any]) -> Iterator[Attachment]:
    for url in (*texts(value, "photos"), *texts(value, "photo")):
        yield Attachment(name=_name(url), type="photo", url=url)
    for url in texts(value, "video"):
        yield Attachment(name=_name(url), type="video", url=url)
    link = text(value, "link")
    if link:
        is_medium = text(value, "item") in ("photo", "video")
        kind = text(value, "item") if is_medium else "link"
        yield Attachment(
            name=_name(link) if is_medium else "", type=kind, url=link, link=not is_medium
        )


def _name(url: str) -> str:
    return url.partition("?")[0].rpartition("/")[2]
