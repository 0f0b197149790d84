"""Schedules as TOML: what is read, and errors that name line and key."""

import json
import re
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.errors import UsageError
from schedules import Action, CountsFrom, Period, ScheduleError, Trigger, read_schedule
from schedules._authorization import COMMISSION
from schedules._reading import AUTHORITY_KEYS, SCHEDULE_KEYS, SERIES_KEYS
from schedules._years import YearStart
from tests.schedules.sample import AUTHORIZED, TOML


def problems(text: str) -> list[str]:
    with pytest.raises(ScheduleError) as caught:
        read_schedule(text, "town.toml")
    return caught.value.problems


def line_of(text: str) -> int:
    return TOML.splitlines().index(text) + 1


def test_a_schedule() -> None:
    schedule = read_schedule(TOML)
    assert (schedule.code, schedule.version, schedule.effective) == ("town", 1, date(2020, 1, 1))
    assert [series.code for series in schedule.series] == ["APPEAL", "REMOVED", "COMMENT", "POST"]
    removed = schedule.series[1]
    assert removed.trigger is Trigger.REMOVED
    assert removed.period == Period("P2Y", years=2)
    assert removed.action is Action.DESTROY
    assert removed.authority.item == "2"
    assert str(removed.rule) == "kind is comment, status is removed"
    assert schedule.series[3].period is None


def test_illinois_asks_for_the_certificate_unless_told_otherwise() -> None:
    silent = TOML.replace("commission_certificate_required = false\n", "")
    assert read_schedule(silent).authorizations == (COMMISSION,)
    assert str(COMMISSION) == "certificate approved by the Local Records Commission"
    assert read_schedule(silent.replace("US-IL", "US-WA")).authorizations == ()
    assert read_schedule(TOML).authorizations == ()


def test_approvals_from_outside_are_data_of_the_schedule() -> None:
    certificate, resolution, consent = read_schedule(AUTHORIZED).authorizations
    assert (certificate.number, certificate.filed) == (True, True)
    assert certificate.wait == Period.parse("P6W")
    assert str(certificate) == "certificate approved by the State Archives"
    assert str(resolution) == "resolution of the council"
    assert (resolution.number, resolution.filed, resolution.wait) == (True, False, None)
    assert (consent.number, consent.filed, consent.verified) == (False, False, False)


def test_a_form_that_nobody_verified_stops_disposal() -> None:
    schedule = read_schedule(AUTHORIZED)
    said = "the written consent of the city attorney is not verified yet"
    assert schedule.obstacle(schedule.series[1]) == said


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('wait = "P6W"', 'wait = "soon"', 'authorization "certificate": wait: "soon" is not a pe'),
        ("filed = true", "filed = false", 'authorization "certificate": wait: runs from the day'),
        ('by = "council"', 'buy = "council"', 'authorization "resolution": buy: is no key here'),
        ('by = "council"', "by = 5", 'authorization "resolution": by: must be text'),
        ('document = "resolution"', 'document = ""', "document: must not be empty"),
        ('code = "consent"', 'code = "resolution"', "code: is asked for twice"),
        ('code = "consent"', 'code = "the consent"', 'code: "the consent" must be of letters'),
        ('code = "consent"', "code = 7", "authorization 3: code: must be text"),
        ("verified = false", 'verified = "no"', 'authorization "consent": verified: must be tr'),
    ],
)
def test_what_is_wrong_with_a_form_names_its_line(old: str, new: str, said: str) -> None:
    found = problems(AUTHORIZED.replace(old, new, 1))
    assert any(said in problem for problem in found), found
    at = AUTHORIZED[: AUTHORIZED.index(old)].count("\n") + 1
    if "wait: runs" not in said:
        assert any(problem.startswith(f"line {at}: ") for problem in found), found


def test_a_missing_key_of_a_form_points_at_the_form() -> None:
    (found,) = problems(AUTHORIZED.replace('by = "council"\n', ""))
    second = AUTHORIZED.index("[[authorization]]", AUTHORIZED.index("[[authorization]]") + 1)
    line = AUTHORIZED[:second].count("\n") + 1
    assert found == f'line {line}: authorization "resolution": by: is missing'


def test_the_commission_may_not_be_asked_twice() -> None:
    found = problems(AUTHORIZED.replace("required = false", "required = true"))
    assert any("is asked for twice" in problem for problem in found)
    (said,) = problems(TOML.replace("version = 1", "version = 1\nauthorization = 5"))
    assert said.endswith("authorization: must be a list")


def test_how_long_an_approval_may_be_used() -> None:
    assert str(read_schedule(TOML).approvals_expire) == "P90D"
    longer = TOML.replace("version = 1", 'version = 1\napprovals_expire = "P6M"')
    assert str(read_schedule(longer).approvals_expire) == "P6M"
    with pytest.raises(ScheduleError, match='line 3: approvals_expire: "soon" is not a period'):
        read_schedule(longer.replace("P6M", "soon"))


@pytest.mark.parametrize(
    ("old", "new", "line", "said"),
    [
        ('period = "P2Y"', 'period = "2 years"', 'period = "P2Y"', '"2 years" is not a period'),
        ('trigger = "removed"', 'trigger = "deleted"', 'trigger = "removed"', "is none of capt"),
        ('trigger = "removed"', "trigger = 5", 'trigger = "removed"', "trigger: must be text"),
        ('title = "Removed comments"', "", "[[series]]", "title: is missing"),
        ('title = "Town library"', 'titel = "x"', 'title = "Town library"', "titel: is no key"),
        ("version = 1", "version = 0", "version = 1", "version: must be 1 or more"),
        ("version = 1", "version = true", "version = 1", "version: must be a whole number"),
        ("effective = 2020-01-01", 'effective = "soon"', "effective = 2020-01-01", "must be a da"),
        ("= 2020-01-01", "= 2020-01-01T00:00:00", "effective = 2020-01-01", "time of day"),
        ('item = "1"', "item = 1", 'item = "1"', "authority.item: must be text"),
        ('code = "POST"', 'code = "COMMENT"', 'code = "POST"', "code: stands twice"),
        ('code = "town"', 'code = "a town"', 'code = "town"', "must be of letters"),
        ('"US-IL"', '"Illinois"', 'jurisdiction = "US-IL"', "must be such as US-IL"),
        (
            'rule = { kind = ["comment", "message"] }',
            'rule = { kind = ["coment"] }',
            'rule = { kind = ["comment", "message"] }',
            '"coment" is none of comment, message',
        ),
        ("{ appealed = true }", '{ appealed = "yes" }', "rule = { appealed = true }", "true or f"),
        ("{ appealed = true }", "{ author = 1 }", "rule = { appealed = true }", "rule.author: is"),
        ('action = "permanent"', 'action = "permanent"\nperiod = "P1Y"', "", "has no period"),
        ('period = "P2Y"', 'period = "-P2Y"', 'period = "P2Y"', "is negative"),
        ('period = "P2Y"', 'period = "P900Y"', 'period = "P2Y"', "longer than 200 years"),
        ('trigger = "removed"', 'trigger = "last-edit"', 'trigger = "removed"', "last_edited?"),
        ('title = "Town library"', 'titel = "x"', 'title = "Town library"', "mean title?"),
        ('period = "P2Y"', 'perod = "P2Y"', 'period = "P2Y"', "did you mean period?"),
        (
            'period = "P2Y"',
            'counts_from = "fiscal_year_end"',
            'period = "P2Y"',
            'counts_from: needs the first day of the fiscal year above: fiscal_year_starts =',
        ),
        ("version = 1", 'version = 1\nfiscal_year_starts = "02-29"', "", "not a day that every"),
        ("version = 1", 'version = 1\nunverified = ["title"]', "", '"title" is none of effective'),
        ('period = "P2Y"', 'unverified = ["perid"]', 'period = "P2Y"', "did you mean period?"),
        ('trigger = "removed"', 'trigger = "request_closed"', 'trigger = "removed"', "only requ"),
        ('"removed"]', '"removed"], outcome = "denied"', "", "rule.outcome: only requests"),
        ("{ appealed = true }", '{ kind = ["request", "post"] }', "", "a series of their own"),
        ("{ appealed = true }", '{ kind = "request" }', "", "counts from request_closed"),
        ("{ appealed = true }", '{ kind = "request", edited = true }', "", "has no edited"),
        ("{ appealed = true }", "{ kind = [] }", "rule = { appealed = true }", "a list of words"),
    ],
)  # fmt: skip
def test_errors_name_line_and_key(old: str, new: str, line: str, said: str) -> None:
    assert old in TOML
    found = problems(TOML.replace(old, new, 1))
    assert any(said in problem for problem in found), found
    if line and line != "[[series]]":
        assert found[0].startswith(f"line {line_of(line)}: "), found


def test_a_missing_key_points_at_its_series() -> None:
    (found,) = problems(TOML.replace('title = "Removed comments"\n', ""))
    start = [i + 1 for i, text in enumerate(TOML.splitlines()) if text == "[[series]]"]
    assert found == f'line {start[1]}: series "REMOVED": title: is missing'


def test_all_problems_are_listed_and_the_message_is_one_line() -> None:
    text = TOML.replace("version = 1", "version = 0").replace('"P2Y"', '"P2"')
    with pytest.raises(UsageError) as caught:
        read_schedule(text, "town.toml")
    assert str(caught.value) == ("town.toml: line 2: version: must be 1 or more (and 1 more)")
    assert caught.value.hint


def test_a_schedule_with_everything_that_may_be_said() -> None:
    text = TOML.replace("version = 1", 'version = 1\nfiscal_year_starts = "07-01"')
    text = text.replace("version = 1", 'version = 1\nunverified = ["effective"]')
    text = text.replace(
        'period = "P2Y"', 'period = "P2Y"\ncounts_from = "fiscal_year_end"\nunverified = ["period"]'
    )
    found = read_schedule(text)
    assert (found.unverified, found.fiscal_year_starts) == (("effective",), YearStart(7, 1))
    removed, comments = found.series[1:3]
    assert (removed.counts_from, removed.doubtful) == (CountsFrom.FISCAL_YEAR_END, ("period",))
    assert (comments.counts_from, comments.doubtful) == (CountsFrom.TRIGGER, ())


def test_a_text_that_is_no_toml_names_the_line() -> None:
    (found,) = problems(TOML.replace("version = 1", "version = one"))
    assert found.startswith("line 2: is no TOML: ")


@pytest.mark.parametrize("text", ["", "series = []", 'code = "', "series = [1]", "series = 3"])
def test_what_is_no_schedule(text: str) -> None:
    assert problems(text)


anything = st.recursive(
    st.one_of(
        st.booleans(),
        st.integers(-3, 2**40),
        st.floats(allow_nan=False),
        st.dates(date(1, 1, 1)),
        st.datetimes(),
        st.text('aP1Y-é \n"', max_size=6),
        st.sampled_from([*Trigger, *Action, *CountsFrom, "request", "comment", "P1Y", "07-01"]),
    ),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("ab"), inner),
    max_leaves=4,
)
keys = st.sampled_from(sorted(SCHEDULE_KEYS | SERIES_KEYS | AUTHORITY_KEYS | {"kind", "outcome"}))
tables = st.dictionaries(keys, anything | st.dictionaries(keys, anything, max_size=3), max_size=8)


def toml(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key} = {toml(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(toml, value)) + "]"
    if isinstance(value, bool | int | float):
        return str(value).lower()
    return value.isoformat() if isinstance(value, date) else json.dumps(str(value))


@given(tables, st.lists(tables, max_size=2))
def test_whatever_stands_where_is_read_or_is_a_problem_with_its_line(
    heading: dict[str, Any], series: list[dict[str, Any]]
) -> None:
    written = [f"{key} = {toml(value)}" for key, value in heading.items() if key != "series"]
    for table in series:
        written += ["[[series]]", *(f"{key} = {toml(value)}" for key, value in table.items())]
    found: list[str] = []
    try:
        read_schedule("\n".join(written))
    except ScheduleError as error:
        found = error.problems
    assert all(re.match(r"line \d+: ", problem) for problem in found)
