import socket

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, inspect

from archive import _archive, _schema
from archive._store import migrate, reading
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
    config = Config()
    config.set_main_option("script_location", "archive:migrations")
    assert ScriptDirectory.from_config(config).get_current_head() == _schema.REVISION


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
