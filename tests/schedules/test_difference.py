"""What two schedules say differently."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from schedules import Difference, Period, differences, read_schedule
from tests.schedules.sample import AUTHORIZED, schedule


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


def test_what_authorities_are_asked_for() -> None:
    old, new = schedule(), schedule(authorizations=read_schedule(AUTHORIZED).authorizations)
    (found,) = differences(old, new)
    assert (found.key, found.old) == ("authorization", "")
    assert found.new == (
        "certificate: certificate approved by the State Archives, with a number, P6W after filing "
        "(Charter 6); resolution: resolution of the council, with a number (Charter 7); "
        "consent: written consent of the city attorney, not verified (Charter 8)"
    )


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
