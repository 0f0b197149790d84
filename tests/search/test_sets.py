"""Threads, series and holds: sets of records that are looked up when a query is run."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from archive import Reader
from archive.errors import NotFound
from search import QueryError, SearchIndex, parse
from search._engines import engine_class
from search._sets import Among
from tests.search.conftest import Desk
from tests.search.test_engines import CORPUS


@pytest.fixture
def index(desk: Desk) -> Iterator[SearchIndex]:
    desk.capture("post", "Story hour moves", kind="post", native_id="post")
    desk.capture("answer", "to which hour?", native_id="answer", parent="post")
    desk.capture("deeper", "to four, story or not", native_id="deeper", parent="answer")
    desk.capture("apart", "another story", kind="post", native_id="apart")
    with SearchIndex.open(desk.archive, sets={"series": _series}) as opened:
        yield opened


def _series(_reader: Reader, wanted: str) -> list[int]:
    if wanted != "public comments":
        raise NotFound(f"no series {wanted!r}", hint="its series: public comments")
    return []


def test_a_thread_is_the_post_and_every_answer(desk: Desk, index: SearchIndex) -> None:
    for name in ("post", "answer", "deeper"):
        record = desk.records[name]
        assert desk.names(index.ids(f"in:{record}")) == ["post", "answer", "deeper"]
        assert desk.names(index.ids(f"story AND in:{record[-8:]}")) == ["post", "deeper"]
        assert desk.names(index.ids(f"NOT in:{record}")) == ["apart"]
    query = f"in:{desk.records['answer']}"
    assert index.count(query) == 3
    assert index.explain(query) == f"{query} (3 records)"
    assert [hit.snippet.marks for hit in index.search(query).hits] == [()] * 3


def test_a_thread_that_grows_and_one_that_goes_in_a_circle(desk: Desk, index: SearchIndex) -> None:
    assert index.count(f"in:{desk.records['apart']}") == 1
    desk.capture("late", "me too", native_id="late", parent="apart")
    desk.capture("hen", "first", native_id="hen", parent="egg")
    desk.capture("egg", "first", native_id="egg", parent="hen")
    desk.capture("ours", "to a post that is not here", native_id="ours", parent="elsewhere")
    desk.capture("theirs", "to the same", native_id="theirs", parent="elsewhere")
    desk.capture("below", "to theirs", native_id="below", parent="theirs")
    index.catch_up()
    assert index.count(f"in:{desk.records['apart']}") == 2
    assert desk.names(index.ids(f"in:{desk.records['below']}")) == ["ours", "theirs", "below"]
    assert sorted(desk.names(index.ids(f"in:{desk.records['egg']}"))) == ["egg", "hen"]


def test_what_cannot_be_looked_up_is_refused_with_its_place(index: SearchIndex) -> None:
    assert index.count('series:"public comments"') == 0
    for query, position, words in (
        ("story in:0123456789ab", 10, "no record"),
        ('NOT series:"private comments"', 12, "no series 'private comments'"),
        ("(story OR status:held)", 18, "status:held cannot be asked for here"),
    ):
        with pytest.raises(QueryError, match=words) as refused:
            index.count(query)
        assert refused.value.position == position
        assert refused.value.hint


@pytest.mark.parametrize("name", ["tantivy", "whoosh"])
@pytest.mark.parametrize("records", [(), (1,), (0, 2, 3, 99)])
def test_engines_find_the_records_of_a_set(
    name: str, records: tuple[int, ...], tmp_path: Path
) -> None:
    engine = engine_class(name)(tmp_path)
    engine.apply((), CORPUS)
    found = engine.ordered(Among("in", "x", 1, records), 0, 100)
    assert {match.record for match in found} == set(records) - {99}
    engine.close()


def test_a_set_is_not_empty_because_nobody_looked() -> None:
    with pytest.raises(TypeError, match="not looked up"):
        _ = parse("in:abcdef").records
