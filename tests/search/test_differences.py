"""Both engines find what a query means; where they differ, it is listed in differences.toml.

`oracle` is the judge between them. A pair is a corpus and a query.
"""

import os
import tempfile
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from whoosh import query as tree

from archive import Archive
from search import FIELDS, SearchIndex, _partitions, parse
from search._documents import Document
from search._engines import engine_class
from search._keeper import Keeper
from search._partitions import Partitions
from search._sets import Among
from tests.campaigns import Count
from tests.search import oracle
from tests.search.drawn import PLAIN, SETS, Batch, Corpus, corpora, document, queries

PAIRS = int(os.environ.get("MUNIMENT_DIFFERENCES", "120"))
TOGETHER = 5
WHOLE, IN_PARTS = 1 << 17, 2


@dataclass(frozen=True)
class Difference:
    """A known difference between rankings, with an example of it."""

    operators: frozenset[str]
    reason: str
    query: str
    texts: tuple[str, ...]
    orders: Mapping[str, list[int]]


LISTED = [
    Difference(frozenset(row.pop("operators")), **row)
    for row in tomllib.loads(
        Path(__file__).with_name("differences.toml").read_text(encoding="utf-8")
    )["difference"]
]


@contextmanager
def indexed(engine: str, span: int, batches: Iterable[Batch]) -> Iterator[SearchIndex]:
    """What an engine makes of batches, in parts of `span` records."""
    with ExitStack() as until, pytest.MonkeyPatch.context() as patch:
        patch.setattr(_partitions, "SPAN", span)
        folder = Path(until.enter_context(tempfile.TemporaryDirectory()))
        parts = Partitions(engine_class(engine), folder, {}, "part-{}".format)
        until.callback(parts.close)
        for batch in batches:
            parts.apply(batch.gone, batch.documents)
        parts.settle()
        archive = SimpleNamespace(
            config=SimpleNamespace(timezone="UTC"),
            clock=lambda: datetime(2026, 3, 2, tzinfo=UTC),
            read=lambda: nullcontext(SimpleNamespace(head=SimpleNamespace(size=0))),
        )
        sets = {
            field: lambda _reader, value, field=field: SETS[field, value]
            for field in ("in", "series", "status")
        }
        keeper = SimpleNamespace(index=parts)
        yield SearchIndex(cast(Archive, archive), cast(Keeper, keeper), sets)


@dataclass(frozen=True)
class Answer:
    """What a query finds: the records by date, how many, the newest version of each that fits."""

    by_date: list[str]
    count: int
    newest: dict[int, int]


def answered(index: SearchIndex, query: str) -> tuple[Answer, list[int]]:
    """What an index answers, and the records in their order by rank."""
    node = index._parse(query)
    ranked = list(index._by_rank(node))
    answer = Answer(list(index.ids(query)), index.count(query), index._newest(node, ranked))
    return answer, [match.record for match in ranked]


def judged(node: Any, documents: Iterable[Document]) -> Answer:
    """What it means."""
    seqs = oracle.matching(node, documents)
    found = sorted((one for one in documents if one.seq in seqs), key=lambda one: one.order)
    newest: dict[int, int] = {}
    for one in found:
        newest[one.record] = max(one.seq, newest.get(one.record, -1))
    ids = list(dict.fromkeys(one.id for one in found))
    return Answer(ids, len(ids), newest)


def nodes(node: Any) -> Iterator[Any]:
    """A query's tree, node by node."""
    yield node
    for sub in [node.query] if isinstance(node, tree.Not) else getattr(node, "subqueries", ()):
        yield from nodes(sub)


def operators(node: Any) -> set[str]:
    """The names of the nodes of a query's tree."""
    return {type(one).__name__ for one in nodes(node)}


def compare(corpus: Corpus, asked: Iterable[str], span: int) -> None:
    """Fail where an index is not as it is meant, or ranks otherwise than the list explains."""
    ranked: dict[str, list[list[int]]] = {}
    for engine in ("tantivy", "whoosh"):
        with indexed(engine, span, corpus.batches) as index:
            ranked[engine] = []
            for query in asked:
                answer, order = answered(index, query)
                meant = judged(index._parse(query), corpus.documents)
                assert answer == meant, (engine, query)
                assert sorted(order) == sorted(meant.newest), (engine, query)
                ranked[engine].append(order)
    explained = {operator for difference in LISTED for operator in difference.operators}
    for query, *orders in zip(asked, *ranked.values(), strict=True):
        if not corpus.changed and explained.isdisjoint(operators(parse(query))):
            assert orders[0] == orders[1], query


def test_nothing_differs_but_what_is_listed(count: Count) -> None:
    @settings(max_examples=max(PAIRS // TOGETHER, 1))
    @given(
        corpora(),
        st.lists(queries, min_size=TOGETHER, max_size=TOGETHER),
        st.sampled_from([WHOLE, 3, IN_PARTS]),
    )
    def compared(corpus: Corpus, asked: list[str], span: int) -> None:
        compare(corpus, asked, span)
        count("differences", "pairs", len(asked))

    compared()


@pytest.mark.parametrize("difference", LISTED, ids=lambda one: one.query)
def test_what_is_listed_still_differs(difference: Difference) -> None:
    documents = tuple(document(at, at, text=text) for at, text in enumerate(difference.texts))
    found = {}
    for way in difference.orders:
        engine, _, parts = way.partition(" in ")
        with indexed(engine, IN_PARTS if parts else WHOLE, [Batch((), documents)]) as index:
            _, found[way] = answered(index, difference.query)
            assert difference.operators & operators(index._parse(difference.query))
    assert found == difference.orders
    assert len(set(map(tuple, found.values()))) > 1
    assert difference.reason


def test_what_is_drawn_has_every_operator_and_every_field() -> None:
    drawn = [node for query in PLAIN for node in nodes(parse(query))]
    assert {type(node) for node in drawn} >= {
        *(tree.Term, tree.Phrase, tree.SpanNear2, tree.Prefix, tree.Wildcard, tree.FuzzyTerm),
        *(tree.NumericRange, tree.Every, tree.Not, tree.Or, tree.And, Among),
    }
    assert {query.removeprefix("NOT ").split(":")[0] for query in PLAIN} >= {*FIELDS} - {"text"}
