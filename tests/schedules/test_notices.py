"""What holds ask of people: acknowledgements and reminders."""

from datetime import date

import pytest

from archive import keys
from archive.errors import NotFound, Refused, UsageError
from schedules._holds import Hold, HoldKind, find_hold
from schedules._notices import acknowledge, remind, reviewed
from schedules._placing import cover, place
from schedules._reminders import NEVER, Reminder
from tests.schedules.town import Town

TODAY = date(2026, 3, 2)


@pytest.fixture
def hold(town: Town) -> Hold:
    """A hold of one record, with an actor and somebody else as custodians."""
    record = town.capture()
    with town.archive.write(town.ada) as writer:
        return place(
            town.archive,
            writer,
            "Doe",
            HoldKind.LITIGATION,
            custodians=["Ben", "Ann Roe"],
            record_ids=[record],
            reminder=Reminder.parse("P90D", TODAY),
        )


def acknowledged(
    town: Town, who: keys.ActorKey, custodian: str = "", how: str = ""
) -> tuple[str, ...]:
    """Who has not acknowledged the hold after that."""
    with town.archive.write(who) as writer:
        acknowledge(writer, find_hold(writer, "Doe"), custodian, how)
        return find_hold(writer, "Doe").outstanding


def found(town: Town) -> Hold:
    with town.archive.read() as reader:
        return find_hold(reader, "Doe")


def test_a_custodian_who_is_an_actor_signs(town: Town, hold: Hold) -> None:
    assert hold.outstanding == ("Ben", "Ann Roe")
    assert acknowledged(town, town.ben) == ("Ann Roe",)
    with town.archive.read() as reader:
        (entry,) = reader.history(hold.id, {"hold.acknowledged"})
    assert (entry.actor, entry.data) == (town.ben.actor, {"custodian": 0, "own": True})
    with pytest.raises(Refused, match="Ben acknowledged it on 2026-03-02"):
        acknowledged(town, town.ben)


def test_for_others_an_officer_says_how_it_was_given(town: Town, hold: Hold) -> None:
    with pytest.raises(UsageError, match="how Ann Roe acknowledged it"):
        acknowledged(town, town.ada, "ann roe")
    with pytest.raises(Refused, match="officer"):
        acknowledged(town, town.agent, "Ann Roe", "by telephone")
    assert acknowledged(town, town.ada, "ann roe", "by letter") == ("Ben",)
    with pytest.raises(NotFound, match="ada is no custodian of Doe"):
        acknowledged(town, town.ada)


def test_a_widened_hold_is_acknowledged_anew(town: Town, hold: Hold) -> None:
    acknowledged(town, town.ben)
    assert town.widen(hold, custodians=["Cy"]).outstanding == ("Ann Roe", "Cy")
    assert town.widen(hold, query="flood").outstanding == ("Ben", "Ann Roe", "Cy")
    assert acknowledged(town, town.ben) == ("Ann Roe", "Cy")
    town.capture("flood")
    assert town.widen(hold, town.capture()).outstanding == ("Ben", "Ann Roe", "Cy")


def test_what_is_captured_later_asks_nobody_anew(town: Town, hold: Hold) -> None:
    town.widen(hold, query="flood")
    acknowledged(town, town.ben)
    town.capture("flood")
    with town.archive.write(town.ada) as writer:
        cover(town.archive, writer)
    assert found(town).records == 2
    assert found(town).outstanding == ("Ann Roe",)


def test_a_released_hold_asks_for_nothing(town: Town, hold: Hold) -> None:
    town.release(hold)
    assert found(town).outstanding == ()
    assert not found(town).due(date(2030, 1, 1))
    for ask in (
        lambda: acknowledged(town, town.ben),
        lambda: set_reminder(town, "P1D"),
        lambda: look(town, "x"),
    ):
        with pytest.raises(Refused, match="was released"):
            ask()


def set_reminder(town: Town, text: str) -> Hold:
    with town.archive.write(town.ada) as writer:
        remind(writer, find_hold(writer, "Doe"), Reminder.parse(text, TODAY) if text else NEVER)
    return found(town)


def look(town: Town, note: str, day: date = TODAY, reminder: Reminder | None = None) -> Hold:
    with town.archive.write(town.ada) as writer:
        reviewed(writer, find_hold(writer, "Doe"), note, day, reminder)
    return found(town)


def test_a_reminder_by_a_period_recurs(town: Town, hold: Hold) -> None:
    assert (hold.remind, hold.every) == (date(2026, 5, 31), "P90D")
    assert [hold.due(date(2026, 5, day)) for day in (30, 31)] == [False, True]
    again = look(town, "goes on", date(2026, 6, 2))
    assert (again.remind, again.every) == (date(2026, 8, 31), "P90D")


def test_a_reminder_of_a_day_is_done_with(town: Town, hold: Hold) -> None:
    assert set_reminder(town, "2026-09-01").remind == date(2026, 9, 1)
    assert look(town, "goes on").remind is None
    assert look(town, "still", TODAY, Reminder(date(2027, 1, 1))).remind == date(2027, 1, 1)
    assert set_reminder(town, "").remind is None


@pytest.mark.parametrize("text", ["2026-03-02", "2025-01-01", "tomorrow", "P0D", "PT1H", "P-1D"])
def test_what_is_no_reminder(text: str) -> None:
    with pytest.raises(UsageError):
        Reminder.parse(text, TODAY)


def test_a_review_needs_a_note(town: Town, hold: Hold) -> None:
    with pytest.raises(UsageError, match="note"):
        look(town, " ")
