"""Every engine finds exactly what the query says, query by query; `oracle` is the judge."""

import uuid
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from search import _merging
from search._documents import Content, Document, tokenize
from search._engine import DamagedIndex, Engine
from search._engines import engine_class
from search._parser import parse
from tests.search import oracle
from tests.search.conftest import put_instead, terms_in

DAY = 86_400_000_000
NOT_SEGMENTS = {
    *("meta.json", ".managed.json", ".tantivy-meta.lock", ".tantivy-writer.lock"),
    "MAIN_WRITELOCK",
}


def document(
    seq: int, text: str = "", record: int | None = None, day: int = 0, author: str = "", **more: Any
) -> Document:
    content = Content(
        text=text, author=(author,), status=("live",), several=record is not None, **more
    )
    return Document(
        id=str(uuid.UUID(int=(2**127) + (seq if record is None else record))),
        record=seq if record is None else record,
        seq=seq,
        several=record is not None,
        tokens=tokenize(content),
        dates={"date": day * DAY, "captured": day * DAY},
    )


class Shelf:
    """Documents of an index by their records, to be put in again."""

    def __init__(self, documents: Iterable[Document]) -> None:
        self._documents = list(documents)

    def __call__(self, records: Sequence[int]) -> list[Document]:
        return [one for one in self._documents if one.record in records]


@pytest.fixture(params=["tantivy", "whoosh"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    opened = engine_class(request.param)(tmp_path)
    yield opened
    opened.close()


def seqs(engine: Engine, query: str) -> list[int]:
    node = parse(query)
    found = sorted(match.seq for match in engine.ordered(node, 0, 1000))
    assert engine.count(node) == len(found)
    assert sorted(match.seq for match in engine.ranked(node, 0, 1000)) == found
    return found


CORPUS = [
    document(0, "The library is closed on Monday", author="Jane Doe", platform="facebook", day=1),
    document(1, "Libraries are open. Café budget!", author="jdoe", platform="mastodon", day=2),
    document(2, "I ate a 5 at the CAFE", day=40, title="Budget hearing", kind="post"),
    document(3, "call +1 (555) 123-4567 or jane.doe@example.org", day=400, language="en-US"),
    document(4, "see https://example.org/path?id=5 #Budget2025 @jane.doe", day=0),
    document(5, "図書館は休みです 🚧 👍🏽", day=-3000),
    document(6, "w" * 600 + " budget colour", day=20_000),
]

SEARCHES = {
    "library": [0, 1],
    "LIBRARY": [0, 1],
    '"library is"': [0],
    '"libraries are open"': [1],
    '"open cafe"': [1],
    '"open budget"': [],
    "cafe": [1, 2],
    "café AND NOT open": [2],
    "NOT cafe": [0, 3, 4, 5, 6],
    "library OR NOT cafe": [0, 1, 3, 4, 5, 6],
    "NOT (library OR cafe)": [3, 4, 5, 6],
    "NOT NOT cafe": [1, 2],
    "a": [2],
    "i": [2],
    "5 AND NOT a": [4],
    "a AND NOT b": [2],
    "budget": [1, 2, 6],
    "title:budget": [2],
    "text:budget AND NOT title:budget": [1, 6],
    '"hearing i"': [],
    "author:jane": [0],
    'author:"jane doe"': [0],
    "author:(jane OR jdoe)": [0, 1],
    "platform:Facebook": [0],
    "kind:post": [2],
    "has:title": [2],
    "lang:en": [3],
    "lang:en-us": [3],
    "libr*": [0, 1],
    "libraries*": [1],
    "budget*": [1, 2, 4, 6],
    "#budget*": [4],
    "b?dget": [1, 2, 6],
    "bu*et": [1, 2, 6],
    "colo*r": [6],
    "budgte~2": [1, 2, 6],
    "budgat~": [1, 2, 6],
    "color~": [6],
    '"library monday"~4': [0],
    '"library monday"~3': [],
    '"monday library"~4': [],
    '"jane.doe example"~1': [3],
    "5551234567": [3],
    "555-123-4567": [3],
    "(555) 123-4567": [3],
    "+15551234567": [3],
    "1-555-123-4567": [3],
    "jane.doe@example.org": [3],
    "example.org": [3, 4],
    "https://example.org/path?id=5": [4],
    "#budget2025": [4],
    "@jane.doe": [4],
    '"@jane.doe"': [4],
    "図書館": [5],
    "書館": [5],
    "館図": [],
    "🚧": [5],
    "👍": [5],
    "👍🏽": [5],
    "w" * 600: [6],
    "w" * 200 + "*": [6],
    "*": [0, 1, 2, 3, 4, 5, 6],
    "date:1970-01-02": [0],
    "date:[1970-01-02 TO 1970-01-03]": [0, 1],
    "date:[1970-01-02 TO 1970-01-03}": [0],
    "date:{1970-01-02 TO 1970-01-03]": [1],
    "date:[1970-01-02 to]": [0, 1, 2, 3, 6],
    "date:[TO 1970-01-01]": [4, 5],
    "date:<1970": [5],
    "date:<=1970": [0, 1, 2, 4, 5],
    "date:>1970": [3, 6],
    "date:>=1970-02": [2, 3, 6],
    "date:1970": [0, 1, 2, 4],
    "date:(1970-01-02 OR 1970-01-03)": [0, 1],
    "removed:>=1970": [],
}


def test_each_operator_finds_exactly_what_it_says(engine: Engine) -> None:
    engine.apply((), CORPUS)
    found = {query: seqs(engine, query) for query in SEARCHES}
    assert found == SEARCHES
    judged = {query: sorted(oracle.matching(parse(query), CORPUS)) for query in SEARCHES}
    assert judged == SEARCHES


def test_a_record_is_replaced_and_taken_out(engine: Engine) -> None:
    engine.apply((), [document(0, "one"), document(1, "two"), document(2, "three")])
    engine.apply([1], [document(1, "zwei"), document(3, "zwei neu", record=1)])
    assert seqs(engine, "two") == []
    assert seqs(engine, "zwei") == [1, 3]
    engine.apply([1, 0], [])
    engine.settle()
    assert seqs(engine, "*") == [2]
    assert engine.size() == 1


def test_what_was_taken_out_is_forgotten(engine: Engine, tmp_path: Path) -> None:
    words = ("xylophone", "quetzal", "okapi", "narwhal", "gibbon", "lemur")
    first = [document(seq, f"kept {word}") for seq, word in enumerate(words[:5])]
    shelf = Shelf(first)
    engine.apply((), first)
    engine.apply([1, 3], [document(5, "kept lemur")])
    engine.apply([5], ())
    engine.settle()
    assert terms_in(engine, "").issuperset(words[:5])
    before = {path.name for path in tmp_path.iterdir()}
    engine.forget(shelf)
    assert terms_in(engine, "").intersection(words) == {"xylophone", "okapi", "gibbon"}
    assert before.intersection(path.name for path in tmp_path.iterdir()) <= NOT_SEGMENTS
    assert seqs(engine, "kept") == seqs(engine, "*") == [0, 2, 4]
    assert engine.size() == 3
    engine.apply([0, 2, 4], ())
    engine.forget(shelf)
    engine.forget(shelf)
    assert terms_in(engine, "kept") == set()
    assert engine.size() == 0
    engine.apply((), [document(6, "kept")])
    assert seqs(engine, "kept") == [6]


@pytest.mark.parametrize("versions", [10, 30])
def test_what_was_taken_out_of_a_large_index_is_forgotten(tmp_path: Path, versions: int) -> None:
    engine = engine_class("tantivy")(tmp_path)
    gone = {7: "xylophone", 12_007: "quetzal"}
    every = [document(seq, gone.get(seq, "kept")) for seq in range(12_010)]
    every += [
        document(seq, "kept later", record=12_009) for seq in range(12_010, 12_000 + versions)
    ]
    engine.apply((), every[:12_000])
    engine.apply((), every[12_000:])
    engine.apply(gone, ())
    engine.settle()
    assert terms_in(engine, "").issuperset(gone.values())
    engine.forget(Shelf(every))
    assert terms_in(engine, "").isdisjoint(gone.values())
    assert list(tmp_path.glob("*.del")) == []
    assert engine.count(parse("kept")) == engine.size() == len(every) - len(gone)
    engine.close()


def test_an_engine_that_keeps_what_was_taken_out_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_merging, "TOGETHER", 2)
    engine = engine_class("tantivy")(tmp_path)
    every = [document(seq, "kept") for seq in range(20)]
    engine.apply((), [*every, document(20, "gone")])
    engine.apply([20], ())
    with pytest.raises(DamagedIndex, match="let go"):
        engine.forget(Shelf(every))
    engine.close()


def test_pages_are_in_order_and_without_holes(engine: Engine) -> None:
    engine.apply((), [document(seq, "word " * (seq % 5 + 1), day=seq % 3) for seq in range(30)])
    ranked = [m.seq for start in range(0, 30, 7) for m in engine.ranked(parse("word"), start, 7)]
    assert sorted(ranked) == list(range(30))
    ordered, least = list[int](), 0
    while page := engine.ordered(parse("word"), least, 7):
        ordered += [match.seq for match in page]
        least = page[-1].order + 1
    assert ordered == sorted(range(30), key=lambda seq: (seq % 3, seq))


def test_a_failed_batch_leaves_nothing(engine: Engine, tmp_path: Path) -> None:
    engine.apply((), [document(0, "kept")])

    def broken() -> Iterator[Document]:
        yield document(1, "lost")
        raise RuntimeError("halfway")

    with pytest.raises(RuntimeError, match="halfway"):
        engine.apply([0], broken())
    assert seqs(engine, "*") == [0]
    engine.apply((), [document(2, "later")])
    assert seqs(engine, "*") == [0, 2]


@pytest.mark.parametrize("name", ["tantivy", "whoosh"])
def test_an_index_is_found_again(name: str, tmp_path: Path) -> None:
    first = engine_class(name)(tmp_path)
    first.apply((), CORPUS)
    first.settle()
    first.close()
    again = engine_class(name)(tmp_path)
    assert again.size() == len(CORPUS)
    assert [match.id for match in again.ordered(parse("libraries AND open"), 0, 5)] == [
        CORPUS[1].id
    ]
    again.close()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("name", ["tantivy", "whoosh"])
@pytest.mark.parametrize("cut", [8, 1 << 30])
def test_damage_is_noticed(name: str, cut: int, tmp_path: Path) -> None:
    first = engine_class(name)(tmp_path)
    first.apply((), CORPUS)
    first.settle()
    first.close()
    for file in [*tmp_path.iterdir()]:
        if file.stat().st_size > 8 and not file.name.endswith("lock"):
            put_instead(file, file.read_bytes()[:-cut])
    with pytest.raises(DamagedIndex):
        engine_class(name)(tmp_path).count(parse("library"))
