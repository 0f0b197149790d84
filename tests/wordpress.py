"""A WordPress for the tests of live capture: Debian's package, on MariaDB, served by PHP itself.

MUNIMENT_TEST_WORDPRESS names the folder of another one. Database, site and server live in a folder
of their own and on loopback until the tests that need them end; the installed package is only read.
"""

import json
import os
import shutil
import socket
import subprocess
import tempfile
import threading
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

VARIABLE = "MUNIMENT_TEST_WORDPRESS"
LEFT_OUT = "needs WordPress, and there is none"
"""How the reason begins for which a test is left out."""

_SCRIPTS = Path(__file__).parent / "ingest/live/wordpress"
_PACKAGES = "wordpress, php-cli, php-mysql, mariadb-server-core"
_PATH = os.pathsep.join((os.environ.get("PATH", os.defpath), "/usr/sbin", "/usr/local/sbin"))


@dataclass(frozen=True)
class Site:
    """A site, its address, and the token of its clerk, who may do everything."""

    address: str
    token: str

    @classmethod
    def new(cls, address: str) -> "Site":
        """A new site in place of the one that was served there before."""
        return cls(address, f"clerk:{_posted(f'{address}/-install', b'').decode()}")

    def call(self, *calls: Sequence[Any]) -> list[Any]:
        """What functions of WordPress gave, each told as its name and its arguments."""
        found: list[Any] = json.loads(_posted(f"{self.address}/-call", json.dumps(calls).encode()))
        return found


def _posted(address: str, body: bytes) -> bytes:
    return httpx.post(address, content=body, timeout=60).raise_for_status().content


@contextmanager
def running() -> Iterator[str]:
    """The address of a WordPress; skips where it, MariaDB or PHP is not installed."""
    wordpress = Path(os.environ.get(VARIABLE, "/usr/share/wordpress"))
    mariadb, php = shutil.which("mariadbd", path=_PATH), shutil.which("php", path=_PATH)
    if mariadb is None or php is None or not (wordpress / "wp-settings.php").is_file():
        pytest.skip(f"{LEFT_OUT}: install Debian's packages {_PACKAGES}, or name it in {VARIABLE}")
    asked = [php, "-r", "exit(extension_loaded('mysqli') ? 0 : 1);"]
    if subprocess.run(asked, check=False).returncode:
        pytest.skip(f"{LEFT_OUT} that PHP can run: install Debian's package php-mysql")
    with tempfile.TemporaryDirectory(prefix="muniment-wp-") as name, socket.socket() as free:
        folder = Path(name)
        for one in ("data", "content"):
            (folder / one).mkdir()
        free.bind(("127.0.0.1", 0))
        place = f"127.0.0.1:{free.getsockname()[1]}"
        free.close()
        environment = {
            "PATH": _PATH,
            "WP_ADDRESS": f"http://{place}",
            "WP_CONTENT": str(folder / "content"),
            "WP_FOLDER": str(wordpress),
            "WP_SOCKET": str(folder / "socket"),
        }
        database = [
            mariadb, "--no-defaults", f"--datadir={folder / 'data'}", "--skip-networking",
            f"--socket={folder / 'socket'}", f"--pid-file={folder / 'pid'}",
            "--skip-grant-tables", "--innodb-buffer-pool-size=16M", "--innodb-log-file-size=4M",
            "--innodb-flush-log-at-trx-commit=0",
        ]  # fmt: skip
        if os.geteuid() == 0:
            database.append("--user=root")
        served = [php, "-d", "opcache.enable_cli=1", "-S", place, str(_SCRIPTS / "serve.php")]
        with (
            _process(database, "ready for connections", environment),
            _process(served, "started", environment),
        ):
            yield environment["WP_ADDRESS"]


@contextmanager
def _process(command: Sequence[str], ready: str, environment: dict[str, str]) -> Iterator[None]:
    """A process from the line in which it says that it is ready until the block ends, or the tests
    are killed.
    """
    with subprocess.Popen(
        ["setpriv", "--pdeathsig", "TERM", *command],
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stderr is not None
        said = []
        for line in process.stderr:
            said.append(line)
            if ready in line:
                break
        else:
            raise AssertionError(f"{command[0]} does not start: {''.join(said[-5:])}")
        reading = threading.Thread(target=deque, args=(process.stderr, 0))
        reading.start()
        try:
            yield
        finally:
            process.terminate()
            process.wait()
            reading.join()
