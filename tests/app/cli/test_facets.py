"""How records lie in time, in one line."""

import pytest

from app.cli._facets import timeline
from search import Facet


@pytest.mark.parametrize(
    ("months", "line"),
    [
        ({}, ""),
        ({"2026-03": 7}, ""),
        ({"2025-12": 8, "2026-01": 1}, "2025-12 █▁ 2026-01, most in 2025-12: 8"),
        ({"2025-11": 1, "2026-02": 100}, "2025-11 ▁  █ 2026-02, most in 2026-02: 100"),
        ({"2019-12": 3, "2020-01": 1, "2025-06": 4}, "2019 ▆▂    █ 2025, most in 2025: 4"),
    ],
)
def test_a_block_for_each_month_or_for_each_year_of_many(months: dict[str, int], line: str) -> None:
    assert timeline(Facet("month", months, 0)) == line
