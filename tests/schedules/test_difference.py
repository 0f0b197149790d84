"""What two schedules say differently."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from schedules import Difference, Period, differences
from tests.schedules.sample import schedule


def test_the_same_says_nothing_differently() -> None:
    assert list(differences(schedule(), schedule())) == []


def test_key_by_key() -> None:
    old = schedule()
    removed, comments = old.series[1:3]
    longer = replace(comments, period=Period.parse("P2Y"), title="Comments by anybody")
    other = replace(old.series[3], code="PAGES")
    new = replace(old, version=2, series=(longer, removed, other))
    assert list(differences(old, new)) == [
        Difference("changed", "", "version", "1", "2"),
        Difference("changed", "COMMENT", "title", "Comments", "Comments by anybody"),
        Difference("changed", "COMMENT", "period", "P1Y", "P2Y"),
        Difference("moved", "COMMENT", "", "place 2", "place 1"),
        Difference("moved", "REMOVED", "", "place 1", "place 2"),
        Difference("added", "PAGES", "", "", f"permanent: {other.rule}"),
        Difference("removed", "APPEAL", "", "review P3Y after appeal_decided: appealed", ""),
        Difference("removed", "POST", "", f"permanent: {other.rule}", ""),
    ]


order = st.permutations(range(4))


@given(order, st.integers(0, 4), order, st.integers(0, 4))
def test_backwards_it_says_the_opposite(
    one: list[int], many: int, other: list[int], some: int
) -> None:
    whole = schedule()
    old = replace(whole, series=tuple(whole.series[at] for at in one[:many]))
    new = replace(whole, series=tuple(whole.series[at] for at in other[:some]))
    turned = {"added": "removed", "removed": "added", "moved": "moved", "changed": "changed"}
    back = {
        (turned[found.change], found.series, found.key, found.new, found.old)
        for found in differences(old, new)
    }
    assert back == {
        (found.change, found.series, found.key, found.old, found.new)
        for found in differences(new, old)
    }
    assert (not back) == (old.series == new.series)
