"""Searches that are kept under a name: a decision of the log, read anew each time it is run.

The name and the query may name a person, so they stand in the sealed half alone: in the tables is
only which entry holds them.
"""

import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import BigInteger, Column, Integer, MetaData, Table, Text, delete, select

from archive import (
    Draft,
    Entry,
    Event,
    NotFound,
    Parts,
    Projection,
    Reader,
    UsageError,
    VerificationError,
    Writer,
    new_id,
)
from search._index import SearchIndex

LONGEST_NAME = 100
_SAVED = "search.saved"
_REMOVED = "search.removed"

_metadata = MetaData()
_table = Table(
    "saved_search",
    _metadata,
    Column("id", Text, primary_key=True),
    Column("seq", BigInteger().with_variant(Integer, "sqlite"), nullable=False),
)


@dataclass(frozen=True, slots=True)
class SavedSearch:
    """A query under a name, as it was saved by `actor` (an id) at `saved_at`."""

    id: str
    name: str
    query: str
    actor: str
    saved_at: datetime


def save_search(index: SearchIndex, writer: Writer, name: str, query: str) -> SavedSearch:
    """Keep a query under a name, in the place of the one that has it.

    Names are compared without regard to case. The same query under the same name is not saved
    again. Raises QueryError for a query that could not be run now, UsageError without a name or
    for one of more than 100 characters.
    """
    named = " ".join(name.split())
    if not named:
        raise UsageError("a saved search needs a name", hint="a few words that say what it finds")
    if len(named) > LONGEST_NAME:
        raise UsageError(
            f"a name of {len(named)} characters is too long",
            hint=f"{LONGEST_NAME} are the most",
        )
    index.explain(query)
    before = _named(saved_searches(writer), named)
    if before is None or (before.name, before.query) != (named, query):
        identity = new_id() if before is None else before.id
        parts = Parts.of([("name", named), ("query", query)])
        writer.append([Draft(_SAVED, identity, {}, parts)])
    return find_search(writer, named)


def remove_search(writer: Writer, name: str) -> SavedSearch:
    """Give up a name: the search it had. Its entries stay in the log. NotFound."""
    found = find_search(writer, name)
    writer.append([Draft(_REMOVED, found.id, {})])
    return found


def saved_searches(reader: Reader) -> list[SavedSearch]:
    """All searches that have a name, by it."""
    seqs = reader.conn.execute(select(_table.c.seq)).scalars().all()
    found = _opened(reader, [reader.entry(seq) for seq in seqs])
    return sorted(found, key=lambda one: one.name.casefold())


def find_search(reader: Reader, name: str) -> SavedSearch:
    """The search of that name, without regard to case. NotFound says which one was meant."""
    every = saved_searches(reader)
    found = _named(every, name)
    if found is None:
        close = difflib.get_close_matches(name, [one.name for one in every], 1)
        like = f"did you mean {close[0]!r}? " if close else ""
        raise NotFound(
            f"there is no saved search {name!r}", hint=f"{like}muniment saved list shows them all"
        )
    return found


def history_of(reader: Reader, search: SavedSearch) -> list[SavedSearch]:
    """What was saved under the name of a search, the oldest first and itself the last."""
    return _opened(reader, reader.history(search.id, {_SAVED}))


def _named(every: Sequence[SavedSearch], name: str) -> SavedSearch | None:
    wanted = " ".join(name.split()).casefold()
    return next((one for one in every if one.name.casefold() == wanted), None)


def _opened(reader: Reader, entries: Sequence[Entry]) -> list[SavedSearch]:
    found = []
    for entry, sealed in reader.open(entries):
        if sealed is None:
            raise VerificationError(f"saved search {entry.subject}: its sealed half is missing")
        name, query = sealed.text("name"), sealed.text("query")
        found.append(SavedSearch(entry.subject, name, query, entry.actor, entry.at))
    return found


def _apply(reader: Reader, events: Sequence[Event]) -> None:
    for entry, _ in events:
        reader.conn.execute(delete(_table).where(_table.c.id == entry.subject))
        if entry.type == _SAVED:
            reader.conn.execute(_table.insert().values(id=entry.subject, seq=entry.seq))


PROJECTION = Projection(
    name="search",
    version=1,
    metadata=_metadata,
    types=frozenset({_SAVED, _REMOVED}),
    apply=_apply,
)
