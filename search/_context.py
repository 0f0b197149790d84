"""What a record answers or shares: the record above it, the one above that, up to the top."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias

from whoosh import query as tree

from archive import Entry, Reader, Record, Sealed, records, times
from search._fields import DEFAULT
from search._snippets import Highlighter, Snippet

Standing: TypeAlias = Literal["here", "absent", "disposed", "restricted"]

_NOTHING = Snippet("")
_BEGINNING = Highlighter(tree.Every())


@dataclass(frozen=True, slots=True)
class Above:
    """A record that another one answers or shares, in its newest version, and what is above it.

    Of one that is ``absent`` from the archive nothing is known; of one that was ``disposed`` of or
    is ``restricted`` only `id`, `kind` and `status`. `author` is "" where there is none.
    """

    standing: Standing
    id: str = ""
    kind: str = ""
    status: str = ""
    author: str = ""
    date: datetime | None = None
    snippet: Snippet = _NOTHING
    above: "Above | None" = None


def above(reader: Reader, ids: Sequence[str]) -> dict[str, Above | None]:
    """What stands above each of the records of these ids; None where it answers nothing."""
    found = records.get_many(reader, ids)
    known = _ancestors(reader, list(found.values()))
    entries = reader.entries_at([one.last_seq for one in known.values()])
    opened = {entry.subject: (entry, parts) for entry, parts in reader.open(entries)}
    closed = reader.restricted(opened)
    return {
        record: _chain(
            one, known, lambda at, over: _above(at, *opened[at.id], at.id in closed, over)
        )
        for record, one in found.items()
    }


def _chain(
    record: Record,
    known: Mapping[str, Record],
    made: Callable[[Record, Above | None], Above],
) -> Above | None:
    """What is above a record, made from the top down. A thread that runs in a circle ends there."""
    lookups = [record.lookup]
    at: Record | None = record
    while at and at.parent_lookup and at.parent_lookup not in lookups:
        lookups.append(at.parent_lookup)
        at = known.get(at.parent_lookup)
    found: Above | None = None
    for lookup in reversed(lookups[1:]):
        found = made(known[lookup], found) if lookup in known else Above("absent")
    return found


def _above(
    record: Record, entry: Entry, parts: Sealed | None, restricted: bool, over: Above | None
) -> Above:
    if parts is None or record.status == "disposed":
        standing: Standing = "restricted" if restricted else "disposed"
        return Above(standing, record.id, record.kind, record.status, above=over)
    written = parts.get("occurred_at")
    said = " — ".join(filter(None, (parts.text("title"), parts.text("text"))))
    return Above(
        "here",
        record.id,
        record.kind,
        record.status,
        parts.get("author/name") or parts.get("author/handle") or "",
        times.from_text(written) if written else entry.at,
        _BEGINNING.snippet([(DEFAULT, said or parts.text("shared/text"))]),
        over,
    )


def _ancestors(reader: Reader, found: Sequence[Record]) -> dict[str, Record]:
    """All records above those that are found, by their lookup."""
    known: dict[str, Record] = {}
    level = {one.parent_lookup for one in found if one.parent_lookup}
    while level:
        reached = records.by_lookup(reader, sorted(level))
        known |= reached
        level = {one.parent_lookup for one in reached.values() if one.parent_lookup} - known.keys()
    return known
