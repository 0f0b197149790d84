"""Writes that fail, one at a time: the command says so in a line, and nothing is half done."""

import pytest

from tests.campaigns import Count
from tests.crash.bench import Bench, Tally
from tests.crash.conftest import elsewhere
from tests.crash.jobs import JOBS
from tests.crash.points import SIDES
from tests.crash.scene import Scene
from tests.crash.test_kills import cases

LIMITS = 3


def faults(scene: Scene, kind: str, seed: int, every: bool) -> Tally:
    """One point of each kind fails, in a way that is drawn; or every point in each of the ways."""
    bench = Bench(scene, JOBS[kind], seed)
    for number, at in enumerate(bench.points_to_fail(every=every)):
        for side in SIDES if every else [bench.random.choice(SIDES)]:
            bench.fail(at, side, number + SIDES.index(side))
    return bench.done()


def limits(scene: Scene, kind: str, seed: int, number: int) -> Tally:
    """The kernel lets no file grow beyond a size that is drawn at random."""
    bench = Bench(scene, JOBS[kind], seed)
    for _ in range(number):
        bench.limit(bench.random.randint(1, bench.largest_file))
    return bench.done()


@pytest.mark.parametrize(("scene", "kind"), cases(), indirect=["scene"])
def test_a_write_that_fails_harms_nothing(
    scene: Scene, kind: str, seed: int, count: Count, pytestconfig: pytest.Config
) -> None:
    tally = elsewhere(faults, scene, kind, seed, pytestconfig.getoption("--all-faults"))
    count("fault campaign", "faults", tally.rounds)
    count("fault campaign", "losses", len(tally.wrong))
    count("fault campaign", "seconds of processor time", tally.seconds)
    assert tally.wrong == [], f"to repeat: --seed {seed}"


@pytest.mark.parametrize("kind", JOBS)
@pytest.mark.parametrize("scene", ["sqlite"], indirect=True)
def test_a_full_disk_harms_nothing(
    scene: Scene, kind: str, seed: int, count: Count, pytestconfig: pytest.Config
) -> None:
    number = LIMITS * (25 if pytestconfig.getoption("--all-faults") else 1)
    tally = elsewhere(limits, scene, kind, seed, number)
    count("full disk campaign", "limits", tally.rounds)
    count("full disk campaign", "losses", len(tally.wrong))
    count("full disk campaign", "seconds of processor time", tally.seconds)
    assert tally.wrong == [], f"to repeat: --seed {seed}"
