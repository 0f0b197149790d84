"""The process that watches all accounts: a task for each, and one writer."""

import asyncio
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from functools import partial
from typing import TypeVar

import httpx

from archive import Archive, NotFound, Refused, Signer, StorageError, times
from ingest.live._keeper import Keeper, Kept, Work
from ingest.live._making import Making
from ingest.live._media import close
from ingest.live._notices import Notice, Notices
from ingest.live._platform import Receiver, Step
from ingest.live._secrets import Tokens
from ingest.live._tasks import Tasks
from ingest.live._time import SystemTime, Time
from ingest.live._watcher import Watcher
from ingest.live._watches import Watch, mark_of, watches

_QUEUED = 1000
_QUEUED_BYTES = 32 << 20
_GROUP = 500
_GROUP_BYTES = 8 << 20
_GATHERS = 4.0
_GATHERS_AT_MOST = 0.5
"""After a commit the next group gathers for so many times as long, and for so many seconds."""
_AT_ONCE = 50
_RETRIES = 5
_TICK = 15.0

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
        self._archive, self._say = archive, say
        self._time = time or SystemTime(archive.clock)
        self._committed = committed
        self._only = frozenset(only)
        self._notices = notices or Notices()
        self._keeper = Keeper(archive, signer)
        self._queue: asyncio.Queue[Queued] = asyncio.Queue(_QUEUED)
        self._waiting = 0
        self._room = asyncio.Event()
        self._thread = ThreadPoolExecutor(1, "muniment-writer")
        self._making = Making(
            archive, self._keeper, tokens=tokens, time=self._time, send=self._send, say=say
        )
        self._by_account: dict[str, Watcher] = {}
        self._clients: dict[str, httpx.AsyncClient] = {}
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

        async with self._watching() as watchers:
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
            account = watcher.watch.account
            if (account.platform, account.handle) == (platform, handle):
                adapter = watcher.adapter
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
        async with self._watching() as watchers:
            tasks = Tasks()
            for one in watchers:
                tasks.start(one.watch.account.id, one.keep_polling(), one.follow())
            tasks.start("", self._beat(tasks), *beside)
            failing = asyncio.ensure_future(tasks.failed())
            ending = asyncio.ensure_future(self.stop.wait())
            try:
                waiting = asyncio.wait([failing, ending], return_when=asyncio.FIRST_COMPLETED)
                await self._unless_dead(waiting)
                if failing.done():
                    failing.result()
            finally:
                ending.cancel()
                await tasks.end_all()
                await asyncio.gather(failing, ending, return_exceptions=True)

    @asynccontextmanager
    async def _watching(self) -> AsyncIterator[list[Watcher]]:
        """Watchers for all accounts, and the writer under them; what they sent is committed."""
        wanted, self._mark = self._wanted()
        if not wanted:
            raise Refused("no account is watched", hint="add one by muniment capture add")
        watchers = self._take_up(wanted)
        self._writing = asyncio.create_task(self._write())
        try:
            yield watchers
            for one in self._by_account.values():
                await self._unless_dead(one.note(one.pulse.last(self._time.now())))
            await self._unless_dead(self._queue.join())
            await self._in_thread(self._keeper.finish)
        finally:
            self._writing.cancel()
            self._thread.shutdown()
            for client in self._clients.values():
                await client.aclose()

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

    def _wanted(self) -> tuple[list[Watch], object]:
        """The accounts to watch, and a mark that changes whenever they do."""
        with self._archive.read() as reader:
            found, mark = watches(reader), mark_of(reader)
        return [one for one in found if not self._only or one.account.id in self._only], mark

    def _take_up(self, wanted: Sequence[Watch]) -> list[Watcher]:
        """Make watchers of accounts."""
        taken = []
        with self._archive.read() as reader:
            for one in wanted:
                client = self._clients[one.account.id] = self._making.client()
                watcher = self._making.watcher(reader, one, client)
                self._by_account[one.account.id] = watcher
                taken.append(watcher)
        return taken

    async def _adapt(self, tasks: Tasks) -> None:
        """Watch what was added or changed since, and no more what was removed."""
        with self._archive.read() as reader:
            if mark_of(reader) == self._mark:
                return
        found, self._mark = self._wanted()
        wanted = {one.account.id: one for one in found}
        for account, watcher in list(self._by_account.items()):
            if wanted.get(account) == watcher.watch:
                del wanted[account]
                continue
            await tasks.end(account)
            await watcher.note(watcher.pulse.last(self._time.now()))
            del self._by_account[account]
            await self._clients.pop(account).aclose()
            if account not in wanted:
                self._say(f"{watcher.watch.name} is watched no more")
        for watcher in self._take_up(list(wanted.values())):
            self._say(f"{watcher.watch.name} is watched from now on")
            tasks.start(watcher.watch.account.id, watcher.keep_polling(), watcher.follow())

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

    async def _beat(self, tasks: Tasks) -> None:
        """Every heartbeat that is due, a notice when an account is late or heard again, and what
        was added or removed meanwhile.
        """
        async with self._making.client() as client:
            while True:
                await self._time.sleep(_TICK)
                now = self._time.now()
                for one in list(self._by_account.values()):
                    await one.note(one.pulse.due(now))
                    late = one.pulse.late(now)
                    if late != one.pulse.noticed:
                        one.pulse.noticed = late
                        await self._notices.send(self._notice(one, late=late), client, self._say)
                await self._adapt(tasks)

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
