"""Commands killed at random moments: nothing acknowledged is lost, and nothing is half done."""

import pytest

from tests.campaigns import Count
from tests.crash.bench import Bench, Tally
from tests.crash.conftest import elsewhere
from tests.crash.jobs import JOBS
from tests.crash.scene import Scene

SHARES = {"sqlite": 3, "postgresql": 2}
"""A round costs more on PostgreSQL, and there is less that the program itself decides."""


def kills(scene: Scene, kind: str, seed: int, wanted: int) -> Tally:
    return Bench(scene, JOBS[kind], seed).kill(wanted)


def cases() -> list[object]:
    """Each job, and each that there is on PostgreSQL."""
    everywhere = [("sqlite", kind) for kind in JOBS]
    everywhere += [("postgresql", kind) for kind, job in JOBS.items() if job.anywhere]
    return [pytest.param(name, kind, id=f"{name}-{kind}") for name, kind in everywhere]


@pytest.mark.parametrize(("scene", "kind"), cases(), indirect=["scene"])
def test_a_killed_command_loses_nothing(
    scene: Scene, kind: str, seed: int, count: Count, pytestconfig: pytest.Config
) -> None:
    asked: int = pytestconfig.getoption("--kills")
    whole = sum(SHARES["sqlite"] + SHARES["postgresql"] * job.anywhere for job in JOBS.values())
    wanted = -(-asked * SHARES["postgresql" if scene.url else "sqlite"] // whole)
    tally = elsewhere(kills, scene, kind, seed, wanted)
    count("kill campaign", "kills", tally.rounds)
    count("kill campaign", "losses", len(tally.wrong))
    count("kill campaign", "seconds of processor time", tally.seconds)
    assert tally.wrong == [], f"to repeat: --seed {seed} --kills {asked}"
