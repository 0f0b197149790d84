"""What the evaluator is told about a record, and what holds it."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

REQUEST = "request"
"""The kind of a request's own file. Everything else is content of an account."""

TEXT_FACTS = {
    "kind": frozenset({"post", "comment", "share", "message", "page", "profile", REQUEST}),
    "platform": None,
    "account": None,
    "status": frozenset({"live", "pending", "removed", "vanished"}),
    "visibility": frozenset({"public", "unlisted", "followers", "direct", "unknown"}),
    "outcome": frozenset({"granted", "granted-in-part", "denied", "no-records", "withdrawn"}),
}
"""Facts that rules compare with words: the words known, or None where any word may stand."""

FLAG_FACTS = frozenset({"replied", "edited", "appealed"})
"""Facts that rules ask for as true or false."""

REQUEST_FACTS = frozenset({"kind", "outcome"})
"""Facts that a request's own file has; `outcome` is of such a file alone."""


@dataclass(frozen=True, slots=True)
class Facts:
    """The facts about one record that decide its retention. Days are those of the public body's
    time zone; None is unknown, or has not come.

    `last_reply` is the day of the latest answer below it, at any depth. `thread_active` is the day
    of the latest activity anywhere in its thread, where others are in it. `appeal_decided` is the
    day of the last decision on an appeal about it. A request's own file has its kind, what the
    request came to, and the day on which it was closed.
    """

    record: str
    kind: str
    platform: str
    account: str
    status: str
    visibility: str
    captured: date | None = None
    published: date | None = None
    edited_on: date | None = None
    removed: date | None = None
    vanished: date | None = None
    last_reply: date | None = None
    thread_active: date | None = None
    appeal_decided: date | None = None
    account_closed: date | None = None
    request_closed: date | None = None
    outcome: str = ""
    appealed: bool = False
    disposed: date | None = None

    @property
    def replied(self) -> bool:
        return self.last_reply is not None

    @property
    def edited(self) -> bool:
        return self.edited_on is not None

    @property
    def last_activity(self) -> date | None:
        """The latest day on which something happened to the record or below it."""
        return latest(
            self.published,
            self.edited_on,
            self.removed,
            self.vanished,
            self.last_reply,
            self.appeal_decided,
        )


def latest(*days: date | None) -> date | None:
    """The latest of the days that are known."""
    return max((day for day in days if day is not None), default=None)


class FreezeSource(StrEnum):
    """What can forbid a disposal."""

    HOLD = "hold"
    REQUEST = "request"
    APPEAL = "appeal"
    BAN = "ban"


@dataclass(frozen=True, slots=True)
class Freeze:
    """One reason why a record must not be disposed of, whatever its schedule says."""

    source: FreezeSource
    source_id: str
    label: str

    def __str__(self) -> str:
        match self.source:
            case FreezeSource.HOLD:
                return f"under the hold {self.label}"
            case FreezeSource.REQUEST:
                return f"responsive to the open request {self.label}"
            case FreezeSource.APPEAL:
                return f"its removal is under appeal {self.label}"
            case FreezeSource.BAN:
                return f"the ban of its author is under appeal {self.label}"


def hold_label(name: str, kind: str) -> str:
    """How a hold is named in reasons."""
    return f'"{name}" ({kind})'
