"""The database: engines, transactions, bulk inserts, and what its errors mean to a person."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Dialect, Engine, Table, create_engine, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError

from archive import faults
from archive._schema import REVISION
from archive.errors import NewerArchive, NotAnArchive, StorageError

BUSY_SECONDS = 60
_MODE = "muniment_mode"
_LOCK = 0x4D554E494D454E54  # "MUNIMENT": the advisory lock of the one writer


def connect(url: str, folder: Path) -> Engine:
    """An engine for the archive's database; a relative SQLite path is relative to `folder`."""
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise NotAnArchive(
            f"the database URL {url!r} cannot be understood", hint="mend it in muniment.toml"
        ) from error
    if parsed.get_backend_name() == "sqlite":
        parsed = parsed.set(database=str(folder / (parsed.database or "archive.db")))
        engine = create_engine(parsed, connect_args={"timeout": BUSY_SECONDS})
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    engine = create_engine(parsed)
    event.listen(engine, "begin", _begin_postgresql)
    return engine


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "secure_delete=ON",
        "foreign_keys=ON",
        "recursive_triggers=ON",
        "trusted_schema=OFF",
        "cache_size=-65536",
    ):
        connection.execute(f"PRAGMA {pragma}").close()


def _begin_sqlite(connection: Connection) -> None:
    mode = connection.get_execution_options().get(_MODE)
    if mode != "bare":
        connection.exec_driver_sql("BEGIN IMMEDIATE" if mode == "write" else "BEGIN")


def _begin_postgresql(connection: Connection) -> None:
    mode = connection.get_execution_options().get(_MODE)
    if mode == "bare":
        return
    if mode == "write":
        connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{BUSY_SECONDS}s'")
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")
    elif mode == "beside":
        connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
    else:
        connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A connection with one consistent snapshot."""
    with translated(), engine.connect() as connection, connection.begin():
        yield connection


@contextmanager
def beside(engine: Engine) -> Iterator[Connection]:
    """A connection with one consistent snapshot that may also make temporary tables.

    They are gone afterwards, whatever happened; nothing else of the database changes.
    """
    with translated(), engine.connect() as connection:
        connection.execution_options(**{_MODE: "beside"})
        with connection.begin() as transaction:
            try:
                yield connection
            finally:
                transaction.rollback()


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """The one writer's transaction: commits on a clean exit, else takes everything back."""
    with translated(), engine.connect() as connection:
        connection.execution_options(**{_MODE: "write"})
        with connection.begin():
            yield connection


def reclaim(engine: Engine, tables: Sequence[Table]) -> None:
    """Write the database anew without its free pages, and empty its write-ahead log."""
    with translated(), engine.connect() as connection:
        connection.execution_options(**{_MODE: "bare"})
        if engine.dialect.name == "sqlite":
            connection.exec_driver_sql("VACUUM")
            busy, *_ = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").one()
            if busy:
                raise StorageError(
                    "the write-ahead log still holds erased bytes: another command reads it",
                    hint="let it finish, then run this again",
                )
        else:
            connection.execution_options(isolation_level="AUTOCOMMIT")
            names = ", ".join(table.name for table in tables)
            connection.exec_driver_sql(f"VACUUM FULL {names}")


@contextmanager
def translated() -> Iterator[None]:
    """Database and file errors in words that say what to do (`archive.faults`)."""
    try:
        yield
    except SQLAlchemyError as error:
        raise faults.of_database(error) from error
    except BrokenPipeError:
        raise
    except OSError as error:
        raise faults.of_system(error) from error


def check_revision(connection: Connection) -> None:
    """NewerArchive when a newer program migrated this database; NotAnArchive when none did."""
    try:
        found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    except DBAPIError as error:
        raise NotAnArchive(
            f"the database holds no archive ({str(error.orig).splitlines()[0]})",
            hint="check the database URL in muniment.toml, or restore from a backup",
        ) from error
    if found != REVISION:
        raise NewerArchive(
            f"the archive is of a newer version (schema {found}, this program knows {REVISION})",
            hint="install the newest muniment",
        )


def migrate(connection: Connection) -> None:
    """Bring the tables of log and vault to the newest revision."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def insert_rows(connection: Connection, table: Table, rows: Sequence[tuple[Any, ...]]) -> None:
    """Insert rows given as tuples in the table's column order, as fast as the driver can."""
    if rows:
        connection.exec_driver_sql(_insert_statement(table, connection.dialect), list(rows))


@lru_cache(maxsize=256)
def _insert_statement(table: Table, dialect: Dialect) -> str:
    marker = "?" if dialect.paramstyle == "qmark" else "%s"
    quote = dialect.identifier_preparer
    columns = ", ".join(quote.format_column(column) for column in table.columns)
    values = ", ".join([marker] * len(table.columns))
    return f"INSERT INTO {quote.format_table(table)} ({columns}) VALUES ({values})"  # noqa: S608 - quoted names of our own tables


def chunked(values: Sequence[Any], size: int = 900) -> Iterator[Sequence[Any]]:
    """Slices short enough for one IN list."""
    for start in range(0, len(values), size):
        yield values[start : start + size]
