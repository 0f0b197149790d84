"""Fixtures for every room: databases, a clock, the command line, an archive, shared samples."""

import os
import shutil
import signal
import tempfile
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import certifi
import pytest
from click.testing import CliRunner, Result
from hypothesis import HealthCheck, settings

from app.cli import cli
from archive import Writer, _keycopy, keys, records
from tests import chromium, pds, postgres, statements, verapdf, wordpress

pytest_plugins = ["tests.campaigns"]

settings.register_profile(
    "muniment",
    deadline=None,
    derandomize="CI" in os.environ,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("muniment")

SHARED = Path(__file__).resolve().parents[2] / "shared"
MEMORY = Path("/dev/shm")
ROOM = 4 << 30
"""How many bytes have to be free in memory before temporary files are kept there."""


class Clock:
    """A clock that stands still until it is told to move."""

    def __init__(self, start: datetime) -> None:
        self.now = start

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **by: float) -> None:
        """Move on by a timedelta given as `timedelta` takes it (days=30, hours=2 …)."""
        self.now += timedelta(**by)


@dataclass(frozen=True, slots=True)
class Muniment:
    """The command line in this process.

    `folder` is where --archive points, `keys` where private keys are, `database` the URL that
    `init` is given; none is SQLite's default.
    """

    folder: Path
    keys: Path
    clock: Clock
    database: str = ""

    def run(self, *args: str | Path, stdin: str | bytes | None = None) -> Result:
        """Run a command, whatever its exit status."""
        environment = {
            "MUNIMENT_ARCHIVE": str(self.folder),
            "MUNIMENT_KEYS": str(self.keys),
            "MUNIMENT_ACTOR": None,
            "MUNIMENT_DEBUG": None,
        }
        words = [str(word) for word in args]
        if self.database and "init" in words and "--database" not in words:
            words += ["--database", self.database]
        return CliRunner(env=environment).invoke(cli, words, input=stdin, obj=self.clock)

    def ok(self, *args: str | Path, stdin: str | bytes | None = None) -> str:
        """Run a command that has to succeed; its stdout."""
        result = self.run(*args, stdin=stdin)
        assert result.exit_code == 0, (args, result.output, result.exception)
        return result.stdout

    def fails(self, status: int, *args: str | Path, stdin: str | bytes | None = None) -> str:
        """Run a command that has to fail with this status and one line on stderr; that line."""
        result = self.run(*args, stdin=stdin)
        assert result.exit_code == status, (args, result.output, result.exception)
        assert result.stderr.count("\n") == 1, result.stderr
        assert result.stderr.startswith("muniment: ")
        return result.stderr.rstrip("\n")


def comment_header(writer: Writer, record: str, version: int = 1) -> dict[str, str | int]:
    """The header data of a captured Mastodon comment that no account of the body holds."""
    return {
        "account": "none",
        "kind": "comment",
        "platform": "mastodon",
        "lookup": records.lookup_of(writer, "mastodon", "none", record),
        "run": record,
        "state": "live",
        "version": version,
    }


def pytest_configure(config: pytest.Config) -> None:
    """Keep temporary files in memory where that is large enough: no test waits for a disk.

    Ctrl-C is heard, by the commands that tests start as well, also where the tests were started in
    the background, deaf to it.
    """
    signal.signal(signal.SIGINT, signal.default_int_handler)
    if hasattr(config, "workerinput") or "TMPDIR" in os.environ or not MEMORY.is_dir():
        return
    if os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ROOM:
        os.environ["TMPDIR"] = str(MEMORY)
        tempfile.tempdir = None


def pytest_sessionstart(session: pytest.Session) -> None:
    """Say before the first test when the server that the environment names is of no use."""
    if not hasattr(session.config, "workerinput"):
        postgres.named()


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter,
) -> Generator[None, object, object]:
    """Say at the very end how many tests were left out for want of a program, and why."""
    result = yield
    for needed, left_out in (
        ("ON POSTGRESQL", postgres.LEFT_OUT),
        ("IN A BROWSER", chromium.LEFT_OUT),
        ("ON WORDPRESS", wordpress.LEFT_OUT),
        ("WITH BLUESKY'S OWN SERVER", pds.LEFT_OUT),
        ("BY A VALIDATOR OF PDF/A", verapdf.LEFT_OUT),
    ):
        reasons = [
            report.longrepr[2].removeprefix("Skipped: ")
            for report in terminalreporter.stats.get("skipped", [])
            if isinstance(report.longrepr, tuple) and left_out in report.longrepr[2]
        ]
        if reasons:
            terminalreporter.section(f"NOT TESTED {needed}", red=True)
            terminalreporter.line(f"{len(reasons)} tests were left out: each {reasons[0]}")
    return result


@pytest.fixture(scope="session", autouse=True)
def _cheap_passphrases() -> Iterator[None]:
    """Passphrases cost little in this process; commands that tests start pay the real price."""
    cost = {"n": 2**10, "r": 8, "p": 1}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(keys, "_SCRYPT", cost)
        patch.setattr(_keycopy, "_COST", cost)
        yield


@pytest.fixture(scope="session", autouse=True)
def _one_authority(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """HTTP stays on loopback, without TLS, and every client would load all certificates first."""
    last = "-----END CERTIFICATE-----\n"
    path = tmp_path_factory.mktemp("authorities") / "one.pem"
    path.write_text(certifi.contents().partition(last)[0] + last)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SSL_CERT_FILE", str(path))
        yield


@pytest.fixture(scope="session", autouse=True)
def _compiled_once() -> None:
    statements.share_statements()
    statements.share_migrations()


@pytest.fixture(scope="session")
def postgresql() -> Iterator[postgres.Server]:
    """The PostgreSQL server of this run, one for each of its processes."""
    with postgres.running() as server:
        yield server


BOTH = pytest.mark.parametrize("database", ["sqlite", "postgresql"], indirect=True)
"""Runs a test on both databases where its folder has it run on SQLite alone."""


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> Iterator[str]:
    """The database URL that a new archive is told: SQLite's default, or an empty PostgreSQL."""
    yield from database_of(request)


def database_of(request: pytest.FixtureRequest) -> Iterator[str]:
    """What `database` is, for a folder that has a fixture of that name of its own."""
    if request.param == "sqlite":
        yield ""
        return
    server: postgres.Server = request.getfixturevalue("postgresql")
    url = server.create()
    yield url
    server.drop(url)


@pytest.fixture
def another_database(database: str, request: pytest.FixtureRequest) -> Iterator[Callable[[], str]]:
    """Makes further databases of the kind that the test has, one for each archive."""
    made: list[str] = []

    def make() -> str:
        if database:
            made.append(request.getfixturevalue("postgresql").create())
        return made[-1] if made else ""

    yield make
    for url in made:
        request.getfixturevalue("postgresql").drop(url)


@pytest.fixture
def clock() -> Clock:
    """Monday 2 March 2026, 15:00 UTC (9:00 in Illinois)."""
    return Clock(datetime(2026, 3, 2, 15, tzinfo=UTC))


@pytest.fixture
def muniment(tmp_path: Path, clock: Clock, database: str) -> Muniment:
    """The command line, pointed at a folder that does not exist yet, for each database."""
    return Muniment(tmp_path / "library", tmp_path / "keys", clock, database)


@pytest.fixture
def library(muniment: Muniment) -> Muniment:
    """The command line on a new archive with one actor, ada, whose key has no passphrase."""
    return founded(muniment)


@pytest.fixture
def sqlite_muniment(tmp_path: Path, clock: Clock) -> Muniment:
    """`muniment` for what concerns SQLite alone: its files, its locks, its disk; or no database."""
    return Muniment(tmp_path / "library", tmp_path / "keys", clock)


@pytest.fixture
def sqlite_library(sqlite_muniment: Muniment) -> Muniment:
    """`library` for what concerns SQLite alone: its files, its locks, its disk; or no database."""
    return founded(sqlite_muniment)


def founded(muniment: Muniment) -> Muniment:
    muniment.ok(
        "init", muniment.folder, "--name", "Cook Memorial Library",
        "--actor", "ada", "--no-passphrase",
    )  # fmt: skip
    return muniment


@pytest.fixture
def shared() -> Callable[[str], Path]:
    """A file or folder below ../shared; skips the test, and says so, where that does not exist."""

    def find(name: str) -> Path:
        path = SHARED / name
        if not path.exists():
            pytest.skip(f"needs ../shared/{name}, which is not beside this checkout")
        return path

    return find
