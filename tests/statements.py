"""What was worked out for one archive serves for the next one of this process.

An engine compiles each statement once, and Alembic reads the migrations for each new archive. A
command has one; the tests of one process make thousands, and half of their time would go into it.
"""

from typing import Any

from sqlalchemy import Connection, Dialect, Engine, event, inspect
from sqlalchemy.util import LRUCache

from archive import _store

_REAL = Engine.__init__
_DIALECTS: dict[tuple[str, str], Dialect] = {}
_COMPILED: LRUCache[Any, Any] = LRUCache(5000)


def share_statements() -> None:
    """Let all engines of this process that speak one dialect share what is compiled for it."""
    Engine.__init__ = _sharing  # type: ignore[assignment, method-assign]


def _sharing(
    engine: Engine, pool: Any, dialect: Any, url: Any, echo: Any = None, **options: Any
) -> None:
    """A new engine, with the dialect of one that has asked its server already.

    `create_engine` looks at the names of these arguments for those that it takes itself.
    """
    _REAL(engine, pool, dialect, url, echo=echo, **options)
    spoken = (engine.dialect.name, engine.dialect.driver)
    known = _DIALECTS.get(spoken)
    if known is not None and known.server_version_info:
        engine.dialect = known
    else:
        _DIALECTS[spoken] = engine.dialect
    engine.update_execution_options(compiled_cache=_COMPILED)


_MIGRATE = _store.migrate
_MIGRATIONS: dict[str, list[tuple[str, Any]]] = {}


def share_migrations() -> None:
    """Let an empty database be told what the migrations told the first one of its kind."""
    _store.migrate = _migrate


def _migrate(connection: Connection, revision: str = "head") -> None:
    if revision != "head" or inspect(connection).has_table("alembic_version"):
        _MIGRATE(connection, revision)
    elif known := _MIGRATIONS.get(connection.dialect.name):
        for statement, parameters in known:
            connection.exec_driver_sql(statement, parameters)
    else:
        _MIGRATIONS[connection.dialect.name] = _told(connection)


def _told(connection: Connection) -> list[tuple[str, Any]]:
    """Migrate an empty database; the statements that changed it."""
    told: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        if not statement.lstrip().startswith(("SELECT", "PRAGMA")):
            told.append((statement, parameters))

    event.listen(connection, "before_cursor_execute", note)
    _MIGRATE(connection)
    event.remove(connection, "before_cursor_execute", note)
    return told
