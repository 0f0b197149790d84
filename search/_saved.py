"""Searches that are kept under a name: a decision of the log, read anew each time it is run.

The name and the query may name a person, so they stand in the sealed half alone: in the tables is
only which entry holds them.
"""

import difflib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Integer,
    MetaData,
    Select,
    Table,
    Text,
    delete,
    select,
    update,
)

from archive import (
    Draft,
    Entry,
    Event,
    NotFound,
    Parts,
    Projection,
    Reader,
    Sealed,
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
_seq = BigInteger().with_variant(Integer, "sqlite")
_table = Table(
    "saved_search",
    _metadata,
    Column("id", Text, primary_key=True),
    Column("seq", _seq, nullable=False),
    Column("removed", _seq),
)
"""`seq` is the entry that holds the name and the query, `removed` the one that gave the name up."""


@dataclass(frozen=True, slots=True)
class SavedSearch:
    """A query under a name: saved by `actor` (an id) at `at`, or, where `removed`, given up so."""

    id: str
    name: str
    query: str
    actor: str
    at: datetime
    removed: bool = False


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
    found = _latest(reader, select(_table.c.seq).where(_table.c.removed.is_(None)))
    return sorted(found, key=lambda one: one.name.casefold())


def find_search(reader: Reader, name: str) -> SavedSearch:
    """The search of that name, without regard to case. NotFound says which one was meant."""
    every = saved_searches(reader)
    found = _named(every, name)
    if found is None:
        raise _not_found(name, every)
    return found


def history_of(reader: Reader, name: str) -> list[SavedSearch]:
    """All that was saved under a name, and when it was given up, the oldest first. NotFound."""
    every = _latest(reader, select(_table.c.seq).order_by(_table.c.seq))
    found = [one for one in every if _key(one.name) == _key(name)]
    if not found:
        raise _not_found(name, every)
    return [step for one in found for step in _steps(reader, one.id)]


def _key(name: str) -> str:
    return " ".join(name.split()).casefold()


def _named(every: Sequence[SavedSearch], name: str) -> SavedSearch | None:
    return next((one for one in every if _key(one.name) == _key(name)), None)


def _not_found(name: str, every: Sequence[SavedSearch]) -> NotFound:
    close = difflib.get_close_matches(name, [one.name for one in every], 1)
    like = f"did you mean {close[0]!r}? " if close else ""
    return NotFound(
        f"there is no saved search {name!r}", hint=f"{like}muniment saved list shows them all"
    )


def _latest(reader: Reader, seqs: Select[Any]) -> list[SavedSearch]:
    entries = [reader.entry(seq) for seq in reader.conn.execute(seqs).scalars()]
    return [_saved(entry, sealed) for entry, sealed in reader.open(entries)]


def _steps(reader: Reader, search: str) -> Iterator[SavedSearch]:
    latest: SavedSearch | None = None
    for entry, sealed in reader.open(reader.history(search, {_SAVED, _REMOVED})):
        if entry.type == _SAVED:
            latest = _saved(entry, sealed)
            yield latest
        elif latest is not None:
            yield replace(latest, actor=entry.actor, at=entry.at, removed=True)


def _saved(entry: Entry, sealed: Sealed | None) -> SavedSearch:
    if sealed is None:
        raise VerificationError(f"saved search {entry.subject}: its sealed half is missing")
    name, query = sealed.text("name"), sealed.text("query")
    return SavedSearch(entry.subject, name, query, entry.actor, entry.at)


def _apply(reader: Reader, events: Sequence[Event]) -> None:
    for entry, _ in events:
        mine = _table.c.id == entry.subject
        if entry.type == _REMOVED:
            reader.conn.execute(update(_table).where(mine).values(removed=entry.seq))
        else:
            reader.conn.execute(delete(_table).where(mine))
            reader.conn.execute(_table.insert().values(id=entry.subject, seq=entry.seq))


PROJECTION = Projection(
    name="search",
    version=2,
    metadata=_metadata,
    types=frozenset({_SAVED, _REMOVED}),
    apply=_apply,
)
