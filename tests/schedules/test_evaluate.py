"""The evaluator: tables, and the rules it keeps whatever the facts."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schedules import Action, Authority, Facts, Freeze, FreezeSource, Outcome, Trigger, evaluate
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
        (Trigger.REMOVED, date(2024, 3, 7)),
        (Trigger.VANISHED, date(2024, 3, 8)),
        (Trigger.APPEAL_DECIDED, date(2024, 3, 9)),
    ],
)
def test_triggers(trigger: Trigger, day: date) -> None:
    facts = comment(
        edited_on=date(2024, 3, 5),
        last_reply=date(2024, 3, 6),
        removed=date(2024, 3, 7),
        vanished=date(2024, 3, 8),
        appeal_decided=date(2024, 3, 9),
    )
    series = tuple(replace(s, trigger=trigger) for s in schedule().series[2:3])
    decision = evaluate(facts, schedule(series=series), (), TODAY)
    assert decision.trigger_date == day
    assert decision.eligible


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
    appeal_decided=days,
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
