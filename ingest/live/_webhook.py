"""What platforms send by themselves: the receiver of Meta's webhooks.

One address, `PATH`. A GET answers the verification of a new subscription; a POST is archived and
only then answered by 200. Everything is refused that does not bear the signature of the app's
secret, that is longer than `MOST_BYTES`, or that tells of a time long past: Meta sends again for
36 hours what was not taken (developers.facebook.com/docs/graph-api/webhooks, seen 2026-11). What
was taken already is answered by 200 and not archived again. No body is ever written to a log.
"""

import asyncio
import hmac
import socket
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

import orjson
import uvicorn
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from archive import UsageError
from ingest._shapes import name_or_number, number, tables, text

PATH = "/webhook"
MOST_BYTES = 1 << 20
OLDEST = timedelta(hours=48)
_REMEMBERED = 10_000
_UNWATCHED = 100
_RECEIVING = 30.0
_ARCHIVING = 15.0
_CONNECTIONS = 100
_STOPPING = 20
_MILLISECONDS = 10**11
_PLATFORMS = {"page": "facebook-page"}

Receive = Callable[[str, str, bytes], Awaitable[bool]]
"""Archives what came for an account, by platform and handle; whether that account is watched."""


class _Refused(Exception):  # it says what is wrong
    """A request that is not taken, with the status that answers it."""

    def __init__(self, status: int, said: str) -> None:
        super().__init__(said)
        self.status = status


class Webhook:
    """Takes what Meta sends to `host` and `port`, for the accounts that `receive` knows.

    `secret` is the app's secret, `verify` the word that Meta repeats when a subscription is made;
    without one none can be made. UsageError when something else listens there.
    """

    def __init__(
        self,
        host: str,
        port: int,
        *,
        secret: str,
        verify: str | None,
        receive: Receive,
        now: Callable[[], datetime],
        say: Callable[[str], None],
    ) -> None:
        self._secret, self._verify = secret.encode(), (verify or "").encode()
        self._receive, self._now, self._say = receive, now, say
        self._taken: OrderedDict[bytes, asyncio.Task[None]] = OrderedDict()
        self._unwatched: set[tuple[str, str]] = set()
        self._listening = _listening(host, port)
        route = Route(PATH, self._answer, methods=["GET", "POST"])
        self._app = Starlette(routes=[route])
        self._app.router.redirect_slashes = False

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self._listening.getsockname()[1])

    async def serve(self) -> None:
        """Answer until this is cancelled; what is being archived then is still answered."""
        config = uvicorn.Config(
            self._app,
            log_config=None,
            log_level="critical",
            access_log=False,
            server_header=False,
            proxy_headers=False,
            lifespan="off",
            ws="none",
            limit_concurrency=_CONNECTIONS,
            timeout_graceful_shutdown=_STOPPING,
        )
        server = _Server(config)
        serving = asyncio.create_task(server.serve(sockets=[self._listening]))
        try:
            await asyncio.shield(serving)
        finally:
            server.should_exit = True
            await serving
            self._listening.close()

    async def _answer(self, request: Request) -> Response:
        try:
            if request.method == "POST":
                return await self._posted(request)
            return self._verified(request)
        except _Refused as refused:
            headers = {"Connection": "close"}
            return PlainTextResponse(f"{refused}\n", refused.status, headers)

    def _verified(self, request: Request) -> Response:
        """Repeat the challenge to whoever knows the word."""
        asked = request.query_params
        token = asked.get("hub.verify_token", "").encode()
        known = bool(self._verify) and hmac.compare_digest(token, self._verify)
        if not known or asked.get("hub.mode") != "subscribe":
            raise _Refused(403, "forbidden")
        return PlainTextResponse(
            asked.get("hub.challenge", "")[:200], headers={"X-Content-Type-Options": "nosniff"}
        )

    async def _posted(self, request: Request) -> Response:
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind != "application/json":
            raise _Refused(415, "not application/json")
        try:
            async with asyncio.timeout(_RECEIVING):
                body = await _body_of(request)
        except (TimeoutError, ClientDisconnect):
            raise _Refused(408, "too slow") from None
        self._check_signature(request.headers.get("x-hub-signature-256", ""), body)
        digest = sha256(body).digest()
        taking = self._taken.get(digest)
        if taking is None:
            accounts = self._accounts_in(body)
            taking = asyncio.create_task(self._take(digest, accounts, body))
            self._remember(digest, taking)
        done, _ = await asyncio.wait({taking}, timeout=_ARCHIVING)
        if not done or taking.exception() is not None:
            raise _Refused(503, "not archived yet")
        return Response()

    def _check_signature(self, given: str, body: bytes) -> None:
        wanted = "sha256=" + hmac.new(self._secret, body, sha256).hexdigest()
        if not hmac.compare_digest(given.encode(), wanted.encode()):
            raise _Refused(403, "no valid signature")

    def _accounts_in(self, body: bytes) -> list[tuple[str, str]]:
        """Whom a body is about, by platform and handle."""
        try:
            found = orjson.loads(body)
        except orjson.JSONDecodeError:
            raise _Refused(400, "no JSON") from None
        if not isinstance(found, dict):
            raise _Refused(400, "no object")
        entries = tables(found, "entry")
        newest = max([number(one, "time") or 0 for one in entries], default=0)
        seconds = newest / 1000 if newest >= _MILLISECONDS else newest
        if seconds and self._now().timestamp() - seconds > OLDEST.total_seconds():
            raise _Refused(403, "too old")
        platform = _PLATFORMS.get(text(found, "object"), text(found, "object"))
        return [(platform, one) for one in dict.fromkeys(name_or_number(e, "id") for e in entries)]

    async def _take(self, digest: bytes, accounts: list[tuple[str, str]], body: bytes) -> None:
        try:
            for platform, handle in accounts:
                if not await self._receive(platform, handle, body):
                    self._note_unwatched(platform, handle)
        except BaseException:
            self._taken.pop(digest, None)
            raise

    def _remember(self, digest: bytes, taking: "asyncio.Task[None]") -> None:
        self._taken[digest] = taking
        if len(self._taken) > _REMEMBERED:
            self._taken.popitem(last=False)

    def _note_unwatched(self, platform: str, handle: str) -> None:
        """Say once of an account that something came for it and was not archived."""
        if (platform, handle) in self._unwatched or len(self._unwatched) >= _UNWATCHED:
            return
        self._unwatched.add((platform, handle))
        self._say(
            f"the webhook was sent something about {platform[:40]!r} {handle[:40]!r}, which is not "
            "watched: it is not archived; add it by muniment capture add, or end its subscription"
        )


async def _body_of(request: Request) -> bytes:
    """The exact bytes; refused as soon as they are too many."""
    told = request.headers.get("content-length", "0")
    if not told.isdigit() or int(told) > MOST_BYTES:
        raise _Refused(413, "too large")
    held, size = list[bytes](), 0
    async for piece in request.stream():
        size += len(piece)
        if size > MOST_BYTES:
            raise _Refused(413, "too large")
        held.append(piece)
    return b"".join(held)


def _listening(host: str, port: int) -> socket.socket:
    try:
        return socket.create_server((host, port), backlog=_CONNECTIONS)
    except (OSError, OverflowError) as error:
        raise UsageError(
            f"the webhook cannot listen on {host}:{port} ({error})",
            hint="give another HOST:PORT by --webhook, or stop what listens there",
        ) from None


class _Server(uvicorn.Server):
    """A server that leaves the signals to the process that it is in."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def address_of(told: str) -> tuple[str, int]:
    """The host and port of ``HOST:PORT``; UsageError when it is none."""
    host, _, port = told.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    if not host or not port.isdigit() or not 0 < int(port) < 65536:
        raise UsageError(
            f"{told!r} is not HOST:PORT", hint="give one such as --webhook 127.0.0.1:8787"
        )
    return host, int(port)


def secrets_of(name: str, find: Callable[[str], Any]) -> tuple[str, str | None]:
    """The app's secret, and the word of the verification, by the name of the first."""
    secret = find(name)
    if not secret:
        raise UsageError(
            f"there is no token {name} for the webhook",
            hint="give the app's secret under that name; see: muniment capture run --help",
        )
    return secret, find(f"{name}-verify")
