"""What is counted, and what is found by indexes, is what a survey of every record says."""

import random
from collections import Counter
from collections.abc import Iterable
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive import Reader, new_id
from schedules import Decision, Schedule, Trigger, compare, count_moves
from schedules._candidates import past_due
from schedules._run import run
from schedules._tally import tally, undetermined
from tests.schedules.alike import counting_from, populate, schedules, survey
from tests.schedules.sample import TOML
from tests.schedules.test_cells import ZONES
from tests.schedules.town import Town

DAYS = st.dates(date(2017, 1, 1), date(2030, 1, 1)) | st.sampled_from([date.min, date.max])


def peopled(town: Town, seed: int) -> list[str]:
    """The accounts of random records. Some are disposed of; of one author the ban is appealed."""
    chance, accounts = random.Random(seed), [town.account, new_id(), new_id()]
    populate(town, chance, range(120), accounts)
    town.adopt(TOML.replace("P2Y", "P5Y").replace("P1Y", "P5Y"))
    run(town.archive, town.ben, town.approved())
    ban = new_id()
    town.tell("author.banned", ban, {"author_key": town.author_key("cy")}, reason="spam")
    town.tell("appeal.filed", new_id(), {"appeal": new_id(), "ban": ban})
    populate(town, chance, range(120, 160), accounts)
    town.tell("account.closed", accounts[0], {"day": "2021-05-31"})
    town.tell("account.closed", accounts[1], {"day": "2026-05-31"})
    return accounts


def counted(decisions: Iterable[tuple[Decision, int]]) -> Counter[tuple[Any, ...]]:
    """How many decisions there are of each kind."""
    found = Counter[tuple[Any, ...]]()
    for one, count in decisions:
        found[one.series, one.action, one.eligible, one.frozen, one.due] += count
    return found


@pytest.mark.parametrize("seed", [1, 2])
def test_every_way_of_counting_is_a_survey(town: Town, seed: int) -> None:
    accounts = peopled(town, seed)
    with town.archive.read() as reader:
        for trigger in set(Trigger) - {Trigger.REQUEST_CLOSED}:
            every_day(reader, counting_from(trigger))

        @settings(max_examples=20)
        @given(schedules(accounts), schedules(accounts), DAYS, st.sampled_from(ZONES).map(ZoneInfo))
        def ask(schedule: Schedule, new: Schedule, today: date, zone: ZoneInfo) -> None:
            every = list(survey(reader, schedule, today, zone))
            assert counted(tally(reader, schedule, today, zone)) == counted(
                (decision, 1) for _, decision in every
            )
            nothing = [
                (record.id, decision.series, decision.reason)
                for record, decision in every
                if decision.due is None and decision.action != "permanent"
            ]
            said = undetermined(reader, schedule, today, zone)
            assert [(record, one.series, one.reason) for record, one in said] == nothing
            codes = {series.code for series in schedule.series if series.action != "permanent"}
            due = [
                (record, decision)
                for record, decision in every
                if decision.series in codes and decision.due is not None and decision.due <= today
            ]
            found = past_due(reader, schedule, today, zone, codes)
            assert sorted(found, key=lambda pair: pair[0].id) == due
            moved(reader, schedule, new, today, zone)

        ask()


def test_answers_that_are_gone_and_records_that_answer_each_other(town: Town) -> None:
    """The latest of several that are gone counts; what answers itself in a ring does not."""
    town.adopt()
    town.capture(kind="post", native="p", occurred=date(2020, 1, 1))
    for native, parent, day in (("x", "p", 9), ("y", "p", 5), ("z", "x", 7)):
        town.capture(native=native, parent=parent, occurred=date(2024, 1, day))
    ring = [town.capture(native="a", parent="b", occurred=None)]
    for native, parent, day in (("b", "a", 2), ("f", "b", 3), ("g", "b", 20), ("h", "b", 4)):
        ring.append(town.capture(native=native, parent=parent, occurred=date(2024, 1, day)))
    town.hold("The ring", *ring)
    assert run(town.archive, town.ben, town.approved()).disposed == 3
    with town.archive.read() as reader:
        for trigger, post, first in (
            (Trigger.LAST_REPLY, date(2024, 1, 9), date(2024, 1, 20)),
            (Trigger.LAST_ACTIVITY, date(2024, 1, 9), date(2024, 1, 20)),
            (Trigger.THREAD_ACTIVITY, date(2024, 1, 9), date(2026, 3, 2)),
        ):
            schedule = counting_from(trigger)
            every_day(reader, schedule)
            said = survey(reader, schedule, date(2026, 1, 1), ZoneInfo("UTC"))
            starts = {record.id: decision.trigger_date for record, decision in said}
            assert starts[ring[0]] == first
            assert post in starts.values()


def every_day(reader: Reader, schedule: Schedule) -> None:
    """Records that are due on each day, and of which it is not known, are as many both ways."""
    zone, today = ZoneInfo("UTC"), date(2026, 1, 1)
    each = ((decision, 1) for _, decision in survey(reader, schedule, today, zone))
    assert counted(tally(reader, schedule, today, zone)) == counted(each)


def moved(reader: Reader, old: Schedule, new: Schedule, today: date, zone: ZoneInfo) -> None:
    """Both ways of comparing schedules say what the evaluator does of each record, unless held."""
    before, after = (
        {record.id: _told(one) for record, one in survey(reader, schedule, today, zone)}
        for schedule in (old, new)
    )
    each = {
        record: (_told(move.before), _told(move.after))
        for record, move in compare(reader, old, new, today, zone)
    }
    assert each == {record: (before[record], after[record]) for record in before}
    together = Counter[Any]()
    for move, count in count_moves(reader, old, new, today, zone):
        together[_told(move.before), _told(move.after)] += count
    assert together == Counter(each.values())


def _told(one: Decision) -> tuple[Any, ...]:
    return one.series, one.action, one.due
