"""What may be charged: the law's own scales (5 ILCS 140/6), at their borders; other acts."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive import Refused, UsageError
from exports.letters import FEES_FILE, Quantities, load_fees, shipped_fees

DAY = date(2026, 11, 20)
FEES = load_fees("US-IL", DAY)


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
        load_fees("US-XX", DAY)


@given(st.integers(0, 10_000), st.integers(0, 10_000))
def test_more_pages_never_cost_less(one: int, other: int) -> None:
    few, many = sorted((one, other))
    assert cents(Quantities(pages=few)) <= cents(Quantities(pages=many))


@pytest.mark.parametrize(
    ("code", "pages", "expected"),
    [
        ("us-tx", 60, "60 pages at $0.10"),
        ("us-wa", 60, "60 pages at $0.15"),
        ("us-fl", 60, "60 pages at $0.15"),
        ("us-ny", 60, "60 pages at $0.25"),
    ],
)
def test_other_acts_have_prices_of_their_own_that_nobody_read(
    code: str, pages: int, expected: str
) -> None:
    [line] = load_fees(code, DAY).lines(Quantities(pages=pages), "ordinary")
    assert (line.counted, line.verified) == (expected, False)
    assert "ILCS" not in line.source


@pytest.mark.parametrize("code", ["us", "us-ca", "us-fl", "us-ny", "us-tx", "us-wa"])
def test_what_things_cost_in_fact_can_be_charged_everywhere(code: str) -> None:
    fees = load_fees(code, DAY)
    [line] = fees.lines(Quantities(actual=[("a USB drive", 650)]), "ordinary")
    assert line.cents == 650
    with pytest.raises(UsageError, match=f"{fees.title}: what a volume of electronic records"):
        fees.lines(Quantities(megabytes={"pdf": Decimal(1)}), "ordinary")


def test_texas_charges_for_work_on_more_than_fifty_pages() -> None:
    texas = load_fees("us-tx", DAY)
    with pytest.raises(Refused, match="so few pages"):
        texas.lines(Quantities(pages=50, hours=Decimal(2)), "ordinary")
    lines = texas.lines(Quantities(pages=51, hours=Decimal("1.5")), "ordinary")
    assert [one.cents for one in lines] == [510, 2250]


def test_a_body_s_own_table_takes_the_place_of_the_act_s(tmp_path: Path) -> None:
    asked = Quantities(pages=120)
    with pytest.raises(UsageError, match="what a page costs is not known") as caught:
        load_fees("us", DAY, tmp_path).lines(asked, "ordinary")
    assert FEES_FILE in caught.value.hint
    own = shipped_fees("us").replace(b"free_pages = 100", b"free_pages = 100\npage = 20", 1)
    (tmp_path / FEES_FILE).write_bytes(own.replace(b"verified = false", b"verified = true"))
    fees = load_fees("us", DAY, tmp_path)
    assert [one.cents for one in fees.lines(asked, "ordinary")] == [400]
    [line] = fees.lines(asked, "commercial")
    assert (line.cents, line.verified) == (2400, True)
    (tmp_path / FEES_FILE).write_text("paper = 7", encoding="utf-8")
    with pytest.raises(UsageError, match=r"fees.toml: paper is not a list"):
        load_fees("us", DAY, tmp_path)


def test_a_rule_counts_from_its_day_on() -> None:
    with pytest.raises(UsageError, match="is not known"):
        load_fees("us-il", date(2009, 12, 31)).lines(Quantities(pages=60))
