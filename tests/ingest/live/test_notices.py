"""People are told when an account is not heard, and when it is again."""

import asyncio
import json
import socket
import threading
from io import BufferedRWPair

import httpx
import pytest

from archive import UsageError
from ingest.live import Notice, Notices
from tests.ingest.live.following import Following
from tests.ingest.live.server import Asked, Recorded, Told
from tests.ingest.live.town import ACCOUNT
from tests.ingest.live.watching import Watching


class Post:
    """A mail server that takes one letter at a time."""

    def __init__(self) -> None:
        self.letters: list[str] = []
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._listening.getsockname()[1]}"
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listening.accept()
            except OSError:
                return
            with connection, connection.makefile("rwb") as wire:
                self._talk(wire)

    def _talk(self, wire: BufferedRWPair) -> None:
        def say(text: str) -> None:
            wire.write(text.encode() + b"\r\n")
            wire.flush()

        say("220 post")
        while line := wire.readline().decode().strip():
            word = line[:4].upper()
            if word == "DATA":
                say("354 go on")
                letter = []
                while (text := wire.readline().decode().rstrip("\r\n")) != ".":
                    letter.append(text)
                self.letters.append("\n".join(letter))
            say("221 bye" if word == "QUIT" else "250 fine")
            if word == "QUIT":
                return

    def close(self) -> None:
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        self._thread.join()


def test_a_late_account_is_told_once_and_so_is_its_return(
    town: Recorded, watching: Watching
) -> None:
    posted: list[dict[str, str]] = []

    def hook(asked: Asked) -> Told:
        posted.append(json.loads(asked.body))
        return Told({})

    town.answer_by("/hook", hook)
    post = Post()
    notices = Notices(("clerk@library.example",), post.address, f"{town.base}/hook")

    async def follow() -> None:
        async with Following(watching, notices=notices) as running:
            await running.time.asleep(3)
            town.answer("/api/v1/accounts/verify_credentials", {"error": "x"}, 502)
            for _ in range(12):
                await running.time.advance(700)
                await running.time.asleep(3)
            town.answer("/api/v1/accounts/verify_credentials", ACCOUNT)
            for _ in range(3):
                await running.time.advance(700)
                await running.time.asleep(3)

    try:
        asyncio.run(follow())
    finally:
        post.close()
    assert [one["state"] for one in posted] == ["not heard", "heard again"]
    assert "502" in posted[0]["why"]
    assert len(post.letters) == 2
    assert "library@town.example is not heard" in post.letters[0]
    assert [one for one in watching.said if "not heard" in one]


def test_a_notice_that_cannot_be_sent_is_said_and_that_is_all() -> None:
    said: list[str] = []
    notice = Notice("Library", "mastodon", "library@town.example", "not heard", "", "")

    async def send() -> None:
        async with httpx.AsyncClient() as client:
            await Notices(("x@y.example",), "127.0.0.1:1", "http://127.0.0.1:1/").send(
                notice, client, said.append
            )

    asyncio.run(send())
    assert said[0] == "mastodon library@town.example is not heard"
    assert ["could not be mailed" in said[1], "could not be sent" in said[2]] == [True, True]


def test_mail_needs_a_server() -> None:
    with pytest.raises(UsageError, match="mail server"):
        Notices(("clerk@library.example",)).check()
