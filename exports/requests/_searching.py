"""Searching for a request: complete, counted, and kept as evidence of what was asked."""

from archive import Archive, Signer
from exports.requests._intake import Searched, record_search
from exports.requests._requests import find_request, open_request_of


def search_for(archive: Archive, signer: Signer, key: str, query: str) -> tuple[Searched, int]:
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
        searched = Searched(
            query=query,
            parsed=index.explain(query),
            position=index.position,
            engine=index.engine,
            found=found,
        )
    with archive.write(signer) as writer:
        return searched, record_search(writer, find_request(writer, key), searched)
