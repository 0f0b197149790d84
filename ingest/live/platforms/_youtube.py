"""A YouTube channel: the comments under its videos, by the Data API v3.

Asked for are ``commentThreads`` of the channel, newest first, each moderation status by itself
where the token is the owner's; ``comments`` for the replies that a thread does not bring along; and
fifty threads by their ids, those looked at longest ago, which shows edits, replies and what is
gone. What a list by ids leaves out is not there for this token: it is looked at twice.
"""

from collections.abc import AsyncIterator, Iterable, Mapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

from archive import UsageError
from ingest._capture import Capture
from ingest._shapes import number, table, tables, text
from ingest.live._calls import Reply
from ingest.live._platform import Answer, Cursor, Known, Look, Place, Platform, Seen, Step
from ingest.live._trouble import Missing, Odd
from ingest.live.platforms._google import google
from ingest.readers._youtube import YouTube

BASE = "https://www.googleapis.com/youtube/v3"
_PAGE = 100
_BY_ID = 50
_REMEMBERED = 10_000
_OWNERS = ("heldForReview", "likelySpam")


class YouTubeChannel:
    """One channel."""

    def __init__(self, place: Place) -> None:
        self._channel, self._time = place.handle, place.time
        self._calls, by_owner = google(place)
        self._statuses = ("published", *_OWNERS) if by_owner else ("published",)
        self._videos: dict[str, str] = {}
        self.reader = YouTube(self._videos)
        self._threads: dict[str, None] = {}
        """The one looked at longest ago first."""
        self._replies: dict[str, int] = {}
        self._below: dict[str, set[str]] = {}

    def recall(self, item: Capture) -> str:
        if item.kind != "comment":
            return ""
        video = parse_qs(urlsplit(item.url).query).get("v", [""])[0]
        self._meet(item.thread or item.native_id, video)
        return item.native_id

    async def poll(self, cursor: Cursor) -> AsyncIterator[Step]:
        for status in self._statuses:
            async for step in self._newest(status, cursor):
                yield step
        wanted = list(self._threads)[:_BY_ID]
        if wanted:
            for thread in wanted:
                self._threads[thread] = self._threads.pop(thread)
            asked = {"part": "snippet,replies", "id": ",".join(wanted), "maxResults": _PAGE}
            reply = await self._calls.get("commentThreads", asked)
            shown = {text(one, "id") for one in _items(reply)}
            missing = tuple(one for one in wanted if one not in shown)
            yield Step((Answer("commentThreads.json", reply.body),), missing=missing)
            async for step in self._below_all(_items(reply)):
                yield step

    def stream(self, cursor: Cursor) -> None:  # there is none
        return None

    async def look(self, known: Known) -> Look:
        asked = {"part": "snippet", "id": known.place}
        try:
            reply = await self._calls.get("comments", asked)
        except Missing as error:
            return Look.at_nothing(error, self._time.now())
        seen = Seen(self._time.now(), reply.status, reply.address, reply.body)
        if not _items(reply):
            return Look(True, seen)
        return Look(False, seen, (Answer("comments.json", reply.body),))

    async def well(self) -> bool:
        reply = await self._calls.get("channels", {"part": "id", "id": self._channel})
        return bool(_items(reply))

    async def _newest(self, status: str, cursor: Cursor) -> AsyncIterator[Step]:
        """Threads of a status down to what was known; at first, all. It goes on where it was."""
        until, top = cursor.get(status, ""), cursor.get(f"{status}.top", "")
        page = cursor.get(f"{status}.page", "")
        asked = {
            "part": "snippet,replies",
            "allThreadsRelatedToChannelId": self._channel,
            "maxResults": str(_PAGE),
            "order": "time",
            **({"moderationStatus": status} if status != "published" else {}),
        }
        while True:
            more = {"pageToken": page} if page else {}
            try:
                reply = await self._calls.get("commentThreads", {**asked, **more})
            except Odd:
                if page:
                    yield Step(cursor={f"{status}.page": "", f"{status}.top": ""})
                raise
            threads = _items(reply)
            times = [_time(one) for one in threads]
            top = max([top, *times])
            for thread in threads:
                self._meet(text(thread, "id"), text(table(thread, "snippet"), "videoId"))
            page = text(reply.json(), "nextPageToken")
            done = not page or bool(until and min(times, default="") <= until)
            moved = {
                status: top if done else until,
                f"{status}.top": "" if done else top,
                f"{status}.page": "" if done else page,
            }
            answers = (Answer("commentThreads.json", reply.body),)
            async for step in self._below_all(threads):
                yield step
            yield Step(answers, moved)
            if done:
                return

    async def _below_all(self, threads: Iterable[Mapping[str, Any]]) -> AsyncIterator[Step]:
        """The replies of threads that have more or fewer of them than the last time."""
        for thread in threads:
            key = text(thread, "id")
            count = number(table(thread, "snippet"), "totalReplyCount") or 0
            if self._replies.get(key, 0) == count:
                continue
            brought = tables(table(thread, "replies"), "comments")
            shown = {text(one, "id") for one in brought}
            if len(shown) < count:
                shown, page = set(), ""
                while True:
                    asked = {"part": "snippet", "parentId": key, "maxResults": _PAGE}
                    more = {"pageToken": page} if page else {}
                    reply = await self._calls.get("comments", {**asked, **more})
                    shown |= {text(one, "id") for one in _items(reply)}
                    yield Step((Answer("comments.json", reply.body),))
                    page = text(reply.json(), "nextPageToken")
                    if not page:
                        break
            before, self._below[key] = self._below.get(key, set()), shown
            self._replies[key] = count
            yield Step(missing=tuple(sorted(before - shown)))

    def _meet(self, thread: str, video: str) -> None:
        """Take note of a thread; the one looked at last gives way."""
        self._threads.setdefault(thread)
        if video:
            self._videos[thread] = video
        if len(self._threads) > _REMEMBERED:
            last, _ = self._threads.popitem()
            for known in (self._videos, self._replies, self._below):
                known.pop(last, None)


def _items(reply: Reply) -> list[Mapping[str, Any]]:
    found = reply.json()
    if not isinstance(found, dict) or not isinstance(found.get("items"), list):
        raise Odd(f"{reply.address} answered without items")
    return tables(found, "items")


def _time(thread: Mapping[str, Any]) -> str:
    """When a thread began, to the second, so that times can be compared as text."""
    first = table(table(thread, "snippet"), "topLevelComment")
    return text(table(first, "snippet"), "publishedAt")[:19]


def _address(handle: str) -> str:
    """Where the interface is; UsageError when a channel is not named by its id."""
    if not handle.startswith("UC"):
        raise UsageError(
            f"{handle} is not the id of a channel",
            hint="name it as youtube:UC…; YouTube's advanced settings show the channel ID",
        )
    return BASE


YOUTUBE = Platform(
    "youtube",
    YouTubeChannel,
    promise=60,
    floor=120,
    ceiling=900,
    needs_token=True,
    address=_address,
)
