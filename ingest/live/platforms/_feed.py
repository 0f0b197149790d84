"""RSS and Atom feeds, asked for by conditional requests (RFC 9110 section 13).

A feed shows its newest items only. One that it does not show, though older ones are there, is
missing; its own page is looked at then, where that is on the same site. The address is the feed's.
"""

from collections.abc import AsyncIterator
from datetime import datetime
from hashlib import sha256
from urllib.parse import urlsplit

from archive import SourceError
from ingest._capture import Capture, Told
from ingest.live._platform import Answer, Cursor, Known, Look, Place, Platform, Step
from ingest.live._reading import export_of
from ingest.live._trouble import Odd
from ingest.live.platforms._addresses import answers, look_at
from ingest.readers._feed import Feed

_KINDS = "application/atom+xml, application/rss+xml, application/xml;q=0.9, */*;q=0.5"
_REMEMBERED = 2000


class FeedAccount:
    """One feed of one site."""

    def __init__(self, place: Place) -> None:
        self._place, self._time = place, place.time
        self._calls = place.calls(headers={"Accept": _KINDS})
        self._told = Told(place.handle, "feed")
        self._digest = b""
        self._known: dict[str, datetime] = {}
        self.reader = Feed()

    def recall(self, item: Capture) -> str:
        if item.occurred_at is not None:
            self._known[item.native_id] = item.occurred_at
            if len(self._known) > _REMEMBERED:
                del self._known[min(self._known, key=self._known.__getitem__)]
        return item.url if self._is_here(item.url) else ""

    async def poll(self, cursor: Cursor) -> AsyncIterator[Step]:
        asked = {
            name: kept
            for name, kept in (
                ("If-None-Match", cursor.get("etag", "")),
                ("If-Modified-Since", cursor.get("modified", "")),
            )
            if kept
        }
        reply = await self._calls.get(self._place.address, headers=asked)
        digest = sha256(reply.body).digest()
        if reply.status == 304 or digest == self._digest:
            yield Step()
            return
        answer = Answer("feed.xml", reply.body)
        absent = self._absent_from(answer)
        self._digest = digest
        moved = {
            "etag": reply.headers.get("ETag", ""),
            "modified": reply.headers.get("Last-Modified", ""),
        }
        yield Step((answer,), moved, absent)

    def stream(self, cursor: Cursor) -> None:  # a feed has none
        return None

    async def look(self, known: Known) -> Look:
        return await look_at(self._calls, self._time, known)

    async def well(self) -> bool:
        return await answers(self._calls, self._place.address)

    def _absent_from(self, answer: Answer) -> tuple[str, ...]:
        """The known items that are younger than the oldest one of this answer, and not in it."""
        try:
            source = self.reader.read(export_of(answer), self._told)
        except SourceError as error:
            raise Odd(f"{self._place.address} answered with no feed ({error})") from error
        shown = [one for one in source.items if isinstance(one, Capture)]
        moments = [one.occurred_at for one in shown if one.occurred_at is not None]
        if not moments:
            return ()
        oldest, there = min(moments), {one.native_id for one in shown}
        return tuple(one for one, at in self._known.items() if at > oldest and one not in there)

    def _is_here(self, url: str) -> bool:
        return urlsplit(url)[:2] == urlsplit(self._place.address)[:2]


FEED = Platform("feed", FeedAccount, promise=180, floor=300, ceiling=3600)
