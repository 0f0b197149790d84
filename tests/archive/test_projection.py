from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import pytest
from sqlalchemy import Column, Integer, MetaData, Table, Text, select, text

from archive import Archive, Draft, Event, Projection, Reader, insert_rows, new_id
from archive._store import writing
from tests.archive.library import Library, content

METADATA = MetaData()
SEEN = Table(
    "seen", METADATA, Column("seq", Integer, primary_key=True), Column("what", Text, nullable=False)
)


def note(reader: Reader, events: Sequence[Event]) -> None:
    rows = [(entry.seq, entry.type if parts is None else "sealed") for entry, parts in events]
    insert_rows(reader.conn, SEEN, rows)


def note_shortly(reader: Reader, events: Sequence[Event]) -> None:
    insert_rows(reader.conn, SEEN, [(entry.seq, entry.type[:4]) for entry, _ in events])


def fail(reader: Reader, events: Sequence[Event]) -> None:
    raise RuntimeError(f"cannot apply {len(events)}")


def noting(types: set[str], version: int = 1) -> Projection:
    apply = note if version == 1 else note_shortly
    return Projection("seen", version, METADATA, frozenset(types), apply)


@contextmanager
def opened(library: Library, *projections: Projection) -> Iterator[Archive]:
    with library.again(projections) as archive:
        yield archive


def seen(archive: Archive) -> list[tuple[int, str]]:
    with archive.read() as reader:
        rows = reader.conn.execute(select(SEEN).order_by(SEEN.c.seq))
        return [(row.seq, row.what) for row in rows]


def busy(library: Library) -> None:
    """Everything that can happen to records, some of it twice."""
    one, two, three, four, five, _ = library.capture(*"abcdef", attachment=b"x")
    library.edit(one, "a, edited")
    library.vanish(two.subject)
    library.edit(two, "b, back again")
    library.vanish(three.subject)
    library.remove(three.subject)
    library.restore(library.remove(four.subject))
    library.remove(five.subject, extent="part")
    with library.archive.write(library.ada) as writer:
        data = {**library.draft(writer).data, "state": "removed"}
        gone = Draft("record.captured", new_id(), data, content("h", "h"))
        writer.capture([gone], library.run, {})
    library.dispose(one.subject, three.subject)
    library.dispose(gone.subject)


@pytest.mark.parametrize(
    ("types", "wanted"),
    [
        ({"hold.placed"}, ["hold.placed"]),
        ({"hold."}, ["hold.placed", "hold.released"]),
        ({"hold.released", "record."}, ["hold.released", "record.removed"]),
        ({"hold"}, []),
        ({"record.removed.x"}, []),
    ],
)
def test_a_projection_wants_types_and_prefixes(types: set[str], wanted: list[str]) -> None:
    every = ["hold.placed", "hold.released", "holding.on", "record.removed", "plain"]
    assert [name for name in every if noting(types).wants(name)] == wanted


def test_a_projection_that_remembers_what_was_disposed_is_found_out(library: Library) -> None:
    with opened(library, noting({"record."})) as library.archive:
        (one,) = library.capture("one")
        assert library.archive.differing_tables() == []
        library.dispose(one.subject)
        assert library.archive.differing_tables() == ["seen"]
        library.archive.rebuild()
        assert seen(library.archive) == [(2, "record.captured"), (4, "record.disposed")]


def test_a_rebuild_gives_the_tables_of_the_log_again(library: Library) -> None:
    busy(library)
    tables = [p.metadata.sorted_tables for p in library.archive.projections]

    def held() -> list[list[tuple[object, ...]]]:
        with library.archive.read() as reader:
            return [
                sorted(tuple(row) for row in reader.conn.execute(select(table)))
                for group in tables
                for table in group
            ]

    before = held()
    assert sum(map(len, before)) > 7
    library.archive.rebuild()
    assert held() == before
    assert library.verify().findings == ()


def test_a_table_that_differs_from_the_log_is_named_and_rebuilt(library: Library) -> None:
    busy(library)
    library.tamper("UPDATE record SET status = 'live' WHERE status = 'disposed'")
    assert library.archive.differing_tables() == ["record"]
    assert [finding.place for finding in library.verify().findings] == ["table record"]
    library.archive.rebuild()
    assert library.archive.differing_tables() == []


def test_comparing_changes_nothing(library: Library) -> None:
    busy(library)
    library.tamper("UPDATE record SET kind = 'page'")
    for _ in range(2):
        assert library.archive.differing_tables() == ["record"]


def test_a_projection_that_is_new_replays_the_log(library: Library) -> None:
    library.capture("before")
    with opened(library, noting({"record."})) as archive:
        assert seen(archive) == [(2, "sealed")]


def test_a_projection_whose_place_is_not_known_any_more_starts_over(library: Library) -> None:
    library.decide("hold.placed", "h", {"kind": "audit"}, "the auditor asked")
    with opened(library, noting({"hold."})) as archive:
        before = seen(archive)
    with writing(library.archive.engine) as connection:
        connection.execute(text("DELETE FROM projection WHERE name = 'seen'"))
    with opened(library, noting({"hold."})) as archive:
        assert seen(archive) == before


def test_a_projection_that_was_away_catches_up(library: Library) -> None:
    with opened(library, noting({"record."})) as archive:
        library.capture("one")
        assert seen(archive) == [(2, "sealed")]
    library.capture("two")
    library.vanish(library.capture("three")[0].subject)
    with opened(library, noting({"record."})) as archive:
        expected = [(2, "sealed"), (4, "sealed"), (6, "sealed"), (8, "record.vanished")]
        assert seen(archive) == expected
        assert archive.differing_tables() == []


def test_a_writer_catches_up_before_it_appends(library: Library) -> None:
    with opened(library, noting({"record."})) as archive:
        library.capture("one")
        with archive.write(library.ada) as writer:
            found = writer.conn.execute(select(SEEN.c.seq)).scalars().all()
            assert found == [2]


def test_another_version_starts_over(library: Library) -> None:
    library.capture("one", "two")
    with opened(library, noting({"record."})) as archive:
        assert seen(archive) == [(2, "sealed"), (3, "sealed")]
    with opened(library, noting({"record.", "actor."}, version=2)) as archive:
        assert seen(archive) == [(0, "acto"), (2, "reco"), (3, "reco")]
    with opened(library, noting({"record."}, version=1)) as archive:
        assert seen(archive) == [(2, "sealed"), (3, "sealed")]


def test_a_projection_that_fails_takes_the_append_back(library: Library) -> None:
    failing = Projection("seen", 1, METADATA, frozenset({"hold."}), fail)

    def append(archive: Archive) -> None:
        with archive.write(library.ada) as writer:
            writer.append([Draft("hold.placed", new_id())])

    with opened(library, failing) as archive, pytest.raises(RuntimeError, match="cannot apply 1"):
        append(archive)
    assert library.size() == 2
    assert library.verify().ok


def test_a_long_log_is_replayed_in_pages(library: Library) -> None:
    pages: list[int] = []

    def count(reader: Reader, events: Sequence[Event]) -> None:
        pages.append(len(events))

    with library.archive.write(library.ada) as writer:
        writer.capture([Draft("capture.rejected", new_id()) for _ in range(4500)], "run", {})
    counting = Projection("seen", 1, METADATA, frozenset({"capture.rejected"}), count)
    with opened(library, counting) as archive, archive.read():
        assert pages == [2000, 2000, 500]
