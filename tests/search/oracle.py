"""What a query means, said once more in the plainest way: the judge between the engines."""

import re
from collections.abc import Iterable
from typing import Any

from whoosh import query as tree

from search._documents import Document
from search._sets import Among


def matching(node: Any, documents: Iterable[Document]) -> set[int]:
    """The `seq` of the documents that match."""
    return {document.seq for document in documents if _matches(node, document)}


def _matches(node: Any, document: Document) -> bool:
    match node:
        case tree.And():
            return all(_matches(sub, document) for sub in node.subqueries)
        case tree.Or():
            return any(_matches(sub, document) for sub in node.subqueries)
        case tree.Not():
            return not _matches(node.query, document)
        case tree.Every():
            return True
        case tree.Phrase() | tree.SpanNear2():
            return bool(_ends(document, *_rows(node), node.slop))
        case tree.Prefix():
            return any(t.startswith(node.text) for t in _tokens(document, node.fieldname))
        case tree.Wildcard():
            parts = {"*": ".*", "?": "."}
            pattern = "".join(parts.get(char) or re.escape(char) for char in node.text)
            return any(re.fullmatch(pattern, t) for t in _tokens(document, node.fieldname))
        case tree.FuzzyTerm():
            return any(
                distance(node.text, t) <= node.maxdist for t in _tokens(document, node.fieldname)
            )
        case tree.NumericRange():
            value = document.dates.get(node.fieldname)
            return (
                value is not None
                and (node.start is None or value >= node.start)
                and (node.end is None or value < node.end)
            )
        case Among():
            return document.record in node.records
        case tree.Term():
            return node.text in _tokens(document, node.fieldname)
    raise TypeError(node)


def _rows(node: Any) -> tuple[str, list[list[str]]]:
    if isinstance(node, tree.Phrase):
        return node.fieldname, [[word] for word in node.words]
    rows = [[sub.text] if isinstance(sub, tree.Term) else sub.words for sub in node.qs]
    return node.qs[0].fieldname, rows


def _tokens(document: Document, field: str) -> list[str]:
    return document.tokens.get(field, "").split(" ")


def _ends(document: Document, field: str, rows: list[list[str]], slop: int) -> set[int]:
    tokens = _tokens(document, field)

    def places(row: list[str]) -> set[int]:
        size = len(row)
        return {i for i in range(len(tokens)) if tokens[i : i + size] == row}

    ends = {start + len(rows[0]) - 1 for start in places(rows[0])}
    for row in rows[1:]:
        ends = {
            start + len(row) - 1
            for start in places(row)
            if any(1 <= start - end <= slop for end in ends)
        }
    return ends


def distance(one: str, other: str) -> int:
    """Levenshtein's: insertions, deletions and substitutions of characters."""
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        last, row[0] = row[0], i
        for j, b in enumerate(other, 1):
            last, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, last + (a != b))
    return row[-1]
