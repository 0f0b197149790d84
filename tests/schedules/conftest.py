"""A town's archive for every test that asks for one."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import Clock
from tests.schedules.town import Town


@pytest.fixture
def town(tmp_path: Path, clock: Clock, database: str) -> Iterator[Town]:
    town = Town.found(tmp_path / "archive", clock, database)
    with town.archive:
        yield town


@pytest.fixture
def sqlite_town(tmp_path: Path, clock: Clock) -> Iterator[Town]:
    """A town's archive for what concerns SQLite alone: its files."""
    town = Town.found(tmp_path / "archive", clock)
    with town.archive:
        yield town
