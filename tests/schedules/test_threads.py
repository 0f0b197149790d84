"""Threads: the last reply below a record, the last activity in its thread, and what stays of both
when a part of the thread is disposed of."""

from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from archive import new_id, records
from schedules import Facts
from schedules._collect import collect
from schedules._run import run
from tests.conftest import Clock
from tests.schedules.sample import TOML
from tests.schedules.town import Town

CHICAGO = ZoneInfo("America/Chicago")
FIRST = date(2024, 1, 1)


def facts(town: Town, record: str) -> Facts:
    with town.archive.read() as reader:
        return collect(reader, [records.get(reader, record)], CHICAGO)[0]


def dispose(town: Town) -> int:
    return run(town.archive, town.ben, town.approved()).disposed


def test_a_thread_is_the_post_and_every_answer_below_it(town: Town) -> None:
    post = town.capture(kind="post", native="p", occurred=date(2024, 1, 1))
    quiet = town.capture(native="a", parent="p", occurred=date(2024, 1, 2))
    town.capture(native="b", parent="p", occurred=date(2024, 1, 3))
    town.capture(native="c", parent="b", occurred=date(2024, 2, 9))
    town.capture(native="x", parent="elsewhere", occurred=date(2025, 1, 1))
    for record in (post, quiet):
        assert facts(town, record).thread_active == date(2024, 2, 9)
    assert facts(town, quiet).last_activity == date(2024, 1, 2)


def test_answers_to_a_post_that_is_not_here_are_a_thread(town: Town) -> None:
    one = town.capture(native="a", parent="elsewhere", occurred=date(2024, 1, 2))
    town.capture(native="b", parent="elsewhere", occurred=date(2024, 1, 5))
    assert facts(town, one).thread_active == date(2024, 1, 5)
    assert facts(town, town.capture(occurred=date(2024, 1, 2))).thread_active is None


def test_what_happens_to_any_of_it_is_activity(town: Town) -> None:
    post = town.capture(kind="post", native="p", occurred=date(2024, 1, 1))
    answer = town.capture(native="a", parent="p", occurred=date(2024, 1, 2))
    town.clock.advance(days=3)
    town.tell("record.removed", answer, {"removal": new_id(), "extent": "all"}, reason="sale")
    assert facts(town, post).thread_active == date(2026, 3, 5)
    appeal = new_id()
    town.tell("appeal.filed", answer, {"appeal": appeal, "removal": new_id()})
    town.clock.advance(days=3)
    town.tell("appeal.decided", answer, {"appeal": appeal, "outcome": "affirmed"}, reason="fine")
    assert facts(town, post).thread_active == date(2026, 3, 8)
    assert facts(town, post).last_reply == date(2024, 1, 2)


def test_records_that_claim_to_answer_each_other_are_one_thread(town: Town) -> None:
    one = town.capture(native="a", parent="b", occurred=date(2024, 1, 1))
    two = town.capture(native="b", parent="a", occurred=date(2024, 1, 2))
    below = town.capture(native="c", parent="a", occurred=date(2024, 1, 7))
    for record in (one, two, below):
        assert facts(town, record).thread_active == date(2024, 1, 7)


def test_answers_that_are_disposed_of_still_count(town: Town) -> None:
    """Otherwise a post would fall due early as soon as its answers are gone."""
    town.adopt()
    post = town.capture(kind="post", native="p", occurred=date(2020, 1, 1))
    town.capture(native="a", parent="p", occurred=date(2024, 1, 2))
    town.capture(native="b", parent="a", occurred=date(2024, 1, 5))
    before = facts(town, post)
    assert dispose(town) == 2
    assert facts(town, post) == before
    town.capture(native="late", parent="a", occurred=date(2026, 2, 1))
    assert facts(town, post).last_reply == date(2026, 2, 1)


def test_messages_of_one_conversation_are_a_thread(town: Town) -> None:
    town.adopt()
    first = town.capture(kind="message", thread="t", occurred=date(2024, 1, 1))
    last = town.capture(kind="message", thread="t", occurred=date(2024, 3, 1))
    other = town.capture(kind="message", thread="u", occurred=date(2025, 1, 1))
    assert facts(town, first).thread_active == date(2024, 3, 1)
    assert facts(town, first).last_reply is None
    assert facts(town, other).thread_active is None
    town.hold("kept", first, other)
    assert dispose(town) == 1
    assert town.status(last) == "disposed"
    assert facts(town, first).thread_active == date(2024, 3, 1)
    town.archive.rebuild()
    assert facts(town, first).thread_active == date(2024, 3, 1)


def test_the_day_on_which_an_account_was_closed(town: Town) -> None:
    record = town.capture()
    assert facts(town, record).account_closed is None
    town.tell("account.closed", town.account, {"day": "2026-02-01"})
    town.tell("account.closed", town.account, {"day": "2026-02-02"})
    assert facts(town, record).account_closed == date(2026, 2, 2)
    town.tell("account.reopened", town.account, reason="by mistake")
    assert facts(town, record).account_closed is None


ALL_GO = TOML.replace('kind = ["comment", "message"]', 'kind = ["comment", "post"]')


@settings(max_examples=10)
@given(
    st.lists(
        st.tuples(st.integers(0, 5), st.integers(0, 400), st.booleans()), min_size=2, max_size=6
    )
)
def test_facts_of_threads_are_those_of_a_walk_and_outlast_disposals(
    replies: list[tuple[int, int, bool]],
) -> None:
    """Each reply: what it answers (itself or later: nothing here), on which day, and whether it
    is disposed of."""
    with TemporaryDirectory() as folder:
        clock = Clock(datetime(2026, 3, 2, 15, tzinfo=UTC))
        town = Town.found(Path(folder) / "archive", clock)
        with town.archive:
            town.adopt(ALL_GO)
            children = defaultdict[int, list[int]](list)
            top: dict[int, int] = {}
            ids, days = [], []
            for number, (parent, after, _) in enumerate(replies):
                days.append(FIRST + timedelta(days=after))
                answers = f"n{parent}" if parent < number else ""
                if answers:
                    children[parent].append(number)
                top[number] = top[parent] if answers else number
                ids.append(town.capture(native=f"n{number}", parent=answers, occurred=days[-1]))

            def below(number: int) -> list[int]:
                return [at for child in children[number] for at in (child, *below(child))]

            def check(numbers: list[int]) -> None:
                for number in numbers:
                    found = facts(town, ids[number])
                    last = max((days[at] for at in below(number)), default=None)
                    thread = [days[at] for at in top if top[at] == top[number]]
                    assert found.last_reply == last
                    assert found.thread_active == (max(thread) if len(thread) > 1 else None)

            check(list(range(len(ids))))
            kept = [number for number, (_, _, goes) in enumerate(replies) if not goes]
            if kept:
                town.hold("kept", *(ids[number] for number in kept))
            if len(kept) < len(ids):
                assert dispose(town) == len(ids) - len(kept)
            check(kept)
