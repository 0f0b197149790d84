"""The passage of a record that answers a query, from the vault, with what was found marked."""

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from whoosh import query as tree

from search._analysis import marks_in, pieces, stem
from search._engine import Query
from search._fields import DEFAULT, FIELDS, Kind
from search._sets import Among

_LENGTH = 160
_LEAD = 50
_IN_TEXT = ("text", "title", "attachment")


@dataclass(frozen=True, slots=True)
class Snippet:
    """A passage. `marks` are ``(start, end)`` in it; `source` says what it is a passage of."""

    text: str
    marks: tuple[tuple[int, int], ...] = ()
    source: str = DEFAULT

    def marked(self, before: str = "«", after: str = "»") -> str:
        """The passage with every mark between `before` and `after`."""
        out: list[str] = []
        at = 0
        for start, end in self.marks:
            out += (self.text[at:start], before, self.text[start:end], after)
            at = end
        return "".join((*out, self.text[at:]))


@dataclass(slots=True)
class _Sought:
    """What a query looks for in one field."""

    stems: set[str] = field(default_factory=set)
    words: list[Callable[[str], bool]] = field(default_factory=list)
    rows: list[tuple[tuple[list[str], ...], int, bool]] = field(default_factory=list)


class Highlighter:
    """Finds in texts what a query looks for; made once for each search."""

    def __init__(self, query: Query) -> None:
        self._sought: dict[str, _Sought] = {}
        self._collect(query)

    def snippet(self, texts: Iterable[tuple[str, str]]) -> Snippet:
        """The best passage of `texts`, each given as (field, text).

        It is from the first in which something was found, else the beginning of the first.
        """
        kept = [(name, " ".join(text.split())) for name, text in texts]
        kept = [(name, text) for name, text in kept if text]
        for name, text in kept:
            marks = self._marks(name, text)
            if marks:
                return _cut(name, text, marks)
        return _cut(*kept[0], []) if kept else Snippet("")

    def seeks(self, name: str) -> bool:
        """Whether the query looks for something in the field of that name."""
        return name in self._sought

    def _collect(self, node: Query) -> None:
        match node:
            case tree.And() | tree.Or():
                for sub in node.subqueries:
                    self._collect(sub)
            case tree.Not() | tree.Every() | tree.NumericRange() | Among():
                pass
            case tree.SpanNear2():
                rows = [[sub.text] if isinstance(sub, tree.Term) else sub.words for sub in node.qs]
                self._add_rows(node.qs[0].fieldname, tuple(rows), node.slop)
            case tree.Phrase():
                row = tuple([word] for word in node.words)
                self._add_rows(node.fieldname, row, node.slop)
            case _:
                self._leaf(node, self._of(node.fieldname))

    def _leaf(self, node: Query, sought: _Sought) -> None:
        text: str = node.text
        match node:
            case tree.Prefix():
                sought.words.append(lambda word: word.startswith(text))
            case tree.Wildcard():
                pattern = _pattern(text)
                sought.words.append(lambda word: pattern.fullmatch(word) is not None)
            case tree.FuzzyTerm():
                most: int = node.maxdist
                sought.words.append(lambda word: within(text, word, most))
            case tree.Term() if not node.fieldname.endswith("_word"):
                sought.stems.add(text)
            case _:
                sought.words.append(text.__eq__)

    def _add_rows(self, index_field: str, rows: tuple[list[str], ...], slop: int) -> None:
        self._of(index_field).rows.append((rows, slop, index_field.endswith("_word")))

    def _of(self, index_field: str) -> _Sought:
        return self._sought.setdefault(index_field.removesuffix("_word"), _Sought())

    def _marks(self, name: str, text: str) -> list[tuple[int, int]]:
        names = {name, DEFAULT} if name in _IN_TEXT else {name}
        wanted = [self._sought[one] for one in names if one in self._sought]
        if not wanted:
            return []
        places = [(start, end, word) for start, end, found in pieces(text) for word in found]
        plain = [word for _, _, word in places]
        stemmed = [stem(word) for word in plain] if FIELDS[name].kind is Kind.TEXT else plain
        marked: set[tuple[int, int]] = set()
        for sought in wanted:
            for index in _found(sought, plain, stemmed):
                marked.add(places[index][:2])
            if sought.words:
                marked.update(
                    (start, end)
                    for start, end, forms in marks_in(text)
                    if any(fits(form) for fits in sought.words for form in forms)
                )
        return _merged(sorted(marked))


def _pattern(wildcard: str) -> re.Pattern[str]:
    """A wildcard word as a pattern whose time does not explode: what stands between two * is taken
    where it comes first.
    """
    start, *rest = ("".join("." if c == "?" else re.escape(c) for c in part)
                    for part in wildcard.split("*"))  # fmt: skip
    between = "".join(f"(?>.*?{part})" for part in rest[:-1])
    return re.compile(start + between + "".join(f".*{end}" for end in rest[-1:]))


def _found(sought: _Sought, plain: Sequence[str], stemmed: Sequence[str]) -> Iterator[int]:
    for index, (word, ending) in enumerate(zip(plain, stemmed, strict=True)):
        if ending in sought.stems or any(fits(word) for fits in sought.words):
            yield index
    for rows, slop, exact in sought.rows:
        yield from _near(rows, slop, plain if exact else stemmed)


def _near(rows: Sequence[list[str]], slop: int, tokens: Sequence[str]) -> Iterator[int]:
    """The indexes of tokens in every place where the rows follow each other."""
    first = rows[0]
    for start in range(len(tokens)):
        if tokens[start] != first[0]:
            continue
        taken: list[int] = []
        at, reach = start, 1
        for row in rows:
            places = (i for i in range(at, min(at + reach, len(tokens))) if _stands(row, tokens, i))
            place = next(places, None)
            if place is None:
                break
            taken += range(place, place + len(row))
            at, reach = place + len(row), slop
        else:
            yield from taken


def _stands(row: list[str], tokens: Sequence[str], at: int) -> bool:
    return list(tokens[at : at + len(row)]) == row


def _merged(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, end in spans:
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _cut(name: str, text: str, marks: list[tuple[int, int]]) -> Snippet:
    """At most `_LENGTH` characters around the first mark, cut between words where there are any."""
    start = max(0, marks[0][0] - _LEAD) if marks else 0
    if start:
        space = text.find(" ", start, marks[0][0])
        start = space + 1 if space >= 0 else start
    end = min(len(text), start + _LENGTH)
    if marks:
        end = max(end, min(marks[0][1], start + 4 * _LENGTH))
    if end < len(text):
        space = text.rfind(" ", start + _LENGTH // 2, end)
        end = space if space >= 0 and (not marks or space >= marks[0][1]) else end
    lead = "… " if start else ""
    shift = len(lead) - start
    inside = marks[: bisect_right(marks, (end, 0))]
    kept = tuple((a + shift, min(b, end) + shift) for a, b in inside)
    return Snippet(lead + text[start:end] + (" …" if end < len(text) else ""), kept, name)


def within(one: str, other: str, most: int) -> bool:
    """Whether at most `most` characters were inserted, deleted or replaced."""
    if abs(len(one) - len(other)) > most:
        return False
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        last, row[0] = row[0], i
        for j, b in enumerate(other, 1):
            last, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, last + (a != b))
        if min(row) > most:
            return False
    return row[-1] <= most
