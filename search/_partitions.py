"""An index in parts, each an engine's own, by where in the log a record begins.

An engine keeps words of documents that were deleted. With parts, only those have to be written anew
that held them; every version of a record is in the same part. How much a word says about a document
is weighed within its part.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from heapq import merge
from itertools import chain, groupby, islice
from pathlib import Path

from archive import translated
from search._documents import Document
from search._engine import Engine, Match, Query, Ranked

SPAN = 1 << 20
"""How many positions of the log a part covers. To change it, raise `SCHEMA_VERSION`, too."""

_FIRST_PAGE = 50
_SPARE = 10
_LEAST = 8
_GROWTH = 4
_PAGE = 10_000


def part_of(record: int) -> int:
    """The number of the part that a record is in, by the position of its first entry."""
    return record // SPAN


def stretch(number: int) -> tuple[int, int]:
    """The positions of the log that a part covers: its first, and the one behind its last."""
    return number * SPAN, (number + 1) * SPAN


class Partitions:
    """The engines of all parts, in folders of `folder` that `names` gives by the part's number.

    `fresh` names the folder of a part that is not there yet. `stale` has the numbers of parts that
    remember words of records that are not found any more. Raises DamagedIndex, as engines do.
    """

    def __init__(
        self,
        make: Callable[[Path], Engine],
        folder: Path,
        names: Mapping[int, str],
        fresh: Callable[[int], str],
        stale: Iterable[int] = (),
    ) -> None:
        self._make = make
        self._folder = folder
        self._fresh = fresh
        self._engines: dict[int, Engine] = {}
        self._writing: int | None = None
        self.names = dict(names)
        self.stale = set(stale)
        try:
            for number, name in sorted(names.items()):
                self._engines[number] = make(folder / name)
        except BaseException:
            self.close()
            raise

    def apply(self, gone: Iterable[int], documents: Iterable[Document]) -> None:
        """Take out all documents of the records `gone`, then add `documents`, part by part.

        An interruption leaves some parts done and others not: the same has to be applied again.
        """
        going: dict[int, set[int]] = defaultdict(set)
        for record in gone:
            going[part_of(record)].add(record)
        lost = {record for records in going.values() for record in records}
        for number, group in groupby(documents, lambda document: part_of(document.record)):
            self._apply(number, going.pop(number, ()), _noted(group, lost))
        for number in sorted(going.keys() & self._engines.keys()):
            self._apply(number, going[number], ())
        self.stale.update(number for number in map(part_of, lost) if number in self._engines)

    def settle(self) -> None:
        """Finish what works in the background, so that the files stay as they are."""
        if self._writing is not None:
            self._engines[self._writing].settle()
            self._writing = None

    def size(self) -> int:
        """How many documents there are."""
        return sum(engine.size() for engine in self._engines.values())

    def count(self, query: Query) -> int:
        """How many records match, in any of their versions."""
        return sum(engine.records(query) for engine in self._engines.values())

    def best(self, query: Query, offset: int, limit: int) -> tuple[int, list[Match]]:
        """How many records match, and a page of them by rank."""
        most = offset + limit + _SPARE
        asked = [(engine, *engine.best(query, most)) for engine in self._engines.values()]
        count = sum(count for _, count, _ in asked)
        page = list(islice(_distinct(_first(asked, most)), offset, offset + limit))
        if len(page) < limit and offset + len(page) < count:
            page = list(islice(self.by_rank(query), offset, offset + limit))
        return count, page

    def by_rank(self, query: Query) -> Iterator[Match]:
        """All records that match from the best on, by their best version, streamed."""
        first = self._share(_FIRST_PAGE, _LEAST)
        found = (_ranked(engine, query, first) for engine in self._engines.values())
        return _distinct(merge(*found, key=_descending))

    def by_date(self, query: Query) -> Iterator[Match]:
        """All records that match, by their oldest version that does, streamed."""
        first, most = self._share(_FIRST_PAGE, _LEAST), self._share(_PAGE, _FIRST_PAGE)
        found = (_ordered(engine, query, first, most) for engine in self._engines.values())
        return _distinct(merge(*found, key=lambda match: match.order))

    def among(self, query: Query, records: Iterable[int]) -> Iterator[Match]:
        """The documents of `records` that match, in no order."""
        wanted: dict[int, list[int]] = defaultdict(list)
        for record in records:
            wanted[part_of(record)].append(record)
        for number in wanted.keys() & self._engines.keys():
            engine, these = self._engines[number], wanted[number]
            yield from _ordered(engine, query, _FIRST_PAGE, _PAGE, these)

    def close(self) -> None:
        """Let go of files; what was not applied is lost."""
        for engine in self._engines.values():
            engine.close()

    def _share(self, size: int, least: int) -> int:
        """What to ask every part for at once, so that all together give about `size` matches."""
        return max(size // max(len(self._engines), 1), least)

    def _apply(self, number: int, gone: Iterable[int], documents: Iterable[Document]) -> None:
        if self._writing != number:
            self.settle()
        if number not in self._engines:
            folder = self._folder / self._fresh(number)
            with translated():
                folder.mkdir(mode=0o700)
            self._engines[number] = self._make(folder)
            self.names[number] = folder.name
        self._writing = number
        self._engines[number].apply(gone, documents)


def _noted(documents: Iterable[Document], lost: set[int]) -> Iterator[Document]:
    """The documents, their records struck off those that are lost."""
    for document in documents:
        lost.discard(document.record)
        yield document


def _distinct(found: Iterable[Match]) -> Iterator[Match]:
    """The first match of every record."""
    seen: set[int] = set()
    for match in found:
        if not match.several:
            yield match
        elif match.record not in seen:
            seen.add(match.record)
            yield match


def _descending(match: Match) -> float:
    return -match.score


def _first(asked: Sequence[tuple[Engine, int, list[Ranked]]], most: int) -> list[Match]:
    """The first of what the engines found, in the order of `by_rank`; no others are looked up."""
    every = [(-score, part) for part, (_, _, found) in enumerate(asked) for score, _ in found]
    taken = Counter(part for _, part in sorted(every)[:most])
    pages = [asked[part][0].matches(asked[part][2][: taken[part]]) for part in sorted(taken)]
    return sorted(chain.from_iterable(pages), key=_descending)


def _ranked(engine: Engine, query: Query, size: int) -> Iterator[Match]:
    """All matches from the best on, asked for in pages that grow."""
    offset = 0
    while found := engine.ranked(query, offset, size):
        yield from found
        if len(found) < size:
            return
        offset, size = offset + size, min(size * _GROWTH, _PAGE)


def _ordered(
    engine: Engine, query: Query, size: int, most: int, records: Sequence[int] | None = None
) -> Iterator[Match]:
    least = 0
    while found := engine.ordered(query, least, size, records):
        yield from found
        if len(found) < size:
            return
        least, size = found[-1].order + 1, most
