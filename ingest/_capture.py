"""What a reader makes of one item of a source."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from archive import Parts, Sealed, times

Kind = Literal["post", "comment", "share", "message", "page", "profile"]
State = Literal["live", "removed", "pending"]
Visibility = Literal["public", "unlisted", "followers", "direct", "unknown"]
Remover = Literal["", "author", "platform", "moderator"]

KINDS: tuple[Kind, ...] = ("post", "comment", "share", "message", "page", "profile")


@dataclass(frozen=True, slots=True)
class Attachment:
    """A picture, film or document that hangs on an item, or a link to a page elsewhere.

    `member` is where its bytes stand inside the export, "" when the export does not hold them;
    `sha256` (hex) and `blob` are filled in when they were read and stored. A `link` has no bytes
    that could be missing.
    """

    name: str = ""
    type: str = ""
    alt: str = ""
    url: str = ""
    member: str = ""
    link: bool = False
    sha256: str = ""
    blob: str = ""

    @property
    def missing(self) -> bool:
        """Whether its bytes did not come along, and it is more than a link."""
        return not (self.link or self.blob or self.member)


@dataclass(frozen=True, slots=True)
class Shared:
    """What an item repeats of others: the words that are theirs, and whose they are."""

    text: str = ""
    author_name: str = ""
    author_handle: str = ""
    url: str = ""
    native_id: str = ""
    occurred_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class PollOption:
    """An answer that a poll offers, and how many chose it, where the source says so."""

    text: str
    votes: int | None = None


@dataclass(frozen=True, slots=True)
class Capture:
    """One item as its source gave it.

    `native_id` is the source's own id, or the key that its reader derives where it gives none;
    `parent` is the native id of what the item answers or shares. `raw` is the item's bytes exactly
    as they stand in the source. `text` is what this author says; what is repeated of others stands
    in `shared`. `revision` is the source's own name for this version of the item, `status` its own
    word for where the item stands ("draft", "spam", "trash"); `removed_by` and `removal_reason` are
    what it says about a removal.

    Times are timezone-aware, None where the source says nothing; `naive` marks that the source
    names no zone, and its times were read as UTC. `reactions` are counts by name. `notes` are what
    the reader finds worth a look, such as an id that disagrees with the claimed time. A change of
    counts or notes alone makes no new version. `as_of` is when this was so, where the source says
    it of a moment that is no edit: what was removed before and is live then is there again.
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
    shared: Shared | None = None
    poll: tuple[PollOption, ...] = ()
    location: str = ""
    naive: bool = False
    removed_by: Remover = ""
    removal_reason: str = ""
    reactions: tuple[tuple[str, int], ...] = ()
    notes: tuple[str, ...] = ()
    revision: str = ""
    as_of: datetime | None = None

    def parts(self, account: str) -> Parts:
        """The sealed half of this item of the account called `account`; empty fields left out."""
        return Parts.of(self._fields(account))

    def _fields(self, account: str) -> Iterator[tuple[str, str | bytes | None]]:
        yield "text", self.text
        yield "title", self.title
        if self.shared is not None:
            yield from _of_others(self.shared)
        for index, option in enumerate(self.poll):
            yield f"poll/{index}/answer", option.text
        yield "author/name", self.author_name
        yield "author/handle", self.author_handle
        yield "url", self.url
        yield "native_id", self.native_id
        yield "revision", self.revision
        yield "parent", self.parent
        yield "thread", self.thread
        yield "occurred_at", _text(self.occurred_at)
        yield "edited_at", _text(self.edited_at)
        yield "removed_at", _text(self.removed_at)
        if self.naive:
            yield "time_zone", "none given, read as UTC"
        yield "removed_by", self.removed_by
        yield "removal_reason", self.removal_reason
        yield "location", self.location
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
            yield path + "missing", "yes" if attachment.missing else ""
        yield "source_file", self.source_file
        yield "raw", self.raw
        for index, option in enumerate(self.poll):
            yield f"observed/poll/{index}/votes", "" if option.votes is None else str(option.votes)
        for name, count in self.reactions:
            yield f"observed/reactions/{name}", str(count)
        yield "observed/notes", "\n".join((*self.notes, *self._unreadable()))

    def _unreadable(self) -> Iterator[str]:
        try:
            f"{self.title}{self.text}".encode()
        except UnicodeEncodeError:
            yield "what is no UTF-8 stands as \ufffd in its text; raw holds its bytes"


@dataclass(frozen=True, slots=True)
class Prepared:
    """A capture without attachments whose parts are sealed already: all that appending needs."""

    native_id: str
    kind: Kind
    state: State
    edited_at: datetime | None
    visibility: Visibility
    sealed: Sealed
    as_of: datetime | None = None

    @classmethod
    def of(cls, capture: Capture, account: str) -> "Prepared":
        """Seal the parts of a capture of the account called `account`, and commit to them."""
        sealed = capture.parts(account).seal()
        return cls(
            capture.native_id,
            capture.kind,
            capture.state,
            capture.edited_at,
            capture.visibility,
            sealed,
            capture.as_of,
        )

    @property
    def attachments(self) -> tuple[()]:
        """None."""
        return ()

    def parts(self, _account: str) -> Sealed:
        """The sealed half, as `Capture.parts`."""
        return self.sealed


@dataclass(frozen=True, slots=True)
class Gone:
    """Word from the source that an item was deleted: a tombstone or an event, without its content.

    `raw` is that word exactly as it stands in the source; `kind` what the item would be, should
    it not be known yet.
    """

    native_id: str
    kind: Kind
    raw: bytes
    removed_at: datetime | None = None
    removed_by: Remover = ""
    reason: str = ""
    source_file: str = ""

    def as_capture(self) -> Capture:
        """The removed item that nobody captured before, known by this word alone."""
        return Capture(
            native_id=self.native_id,
            kind=self.kind,
            raw=self.raw,
            removed_at=self.removed_at,
            state="removed",
            removed_by=self.removed_by,
            removal_reason=self.reason,
            source_file=self.source_file,
        )


@dataclass(frozen=True, slots=True)
class Remark:
    """What whoever ingests a source should know about the whole of it. It is no item.

    `partial` where the source says that it holds more than could be read: then it is not looked for
    what has vanished.
    """

    text: str
    partial: bool = False


@dataclass(frozen=True, slots=True)
class Rejected:
    """An item, or a stretch of a source, that could not be read: its bytes and why."""

    reason: str
    raw: bytes
    source_file: str = ""


@dataclass(frozen=True, slots=True)
class Told:
    """What the caller says about a source: whose it is, and where it comes from."""

    handle: str = ""
    platform: str = ""


@dataclass(frozen=True, slots=True)
class AccountName:
    """The account a source comes from, as the source names it."""

    handle: str
    name: str = ""
    url: str = ""


def _of_others(shared: Shared) -> Iterator[tuple[str, str | None]]:
    yield "shared/text", shared.text
    yield "shared/author/name", shared.author_name
    yield "shared/author/handle", shared.author_handle
    yield "shared/url", shared.url
    yield "shared/native_id", shared.native_id
    yield "shared/occurred_at", _text(shared.occurred_at)


def _text(moment: datetime | None) -> str | None:
    return None if moment is None else times.to_text(moment)
