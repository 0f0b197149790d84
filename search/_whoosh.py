"""The reference engine: Whoosh, in pure Python. Slow; what other engines find is tested by it."""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from importlib import metadata
from pathlib import Path

from whoosh import index as whoosh_index
from whoosh import query as tree
from whoosh.analysis import SpaceSeparatedTokenizer
from whoosh.fields import NUMERIC, STORED, TEXT, Schema
from whoosh.searching import Searcher
from whoosh.writing import IndexWriter

from archive.errors import MunimentError
from search._documents import Document
from search._engine import DamagedIndex, Match, Query, Ranked
from search._fields import DATES, ORDERED, UNORDERED
from search._sets import Among


class WhooshEngine:
    """An index in a folder. Every batch is a commit; a reader is opened anew after it."""

    name = "whoosh"
    version = metadata.version("whoosh-reloaded")

    def __init__(self, folder: Path) -> None:
        with _edge():
            if any(folder.iterdir()):
                self._index = whoosh_index.open_dir(os.fspath(folder))
            else:
                self._index = whoosh_index.create_in(os.fspath(folder), _schema())
            self._searcher: Searcher = self._index.searcher()

    def apply(self, gone: Iterable[int], documents: Iterable[Document]) -> None:
        with _edge():
            writer = self._index.writer()
        try:
            for record in gone:
                writer.delete_by_term("record", record)
            for document in documents:
                _add(writer, document)
        except BaseException:
            writer.cancel()
            raise
        self._commit(writer)

    def settle(self) -> None:
        """Nothing of it works in the background."""

    def forget(self, again: Callable[[Sequence[int]], Iterable[Document]]) -> None:
        with _edge():
            writer = self._index.writer()
        self._commit(writer, optimize=True)

    def size(self) -> int:
        return int(self._searcher.doc_count())

    def count(self, query: Query) -> int:
        with _edge():
            return sum(1 for _ in self._searcher.docs_for_query(_explicit(query)))

    def records(self, query: Query) -> int:
        with _edge():
            found = self._searcher.docs_for_query(_explicit(query))
            stored = (self._searcher.stored_fields(one)["match"] for one in found)
            return len({_match(place).record for place in stored})

    def best(self, query: Query, limit: int) -> tuple[int, list[Ranked]]:
        with _edge():
            hits = self._searcher.search(_explicit(query), limit=limit)
            return self.records(query), [(float(score), place) for score, place in hits.top_n]

    def matches(self, found: Sequence[Ranked]) -> list[Match]:
        with _edge():
            return [
                _match(self._searcher.stored_fields(place)["match"], score)
                for score, place in found
            ]

    def ranked(self, query: Query, offset: int, limit: int) -> list[Match]:
        with _edge():
            hits = self._searcher.search(_explicit(query), limit=offset + limit)
            return self.matches(hits.top_n[offset:])

    def ordered(
        self, query: Query, least: int, limit: int, records: Sequence[int] | None = None
    ) -> list[Match]:
        with _edge():
            found = [
                _match(self._searcher.stored_fields(docnum)["match"])
                for docnum in self._searcher.docs_for_query(_explicit(query))
            ]
        later = [
            match
            for match in found
            if match.order >= least and (records is None or match.record in records)
        ]
        return sorted(later, key=lambda match: match.order)[:limit]

    def close(self) -> None:
        self._searcher.close()
        self._index.close()

    def _commit(self, writer: IndexWriter, *, optimize: bool = False) -> None:
        with _edge():
            writer.commit(optimize=optimize)
            self._searcher.close()
            self._searcher = self._index.searcher()


def _match(place: tuple[str, int, int, bool, int], score: float = 0.0) -> Match:
    return Match(*place, score)


def _add(writer: IndexWriter, document: Document) -> None:
    place = (document.id, document.record, document.seq, document.several, document.order)
    with _edge():
        writer.add_document(
            **document.tokens, **document.dates, record=document.record, match=place
        )


def _schema() -> Schema:
    words = SpaceSeparatedTokenizer()
    fields: dict[str, object] = {name: TEXT(words, phrase=True) for name in ORDERED}
    fields |= {name: TEXT(words, phrase=False) for name in UNORDERED}
    fields |= {name: NUMERIC(int, bits=64, signed=True) for name in DATES}
    fields |= {"record": NUMERIC(int, bits=64, signed=True), "match": STORED()}
    return Schema(**fields)


def _explicit(node: Query) -> Query:
    """The tree with every NOT standing beside what it takes away from."""
    if isinstance(node, tree.Not):
        return tree.AndNot(tree.Every(), _explicit(node.query))
    if isinstance(node, tree.And | tree.Or):
        return type(node)([_explicit(sub) for sub in node.subqueries])
    if isinstance(node, Among):
        number = NUMERIC(int, bits=64, signed=True)
        return tree.Or([tree.Term("record", number.to_bytes(one)) for one in node.records])
    return node


@contextmanager
def _edge() -> Iterator[None]:
    """Turn whatever a broken file makes of Whoosh's code into `DamagedIndex`."""
    try:
        yield
    except (MunimentError, DamagedIndex):
        raise
    except Exception as error:
        raise DamagedIndex(f"{type(error).__name__} {error}"[:200]) from error
