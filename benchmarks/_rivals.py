"""What the index is held against: Tantivy used plainly, SQLite FTS5, and Whoosh.

Each keeps the same text, author, platform and date in one index, as its own documentation shows it.
"""

import sqlite3
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any, Protocol

import tantivy
from whoosh import index as whoosh_index
from whoosh import scoring
from whoosh.analysis import StemmingAnalyzer
from whoosh.fields import ID, NUMERIC, TEXT, Schema
from whoosh.qparser import FuzzyTermPlugin, OrGroup, QueryParser

from benchmarks._corpus import Comment

_BATCH = 10_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Rival(Protocol):
    """An index in a folder of its own. It is asked by the kinds of query of `benchmarks.search`."""

    name: str

    def __init__(self, folder: Path) -> None:
        """Open the index in a folder, or begin one."""

    def fill(self, comments: Iterable[Comment]) -> None:
        """Index all of them, and wait until that is done."""

    def page(self, kind: str, words: Sequence[str]) -> tuple[int, list[int]]:
        """How many match, and the numbers of the best twenty; LookupError if it has no such."""

    def best(self, words: Sequence[str], limit: int) -> list[int]:
        """The numbers of the best comments with any of the words."""


class Plain:
    """Tantivy through its Python binding: its own tokenizer, stemming, and query parser."""

    name = "tantivy"

    def __init__(self, folder: Path) -> None:
        builder = tantivy.SchemaBuilder()
        builder.add_unsigned_field("number", stored=True)
        builder.add_text_field("text", tokenizer_name="en_stem")
        builder.add_text_field("author")
        builder.add_text_field("platform", tokenizer_name="raw", index_option="basic")
        builder.add_integer_field("date", indexed=True, fast=True)
        self._schema = builder.build()
        folder.mkdir(exist_ok=True)
        self._index = tantivy.Index(self._schema, path=str(folder))
        self._searcher = self._index.searcher()

    def fill(self, comments: Iterable[Comment]) -> None:
        writer = self._index.writer()
        for one in comments:
            writer.add_document(
                tantivy.Document(
                    number=one.number,
                    text=one.text,
                    author=one.author,
                    platform=one.platform,
                    date=_seconds(one),
                )
            )
        writer.commit()
        writer.wait_merging_threads()
        self._index.reload()
        self._searcher = self._index.searcher()

    def delete(self, comments: Iterable[Comment]) -> None:
        """Delete them, with those of the same seconds."""
        writer = self._index.writer()
        dates = list(map(_seconds, comments))
        writer.delete_documents_by_query(tantivy.Query.term_set_query(self._schema, "date", dates))
        writer.commit()
        writer.wait_merging_threads()
        self._index.reload()
        self._searcher = self._index.searcher()

    def page(self, kind: str, words: Sequence[str]) -> tuple[int, list[int]]:
        found = self._searcher.search(self._query(kind, words), 20)
        count: Any = found
        return count.count, self._numbers(found)

    def best(self, words: Sequence[str], limit: int) -> list[int]:
        query = self._index.parse_query(" ".join(words), ["text"])
        return self._numbers(self._searcher.search(query, limit))

    def _numbers(self, found: tantivy.SearchResult) -> list[int]:
        return [self._searcher.doc(place)["number"][0] for _, place in found.hits]

    def _query(self, kind: str, words: Sequence[str]) -> tantivy.Query:
        match kind:
            case "prefix":
                return tantivy.Query.regex_query(self._schema, "text", f"{words[0]}.*")
            case "wildcard":
                pattern = words[0].replace("?", ".").replace("*", ".*")
                return tantivy.Query.regex_query(self._schema, "text", pattern)
            case "fuzzy":
                return tantivy.Query.fuzzy_term_query(
                    self._schema, "text", words[0], 1, transposition_cost_one=False
                )
            case "dated":
                first, last = _year(words[1])
                text = f"+{words[0]} +date:[{first} TO {last}]"
            case "phrase":
                text = f'"{" ".join(words)}"'
            case "or":
                text = " OR ".join(words)
            case _:
                text = " AND ".join(words)
        return self._index.parse_query(text, ["text"])


class Fts5:
    """SQLite's FTS5 with its Porter stemmer; dates in an ordinary table beside it."""

    name = "sqlite fts5"

    def __init__(self, folder: Path) -> None:
        folder.mkdir(exist_ok=True)
        self._connection = sqlite3.connect(folder / "fts.db")
        self._connection.executescript(
            """
            PRAGMA journal_mode = WAL;
            CREATE TABLE IF NOT EXISTS item (number INTEGER PRIMARY KEY, date INTEGER);
            CREATE VIRTUAL TABLE IF NOT EXISTS words
                USING fts5(text, author, platform, tokenize = 'porter unicode61');
            """
        )

    def fill(self, comments: Iterable[Comment]) -> None:
        every = iter(comments)
        while some := list(islice(every, _BATCH)):
            with self._connection as transaction:
                transaction.executemany(
                    "INSERT INTO words (rowid, text, author, platform) VALUES (?, ?, ?, ?)",
                    [(one.number, one.text, one.author, one.platform) for one in some],
                )
                transaction.executemany(
                    "INSERT INTO item VALUES (?, ?)", [(one.number, _seconds(one)) for one in some]
                )

    def page(self, kind: str, words: Sequence[str]) -> tuple[int, list[int]]:
        match kind:
            case "wildcard" | "fuzzy":
                raise LookupError
            case "prefix":
                asked = f'"{words[0]}" *'
            case "phrase":
                asked = f'"{" ".join(words)}"'
            case "or":
                asked = " OR ".join(words)
            case "dated":
                asked = words[0]
            case _:
                asked = " AND ".join(words)
        where = "words MATCH ?"
        values: tuple[Any, ...] = (f"text : ({asked})",)
        if kind == "dated":
            where = (
                f"{where} AND (SELECT date FROM item WHERE number = words.rowid) BETWEEN ? AND ?"
            )
            values += _year(words[1])
        count = self._ask(f"SELECT count(*) FROM words WHERE {where}", values)[0]
        best = f"SELECT rowid FROM words WHERE {where} ORDER BY rank LIMIT 20"
        return count, self._ask(best, values)

    def best(self, words: Sequence[str], limit: int) -> list[int]:
        asked = " OR ".join(f'"{word}"' for word in words)
        query = "SELECT rowid FROM words WHERE words MATCH ? ORDER BY rank LIMIT ?"
        return self._ask(query, (f"text : ({asked})", limit))

    def _ask(self, query: str, values: tuple[Any, ...]) -> list[int]:
        return [row[0] for row in self._connection.execute(query, values)]


class Whoosh:
    """Whoosh with its stemming analyzer, its own parser, and BM25F."""

    name = "whoosh"

    def __init__(self, folder: Path) -> None:
        schema = Schema(
            number=NUMERIC(stored=True, bits=64),
            text=TEXT(StemmingAnalyzer(stoplist=None)),
            author=TEXT(),
            platform=ID(),
            date=NUMERIC(bits=64),
        )
        folder.mkdir(exist_ok=True)
        there = whoosh_index.exists_in(str(folder))
        self._index = (
            whoosh_index.open_dir(str(folder))
            if there
            else whoosh_index.create_in(str(folder), schema)
        )
        self._searcher = self._index.searcher(weighting=scoring.BM25F())

    def fill(self, comments: Iterable[Comment]) -> None:
        writer = self._index.writer(limitmb=256)
        for one in comments:
            writer.add_document(
                number=one.number,
                text=one.text,
                author=one.author,
                platform=one.platform,
                date=_seconds(one),
            )
        writer.commit()
        self._searcher = self._index.searcher(weighting=scoring.BM25F())

    def page(self, kind: str, words: Sequence[str]) -> tuple[int, list[int]]:
        parser = QueryParser("text", self._index.schema)
        parser.add_plugin(FuzzyTermPlugin())
        match kind:
            case "prefix":
                asked = f"{words[0]}*"
            case "fuzzy":
                asked = f"{words[0]}~"
            case "phrase":
                asked = f'"{" ".join(words)}"'
            case "or":
                asked = " OR ".join(words)
            case "dated":
                first, last = _year(words[1])
                asked = f"{words[0]} AND date:[{first} TO {last}]"
            case _:
                asked = " AND ".join(words)
        found = self._searcher.search(parser.parse(asked), limit=20)
        return len(found), [hit["number"] for hit in found]

    def best(self, words: Sequence[str], limit: int) -> list[int]:
        parser = QueryParser("text", self._index.schema, group=OrGroup)
        parser.add_plugin(FuzzyTermPlugin())
        found = self._searcher.search(parser.parse(" ".join(words)), limit=limit)
        return [hit["number"] for hit in found]


def _seconds(comment: Comment) -> int:
    return int((comment.date - _EPOCH).total_seconds())


def _year(year: str) -> tuple[int, int]:
    first, after = (datetime(int(year) + more, 1, 1, tzinfo=UTC) for more in (0, 1))
    return int(first.timestamp()), int(after.timestamp()) - 1
