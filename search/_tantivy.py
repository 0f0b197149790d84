"""The default engine: Tantivy. Everything that is peculiar about its binding ends here."""

import ctypes
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import cache, lru_cache, partial
from importlib import metadata
from itertools import islice, pairwise, product
from pathlib import Path
from typing import Any

import orjson
import tantivy
from whoosh import query as tree

from archive.errors import MunimentError
from search._documents import Document, seq_of
from search._engine import DamagedIndex, Match, Query, Ranked
from search._fields import DATES, ORDERED, SEVERAL, UNORDERED
from search._merging import META, TOGETHER, merge_deleted
from search._sets import Among

_WHITESPACE = "spaces"
_HEAP = 50_000_000
_AT_ONCE = 500
_FEW, _FEW_NEAR = 30, 512
_ARENA_MAX = -8
_THERE = 4.0
"""What each of several alternatives weighs in the ranking by being there, however rare."""
_NEAR = 6.0
"""What a word found by `~` weighs in the ranking, as much as one that few records have."""
_WILD = re.compile(r"[.\\+*?()|\[\]{}^$#&\-~]")


class TantivyEngine:
    """An index in a folder, memory-mapped; a writer is kept open between batches until `settle`."""

    name = "tantivy"
    version = metadata.version("tantivy")

    def __init__(self, folder: Path) -> None:
        with _edge():
            if not (folder / META).exists() and any(folder.iterdir()):
                raise DamagedIndex(f"{META} is missing")
            self._index = opened_in(folder)
            self._searcher = self._index.searcher()
        self._folder = folder
        self._writer: tantivy.IndexWriter | None = None

    def apply(self, gone: Iterable[int], documents: Iterable[Document]) -> None:
        # Not `with writer`: that commits what was added before an error.
        try:
            with _edge():
                if self._writer is None:
                    _keep_little()
                    self._writer = self._index.writer(_HEAP, 1)
                writer = self._writer
                # `delete_documents_by_term` deletes nothing by an unsigned field, silently.
                writer.delete_documents_by_query(_of(gone))
            texts = map(as_json, documents)
            while some := list(islice(texts, _AT_ONCE)):
                with _edge():
                    for text in some:
                        writer.add_json(text)
            with _edge():
                writer.commit()
        except BaseException:
            self._abandon()
            raise
        self._reload()

    def settle(self) -> None:
        writer, self._writer = self._writer, None
        if writer is not None:
            with _edge():
                writer.wait_merging_threads()
            self._reload()

    def forget(self, again: Callable[[Sequence[int]], Iterable[Document]]) -> None:
        self.settle()
        newest = self._newest(TOGETHER - 1)
        texts = list(map(as_json, again(newest)))
        with _edge():
            merge_deleted(self._folder, self._index, _of(newest), texts)
        self._reload()

    def size(self) -> int:
        return int(self._searcher.num_docs)

    def count(self, query: Query) -> int:
        return self._found(query, 1)[0]

    def records(self, query: Query) -> int:
        count, found = self._found(query, _few(query))
        return count - self._again(query, count, found)

    def best(self, query: Query, limit: int) -> tuple[int, list[Ranked]]:
        count, found = self._found(query, max(limit, _few(query)))
        return count - self._again(query, count, found), found[:limit]

    def matches(self, found: Sequence[Ranked]) -> list[Match]:
        with _edge():
            return self._matches(found, ranked=True)

    def ranked(self, query: Query, offset: int, limit: int) -> list[Match]:
        compiled = _compile(query)
        with _edge():
            found = self._searcher.search(compiled, limit, count=False, offset=offset).hits
            return self._matches(found, ranked=True)

    def ordered(
        self, query: Query, least: int, limit: int, records: Sequence[int] | None = None
    ) -> list[Match]:
        later = tantivy.Query.range_query(
            _schema(), "order", tantivy.FieldType.Unsigned, lower_bound=least
        )
        must = tantivy.Occur.Must
        clauses = [(must, _compile(query)), (must, later)]
        if records is not None:
            clauses.append((must, _of(records)))
        every = tantivy.Query.boolean_query(clauses)
        with _edge():
            found = self._searcher.search(
                every, limit, count=False, order_by_field="order", order=tantivy.Order.Asc
            ).hits
            return self._matches(found, ranked=False)

    def close(self) -> None:
        self._abandon()

    def _abandon(self) -> None:
        writer, self._writer = self._writer, None
        if writer is not None:
            with _edge():
                writer.rollback()
                writer.wait_merging_threads()

    def _reload(self) -> None:
        with _edge():
            self._index.reload()
            self._searcher = self._index.searcher()

    def _found(self, query: Query, limit: int) -> tuple[int, list[Any]]:
        """How many match, and the first of them; counted in the same run."""
        compiled = _compile(query)
        with _edge():
            found: Any = self._searcher.search(compiled, limit)  # its stub has no `count`
            return int(found.count or 0), found.hits

    def _again(self, query: Query, count: int, found: list[Any]) -> int:
        """How many of `count` matches are further versions of a record; `found` are the first."""
        if count <= len(found):
            several = self._column("several", found)
            found = [one for one, yes in zip(found, several, strict=True) if yes]
            records = self._column("record", found)
        else:
            records = self._of_several(query, count)
        return len(records) - len(set(records))

    def _of_several(self, query: Query, count: int) -> list[int]:
        """The record of each of `count` matches that has further versions."""
        compiled = _compile(tree.And([query, tree.Term(SEVERAL, "yes")]))
        with _edge():
            most = max(min(count, self._searcher.doc_freq(SEVERAL, "yes")), 1)
            found = self._searcher.search(compiled, most, count=False, order_by_field="record")
            return [record for record, _ in found.hits]

    def _newest(self, documents: int) -> list[int]:
        """The records of so many documents, the newest: those are in the smallest segments."""
        every = tantivy.Query.all_query()
        with _edge():
            found = self._searcher.search(every, documents, count=False, order_by_field="record")
            return sorted({record for record, _ in found.hits})

    def _column(self, name: str, found: list[Any]) -> list[Any]:
        with _edge():
            return self._searcher.fast_field_values(name, [place for _, place in found])

    def _matches(
        self, found: Sequence[tuple[float, tantivy.DocAddress]], *, ranked: bool
    ) -> list[Match]:
        if not found:
            return []
        places = [place for _, place in found]
        column = partial(self._searcher.fast_field_values, doc_addresses=places)
        orders = [int(order or 0) for order in column("order")]
        several = column("several")
        seqs = list(map(seq_of, orders))
        records = column("record") if any(several) else seqs
        columns = (column("id_high"), column("id_low"), records, seqs, several, orders)
        return [
            Match(
                id=_uuid(int(high or 0) << 64 | int(low or 0)),
                record=int(record or 0),
                seq=seq,
                several=bool(yes),
                order=order,
                score=score if ranked else 0.0,
            )
            for (score, _), high, low, record, seq, yes, order in zip(found, *columns, strict=True)
        ]


def opened_in(folder: Path) -> tantivy.Index:
    """Tantivy's own index in a folder, with the fields that are ours."""
    index = tantivy.Index(_schema(), path=str(folder))
    analyzer = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build()
    index.register_tokenizer(_WHITESPACE, analyzer)
    return index


def _compile(node: Query) -> tantivy.Query:
    """A query tree as Tantivy's query objects; nothing is ever parsed again from text."""
    build = tantivy.Query
    match node:
        case tree.And():
            return _all_of(list(node.subqueries))
        case tree.Or():
            return _any_of(list(node.subqueries))
        case tree.Not():
            return _all_of([node])
        case tree.Every():
            return build.all_query()
        case tree.Phrase() | tree.SpanNear2():
            return _near(*_rows(node), node.slop)
        case tree.Prefix():
            return _regex(node.fieldname, _literal(node.text) + ".*")
        case tree.Wildcard():
            return _regex(node.fieldname, _pattern(node.text))
        case tree.FuzzyTerm():
            near = build.fuzzy_term_query(
                _schema(), node.fieldname, node.text, node.maxdist, transposition_cost_one=False
            )
            return build.boost_query(near, _NEAR)
        case tree.NumericRange():
            return build.range_query(
                _schema(),
                node.fieldname,
                tantivy.FieldType.Integer,
                lower_bound=node.start,
                upper_bound=node.end,
                include_lower=not node.startexcl,
                include_upper=node.end is None or not node.endexcl,
            )
        case Among():
            return _of(node.records)
        case tree.Term():
            return build.term_query(_schema(), node.fieldname, node.text)
    raise TypeError(f"no way to search for {node!r}")


def _few(query: Query) -> int:
    """Of how many matches to look at each before asking again for those with further versions.

    To ask again for a word with `~` means to make its automaton again.
    """
    near = any(isinstance(leaf, tree.FuzzyTerm) for leaf in query.leaves())
    return _FEW_NEAR if near else _FEW


def _any_of(nodes: list[Query]) -> tantivy.Query:
    """Each word that is there counts by itself, too: more of them go before rarer ones."""
    should = tantivy.Occur.Should
    compiled = [_compile(node) for node in nodes]
    there = [
        tantivy.Query.const_score_query(one, _THERE)
        for node, one in zip(nodes, compiled, strict=True)
        if type(node) is tree.Term
    ]
    return tantivy.Query.boolean_query([(should, one) for one in (*compiled, *there)])


def _all_of(nodes: list[Query]) -> tantivy.Query:
    must, must_not = tantivy.Occur.Must, tantivy.Occur.MustNot
    clauses = [
        (must_not, _compile(node.query)) if isinstance(node, tree.Not) else (must, _compile(node))
        for node in nodes
    ]
    if all(occur == must_not for occur, _ in clauses):
        clauses.append((must, tantivy.Query.all_query()))
    return tantivy.Query.boolean_query(clauses)


def _near(field: str, rows: list[list[str]], slop: int) -> tantivy.Query:
    """Rows of adjacent words, each beginning at most `slop` words after the end of the last.

    Tantivy's own slop is one budget for the whole phrase; so every placing is asked for.
    """
    choices: list[tantivy.Query] = []
    for steps in product(range(1, slop + 1), repeat=len(rows) - 1):
        starts = [0]
        for (row, _), step in zip(pairwise(rows), steps, strict=True):
            starts.append(starts[-1] + len(row) - 1 + step)
        placed = [
            (start + i, word)
            for start, row in zip(starts, rows, strict=True)
            for i, word in enumerate(row)
        ]
        choices.append(tantivy.Query.phrase_query(_schema(), field, list(placed)))
    if len(choices) == 1:
        return choices[0]
    return tantivy.Query.boolean_query([(tantivy.Occur.Should, one) for one in choices])


@lru_cache(maxsize=64)
def _regex(field: str, pattern: str) -> tantivy.Query:
    """Made once for all parts of an index: to make its automaton takes longer than to run it."""
    return tantivy.Query.regex_query(_schema(), field, pattern)


def _of(records: Iterable[int]) -> tantivy.Query:
    return tantivy.Query.term_set_query(_schema(), "record", list(records))


@cache
def _keep_little() -> None:
    """Let the C library share its memory among threads.

    GNU's keeps for every thread what that thread freed, and each writer has threads of its own: an
    index of many parts would take more memory with every part.
    """
    with suppress(AttributeError, OSError):
        ctypes.CDLL(None).mallopt(_ARENA_MAX, 2)


@cache
def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    for name in ORDERED:
        builder.add_text_field(name, tokenizer_name=_WHITESPACE, index_option="position")
    for name in UNORDERED:
        builder.add_text_field(name, tokenizer_name=_WHITESPACE, index_option="basic")
    for name in DATES:
        builder.add_integer_field(name, fast=True)
    builder.add_unsigned_field("record", indexed=True, fast=True)
    for name in ("order", "several", "id_high", "id_low"):
        builder.add_unsigned_field(name, fast=True)
    return builder.build()


def as_json(document: Document) -> str:
    """A document as Tantivy is given it."""
    number = int(document.id.replace("-", ""), 16)
    return orjson.dumps(
        {
            **document.tokens,
            **document.dates,
            "record": document.record,
            "order": document.order,
            "several": int(document.several),
            "id_high": number >> 64,
            "id_low": number & 0xFFFF_FFFF_FFFF_FFFF,
        }
    ).decode()


def _rows(node: Query) -> tuple[str, list[list[str]]]:
    """The field of a phrase or a proximity search, and its rows of adjacent words."""
    if isinstance(node, tree.Phrase):
        return node.fieldname, [[word] for word in node.words]
    rows = [[sub.text] if isinstance(sub, tree.Term) else sub.words for sub in node.qs]
    return node.qs[0].fieldname, rows


def _uuid(number: int) -> str:
    digits = f"{number:032x}"
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


def _literal(text: str) -> str:
    return _WILD.sub(r"\\\g<0>", text)


def _pattern(text: str) -> str:
    parts = {"*": ".*", "?": "."}
    return "".join(parts.get(char) or _literal(char) for char in text)


@contextmanager
def _edge() -> Iterator[None]:
    """Turn what the binding raises into `DamagedIndex`: errors, and panics (no `Exception`)."""
    try:
        yield
    except (MunimentError, DamagedIndex, KeyboardInterrupt, SystemExit, GeneratorExit):
        raise
    except BaseException as error:
        panic = type(error).__name__ == "PanicException"
        if panic or isinstance(error, ValueError | OSError):
            raise DamagedIndex(f"{str(error).splitlines()[0][:200]}") from error
        raise
