"""Whatever happens to an archive, the program does what a plain model of it says.

What is held, asked for, appealed, not due or not approved by two persons is never destroyed; what
may be destroyed is, when it is run; what was destroyed can be read nowhere; and the log verifies.
"""

import shutil
from collections.abc import Callable
from itertools import count as counting
from pathlib import Path

import pytest

from tests.campaigns import Count
from tests.schedules.histories import History

PARTS = 4
LONGEST = 1200
"""How many steps a history has, before another one begins."""

TURNS: dict[Callable[[History], None], int] = {
    History.listing: 34,
    History.complete: 2,
    History.moderate: 12,
    History.move_clock: 16,
    History.hold: 6,
    History.request: 6,
    History.adopt: 2,
    History.account: 1,
    History.people_change: 1,
    History.propose: 2,
    History.dispose: 6,
    History.carry_through: 8,
}


@pytest.mark.parametrize("part", range(PARTS))
def test_a_history_and_its_model_agree(
    tmp_path: Path,
    another_database: Callable[[], str],
    database: str,
    part: int,
    seed: int,
    model_steps: int,
    count: Count,
) -> None:
    left = model_steps // PARTS // (25 if database else 1)
    for number in counting():
        if left <= 0:
            break
        drawn = f"{seed} {part} {number}"
        history = History.begun(tmp_path / str(number), drawn, another_database())
        try:
            with history.archive:
                live(history, min(left, LONGEST))
        except BaseException as error:
            story = "\n".join(history.told[-40:])
            error.add_note(f"--seed {seed}, part {part}, history {number}, after:\n{story}")
            raise
        shutil.rmtree(tmp_path / str(number))
        left -= history.steps.total()
        count("model", "steps in all", history.steps.total())
        for what, how_many in sorted((history.steps + history.outcomes).items()):
            count("model", what, how_many)


def live(history: History, steps: int) -> None:
    turns, weights = list(TURNS), list(TURNS.values())
    history.adopt()
    while history.steps.total() < steps:
        (turn,) = history.random.choices(turns, weights)
        turn(history)
        history.agree()
    history.agree_wholly()
