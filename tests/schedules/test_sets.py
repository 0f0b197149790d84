"""What a search finds by series and by hold."""

import pytest

from archive import new_id
from schedules import in_force, load, record_sets, today, zone_of
from search import QueryError, SearchIndex
from tests.schedules.alike import survey
from tests.schedules.sample import TOML
from tests.schedules.town import Town

RULES = TOML.split("[[series]]")[0] + "".join(
    f"""[[series]]
code = "{code}"
title = "Series {code}"
trigger = "captured"
period = "P1Y"
action = "destroy"
authority = {{ application = "1", item = "1", citation = "x", verified = true }}
rule = {{ {rule} }}
"""
    for code, rule in {
        "A": "appealed = true",
        "B": "replied = true",
        "C": "edited = true",
        "D": 'visibility = ["unknown"], kind = ["message"]',
        "E": "",
    }.items()
)


def found(town: Town, query: str) -> set[str]:
    with SearchIndex.open(town.archive, sets=record_sets(town.archive)) as index:
        return set(index.ids(query))


def test_the_records_of_a_series(town: Town) -> None:
    town.adopt()
    comment, post = town.capture(), town.capture(kind="post")
    page = town.capture(kind="page")
    assert found(town, "series:comment") == {comment}
    assert found(town, 'series:"posts" OR series:COMMENT') == {comment, post}
    assert found(town, "hello AND NOT series:(POST OR COMMENT OR REMOVED)") == {page}
    with pytest.raises(QueryError, match="position 8: town version 1 has no series 'pots'") as no:
        found(town, "series:pots")
    assert "APPEAL, REMOVED, COMMENT, POST" in no.value.hint


def test_a_series_is_what_the_survey_says(town: Town) -> None:
    """Whatever the rules ask for: answers, appeals, edits, visibility."""
    town.adopt(RULES)
    post, edited = town.capture(kind="post", native="p"), town.capture(kind="post")
    town.capture(parent="p", kind="message")
    town.capture(kind="post", native="self", parent="self")
    town.edit(edited, "other words")
    appealed = town.capture(kind="page")
    filed = {"appeal": new_id(), "removal": new_id(), "due": "2026-04-01"}
    town.tell("appeal.filed", appealed, filed)
    expected: dict[str, set[str]] = {"A": set(), "B": set(), "C": set(), "D": set(), "E": set()}
    with town.archive.read() as reader:
        day, zone = today(town.archive), zone_of(town.archive)
        for record, decision in survey(reader, load(reader, in_force(reader, day)), day, zone):
            expected[decision.series or "none"].add(record.id)
    assert expected["A"] == {appealed}
    assert expected["B"] == {post}
    assert expected["C"] == {edited}
    assert expected["D"]
    assert {code: found(town, f"series:{code}") for code in expected} == expected


def test_a_series_needs_a_schedule(town: Town) -> None:
    with pytest.raises(QueryError, match="no retention schedule is in force") as refused:
        found(town, "series:comment")
    assert "muniment schedule adopt" in refused.value.hint


def test_what_is_held_or_would_be(town: Town) -> None:
    one, flood, other = town.capture(), town.capture("the flood"), town.capture()
    assert found(town, "status:held") == set()
    hold = town.hold("Roe", one)
    town.hold("Doe", query="flood")
    late = town.capture("flooded again")
    assert found(town, "status:held") == {one, flood, late}
    assert found(town, "NOT status:held") == {other}
    town.release(hold)
    assert found(town, "status:held AND status:live") == {flood, late}


def test_a_hold_does_not_ask_what_is_held(town: Town) -> None:
    with pytest.raises(QueryError, match="status:held cannot be asked for here"):
        town.hold("Doe", query="NOT status:held")


def test_a_hold_does_not_move_with_the_calendar(town: Town) -> None:
    with pytest.raises(QueryError, match="'last month' is another day tomorrow"):
        town.hold("Doe", query='flood date:"last month"')


def test_a_thread_is_held_as_it_grows(town: Town) -> None:
    post = town.capture(native="p")
    town.hold("Doe", query=f"in:{post}")
    answer = town.capture(parent="p")
    town.capture()
    assert found(town, "status:held") == {post, answer}
