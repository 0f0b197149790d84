"""What hangs on captured items, fetched at once: it may be gone before an hour is over.

Addresses come from strangers. Only HTTP is spoken, without a token; an address, and every one that
it redirects to, has to be a public one, unless the interface itself stands in the same private net;
the connection goes to the very address that was checked.
"""

import asyncio
import socket
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from ipaddress import ip_address
from tempfile import SpooledTemporaryFile
from typing import IO, cast
from urllib.parse import urljoin, urlsplit

import httpx

from ingest._capture import Attachment, Capture, Gone, Rejected
from ingest.live._reading import Reading

MOST_BYTES = 200 << 20
_IN_MEMORY = 1 << 20
_REDIRECTS = 5
_AT_ONCE = 4
_TRIES = 3
_REMEMBERED = 2000
_WITHIN = 120.0
_PORTS = {"http": 80, "https": 443}


class Refused(Exception):  # it says what is wrong
    """An address that is not fetched, or gives nothing."""


class Media:
    """Fetches the attachments of one account's items, each once, and few times if it fails.

    `interface` is the address of the account's interface; `locate` gives the address of an item's
    attachment.
    """

    def __init__(
        self,
        client: httpx.AsyncClient,
        interface: str,
        most_bytes: int = MOST_BYTES,
        locate: Callable[[Capture, Attachment], str] = lambda _, one: one.url,
    ) -> None:
        self._client, self._interface, self._most = client, interface, most_bytes
        self._locate = locate
        self._held: dict[tuple[str, str], int] = {}
        self._number = 0
        self._gate = asyncio.Semaphore(_AT_ONCE)
        self._private: bool | None = None

    def recall(self, item: Capture) -> None:
        """Take note of what the archive holds of an item."""
        for one in item.attachments:
            if one.blob:
                self._note(item, self._locate(item, one), _TRIES)

    async def fetched(self, reading: Reading) -> Reading:
        """A reading with its attachments at hand; those that cannot be had stay as they are."""
        files: dict[str, IO[bytes]] = {}
        items = await asyncio.gather(*(self._item(one, files) for one in reading.items))
        return replace(reading, items=items, media=files)

    async def _item(
        self, item: Capture | Gone | Rejected, files: dict[str, IO[bytes]]
    ) -> Capture | Gone | Rejected:
        if not isinstance(item, Capture) or not item.attachments:
            return item
        wanted = (self._attachment(item, one, files) for one in item.attachments)
        return replace(item, attachments=tuple(await asyncio.gather(*wanted)))

    async def _attachment(
        self, item: Capture, one: Attachment, files: dict[str, IO[bytes]]
    ) -> Attachment:
        if one.link or one.member:
            return one
        address = self._locate(item, one)
        tried = self._held.get((item.native_id, address), 0)
        if tried >= _TRIES or urlsplit(address).scheme not in _PORTS:
            return one
        self._number += 1
        name = f"media/{self._number}"
        try:
            async with self._gate, asyncio.timeout(_WITHIN):
                files[name] = await self._load(address)
        except (Refused, TimeoutError, OSError, httpx.HTTPError, httpx.InvalidURL, ValueError):
            self._note(item, address, tried + 1)
            return one
        self._note(item, address, _TRIES)
        return replace(one, member=name)

    def _note(self, item: Capture, address: str, tries: int) -> None:
        self._held[item.native_id, address] = tries
        if len(self._held) > _REMEMBERED:
            del self._held[next(iter(self._held))]

    async def _load(self, url: str) -> IO[bytes]:
        for _ in range(_REDIRECTS):
            request = await self._request(url)
            response = await self._client.send(request, stream=True, auth=None)
            try:
                if not response.is_redirect:
                    return await self._content(response)
                url = urljoin(url, response.headers["location"])
            finally:
                await response.aclose()
        raise Refused("it redirects again and again")

    async def _request(self, url: str) -> httpx.Request:
        """A request to the address that was checked, by the name that was asked for."""
        parts = urlsplit(url)
        if parts.scheme not in _PORTS or not parts.hostname:
            raise Refused("no address of the web")
        port = parts.port or _PORTS[parts.scheme]
        found = await _resolved(parts.hostname, port)
        if not ip_address(found).is_global and not await self._is_private():
            raise Refused("not a public address")
        host = f"[{found}]" if ":" in found else found
        return self._client.build_request(
            "GET",
            httpx.URL(url).copy_with(host=host, username="", password=""),
            headers={"Host": parts.netloc.rpartition("@")[2]},
            extensions={"sni_hostname": parts.hostname},
        )

    async def _is_private(self) -> bool:
        """Whether the interface itself stands in a private net, or on this machine."""
        if self._private is None:
            parts = urlsplit(self._interface)
            found = await _resolved(parts.hostname or "", parts.port or _PORTS[parts.scheme])
            self._private = not ip_address(found).is_global
        return self._private

    async def _content(self, response: httpx.Response) -> IO[bytes]:
        if response.status_code != 200:
            raise Refused(f"answered {response.status_code}")
        file = cast("IO[bytes]", SpooledTemporaryFile(_IN_MEMORY))  # noqa: SIM115  # the keeper's
        try:
            size = 0
            async for piece in response.aiter_bytes():
                size += len(piece)
                if size > self._most:
                    raise Refused("it is too long")
                file.write(piece)
        except BaseException:
            file.close()
            raise
        return file


async def _resolved(host: str, port: int) -> str:
    """The first address of a host; Refused when it has none."""
    resolve = partial(socket.getaddrinfo, host, port, type=socket.SOCK_STREAM)
    found: Sequence[tuple[object, object, object, object, tuple[object, ...]]]
    found = await asyncio.get_running_loop().run_in_executor(None, resolve)
    if not found:
        raise Refused("no such host")
    return str(found[0][4][0])


def close(media: Mapping[str, IO[bytes]]) -> None:
    """Let go of files that were fetched."""
    for file in media.values():
        file.close()
