"""What the database itself refuses, asked by the owner through the driver alone."""

import sqlite3
from collections.abc import Iterator
from typing import Protocol

import pytest
from sqlalchemy import text

from archive import Archive, _guards
from archive._store import writing
from archive.migrations.versions import rev_0002_guards
from tests.archive.library import Library
from tests.postgres import libpq


class Owner(Protocol):
    """A plain connection of whoever owns the database."""

    def execute(self, statement: str, /) -> object: ...


@pytest.fixture
def filled(library: Library) -> Library:
    """A log of more than one tile and several checkpoints."""
    library.capture(*map(str, range(300)))
    library.capture("one more")
    return library


@pytest.fixture
def owner(filled: Library, database: str) -> Iterator[Owner]:
    """Not our engine: the driver, with its defaults."""
    if not database:
        path = filled.folder / "archive.db"
        connection = sqlite3.connect(path, isolation_level=None)
        assert connection.execute("PRAGMA recursive_triggers").fetchone() == (0,)
        yield connection
        connection.close()
        return
    import psycopg

    with psycopg.connect(libpq(database), autocommit=True) as opened:
        yield opened


def rows(library: Library) -> dict[str, list[object]]:
    with library.archive.snapshot() as reader:
        return {
            table: [tuple(row) for row in reader.conn.execute(text(f"SELECT * FROM {table}"))]
            for table in rev_0002_guards.TABLES
        }


ANYWHERE = [
    "UPDATE entry SET type = 'x'",
    "UPDATE entry SET header = header WHERE seq = 3",
    "UPDATE entry SET seq = seq + 1000",
    "DELETE FROM entry",
    "DELETE FROM entry WHERE seq = (SELECT max(seq) FROM entry)",
    "INSERT INTO entry (seq, type, subject, header) VALUES (3, 'a', 'b', 'c')",
    "INSERT INTO entry (seq, type, subject, header) VALUES (-1, 'a', 'b', 'c')",
    "INSERT INTO entry (seq, type, subject, header) VALUES (9999, 'a', 'b', 'c')",
    "INSERT INTO entry (seq, type, subject, header) SELECT 0, type, subject, header FROM entry",
    (
        "INSERT INTO entry (seq, type, subject, header) VALUES (3, 'a', 'b', 'c')"
        " ON CONFLICT (seq) DO UPDATE SET type = 'x'"
    ),
    "UPDATE checkpoint SET note = 'x'",
    "UPDATE checkpoint SET size = size + 1000",
    "DELETE FROM checkpoint",
    "INSERT INTO checkpoint (size, note) VALUES (1, 'x')",
    (
        "INSERT INTO checkpoint (size, note) VALUES (2, 'x')"
        " ON CONFLICT (size) DO UPDATE SET note = 'x'"
    ),
    "UPDATE tile SET level = 7",
    "UPDATE tile SET idx = idx + 7",
    "UPDATE tile SET hashes = substr(hashes, 33)",
    "DELETE FROM tile",
    "DELETE FROM tile WHERE level = 1",
    "INSERT INTO tile (level, idx, hashes) SELECT level, idx, hashes FROM tile",
    "UPDATE head SET size = size - 1",
    "UPDATE head SET size = 0, at = '1970-01-01T00:00:00.000000Z'",
    "UPDATE head SET root = at_root FROM (SELECT hashes AS at_root FROM tile) AS t",
    "UPDATE head SET size = size + 1, at = '1970-01-01T00:00:00.000000Z'",
    "UPDATE head SET id = 2",
    "DELETE FROM head",
    "INSERT INTO head (id, size, root, at) SELECT 2, size, root, at FROM head",
    (
        "INSERT INTO head (id, size, root, at) SELECT 1, 0, root, at FROM head WHERE true"
        " ON CONFLICT (id) DO UPDATE SET size = 0"
    ),
]


def unchanged(library: Library, owner: Owner, statements: list[str]) -> None:
    """Each statement is refused, and leaves every row as it was."""
    before = rows(library)
    for statement in statements:
        with pytest.raises(Exception, match=r"append-only|duplicate key|UNIQUE"):
            owner.execute(statement)
        assert rows(library) == before, statement


def test_no_statement_changes_what_stands_in_the_log(filled: Library, owner: Owner) -> None:
    unchanged(filled, owner, ANYWHERE)
    filled.capture("it goes on")


REPLACEMENTS = [
    f"{verb} INTO {into}"
    for verb in ("REPLACE", "INSERT OR REPLACE")
    for into in (
        "entry (seq, type, subject, header) VALUES (3, 'a', 'b', 'c')",
        "entry (rowid, type, subject, header) VALUES (0, 'a', 'b', 'c')",
        "entry (seq, type, subject, header) VALUES ('3', 'a', 'b', 'c')",
        "entry (seq, type, subject, header) VALUES (3.0, 'a', 'b', 'c')",
        "checkpoint (size, note) VALUES (2, 'x')",
        "checkpoint (rowid, note) VALUES (2, 'x')",
        "tile (level, idx, hashes) VALUES (0, 0, x'00')",
        "tile (level, idx, hashes) VALUES ('0', 0.0, x'00')",
        "tile (rowid, level, idx, hashes) VALUES (1, 9, 9, x'00')",
        "head (id, size, root, at) VALUES (1, 0, x'00', '')",
        "head (rowid, size, root, at) VALUES (1, 0, x'00', '')",
    )
] + [
    "UPDATE OR REPLACE entry SET seq = 0 WHERE seq = 1",
    "UPDATE OR REPLACE checkpoint SET size = 2 WHERE size > 2",
    "UPDATE OR REPLACE tile SET idx = 0 WHERE level = 0 AND idx = 1",
    "UPDATE OR REPLACE tile SET rowid = 1 WHERE rowid = 2",
    "UPDATE tile SET hashes = CAST(hashes AS TEXT)",
    "INSERT OR IGNORE INTO entry (seq, type, subject, header) VALUES (9999, 'a', 'b', 'c')",
]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_sqlite_replaces_nothing_of_the_log(filled: Library, owner: Owner) -> None:
    """SQLite alone: no other database has REPLACE."""
    unchanged(filled, owner, REPLACEMENTS)


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_postgresql_empties_no_table_of_the_log(filled: Library, owner: Owner) -> None:
    """PostgreSQL alone: no other database has TRUNCATE."""
    hows = ("", " CASCADE", " RESTART IDENTITY")
    statements = [f"TRUNCATE {table}{how}" for table in rev_0002_guards.TABLES for how in hows]
    unchanged(filled, owner, statements)


def missing(archive: Archive) -> list[str]:
    with archive.snapshot() as reader:
        return _guards.missing(reader.conn)


def test_every_guard_stands(library: Library) -> None:
    assert missing(library.archive) == []


def test_guards_that_are_gone_are_named(library: Library) -> None:
    with writing(library.archive.engine) as connection:
        if connection.dialect.name == "sqlite":
            expected = list(rev_0002_guards.SQLITE)
            for name in expected:
                connection.execute(text(f"DROP TRIGGER {name}"))
        else:
            expected = list(rev_0002_guards.POSTGRESQL)
            for table in rev_0002_guards.TABLES:
                connection.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))
    assert missing(library.archive) == expected


def test_a_guard_that_lets_everything_pass_is_named(library: Library, database: str) -> None:
    with writing(library.archive.engine) as connection:
        if database:
            connection.execute(
                text(
                    "CREATE OR REPLACE FUNCTION muniment_head_begins() RETURNS trigger"
                    " LANGUAGE plpgsql AS $$BEGIN RETURN NEW; END$$"
                )
            )
            connection.execute(text("ALTER TABLE tile DISABLE TRIGGER tile_delete"))
        else:
            connection.execute(text("DROP TRIGGER head_begins"))
            connection.execute(text("DROP TRIGGER tile_stays"))
            connection.execute(
                text("CREATE TRIGGER head_begins BEFORE INSERT ON head BEGIN SELECT 1; END")
            )
    changed = ["tile_delete", "head_insert"] if database else ["tile_stays", "head_begins"]
    assert missing(library.archive) == changed
