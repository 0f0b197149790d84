"""The list of a disposal: what is proposed for destruction, and what is due but excluded.

It is lines of canonical JSON (RFC 8785): a heading, then one line per
record. The approvers sign the SHA-256 of these bytes.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Self

from archive import canonical_json
from archive.errors import VerificationError


@dataclass(frozen=True, slots=True)
class Item:
    """A record proposed for destruction.

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
    """A record that is due but must stay."""

    record: str
    series: str
    reason: str


@dataclass(frozen=True, slots=True)
class Listing:
    """A disposal's list with what it was made under."""

    schedule: str
    code: str
    version: int
    as_of: str
    items: Sequence[Item]
    excluded: Sequence[Exclusion]

    def encode(self) -> bytes:
        return b"".join(canonical_json(value) + b"\n" for value in self._lines())

    def _lines(self) -> Iterator[dict[str, Any]]:
        yield {
            "as_of": self.as_of,
            "code": self.code,
            "excluded": len(self.excluded),
            "listed": len(self.items),
            "schedule": self.schedule,
            "version": self.version,
        }
        for item in self.items:
            yield {name: getattr(item, name) for name in Item.__slots__}
        for exclusion in self.excluded:
            yield {"excluded": exclusion.reason, "record": exclusion.record,
                   "series": exclusion.series}  # fmt: skip

    @classmethod
    def decode(cls, data: bytes) -> Self:
        """The inverse of `encode`; VerificationError when the bytes are of no such form."""
        try:
            heading, *rows = [json.loads(line) for line in data.splitlines()]
            return cls(
                heading["schedule"],
                heading["code"],
                heading["version"],
                heading["as_of"],
                tuple(Item(**row) for row in rows if "excluded" not in row),
                tuple(
                    Exclusion(row["record"], row["series"], row["excluded"])
                    for row in rows
                    if "excluded" in row
                ),
            )
        except (ValueError, KeyError, TypeError) as error:
            raise VerificationError(f"the list of a disposal cannot be read ({error})") from error


def digest_of(data: bytes) -> str:
    """What approvers sign: the SHA-256 of a list's bytes, in hexadecimal."""
    return sha256(data).hexdigest()
