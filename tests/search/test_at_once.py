"""Several commands at once on one index: each gets a whole answer, or is told why it gets none."""

from collections.abc import Iterator
from itertools import product
from pathlib import Path
from types import SimpleNamespace

import pytest

from archive import StorageError, _turn
from search import SearchIndex, _feed, _lock, _partitions, parse
from search._engine import DamagedIndex
from search._lock import write_lock
from search._tantivy import TantivyEngine
from tests.search.conftest import Desk
from tests.search.test_engines import document
from tests.search.test_index import found


@pytest.fixture(params=["tantivy", "whoosh"])
def index(
    request: pytest.FixtureRequest, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> Iterator[SearchIndex]:
    """An index in one part, and one in many small ones."""
    if request.param == "tantivy":
        monkeypatch.setattr(_partitions, "SPAN", 8)
    with SearchIndex.open(desk.archive, engine=request.param, wait=0) as opened:
        yield opened


def in_pages_of(size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("_FIRST_PAGE", "_PAGE", "_LEAST"):
        monkeypatch.setattr(_partitions, name, size)


def test_a_page_by_rank_is_the_same_piece_of_the_whole_however_many_versions_are_on_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_partitions, "SPAN", 32)
    texts = ["tulips", "tulips and roses", "tulips, roses and much else"]
    documents = [
        document(seq, texts[seq % 3], record=seq // 64 * 64 if seq % 64 < 40 else seq)
        for seq in range(256)
    ]
    parts = _partitions.Partitions(TantivyEngine, tmp_path, {}, "part-{}".format)
    parts.apply((), documents)
    query = parse("tulips")
    whole = list(parts.by_rank(query))
    for limit, offset in product((1, 5, 20), range(0, len(whole) + 5, 5)):
        count, page = parts.best(query, offset, limit)
        assert count == len(whole)
        assert page == whole[offset : offset + limit]
    parts.close()


def test_whoever_waits_for_another_writer_is_told(
    desk: Desk, index: SearchIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    now, told = [0.0], list[str]()
    monkeypatch.setattr(_turn, "time", SimpleNamespace(monotonic=lambda: now[0]))
    monkeypatch.setattr(_lock, "_PAUSE", 0)
    monkeypatch.setattr(
        _lock, "time", SimpleNamespace(sleep=lambda _: now.__setitem__(0, now[0] + 0.5))
    )
    object.__setattr__(desk.archive, "tell", told.append)
    desk.capture("one", "tulips")
    with SearchIndex.open(desk.archive, wait=9) as waiting:
        with (
            write_lock(desk.archive.index_folder, 0),
            pytest.raises(StorageError, match="for 9 seconds"),
        ):
            waiting.catch_up()
        assert now[0] == 9
        assert told == ["waiting for another command to finish writing, at most 9 seconds"]
        waiting.catch_up()
    assert len(told) == 1


def test_an_answer_is_not_disturbed_by_what_others_write(
    desk: Desk, index: SearchIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_pages_of(2, monkeypatch)
    names = [f"c{number}" for number in range(9)]
    for name in names:
        desk.capture(name, "tulips here")
    position = index.catch_up()
    by_date, by_rank = index.ids("tulips"), index._by_rank(index._parse("tulips"))
    given = [next(by_date), next(by_rank).id]
    with SearchIndex.open(desk.archive, engine=index.engine.split()[0], wait=0) as other:
        desk.capture("late", "tulips", occurred_at="2020-01-01T00:00:00.000000Z")
        assert other.catch_up() > position
        desk.dispose("c3")
        desk.dispose("c8")
        other.purge()
        other.rebuild()
        assert other.count("tulips") == 8
    assert desk.names(iter([given[0], *by_date])) == names
    assert sorted(desk.names(iter([given[1], *(match.id for match in by_rank)]))) == names
    assert (index.position, index.count("tulips"), index.rebuilt) == (position, 9, "")
    assert found(desk, index, "tulips") == ["late", *names[:3], *names[4:8]]


def test_whoever_comes_during_a_rebuild_gets_the_whole_index_before_it(
    desk: Desk, index: SearchIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(20):
        desk.capture(f"c{number}", "tulips")
    index.catch_up()
    begun, seen = _feed._begun, list[int]()

    def looked_at(*given: object) -> object:
        with SearchIndex.open(desk.archive, engine=index.engine.split()[0], wait=0) as other:
            other.catch_up()
            seen.append(other.count("tulips"))
        return begun(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(_feed, "_begun", looked_at)
    index.rebuild()
    assert seen
    assert set(seen) == {20}
    assert index.count("tulips") == 20


def test_whoever_comes_while_entries_are_indexed_never_gets_half_of_them(
    desk: Desk, index: SearchIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.capture("zero", "tulips")
    index.catch_up()
    monkeypatch.setattr(_feed, "_PAGE", 4)
    for number in range(9):
        desk.capture(f"c{number}", "tulips")
    change, engine, refused = _feed._change, index.engine.split()[0], list[str]()

    def looked_at(*given: object, **more: object) -> object:
        with SearchIndex.open(desk.archive, engine=engine, wait=0) as other:
            with pytest.raises(StorageError, match="another command"):
                other.count("tulips")
            refused.append(other.engine)
        return change(*given, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(_feed, "_change", looked_at)
    assert index.catch_up() == desk.size()
    assert len(refused) > 3
    assert index.count("tulips") == 10


def test_damage_in_the_middle_of_an_answer_ends_it(
    desk: Desk, index: SearchIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_pages_of(1, monkeypatch)
    for name in ("one", "two", "three"):
        desk.capture(name, "tulips")
    index.catch_up()
    engine = next(iter(index._keeper.index._engines.values()))
    whole, calls = engine.ordered, list[object]()

    def fails(*given: object) -> object:
        calls.append(given)
        if len(calls) > 1:
            raise DamagedIndex("a segment is broken")
        return whole(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(engine, "ordered", fails)
    answer = index.ids("tulips")
    assert next(answer) == desk.records["one"]
    with pytest.raises(StorageError, match="in the middle of an answer") as refused:
        list(answer)
    assert "search again" in refused.value.hint
    assert found(desk, index, "tulips") == ["one", "two", "three"]
