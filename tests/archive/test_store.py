import errno
from pathlib import Path

import pytest
from sqlalchemy import Column, Integer, MetaData, Table, Text, insert, text
from sqlalchemy.exc import InvalidRequestError

from archive import NewerArchive, NotAnArchive, StorageError, chunked, insert_rows, translated
from archive._store import connect, reading, writing
from tests.archive.library import Library

THINGS = Table("thing", MetaData(), Column("id", Integer, primary_key=True), Column("name", Text))


def test_errors_of_database_and_disk_say_what_to_do() -> None:
    with pytest.raises(StorageError, match=r"the database failed: no$"), translated():
        raise InvalidRequestError("no\nmore")
    with pytest.raises(StorageError, match="full: /a/b"), translated():
        raise OSError(errno.ENOSPC, "No space left on device", "/a/b")


def test_a_reader_that_leaves_is_no_fault_of_the_disk() -> None:
    with pytest.raises(BrokenPipeError), translated():
        raise BrokenPipeError


def test_errors_of_nobody_pass_unchanged() -> None:
    with pytest.raises(KeyError), translated():
        raise KeyError("x")


def test_a_url_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NotAnArchive, match=r"muniment.toml|URL"):
        connect("not a url", tmp_path)


def test_chunks_cover_everything_in_order() -> None:
    assert [list(chunk) for chunk in chunked(range(7), 3)] == [[0, 1, 2], [3, 4, 5], [6]]
    assert list(chunked([])) == []


def test_rows_are_inserted_in_column_order(library: Library) -> None:
    with writing(library.archive.engine) as connection:
        THINGS.metadata.create_all(connection)
        insert_rows(connection, THINGS, [])
        insert_rows(connection, THINGS, [(1, "one"), (2, None), (3, "50% '\"")])
        rows = connection.execute(THINGS.select().order_by("id")).all()
        assert [tuple(row) for row in rows] == [(1, "one"), (2, None), (3, "50% '\"")]
        THINGS.metadata.drop_all(connection)


def test_a_transaction_that_fails_takes_everything_back(library: Library) -> None:
    def fail() -> None:
        with writing(library.archive.engine) as connection:
            THINGS.metadata.create_all(connection)
            connection.execute(insert(THINGS).values(id=1))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    with (
        pytest.raises(StorageError, match="the database failed"),
        reading(library.archive.engine) as connection,
    ):
        connection.execute(THINGS.select())


def test_a_reader_sees_one_moment(library: Library) -> None:
    with library.archive.read() as reader:
        before = reader.head.size
        library.capture("while you read")
        count = text("SELECT count(*) FROM entry")
        assert reader.conn.execute(count).scalar() == before
    assert library.size() == before + 2


def test_sqlite_is_set_up_to_lose_and_keep_nothing(sqlite_library: Library) -> None:
    expected = {"journal_mode": "wal", "synchronous": 2, "secure_delete": 1, "foreign_keys": 1}
    with sqlite_library.archive.engine.connect() as connection:
        for name, value in expected.items():
            assert connection.exec_driver_sql(f"PRAGMA {name}").scalar() == value


def test_an_archive_of_a_newer_program_is_refused(library: Library) -> None:
    library.tamper("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(NewerArchive, match="9999") as error:
        library.again()
    assert "install the newest" in error.value.hint


def test_a_database_without_archive_is_refused(library: Library) -> None:
    with writing(library.archive.engine) as connection:
        connection.execute(text("DROP TABLE alembic_version"))
    with pytest.raises(NotAnArchive, match="holds no archive"):
        library.again()
