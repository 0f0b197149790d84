"""A town's archive for the packages of this room."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import Clock
from tests.schedules.sample import TOML
from tests.schedules.town import Town

TRANSFER = TOML.replace('action = "permanent"', 'period = "P1Y"\naction = "transfer"')


@pytest.fixture
def town(tmp_path: Path, clock: Clock, database: str) -> Iterator[Town]:
    town = Town.found(tmp_path / "archive", clock, database)
    with town.archive:
        town.adopt(TRANSFER)
        yield town
