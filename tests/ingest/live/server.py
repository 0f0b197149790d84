"""A server on loopback that replays recorded answers, for platforms of which there is no server.

It answers by path: with bodies in turn, with pages, with troubles, and with streams that a test
feeds. Every request is kept, so that a test can see what was asked for, and with which token.
"""

import asyncio
import json
import socket
import threading
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route


@dataclass(frozen=True)
class Asked:
    """A request as it came."""

    method: str
    path: str
    params: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Told:
    """An answer; a `body` that is no bytes goes out as JSON."""

    body: Any = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def data(self) -> bytes:
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()


Handler = Callable[[Asked], Told]
_END = object()


class Recorded:
    """The server: what it answers is said by path, and may be said anew while it runs.

    `token` is what a request has to bring in its Authorization header; "" lets everybody in.
    """

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.token = ""
        self._handlers: dict[str, Handler] = {}
        self._first: dict[str, list[Told]] = defaultdict(list)
        self._streams: dict[str, list[bytes]] = {}
        self._open: list[tuple[str, asyncio.Queue[Any]]] = []
        self._loop: asyncio.AbstractEventLoop | None = None
        self._changed = threading.Condition()
        self.base = ""

    def answer(self, path: str, body: Any, status: int = 200, **headers: str) -> None:
        """Answer a path with this from now on; `x_name` is the header ``x-name``."""
        told = Told(body, status, {name.replace("_", "-"): one for name, one in headers.items()})
        self._handlers[path] = lambda _: told

    def answer_by(self, path: str, handler: Handler) -> None:
        """Answer a path with what a function makes of the request."""
        self._handlers[path] = handler

    def pages(
        self, path: str, pages: list[Any], parameter: str, cursor: Callable[[int], str]
    ) -> None:
        """Answer with the page that the parameter names by `cursor(index)`, else with the first."""
        by_name = {cursor(index): page for index, page in enumerate(pages)}
        self._handlers[path] = lambda asked: Told(
            by_name.get(asked.params.get(parameter, ""), pages[0])
        )

    def first(self, path: str, *answers: Told) -> None:
        """Give these answers once each before anything else: troubles, as a rule."""
        self._first[path] += answers

    def delete(self, path: str, status: int = 404, body: Any = None) -> None:
        """There is nothing at a path any more."""
        self.answer(path, body if body is not None else {"error": "Record not found"}, status)

    def stream(self, path: str, opening: bytes = b":connected\n\n") -> None:
        """Let a path be a stream, which `send` feeds."""
        self._streams[path] = [opening]

    def send(self, path: str, data: bytes) -> None:
        """Send bytes to whoever follows a stream."""
        self._feed(path, data)

    def hang_up(self, path: str) -> None:
        """End the connections of a stream."""
        self._feed(path, _END)

    def wait_for_streams(self, number: int = 1) -> None:
        """Wait until so many streams are open."""
        with self._changed:
            assert self._changed.wait_for(lambda: len(self._open) >= number, timeout=20)

    def wait_for_requests(self, number: int) -> None:
        """Wait until so many requests have come in all."""
        with self._changed:
            assert self._changed.wait_for(lambda: len(self.asked) >= number, timeout=30)

    def paths(self) -> list[str]:
        """The paths that were asked for, in order."""
        return [one.path for one in self.asked]

    def _feed(self, path: str, what: object) -> None:
        assert self._loop is not None
        for at, queue in list(self._open):
            if at == path:
                self._loop.call_soon_threadsafe(queue.put_nowait, what)

    async def handle(self, request: Request) -> Response:
        self._loop = asyncio.get_running_loop()
        asked = Asked(
            request.method,
            request.url.path,
            dict(request.query_params),
            dict(request.headers),
            await request.body(),
        )
        with self._changed:
            self.asked.append(asked)
            self._changed.notify_all()
        told = self._told(asked)
        if told is None:
            return StreamingResponse(self._flow(asked.path), media_type="text/event-stream")
        return Response(told.data, told.status, dict(told.headers), "application/json")

    def _told(self, asked: Asked) -> Told | None:
        if self.token and asked.headers.get("authorization") != f"Bearer {self.token}":
            return Told({"error": "The access token is invalid"}, 401)
        if self._first[asked.path]:
            return self._first[asked.path].pop(0)
        if asked.path in self._streams:
            return None
        handler = self._handlers.get(asked.path)
        return Told({"error": "Record not found"}, 404) if handler is None else handler(asked)

    async def _flow(self, path: str) -> AsyncIterator[bytes]:
        queue: asyncio.Queue[Any] = asyncio.Queue()
        mine = (path, queue)
        for opening in self._streams[path]:
            yield opening
        with self._changed:
            self._open.append(mine)
            self._changed.notify_all()
        try:
            while (data := await queue.get()) is not _END:
                yield data
        finally:
            self._open.remove(mine)


@contextmanager
def serving(recorded: Recorded) -> Iterator[Recorded]:
    """Serve on a free port of loopback until the block ends."""
    app = Starlette(
        routes=[Route("/{path:path}", recorded.handle, methods=["GET", "POST", "PUT", "DELETE"])]
    )
    with socket.create_server(("127.0.0.1", 0)) as listening:
        recorded.base = f"http://127.0.0.1:{listening.getsockname()[1]}"
        config = uvicorn.Config(
            app, log_level="critical", lifespan="off", timeout_graceful_shutdown=1
        )
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            yield recorded
        finally:
            server.should_exit = True
            thread.join()
