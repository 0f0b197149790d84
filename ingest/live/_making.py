"""How a watched account becomes a `Watcher`: its token, its connections, what is known of it."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

import httpx

from archive import Archive, Reader, UsageError, times
from ingest._capture import Capture
from ingest._watch_tables import reason_of, state_of
from ingest.live._calls import TIMEOUT, Calls
from ingest.live._keeper import Keeper
from ingest.live._media import Media
from ingest.live._platform import Adapter, Place, Platform
from ingest.live._pulse import NOT_RUNNING, Pulse
from ingest.live._recent import archived, recent
from ingest.live._secrets import Tokens, variable
from ingest.live._time import Time
from ingest.live._watcher import Send, Watcher
from ingest.live._watches import Watch
from ingest.live.platforms import platform_named

_AGENT = "muniment (public-records archive)"
_IDLE = 2.0
"""For how many seconds an idle connection is used again: many servers close it after five."""


class Making:
    """Makes the watchers of one process, which share its writer (`send`) and its TLS context."""

    def __init__(
        self,
        archive: Archive,
        keeper: Keeper,
        *,
        tokens: Tokens,
        time: Time,
        send: Send,
        say: Callable[[str], None],
    ) -> None:
        self._archive, self._keeper = archive, keeper
        self._tokens, self._time = tokens, time
        self._send, self._say = send, say
        self._trusted = httpx.create_ssl_context()

    def client(self) -> httpx.AsyncClient:
        """A client with connections of its own: in one pool for all accounts every call would look
        at every open stream.
        """
        return httpx.AsyncClient(
            timeout=TIMEOUT,
            limits=httpx.Limits(max_connections=None, keepalive_expiry=_IDLE),
            headers={"User-Agent": _AGENT},
            follow_redirects=False,
            verify=self._trusted,
        )

    def watcher(self, reader: Reader, watch: Watch, client: httpx.AsyncClient) -> Watcher:
        """The watcher of an account; whether it can be asked at all shows when it is."""
        account = watch.account
        platform = platform_named(account.platform)
        state = state_of(reader, account.id)
        pulse = Pulse(
            account.id,
            self._keeper.session,
            timedelta(minutes=watch.promise),
            until=_moment(state["heard"]),
            started=self._time.now(),
            well=None if state["well"] is None else bool(state["well"]),
            beaten=_moment(state["beaten"]),
            why=reason_of(reader, state["heartbeat"]) or NOT_RUNNING,
        )
        return Watcher(
            watch,
            platform,
            partial(self._adapter, watch, platform, client),
            time=self._time,
            pulse=pulse,
            media=Media(client, watch.address, locate=partial(platform.attachment, watch.address)),
            known=partial(self._known, account.id),
            cursor=dict(self._keeper.load(reader, account.id)),
            send=self._send,
            say=self._say,
        )

    def _adapter(self, watch: Watch, platform: Platform, client: httpx.AsyncClient) -> Adapter:
        """Who asks for an account; UsageError when its token or an option is wrong."""
        account = watch.account
        token = self._tokens.find(watch.secret) if watch.secret else None
        if watch.secret and token is None:
            raise UsageError(
                f"there is no token {watch.secret}",
                hint=f"set {variable(watch.secret)}, use --token-fd, or see: muniment capture add",
            )
        place = Place(
            account.handle,
            watch.address,
            token or "",
            self._time,
            partial(Calls, client, self._time, base=watch.address, secrets=[token or ""]),
            partial(self._archived, account.id),
            watch.options,
        )
        return platform.open(place)

    def _known(self, account: str) -> list[Capture]:
        with self._archive.read() as reader:
            return list(recent(reader, account, self._time.now()))

    async def _archived(self, account: str, wanted: Callable[[Capture], bool]) -> list[Capture]:
        def search() -> list[Capture]:
            with self._archive.read() as reader:
                return list(archived(reader, account, wanted))

        return await asyncio.to_thread(search)


def _moment(text: str | None) -> datetime | None:
    return times.from_text(text) if text else None
