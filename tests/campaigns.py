"""Options of the campaigns, and the counts that they print at the end of a run."""

import random
from collections import Counter
from collections.abc import Callable

import pytest

KILLS = 67
"""How many kills there are without --kills."""

MODEL = 20_800
"""How many steps the model of retention takes without --model."""

_COUNTS = "campaign"

Count = Callable[[str, str, int], None]


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("campaigns")
    group.addoption("--kills", type=int, default=KILLS, metavar="N", help="kill N commands")
    group.addoption(
        "--all-faults",
        action="store_true",
        help="let every single write fail, not some of them",
    )
    group.addoption(
        "--fuzz", type=float, default=0, metavar="SECONDS", help="damage samples for so long"
    )
    group.addoption(
        "--model", type=int, default=MODEL, metavar="N", help="compare N steps with a model"
    )
    group.addoption(
        "--seed", type=int, metavar="N", help="what is drawn at random; else another every time"
    )


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say how much each campaign did."""
    found: dict[str, Counter[str]] = {}
    for outcome in ("passed", "failed"):
        for report in terminalreporter.stats.get(outcome, []):
            for name, value in report.user_properties:
                if name == _COUNTS:
                    campaign, what, count = value
                    found.setdefault(campaign, Counter())[what] += count
    for campaign, counts in sorted(found.items()):
        said = ", ".join(f"{count} {what}" for what, count in counts.items())
        terminalreporter.line(f"{campaign}: {said}")


@pytest.fixture
def count(record_property: Callable[[str, object], None]) -> Count:
    """Adds to a campaign's counts: its name, what is counted, how many."""

    def add(campaign: str, what: str, number: int) -> None:
        record_property(_COUNTS, (campaign, what, number))

    return add


@pytest.fixture
def seed(request: pytest.FixtureRequest) -> int:
    """What a campaign draws its random numbers from; it prints it when it fails."""
    given: int | None = request.config.getoption("--seed")
    return random.randrange(2**32) if given is None else given


@pytest.fixture
def model_steps(request: pytest.FixtureRequest) -> int:
    """How many steps are compared with the model of retention, all histories taken together."""
    given: int = request.config.getoption("--model")
    return given


@pytest.fixture
def fuzz(request: pytest.FixtureRequest) -> float:
    """For how many seconds samples are damaged, all taken together; 0 for a few of each."""
    given: float = request.config.getoption("--fuzz")
    return given
