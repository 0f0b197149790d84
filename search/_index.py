"""The search index of an archive: kept level with its log, asked in the query language."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from itertools import islice
from types import MappingProxyType
from typing import Literal, Self, TypeVar
from zoneinfo import ZoneInfo

from archive import Archive, Entry, Reader, Record, Sealed, StorageError, records, times
from search._context import Above, above
from search._documents import Document
from search._engine import DamagedIndex, Match, Query
from search._explain import explain
from search._facets import Facet, FacetName, count_by
from search._feed import is_further, versions
from search._grouping import Opened, grouped
from search._keeper import Keeper
from search._parser import parse
from search._partitions import Partitions
from search._results import Group, Groups, Hit, Results
from search._sets import Lookup, RecordSets
from search._snippets import Highlighter
from search._suggest import Nowhere, Suggester

Sort = Literal["rank", "date"]
T = TypeVar("T")

_WAIT = 30.0
_PAGE = 500
_SOME = 20


class SearchIndex:
    """The index of an archive. Use `open`; close it, or use it as a context manager.

    Nothing is answered from an index that is not there, not whole, or of another log: what needs it
    catches up first, which builds the index anew where that is necessary (`rebuilt` says why).
    After that an open index answers as of `position`, until `catch_up` is called again.

    Raises StorageError when another command keeps writing the index for too long.
    """

    def __init__(
        self, archive: Archive, keeper: Keeper, sets: RecordSets = MappingProxyType({})
    ) -> None:
        self._archive = archive
        self._look_up = Lookup(archive, sets)
        self._keeper = keeper
        self._zone = ZoneInfo(archive.config.timezone)

    @classmethod
    def open(
        cls,
        archive: Archive,
        *,
        engine: str = "",
        wait: float = _WAIT,
        sets: RecordSets = MappingProxyType({}),
    ) -> Self:
        """The index of `archive`, by the engine that it is configured for, or by `engine`.

        `wait`: how many seconds to wait for another command that is writing the index. `sets`:
        what gives the records of a value that the index does not know, such as a series.
        """
        return cls(archive, Keeper(archive, engine or archive.config.search, wait), sets)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the index's files."""
        self._keeper.close()

    @property
    def engine(self) -> str:
        """Name and version of the engine, as "tantivy 0.27.0"."""
        return self._keeper.name

    @property
    def position(self) -> int:
        """How many entries of the log are covered."""
        return self._keeper.position

    @property
    def rebuilt(self) -> str:
        """Why the index had to be built anew since it was opened; "" when it had not."""
        return self._keeper.rebuilt

    def catch_up(self, reader: Reader | None = None) -> int:
        """Cover the log up to its head, or up to the head that `reader` sees; `position` then.

        Not for a reader with entries that may yet be rolled back.
        """
        self._keeper.catch_up(reader)
        return self.position

    def rebuild(self) -> None:
        """Build the index anew beside the present one, and put it in its place."""
        self._keeper.rebuild()

    def purge(self) -> None:
        """Leave no word of a disposed record in any file of the index.

        An index remembers what was deleted from it; so those parts of it that do are written anew
        without that, swapped in, and the earlier files are removed.
        """
        self._keeper.purge()

    def damaged(self) -> list[str]:
        """The names of index files that are not as they were written; reads them all."""
        return self._keeper.damaged()

    def explain(self, query: str) -> str:
        """How a query is understood, with every operator, field and date written out."""
        return explain(self._parse(query), self._zone)

    def count(self, query: str) -> int:
        """How many records match."""
        return self._count(self._parse(query))

    def ids(self, query: str) -> Iterator[str]:
        """The ids of all records that match, by their date, streamed."""
        return (match.id for match in self._by_date(self._parse(query)))

    def search(
        self, query: str, *, limit: int = 20, offset: int = 0, sort: Sort = "rank"
    ) -> Results:
        """One page of the records that match, and how many there are of them in all.

        By `sort` the best first, or the oldest first. Raises QueryError.
        """
        node = self._parse(query)
        with self._archive.read() as reader:
            if sort == "rank":
                total, found = self._ask_once(lambda index: index.best(node, offset, limit))
            else:
                total = self._count(node)
                found = list(islice(self._by_date(node), offset, offset + limit))
            hits = tuple(self._hits(reader, node, found))
            return Results(total, hits, self.position, reader.head.size)

    def hits(self, query: str, *, sort: Sort = "rank") -> Iterator[Hit]:
        """All records that match, as `search` shows them, streamed."""
        node = self._parse(query)
        return self._all_hits(node, self._sorted(node, sort))

    def groups(self, query: str, *, sort: Sort = "rank") -> Groups:
        """All records that match, those that say the same together; see `search._grouping`.

        UsageError when they are too many for that.
        """
        node = self._parse(query)
        with self._archive.read() as reader:
            matches = self._sorted(node, sort)
            pages = iter(lambda: list(islice(matches, _PAGE)), [])
            opened = (list(self._opened(reader, node, page)) for page in pages)
            found = grouped(reader, self._count(node), opened)
        others = {one.first.id: tuple(one.others) for one in found if one.others}
        hits = self._all_hits(node, (one.first for one in found))
        return Groups(len(found), (Group(hit, others.get(hit.id, ())) for hit in hits))

    def above(self, ids: Sequence[str]) -> dict[str, Above | None]:
        """What each of the records answers or shares, by its id; None where it answers nothing."""
        with self._archive.read() as reader:
            return above(reader, ids)

    def nowhere(self, query: str) -> list[Nowhere]:
        """The words of a query that no record has, each with words near it that some have."""
        return Suggester(self._count, self._documents).nowhere(self._parse(query))

    def facets(self, query: str, names: Sequence[FacetName]) -> list[Facet]:
        """How many of the records that match there are by platform, author, status, month …"""
        node = self._parse(query)
        with self._archive.read() as reader:
            return count_by(reader, self._by_date(node), names, self._zone)

    def _parse(self, query: str) -> Query:
        return self._look_up(parse(query, self._zone, self._archive.clock()))

    def _ask(self, question: Callable[[Partitions], Iterator[T]]) -> Iterator[T]:
        """The index's answer; from one built anew when its files turn out to be damaged."""
        given = False
        for again in (False, True):
            try:
                for found in question(self._keeper.index):
                    given = True
                    yield found
            except DamagedIndex as damage:
                if again:
                    raise StorageError(
                        f"the search index cannot be read: {damage}", hint="check the disk"
                    ) from damage
                self._keeper.rebuild(str(damage))
                if given:  # in another order, the rest would pass over a record or repeat one
                    raise StorageError(
                        f"the search index was damaged in the middle of an answer: {damage}",
                        hint="it was built anew; search again",
                    ) from damage
            else:
                return

    def _ask_once(self, question: Callable[[Partitions], T]) -> T:
        return next(self._ask(lambda index: iter((question(index),))))

    def _count(self, node: Query) -> int:
        return self._ask_once(lambda index: index.count(node))

    def _sorted(self, node: Query, sort: Sort) -> Iterator[Match]:
        return self._by_rank(node) if sort == "rank" else self._by_date(node)

    def _by_date(self, node: Query) -> Iterator[Match]:
        return self._ask(lambda index: index.by_date(node))

    def _by_rank(self, node: Query) -> Iterator[Match]:
        return self._ask(lambda index: index.by_rank(node))

    def _documents(self, node: Query) -> Iterator[Document]:
        """All versions of the oldest records that match."""
        found = {match.record: match.id for match in islice(self._by_date(node), _SOME)}
        with self._archive.read() as reader:
            known = records.get_many(reader, [*found.values()]).values()
            yield from versions(reader, [one for one in known if one.status != "disposed"])

    def _newest(self, node: Query, found: Sequence[Match]) -> dict[int, int]:
        """By record, the position of the newest version that matches."""
        newest = {match.record: match.seq for match in found}
        several = [match.record for match in found if match.several]
        for match in self._ask(lambda index: index.among(node, several)):
            newest[match.record] = max(newest[match.record], match.seq)
        return newest

    def _all_hits(self, node: Query, found: Iterator[Match]) -> Iterator[Hit]:
        while page := list(islice(found, _PAGE)):
            with self._archive.read() as reader:
                yield from self._hits(reader, node, page)

    def _hits(self, reader: Reader, node: Query, found: Sequence[Match]) -> Iterator[Hit]:
        marker = Highlighter(node)
        for match, record, entry, parts in self._opened(reader, node, found):
            yield _hit(reader, record, match, entry, parts, marker)

    def _opened(self, reader: Reader, node: Query, found: Sequence[Match]) -> Iterator[Opened]:
        """What was found in its newest version that matches, unless it may not be shown."""
        known = records.get_many(reader, [match.id for match in found])
        newest = self._newest(node, found)
        opened = reader.open(reader.entries_at([newest[match.record] for match in found]))
        for match, (entry, parts) in zip(found, opened, strict=True):
            record = known.get(match.id)
            if record is not None and parts is not None and record.status != "disposed":
                yield match, record, entry, parts


def _hit(
    reader: Reader,
    record: Record,
    match: Match,
    entry: Entry,
    parts: Sealed,
    marker: Highlighter,
) -> Hit:
    return Hit(
        id=record.id,
        seq=entry.seq,
        version=int(entry.data["version"]),
        versions=record.versions,
        score=match.score,
        date=_date(entry, parts),
        platform=record.platform,
        kind=record.kind,
        status=record.status,
        author=parts.get("author/name") or parts.get("author/handle") or "",
        snippet=marker.snippet(_texts(reader, record, parts, marker)),
    )


def _date(entry: Entry, parts: Sealed) -> datetime:
    written = parts.get("occurred_at")
    return times.from_text(written) if written else entry.at


def _texts(
    reader: Reader, record: Record, parts: Sealed, marker: Highlighter
) -> Iterator[tuple[str, str]]:
    yield "text", parts.text("text")
    yield "title", parts.text("title")
    for path, value in parts.fields:
        if is_further(path):
            yield "text", parts.text(path)
        elif path.startswith("attachment/") and path.endswith(("/name", "/alt")):
            assert isinstance(value, bytes)
            yield "attachment", value.decode()
    if marker.seeks("reason"):
        yield "reason", parts.text("removal_reason")
        removals = {"record.removed", "record.deleted"}
        for _, removal in reader.open(reader.history(record.id, removals)):
            if removal is not None:
                yield "reason", removal.text("reason") or removal.text("removal_reason")
