"""One account: polled, its stream followed, what is gone looked at twice."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from functools import cached_property
from typing import Any

from archive import Draft, UsageError
from ingest._capture import AccountName, Capture, Gone, Told
from ingest._source import UNREADABLE
from ingest.live._keeper import Kept, Vanished, Work
from ingest.live._looks import FIRST_LOOKS, Looks
from ingest.live._media import Media
from ingest.live._pace import Pace, wait_after
from ingest.live._platform import Adapter, Answer, Cursor, Known, Platform, Step
from ingest.live._pulse import Pulse
from ingest.live._reading import Reading, read
from ingest.live._recent import Recent
from ingest.live._time import Time
from ingest.live._trouble import Denied, Odd, Outage, Trouble
from ingest.live._watches import Watch

Send = Callable[[Work], Awaitable["asyncio.Future[Kept]"]]


class Watcher:
    """Watches one account for as long as its process lives.

    `send` hands work to the writer and waits while it has enough; what it gives is done when the
    work is committed. `say` tells whoever looks on. `streams` is whether a stream is open. `make`
    makes the adapter, and raises UsageError while the account cannot be asked as it is configured;
    `known` are the recent items that the archive holds.
    """

    def __init__(
        self,
        watch: Watch,
        platform: Platform,
        make: Callable[[], Adapter],
        *,
        time: Time,
        pulse: Pulse,
        media: Media,
        known: Callable[[], Iterable[Capture]],
        cursor: dict[str, str],
        send: Send,
        say: Callable[[str], None],
    ) -> None:
        self.watch, self.pulse = watch, pulse
        self._make, self._known = make, known
        self._time, self._send, self._say = time, send, say
        self._media = media
        self._cursor = cursor
        ceiling = float(watch.interval or platform.ceiling)
        self._pace = Pace(min(platform.floor, ceiling), ceiling)
        self._told = Told(watch.account.handle, watch.account.platform)
        self._recent = Recent()
        self._looks = Looks(self._recent, time, cursor.get(FIRST_LOOKS, ""))
        self._poke = asyncio.Event()
        self._opened = asyncio.Event()
        self._complained = False
        self.streams = False

    @cached_property
    def adapter(self) -> Adapter:
        """Who asks for the account, made when it is wanted: a token may be put right meanwhile.

        UsageError while the account cannot be asked as it is configured.
        """
        adapter = self._make()
        for item in self._known():
            self._media.recall(item)
            self._recall(adapter, item, None)
        self._opened.set()
        return adapter

    async def keep_polling(self) -> None:
        """Poll without end."""
        failures = 0
        while True:
            trouble, found = await self.poll()
            if trouble is None:
                failures, wait = 0, self._pace.after(found=found and not self.streams)
            else:
                failures += 1
                wait = wait_after(trouble, failures, self._time)
            await self._rest(wait, pokable=trouble is None)

    async def poll(self) -> tuple[Trouble | None, bool]:
        """Ask once; what went wrong, if anything did, and whether there was something new."""
        done: list[asyncio.Future[Kept]] = []
        trouble: Trouble | None = None
        try:
            async for sent in self._polled():
                done.append(sent)  # noqa: PERF401  # what was sent before a failure counts
            await self.note(self.pulse.heard(self._time.now()))
        except Trouble as error:
            trouble = error
        except UsageError as error:
            trouble = Denied(str(error), error.hint)
        except UNREADABLE as error:
            trouble = Odd(f"the answer makes no sense ({type(error).__name__}: {error})")
        if trouble is not None:
            await self._failed(trouble)
        kept = await asyncio.gather(*done)
        return trouble, any(one.new or one.changed for one in kept)

    async def _polled(self) -> AsyncIterator["asyncio.Future[Kept]"]:
        async for step in self.adapter.poll(dict(self._cursor)):
            yield await self._take(step)
        async for outcome in self._looks.after_a_poll(self.adapter):
            yield await self._hand_on(outcome.answers, {}, outcome.vanished)

    async def deliver(self, step: Step) -> "asyncio.Future[Kept]":
        """Take what was sent here: that the account was heard by it is known, too."""
        await self.note(self.pulse.heard(self._time.now(), polled=False))
        return await self._take(step)

    async def note(self, drafts: Sequence[Draft]) -> None:
        """Have entries about the account appended."""
        if drafts:
            await self._send(self._work(notes=tuple(drafts)))

    async def follow(self) -> None:
        """Follow the stream, if there is one, and connect again when it breaks.

        What is missed in between is asked for by a poll: at once, and when it is heard again.
        """
        failures = 0
        await self._opened.wait()
        while steps := self.adapter.stream(dict(self._cursor)):
            try:
                async for step in steps:
                    if not self.streams:
                        self.streams, failures = True, 0
                        self._poke.set()
                    if step.skipped is not None:
                        await self.note(self.pulse.skipped(self._time.now(), step.skipped))
                        self._poke.set()
                    await self.note(self.pulse.heard(self._time.now(), polled=False))
                    if step != Step():
                        await self._take(step)
                trouble: Trouble = Outage("the stream ended")
            except Trouble as error:
                trouble = error
            except UNREADABLE as error:
                trouble = Odd(f"the stream makes no sense ({type(error).__name__}: {error})")
            failures += 1
            self.pulse.stumbled(str(trouble))
            if failures == 1:
                self._tell(trouble)
            if self.streams:
                self.streams = False
                self._poke.set()
            await self._time.sleep(wait_after(trouble, failures, self._time))

    async def _take(self, step: Step) -> "asyncio.Future[Kept]":
        """Hand on what a step brought, and take note of it."""
        self.pulse.passed += step.passed
        self._looks.suspect(step.missing)
        return await self._hand_on(step.answers, step.cursor, ())

    async def _hand_on(
        self, answers: Sequence[Answer], cursor: Cursor, vanished: tuple[Vanished, ...]
    ) -> "asyncio.Future[Kept]":
        known = [replace(one, reader=one.reader or self.adapter.reader) for one in answers]
        readings = tuple([await self._media.fetched(one) for one in read(known, self._told)])
        for reading in readings:
            for item in reading.items:
                if isinstance(item, Gone) or (isinstance(item, Capture) and not _is_there(item)):
                    self._recent.forget(item.native_id)
                    self._looks.forget(item.native_id)
                elif isinstance(item, Capture):
                    self._looks.forget(item.native_id)
                    self._recall(self.adapter, item, self._time.now())
        moved = {**cursor, FIRST_LOOKS: self._looks.first_looks}
        self._cursor |= moved
        return await self._send(
            self._work(
                readings=readings,
                cursor=moved,
                nothing=self._nothing() if vanished else None,
                vanished=vanished,
            )
        )

    def _recall(self, adapter: Adapter, item: Capture, now: datetime | None) -> None:
        place = adapter.recall(item)
        if place:
            self._recent.add(Known(item.native_id, place, item.occurred_at), now)

    def _work(self, **what: Any) -> Work:
        return Work(self.watch.account.id, self.watch.address, **what)

    def _nothing(self) -> Reading:
        account = self.watch.account
        return Reading(self.adapter.reader, account.platform, AccountName(account.handle), (), {})

    async def _failed(self, trouble: Trouble) -> None:
        drafts = self.pulse.failed(self._time.now(), str(trouble))
        if drafts or not self._complained:
            self._complained = True
            self._tell(trouble)
        await self.note(drafts)

    def _tell(self, trouble: Trouble) -> None:
        hint = f"; {trouble.hint}" if trouble.hint else ""
        self._say(f"{self.watch.name}: {trouble}{hint}")

    async def _rest(self, seconds: float, *, pokable: bool) -> None:
        """Wait, or until the stream says that it is time for a poll."""
        waiting: list[asyncio.Future[Any]] = [asyncio.ensure_future(self._time.sleep(seconds))]
        if pokable:
            waiting.append(asyncio.ensure_future(self._poke.wait()))
        try:
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for one in waiting:
                one.cancel()
        self._poke.clear()


def _is_there(item: Capture) -> bool:
    return item.state != "removed"
