"""What a reader makes of one item of a source."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from archive import Parts, Sealed, times

Kind = Literal["post", "comment", "share", "message", "page"]
State = Literal["live", "removed"]
Visibility = Literal["public", "unlisted", "followers", "direct", "unknown"]

KINDS: tuple[Kind, ...] = ("post", "comment", "share", "message", "page")


@dataclass(frozen=True, slots=True)
class Attachment:
    """A picture, film, document or link that hangs on an item.

    `member` is where its bytes stand inside the export, "" when the export does not hold them;
    `sha256` (hex) and `blob` are filled in when they were read and stored.
    """

    name: str = ""
    type: str = ""
    alt: str = ""
    url: str = ""
    member: str = ""
    sha256: str = ""
    blob: str = ""


@dataclass(frozen=True, slots=True)
class Capture:
    """One item as its source gave it.

    `native_id` is the source's own id, or the key that its reader derives where it gives none;
    `parent` is the native id of what the item answers or shares. `raw` is the item's bytes exactly
    as they stand in the source. Times are timezone-aware; None where the source says nothing.
    `status` is the source's own word for where the item stands ("draft", "spam", "trash").
    """

    native_id: str
    kind: Kind
    raw: bytes
    text: str = ""
    title: str = ""
    author_name: str = ""
    author_handle: str = ""
    url: str = ""
    parent: str = ""
    thread: str = ""
    occurred_at: datetime | None = None
    edited_at: datetime | None = None
    removed_at: datetime | None = None
    language: str = ""
    visibility: Visibility = "unknown"
    state: State = "live"
    status: str = ""
    attachments: tuple[Attachment, ...] = ()
    source_file: str = ""

    def parts(self, account: str) -> Parts:
        """The sealed half of this item of the account called `account`; empty fields left out."""
        return Parts.of(self._fields(account))

    def _fields(self, account: str) -> Iterator[tuple[str, str | bytes | None]]:
        yield "text", self.text
        yield "title", self.title
        yield "author/name", self.author_name
        yield "author/handle", self.author_handle
        yield "url", self.url
        yield "native_id", self.native_id
        yield "parent", self.parent
        yield "thread", self.thread
        yield "occurred_at", _text(self.occurred_at)
        yield "edited_at", _text(self.edited_at)
        yield "removed_at", _text(self.removed_at)
        yield "language", self.language
        yield "account", account
        yield "visibility", self.visibility
        yield "status", self.status or ("" if self.state == "live" else self.state)
        for index, attachment in enumerate(self.attachments):
            path = f"attachment/{index}/"
            yield path + "name", attachment.name
            yield path + "type", attachment.type
            yield path + "alt", attachment.alt
            yield path + "url", attachment.url
            yield path + "sha256", attachment.sha256
            yield path + "blob", attachment.blob
        yield "source_file", self.source_file
        yield "raw", self.raw


@dataclass(frozen=True, slots=True)
class Prepared:
    """A capture without attachments whose parts are sealed already: all that appending needs."""

    native_id: str
    kind: Kind
    state: State
    edited_at: datetime | None
    sealed: Sealed

    @classmethod
    def of(cls, capture: Capture, account: str) -> "Prepared":
        """Seal the parts of a capture of the account called `account`, and commit to them."""
        sealed = capture.parts(account).seal()
        return cls(capture.native_id, capture.kind, capture.state, capture.edited_at, sealed)

    @property
    def attachments(self) -> tuple[()]:
        """None."""
        return ()

    def parts(self, _account: str) -> Sealed:
        """The sealed half, as `Capture.parts`."""
        return self.sealed


@dataclass(frozen=True, slots=True)
class Rejected:
    """An item, or a stretch of a source, that could not be read: its bytes and why."""

    reason: str
    raw: bytes
    source_file: str = ""


@dataclass(frozen=True, slots=True)
class AccountName:
    """The account a source comes from, as the source names it."""

    handle: str
    name: str = ""
    url: str = ""


def _text(moment: datetime | None) -> str | None:
    return None if moment is None else times.to_text(moment)
