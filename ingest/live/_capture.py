"""The process that watches all accounts: a task for each, and one writer."""

import asyncio
import signal
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any, TypeVar

import httpx

from archive import Archive, NotFound, Reader, Refused, Signer, StorageError, UsageError, times
from ingest._capture import Capture as Item
from ingest._watch_tables import reason_of, state_of
from ingest.live._calls import TIMEOUT, Calls
from ingest.live._keeper import Keeper, Kept, Work
from ingest.live._media import Media, close
from ingest.live._notices import Notice, Notices
from ingest.live._platform import Place, Receiver, Step
from ingest.live._pulse import NOT_RUNNING, Pulse
from ingest.live._recent import archived, recent
from ingest.live._secrets import Tokens, variable
from ingest.live._time import SystemTime, Time
from ingest.live._watcher import Watcher
from ingest.live._watches import Watch, watches
from ingest.live.platforms import platform_named

_QUEUED = 1000
_QUEUED_BYTES = 32 << 20
_GROUP = 500
_GROUP_BYTES = 8 << 20
_GATHERS = 4.0
_GATHERS_AT_MOST = 0.5
"""After a commit the next group gathers for so many times as long, and for so many seconds."""
_AT_ONCE = 50
_AGENT = "muniment (public-records archive)"
_RETRIES = 5
_TICK = 15.0
_IDLE = 2.0
"""For how many seconds an idle connection is used again: many servers close it after five."""

T = TypeVar("T")
Queued = tuple[Work, "asyncio.Future[Kept]"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one account's poll: what went wrong ("" nothing), and the counts."""

    watch: Watch
    trouble: str
    hint: str = ""


class Capture:
    """Watches the accounts of an archive; use `once` or `run`.

    `say` is told, in a line, what whoever looks on should know; `committed` what became of the
    works of each account after every commit. `time` is handed in by tests.
    """

    def __init__(
        self,
        archive: Archive,
        signer: Signer,
        *,
        tokens: Tokens,
        say: Callable[[str], None] = lambda _: None,
        committed: Callable[[Mapping[str, Kept]], None] = lambda _: None,
        notices: Notices | None = None,
        time: Time | None = None,
        only: Sequence[str] = (),
    ) -> None:
        self._archive, self._tokens, self._say = archive, tokens, say
        self._time = time or SystemTime(archive.clock)
        self._committed = committed
        self._only = frozenset(only)
        self._notices = notices or Notices()
        self._keeper = Keeper(archive, signer)
        self._queue: asyncio.Queue[Queued] = asyncio.Queue(_QUEUED)
        self._waiting = 0
        self._room = asyncio.Event()
        self._thread = ThreadPoolExecutor(1, "muniment-writer")
        self._by_account: dict[str, Watcher] = {}
        self.stop = asyncio.Event()
        """Set it to have `run` end cleanly."""

    async def once(self) -> list[Outcome]:
        """Poll every account once."""
        gate = asyncio.Semaphore(_AT_ONCE)

        async def poll(watcher: Watcher) -> Outcome:
            async with gate:
                trouble, _ = await watcher.poll()
            said, hint = (str(trouble), trouble.hint) if trouble else ("", "")
            return Outcome(watcher.watch, said, hint)

        async with self._watching() as (watchers, _):
            return list(await self._unless_dead(asyncio.gather(*map(poll, watchers))))

    @property
    def streams(self) -> int:
        """How many accounts have a stream open now."""
        return sum(one.streams for one in self._by_account.values())

    async def deliver(self, account: str, step: Step) -> Kept:
        """Archive what was sent here for a watched account, by its id, while `run` runs.

        Done when it is committed: whoever sent it may then forget it. NotFound for any other
        account.
        """
        watcher = self._by_account.get(account)
        if watcher is None:
            raise NotFound("this account is not watched", hint="see: muniment capture list")
        return await self._unless_dead(await watcher.deliver(step))

    async def receive(self, platform: str, handle: str, body: bytes) -> bool:
        """Archive what a platform sent to the webhook for an account, while `run` runs; whether
        that account is watched. Done when it is committed.
        """
        for watcher in self._by_account.values():
            account, adapter = watcher.watch.account, watcher.adapter
            if (account.platform, account.handle) == (platform, handle):
                if not isinstance(adapter, Receiver):
                    return False
                await self.deliver(account.id, adapter.received(body))
                return True
        return False

    async def run(self, *beside: Awaitable[None]) -> None:
        """Watch all accounts until `stop` is set, or SIGTERM or SIGINT comes.

        `beside` runs with them, such as a receiver that delivers; it ends by being cancelled.
        """
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            with suppress(ValueError, RuntimeError, NotImplementedError):
                loop.add_signal_handler(number, self.stop.set)
        async with self._watching() as (watchers, client):
            doing = [one.keep_polling() for one in watchers]
            doing += [one.follow() for one in watchers]
            beating = self._beat(watchers, client)
            tasks = [asyncio.ensure_future(one) for one in (*doing, beating, *beside)]
            working: asyncio.Future[Any] = asyncio.gather(*tasks)
            ending: asyncio.Future[Any] = asyncio.ensure_future(self.stop.wait())
            try:
                waiting = asyncio.wait([working, ending], return_when=asyncio.FIRST_COMPLETED)
                await self._unless_dead(waiting)
                if working.done():
                    working.result()
            finally:
                ending.cancel()
                working.cancel()
                await asyncio.gather(*tasks, working, ending, return_exceptions=True)

    @asynccontextmanager
    async def _watching(self) -> AsyncIterator[tuple[list[Watcher], httpx.AsyncClient]]:
        """Watchers for all accounts, and the writer under them; what they sent is committed."""
        async with AsyncExitStack() as closing:
            open_client = partial(_client, closing, httpx.create_ssl_context())
            watchers = self._watchers(open_client)
            self._by_account = {one.watch.account.id: one for one in watchers}
            self._writing = asyncio.create_task(self._write())
            try:
                yield watchers, open_client()
                for one in watchers:
                    await self._unless_dead(one.note(one.pulse.last(self._time.now())))
                await self._unless_dead(self._queue.join())
                await self._in_thread(self._keeper.finish)
            finally:
                self._writing.cancel()
                self._thread.shutdown()

    async def _unless_dead(self, doing: Awaitable[T]) -> T:
        """The result of something that waits for the writer; its error when it has failed."""
        task = asyncio.ensure_future(doing)
        await asyncio.wait([task, self._writing], return_when=asyncio.FIRST_COMPLETED)
        if self._writing.done():
            task.cancel()
            self._writing.result()
        return await task

    async def _in_thread(self, doing: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, doing)

    def _watchers(self, open_client: Callable[[], httpx.AsyncClient]) -> list[Watcher]:
        with self._archive.read() as reader:
            wanted = watches(reader)
        if self._only:
            wanted = [one for one in wanted if one.account.id in self._only]
        if not wanted:
            raise Refused("no account is watched", hint="add one by muniment capture add")
        with self._archive.read() as reader:
            return [self._watcher(reader, one, open_client()) for one in wanted]

    def _watcher(self, reader: Reader, watch: Watch, client: httpx.AsyncClient) -> Watcher:
        account = watch.account
        platform = platform_named(account.platform)
        token = self._tokens.find(watch.secret) if watch.secret else None
        if watch.secret and token is None:
            raise UsageError(
                f"there is no token {watch.secret} for {account.handle}",
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
        now = self._time.now()
        state = state_of(reader, account.id)
        known = list(recent(reader, account.id, now))
        why = reason_of(reader, state["heartbeat"])
        pulse = Pulse(
            account.id,
            self._keeper.session,
            timedelta(minutes=watch.promise),
            until=_moment(state["heard"]),
            started=now,
            well=None if state["well"] is None else bool(state["well"]),
            beaten=_moment(state["beaten"]),
            why=why or NOT_RUNNING,
        )
        watcher = Watcher(
            watch,
            platform,
            platform.open(place),
            time=self._time,
            pulse=pulse,
            media=Media(client, watch.address, locate=partial(platform.attachment, watch.address)),
            cursor=dict(self._keeper.load(reader, account.id)),
            send=self._send,
            say=self._say,
        )
        for item in known:
            watcher.recall(item)
        return watcher

    async def _archived(self, account: str, wanted: Callable[[Item], bool]) -> list[Item]:
        def search() -> list[Item]:
            with self._archive.read() as reader:
                return list(archived(reader, account, wanted))

        return await asyncio.to_thread(search)

    async def _send(self, work: Work) -> "asyncio.Future[Kept]":
        done: asyncio.Future[Kept] = asyncio.get_running_loop().create_future()
        while self._waiting > _QUEUED_BYTES:
            self._room.clear()
            await self._room.wait()
        self._waiting += work.weight
        await self._queue.put((work, done))
        return done

    async def _write(self) -> None:
        """Commit what is queued, everything that there is together, up to a bound."""
        while True:
            group = [await self._queue.get()]
            began = asyncio.get_running_loop().time()
            weight = group[0][0].weight
            while len(group) < _GROUP and weight < _GROUP_BYTES and not self._queue.empty():
                group.append(self._queue.get_nowait())
                weight += group[-1][0].weight
            kept = await self._commit([work for work, _ in group])
            self._committed(kept)
            self._room.set()
            for work, done in group:
                if not done.done():
                    done.set_result(replace(kept[work.account]))
                self._waiting -= work.weight
                for reading in work.readings:
                    close(reading.media)
                self._queue.task_done()
            took = asyncio.get_running_loop().time() - began
            if self._queue.qsize() < _GROUP:
                await asyncio.sleep(min(_GATHERS * took, _GATHERS_AT_MOST))

    async def _commit(self, works: Sequence[Work]) -> dict[str, Kept]:
        """Commit, again when the database was busy or full; StorageError when it stays so."""
        for attempt in range(1, _RETRIES + 1):
            try:
                return await self._in_thread(partial(self._keeper.commit, works))
            except StorageError as error:
                if attempt == _RETRIES:
                    raise
                self._say(f"{error}; it is tried again")
                await self._time.sleep(2.0**attempt * self._time.chance())
        raise AssertionError("unreachable")

    async def _beat(self, watchers: Sequence[Watcher], client: httpx.AsyncClient) -> None:
        """Every heartbeat that is due, and a notice when an account is late or heard again."""
        while True:
            await self._time.sleep(_TICK)
            now = self._time.now()
            for one in watchers:
                await one.note(one.pulse.due(now))
                late = one.pulse.late(now)
                if late != one.pulse.noticed:
                    one.pulse.noticed = late
                    await self._notices.send(self._notice(one, late=late), client, self._say)

    def _notice(self, watcher: Watcher, *, late: bool) -> Notice:
        account, pulse = watcher.watch.account, watcher.pulse
        since = times.to_text(pulse.until) if late and pulse.until else ""
        return Notice(
            self._archive.config.name,
            account.platform,
            account.handle,
            "not heard" if late else "heard again",
            since,
            pulse.why if late else "",
        )


def _client(closing: AsyncExitStack, trusted: ssl.SSLContext) -> httpx.AsyncClient:
    """A client with connections of its own: in one pool for all accounts every call would look at
    every open stream.
    """
    client = httpx.AsyncClient(
        timeout=TIMEOUT,
        limits=httpx.Limits(max_connections=None, keepalive_expiry=_IDLE),
        headers={"User-Agent": _AGENT},
        follow_redirects=False,
        verify=trusted,
    )
    closing.push_async_callback(client.aclose)
    return client


def _moment(text: str | None) -> datetime | None:
    return times.from_text(text) if text else None
