"""The evaluator: tables, and the rules it keeps whatever the facts."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schedules import (
    Action,
    Authority,
    CountsFrom,
    Facts,
    Freeze,
    FreezeSource,
    Outcome,
    Rule,
    Trigger,
    evaluate,
)
from schedules._evaluate import counted_from, trigger_date
from schedules._years import YearStart
from tests.schedules.sample import comment, schedule

TODAY = date(2026, 6, 1)
HOLD = Freeze(FreezeSource.HOLD, "h1", '"Doe" (litigation)')


@pytest.mark.parametrize(
    ("facts", "outcome", "series", "due"),
    [
        ({}, Outcome.ELIGIBLE, "COMMENT", date(2025, 3, 2)),
        ({"published": date(2025, 5, 31)}, Outcome.ELIGIBLE, "COMMENT", date(2026, 6, 1)),
        ({"published": date(2025, 6, 1)}, Outcome.KEEP, "COMMENT", date(2026, 6, 2)),
        ({"published": None}, Outcome.KEEP, "COMMENT", None),
        ({"kind": "message"}, Outcome.ELIGIBLE, "COMMENT", date(2025, 3, 2)),
        ({"status": "removed", "removed": date(2024, 3, 3)}, Outcome.ELIGIBLE, "REMOVED",
         date(2026, 3, 4)),
        ({"status": "removed", "removed": None}, Outcome.KEEP, "REMOVED", None),
        ({"appealed": True}, Outcome.KEEP, "APPEAL", None),
        ({"appealed": True, "appeal_decided": date(2020, 1, 1)}, Outcome.ELIGIBLE, "APPEAL",
         date(2023, 1, 2)),
        ({"kind": "post"}, Outcome.KEEP, "POST", None),
        ({"kind": "post", "platform": "facebook"}, Outcome.KEEP, None, None),
        ({"kind": "share"}, Outcome.KEEP, None, None),
        ({"disposed": date(2026, 1, 1), "status": "disposed"}, Outcome.KEEP, None, None),
    ],
)  # fmt: skip
def test_table(
    facts: dict[str, Any], outcome: Outcome, series: str | None, due: date | None
) -> None:
    decision = evaluate(comment(**facts), schedule(), (), TODAY)
    assert (decision.outcome, decision.series, decision.due) == (outcome, series, due)
    assert decision.reason.endswith(".")


def test_reasons_are_sentences() -> None:
    def reason(**facts: Any) -> str:
        return evaluate(comment(**facts), schedule(), (), TODAY).reason

    assert reason() == (
        "Due for destruction since 2025-03-02: "
        "series COMMENT, P1Y after its publication on 2024-03-01."
    )
    assert reason(published=date(2026, 1, 31)) == (
        "Kept through 2027-01-31: series COMMENT, P1Y after its publication on 2026-01-31."
    )
    assert reason(published=None) == (
        "Series COMMENT counts P1Y from its publication; that day is not known."
    )
    assert reason(kind="share") == "No series of town version 1 covers it."
    assert reason(kind="post") == "Series POST is kept permanently."
    assert reason(disposed=date(2026, 1, 1)) == "It was disposed of on 2026-01-01."


@pytest.mark.parametrize(
    ("trigger", "day"),
    [
        (Trigger.CAPTURED, date(2024, 3, 2)),
        (Trigger.PUBLISHED, date(2024, 3, 1)),
        (Trigger.LAST_EDITED, date(2024, 3, 5)),
        (Trigger.LAST_REPLY, date(2024, 3, 6)),
        (Trigger.LAST_ACTIVITY, date(2024, 3, 9)),
        (Trigger.THREAD_ACTIVITY, date(2024, 3, 10)),
        (Trigger.REMOVED, date(2024, 3, 7)),
        (Trigger.VANISHED, date(2024, 3, 8)),
        (Trigger.APPEAL_DECIDED, date(2024, 3, 9)),
        (Trigger.ACCOUNT_CLOSED, date(2024, 3, 11)),
    ],
)
def test_triggers(trigger: Trigger, day: date) -> None:
    facts = comment(
        edited_on=date(2024, 3, 5),
        last_reply=date(2024, 3, 6),
        removed=date(2024, 3, 7),
        vanished=date(2024, 3, 8),
        appeal_decided=date(2024, 3, 9),
        thread_active=date(2024, 3, 10),
        account_closed=date(2024, 3, 11),
    )
    series = tuple(replace(s, trigger=trigger) for s in schedule().series[2:3])
    decision = evaluate(facts, schedule(series=series), (), TODAY)
    assert decision.trigger_date == day
    assert decision.eligible


@pytest.mark.parametrize("trigger", [Trigger.LAST_EDITED, Trigger.LAST_REPLY])
def test_what_was_never_edited_or_answered_counts_from_its_publication(trigger: Trigger) -> None:
    published = date(2024, 3, 1)
    assert (
        trigger_date(comment(captured=date(2024, 3, 9), published=published), trigger) == published
    )


@pytest.mark.parametrize(
    ("published", "last", "ahead"),
    [
        (TODAY, "2027-06-01", ""),
        (date(2026, 6, 2), "2027-06-02", ", which is still to come"),
        (date.max, "9999-12-31", ", which is still to come"),
    ],
)
def test_until_when_it_is_kept(published: date, last: str, ahead: str) -> None:
    assert evaluate(comment(published=published), schedule(), (), TODAY).reason == (
        f"Kept through {last}: series COMMENT, P1Y after its publication on {published}{ahead}."
    )


@pytest.mark.parametrize(
    ("authority", "said"),
    [
        ({"application": ""}, "no application number entered yet"),
        ({"item": ""}, "no item number entered yet"),
        ({"application": "", "item": ""}, "no application number and no item number entered yet"),
        ({"verified": False}, "the authority is not verified yet"),
    ],
)
def test_illinois_needs_numbers_and_verification(authority: dict[str, Any], said: str) -> None:
    ready = Authority("LRA", verified=True, application="20:001", item="1")
    series = replace(schedule().series[2], authority=replace(ready, **authority))
    decision = evaluate(comment(), schedule(series=(series,)), (), TODAY)
    assert not decision.eligible
    assert decision.reason == f"Series COMMENT of town version 1: {said}."


def test_what_is_not_verified_is_named() -> None:
    series = replace(schedule().series[2], unverified=("period", "counts_from"))
    decision = evaluate(comment(), schedule(series=(series,), unverified=("effective",)), (), TODAY)
    assert not decision.eligible
    assert decision.reason == (
        "Series COMMENT of town version 1: "
        "the period, the day that it counts from and the date of effect are not verified yet."
    )


def test_elsewhere_no_application_number_is_needed() -> None:
    series = replace(schedule().series[2], authority=Authority("GRS", verified=True))
    elsewhere = schedule(jurisdiction="US", series=(series,))
    assert evaluate(comment(), elsewhere, (), TODAY).eligible


def test_a_freeze_is_named() -> None:
    freezes = [HOLD, Freeze(FreezeSource.REQUEST, "q1", "2026-0003")]
    decision = evaluate(comment(), schedule(), freezes, TODAY)
    assert decision.reason == (
        'Held: responsive to the open request 2026-0003, under the hold "Doe" (litigation).'
    )
    assert decision.frozen
    assert decision.due == date(2025, 3, 2)


days = st.none() | st.dates(date(2000, 1, 1), date(2040, 1, 1))
any_facts = st.builds(
    Facts,
    record=st.just("r"),
    kind=st.sampled_from(["post", "comment", "message", "share"]),
    platform=st.sampled_from(["mastodon", "facebook"]),
    account=st.just("a"),
    status=st.sampled_from(["live", "removed", "vanished"]),
    visibility=st.just("public"),
    captured=days,
    published=days,
    edited_on=days,
    removed=days,
    vanished=days,
    last_reply=days,
    thread_active=days,
    appeal_decided=days,
    account_closed=days,
    appealed=st.booleans(),
    disposed=days,
)
some_day = st.dates(date(2000, 1, 1), date(2060, 1, 1))


@given(any_facts, some_day)
def test_frozen_is_never_eligible(facts: Facts, today: date) -> None:
    assert not evaluate(facts, schedule(), [HOLD], today).eligible


@given(any_facts, some_day, st.integers(0, 4000))
def test_once_due_stays_due(facts: Facts, today: date, later: int) -> None:
    if evaluate(facts, schedule(), (), today).eligible:
        assert evaluate(facts, schedule(), (), today + timedelta(days=later)).eligible


@given(any_facts, some_day)
def test_eligible_only_after_a_known_trigger_and_due_day(facts: Facts, today: date) -> None:
    decision = evaluate(facts, schedule(), (), today)
    if decision.eligible:
        assert decision.trigger_date is not None
        assert decision.due is not None
        assert decision.trigger_date < decision.due <= today
        assert decision.action not in {None, Action.PERMANENT}
        assert facts.disposed is None


@given(any_facts)
def test_the_wider_the_activity_the_later_its_day(facts: Facts) -> None:
    narrow = [
        Trigger.PUBLISHED,
        Trigger.LAST_EDITED,
        Trigger.LAST_ACTIVITY,
        Trigger.THREAD_ACTIVITY,
    ]
    found = [day for trigger in narrow if (day := trigger_date(facts, trigger)) is not None]
    assert found == sorted(found)


@given(any_facts, some_day, st.sampled_from(CountsFrom))
def test_a_clock_set_back_keeps(facts: Facts, today: date, counts_from: CountsFrom) -> None:
    """Before the trigger's day nothing is due; what the clock says changes no due date."""
    series = tuple(replace(one, counts_from=counts_from) for one in schedule().series)
    counting = schedule(series=series, fiscal_year_starts=YearStart(7, 1))
    decision = evaluate(facts, counting, (), today)
    if decision.trigger_date is not None and today <= decision.trigger_date:
        assert not decision.eligible
    assert evaluate(facts, counting, (), date(2199, 1, 1)).due == decision.due


def test_a_trigger_that_lies_ahead_is_said_to() -> None:
    decision = evaluate(comment(published=date(2099, 1, 1)), schedule(), (), TODAY)
    assert decision.reason == (
        "Kept through 2100-01-01: series COMMENT, P1Y after its publication on 2099-01-01, "
        "which is still to come."
    )


@pytest.mark.parametrize(
    ("counts_from", "published", "start", "due"),
    [
        (CountsFrom.TRIGGER, date(2024, 3, 1), date(2024, 3, 1), date(2025, 3, 2)),
        (CountsFrom.CALENDAR_YEAR_END, date(2024, 3, 1), date(2024, 12, 31), date(2026, 1, 1)),
        (CountsFrom.CALENDAR_YEAR_END, date(2024, 12, 31), date(2024, 12, 31), date(2026, 1, 1)),
        (CountsFrom.FISCAL_YEAR_END, date(2024, 6, 30), date(2024, 6, 30), date(2025, 7, 1)),
        (CountsFrom.FISCAL_YEAR_END, date(2024, 7, 1), date(2025, 6, 30), date(2026, 7, 1)),
    ],
)
def test_the_end_of_a_year(
    counts_from: CountsFrom, published: date, start: date, due: date
) -> None:
    series = tuple(replace(one, counts_from=counts_from) for one in schedule().series)
    counting = schedule(series=series, fiscal_year_starts=YearStart(7, 1))
    decision = evaluate(comment(published=published), counting, (), TODAY)
    assert (decision.counted_from, decision.due) == (start, due)


def test_the_year_that_ends_is_named() -> None:
    series = (replace(schedule().series[2], counts_from=CountsFrom.FISCAL_YEAR_END),)
    counting = schedule(series=series, fiscal_year_starts=YearStart(7, 1))
    assert evaluate(comment(), counting, (), TODAY).reason == (
        "Due for destruction since 2025-07-01: series COMMENT, P1Y after 2024-06-30, "
        "the end of the fiscal year of its publication on 2024-03-01."
    )


@given(any_facts, st.sampled_from(Trigger), st.dates(date(1990, 1, 1), date(2040, 1, 1)))
def test_a_year_s_end_never_lies_before_the_trigger(
    facts: Facts, trigger: Trigger, started: date
) -> None:
    for counts_from in CountsFrom:
        series = replace(schedule().series[2], trigger=trigger, counts_from=counts_from)
        counting = schedule(series=(series,), fiscal_year_starts=YearStart(10, 1))
        assert started <= counted_from(counting, series, started) <= started + timedelta(days=366)


FILE = Facts("q1", "request", "", "", "", "", outcome="denied", request_closed=date(2024, 2, 1))
OF_REQUESTS = Rule({"kind": frozenset({"request"})}, {})


def test_the_file_of_a_request_is_covered_only_by_a_rule_that_names_it() -> None:
    everything = replace(schedule().series[2], rule=Rule({}, {}))
    files = replace(everything, code="FILES", trigger=Trigger.REQUEST_CLOSED, rule=OF_REQUESTS)
    both = schedule(series=(everything, files))
    assert evaluate(FILE, both, (), TODAY).series == "FILES"
    assert evaluate(FILE, both, (), TODAY).due == date(2025, 2, 2)
    assert evaluate(replace(FILE, request_closed=None), both, (), TODAY).due is None
    assert evaluate(comment(), both, (), TODAY).series == "COMMENT"
    granted = Rule({**OF_REQUESTS.among, "outcome": frozenset({"granted"})}, {})
    other = schedule(series=(replace(files, rule=granted),))
    assert evaluate(FILE, other, (), TODAY).series is None
