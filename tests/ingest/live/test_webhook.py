"""The receiver of webhooks, served on loopback."""

import asyncio
import hmac
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from hashlib import sha256
from typing import Self

import httpx
import pytest

from archive import StorageError, UsageError
from ingest.live import Webhook, address_of, secrets_of
from ingest.live._webhook import MOST_BYTES, PATH
from tests.ingest.live.following import Following
from tests.ingest.live.graph import Page, body, change, comment, post
from tests.ingest.live.server import Recorded
from tests.ingest.live.watching import Watching

SECRET, WORD = "the-apps-own-secret", "the-word"
COMMENT = {"item": "comment", "post_id": "7_11", "comment_id": "11_2", "parent_id": "7_11"}
AT = 1772463600


def signature(content: bytes, secret: str = SECRET) -> str:
    return "sha256=" + hmac.new(secret.encode(), content, sha256).hexdigest()


class Hooked(Following):
    """A running process with a receiver, and a client that calls it as Meta does."""

    async def __aenter__(self) -> Self:
        receiver = Webhook(
            "127.0.0.1",
            0,
            secret=SECRET,
            verify=WORD,
            receive=self.process.receive,
            now=self.time.now,
            say=self.said.append,
        )
        self.client = httpx.AsyncClient(base_url=f"http://127.0.0.1:{receiver.port}", timeout=30)
        self._task = asyncio.create_task(self.process.run(receiver.serve()))
        await self.time.asleep(2)
        return self

    async def __aexit__(self, *error: object) -> None:
        await self.client.aclose()
        await super().__aexit__(*error)

    def __init__(self, watching: Watching) -> None:
        super().__init__(watching)
        self.said = watching.said

    async def send(self, content: bytes, signed: str | None = None, **headers: str) -> int:
        """Post a body; the status of the answer."""
        given = signature(content) if signed is None else signed
        sent = {"Content-Type": "application/json", "X-Hub-Signature-256": given, **headers}
        sent = {name: value for name, value in sent.items() if value}
        return (await self.client.post(PATH, content=content, headers=sent)).status_code

    async def begin(self, header: str, content: bytes) -> str:
        """Begin to post, and read the status line of the answer."""
        host, port = self.client.base_url.host, self.client.base_url.port
        reader, writer = await asyncio.open_connection(host, port)
        head = f"POST {PATH} HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n{header}\r\n"
        writer.write(head.encode() + b"\r\n" + content)
        line = await reader.readline()
        writer.close()
        return line.decode()


@pytest.fixture
def page(recorded: Recorded, watching: Watching) -> Page:
    watching.add("facebook-page", "7", recorded.base)
    shown = Page(recorded)
    shown.shows(post(11, "Open today"), of_11=[])
    return shown


def hooked(watching: Watching, doing: Callable[[Hooked], Awaitable[None]]) -> None:
    async def run() -> None:
        async with Hooked(watching) as hook:
            await doing(hook)

    asyncio.run(run())


def test_what_is_sent_is_archived_when_it_is_answered(page: Page, watching: Watching) -> None:
    async def sends(hook: Hooked) -> None:
        for change_, said in (
            (change("add", AT, message="Wann?", **COMMENT), {"Wann?": "live"}),
            (change("edited", AT + 1, message="When?", **COMMENT), {"When?": "live"}),
            (change("hide", AT + 2, **COMMENT), {"When?": "removed"}),
            (change("unhide", AT + 3, **COMMENT), {"When?": "live"}),
            (change("remove", AT + 4, **COMMENT), {"When?": "removed"}),
        ):
            assert await hook.send(body(change_)) == 200
            assert watching.texts() == {"Open today": "live", **said}

    hooked(watching, sends)
    record = watching.record("When?")
    assert list(dict.fromkeys(watching.versions(record))) == ["Wann?", "When?"]
    [deleted] = watching.entries("record.deleted")
    assert watching.sealed(deleted).bytes_of("raw") == body(change("remove", AT + 4, **COMMENT))
    assert watching.entries("capture.rejected") == []


def test_what_is_sent_and_then_seen_by_a_poll_is_one_version(
    page: Page, watching: Watching
) -> None:
    shown = comment(11, 2, "When?")
    told = {"from": shown["from"], "message": "When?", **COMMENT}
    created = 1771588802  # 2026-02-20T12:00:02Z, as the comment shows it

    async def sends(hook: Hooked) -> None:
        assert await hook.send(body(change("add", created, **told))) == 200
        page.shows(post(11, "Open today", 1), of_11=[shown])
        await hook.time.advance(600)
        await hook.until(lambda: watching.room.newest(watching.record("When?")).get("url"))
        hidden = body(change("hide", AT, **COMMENT))
        assert await hook.send(hidden) == 200
        shown["is_hidden"] = True
        page.shows(post(11, "Closed today", 1), of_11=[shown])
        await hook.time.advance(600)
        await hook.until(lambda: "Closed today" in watching.texts())

    hooked(watching, sends)
    assert watching.texts() == {"Closed today": "live", "When?": "removed"}
    # added, its address by the poll, hidden
    assert watching.versions(watching.record("When?")) == ["When?"] * 3


@pytest.mark.parametrize(
    "signed", ["", "sha256=", signature(b"another body"), signature(b"{}", "another secret"), "ä"]
)
def test_what_is_not_signed_is_refused(page: Page, watching: Watching, signed: str) -> None:
    content = body(change("add", AT, message="forged", **COMMENT))

    async def sends(hook: Hooked) -> None:
        response = await hook.client.post(
            PATH,
            content=content,
            headers=[(b"Content-Type", b"application/json")]
            + ([(b"X-Hub-Signature-256", signed.encode())] if signed else []),
        )
        assert response.status_code == 403
        assert "server" not in response.headers
        if signed == "":
            tampered = content.replace(b"forged", b"fOrged")
            assert await hook.send(tampered, signature(content)) == 403

    hooked(watching, sends)
    assert watching.texts() == {"Open today": "live"}
    assert "forged" not in "".join(watching.said)


def test_what_is_too_large_or_of_another_kind_is_refused(page: Page, watching: Watching) -> None:
    chunk = f"{MOST_BYTES + 1:x}\r\n".encode() + b" " * (MOST_BYTES + 1)

    async def sends(hook: Hooked) -> None:
        assert "413" in await hook.begin(f"Content-Length: {MOST_BYTES + 1}", b"")
        assert "413" in await hook.begin("Transfer-Encoding: chunked", chunk)
        assert await hook.send(body(), **{"Content-Type": "text/plain"}) == 415
        assert await hook.send(b"no json") == 400
        assert (await hook.client.post("/", content=body())).status_code == 404
        assert (await hook.client.get("/docs")).status_code == 404
        assert (await hook.client.put(PATH, content=body())).status_code == 405

    hooked(watching, sends)


def test_a_body_that_comes_again_changes_nothing(page: Page, watching: Watching) -> None:
    bodies = [
        body(change("add", AT, message="Hi", **COMMENT)),
        body(change("hide", AT + 1, **COMMENT)),
        body(change("unhide", AT + 2, **COMMENT)),
    ]

    async def sends(hook: Hooked) -> None:
        for one in (*bodies, *bodies):
            assert await hook.send(one) == 200

    hooked(watching, sends)
    before = len(watching.entries("record.captured", "record.edited", "record.reappeared"))
    assert watching.texts()["Hi"] == "live"
    page.shows(post(11, "Open today"), of_11=[comment(11, 2, "Hi")])

    async def replays(hook: Hooked) -> None:
        for one in reversed(bodies):
            assert await hook.send(one) == 200
        watching.clock.advance(hours=49)
        assert await hook.send(bodies[1]) == 200  # it was taken, and is known
        assert await hook.send(bodies[1] + b" ") == 403

    hooked(watching, replays)
    assert watching.texts()["Hi"] == "live"
    after = watching.entries("record.captured", "record.edited", "record.reappeared")
    assert len(after) == before + 1  # its address, by the poll


def test_only_what_is_archived_is_answered_by_200() -> None:
    calls = list[bytes]()

    async def run() -> list[int]:
        archived = asyncio.Event()

        async def receive(_platform: str, _handle: str, content: bytes) -> bool:
            calls.append(content)
            if len(calls) == 1:
                raise StorageError("the disk is full")
            await archived.wait()
            return True

        receiver = Webhook(
            "127.0.0.1",
            0,
            secret=SECRET,
            verify=None,
            receive=receive,
            now=lambda: datetime.fromtimestamp(AT, UTC),
            say=lambda _: None,
        )
        serving = asyncio.create_task(receiver.serve())
        content = body(change("add", AT, message="Hi", **COMMENT))
        headers = {"Content-Type": "application/json", "X-Hub-Signature-256": signature(content)}
        base = f"http://127.0.0.1:{receiver.port}"
        async with httpx.AsyncClient(base_url=base, headers=headers, timeout=30) as client:
            failed = await client.post(PATH, content=content)
            both = [asyncio.create_task(client.post(PATH, content=content)) for _ in range(2)]
            await client.get(PATH)
            assert not any(one.done() for one in both)
            archived.set()
            answers = [failed, *await asyncio.gather(*both)]
        serving.cancel()
        await asyncio.gather(serving, return_exceptions=True)
        return [one.status_code for one in answers]

    assert asyncio.run(run()) == [503, 200, 200]
    assert len(calls) == 2


def test_an_account_that_is_not_watched_is_said_once(page: Page, watching: Watching) -> None:
    async def sends(hook: Hooked) -> None:
        for second in (1, 2):
            told = change("add", AT + second, message="of others", **COMMENT)
            assert await hook.send(body(told, page="8")) == 200

    hooked(watching, sends)
    [said] = [one for one in watching.said if "not watched" in one]
    assert "'8'" in said
    assert "of others" not in said
    assert watching.texts() == {"Open today": "live"}


def test_a_subscription_is_verified_by_its_word(page: Page, watching: Watching) -> None:
    right = {"hub.mode": "subscribe", "hub.challenge": "1158201444", "hub.verify_token": WORD}

    async def asks(hook: Hooked) -> None:
        answer = await hook.client.get(PATH, params=right)
        assert (answer.status_code, answer.text) == (200, "1158201444")
        assert answer.headers["content-type"].startswith("text/plain")
        for wrong in ({"hub.verify_token": "guess"}, {"hub.mode": "other"}):
            assert (await hook.client.get(PATH, params={**right, **wrong})).status_code == 403

    hooked(watching, asks)


def test_an_address_and_a_secret_are_checked() -> None:
    assert address_of("127.0.0.1:8787") == ("127.0.0.1", 8787)
    assert address_of("[::1]:1") == ("::1", 1)
    for wrong in ("8787", "host:", "host:x", "host:70000"):
        with pytest.raises(UsageError, match="HOST:PORT"):
            address_of(wrong)
    assert secrets_of("app", {"app": "s", "app-verify": "v"}.get) == ("s", "v")
    with pytest.raises(UsageError, match="no token app"):
        secrets_of("app", lambda _: None)
