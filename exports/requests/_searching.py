"""Searching for a request: complete, counted, and kept as evidence of what was asked."""

from dataclasses import dataclass
from datetime import datetime

from archive import Archive, Reader, Signer, restrictions
from exports.requests._intake import Added, Searched, record_search
from exports.requests._requests import Request, find_request, open_request_of


@dataclass(frozen=True, slots=True)
class Search:
    """A search that was made for a request, as the log has it.

    `position` entries of the log were searched; `digest` is the SHA-256 of the ids found (sorted,
    a line each), `restricted` counts the records that no search finds; both are None where the
    entry does not say. `query` and `parsed` are None where the sealed half was erased.
    """

    at: datetime
    actor: str
    query: str | None
    parsed: str | None
    position: int
    engine: str
    count: int
    digest: str | None
    restricted: int | None


def search_for(archive: Archive, signer: Signer, key: str, query: str) -> tuple[Searched, Added]:
    """Run a query for a request and add what it finds to the responsive set.

    Returns the search as it was recorded, and how many records were new. The index is brought up
    to date first; the recorded position says what it covered.
    """
    from schedules import record_sets
    from search import SearchIndex  # slow to load, and only this command searches

    with archive.read() as reader:
        open_request_of(find_request(reader, key))
    with SearchIndex.open(archive, sets=record_sets(archive)) as index:
        index.catch_up()
        found = list(index.ids(query))
        with archive.read() as reader:
            restricted = len(restrictions.every(reader))
        searched = Searched(
            query=query,
            parsed=index.explain(query),
            position=index.position,
            engine=index.engine,
            found=found,
            restricted=restricted,
        )
    with archive.write(signer) as writer:
        return searched, record_search(writer, find_request(writer, key), searched)


def matching(archive: Archive, query: str) -> frozenset[str]:
    """The ids of all records that fit a query; nothing is kept as evidence."""
    from schedules import record_sets
    from search import SearchIndex

    with SearchIndex.open(archive, sets=record_sets(archive)) as index:
        index.catch_up()
        return frozenset(index.ids(query))


def searches(reader: Reader, request: Request) -> list[Search]:
    """Every search that was made for a request, in order."""
    return [
        Search(
            at=entry.at,
            actor=entry.actor,
            query=sealed.get("query") if sealed else None,
            parsed=sealed.get("parsed") if sealed else None,
            position=entry.data["position"],
            engine=entry.data["engine"],
            count=entry.data["count"],
            digest=entry.data.get("digest"),
            restricted=entry.data.get("restricted"),
        )
        for entry, sealed in reader.open(reader.history(request.id, {"request.searched"}))
    ]
