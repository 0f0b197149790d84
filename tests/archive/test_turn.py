"""Waiting for the one writer's turn."""

import fcntl
import os
import sys
from pathlib import Path

import pytest

from archive import Archive, Draft, StorageError, new_id
from archive._address import address, has_password
from archive._store import connect
from archive.errors import NotAnArchive
from tests.archive.library import Library
from tests.postgres import Server, libpq


@pytest.fixture
def told() -> list[str]:
    return []


@pytest.fixture
def waiting(library: Library, told: list[str]) -> Library:
    """The same archive opened once more, by somebody who says what is waited for."""
    other = Archive.open(library.folder, clock=library.clock, tell=told.append)
    return Library(other, library.clock, library.ada)


def test_a_writer_says_once_what_it_waits_for_and_gives_up(
    library: Library, waiting: Library, told: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("archive._turn._QUIET", 0.01)
    monkeypatch.setattr("archive._store.BUSY_SECONDS", 0.1)
    with waiting.archive:
        with library.archive.write(library.ada):
            with pytest.raises(StorageError, match="another command is writing") as error:
                waiting.capture("too late")
            assert "run the command again" in error.value.hint
            assert told == ["waiting for another command to finish writing, at most 0 seconds"]
        waiting.capture("in time")
    assert len(told) == 1
    assert library.verify().ok


def test_a_writer_that_gets_its_turn_goes_on(
    library: Library, waiting: Library, told: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other one finishes while this one waits."""
    monkeypatch.setattr("archive._turn._QUIET", 0.01)
    held = library.archive.write(library.ada)
    writer = held.__enter__()
    writer.append([Draft("hold.placed", new_id())])

    def finish(line: str) -> None:
        told.append(line)
        held.__exit__(None, None, None)

    with Archive.open(library.folder, clock=library.clock, tell=finish) as archive:
        Library(archive, library.clock, library.ada).capture("after it")
    assert told == ["waiting for another command to finish writing, at most 60 seconds"]
    assert library.size() == 2 + 1 + 2
    waiting.archive.close()
    assert library.verify().ok


def test_who_has_just_written_stands_in_line_again(
    sqlite_library: Library, monkeypatch: pytest.MonkeyPatch, told: list[str]
) -> None:
    """SQLite alone: while another command is next, nobody writes before it."""
    monkeypatch.setattr("archive._turn._QUIET", 0)
    first = os.open(sqlite_library.folder / "muniment.toml", os.O_RDONLY)
    fcntl.flock(first, fcntl.LOCK_EX)

    def leave(line: str) -> None:
        told.append(line)
        fcntl.flock(first, fcntl.LOCK_UN)

    with sqlite_library.again() as archive:
        archive.engine.dispose()
        engine = connect(archive.config.database, archive.folder, leave)
        again = Library(
            Archive(
                archive.folder,
                archive.config,
                archive.clock,
                archive.projections,
                engine,
                archive.key_files,
                archive.folder.stat(),
            ),
            sqlite_library.clock,
            sqlite_library.ada,
        )
        again.capture("behind the other one")
        engine.dispose()
    os.close(first)
    assert len(told) == 1


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_a_lost_connection_is_one_line(library: Library, database: str, postgresql: Server) -> None:
    """PostgreSQL alone: SQLite has no connection to lose."""
    import psycopg

    def lose() -> None:
        with psycopg.connect(libpq(database), autocommit=True) as other:
            other.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )

    def interrupted() -> None:
        with library.archive.write(library.ada) as writer:
            lose()
            writer.append([Draft("hold.placed", new_id())])

    with pytest.raises(StorageError, match="connection to the database server was lost") as error:
        interrupted()
    assert "run the command again" in error.value.hint
    assert library.size() == 2
    lose()
    with pytest.raises(StorageError, match="connection to the database server was lost"):
        library.size()
    library.capture("the server is back")
    postgresql.drop(database)
    with pytest.raises(StorageError, match=r"lost|does not exist"):
        library.size()


@pytest.mark.parametrize(
    "url",
    ["not a url", "mysql://ada:tulip@host/name", "postgresql://ada:tulip@host:x/name", "sqlite"],
)
def test_a_url_that_names_no_database_is_refused_without_showing_it(url: str) -> None:
    with pytest.raises(NotAnArchive) as error:
        address(url)
    assert "tulip" not in f"{error.value} {error.value.hint}"


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_postgresql_is_reached_through_psycopg_whatever_it_is_called(scheme: str) -> None:
    assert address(f"{scheme}://ada@host/name").drivername == "postgresql+psycopg"
    assert has_password(f"{scheme}://ada:tulip@host/name")
    assert has_password(f"{scheme}://host/name?user=ada&password=tulip")
    assert not has_password(f"{scheme}://ada:@host/name?service=archive")


def test_without_the_package_the_line_says_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(StorageError, match="not installed") as error:
        connect("postgresql://host/name", tmp_path)
    assert error.value.hint == "run: pip install 'psycopg[binary]'"
