"""A power cut loses nothing that was acknowledged, whatever it does to what was not synced."""

import pytest

from tests.campaigns import Count
from tests.crash.conftest import elsewhere
from tests.crash.scene import Scene
from tests.crash.torn import PAGE, end_of_frames, power_cuts

ROUNDS = 5


@pytest.mark.parametrize("scene", ["sqlite"], indirect=True)
def test_a_power_cut_loses_nothing(
    scene: Scene, seed: int, count: Count, pytestconfig: pytest.Config
) -> None:
    rounds = ROUNDS * (48 if pytestconfig.getoption("--all-faults") else 1)
    tally = elsewhere(power_cuts, scene, seed, rounds)
    count("campaign of power cuts", "cuts", tally.rounds)
    count("campaign of power cuts", "losses", len(tally.wrong))
    count("campaign of power cuts", "seconds of processor time", tally.seconds)
    assert tally.wrong == [], f"to repeat: --seed {seed}"


def test_frames_of_an_earlier_round_are_not_counted() -> None:
    now, before = b"salt-now", b"salt-old"
    header = bytes(16) + now + bytes(8)
    frames = [bytes(8) + salt + bytes(8 + PAGE) for salt in (now, now, before)]
    assert end_of_frames(header + b"".join(frames)) == 32 + 2 * (24 + PAGE)
