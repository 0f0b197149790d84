"""Rules that meet: series that are never reached, and order that keeps less long."""

from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schedules import read_schedule, warnings
from schedules._evaluate import covering
from schedules._facts import FLAG_FACTS, TEXT_FACTS
from schedules._overlaps import minus
from tests.schedules.sample import TOML, comment

HEAD = TOML[: TOML.index("[[series]]")]
AUTHORITY = 'authority = { application = "1", item = "1", citation = "LRA", verified = true }'


def schedule_of(*series: tuple[str, str, str, str]) -> str:
    """A text with series given by code, period, action, and rule."""
    return HEAD + "".join(
        f'[[series]]\ncode = "{code}"\ntitle = "{code}"\ntrigger = "published"\n'
        f'period = "{period}"\naction = "{action}"\nrule = {{ {rule} }}\n{AUTHORITY}\n'
        for code, period, action, rule in series
    )


def said(*series: tuple[str, str, str, str]) -> list[str]:
    text = schedule_of(*series)
    return warnings(text, read_schedule(text))


def test_a_series_behind_one_that_covers_all_of_it() -> None:
    (warning,) = said(
        ("ALL", "P1Y", "destroy", 'kind = ["comment", "post"]'),
        ("REMOVED", "P1Y", "destroy", 'kind = "comment", status = "removed"'),
    )
    assert warning == (
        'line 22: series "REMOVED": never reached: all that fits it is covered before, '
        'by "ALL" (line 8)'
    )


def test_a_series_that_several_cover_together() -> None:
    (warning,) = said(
        ("MESSAGES", "P1Y", "destroy", 'kind = "message"'),
        ("ANSWERED", "P1Y", "destroy", "replied = true"),
        ("SILENT", "P1Y", "destroy", "replied = false"),
        ("ONE", "P1Y", "destroy", 'kind = "post", platform = "x"'),
    )
    assert warning.endswith('by "ANSWERED" (line 16) and "SILENT" (line 24)')
    assert '"ONE"' in warning


@pytest.mark.parametrize(
    "rules",
    [
        ('kind = "comment", status = "removed"', 'kind = "comment"'),
        ('platform = "x"', 'platform = ["x", "mastodon"]'),
        ('account = "a"', ""),
        ("", 'kind = "request"'),
        ("replied = true", "replied = false"),
    ],
)
def test_the_special_before_the_general_is_no_news(rules: tuple[str, str]) -> None:
    text = schedule_of(*(
        (f"S{number}", "P1Y", "destroy", rule) for number, rule in enumerate(rules)
    )).replace("published", "request_closed" if "request" in rules[1] else "published")  # fmt: skip
    if "request" in rules[1]:
        first, last = text.rsplit("request_closed", 1)
        text = first.replace("request_closed", "published") + "request_closed" + last
    assert warnings(text, read_schedule(text)) == []


@pytest.mark.parametrize(
    ("first", "second", "warned"),
    [
        (("P1Y", "destroy"), ("P2Y", "destroy"), True),
        (("P2Y", "destroy"), ("P1Y", "destroy"), False),
        (("P1Y", "destroy"), ("P1Y", "destroy"), False),
        (("P9Y", "destroy"), ("P1Y", "transfer"), True),
        (("P1Y", "review"), ("P9Y", "destroy"), False),
    ],
)
def test_what_falls_under_the_less_careful_of_two_is_told(
    first: tuple[str, str], second: tuple[str, str], warned: bool
) -> None:
    found = said(
        ("REMOVED", *first, 'status = "removed"'), ("POSTS", *second, 'kind = ["post", "share"]')
    )
    told = (
        'line 14: series "REMOVED": what fits "POSTS" (line 16), too, is covered here, '
        "and there it is kept longer"
    )
    assert found == ([told] if warned else [])


def test_the_sample_is_in_order() -> None:
    assert warnings(TOML, read_schedule(TOML)) == []


KINDS, STATUSES, PLATFORMS = ("comment", "post"), ("live", "removed"), ("x", "y", "other")
some = st.fixed_dictionaries(
    {},
    optional={
        "kind": st.sets(st.sampled_from(KINDS), min_size=1),
        "status": st.sets(st.sampled_from(STATUSES), min_size=1),
        "platform": st.sets(st.sampled_from(PLATFORMS[:2]), min_size=1),
        "appealed": st.booleans(),
    },
)


def written(rule: dict[str, Any]) -> str:
    return ", ".join(
        f"{fact} = {str(wanted).lower() if isinstance(wanted, bool) else sorted(wanted)}"
        for fact, wanted in rule.items()
    ).replace("'", '"')


def every() -> list[dict[str, Any]]:
    return [
        {"kind": kind, "status": status, "platform": platform, "appealed": appealed}
        for kind, status, platform, appealed in product(
            (*KINDS, "message"), (*STATUSES, "vanished"), PLATFORMS, (True, False)
        )
    ]


@given(st.lists(some, min_size=1, max_size=5))
def test_a_series_is_called_unreached_exactly_when_no_record_falls_under_it(
    rules: list[dict[str, Any]],
) -> None:
    text = schedule_of(*(
        (f"S{number}", "P1Y", "destroy", written(rule)) for number, rule in enumerate(rules)
    ))  # fmt: skip
    schedule = read_schedule(text)
    covered = [covering(comment(**facts), schedule) for facts in every()]
    reached = {series.code for series in covered if series is not None}
    found = {line.split('"')[1] for line in warnings(text, schedule) if "never reached" in line}
    assert found == {series.code for series in schedule.series} - reached


values = st.sets(st.sampled_from("abc"), min_size=1).map(frozenset)
boxes = st.fixed_dictionaries({"one": values, "two": values, "three": values})


@given(boxes, boxes)
def test_what_is_left_of_a_box_is_what_is_in_no_other(
    box: dict[str, frozenset[str]], other: dict[str, frozenset[str]]
) -> None:
    def points(among: Any) -> list[tuple[str, ...]]:
        return list(product(*(sorted(among[fact]) for fact in ("one", "two", "three"))))

    left = [point for piece in minus(box, other) for point in points(piece)]
    assert sorted(left) == sorted(set(points(box)) - set(points(other)))


def test_every_fact_that_a_rule_can_ask_is_one_of_the_evaluator_s() -> None:
    for fact in {*TEXT_FACTS, *FLAG_FACTS}:
        assert hasattr(comment(), fact)
