import os
from collections.abc import Callable
from typing import Any

import pytest

from archive._processes import Crew
from archive.errors import ProcessDied

Work = Callable[[Any], Any]


def doubling(setup: int) -> Work:
    return lambda task: (setup, 2 * task)


def dying(_setup: object) -> Work:
    return lambda _task: os._exit(3)


def failing(_setup: object) -> Work:
    def work(task: int) -> int:
        raise ValueError(f"cannot do {task}")

    return work


def unable(_setup: object) -> Work:
    raise ValueError("no number")


def test_results_come_in_the_order_of_the_tasks_and_the_long_one_last() -> None:
    with Crew(2, doubling, 7) as crew:
        found = list(crew.run(iter(range(200)), 1000))
    assert found == [(7, 2 * number) for number in range(200)] + [(7, 2000)]


def test_a_crew_without_tasks_does_what_is_aside() -> None:
    with Crew(1, doubling, 7) as crew:
        assert list(crew.run(iter(()), 4)) == [(7, 8)]


def test_one_task_is_begun_and_waited_for() -> None:
    with Crew(1, doubling, 1) as crew:
        crew.begin(4)
        assert crew.end() == (1, 8)


def test_a_process_that_dies_is_an_error() -> None:
    with Crew(2, dying, None) as crew, pytest.raises(ProcessDied, match="died"):
        list(crew.run(iter(range(20)), 0))


def test_what_a_task_raises_is_raised_here() -> None:
    with Crew(1, failing, None) as crew, pytest.raises(ValueError, match="cannot do 0"):
        list(crew.run(iter(range(20)), 0))


def test_what_cannot_even_begin_says_why() -> None:
    with Crew(1, unable, None) as crew, pytest.raises(ValueError, match="no number"):
        list(crew.run(iter(range(20)), 0))
