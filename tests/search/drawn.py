"""Corpora and queries for comparing engines: every kind of content, every operator and field."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from search._documents import Content, Document, tokenize

DAY = 86_400_000_000

WORDS = (
    "library", "libraries", "a", "i", "budget", "café", "cafe", "road", "図書館", "🚧", "#budget",
    "@jane.doe", "555-123-4567", "colour", "color", "x" * 70, "won't", "jane@example.org", "🇺🇸",
    "https://example.org/a?b=1", "도서관", "12.5%",
)  # fmt: skip

SETS = {
    ("in", "0197a1b2c3d4"): (0, 2, 5),
    ("in", "0197a1b2c3d5"): (3,),
    ("series", "SM-1"): (1, 2, 3, 4),
    ("series", "Nothing yet"): (),
    ("status", "held"): (0, 1, 7),
}
"""The records of what queries look up, by field and value."""

PLAIN = (
    *WORDS,
    *("libr*", "c?f?", "co*r", "#b*", "x*", "*", "*ibrar*", "*dget", "?olour", "@jan*", "*ooo*"),
    *('"won\'t library"~3', '"jane@example.org road"~2', "library road", "café ANDNOT budget"),
    *("colur~", "budgets~2", "roda~", "librarys~2"),
    *("exact:libraries", "exact:Café", 'exact:"library budget"', "exact:co*r", "exact:*brary"),
    *('exact:"a library"~2', "exact:colur~", "exact:555-123-4567", "exact:#budget"),
    *("tag:budget", "tag:#BUDGET", "tag:bud*", "tag:*dget"),
    *("author:jane", 'author:"jane doe"', "author:j*", "author:*ane", "author:(jane OR 図書館)"),
    *('author:"jane doe"~2', "author:jand~"),
    *("platform:facebook", "platform:*book", "platform:(facebook OR mastodon)"),
    *("account:cook", 'account:"cook library"', "account:c*"),
    *("kind:post", "kind:comment", "status:live", "status:edited", "NOT status:removed"),
    *("reason:spam", 'reason:"vulgar abuse"', "reason:spa*", "reason:abuses", "reason:spma~"),
    *("clause:4.b", "clause:IV.5", "clause:*ion*", "clause:4*", 'clause:"Section 4 (b)"'),
    *("title:library", 'title:"road budget"', "title:libr*", "title:buget~"),
    *("attachment:flood", "attachment:flood-map.png", "attachment:*map"),
    *("has:attachment", "has:reason", "has:title", "NOT has:title", "lang:en", "lang:en-US"),
    *("date:1970-01-02", "date:<1970", "date:[1969-12-31 TO 1970-01-01]", "date:>=1970-01-02"),
    *("date:[TO 1970-01-01]", "date:[1970-01-01 TO]", "date:{1969-12-31 TO 1970-01-02}"),
    *("captured:1970-01-03", "captured:>1970-01-03", "captured:<=1970", "captured:{TO 1970}"),
    *("removed:1970", "removed:>=1970-01-02", "NOT removed:[1960 TO 2000]", "removed:<1970-01-02"),
    *(f'{field}:"{value}"' if " " in value else f"{field}:{value}" for field, value in SETS),
)  # fmt: skip
"""Queries of one or two values: every operator, every field, every form of a value."""


@dataclass(frozen=True, slots=True)
class Batch:
    """What is applied to an index at once."""

    gone: tuple[int, ...]
    documents: tuple[Document, ...]


@dataclass(frozen=True, slots=True)
class Corpus:
    """Batches, and the documents that stand after all of them."""

    batches: tuple[Batch, ...]
    documents: tuple[Document, ...]

    @property
    def changed(self) -> bool:
        """Whether anything was taken out of the index again."""
        return any(batch.gone for batch in self.batches)


_texts = st.lists(st.sampled_from(WORDS), max_size=10).map(" ".join)
_some = st.lists(st.sampled_from(WORDS), min_size=1, max_size=3).map(" ".join)
_or_nothing = st.one_of(st.just(""), _some)
_days = st.integers(-3, 3)

_version = st.fixed_dictionaries(
    {
        "text": _texts,
        "day": _days,
        "captured": _days,
        "removed": st.one_of(st.none(), _days),
        "title": _or_nothing,
        "further": st.one_of(st.just(()), st.tuples(_some)),
        "attachments": st.sampled_from([(), ("flood-map.png",), ("Flood of maps", "library")]),
        "author": st.sampled_from([(), ("Jane Doe", "jdoe"), ("図書館",), ("Doe, Jane",)]),
        "account": st.sampled_from([(), ("Cook Library",), ("cook", "0197a1b2-0000")]),
        "platform": st.sampled_from(["facebook", "mastodon", ""]),
        "kind": st.sampled_from(["post", "comment"]),
        "language": st.sampled_from(["", "en", "en-US", "es"]),
        "status": st.sampled_from([("live",), ("live", "edited"), ("removed",)]),
        "reasons": st.sampled_from([(), ("Spam",), ("vulgar abuse", "spam and spam")]),
        "clauses": st.sampled_from([(), ("4.b",), ("IV.5", "Section 4 (b)")]),
    }
)
_records = st.lists(st.lists(_version, min_size=1, max_size=3), min_size=1, max_size=8)


def document(
    seq: int,
    record: int,
    *,
    day: int = 0,
    captured: int = 0,
    removed: int | None = None,
    several: bool = False,
    **content: Any,
) -> Document:
    """One version of a record; days count from 1 January 1970."""
    dates = {"date": day, "captured": captured} | ({} if removed is None else {"removed": removed})
    return Document(
        id=str(uuid.UUID(int=2**127 + record)),
        record=record,
        seq=seq,
        several=several,
        tokens=tokenize(Content(several=several, **content)),
        dates={name: value * DAY for name, value in dates.items()},
    )


@st.composite
def corpora(draw: st.DrawFn) -> Corpus:
    """Records of one to three versions, captured, then edited, some of them disposed of."""
    drawn: list[list[dict[str, Any]]] = draw(_records)
    gone = draw(st.sets(st.integers(0, len(drawn) - 1), max_size=2))
    first = [document(seq, seq, **versions[0]) for seq, versions in enumerate(drawn)]
    standing = {one.record: [one] for one in first}
    seq = len(drawn)
    edited: dict[int, list[Document]] = {}
    for record, versions in enumerate(drawn):
        if len(versions) > 1:
            edited[record] = []
            for number, version in enumerate(versions):
                at = record if number == 0 else seq
                seq += number > 0
                edited[record].append(document(at, record, several=True, **version))
    standing |= edited
    for record in gone:
        del standing[record]
    batches = (
        Batch((), tuple(first)),
        Batch(tuple(edited), _in_order(edited.values())),
        Batch(tuple(sorted(gone)), ()),
    )
    return Corpus(batches, _in_order(standing.values()))


def _in_order(versions: Iterable[Iterable[Document]]) -> tuple[Document, ...]:
    return tuple(document for documents in versions for document in documents)


_single = st.one_of(
    st.sampled_from(PLAIN),
    _some.map('"{}"'.format),
    st.tuples(
        st.lists(st.sampled_from(WORDS), min_size=2, max_size=3).map(" ".join), st.integers(1, 4)
    ).map(lambda pair: f'"{pair[0]}"~{pair[1]}'),
)

queries = st.recursive(
    _single,
    lambda inner: st.one_of(
        inner.map("NOT ({})".format),
        st.tuples(inner, st.sampled_from([" AND ", " OR ", " ", " ANDNOT "]), inner).map(
            lambda three: f"({three[0]}){three[1]}({three[2]})"
        ),
    ),
    max_leaves=5,
)
"""Queries over every operator and every field."""
