"""After a restore: holds are in force, disposed stays disposed, what came later is listed."""

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest

from archive import Archive, Restoration, UsageError, backup, new_id, restoring, verify
from schedules import (
    PROJECTIONS,
    disposed_in,
    disposed_records,
    holds,
    late_holds,
    propose,
    repeat,
    run,
)
from schedules._repeat import Repeated
from tests.schedules.town import Town


@pytest.fixture
def restore(
    town: Town, another_database: Callable[[], str]
) -> Iterator[Callable[[Path], tuple[Repeated, Restoration]]]:
    """Restore a backup over the town's archive, which `town.archive` is afterwards."""

    def restored(copy: Path) -> tuple[Repeated, Restoration]:
        with restoring(
            copy,
            town.archive.folder,
            database=another_database(),
            projections=PROJECTIONS,
            clock=town.clock,
        ) as made:
            assert made.beyond is not None
            made.note(town.ada)
            gone = {one.subject: one.data for one in made.beyond.disposed}
            repeated = repeat(made.archive, town.ada, gone)
            made.swap()
        town.archive.close()
        town.archive = Archive.open(town.archive.folder, projections=PROJECTIONS, clock=town.clock)
        return repeated, made

    yield restored
    town.archive.close()


Restore = Callable[[Path], tuple[Repeated, Restoration]]


def test_disposed_stays_disposed(town: Town, tmp_path: Path, restore: Restore) -> None:
    town.adopt()
    first, second = town.capture("first secret", attachment=b"attached"), town.capture("kept")
    disposal = town.approved()
    town.hold("Doe", second)
    copy = backup(town.archive.folder, tmp_path / "copy").folder
    run(town.archive, town.ben, disposal)
    late = town.capture("late")
    town.clock.advance(days=900)
    assert (town.status(first), town.status(second)) == ("disposed", "live")
    repeated, made = restore(copy)
    assert (repeated.disposed, repeated.held, repeated.absent) == ([first], [], 0)
    assert town.status(first) == "disposed"
    assert town.status(second) == "live"
    assert made.beyond is not None
    assert made.beyond.types["record.disposed"] == 1
    with town.archive.read() as reader:
        (again,) = reader.history(first, {"record.disposed"})
        (lost,) = made.beyond.disposed
        assert (again.data, again.actor) == (lost.data, town.ada.actor)
        assert not reader.history(late)
    assert verify(town.archive).ok
    for path in town.archive.folder.rglob("*"):
        assert not path.is_file() or b"attached" not in path.read_bytes()
    assert not [path for path in town.archive.blob_folder.rglob("*") if path.is_file()]


def test_a_hold_in_the_backup_wins(town: Town, tmp_path: Path, restore: Restore) -> None:
    town.adopt()
    record = town.capture("flood", date(2024, 1, 1))
    hold = town.hold("Doe", query="flood")
    copy = backup(town.archive.folder, tmp_path / "copy").folder
    town.release(hold)
    town.hold("other", town.capture("other", date(2026, 1, 1)))
    disposal = town.approved()
    run(town.archive, town.ben, disposal)
    assert town.status(record) == "disposed"
    repeated, _ = restore(copy)
    assert repeated.disposed == []
    assert [(one.record, one.reason) for one in repeated.held] == [
        (record, 'Held: under the hold "Doe" (litigation).')
    ]
    assert town.status(record) == "live"
    with town.archive.read() as reader:
        assert [one.active for one in holds(reader)] == [True]
    assert propose(town.archive, town.ada) is None


def test_holds_that_came_later_are_listed(town: Town, tmp_path: Path) -> None:
    town.adopt()
    record = town.capture()
    early, wider = town.hold("early", record), town.hold("wider", record)
    copy = backup(town.archive.folder, tmp_path / "copy").folder
    town.widen(early, query="flood")
    town.widen(wider, query="flood")
    town.release(early)
    town.widen(town.hold("late", record), query="flood")
    town.release(town.hold("brief", record))
    database = "sqlite:///archive.db"
    with restoring(copy, town.archive.folder, database=database, projections=PROJECTIONS) as made:
        assert made.beyond is not None
        with made.archive.read() as reader:
            late = late_holds(reader, made.opened(made.beyond.holds))
            unopened = late_holds(reader, [(entry, None) for entry in made.beyond.holds])
    assert (late.placed, late.widened, late.released) == (("late",), ("wider",), ("early",))
    assert unopened.placed == (made.beyond.holds[3].subject,)


def test_nothing_is_repeated_while_nobody_has_searched_for_a_request(
    town: Town, tmp_path: Path, restore: Restore
) -> None:
    town.adopt()
    record, request = town.capture(), new_id()
    town.tell("request.opened", request, {"number": "7", "received": "x", "due": "y"})
    copy = backup(town.archive.folder, tmp_path / "copy").folder
    town.tell("request.closed", request, {"outcome": "withdrawn"})
    run(town.archive, town.ben, town.approved())
    repeated, _ = restore(copy)
    assert [(one.record, one.reason) for one in repeated.held] == [
        (record, "Held: nobody has searched for the open request 7.")
    ]


def test_what_was_captured_later_is_absent(town: Town, tmp_path: Path, restore: Restore) -> None:
    town.adopt()
    early = town.capture("early")
    run(town.archive, town.ben, town.approved())
    copy = backup(town.archive.folder, tmp_path / "copy").folder
    town.capture("late")
    run(town.archive, town.ben, town.approved())
    repeated, _ = restore(copy)
    assert (repeated.disposed, repeated.absent, repeated.already) == ([], 1, 0)
    assert town.status(early) == "disposed"
    again = repeat(town.archive, town.ada, {early: {"disposal": new_id(), "series": ""}})
    assert (again.disposed, again.already) == ([], 1)


def test_the_kept_list(town: Town) -> None:
    town.adopt()
    record = town.capture()
    disposal = town.approved()
    run(town.archive, town.ben, disposal)
    with town.archive.read() as reader:
        (row,) = disposed_records(reader)
    assert (row.record, row.series, row.disposal) == (record, "COMMENT", disposal)
    told = {record: {"disposal": disposal, "series": "COMMENT"}}
    assert disposed_in(f"{record}\tCOMMENT\t{disposal}\t{row.at}\n") == told
    assert (
        disposed_in(f'[{{"record": "{record}", "series": "COMMENT", "disposal": "{disposal}"}}]')
        == told
    )
    for text in (f"{record}\n\n", f'["{record}"]', f'{{"record": "{record}"}}'):
        (data,) = disposed_in(text).values()
        assert data["series"] == ""
        assert len(data["disposal"]) == 36
    assert disposed_in("") == disposed_in("[]") == {}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("8a22fe3ae1b6\n", "line 1 of the list names no record"),
        ("[1]", "item 1 of the list"),
        ('[{"id": "x"}]', "item 1 of the list"),
        ("[", "the list is no JSON"),
    ],
)
def test_a_list_that_names_no_record(text: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        disposed_in(text)
