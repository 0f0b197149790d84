import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import alembic.config
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.operations import Operations
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, create_engine, inspect

from archive import Archive, _archive, _guards, _schema, _store, insert_rows, verify
from archive._config import Config
from archive._store import connect, migrate, reading, writing
from tests.archive.library import Library


def projected() -> set[str]:
    """The tables of projections, which need no migrations."""
    return {
        table.name
        for projection in _archive.OWN_PROJECTIONS
        for table in projection.metadata.sorted_tables
    }


def differences(connection: Connection) -> list[object]:
    """How the database differs from what the program believes to be there."""
    ours = projected()

    def ours_not(name: str | None, type_: str, _parents: object) -> bool:
        return type_ != "table" or name not in ours

    options = {"compare_type": True, "include_name": ours_not}
    context = MigrationContext.configure(connection, opts=options)
    return list(compare_metadata(context, _schema.metadata))


def test_migrated_tables_are_those_of_the_program(library: Library) -> None:
    with reading(library.archive.engine) as connection:
        assert differences(connection) == []
        names = set(inspect(connection).get_table_names()) - projected()
    assert names == set(_schema.metadata.tables) | {"alembic_version"}


def test_the_program_knows_the_newest_revision() -> None:
    config = alembic.config.Config()
    config.set_main_option("script_location", "archive:migrations")
    script = ScriptDirectory.from_config(config)
    assert script.get_current_head() == _schema.REVISION
    assert [one.revision for one in script.walk_revisions()][::-1] == list(_schema.REVISIONS)


@pytest.fixture(params=_schema.REVISIONS[:-1])
def older(
    library: Library, another_database: Callable[[], str], request: pytest.FixtureRequest
) -> Library:
    """A library's archive as the program of an older revision left it, with a log of 300."""
    library.capture(*map(str, range(300)), attachment=b"picture")
    gone, kept = library.capture("gone", "kept")
    library.edit(kept, "kept, and edited")
    library.dispose(gone.subject)
    with library.archive.snapshot() as reader:
        rows = {
            table: [tuple(row) for row in reader.conn.execute(table.select())]
            for table in _schema.metadata.sorted_tables
            if table is not _schema.projection
        }
    library.archive.close()
    config, folder = library.archive.config, library.folder
    (folder / "archive.db").unlink(missing_ok=True)
    url = another_database() or config.database
    replace(config, database=url).write(folder)
    engine = connect(url, folder)
    with writing(engine) as connection:
        migrate(connection, request.param)
        for table, held in rows.items():
            insert_rows(connection, table, held)
    engine.dispose()
    return library


def triggers(library: Library) -> set[str]:
    engine = connect(Config.read(library.folder).database, library.folder)
    sqlite = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    postgresql = "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal"
    with reading(engine) as connection:
        query = sqlite if connection.dialect.name == "sqlite" else postgresql
        found = set(connection.exec_driver_sql(query).scalars())
    engine.dispose()
    return found


def test_an_older_archive_is_migrated_when_it_is_opened(older: Library) -> None:
    told: list[str] = []
    for _ in range(2):
        with Archive.open(older.folder, clock=older.clock, tell=told.append) as archive:
            assert verify(archive).findings == ()
            with archive.snapshot() as reader:
                assert _guards.missing(reader.conn) == []
                assert differences(reader.conn) == []
            older.archive = archive
            older.capture("it goes on")
    (line,) = told
    assert f"to {_schema.REVISION}" in line


def stop() -> None:
    raise KeyboardInterrupt


def test_an_interrupted_migration_leaves_the_older_archive_whole(
    older: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = triggers(older)
    execute = Operations.execute
    for statements in range(len(before) + 3):
        left = iter(range(statements))
        monkeypatch.setattr(
            Operations,
            "execute",
            lambda *args, left=left: execute(*args) if next(left, None) is not None else stop(),
        )
        with pytest.raises(KeyboardInterrupt):
            Archive.open(older.folder)
        assert triggers(older) == before
    monkeypatch.undo()
    with Archive.open(older.folder) as archive:
        assert verify(archive).findings == ()


def test_two_commands_migrate_once(older: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second one waits for the first, and then has nothing to do."""
    told: list[str] = []
    config = Config.read(older.folder)
    first = connect(config.database, older.folder)
    writing_ = _store.writing

    @contextmanager
    def after_another(engine: Engine) -> Iterator[Connection]:
        monkeypatch.undo()
        _store.bring_up_to_date(first, told.append)
        with writing_(engine) as connection:
            yield connection

    monkeypatch.setattr(_store, "writing", after_another)
    with Archive.open(older.folder, tell=told.append) as archive:
        assert verify(archive).findings == ()
    first.dispose()
    assert len(told) == 1


def test_migrations_need_no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("a migration asked for the network")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    engine = create_engine("sqlite://")
    with engine.begin() as connection:
        migrate(connection)
        migrate(connection)
        assert inspect(connection).has_table("entry")
    engine.dispose()
