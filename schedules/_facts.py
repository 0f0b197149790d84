"""What the evaluator is told about a record, and what holds it."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

TEXT_FACTS = {
    "kind": frozenset({"post", "comment", "share", "message", "page", "profile"}),
    "platform": None,
    "account": None,
    "status": frozenset({"live", "pending", "removed", "vanished"}),
    "visibility": frozenset({"public", "unlisted", "followers", "direct", "unknown"}),
}
"""Facts that rules compare with words: the words known, or None where any word may stand."""

FLAG_FACTS = frozenset({"replied", "edited", "appealed"})
"""Facts that rules ask for as true or false."""


@dataclass(frozen=True, slots=True)
class Facts:
    """The facts about one record that decide its retention. Days are those of the public body's
    time zone; None is unknown.

    `last_reply` is the day of the latest answer below it, at any depth. `appeal_decided` is the
    day of the last decision on an appeal about it.
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
    appeal_decided: date | None = None
    appealed: bool = False
    disposed: date | None = None

    @property
    def replied(self) -> bool:
        return self.last_reply is not None

    @property
    def edited(self) -> bool:
        return self.edited_on is not None


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
