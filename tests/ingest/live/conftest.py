"""Fixtures of live capture: a Mastodon server, a server of recorded answers, watched accounts."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from mastodon_mock.config import SeedAccount, SeedConfig
from mastodon_mock.testing import MockServer

from tests.conftest import Clock
from tests.ingest.conftest import Room
from tests.ingest.live.server import Recorded, serving
from tests.ingest.live.town import answers
from tests.ingest.live.watching import HANDLE, TOKEN, Watching
from tests.pds import Author, Pds, running


@pytest.fixture
def database() -> str:
    """SQLite: what these tests are about is the same on both databases."""
    return ""


@pytest.fixture
def recorded() -> Iterator[Recorded]:
    with serving(Recorded()) as server:
        yield server


@dataclass(frozen=True)
class Mastodon:
    """A Mastodon server with a library and a patron, each with a client."""

    base: str
    library: httpx.Client
    patron: httpx.Client

    def post(self, text: str) -> dict[str, Any]:
        """The library posts."""
        return _done(self.library.post("/api/v1/statuses", data={"status": text}))

    def reply(self, text: str, to: Mapping[str, Any]) -> dict[str, Any]:
        """The patron replies."""
        data = {"status": f"@library {text}", "in_reply_to_id": to["id"]}
        return _done(self.patron.post("/api/v1/statuses", data=data))

    def edit(self, status: Mapping[str, Any], text: str) -> dict[str, Any]:
        """The library edits."""
        return _done(self.library.put(f"/api/v1/statuses/{status['id']}", data={"status": text}))

    def delete(self, status: Mapping[str, Any], by: httpx.Client) -> None:
        """Somebody deletes what is theirs."""
        by.delete(f"/api/v1/statuses/{status['id']}").raise_for_status()


def _done(response: httpx.Response) -> dict[str, Any]:
    found: dict[str, Any] = response.raise_for_status().json()
    return found


@pytest.fixture(scope="session")
def mastodon_server() -> Iterator[MockServer]:
    accounts = [
        SeedAccount(username="library", display_name="Library", access_token=TOKEN),
        SeedAccount(username="pat", display_name="Pat", access_token="secret-of-pat"),
    ]
    with MockServer(seed=SeedConfig(accounts=accounts)) as server:
        yield server


@pytest.fixture
def mastodon(mastodon_server: MockServer) -> Iterator[Mastodon]:
    httpx.post(f"{mastodon_server.base_url}/api/v1/_mock/reset").raise_for_status()
    with (
        _client(mastodon_server.base_url, TOKEN) as library,
        _client(mastodon_server.base_url, "secret-of-pat") as patron,
    ):
        yield Mastodon(mastodon_server.base_url, library, patron)


def _client(base: str, token: str) -> httpx.Client:
    return httpx.Client(base_url=base, headers={"Authorization": f"Bearer {token}"})


@pytest.fixture
def watching(room: Room, clock: Clock) -> Watching:
    return Watching(room, clock)


@pytest.fixture
def library(watching: Watching, mastodon: Mastodon) -> Watching:
    """The library's Mastodon account, watched."""
    watching.add("mastodon", HANDLE, mastodon.base)
    return watching


@pytest.fixture
def town(recorded: Recorded, watching: Watching) -> Recorded:
    """A server that knows the library's account, which is watched."""
    answers(recorded)
    watching.add("mastodon", "library@town.example", recorded.base)
    return recorded


@pytest.fixture(scope="session")
def pds() -> Iterator[Pds]:
    with running() as server:
        yield server


@pytest.fixture
def city(pds: Pds) -> Author:
    """A city's account on Bluesky."""
    return pds.author()


@pytest.fixture
def resident(pds: Pds) -> Author:
    """An account on the same server."""
    return pds.author()
