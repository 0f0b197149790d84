"""What a reader is, and what it makes of an opened export."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from json import JSONDecodeError
from typing import Any, Protocol

from archive import UsageError
from ingest._capture import AccountName, Capture, Gone, Kind, Rejected, Remark, Told
from ingest._export import Export
from ingest._json import Piece, damage

UNREADABLE = (ValueError, TypeError, LookupError, AttributeError, ArithmeticError)
"""What an item of an unforeseen shape may raise while it is read: it alone is rejected."""

Item = Capture | Gone | Rejected | Remark


@dataclass(frozen=True, slots=True)
class Source:
    """One export of one account.

    `covers` are the kinds of items that the export would hold if the account had any: only those
    can be said to have vanished. `members` are the files that `items` reads; iterate once.
    `made_at` is when the platform made the export, where it says so.
    """

    platform: str
    account: AccountName
    covers: frozenset[Kind]
    members: tuple[str, ...]
    items: Iterator[Item]
    made_at: datetime | None = None


class SourceReader(Protocol):
    """Turns the exports of one platform into captures.

    `version` is raised whenever the same bytes would give other captures than before.
    """

    @property
    def name(self) -> str: ...

    @property
    def version(self) -> int: ...

    def sniff(self, export: Export) -> bool:
        """Whether this looks like an export of this reader's: a cheap look, no promise."""
        ...

    def read(self, export: Export, told: Told) -> Source:
        """The export's account and items.

        SourceError when the export is not one after all, UsageError when it does not say whose
        account it is and the caller does not either.
        """
        ...

    def frame(self, source_file: str) -> tuple[bytes, bytes] | None:
        """What makes of one rejected item of `source_file` a file that `read` reads: the bytes to
        stand before it and after it. None where items mean something only among others, as where
        their keys are their places.
        """
        ...


def each(pieces: Iterable[Piece], file: str, make: Callable[[Any, bytes], Item]) -> Iterator[Item]:
    """What `make` makes of every piece's value and bytes; a `Rejected` where it cannot."""
    for piece in pieces:
        if piece.error:
            yield Rejected(piece.error, piece.raw, file)
            continue
        try:
            yield make(piece.value, piece.raw)
        except UNREADABLE as error:
            yield Rejected(reason_of(error), piece.raw, file)


def reason_of(error: Exception) -> str:
    """Why an item could not be read, in words."""
    if isinstance(error, JSONDecodeError):
        return damage(error)
    if type(error) is ValueError:
        return str(error)
    return f"it is not of a shape that is known ({type(error).__name__}: {error})"


def whose(told: Told, found: AccountName | None) -> AccountName:
    """The account that the caller named, else the one found in the export; else UsageError.

    What is found fills in the name and the address when both mean the same handle.
    """
    if found is not None and told.handle.lower() in ("", found.handle.lower()):
        return found
    if not told.handle:
        raise UsageError(
            "the export does not say whose account it is", hint="say it by --account HANDLE"
        )
    return AccountName(told.handle)
