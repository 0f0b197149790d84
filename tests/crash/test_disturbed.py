"""Commands that are killed, whose writes fail, whose disk is full: nothing is lost or half done.

Each is run once undisturbed, and then in all these ways: what that run leaves is what they are
compared with.
"""

import pytest

from tests.campaigns import Count
from tests.crash.bench import Bench, Tally
from tests.crash.conftest import elsewhere
from tests.crash.jobs import JOBS
from tests.crash.points import SIDES
from tests.crash.scene import Scene

SHARES = {"sqlite": 3, "postgresql": 2}
"""A round costs more on PostgreSQL, and there is less that the program itself decides."""
LIMITS = 75
"""How many sizes of a disk there are with --all-faults; one without."""


def cases() -> list[object]:
    """Each job, and each that there is on PostgreSQL."""
    everywhere = [("sqlite", kind) for kind in JOBS]
    everywhere += [("postgresql", kind) for kind, job in JOBS.items() if job.anywhere]
    return [pytest.param(name, kind, id=f"{name}-{kind}") for name, kind in everywhere]


def disturbed(scene: Scene, kind: str, seed: int, kills: int, every: bool) -> dict[str, Tally]:
    bench = Bench(scene, JOBS[kind], seed)
    done = {"kills": bench.kill(kills), "faults": faults(bench, every)}
    return done if scene.url else done | {"limits": limits(bench, LIMITS if every else 1)}


def faults(bench: Bench, every: bool) -> Tally:
    """Points that are drawn fail, each in a way that is drawn; or every point in all ways."""
    for number, at in enumerate(bench.points_to_fail(every=every)):
        for side in SIDES if every else [bench.random.choice(SIDES)]:
            bench.fail(at, side, number + SIDES.index(side))
    return bench.done()


def limits(bench: Bench, number: int) -> Tally:
    """The kernel lets no file grow beyond a size that is drawn at random."""
    for _ in range(number):
        bench.limit(bench.random.randint(1, bench.largest_file))
    return bench.done()


@pytest.mark.parametrize(("scene", "kind"), cases(), indirect=["scene"])
def test_a_disturbed_command_loses_nothing(
    scene: Scene, kind: str, seed: int, count: Count, pytestconfig: pytest.Config
) -> None:
    asked: int = pytestconfig.getoption("--kills")
    whole = sum(SHARES["sqlite"] + SHARES["postgresql"] * job.anywhere for job in JOBS.values())
    kills = -(-asked * SHARES["postgresql" if scene.url else "sqlite"] // whole)
    every = pytestconfig.getoption("--all-faults")
    tallies = elsewhere(disturbed, scene, kind, seed, kills, every)
    for what, tally in tallies.items():
        count(f"campaign of {what}", what, tally.rounds)
        count(f"campaign of {what}", "losses", len(tally.wrong))
        count(f"campaign of {what}", "seconds of processor time", tally.seconds)
    wrong = {what: tally.wrong for what, tally in tallies.items() if tally.wrong}
    assert wrong == {}, f"to repeat: --seed {seed} --kills {asked}"
