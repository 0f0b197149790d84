"""The list of a disposal: what is proposed, what was struck off it, what is due but excluded.

It is lines of canonical JSON (RFC 8785): a heading, then one line per
record. The approvers sign the SHA-256 of these bytes.
"""

import io
import json
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from itertools import islice
from typing import Any, Self

from archive import canonical_json
from archive.errors import VerificationError
from schedules._schedule import Action


@dataclass(frozen=True, slots=True)
class Item:
    """A record that is proposed.

    `version` is the log position of its latest content, `dated` the day of its publication (else
    of its capture), `size` its sealed bytes.
    """

    record: str
    series: str
    version: int
    dated: str
    size: int
    due: str
    reason: str


@dataclass(frozen=True, slots=True)
class Exclusion:
    """A record that is due but stays: it is held, or was struck off the list."""

    record: str
    series: str
    reason: str


@dataclass(frozen=True, slots=True)
class Listing:
    """A disposal's list with what it was made under.

    `only` are the series that it was made for, when not for all. `excluded_in_all` counts all
    exclusions, of which the list may name the first ones only.
    """

    schedule: str
    code: str
    version: int
    as_of: str
    items: Sequence[Item]
    excluded: Sequence[Exclusion]
    excluded_in_all: int
    only: Sequence[str] = ()
    struck: Sequence[Exclusion] = ()
    action: Action = Action.DESTROY

    def without(self, records: Collection[str], reason: str) -> "Listing":
        """The list after these records were struck off it."""
        off = [item for item in self.items if item.record in records]
        return replace(
            self,
            items=tuple(item for item in self.items if item.record not in records),
            struck=(*self.struck, *(Exclusion(item.record, item.series, reason) for item in off)),
        )

    def encode(self) -> bytes:
        return b"".join(canonical_json(value) + b"\n" for value in self._lines())

    def _lines(self) -> Iterator[dict[str, Any]]:
        yield {
            "action": self.action.value,
            "as_of": self.as_of,
            "code": self.code,
            "excluded": self.excluded_in_all,
            "listed": len(self.items),
            "only": list(self.only),
            "schedule": self.schedule,
            "version": self.version,
        }
        for item in self.items:
            yield {name: getattr(item, name) for name in Item.__slots__}
        for why, rows in (("struck", self.struck), ("excluded", self.excluded)):
            for one in rows:
                yield {why: one.reason, "record": one.record, "series": one.series}

    @classmethod
    def decode(cls, data: bytes) -> Self:
        """The inverse of `encode`; VerificationError when the bytes are of no such form."""
        heading, *rows = _read(data)
        try:
            return cls(
                heading["schedule"],
                heading["code"],
                heading["version"],
                heading["as_of"],
                tuple(Item(**row) for row in rows if "due" in row),
                _stays(rows, "excluded"),
                heading["excluded"],
                tuple(heading["only"]),
                _stays(rows, "struck"),
                Action(heading["action"]),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise _unreadable(error) from error


def items_of(data: bytes) -> Iterator[Item]:
    """The items of an encoded list, one after the other."""
    for row in islice(_read(data), 1, None):
        if "due" not in row:
            return
        yield Item(**row)


def digest_of(data: bytes) -> str:
    """What approvers sign: the SHA-256 of a list's bytes, in hexadecimal."""
    return sha256(data).hexdigest()


def _stays(rows: Sequence[dict[str, Any]], why: str) -> tuple[Exclusion, ...]:
    return tuple(Exclusion(row["record"], row["series"], row[why]) for row in rows if why in row)


def _read(data: bytes) -> Iterator[dict[str, Any]]:
    for line in io.BytesIO(data):
        try:
            yield json.loads(line)
        except ValueError as error:
            raise _unreadable(error) from error


def _unreadable(error: Exception) -> VerificationError:
    return VerificationError(f"the list of a disposal cannot be read ({error})")
