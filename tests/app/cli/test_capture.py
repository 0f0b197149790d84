"""`muniment capture`: what a person types and reads."""

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import keyring
import pytest
from keyring.backend import KeyringBackend

from archive import Archive
from tests.conftest import Muniment
from tests.ingest.live.server import Asked, Recorded, Told, serving
from tests.ingest.live.town import answers, shows, status

ACCOUNT = "mastodon:library@town.example"
TOKEN = "a-token-that-nobody-may-see"


class Drawer(KeyringBackend):
    """A keyring in memory."""

    priority = 1.0

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # keyring gives it no types
        self.held: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.held.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.held[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.held[service, username]


@pytest.fixture
def drawer() -> Iterator[Drawer]:
    before, mine = keyring.get_keyring(), Drawer()
    keyring.set_keyring(mine)
    yield mine
    keyring.set_keyring(before)


@pytest.fixture
def town() -> Iterator[Recorded]:
    with serving(Recorded()) as server:
        answers(server)
        yield server


@pytest.fixture
def library(sqlite_library: Muniment) -> Muniment:
    return sqlite_library


def given(tmp_path: Path, text: str) -> int:
    """A file descriptor that gives this."""
    path = tmp_path / "given"
    path.write_text(text)
    return os.open(path, os.O_RDONLY)


def test_an_account_is_watched_polled_and_watched_no_more(
    library: Muniment, town: Recorded
) -> None:
    shows(town, status(11))
    assert "is watched by" in library.ok("capture", "add", ACCOUNT, "--url", town.base)
    assert "library@town.example: polled" in library.ok("capture", "run", "--once")
    [listed] = json.loads(library.ok("capture", "list", "--json"))
    assert (listed["handle"], listed["promise"]) == ("library@town.example", 60)
    [stands] = json.loads(library.ok("capture", "status", "--json"))
    assert stands["state"] == "well"
    assert json.loads(library.ok("status", "--json"))["watched"] == 1
    library.ok("capture", "add", "library@town.example", "--url", town.base, "--promise", "30")
    assert json.loads(library.ok("capture", "list", "--json"))[0]["promise"] == 30
    assert "no more" in library.ok("capture", "remove", "library@town.example")
    assert "no account is watched" in library.fails(6, "capture", "run", "--once")


def test_what_is_not_said_is_asked_for(library: Muniment) -> None:
    assert "give its address by --url" in library.fails(2, "capture", "add", "feed:news")
    assert "no account is watched" in library.run("capture", "status").output


def test_a_token_goes_into_the_keyring_and_nowhere_else(
    library: Muniment, town: Recorded, drawer: Drawer, tmp_path: Path
) -> None:
    town.token = TOKEN
    descriptor = given(tmp_path, TOKEN + "\n")
    added = library.ok(
        "capture", "add", ACCOUNT, "--url", town.base, "--token", "library", "--token-fd",
        str(descriptor),
    )  # fmt: skip
    assert drawer.held == {("muniment", "library"): TOKEN}
    ran = library.ok("capture", "run", "--once")
    listed = library.ok("capture", "list", "--json")
    assert TOKEN not in added + ran + listed
    assert TOKEN.encode() not in (library.folder / "archive.db").read_bytes()
    drawer.held.clear()
    without = library.run("capture", "run", "--once")
    assert without.exit_code == 1
    assert "MUNIMENT_TOKEN_LIBRARY" in without.stdout
    descriptor = given(tmp_path, f"library={TOKEN}\n")
    library.ok("capture", "run", "--once", "--token-fd", str(descriptor))


def test_an_account_that_is_late_says_so_and_so_does_the_exit_status(
    library: Muniment, town: Recorded
) -> None:
    library.ok("capture", "add", ACCOUNT, "--url", town.base)
    library.ok("capture", "run", "--once")
    library.clock.advance(hours=2)
    town.first("/api/v1/accounts/lookup", Told({"error": "x"}, 502))
    result = library.run("capture", "run", "--once")
    assert result.exit_code == 1
    assert "answered 502" in result.stdout
    result = library.run("capture", "status")
    assert result.exit_code == 1
    assert "late" in result.stdout
    assert json.loads(library.ok("status", "--json"))["not_heard"] == ["library@town.example"]
    assert "capture status" in library.ok("status")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("mastodon:library@town.example", "--url", "https://a:b@town.example"), "password"),
        (("mastodon:library@town.example", "--url", "https://t.example/?access_token=x"), "token"),
        (("mastodon:library@town.example", "--url", "ftp://town.example"), "no address"),
        (("mastodon:library@town.example", "--token", "no name!"), "no name of a token"),
        (("nosuch:library",), "no platform that can be watched"),
        (("library",), "there is no account library"),
        (("mastodon:library@town.example", "--option", "x"), "NAME=VALUE"),
    ],
)
def test_what_cannot_be_watched_is_said_in_one_line(
    library: Muniment, words: tuple[str, ...], said: str
) -> None:
    assert said in library.fails(2, "capture", "add", *words)


def test_a_webhook_wants_an_address_a_secret_and_a_process_that_stays(library: Muniment) -> None:
    hook = ("capture", "run", "--webhook", "127.0.0.1:8787")
    assert "--webhook-secret NAME" in library.fails(2, *hook)
    assert "--once" in library.fails(2, *hook, "--webhook-secret", "app", "--once")
    assert "no token app for the webhook" in library.fails(2, *hook, "--webhook-secret", "app")
    assert "number of a Page" in library.fails(
        2, "capture", "add", "facebook-page:library", "--token", "page"
    )


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_a_process_that_is_told_to_stop_commits_what_it_has_and_ends_well(
    library: Muniment, town: Recorded, how: signal.Signals
) -> None:
    town.token = TOKEN
    town.stream("/api/v1/streaming/user")
    shows(town, *(status(number) for number in range(11, 31)))
    posts_are_queued = threading.Event()

    def thread(_: Asked) -> Told:
        posts_are_queued.set()
        return Told({"ancestors": [], "descendants": []})

    town.answer_by("/api/v1/statuses/11/context", thread)
    library.ok("capture", "add", ACCOUNT, "--url", town.base, "--token", "library")
    process = subprocess.Popen(
        [sys.executable, "-c", "from app.cli import main; main()", "capture", "run"],
        env={
            **os.environ,
            "MUNIMENT_ARCHIVE": str(library.folder),
            "MUNIMENT_KEYS": str(library.keys),
            "MUNIMENT_TOKEN_LIBRARY": TOKEN,
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert posts_are_queued.wait(timeout=60)
        process.send_signal(how)
        said, errors = process.communicate(timeout=60)
    finally:
        process.kill()
    assert (process.returncode, said, errors) == (0, "", "")
    with Archive.open(library.folder) as archive, archive.read() as reader:
        types = [entry.type for entry in reader.entries()]
    assert types.count("record.captured") == 20 + 1, "twenty posts and the profile"
    after = types[len(types) - types[::-1].index("record.captured") :]
    assert "capture.heartbeat" in after
    assert "ingest.finished" in after
