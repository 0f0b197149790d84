"""Bluesky, or any server of the AT Protocol: a repository by polling, and a stream of events.

Methods of atproto.com and docs.bsky.app, without a token: listRecords and getRecord
(com.atproto.repo), getRepoStatus and getBlob (com.atproto.sync), getPostThread and getPosts
(app.bsky.feed); streams are those of `_bluesky_events`. A server knows what its own accounts wrote:
replies from elsewhere are seen by a stream that brings them, and by polling where the option
`appview` names an AppView.
"""

from collections.abc import AsyncIterator, Iterator, Mapping
from hashlib import sha256
from typing import Any
from urllib.parse import urlencode

from ingest._capture import Attachment, Capture
from ingest._shapes import table, tables, text
from ingest.live._calls import Reply
from ingest.live._platform import Answer, Cursor, Known, Look, Place, Platform, Seen, Step
from ingest.live._trouble import Missing
from ingest.live.platforms._bluesky_events import Events, version_in
from ingest.live.platforms._bluesky_reading import Concerning, Met
from ingest.live.platforms._bluesky_services import ENTRYWAY, Services
from ingest.readers._atproto import POST, REPOST, collection_of, repository_of

_PAGE = 100
_REMEMBERED = 2000
_THREADS = 10
_PROFILE = "profile"


class BlueskyAccount:
    """One account and its repository."""

    def __init__(self, place: Place) -> None:
        self._time = place.time
        self._services = Services(place)
        self._met = Met()
        self.reader = Concerning(self._met)
        self._views = Concerning(self._met, views=True)
        self._events = Events(place, self._services, self._met)
        self._below: dict[str, dict[str, None]] = {}
        """What answered an own post, by that one's address; the one looked at longest ago first."""
        self._bodies: dict[str, bytes] = {}

    def recall(self, item: Capture) -> str:
        if item.kind == "profile":
            return _PROFILE
        if not item.native_id.startswith("at://"):
            return ""
        self._met.note(item.native_id, item.revision or version_in(item.raw, item.native_id))
        return item.native_id

    async def poll(self, cursor: Cursor) -> AsyncIterator[Step]:
        await self._find(cursor)
        revision = await self._services.revision()
        await self._events.caught_up(revision)
        yield await self._profile()
        for collection in (POST, REPOST):
            if cursor.get("rev") != revision:
                async for step in self._upwards(collection, cursor.get(collection, "")):
                    yield step
            yield await self._newest(collection)
        self._events.polled = await self._services.revision()
        yield Step(cursor={"rev": revision, "did": self._met.did})
        if self._services.has_view:
            for uri in self._own_threads():
                yield await self._thread(uri)

    def stream(self, cursor: Cursor) -> AsyncIterator[Step]:
        self._events.begin(cursor)
        return self._follow(cursor)

    async def look(self, known: Known) -> Look:
        """A record is gone where its repository is to be seen, and does not hold it."""
        uri = self._met.uri_of(known.place)
        try:
            reply = await self._services.record(uri)
        except Missing as error:
            if await self._services.is_active(repository_of(uri)):
                return Look.at_nothing(error, self._time.now())
            if self._services.has_view and not self._met.is_own(uri):
                return await self._look_by_view(uri)
            return Look(False, Seen(self._time.now(), error.status, error.address, error.body))
        seen = Seen(self._time.now(), reply.status, reply.address)
        return Look(False, seen, (Answer("record.json", reply.body),))

    async def well(self) -> bool:
        return await self._services.is_active(self._met.did)

    async def _find(self, cursor: Cursor) -> None:
        await self._services.find(cursor.get("did", ""))
        self._met.did = self._services.did

    async def _follow(self, cursor: Cursor) -> AsyncIterator[Step]:
        await self._find(cursor)
        async for step in self._events.follow(cursor):
            yield step

    async def _profile(self) -> Step:
        try:
            reply = await self._services.record(self._met.uri_of(_PROFILE))
        except Missing:
            return Step(missing=(_PROFILE,))
        return Step(self._new("profile.json", reply))

    async def _upwards(self, collection: str, last: str) -> AsyncIterator[Step]:
        """Every record whose key is above the last one, page by page, lowest first."""
        while True:
            more = {"cursor": last} if last else {}
            reply = await self._services.records(collection, limit=_PAGE, reverse="true", **more)
            found = list(_records(reply.json()))
            if not found:
                return
            last = found[-1].rpartition("/")[2]
            yield Step((Answer("records.json", reply.body),), {collection: last})

    async def _newest(self, collection: str) -> Step:
        """The newest records as they are now; known ones that should be among them are missing."""
        reply = await self._services.records(collection, limit=_PAGE)
        shown = list(_records(reply.json()))
        oldest = shown[-1] if len(shown) == _PAGE else ""
        missing = tuple(
            uri
            for uri in self._met.versions
            if self._met.is_own(uri)
            and collection_of(uri) == collection
            and uri > oldest
            and uri not in shown
        )
        return Step(self._new("records.json", reply) if shown else (), missing=missing)

    def _own_threads(self) -> list[str]:
        """The own posts whose threads are looked at next, the newest of those not seen for long."""
        own = [one for one in self._met.versions if self._met.is_own(one)]
        posts = sorted((one for one in own if collection_of(one) == POST), reverse=True)
        for uri in posts[:_REMEMBERED]:
            self._below.setdefault(uri, {})
        for uri in list(self._below):
            if uri not in self._met.versions:
                del self._below[uri]
        return list(self._below)[:_THREADS]

    async def _thread(self, uri: str) -> Step:
        """What others answered to a post; what did so before and does not any more is missing."""
        before = self._below.pop(uri)
        self._below[uri] = before
        try:
            reply = await self._services.thread(uri)
        except Missing:
            return Step()
        below = dict.fromkeys(_below(table(reply.json(), "thread")))
        self._below[uri] = below
        missing = tuple(one for one in before if one not in below and not self._met.is_own(one))
        if not below:
            return Step(missing=missing)
        return Step(self._new("thread.json", reply, views=True), missing=missing)

    async def _look_by_view(self, uri: str) -> Look:
        reply = await self._services.view(uri)
        seen = Seen(self._time.now(), reply.status, reply.address, reply.body)
        if not tables(reply.json(), "posts"):
            return Look(True, seen)
        return Look(False, seen, (Answer("posts.json", reply.body, self._views),))

    def _new(self, name: str, reply: Reply, *, views: bool = False) -> tuple[Answer, ...]:
        """An answer, unless the same address gave the same bytes the last time."""
        digest = sha256(reply.body).digest()
        if self._bodies.get(reply.address) == digest:
            return ()
        self._bodies[reply.address] = digest
        if len(self._bodies) > _REMEMBERED:
            del self._bodies[next(iter(self._bodies))]
        return (Answer(name, reply.body, self._views if views else None),)


def _records(page: Mapping[str, Any]) -> Iterator[str]:
    return (text(one, "uri") for one in tables(page, "records"))


def _below(node: Mapping[str, Any]) -> Iterator[str]:
    """The addresses of the posts below one in a thread that are shown."""
    for one in tables(node, "replies"):
        if uri := text(table(one, "post"), "uri"):
            yield uri
        yield from _below(one)


def _blob(address: str, item: Capture, one: Attachment) -> str:
    """Where a blob of the item's repository is, which the record names by its CID alone."""
    of = item.native_id if item.native_id.startswith("at://") else item.url.rpartition("/")[2]
    did = repository_of(of)
    if one.url or not did.startswith("did:"):
        return one.url
    asked = urlencode({"did": did, "cid": one.name})
    return f"{address.rstrip('/')}/xrpc/com.atproto.sync.getBlob?{asked}"


BLUESKY = Platform(
    "bluesky",
    BlueskyAccount,
    promise=60,
    floor=60,
    ceiling=600,
    address=lambda _handle: ENTRYWAY,
    attachment=_blob,
)
