"""Queries under a name: entries of the log, checked when they are saved, read anew when run."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from archive import NotFound, UsageError
from search import (
    QueryError,
    SavedSearch,
    SearchIndex,
    find_search,
    history_of,
    remove_search,
    save_search,
    saved_searches,
)
from tests.search.conftest import Desk


@pytest.fixture
def index(desk: Desk) -> Iterator[SearchIndex]:
    with SearchIndex.open(desk.archive) as opened:
        yield opened


def save(desk: Desk, index: SearchIndex, name: str, query: str) -> SavedSearch:
    with desk.archive.write(desk.signer) as writer:
        return save_search(index, writer, name, query)


def names(desk: Desk) -> list[tuple[str, str]]:
    with desk.archive.read() as reader:
        return [(one.name, one.query) for one in saved_searches(reader)]


def test_a_query_is_kept_replaced_and_given_up(desk: Desk, index: SearchIndex) -> None:
    first = save(desk, index, "  Road   works ", "road OR works")
    save(desk, index, "budget", "budget")
    again = save(desk, index, "road WORKS", 'author:"Jane Roe" road')
    assert again.id == first.id
    assert names(desk) == [("budget", "budget"), ("road WORKS", 'author:"Jane Roe" road')]
    with desk.archive.read() as reader:
        known = find_search(reader, "Road Works")
        assert (known.actor, known.at) == (desk.signer.actor, again.at)
    with desk.archive.write(desk.signer) as writer:
        assert remove_search(writer, "ROAD works").query == 'author:"Jane Roe" road'
    assert names(desk) == [("budget", "budget")]
    assert save(desk, index, "road works", "road").id != first.id
    with desk.archive.read() as reader:
        history = [(one.removed, one.query) for one in history_of(reader, "ROAD works")]
    assert history == [
        (False, "road OR works"),
        (False, 'author:"Jane Roe" road'),
        (True, 'author:"Jane Roe" road'),
        (False, "road"),
    ]


def test_the_same_again_is_no_new_entry(desk: Desk, index: SearchIndex) -> None:
    save(desk, index, "budget", "budget")
    size = desk.size()
    save(desk, index, "budget", "budget")
    assert desk.size() == size
    save(desk, index, "Budget", "budget")
    assert desk.size() > size


@pytest.mark.parametrize("query", ["(road OR", "nosuch:road", "in:0123456789ab", ""])
def test_what_could_not_be_run_is_not_saved(desk: Desk, index: SearchIndex, query: str) -> None:
    size = desk.size()
    with pytest.raises(QueryError):
        save(desk, index, "road", query)
    for name in ("", " \t", "x" * 101):
        with pytest.raises(UsageError, match="name"):
            save(desk, index, name, "road")
    assert (desk.size(), names(desk)) == (size, [])


def test_a_name_that_is_none_says_which_may_be_meant(desk: Desk, index: SearchIndex) -> None:
    save(desk, index, "road works", "road")
    with desk.archive.read() as reader, pytest.raises(NotFound, match="no saved search") as missed:
        find_search(reader, "road work")
    assert "did you mean 'road works'?" in missed.value.hint


def test_its_words_are_read_anew_each_time(desk: Desk, index: SearchIndex) -> None:
    kept = save(desk, index, "last month", "date:last-month")
    assert "2026-02-01" in index.explain(kept.query)
    desk.now[0] += timedelta(days=31)
    with desk.archive.read() as reader:
        assert find_search(reader, "last month").query == "date:last-month"
    assert "2026-03-01" in index.explain(kept.query)


def test_names_and_queries_stand_in_the_vault_alone(desk: Desk, index: SearchIndex) -> None:
    save(desk, index, "zebrafern", 'author:"quetzalmoss"')
    with desk.archive.read() as reader:
        *_, entry = reader.entries()
        assert entry.type == "search.saved"
        assert entry.data == {}
        rows = reader.conn.exec_driver_sql("SELECT * FROM saved_search").all()
    assert [tuple(row) for row in rows] == [(entry.subject, entry.seq, None)]


def test_a_rebuild_gives_the_same(desk: Desk, index: SearchIndex) -> None:
    save(desk, index, "road", "road")
    save(desk, index, "road", "road works")
    save(desk, index, "budget", "budget")
    with desk.archive.write(desk.signer) as writer:
        remove_search(writer, "budget")
    before = names(desk)
    desk.archive.rebuild()
    assert names(desk) == before == [("road", "road works")]
    assert desk.archive.differing_tables() == []
