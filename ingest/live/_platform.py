"""What a platform gives to live capture: answers as bytes, and second looks."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol, runtime_checkable

from ingest._capture import Attachment, Capture
from ingest._source import SourceReader
from ingest.live._calls import Calls
from ingest.live._time import Time
from ingest.live._trouble import Missing

Cursor = Mapping[str, str]
"""How far an account is captured, by names of the platform's own choice."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What an interface answered or sent: its exact bytes, and who reads them if not the adapter's
    reader.

    `name` is the file name that the reader goes by; it stands in the archive as `source_file`, so
    it holds no secret.
    """

    name: str
    body: bytes
    reader: SourceReader | None = None


@dataclass(frozen=True, slots=True)
class Skipped:
    """What a stream left out: why, in words, and the time of what it said last before that."""

    why: str
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """Some answers, and what of the cursor changes once they are archived ("" takes a name away).

    `missing` are native ids of items that the archive holds and that these answers would show if
    they were still there: they are looked at again, twice. `passed` counts what was received and is
    not the account's. What was `skipped` stands in the log as a gap, and a poll asks
    for it at once. An empty step of a stream says that the stream is alive.
    """

    answers: tuple[Answer, ...] = ()
    cursor: Cursor = field(default_factory=dict)
    missing: tuple[str, ...] = ()
    passed: int = 0
    skipped: Skipped | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """An item of the account that the archive holds: its native id, what the platform's module
    calls it by (`Adapter.recall`), and when it was written.
    """

    native_id: str
    place: str
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Seen:
    """The evidence of one look: the status and address (without secrets), and what was said."""

    at: datetime
    status: int
    address: str
    said: bytes = b""


@dataclass(frozen=True, slots=True)
class Look:
    """What a look at one item found: it is there, or gone, with the evidence.

    `answers` show it as it is now; where it is gone, they are the platform's own word about that (a
    tombstone, who removed it), which then counts instead of a mere `record.vanished`.
    """

    gone: bool
    seen: Seen
    answers: tuple[Answer, ...] = ()

    @classmethod
    def at_nothing(cls, found: Missing, at: datetime) -> "Look":
        """The look that found a 404 or 410."""
        return cls(gone=True, seen=Seen(at, found.status, found.address, found.body))


class Adapter(Protocol):
    """One account on one platform. Its methods raise `Trouble` (see `ingest.live._trouble`)."""

    @property
    def reader(self) -> SourceReader:
        """Who reads its answers."""
        ...

    def recall(self, item: Capture) -> str:
        """Take note of an item that the archive holds; by what `look` is to ask for it.

        Called for recent items at the start, and for each that is captured. "" where it cannot be
        asked for. Of items from the archive counts, notes, what they share and their state are
        not filled in.
        """
        ...

    def poll(self, cursor: Cursor) -> AsyncIterator[Step]:
        """Everything new since the cursor, oldest first, and what may have changed."""
        ...

    def stream(self, cursor: Cursor) -> AsyncIterator[Step] | None:
        """Events as they come, without end, from the cursor on; None where there is no stream."""
        ...

    async def look(self, known: Known) -> Look:
        """Look at one item. `Trouble` where that says nothing about the item."""
        ...

    async def well(self) -> bool:
        """Whether the account itself can be seen: nothing has vanished while it cannot."""
        ...


@runtime_checkable
class Receiver(Protocol):
    """An adapter whose platform also sends what happened, to a webhook."""

    def received(self, body: bytes) -> Step:
        """What a body brings, once it is known that the platform sent it."""
        ...


@dataclass(frozen=True, slots=True)
class Place:
    """An account to watch: whose it is, where its interface is, and the means to ask it.

    `calls` makes the HTTP client of this account, `archived` looks through all of its items that
    are there by the archive and gives those that a test accepts: it takes long, and is for what a
    platform names in a way that `recall` was not told of lately. `options` are what `capture add
    --option` said.
    """

    handle: str
    address: str
    token: str
    time: Time
    calls: Callable[..., Calls]
    archived: Callable[[Callable[[Capture], bool]], Awaitable[list[Capture]]]
    options: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Platform:
    """A platform that can be watched.

    `name` is that of its accounts in the archive. `promise` is the longest gap in minutes that is
    no gap yet; it is asked every `floor` seconds while there is something new, and every `ceiling`
    seconds while there is not. `address` is where the interface of a handle is, "" where that has
    to be said; `attachment` where, by that address, a file is fetched that hangs on an item.
    """

    name: str
    open: Callable[[Place], Adapter]
    promise: int
    floor: float
    ceiling: float
    needs_token: bool = False
    address: Callable[[str], str] = lambda _handle: ""
    attachment: Callable[[str, Capture, Attachment], str] = lambda _address, _item, one: one.url
