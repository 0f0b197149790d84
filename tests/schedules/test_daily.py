"""What a timer has done every day: by an agent, the same when it is done twice."""

from datetime import date, datetime

import pytest

from archive import UsageError, Writer
from archive.errors import NotFound
from schedules import Action, Period, State, disposals, preset, remind
from schedules._daily import Day, daily
from schedules._reminders import Reminder
from tests.schedules.sample import TOML
from tests.schedules.town import Town

TODAY = date(2026, 3, 2)


def day(town: Town, every: str = "") -> Day:
    return daily(town.archive, town.agent, Period.parse(every) if every else None)


def lists(town: Town) -> list[str]:
    with town.archive.read() as reader:
        return [one.id for one in disposals(reader)]


def approve(town: Town, disposal: str) -> None:
    for officer in (town.ada, town.ben):
        town.approve(disposal, officer)


def test_it_lists_what_is_due_runs_what_two_persons_approved_and_does_nothing_twice(
    town: Town,
) -> None:
    town.adopt()
    record = town.capture()
    first = day(town)
    (proposal,) = first.proposed
    assert (first.ran, [item.record for item in proposal.listing.items]) == ([], [record])
    assert [matter.overdue for matter in first.matters] == [False]
    size = len(town.types())
    again = day(town)
    assert (again.ran, again.proposed) == ([], [])
    assert len(town.types()) == size

    approve(town, proposal.id)
    late = town.capture("late")
    done = day(town)
    assert [one.disposed for one in done.ran] == [1]
    assert town.disposal(proposal.id).state(TODAY) is State.FINISHED
    assert [len(one.listing.items) for one in done.proposed] == [1]
    assert (town.status(record), town.status(late)) == ("disposed", "live")
    with town.archive.read() as reader:
        (finished,) = reader.history(proposal.id, {"disposal.finished"})
    assert finished.actor == town.agent.actor


def test_both_kinds_of_lists(town: Town) -> None:
    town.adopt(TOML.replace('action = "permanent"', 'period = "P1Y"\naction = "transfer"'))
    town.capture()
    town.capture(kind="post")
    done = day(town)
    assert [one.listing.action for one in done.proposed] == [Action.DESTROY, Action.TRANSFER]
    assert day(town).proposed == []


def test_lists_are_made_no_oftener_than_wanted(town: Town) -> None:
    town.adopt()
    town.capture()
    (proposal,) = day(town, "P1M").proposed
    approve(town, proposal.id)
    town.capture()
    assert [one.disposed for one in day(town, "P1M").ran] == [1]
    assert len(lists(town)) == 1
    town.clock.now = datetime.combine(date(2026, 4, 2), town.clock.now.timetz())
    assert len(day(town, "P1M").proposed) == 1


def test_a_list_of_a_superseded_schedule_gives_way(town: Town) -> None:
    town.adopt()
    town.capture()
    day(town)
    town.adopt(TOML.replace("version = 1", "version = 2"))
    done = day(town)
    assert len(done.proposed) == 1
    assert "town version 2 is in force now" in done.matters[0].said


def test_what_waits_for_people(town: Town) -> None:
    town.adopt(TOML.replace("version = 1", 'version = 1\napprovals_expire = "P20D"'))
    town.capture()
    (proposal,) = day(town).proposed
    town.approve(proposal.id, town.ada)
    hold = town.hold("Doe", town.capture("held"))
    assert not day(town).overdue
    town.clock.advance(days=10)
    soon = day(town)
    assert any("by ada expires after 2026-03-22" in matter.said for matter in soon.matters)
    assert not soon.overdue
    town.clock.advance(days=11)
    lapsed = day(town)
    assert any("by ada expired" in matter.said for matter in lapsed.matters)
    assert lapsed.overdue
    town.release(hold)
    assert not any("Doe" in matter.said for matter in day(town).matters)


def test_a_list_that_waits_too_long_is_overdue(town: Town) -> None:
    town.adopt()
    town.capture()
    day(town)
    town.clock.advance(days=30)
    assert not day(town).overdue
    town.clock.advance(days=1)
    assert day(town).overdue


def test_a_hold_to_be_looked_at_is_overdue(town: Town) -> None:
    town.adopt()
    hold = town.hold("Doe", town.capture())
    with town.archive.write(town.ada) as writer:
        remind(writer, hold, Reminder.parse("2026-03-05", TODAY))
    assert not day(town).overdue
    town.clock.advance(days=3)
    assert any("to be looked at since 2026-03-05" in matter.said for matter in day(town).matters)


def test_a_schedule_that_allows_nothing_is_a_reminder(town: Town) -> None:
    town.adopt(preset("us-il-local-library").text)
    town.capture(occurred=date(2000, 1, 1))
    done = day(town)
    assert any("allows no disposal yet" in matter.said for matter in done.matters)
    assert not done.overdue


def test_without_a_schedule_there_is_nothing_to_do(town: Town) -> None:
    with pytest.raises(NotFound, match="no retention schedule is in force"):
        day(town)


def test_an_interrupted_day_goes_on(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    town.adopt()
    record = town.capture()
    (proposal,) = day(town).proposed
    approve(town, proposal.id)

    def stop(*_: object) -> None:
        raise UsageError("the power goes")

    with monkeypatch.context() as patch:
        patch.setattr(Writer, "erase", stop)
        with pytest.raises(UsageError):
            day(town)
    assert town.disposal(proposal.id).state(TODAY) is State.STARTED
    assert [one.disposed for one in day(town).ran] == [1]
    assert town.status(record) == "disposed"
