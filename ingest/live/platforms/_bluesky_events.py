"""The streams of events of the AT Protocol: a server's or relay's firehose, and Jetstream.

Websockets, each message kept as it came: frames of DAG-CBOR (`com.atproto.sync.subscribeRepos`,
atproto.com/specs/event-stream) from the server, or from the relay that the option `relay` names;
lines of JSON where the option `jetstream` names one. Both go on from a position in the cursor.

Numbers of frames may have gaps by the protocol, so that a jump says nothing. What was left out
shows by a commit of the account that does not follow on the one before, by a `#sync`, or by the
server's word that it keeps no events back to the position.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode, urlsplit

import libipld
import orjson
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidStatus, WebSocketException

from ingest._shapes import number, table, tables, text
from ingest._source import UNREADABLE
from ingest._times import from_iso
from ingest.live._platform import Answer, Cursor, Place, Skipped, Step
from ingest.live._trouble import Outage, Throttled
from ingest.live.platforms._bluesky_reading import Met
from ingest.live.platforms._bluesky_services import Services
from ingest.readers._atproto import CAPTURED, cid_text, collection_of

_MOST_BYTES = 8 << 20
_SILENT = 30.0
_PASSED = 100
_PATIENCE = 30.0
_THROTTLED = 60.0
_AGENT = "muniment (public-records archive)"
_ORIGIN = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Event:
    """A message: where it stands, when it was made, whose it is, and what it did to which records.

    `deeds` are (address, action, CID). `since` is the revision before, None where it is not said;
    `whole` whether all that was done is said. `said` is what the stream says of itself, and `ends`
    whether it is the last thing. A message that cannot be read has no `kind`.
    """

    position: int | None
    at: datetime | None
    did: str = ""
    kind: str = ""
    deeds: tuple[tuple[str, str, str], ...] = ()
    revision: str = ""
    since: str | None = None
    whole: bool = True
    said: str = ""
    ends: bool = False


def event_of(message: bytes | str) -> Event:
    """What a message says: a frame, or a line of Jetstream. ValueError when it is neither."""
    if isinstance(message, str):
        return _of_line(orjson.loads(message))
    header, body = libipld.decode_dag_cbor_multi(message)
    kind, position, at = text(header, "t"), number(body, "seq"), from_iso(body.get("time"))
    if header.get("op") == -1 or kind == "#info":
        said = f"{text(body, 'error') or text(body, 'name')} {text(body, 'message')}".strip()
        return Event(position, at, kind="#info", said=said or "?", ends=kind != "#info")
    if kind != "#commit":
        did, revision = text(body, "did"), text(body, "rev")
        return Event(position, at, did, kind, revision=revision, whole=kind != "#sync")
    did, before = text(body, "repo"), body.get("since")
    return Event(
        position,
        at,
        did,
        kind,
        tuple(
            (f"at://{did}/{text(one, 'path')}", text(one, "action"), cid_text(one.get("cid")))
            for one in tables(body, "ops")
        ),
        text(body, "rev"),
        before if isinstance(before, str) else None,
        whole=body.get("tooBig") is not True,
    )


def _of_line(line: Mapping[str, Any]) -> Event:
    position, did, kind = number(line, "time_us"), text(line, "did"), text(line, "kind")
    at = None if position is None else _ORIGIN + timedelta(microseconds=position)
    commit = table(line, "commit")
    if not did or not kind:
        raise ValueError("it is no event")
    if not commit:
        return Event(position, at, did, f"#{kind}")
    uri = f"at://{did}/{text(commit, 'collection')}/{text(commit, 'rkey')}"
    deed = (uri, text(commit, "operation"), cid_text(commit.get("cid")))
    return Event(position, at, did, "#commit", (deed,), text(commit, "rev"))


def version_in(raw: bytes, uri: str) -> str:
    """The CID of a record by the bytes that it was captured from; "" where they do not say."""
    try:
        if raw[:1] == b"{":
            value = orjson.loads(raw)
            if "commit" not in value:
                return text(value, "cid") or text(table(value, "post"), "cid")
            event = _of_line(value)
        else:
            event = event_of(raw)
    except UNREADABLE:
        return ""
    return next((cid for one, _, cid in event.deeds if one == uri), "")


class Events:
    """The stream of one account, and how far it has come.

    `polled` is the revision up to which a poll has shown the repository.
    """

    def __init__(self, place: Place, services: Services, met: Met) -> None:
        self._time, self._options = place.time, place.options
        self._services, self._met = services, met
        self.polled = ""
        self._seen = self._waived = ""
        self._follows = self._is_new = False
        self._moved = asyncio.Event()
        self._passed = 0

    def begin(self, cursor: Cursor) -> None:
        """A stream will be followed from here: a poll waits until it has caught up."""
        self._seen = cursor.get("seen", "")
        self._follows = True

    async def caught_up(self, revision: str) -> None:
        """Wait, not for long, until the stream has come as far as the repository is.

        A poll that overtakes it would bring an edited text before the one that was there first.
        """
        if not self._is_behind(revision):
            return
        patience: asyncio.Future[None] = asyncio.ensure_future(self._time.sleep(_PATIENCE))
        try:
            while self._is_behind(revision) and not patience.done():
                self._moved.clear()
                moved = asyncio.ensure_future(self._moved.wait())
                waiting: list[asyncio.Future[Any]] = [moved, patience]
                await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
                moved.cancel()
        finally:
            patience.cancel()
        self._waived = revision

    async def follow(self, cursor: Cursor) -> AsyncIterator[Step]:
        """Events from the cursor on. Outage when the stream breaks."""
        address, key = self._address(cursor)
        since = from_iso(cursor.get("at"))
        shown = address.partition("?")[0]
        try:
            opening = await self._opening(cursor, key)
            async with connect(
                address,
                max_size=_MOST_BYTES,
                ping_interval=None,
                close_timeout=1,
                user_agent_header=_AGENT,
            ) as connection:
                yield opening
                while True:
                    message = await _received(connection)
                    if message is None:
                        yield Step()
                        continue
                    event = _event(message)
                    if event.said:
                        yield self._told(event, key, since)
                        if event.ends:
                            raise Outage(f"{shown} ended the stream: {event.said}")
                        continue
                    yield await self._step(event, message, key, since)
                    self._move(event)
                    since = event.at or since
        except InvalidStatus as error:
            status = error.response.status_code
            said = f"{shown} answered {status}"
            raise (Throttled(said, _THROTTLED) if status == 429 else Outage(said)) from None
        except (WebSocketException, OSError, TimeoutError) as error:
            raise Outage(f"the stream of {shown} broke ({type(error).__name__})") from None
        finally:
            self._follows = False
            self._moved.set()

    async def _opening(self, cursor: Cursor, key: str) -> Step:
        """The step with which a stream is open. A new one has the server's first event for its
        position until there is another, should there be none before this ends.
        """
        if cursor.get(key):
            return Step()
        self._is_new = True
        self._seen = await self._services.revision()
        first = {key: "0"} if key == _position_at(self._services.home) else {}
        return Step(cursor={"seen": self._seen, **first})

    async def _step(
        self, event: Event, message: bytes | str, key: str, since: datetime | None
    ) -> Step:
        """What an event brings. The newest version comes after one that a poll has overtaken."""
        own = event.did == self._met.did
        if own and event.revision and event.revision <= self._seen:
            return Step()
        skipped = self._skipped(event, since) if own else None
        moved = {} if event.position is None else {key: str(event.position)}
        moved |= {"at": event.at.isoformat()} if event.at is not None else {}
        moved |= {"seen": event.revision} if own and event.revision else {}
        concerns = self._concerns(event, message, own=own)
        self._passed += not concerns
        if not (concerns or own or self._is_new) and self._passed < _PASSED:
            return Step()
        answers = []
        if concerns:
            answers = [_answer(message)]
            for uri in self._overtaken(event):
                answers += await self._services.current(uri)
        self._is_new = False
        passed, self._passed = self._passed, 0
        return Step(tuple(answers), moved, passed=passed, skipped=skipped)

    def _told(self, event: Event, key: str, since: datetime | None) -> Step:
        """What the stream says of itself: whether it left something out."""
        if event.said.startswith("OutdatedCursor"):
            why = f"the event stream does not go back so far: {event.said}"
            return Step(skipped=Skipped(why, since))
        if event.said.startswith("FutureCursor"):
            why = f"the event stream begins anew: {event.said}"
            return Step((), {key: "", "seen": ""}, skipped=Skipped(why, since))
        return Step()

    def _skipped(self, event: Event, since: datetime | None) -> Skipped | None:
        if not event.whole:
            return Skipped("the event stream says only that the repository has changed", since)
        if self._seen and event.since is not None and event.since > self._seen:
            return Skipped("the event stream left out what the account did", since)
        return None

    def _concerns(self, event: Event, message: bytes | str, *, own: bool) -> bool:
        """Whether the reader has to see an event: of others, what may be a reply, or is known."""
        if not event.kind:
            return True
        uris = [uri for uri, _, _ in event.deeds if collection_of(uri) in CAPTURED]
        if own:
            return event.whole and (bool(uris) or event.kind == "#account")
        did = self._met.did
        named = did in message if isinstance(message, str) else did.encode() in message
        return bool(uris) and (named or any(one in self._met.versions for one in uris))

    def _overtaken(self, event: Event) -> list[str]:
        """The records that a poll has shown already as they are by a later event."""
        if event.revision > self.polled or not event.revision:
            return []
        known = self._met.versions
        return [uri for uri, _, cid in event.deeds if cid and known.get(uri, cid) != cid]

    def _move(self, event: Event) -> None:
        """Take note of an event that was handed on."""
        for uri, action, _ in event.deeds:
            if action == "delete":
                self._met.forget(uri)
        if event.did == self._met.did and event.revision:
            self._seen = max(self._seen, event.revision)
            self._moved.set()

    def _is_behind(self, revision: str) -> bool:
        return bool(self._follows and self._seen and max(self._seen, self._waived) < revision)

    def _address(self, cursor: Cursor) -> tuple[str, str]:
        """Where to listen, and under which name the position there stands in the cursor."""
        asked: list[tuple[str, str]] = []
        base, path = self._options.get("jetstream", ""), "/subscribe"
        if base:
            asked = [("wantedCollections", one) for one in sorted(CAPTURED)]
        else:
            base = self._options.get("relay", "") or self._services.home
            path = "/xrpc/com.atproto.sync.subscribeRepos"
        parts = urlsplit(base)
        key = _position_at(base)
        if position := cursor.get(key, ""):
            asked.append(("cursor", position))
        scheme = {"https": "wss", "http": "ws"}.get(parts.scheme, parts.scheme)
        address = f"{scheme}://{parts.netloc}{path}"
        return f"{address}?{urlencode(asked)}" if asked else address, key


def _position_at(base: str) -> str:
    """Under which name the position in a stream stands in the cursor: numbers are of one server."""
    return f"position at {urlsplit(base).netloc}"


def _event(message: bytes | str) -> Event:
    try:
        return event_of(message)
    except UNREADABLE:
        return Event(None, None)


def _answer(message: bytes | str) -> Answer:
    if isinstance(message, str):
        return Answer("events.json", message.encode())
    return Answer("events.frames.bin", len(message).to_bytes(4, "big") + message)


async def _received(connection: ClientConnection) -> bytes | str | None:
    """The next message; None where none came for long, but the other side is there."""
    try:
        async with asyncio.timeout(_SILENT):
            return await connection.recv()
    except TimeoutError:
        async with asyncio.timeout(_SILENT):
            await (await connection.ping())
        return None
