"""What a request produces: the shape that review hands to the bundle.

A bundle is built from these values and from nothing else: hidden here is hidden everywhere.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal, NamedTuple

from archive import Entry, Sealed
from archive.records import Record

Outcome = Literal["release", "redact", "withhold"]

INTERNAL = "internal"
"""The code of parts that are hidden as the archive's own workings, not by an exemption."""


@dataclass(frozen=True, slots=True)
class ProducedRequest:
    """The request as the bundle names it. Its names are sealed: they go into the letter only."""

    id: str
    number: str
    subject: str
    requester_name: str
    received: date
    due: date | None
    jurisdiction: str
    body_name: str


class Box(NamedTuple):
    """A rectangle in pixels of the upright image, from its upper left corner, and its exemption."""

    x: int
    y: int
    width: int
    height: int
    code: str


@dataclass(frozen=True, slots=True)
class RedactedImage:
    """An image with rectangles burnt in, which leaves in place of what was captured.

    `blob` is its name among the stored attachments of the record, `sha256` that of its content in
    hexadecimal, `extension` goes with its format ("png").
    """

    blob: str
    sha256: str
    extension: str
    boxes: tuple[Box, ...]

    @property
    def exemptions(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(box.code for box in self.boxes))


@dataclass(frozen=True, slots=True)
class ProducedRecord:
    """One version of one responsive record, with what was determined about it.

    A record with several versions stands once for each of them: `entry.seq` is unique in a
    production, `record.id` is not. `number` counts from 1 in the order of production.

    `hidden` maps the index of every part that must not leave to its exemption code, or to
    `INTERNAL`. It always holds the internal parts; for a withheld record it holds every part.
    `exemptions` are the codes of the determination, `reason` is what the officer wrote ("" for
    a plain release). `images` are the redacted images by the place of their attachment; the digest
    of what was captured there is hidden. `answers` is the number of the record that it replies to,
    where that one is in the production.
    """

    number: int
    record: Record
    entry: Entry
    sealed: Sealed
    outcome: Outcome
    hidden: Mapping[int, str]
    exemptions: tuple[str, ...]
    reason: str
    images: Mapping[int, RedactedImage] = field(default_factory=dict)
    answers: int | None = None

    @property
    def shown(self) -> frozenset[int]:
        """The indices of the parts that may leave."""
        return frozenset(range(len(self.sealed))) - self.hidden.keys()


@dataclass(frozen=True, slots=True)
class Production:
    """A request and its records in order.

    `records` is streamed from the reader's snapshot on each iteration, so it can be walked several
    times while that reader is open. `outcomes` counts them by outcome, `exemptions` by each code of
    their determinations.
    """

    request: ProducedRequest
    outcomes: Mapping[Outcome, int]
    exemptions: Mapping[str, int]
    records: Iterable[ProducedRecord]

    @property
    def count(self) -> int:
        """How many records there are."""
        return sum(self.outcomes.values())
