"""Attachments of what is captured live."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest

from archive import Record
from ingest.live._media import Media
from tests.ingest.live.conftest import Mastodon
from tests.ingest.live.server import Recorded
from tests.ingest.live.test_mastodon import once
from tests.ingest.live.town import shows, status
from tests.ingest.live.watching import Watching

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 8


def attachment(watching: Watching, record: Record) -> dict[str, str]:
    parts = watching.room.newest(record)
    return {
        name.rpartition("/")[2]: value.decode()
        for name, value in parts.singles.items()
        if name.startswith("attachment/0/")
    }


def test_a_picture_is_kept_with_its_post(town: Recorded, watching: Watching) -> None:
    town.answer("/a.png", PNG)
    shows(town, status(11, f"{town.base}/a.png"))
    once(watching)
    record = watching.record("post 11")
    found = attachment(watching, record)
    assert found["type"] == "image/png"
    with watching.room.archive.read() as reader:
        assert b"".join(reader.open_blob(record.id, found["blob"])) == PNG
    watching.clock.advance(hours=2)
    once(watching)
    assert record.versions == watching.record("post 11").versions == 1
    assert town.paths().count("/a.png") <= 2
    assert "authorization" not in next(a for a in town.asked if a.path == "/a.png").headers


def test_a_picture_that_fails_is_tried_again_and_then_a_version_of_its_own(
    town: Recorded, watching: Watching
) -> None:
    shows(town, status(11, f"{town.base}/a.png"))
    once(watching)
    assert attachment(watching, watching.record("post 11"))["missing"] == "yes"
    town.answer("/a.png", PNG)
    watching.clock.advance(hours=2)
    once(watching)
    record = watching.record("post 11")
    assert record.versions == 2
    assert "blob" in attachment(watching, record)


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1:1/x",
        "http://169.254.169.254/latest/meta-data",
        "http://[::1]/x",
        "http://10.0.0.8/x",
        "file:///etc/passwd",
        "ftp://127.0.0.1/x",
    ],
)
def test_an_address_that_is_not_public_is_not_asked(address: str) -> None:
    asked: list[str] = []
    with fetching("https://8.8.8.8", asked) as load:
        assert load(address) is None
    assert asked == []


def test_a_redirect_into_the_private_net_is_not_followed() -> None:
    asked: list[str] = []
    with fetching("https://8.8.8.8", asked, {"location": "http://127.0.0.1:1/secret"}) as load:
        assert load("http://8.8.4.4/a.png") is None
    assert asked == ["http://8.8.4.4/a.png"]


def test_what_is_too_long_is_left_alone(town: Recorded) -> None:
    town.answer("/big", b"x" * 1001)

    async def load() -> None:
        async with httpx.AsyncClient() as client:
            media = Media(client, town.base, most_bytes=1000)
            with pytest.raises(Exception, match="too long"):
                await media._load(f"{town.base}/big")

    asyncio.run(load())


@contextmanager
def fetching(
    interface: str, asked: list[str], redirect: dict[str, str] | None = None
) -> Iterator[Any]:
    """Loads by a client that notes what it was asked for; None where it is refused."""

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(str(request.url))
        return httpx.Response(302 if redirect else 200, headers=redirect)

    def load(address: str) -> object:
        async def do() -> object:
            async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as client:
                from ingest.live._media import Refused

                try:
                    return await Media(client, interface)._load(address)
                except Refused:
                    return None

        return asyncio.run(do())

    yield load


def test_a_picture_from_a_real_server(library: Watching, mastodon: Mastodon) -> None:
    files = {"file": ("a.png", PNG, "image/png")}
    media = mastodon.library.post("/api/v2/media", files=files).raise_for_status().json()
    data = {"status": "with a picture", "media_ids[]": media["id"]}
    mastodon.library.post("/api/v1/statuses", data=data).raise_for_status()
    once(library)
    assert attachment(library, library.record("with a picture"))["url"] == media["url"]
