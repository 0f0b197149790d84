"""Copies of rows and files: the log and the vault from one database to another, and attachments.

Rows are streamed in key order, so that memory does not grow with the archive.
"""

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import URL, Connection, create_engine, event, select

from archive import _schema, _store
from archive._store import insert_rows

TABLES = (
    _schema.entry,
    _schema.tile,
    _schema.checkpoint,
    _schema.head,
    _schema.sealed,
    _schema.data_key,
    _schema.blob,
)
"""What an archive is. Every other table is computed from these."""

_BY_POSITION = ("entry", "sealed")
_PAGE = 1000
_PAGE_OF_CONTENT = 100
_PIECE = 1 << 20

Advance = Callable[[int], None]


def copy_rows(source: Connection, target: Connection, advance: Advance = lambda _: None) -> None:
    """Copy the log and the vault into a database that has the tables and no rows.

    `advance` is told by how many log positions the copy has moved on: twice the log's length in
    all, once for the entries and once for their sealed halves.
    """
    for table in TABLES:
        page = _PAGE_OF_CONTENT if table is _schema.sealed else _PAGE
        query = select(table).order_by(*table.primary_key.columns)
        done = 0
        with source.execute(query.execution_options(yield_per=page)) as result:
            for rows in result.partitions():
                insert_rows(target, table, [tuple(row) for row in rows])
                if table.name in _BY_POSITION:
                    advance(rows[-1][0] + 1 - done)
                    done = rows[-1][0] + 1


@contextmanager
def new_database(path: Path) -> Iterator[Connection]:
    """A new SQLite database with the empty tables of an archive, on disk after a clean exit.

    It is written without a journal: after a failure the file is worth nothing.
    """
    engine = create_engine(URL.create("sqlite", database=str(path)))
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN"))
    try:
        with _store.translated(), engine.begin() as connection:
            _store.migrate(connection)
            yield connection
    finally:
        engine.dispose()
    with _store.translated():
        sync_file(path)


@contextmanager
def stored_database(path: Path) -> Iterator[Connection]:
    """A SQLite database that nobody writes to, on a read-only disk as well."""
    name = f"file:{quote(str(path.resolve()))}"
    query = {"mode": "ro", "immutable": "1", "uri": "true"}
    engine = create_engine(URL.create("sqlite", database=name, query=query))
    try:
        with _store.translated(), engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()


def copy_file(source: Path, target: Path) -> str:
    """Copy a file's bytes to a new file of mode 0600, durably; returns their SHA-256 in hex."""
    digest = sha256()
    with source.open("rb") as file:
        descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "wb") as copy:
            while piece := file.read(_PIECE):
                digest.update(piece)
                copy.write(piece)
            copy.flush()
            os.fsync(copy.fileno())
    return digest.hexdigest()


def digest_of(path: Path) -> str:
    """The SHA-256 of a file's bytes in hex."""
    with path.open("rb") as file:
        digest = sha256()
        while piece := file.read(_PIECE):
            digest.update(piece)
    return digest.hexdigest()


def sync_file(path: Path) -> None:
    """Make a file's bytes durable."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _prepare(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None
    for pragma in ("journal_mode=OFF", "synchronous=OFF", "locking_mode=EXCLUSIVE"):
        connection.execute(f"PRAGMA {pragma}").close()
