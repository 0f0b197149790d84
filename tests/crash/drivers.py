"""The places where the database drivers write, as points of a plan."""

import re
import sqlite3
from collections.abc import Callable
from typing import Any, TypeVar

from sqlalchemy import Engine, event

from tests.crash.points import Plan

T = TypeVar("T")

_WRITES = re.compile(
    r"\s*(INSERT|UPDATE|DELETE|CREATE|DROP|ALTER|VACUUM|BEGIN IMMEDIATE|PRAGMA wal_checkpoint"
    r"|PRAGMA journal_mode|SELECT pg_advisory)",
    re.IGNORECASE,
)
_SQLITE = (
    ("database or disk is full", "SQLITE_FULL"),
    ("disk I/O error", "SQLITE_IOERR_WRITE"),
    ("disk I/O error", "SQLITE_IOERR_FSYNC"),
)


def install_drivers(plan: Plan) -> None:
    """Let every statement that writes, and every COMMIT, pass by the plan."""
    sqlite = _sqlite(plan)

    def connect(dialect: Any, _record: Any, cargs: list[Any], cparams: dict[str, Any]) -> Any:
        if dialect.name == "sqlite":
            cparams["factory"] = sqlite
            return None
        return _postgresql(plan).connect(*cargs, **cparams)

    event.listen(Engine, "do_connect", connect)


def _sqlite(plan: Plan) -> type[sqlite3.Connection]:
    def fail() -> BaseException:
        message, name = _SQLITE[plan.variety % len(_SQLITE)]
        error = sqlite3.OperationalError(message)
        error.sqlite_errorname = name
        return error

    class Cursor(sqlite3.Cursor):
        def execute(self, sql: str, *args: Any, **kwargs: Any) -> Any:
            return passing(self, sql, lambda: super(Cursor, self).execute(sql, *args, **kwargs))

        def executemany(self, sql: str, *args: Any, **kwargs: Any) -> Any:
            return passing(self, sql, lambda: super(Cursor, self).executemany(sql, *args, **kwargs))

    class Connection(sqlite3.Connection):
        def cursor(self, factory: Any = Cursor) -> Any:
            return super().cursor(factory)

        def execute(self, sql: str, *args: Any, **kwargs: Any) -> Any:
            return self.cursor().execute(sql, *args, **kwargs)

        def commit(self) -> None:
            if not self.in_transaction or id(self) not in dirty:
                return super().commit()
            dirty.discard(id(self))
            return plan.pass_by("COMMIT", super().commit, fail)

        def rollback(self) -> None:
            dirty.discard(id(self))
            super().rollback()

    dirty: set[int] = set()

    def passing(cursor: sqlite3.Cursor, sql: str, perform: Callable[[], T]) -> T:
        if not _WRITES.match(sql):
            return perform()
        dirty.add(id(cursor.connection))
        return plan.pass_by(_shown(sql), perform, fail)

    return Connection


def _postgresql(plan: Plan) -> Any:
    import psycopg

    dirty: set[int] = set()

    def passing(connection: Any, label: str, perform: Callable[[], T]) -> T:
        def fail() -> BaseException:
            if plan.variety % 2:
                connection.close()
                return psycopg.OperationalError("server closed the connection unexpectedly")
            return psycopg.errors.DiskFull("could not extend file: No space left on device")

        return plan.pass_by(label, perform, fail)

    def run(cursor: Any, query: Any, perform: Callable[[], T]) -> T:
        text = query.decode() if isinstance(query, bytes) else str(query)
        if not _WRITES.match(text):
            return perform()
        dirty.add(id(cursor.connection))
        return passing(cursor.connection, _shown(text), perform)

    class Cursor(psycopg.Cursor[Any]):
        def execute(self, query: Any, *args: Any, **kwargs: Any) -> Any:
            return run(self, query, lambda: super(Cursor, self).execute(query, *args, **kwargs))

        def executemany(self, query: Any, *args: Any, **kwargs: Any) -> Any:
            return run(self, query, lambda: super(Cursor, self).executemany(query, *args, **kwargs))

    class Connection(psycopg.Connection[Any]):
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            self.cursor_factory = Cursor

        def commit(self) -> None:
            if id(self) not in dirty:
                return super().commit()
            dirty.discard(id(self))
            return passing(self, "COMMIT", super().commit)

        def rollback(self) -> None:
            dirty.discard(id(self))
            super().rollback()

    return Connection


def _shown(sql: str) -> str:
    """Verb and table of a statement; of one that makes or drops a table, the verb alone."""
    words = sql.split()
    return " ".join(words[:2] if words[0] in {"CREATE", "DROP"} else words[:4])
