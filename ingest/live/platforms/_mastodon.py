"""Mastodon: statuses, mentions, threads and histories by polling, and the account's own stream.

Methods of docs.joinmastodon.org: `accounts/verify_credentials` and `lookup`, `:id/statuses` of
accounts and `notifications` (both upwards from `min_id`), `statuses/:id`, `:id/context`,
`:id/history`, and `streaming/user` as server-sent events, whose exact bytes are kept. Without a
token only what is public is polled. The stream also shows what those write whom the account
follows: that is passed over.
"""

import re
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from hashlib import sha256
from typing import Any

from ingest._capture import Capture
from ingest._eventstream import EventBlocks, event_of
from ingest._json import loads
from ingest._shapes import name_or_number, table, tables, text
from ingest._source import UNREADABLE
from ingest.live._calls import Bearer, Calls, Reply
from ingest.live._platform import Answer, Cursor, Known, Look, Place, Platform, Seen, Step
from ingest.live._trouble import Denied, Missing
from ingest.readers._mastodon_api import MastodonAnswers
from ingest.readers._mastodon_statuses import Statuses, author_of

_PAGE = 40
_REMEMBERED = 500
_THREADS = 10
_OLDEST = "0"
_NUMBER = re.compile(r"/(\d+)$")

_ALIVE = Step()

Status = Mapping[str, Any]


class MastodonAccount:
    """One account on one server."""

    def __init__(self, place: Place) -> None:
        self._place, self._time = place, place.time
        self._calls: Calls = place.calls(auth=Bearer(place.token) if place.token else None)
        self._statuses = Statuses(_REMEMBERED)
        self.reader = MastodonAnswers(self._statuses)
        self._id = ""
        self._own: dict[str, str] = {}
        """Own statuses by number, with their native ids; the thread looked at longest ago first."""
        self._below: dict[str, dict[str, None]] = {}
        """What answered an own status, by that one's number."""
        self._unknown: dict[str, bytes] = {}
        """Deletions of what was not met lately, by number: it may be long archived."""
        self._edits: dict[str, str] = {}
        self._bodies: dict[str, bytes] = {}

    def recall(self, item: Capture) -> str:
        if item.kind == "profile":
            return ""
        found = _NUMBER.search(item.native_id)
        local = found[1] if found and self._is_local(item.native_id) else ""
        met = self._statuses.known(local)
        if met is not None and met.native_id == item.native_id:
            return local
        for status in _statuses_in(item.raw):
            if status.get("uri") == item.native_id:
                return self._meet(status)
        return local

    async def poll(self, cursor: Cursor) -> AsyncIterator[Step]:
        yield await self._profile()
        own = f"api/v1/accounts/{self._id}/statuses"
        async for step in self._upwards(own, "statuses", cursor):
            yield step
        if self._place.token:
            mentions = {"types[]": "mention"}
            async for step in self._upwards("api/v1/notifications", "mentions", cursor, mentions):
                yield step
        page = await self._calls.get(own, {"limit": _PAGE})
        yield await self._seen(page, self._absent_from(page.json()))
        for number in list(self._own)[:_THREADS]:
            if number in self._own:  # else the stream brought so much that it is not remembered
                self._own[number] = self._own.pop(number)
                yield await self._thread(number)
        if self._unknown:
            async for step in self._searched():
                yield step

    def stream(self, cursor: Cursor) -> AsyncIterator[Step] | None:  # none is kept
        return self._events() if self._place.token else None

    async def _events(self) -> AsyncIterator[Step]:
        if not self._id:
            yield await self._profile()
        async with self._calls.stream("api/v1/streaming/user") as pieces:
            blocks = EventBlocks()
            async for piece in pieces:
                for raw in blocks.feed(piece):
                    yield await self._event(raw)

    async def look(self, known: Known) -> Look:
        try:
            reply = await self._calls.get(f"api/v1/statuses/{known.place}")
        except Missing as error:
            return Look.at_nothing(error, self._time.now())
        seen = Seen(self._time.now(), reply.status, reply.address)
        self._meet(reply.json())
        return Look(False, seen, (Answer("status.json", reply.body),))

    async def well(self) -> bool:
        try:
            await self._calls.get(f"api/v1/accounts/{self._id}")
        except Missing:
            return False
        return True

    async def _profile(self) -> Step:
        """The account itself; `Denied` when the token is somebody else's."""
        if self._place.token:
            reply = await self._calls.get("api/v1/accounts/verify_credentials")
        else:
            asked = {"acct": self._place.handle}
            reply = await self._calls.get("api/v1/accounts/lookup", asked)
        account = reply.json()
        handle = author_of(account).handle
        if handle.lower() != self._place.handle.lower():
            raise Denied(
                f"{self._place.address} answers for {handle}, not for {self._place.handle}",
                hint="name the account as its server does, or give the token of that account",
            )
        self._id = str(account["id"])
        return Step(self._new("profile.json", reply))

    async def _upwards(
        self, path: str, name: str, cursor: Cursor, more: Mapping[str, str] | None = None
    ) -> AsyncIterator[Step]:
        """Everything after the cursor, page by page, oldest first."""
        last = cursor.get(name, _OLDEST)
        while True:
            asked = {"limit": _PAGE, "min_id": last, **(more or {})}
            reply = await self._calls.get(path, asked)
            found = reply.json()
            if not found:
                return
            last = max((last, *(str(one["id"]) for one in found)), key=_order)
            answers = (Answer(f"{name}.json", reply.body),)
            for status in _within(found):
                self._meet(status)
            yield Step((*await self._histories(found), *answers), {name: last})

    async def _thread(self, number: str) -> Step:
        """What answers an own status; what answered it before and does not any more is missing."""
        native_id = self._own[number]
        try:
            reply = await self._calls.get(f"api/v1/statuses/{number}/context")
        except Missing:
            return Step(missing=(native_id,))
        below = {str(one["uri"]): None for one in reply.json()["descendants"]}
        gone = [one for one in self._below.get(number, {}) if one not in below]
        if number in self._own:
            self._below[number] = below
        return await self._seen(reply, gone)

    async def _seen(self, reply: Reply, missing: Iterable[str]) -> Step:
        name = reply.address.partition("?")[0].rpartition("/")[2]
        answers = self._new(f"{name}.json", reply)
        if not answers:
            return Step(missing=tuple(missing))
        found = reply.json()
        for status in _within(found):
            self._meet(status)
        return Step((*await self._histories(found), *answers), missing=tuple(missing))

    async def _event(self, raw: bytes) -> Step:
        """What a streamed event brings; an empty step for a mere sign of life."""
        event, data = event_of(raw)
        if not event:
            return _ALIVE
        if event == "delete":
            number = data.strip()
            ours = self._statuses.known(number) is not None
            if not ours and len(self._unknown) < _REMEMBERED:
                self._unknown[number] = raw
                return _ALIVE
        else:
            value = loads(data.encode())
            found = [one for one in _within(value) if self._concerns(one)]
            ours = bool(found)
            for status in found:
                self._note_own(status)
        return Step((Answer("events.sse", raw),)) if ours else Step(passed=1)

    async def _searched(self) -> AsyncIterator[Step]:
        """Look for what was deleted by number among all that is archived."""
        unknown, self._unknown = self._unknown, {}
        numbers = [number.encode() for number in unknown]
        found = await self._place.archived(lambda item: any(one in item.raw for one in numbers))
        for item in found:
            self.recall(item)
        for number, raw in unknown.items():
            if self._statuses.known(number) is None:
                yield Step(passed=1)
            else:
                yield Step((Answer("events.sse", raw),))

    async def _histories(self, found: Any) -> list[Answer]:
        """The versions of statuses whose edit is new here: before the statuses themselves."""
        answers = []
        for status in _within(found):
            number, edited = str(status.get("id")), status.get("edited_at") or ""
            if not edited or self._edits.get(number) == edited:
                continue
            self._edits[number] = edited
            try:
                reply = await self._calls.get(f"api/v1/statuses/{number}/history")
            except Missing:
                continue
            answers.append(Answer(f"{number}/history.json", reply.body))
        _shorten(self._edits)
        return answers

    def _new(self, name: str, reply: Reply) -> tuple[Answer, ...]:
        """An answer, unless the same address gave the same bytes the last time."""
        digest = sha256(reply.body).digest()
        if self._bodies.get(reply.address) == digest:
            return ()
        self._bodies[reply.address] = digest
        _shorten(self._bodies)
        return (Answer(name, reply.body),)

    def _meet(self, status: Status) -> str:
        """Take note of a status before it is read, for others name it; its number, "" of one that
        cannot be read: the reader says so.
        """
        try:
            self._statuses.capture(status, b"", "")
        except UNREADABLE:
            return ""
        return self._note_own(status)

    def _note_own(self, status: Status) -> str:
        """Take note of a status whose thread is the account's own; its number."""
        number, uri = name_or_number(status, "id"), text(status, "uri")
        author = name_or_number(table(status, "account"), "id")
        top = not name_or_number(status, "in_reply_to_id") and not table(status, "reblog")
        if number and uri and author == self._id and top:
            self._own[number] = uri
            if len(self._own) > _REMEMBERED:
                oldest = min(self._own, key=_order)
                del self._own[oldest]
                self._below.pop(oldest, None)
        return number

    def _absent_from(self, page: list[Status]) -> list[str]:
        """Own statuses that this page of the newest ones would show."""
        shown = {str(one["id"]) for one in page}
        if not shown:
            return list(self._own.values())
        oldest = min(shown, key=_order)
        return [
            native_id
            for number, native_id in self._own.items()
            if number not in shown and _order(number) > _order(oldest)
        ]

    def _concerns(self, status: Status) -> bool:
        """Whether a status is of the account, to it, about it, or known."""
        people = [table(status, "account").get("id"), status.get("in_reply_to_account_id")]
        people += [one.get("id") for one in tables(status, "mentions")]
        numbers = (str(status.get("id")), str(status.get("in_reply_to_id")))
        return self._id in map(str, people) or any(map(self._statuses.known, numbers))

    def _is_local(self, native_id: str) -> bool:
        return native_id.startswith(self._place.address.rstrip("/") + "/")


def _within(value: Any) -> Iterator[Status]:
    """The statuses in an answer or an event, those that another repeats left out."""
    if isinstance(value, list):
        for one in value:
            yield from _within(one)
    elif isinstance(value, dict) and "uri" in value and "in_reply_to_id" in value:
        yield value
    elif isinstance(value, dict):
        for name in ("status", "last_status", "ancestors", "descendants"):
            yield from _within(value.get(name))


def _statuses_in(raw: bytes) -> Iterator[Status]:
    """The statuses in what was captured: JSON as it was answered, or a streamed event."""
    event, data = ("", raw.decode(errors="replace")) if raw[:1] in b"{[" else event_of(raw)
    try:
        value = loads(data.encode()) if data.strip()[:1] in {"{", "["} else None
    except ValueError:
        return
    if isinstance(value, dict) and isinstance(value.get("payload"), str) and not event:
        yield from _statuses_in(value["payload"].encode())
    yield from _within(value)


def _order(number: str) -> tuple[int, str]:
    return len(number), number


def _shorten(remembered: dict[str, Any]) -> None:
    if len(remembered) > _REMEMBERED:
        del remembered[next(iter(remembered))]


def _address(handle: str) -> str:
    server = handle.removeprefix("@").partition("@")[2]
    return f"https://{server}" if server else ""


MASTODON = Platform(
    "mastodon", MastodonAccount, promise=60, floor=60, ceiling=600, address=_address
)
