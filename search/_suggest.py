"""Words of a query that are nowhere in the index, and words near them that are."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from whoosh import query as tree

from search._documents import Document
from search._engine import Query
from search._errors import QueryError
from search._fields import DEFAULT, FIELDS
from search._parser import parse
from search._snippets import within

_MOST_EDITS = 2
_ROUNDS = 10
_SUGGESTED = 3


@dataclass(frozen=True, slots=True)
class Nowhere:
    """A word that no record has, and how many records are found by words near it.

    All are written as in a query. The nearest stands first, of equally near ones the most frequent,
    of equally frequent ones the first by alphabet.
    """

    word: str
    near: dict[str, int]


class Suggester:
    """Says which words of a query are nowhere, and which near them are somewhere.

    `count` says how many records a query finds; `documents` gives some that match, always the same.
    No dictionary is asked: an index remembers words of what is not found any more.
    """

    def __init__(
        self, count: Callable[[Query], int], documents: Callable[[Query], Iterator[Document]]
    ) -> None:
        self._count = count
        self._documents = documents

    def nowhere(self, node: Query) -> list[Nowhere]:
        """The words that a query asks for and no record has, in their order; numbers aside."""
        missing = {
            (term.fieldname, word): None
            for term, word in _words(node)
            if not word.isdecimal() and not self._count(term)
        }
        return [Nowhere(_asked(*one), self._near(*one)) for one in missing]

    def _near(self, index_field: str, word: str) -> dict[str, int]:
        name = _word_field(index_field)
        for edits in range(1, _MOST_EDITS + 1):
            if len(word) > 2 * edits:
                found = self._within(name, word, edits)
                counted = {
                    asked: self._found(asked) for asked in (_asked(index_field, w) for w in found)
                }
                kept = sorted((-n, asked) for asked, n in counted.items() if n)
                if kept:
                    return {asked: -n for n, asked in kept[:_SUGGESTED]}
        return {}

    def _within(self, name: str, word: str, edits: int) -> set[str]:
        """Words of records that are at most `edits` letters away."""
        fuzzy = tree.FuzzyTerm(name, word, maxdist=edits, prefixlength=0)
        found: set[str] = set()
        for _ in range(_ROUNDS):
            others = tree.And([fuzzy, *(tree.Not(tree.Term(name, w)) for w in sorted(found))])
            tokens = {
                token
                for document in self._documents(others)
                for token in document.tokens.get(name, "").split(" ")
            }
            more = {token for token in tokens - found if within(word, token, edits)}
            if not more:
                break
            found |= more
        return found

    def _found(self, asked: str) -> int:
        try:
            return self._count(parse(asked))
        except QueryError:  # a word that means something else when it is asked for, such as "or"
            return 0


def _words(node: Query) -> Iterator[tuple[Query, str]]:
    """What has to be found for a query: terms of the index, each with the word as it is written."""
    match node:
        case tree.And() | tree.Or():
            for sub in node.subqueries:
                yield from _words(sub)
        case tree.SpanNear2():
            for sub in node.qs:
                yield from _words(sub)
        case tree.Phrase():
            for token, word in zip(node.words, node.written, strict=True):
                yield tree.Term(node.fieldname, token), word
        case tree.Term():
            yield node, getattr(node, "written", [node.text])[0]


def _word_field(index_field: str) -> str:
    """The index field with the words that stand, without their endings, in another."""
    return FIELDS[index_field].word_field if index_field in FIELDS else index_field


def _asked(index_field: str, word: str) -> str:
    """How a query asks for a word of an index field."""
    if index_field == FIELDS["exact"].row_field:
        return word if word[0] in "#@" else f"exact:{word}"
    name = index_field.removesuffix("_word")
    return word if name == DEFAULT else f"{name}:{word}"
