"""A library's archive on each of the databases, for every test that asks for one."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.archive.library import Library
from tests.conftest import Clock


@pytest.fixture
def library(tmp_path: Path, clock: Clock, database: str) -> Iterator[Library]:
    """A library's archive, once on SQLite and once on PostgreSQL."""
    library = Library.found(tmp_path / "archive", clock, database)
    with library.archive:
        yield library


@pytest.fixture
def sqlite_library(tmp_path: Path, clock: Clock) -> Iterator[Library]:
    """A library's archive for what concerns SQLite alone, or no database."""
    library = Library.found(tmp_path / "archive", clock)
    with library.archive:
        yield library
