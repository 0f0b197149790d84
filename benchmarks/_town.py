"""A Mastodon-like server in a process of its own, whose accounts post as fast as they are told.

An account is a number, its token the same. `POST /publish` lets accounts post in turn, by their
streams, and answers with the moments at which each did, in seconds of the machine's own clock; with
`changes`, of ten events of an account one edits the post before it, and the next one deletes that.
"""

import asyncio
import json
import multiprocessing
import socket
import time
from collections import Counter, defaultdict, deque
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from multiprocessing.connection import Connection
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

_NEWEST = 40
_FIRST = 1_000_000
_ROUND = 10
_EDIT, _DELETE = _ROUND - 2, _ROUND - 1


@dataclass(frozen=True, slots=True)
class Server:
    """Where it is, and which process."""

    base: str
    process: int


def handle(number: int) -> str:
    """What an account is called."""
    return f"account{number}@town.example"


@contextmanager
def serving() -> Iterator[Server]:
    """Serve in another process until the block ends."""
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe(duplex=False)
    process = context.Process(target=_serve, args=(there,), daemon=True)
    process.start()
    try:
        yield Server(here.recv(), process.pid or 0)
    finally:
        process.kill()
        process.join()


def _serve(told: Connection) -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=2048) as listening:
        told.send(f"http://127.0.0.1:{listening.getsockname()[1]}")
        config = uvicorn.Config(_Town().app(), log_level="critical", lifespan="off")
        uvicorn.Server(config).run(sockets=[listening])


class _Town:
    def __init__(self) -> None:
        self._streams: dict[str, asyncio.Queue[bytes]] = {}
        self._shown: dict[str, deque[dict[str, Any]]] = defaultdict(lambda: deque(maxlen=_NEWEST))
        self._first: dict[str, dict[str, Any]] = {}
        """How those that are edited and still shown were before, by number."""
        self._numbers = count(_FIRST)
        self._turns: Counter[str] = Counter()

    def app(self) -> Starlette:
        api = "/api/v1"
        return Starlette(
            routes=[
                Route(f"{api}/accounts/verify_credentials", self._itself),
                Route(f"{api}/accounts/{{id}}", self._itself),
                Route(f"{api}/accounts/{{id}}/statuses", self._statuses),
                Route(f"{api}/notifications", self._nothing),
                Route(f"{api}/statuses/{{number}}/context", self._context),
                Route(f"{api}/statuses/{{number}}/history", self._history),
                Route(f"{api}/streaming/user", self._stream),
                Route("/publish", self._publish, methods=["POST"]),
            ]
        )

    async def _itself(self, request: Request) -> Response:
        return JSONResponse(_account(_caller(request)))

    async def _statuses(self, request: Request) -> Response:
        after = int(request.query_params.get("min_id", 0))
        shown = self._shown[_caller(request)]
        return JSONResponse([one for one in reversed(shown) if int(one["id"]) > after])

    async def _nothing(self, _request: Request) -> Response:
        return JSONResponse([])

    async def _context(self, _request: Request) -> Response:
        return JSONResponse({"ancestors": [], "descendants": []})

    async def _history(self, request: Request) -> Response:
        shown = self._shown[_caller(request)]
        number = request.path_params["number"]
        versions = [self._first.get(number), *(one for one in shown if one["id"] == number)]
        if None in versions:
            return JSONResponse({"error": "Record not found"}, status_code=404)
        return JSONResponse([_version(one) for one in versions if one])

    async def _stream(self, request: Request) -> Response:
        queue = self._streams[_caller(request)] = asyncio.Queue()

        async def flow() -> AsyncIterator[bytes]:
            yield b":connected\n\n"
            while True:
                yield await queue.get()

        return StreamingResponse(flow(), media_type="text/event-stream")

    async def _publish(self, request: Request) -> Response:
        """Post `rate` times a second for `seconds`, by one account after the other."""
        asked = await request.json()
        accounts = sorted(self._streams)
        sent: dict[str, list[float]] = defaultdict(list)
        kinds: Counter[str] = Counter()
        started = time.monotonic()
        for index in range(round(asked["rate"] * asked["seconds"])):
            await asyncio.sleep(max(started + index / asked["rate"] - time.monotonic(), 0))
            account = accounts[index % len(accounts)]
            event, data = self._event(account, changes=asked["changes"])
            kinds[event] += 1
            sent[account].append(time.monotonic())
            self._streams[account].put_nowait(f"event: {event}\ndata: {data}\n\n".encode())
        return JSONResponse({"sent": sent, "kinds": kinds})

    def _event(self, account: str, *, changes: bool) -> tuple[str, str]:
        """The next event of an account, and its data."""
        shown = self._shown[account]
        turn = self._turns[account] % _ROUND if changes else 0
        self._turns[account] += 1
        if turn == _EDIT:
            before = shown.pop()
            edited = _edited(before)
            self._first[before["id"]] = before
            shown.append(edited)
            return "status.update", json.dumps(edited)
        if turn == _DELETE:
            number = str(shown.pop()["id"])
            self._first.pop(number, None)
            return "delete", number
        status = _status(account, next(self._numbers))
        shown.append(status)
        return "update", json.dumps(status)


def _caller(request: Request) -> str:
    return request.headers["authorization"].removeprefix("Bearer ")


def _account(number: str) -> dict[str, Any]:
    name = f"account{number}"
    return {
        "id": number,
        "acct": name,
        "uri": f"http://town.example/users/{name}",
        "url": f"http://town.example/@{name}",
    }


def _status(account: str, number: int) -> dict[str, Any]:
    return {
        "id": str(number),
        "uri": f"http://town.example/users/account{account}/statuses/{number}",
        "in_reply_to_id": None,
        "created_at": datetime.now(UTC).isoformat(),
        "spoiler_text": "",
        "content": f"<p>The library opens late on Monday, the board meets then: {number}</p>",
        "account": _account(account),
        "visibility": "public",
        "media_attachments": [],
    }


def _edited(status: dict[str, Any]) -> dict[str, Any]:
    content = status["content"].replace("Monday", "Tuesday")
    return {**status, "content": content, "edited_at": datetime.now(UTC).isoformat()}


def _version(status: dict[str, Any]) -> dict[str, Any]:
    """What a history says of one version; it was created when it was written."""
    same = ("account", "content", "spoiler_text", "media_attachments")
    made = status.get("edited_at", status["created_at"])
    return {"created_at": made, **{name: status[name] for name in same}}
