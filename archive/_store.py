"""The database: engines, transactions, bulk inserts, and what its errors mean to a person."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVarTuple
from urllib.parse import quote

from sqlalchemy import (
    ColumnElement,
    Connection,
    Dialect,
    Engine,
    Row,
    Select,
    Table,
    bindparam,
    create_engine,
    event,
    inspect,
    text,
)
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from archive import _turn, faults
from archive._address import address
from archive._config import FILE
from archive._schema import REVISION, REVISIONS, entry
from archive._turn import Patience, Tell
from archive.errors import (
    NewerArchive,
    NotAnArchive,
    Refused,
    StorageError,
    VerificationError,
)

BUSY_SECONDS = 60
UNTOUCHED = "sqlite:///archive.db?mode=ro&immutable=1&uri=true"
"""The database of a backup, which nobody writes to: on a read-only disk as well."""
_Columns = TypeVarTuple("_Columns")
_MODE = "muniment_mode"
_MANY = 16


def connect(url: str, folder: Path, tell: Tell = lambda _: None) -> Engine:
    """An engine for the archive's database; a relative SQLite path is relative to `folder`.

    `UNTOUCHED` is only ever read. `tell` is told when a writer has to wait. NotAnArchive for a URL
    that names no database that this program knows, StorageError when the package for it is not
    installed.
    """
    parsed = address(url)
    if parsed.get_backend_name() == "sqlite":
        file = str(folder / (parsed.database or "archive.db"))
        if url == UNTOUCHED:
            return create_engine(parsed.set(database=f"file:{quote(file)}"))
        engine = create_engine(parsed.set(database=file), connect_args={"timeout": BUSY_SECONDS})
        event.listen(engine, "connect", _prepare_sqlite)
    else:
        try:
            engine = create_engine(parsed)
        except ModuleNotFoundError as error:
            raise StorageError(
                "this archive is kept in PostgreSQL, and the package for that is not installed",
                hint="run: pip install 'psycopg[binary]'",
            ) from error
        event.listen(engine, "connect", _prepare_postgresql)

    def begin(connection: Connection) -> None:
        _begin(connection, folder, tell)

    event.listen(engine, "begin", begin)
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
        "cache_size=-32768",
    ):
        connection.execute(f"PRAGMA {pragma}").close()


def _prepare_postgresql(connection: Any, _record: object) -> None:
    """Bound every wait for a lock, and let the server notice within two minutes that a machine with
    a writer on it has vanished.
    """
    connection.autocommit = True
    connection.execute(
        f"SET lock_timeout = {max(1, BUSY_SECONDS * 1000)}; SET tcp_keepalives_idle = 60; "
        "SET tcp_keepalives_interval = 10; SET tcp_keepalives_count = 6"
    )
    connection.autocommit = False


def _begin(connection: Connection, folder: Path, tell: Tell) -> None:
    mode = connection.get_execution_options().get(_MODE)
    sqlite = connection.dialect.name == "sqlite"
    if mode == "bare":
        return
    if mode == "write":
        driver: Any = connection.connection.driver_connection
        patience = Patience(BUSY_SECONDS, tell)
        if sqlite:
            _turn.begin_sqlite(driver, folder / FILE, patience)
        else:
            try:
                _turn.begin_postgresql(driver, patience)
            except StorageError as error:
                if not driver.closed:
                    raise
                connection.invalidate()
                raise faults.connection_lost() from error
    elif sqlite:
        connection.exec_driver_sql("BEGIN")
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


def check_revision(connection: Connection) -> str:
    """The revision of this database's tables, one that this program knows.

    NewerArchive when a newer program migrated them; NotAnArchive when none did.
    """
    try:
        found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    except DBAPIError as error:
        raise NotAnArchive(
            f"the database holds no archive ({str(error.orig).splitlines()[0]})",
            hint="check the database URL in muniment.toml, or restore from a backup",
        ) from error
    if found not in REVISIONS:
        raise NewerArchive(
            f"the archive is of a newer version (schema {found}, this program knows {REVISION})",
            hint="install the newest muniment",
        )
    return str(found)


def bring_up_to_date(engine: Engine, tell: Tell) -> None:
    """Migrate an older archive's tables in one transaction, and tell so; others stay as they are.

    Raises what `check_revision` raises.
    """
    with reading(engine) as connection:
        if check_revision(connection) == REVISION:
            return
    with writing(engine) as connection:
        found = check_revision(connection)
        if found != REVISION:
            migrate(connection)
            tell(f"the archive's tables were brought from version {found} to {REVISION}")


def refuse_occupied(connection: Connection) -> None:
    """Refused when a database holds an archive, or another program's migrated tables."""
    tables = inspect(connection)
    if tables.has_table("alembic_version") or tables.has_table(entry.name):
        raise Refused(
            "the database already holds an archive",
            hint="name an empty one; to use that archive, use the folder that it belongs to",
        )


def migrate(connection: Connection, revision: str = "head") -> None:
    """Bring the tables of log and vault to a revision, the newest unless another is named."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


def insert_rows(connection: Connection, table: Table, rows: Sequence[tuple[Any, ...]]) -> None:
    """Insert rows given as tuples in the table's column order, as fast as the driver can."""
    if len(rows) >= _MANY and connection.dialect.name == "postgresql":
        _copy_rows(connection, table, rows)
    elif rows:
        connection.exec_driver_sql(_insert_statement(table, connection.dialect), list(rows))


def _copy_rows(connection: Connection, table: Table, rows: Sequence[tuple[Any, ...]]) -> None:
    """Insert rows by PostgreSQL's COPY, several times as fast as statements."""
    quote = connection.dialect.identifier_preparer
    columns = ", ".join(quote.format_column(column) for column in table.columns)
    driver: Any = connection.connection.driver_connection
    try:
        with (
            driver.cursor() as cursor,
            cursor.copy(f"COPY {quote.format_table(table)} ({columns}) FROM STDIN") as copy,
        ):
            for row in rows:
                copy.write_row(row)
    except driver.Error as error:
        if driver.closed:
            connection.invalidate()
            raise faults.connection_lost() from error
        raise faults.of_database(error) from error


@lru_cache(maxsize=256)
def _insert_statement(table: Table, dialect: Dialect) -> str:
    marker = "?" if dialect.paramstyle == "qmark" else "%s"
    quote = dialect.identifier_preparer
    columns = ", ".join(quote.format_column(column) for column in table.columns)
    values = ", ".join([marker] * len(table.columns))
    return f"INSERT INTO {quote.format_table(table)} ({columns}) VALUES ({values})"  # noqa: S608 - quoted names of our own tables


def stored_bytes(value: object, what: str) -> bytes:
    """A value of a binary column; VerificationError when something else was put there.

    SQLite keeps whatever it is given.
    """
    if not isinstance(value, bytes):
        raise VerificationError(f"{what}: not bytes")
    return value


def chunked(values: Sequence[Any], size: int = 900) -> Iterator[Sequence[Any]]:
    """Slices short enough for one IN list."""
    for start in range(0, len(values), size):
        yield values[start : start + size]


def rows_among(
    connection: Connection,
    query: Select[*_Columns],
    column: ColumnElement[Any],
    values: Sequence[Any],
) -> Iterator[Row[*_Columns]]:
    """The rows of `query` where `column` is one of `values`, however many these are.

    The values do not become part of the statement: SQLAlchemy's statements are in cycles, and what
    they hold stays in memory until these are looked for.
    """
    if values:
        yield from rows_of(connection, among(query, column), values)


def among(query: Select[*_Columns], column: ColumnElement[Any]) -> Select[*_Columns]:
    """The statement of `rows_among`, to be made once and given to `rows_of`."""
    return query.where(column.in_(bindparam("among", expanding=True)))


def rows_of(
    connection: Connection, statement: Select[*_Columns], values: Sequence[Any]
) -> Iterator[Row[*_Columns]]:
    """The rows of a statement that `among` made, for values however many."""
    for chunk in chunked(values):
        yield from connection.execute(statement, {"among": chunk})
