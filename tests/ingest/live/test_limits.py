"""How long to wait: what headers ask for, and what is waited where they do not."""

from datetime import UTC, datetime

import pytest

from ingest.live import Denied, Outage, Throttled
from ingest.live._limits import LONGEST, asked_wait, spent_wait
from ingest.live._pace import Pace, wait_after
from tests.conftest import Clock
from tests.ingest.live.times import Hours

NOW = datetime(2026, 3, 2, 15, tzinfo=UTC)
SOON = str(int(NOW.timestamp()) + 90)


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({"retry-after": "30"}, 30.0),
        ({"retry-after": "Mon, 02 Mar 2026 15:00:45 GMT"}, 45.0),
        ({"retry-after": "nonsense"}, None),
        ({"retry-after": "-5"}, None),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "999999999"}, LONGEST),
        ({"x-ratelimit-reset": "2026-03-02T15:02:00.000000Z"}, 120.0),
        ({"x-rate-limit-reset": SOON}, 90.0),
        ({"ratelimit-reset": SOON}, 90.0),
        ({"ratelimit-reset": "12"}, 12.0),
        ({"x-ratelimit-reset": "2026-03-02T14:00:00Z"}, 0.0),
        ({}, None),
    ],
)
def test_headers_say_how_long(headers: dict[str, str], wait: float | None) -> None:
    assert asked_wait(headers, NOW) == wait


def test_a_limit_that_is_spent_is_waited_for_and_no_other() -> None:
    assert spent_wait({"x-rate-limit-remaining": "0", "x-rate-limit-reset": SOON}, NOW) == 90
    assert spent_wait({"x-rate-limit-remaining": "1", "x-rate-limit-reset": SOON}, NOW) == 0
    assert spent_wait({"ratelimit-remaining": "0"}, NOW) == 0


def test_a_pace_follows_what_is_found() -> None:
    pace = Pace(60, 600)
    slower = [pace.after(found=False) for _ in range(10)]
    assert slower == sorted(slower)
    assert (slower[0], slower[-1]) == (90, 600)
    faster = [pace.after(found=True) for _ in range(10)]
    assert (faster[0], faster[-1]) == (300, 60)


def test_failures_are_waited_for_longer_each_time_up_to_a_bound() -> None:
    time = Hours(Clock(NOW))
    waits = [wait_after(Outage("x"), number, time) for number in range(1, 40)]
    assert waits[:3] == [1.0, 2.0, 4.0]
    assert max(waits) == 450.0
    assert wait_after(Throttled("x", 77), 1, time) == 77.5
    assert wait_after(Denied("x"), 1, time) == 900.0
