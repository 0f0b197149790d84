"""What may be charged: the law's own scales (5 ILCS 140/6), at their borders."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive import Refused, UsageError
from exports.letters import Quantities, load_fees

FEES = load_fees("US-IL")


def cents(quantities: Quantities, purpose: str = "public") -> int:
    return sum(line.cents for line in FEES.lines(quantities, purpose))


@pytest.mark.parametrize(("pages", "expected"), [(1, 0), (50, 0), (51, 15), (52, 30), (120, 1050)])
def test_the_first_fifty_pages_are_free(pages: int, expected: int) -> None:
    assert cents(Quantities(pages=pages)) == expected


def test_certification_and_what_things_cost_in_fact() -> None:
    assert cents(Quantities(certified=3)) == 300
    assert cents(Quantities(actual=[("a USB drive", 650), ("colour map", 400)])) == 1050


@pytest.mark.parametrize(
    ("form", "megabytes", "expected"),
    [
        ("data", "2", 2000),
        ("data", "2.01", 4000),
        ("data", "4", 4000),
        ("data", "4.01", 10000),
        ("pdf", "80", 2000),
        ("pdf", "80.5", 4000),
        ("pdf", "160", 4000),
        ("pdf", "161", 10000),
    ],
)
def test_a_voluminous_answer_costs_by_its_size(form: str, megabytes: str, expected: int) -> None:
    asked = Quantities(megabytes={form: Decimal(megabytes)})
    assert cents(asked, "voluminous") == expected
    with pytest.raises(Refused, match="nobody may charge for a volume"):
        cents(asked)


def test_a_mixed_answer_costs_by_both_scales() -> None:
    mixed = Quantities(megabytes={"pdf": Decimal(10), "data": Decimal(3)})
    assert cents(mixed, "voluminous") == 6000


@pytest.mark.parametrize(("hours", "expected"), [("8", 0), ("8.5", 500), ("10", 2000)])
def test_work_is_charged_to_commercial_requesters_after_eight_hours(
    hours: str, expected: int
) -> None:
    assert cents(Quantities(hours=Decimal(hours)), "commercial") == expected
    with pytest.raises(Refused, match="hours of work"):
        cents(Quantities(hours=Decimal(hours)))


def test_what_was_not_read_in_its_source_is_marked() -> None:
    [labour] = FEES.lines(Quantities(hours=Decimal(9)), "commercial")
    [paper] = FEES.lines(Quantities(pages=60), "commercial")
    assert (labour.verified, paper.verified) == (False, True)


def test_quantities_that_cannot_be_are_refused() -> None:
    with pytest.raises(UsageError, match="negative"):
        FEES.lines(Quantities(pages=-1), "public")
    with pytest.raises(UsageError, match="no scale"):
        FEES.lines(Quantities(megabytes={"film": Decimal(1)}), "voluminous")
    with pytest.raises(UsageError, match="no fees"):
        load_fees("US-XX")


@given(st.integers(0, 10_000), st.integers(0, 10_000))
def test_more_pages_never_cost_less(one: int, other: int) -> None:
    few, many = sorted((one, other))
    assert cents(Quantities(pages=few)) <= cents(Quantities(pages=many))
