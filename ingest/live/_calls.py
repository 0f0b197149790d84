"""Calls to one account's interface: its token, its limits, and troubles told apart.

A token goes to the interface's own origin alone, and into no message.
"""

from collections.abc import AsyncIterator, Callable, Generator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urljoin, urlsplit

import httpx
import orjson

from archive import UsageError
from ingest.live._limits import asked_wait, spent_wait
from ingest.live._secrets import redacted
from ingest.live._time import Time
from ingest.live._trouble import Denied, Missing, Odd, Outage, Throttled, Trouble

MOST_BYTES = 32 << 20
TIMEOUT = httpx.Timeout(30.0, connect=10.0)
SILENCE = 90.0
"""In how many seconds without a byte a stream counts as broken."""
_THROTTLED_FOR = 60.0

Params = Mapping[str, Any] | Sequence[tuple[str, Any]]


@dataclass(frozen=True, slots=True)
class Reply:
    """A whole answer: its status, its headers, its exact bytes, and where it came from."""

    status: int
    headers: httpx.Headers
    body: bytes
    address: str

    def json(self) -> Any:
        """What the bytes say; `Odd` when they are no JSON."""
        try:
            return orjson.loads(self.body)
        except orjson.JSONDecodeError as error:
            raise Odd(f"{_brief(self.address)} answered with what is no JSON") from error


Judge = Callable[[Reply], Trouble | None]


class Bearer(httpx.Auth):
    """A token in the `Authorization` header (RFC 6750); UsageError for what cannot be one."""

    def __init__(self, token: str) -> None:
        if not token.isascii() or not token.isprintable() or " " in token:
            raise UsageError(
                "its token holds a space, a line end or a sign that no token has",
                hint="copy the token anew, alone on one line; see: muniment capture add",
            )
        self._token = token

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        request.headers["Authorization"] = f"Bearer {self._token}"
        yield request


class Calls:
    """The HTTP calls of one account.

    `auth` puts the token into a request; `secrets` are cut out of every message. `judge` sees each
    answer first, where a platform says in a body what others say by a status.
    """

    def __init__(
        self,
        client: httpx.AsyncClient,
        time: Time,
        base: str,
        *,
        auth: httpx.Auth | None = None,
        secrets: Sequence[str] = (),
        headers: Mapping[str, str] | None = None,
        judge: Judge = lambda _reply: None,
    ) -> None:
        self._client, self._time, self._judge = client, time, judge
        self._base = base
        self._auth = auth
        self._secrets = [one for one in secrets if one]
        self._headers = dict(headers or {})
        self._not_before = time.now()

    async def get(
        self, path: str, params: Params | None = None, headers: Mapping[str, str] | None = None
    ) -> Reply:
        """The answer to a GET, which is 2xx or 304; `path` is a path below the base or an address
        of the same origin. Raises a `Trouble` for everything else.
        """
        return await self._ask("GET", path, params=params, headers=headers)

    async def post(
        self, path: str, body: Any = None, headers: Mapping[str, str] | None = None
    ) -> Reply:
        """The answer to a POST of JSON."""
        return await self._ask("POST", path, body=body, headers=headers)

    @asynccontextmanager
    async def stream(
        self, path: str, params: Params | None = None, headers: Mapping[str, str] | None = None
    ) -> AsyncIterator[AsyncIterator[bytes]]:
        """An answer without end, in pieces as they come; `Outage` when it breaks or is silent."""
        request = self._request("GET", path, params=params, headers=headers)
        request.extensions["timeout"] = httpx.Timeout(SILENCE, connect=10.0).as_dict()
        await self._wait()
        with self._translated(request):
            response = await self._client.send(request, auth=self._auth, stream=True)
        try:
            if response.status_code != 200:
                await self._judged(response)
                raise Odd(
                    f"{_brief(self._shown(request))} answered {response.status_code} to a stream"
                )
            yield self._pieces(response)
        finally:
            await response.aclose()

    def told(self, text: str) -> str:
        """A text without this account's secrets."""
        return redacted(text, self._secrets)

    async def _ask(
        self,
        method: str,
        path: str,
        *,
        params: Params | None = None,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        request = self._request(method, path, params=params, body=body, headers=headers)
        await self._wait()
        with self._translated(request):
            response = await self._client.send(request, auth=self._auth, stream=True)
        try:
            return await self._judged(response)
        finally:
            await response.aclose()

    def _request(
        self,
        method: str,
        path: str,
        *,
        params: Params | None = None,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
    ) -> httpx.Request:
        address = urljoin(self._base.rstrip("/") + "/", path.lstrip("/"))
        if urlsplit(address)[:2] != urlsplit(self._base)[:2]:
            raise Odd(self.told(f"{address} is not where this account's interface is"))
        return self._client.build_request(
            method,
            address,
            params=params,  # type: ignore[arg-type]  # httpx takes these, and names them narrower
            json=body,
            headers={**self._headers, **(headers or {})},
        )

    async def _wait(self) -> None:
        left = (self._not_before - self._time.now()).total_seconds()
        if left > 0:
            await self._time.sleep(left)

    async def _judged(self, response: httpx.Response) -> Reply:
        """The whole answer; the `Trouble` that its status, or the platform's judge, says."""
        shown = self._shown(response.request)
        held, size = list[bytes](), 0
        async for piece in self._pieces(response):
            held.append(piece)
            size += len(piece)
            if size > MOST_BYTES:
                raise Odd(f"{_brief(shown)} answered with more than {MOST_BYTES} bytes")
        reply = Reply(response.status_code, response.headers, b"".join(held), shown)
        self._pause(spent_wait(reply.headers, self._time.now()))
        trouble = self._judge(reply) or self._trouble(reply)
        if isinstance(trouble, Throttled):
            self._pause(trouble.wait)
        if trouble is not None:
            raise trouble
        return reply

    def _trouble(self, reply: Reply) -> Trouble | None:
        status, shown = reply.status, reply.address
        if status == 304 or 200 <= status < 300:
            return None
        said = f"{_brief(shown)} answered {status}"
        wait = asked_wait(reply.headers, self._time.now())
        if status == 429 or (status == 503 and wait is not None):
            return Throttled(said, _THROTTLED_FOR if wait is None else wait)
        if status in {401, 403}:
            return Denied(said, hint="give the account a new token; see: muniment capture add")
        if status in {404, 410}:
            return Missing(said, status, shown, reply.body)
        return Outage(said) if status >= 500 else Odd(said)

    def _pause(self, seconds: float) -> None:
        if seconds > 0:
            until = self._time.now() + timedelta(seconds=seconds)
            self._not_before = max(self._not_before, until)

    async def _pieces(self, response: httpx.Response) -> AsyncIterator[bytes]:
        with self._translated(response.request):
            async for piece in response.aiter_bytes():
                yield piece

    def _shown(self, request: httpx.Request) -> str:
        return self.told(str(request.url))

    def _translated(self, request: httpx.Request) -> "_Translated":
        return _Translated(_brief(self._shown(request)))


def _brief(shown: str) -> str:
    """An address for a message: without what is asked there."""
    return shown.partition("?")[0]


class _Translated:
    """Makes an Outage of what httpx raises."""

    def __init__(self, shown: str) -> None:
        self._shown = shown

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, httpx.TimeoutException):
            raise Outage(f"{self._shown} did not answer in time") from None
        if isinstance(error, httpx.HTTPError | httpx.InvalidURL | httpx.StreamError):
            raise Outage(f"{self._shown} cannot be reached ({type(error).__name__})") from None
