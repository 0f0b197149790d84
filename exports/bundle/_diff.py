"""Two issued bundles compared: which records came or went, and what each shows more or less."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from archive import ShownPart, UsageError, VerificationError
from archive.notes import NoteKey
from exports import _open
from exports._production import Outcome
from exports.bundle._disclosed import Item
from exports.bundle._verify import Report, verify_bundle

_SUPERSEDES = re.compile(r"SHA-256 ([0-9a-f]{64})$")
_INFO_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Standing:
    """How a record stands in a bundle; `shown` are the paths of its parts that can be read.

    `painted` are its images with rectangles burnt in, each as place and SHA-256: ``0/ab12…``.
    """

    number: int
    outcome: Outcome
    exemptions: tuple[str, ...]
    reason: str
    shown: frozenset[str]
    painted: frozenset[str]


@dataclass(frozen=True, slots=True)
class Change:
    """A version of a record that differs: `index` is its entry in the log.

    `before` and `after` are None where a bundle lacks it. `shown` and `hidden` are paths of parts
    that only the later, only the earlier bundle shows, of records that stand in both.
    """

    kind: Literal["added", "removed", "changed"]
    record: str
    index: int
    before: Standing | None
    after: Standing | None
    shown: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()

    @property
    def decided_anew(self) -> bool:
        """Whether outcome, exemptions or reason differ."""
        return _decision(self.before) != _decision(self.after)


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two bundles, verified, and how the later differs; `supersedes` where it says that it does."""

    before: Report
    after: Report
    supersedes: bool
    changes: tuple[Change, ...]


def compare(before: Path, after: Path, *, key: NoteKey | None = None) -> Comparison:
    """Verify two bundles of one log and compare what they show.

    VerificationError when one of them does not hold, UsageError when they are of two logs.
    """
    first, second = (_verified(path, key) for path in (before, after))
    if first.key != second.key:
        raise UsageError(
            "the bundles are of two different logs", hint="compare bundles of one public body"
        )
    then, now = _standings(before), _standings(after)
    changes = tuple(_changes(then, now))
    return Comparison(first, second, _superseded(second) == first.sha256 != "", changes)


def _verified(path: Path, key: NoteKey | None) -> Report:
    report = verify_bundle(path, key=key)
    if not report.ok:
        raise VerificationError(
            f"{path} does not verify: {report.findings[0]}",
            hint=f"muniment verify {path} says everything that does not hold",
        )
    return report


def _standings(path: Path) -> dict[tuple[str, int], Standing]:
    with (
        _open.opened(path) as bundle,
        _open.stream(bundle, "data/records.jsonl") as lines,
    ):
        return {(item.record, item.index): _standing(item) for item in map(Item.from_line, lines)}


def _standing(item: Item) -> Standing:
    return Standing(
        item.number,
        item.outcome,
        item.exemptions,
        item.reason,
        frozenset(part.path for part in item.parts if isinstance(part, ShownPart)),
        frozenset(f"{one.name.split('-')[1]}/{one.sha256}" for one in item.images),
    )


def _changes(
    then: dict[tuple[str, int], Standing], now: dict[tuple[str, int], Standing]
) -> Iterator[Change]:
    for place, before in then.items():
        if place not in now:
            yield Change("removed", *place, before, None)
    for place, after in now.items():
        earlier = then.get(place)
        if earlier is None:
            yield Change("added", *place, None, after)
            continue
        shown = sorted((after.shown - earlier.shown) | _files(after, earlier))
        hidden = sorted((earlier.shown - after.shown) | _files(earlier, after))
        change = Change("changed", *place, earlier, after, tuple(shown), tuple(hidden))
        if shown or hidden or change.decided_anew:
            yield change


def _files(one: Standing, other: Standing) -> set[str]:
    """The redacted images that only the first of two has: other rectangles are another image."""
    return {f"attachment/{name.partition('/')[0]}/redacted" for name in one.painted - other.painted}


def _decision(standing: Standing | None) -> tuple[object, ...]:
    return (standing.outcome, standing.exemptions, standing.reason) if standing else ()


def _superseded(report: Report) -> str:
    found = _SUPERSEDES.search(report.supersedes)
    return found[1] if found else ""
