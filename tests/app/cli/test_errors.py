import errno
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import click
import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError

from app.cli._errors import explain, report
from archive import errors
from archive.errors import MunimentError, Refused, StorageError


def test_an_error_of_ours_is_one_line_with_its_hint(capsys: pytest.CaptureFixture[str]) -> None:
    assert report(Refused("record 1 is held\nby X", hint="release the hold")) == 6
    shown = capsys.readouterr()
    assert shown.err == "muniment: record 1 is held by X — release the hold\n"
    assert shown.out == ""


def test_every_error_of_ours_has_a_status_of_its_own_kind() -> None:
    kinds = {
        kind.__name__: kind.exit_code
        for kind in vars(errors).values()
        if isinstance(kind, type) and issubclass(kind, MunimentError)
    }
    assert kinds == {
        "MunimentError": 10,
        "UsageError": 2,
        "NotAnArchive": 3,
        "NewerArchive": 3,
        "KeyProblem": 4,
        "NotFound": 5,
        "Refused": 6,
        "SourceError": 7,
        "VerificationError": 8,
        "StorageError": 9,
        "ProcessDied": 9,
    }


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (errno.ENOSPC, "the disk is full"),
        (errno.EDQUOT, "the disk quota is used up"),
        (errno.EACCES, "permission denied"),
        (errno.EROFS, "the disk is read-only"),
        (errno.ENAMETOOLONG, os.strerror(errno.ENAMETOOLONG)),
    ],
)
def test_what_the_system_refuses_is_a_storage_error(number: int, said: str) -> None:
    known = explain(OSError(number, os.strerror(number), "/some/file"))
    assert isinstance(known, StorageError)
    assert str(known) == f"{said}: /some/file"


def test_what_fails_because_of_an_interrupt_is_an_interruption() -> None:
    def cancelled() -> None:
        try:
            raise KeyboardInterrupt
        finally:
            broken = OSError(errno.EIO, "the statement was cancelled")
            raise broken

    def told() -> None:
        try:
            cancelled()
        except OSError as error:
            raise StorageError("it failed") from error

    with pytest.raises(StorageError) as caught:
        told()
    assert explain(caught.value).exit_code == 130


def test_a_locked_database_is_said_to_be_in_use(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    with sqlite3.connect(path, timeout=0) as holder:
        holder.execute("BEGIN EXCLUSIVE")
        engine = create_engine(f"sqlite:///{path}", connect_args={"timeout": 0})
        with pytest.raises(DBAPIError) as caught, engine.connect() as connection:
            connection.execute(text("SELECT 1 FROM sqlite_master"))
        engine.dispose()
    holder.close()
    known = explain(caught.value)
    assert (str(known), known.exit_code) == ("another command is writing to the archive", 9)


def test_a_file_that_is_no_database_is_damage(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    path.write_bytes(b"not a database at all" * 100)
    connection = sqlite3.connect(path)
    with pytest.raises(sqlite3.DatabaseError) as caught:
        connection.execute("SELECT 1 FROM sqlite_master")
    connection.close()
    assert explain(caught.value).exit_code == 8


def test_an_interruption_says_what_is_safe() -> None:
    try:
        try:
            raise KeyboardInterrupt
        except KeyboardInterrupt as error:
            raise click.Abort from error
    except click.Abort as error:
        known = explain(error)
    assert known.exit_code == 130
    assert "kept" in known.hint
    assert explain(KeyboardInterrupt()).exit_code == 130
    assert "not confirmed" in str(explain(click.Abort()))


def test_an_error_of_the_program_asks_to_be_reported(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MUNIMENT_DEBUG", raising=False)
    assert report(ZeroDivisionError("division by zero")) == 10
    shown = capsys.readouterr().err
    assert shown.count("\n") == 1
    assert "report" in shown
    monkeypatch.setenv("MUNIMENT_DEBUG", "1")
    try:
        raise ZeroDivisionError
    except ZeroDivisionError as error:
        report(error)
    assert "Traceback" in capsys.readouterr().err


def test_a_reader_that_leaves_is_no_error() -> None:
    program = (
        "import click\n"
        "from app.cli import cli\n"
        "@cli.command('flood')\n"
        "def flood():\n"
        "    while True: click.echo('x' * 1000)\n"
        "import app.cli; app.cli.COMMANDS['flood'] = ''\n"
        "app.cli.Commands.get_command = lambda self, ctx, name: flood\n"
        "cli(['flood'])\n"
    )
    root = Path(__file__).parents[3]
    with subprocess.Popen(
        [sys.executable, "-c", program], cwd=root, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.read(10)
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 141
