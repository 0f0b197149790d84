"""A relay between a Personal Data Server and live capture, which a test breaks."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

import libipld
from websockets.asyncio.client import ClientConnection, connect
from websockets.asyncio.server import ServerConnection, serve


class Relay:
    """Sends on what a server's stream of events says; `asked` are the paths that it was asked for.

    While it is `losing`, it sends nothing on, and `lost` is released for each event. It waits while
    `going_on` is not set.
    """

    def __init__(self, upstream: str) -> None:
        self._upstream = "ws://" + urlsplit(upstream).netloc
        self._open: list[ServerConnection] = []
        self.asked: list[str] = []
        self.losing = False
        self.going_on = asyncio.Event()
        self.going_on.set()
        self.lost = asyncio.Semaphore(0)
        self.base = ""

    async def hang_up(self) -> None:
        """End every connection."""
        for one in self._open:
            await one.close()

    async def say(self, message: bytes | str) -> None:
        """Say something to everybody."""
        for one in self._open:
            await one.send(message)

    async def handle(self, connection: ServerConnection) -> None:
        assert connection.request is not None
        path = connection.request.path
        self.asked.append(path)
        self._open.append(connection)
        try:
            if not path.startswith("/subscribe"):
                async with connect(self._upstream + path, close_timeout=1) as above:
                    sending = asyncio.create_task(self._send_on(above, connection))
                    await connection.wait_closed()
                    sending.cancel()
            await connection.wait_closed()
        finally:
            self._open.remove(connection)

    async def _send_on(self, above: ClientConnection, connection: ServerConnection) -> None:
        async for message in above:
            await self.going_on.wait()
            if self.losing:
                self.lost.release()
            else:
                await connection.send(message)


@asynccontextmanager
async def relaying(relay: Relay) -> AsyncIterator[Relay]:
    """Serve on a free port of loopback until the block ends."""
    async with serve(relay.handle, "127.0.0.1", 0) as server:
        relay.base = f"http://127.0.0.1:{next(iter(server.sockets)).getsockname()[1]}"
        yield relay


def frame(header: Mapping[str, object], body: Mapping[str, object]) -> bytes:
    """A message of a stream of events."""
    return libipld.encode_dag_cbor(header) + libipld.encode_dag_cbor(body)
