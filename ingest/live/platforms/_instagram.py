"""An Instagram professional account: its media and the comments below, by the Graph API.

The token is that of the Page that the account is connected to. Every poll reads the newest media;
comments are read of those whose number of comments changed, and of a few, those looked at longest
ago, for edits, hidings and deletions move nothing.
"""

from collections.abc import AsyncIterator, Mapping
from typing import Any

from ingest._capture import Capture
from ingest._shapes import number, table, tables, text
from ingest.live._platform import Answer, Cursor, Known, Look, Place, Platform, Seen, Step
from ingest.live._trouble import Denied, Missing
from ingest.live.platforms._graph_calls import BASE, Graph, items_of
from ingest.readers._facebook_known import Known as KnownItems
from ingest.readers._instagram_graph import InstagramAnswers

_MEDIUM = (
    "id,caption,media_type,media_url,permalink,timestamp,username,like_count,comments_count,"
    "children{id,media_type,media_url}"
)
_COMMENT = "id,text,timestamp,username,hidden,parent_id,like_count"
_THREAD = f"{_COMMENT},replies{{{_COMMENT}}}"
_WHOLE = 5
_REMEMBERED = 1000


class InstagramAccount:
    """One account."""

    def __init__(self, place: Place) -> None:
        self._place, self._time = place, place.time
        self._graph = Graph(place)
        self._items = KnownItems()
        self.reader = InstagramAnswers(self._items)
        self._id = ""
        self._media: dict[str, str] = {}
        """Media with their times; the one whose comments were read longest ago first."""
        self._counts: dict[str, int] = {}
        self._below: dict[str, dict[str, None]] = {}

    def recall(self, item: Capture) -> str:
        if not item.native_id.isdigit():
            return ""
        self._items.recall(item)
        if item.kind == "comment":
            return f"{item.thread} {item.native_id}" if item.thread else ""
        return item.native_id

    async def poll(self, cursor: Cursor) -> AsyncIterator[Step]:
        if not self._id:
            await self._find()
            for item in await self._place.archived(lambda one: bool(one.attachments)):
                self._items.recall(item)
        changed: dict[str, int] = {}
        async for step in self._newest(cursor, changed):
            yield step
        longest = [one for one in self._media if one not in changed][:_WHOLE]
        for medium in (*changed, *longest):
            self._media[medium] = self._media.pop(medium)
            async for step in self._comments(medium):
                yield step
            self._counts[medium] = changed.get(medium, self._counts.get(medium, 0))

    def stream(self, cursor: Cursor) -> None:  # there is none
        return None

    async def look(self, known: Known) -> Look:
        medium, _, comment = known.place.partition(" ")
        self._items.as_of = self._time.now()
        fields = _COMMENT if comment else _MEDIUM
        try:
            reply = await self._graph.calls.get(comment or medium, {"fields": fields})
        except Missing as error:
            return Look.at_nothing(error, self._time.now())
        name = f"{medium}/comments.json" if comment else "media.json"
        seen = Seen(self._time.now(), reply.status, reply.address)
        return Look(False, seen, (self._graph.answer(name, reply),))

    async def well(self) -> bool:
        try:
            await self._graph.calls.get(self._id, {"fields": "id"})
        except Missing:
            return False
        return True

    async def _find(self) -> None:
        """The account's number; `Denied` when the token is another one's."""
        asked = {"fields": "instagram_business_account{id,username}"}
        reply = await self._graph.calls.get("me", asked)
        found = table(reply.json(), "instagram_business_account")
        if text(found, "username").lower() != self._place.handle.lower():
            raise Denied(
                f"the token is not that of the Page connected to {self._place.handle}",
                hint="give the token of that Page, with instagram_basic and "
                "instagram_manage_comments",
            )
        self._id = text(found, "id")

    async def _newest(self, cursor: Cursor, changed: dict[str, int]) -> AsyncIterator[Step]:
        """The newest page of media, and those before it down to what was known."""
        until = cursor.get("newest", "")
        newest, first = until, True
        self._items.as_of = self._time.now()
        async for reply, _ in self._graph.pages(f"{self._id}/media", {"fields": _MEDIUM}):
            found = items_of(reply)
            times = {text(one, "id"): _time(one) for one in found}
            oldest = min(times.values(), default="")
            missing = [key for key, at in self._media.items() if at > oldest and key not in times]
            for one in found:
                self._meet(text(one, "id"), _time(one))
                count = number(one, "comments_count") or 0
                if self._counts.get(text(one, "id")) != count:
                    changed[text(one, "id")] = count
            newest = max([newest, *times.values()])
            answers = (self._graph.answer("media.json", reply),) if found else ()
            yield Step(answers, missing=tuple(missing) if first else ())
            first = False
            if until and oldest <= until:
                break
        yield Step(cursor={"newest": newest})

    async def _comments(self, medium: str) -> AsyncIterator[Step]:
        """All comments below a medium; those that were there and are not any more are missing."""
        shown, name = dict[str, None](), f"{medium}/comments.json"
        self._items.as_of = self._time.now()
        try:
            async for reply, _ in self._graph.pages(f"{medium}/comments", {"fields": _THREAD}):
                found = items_of(reply)
                answers = [self._graph.answer(name, reply)] if found else []
                for one in found:
                    below = table(one, "replies")
                    shown |= dict.fromkeys(text(each, "id") for each in tables(below, "data"))
                    shown[text(one, "id")] = None
                    if "next" in table(below, "paging"):
                        answers += await self._replies(text(one, "id"), name, shown)
                yield Step(tuple(answers))
        except Missing:
            yield Step(missing=(medium,))
            return
        before, self._below[medium] = self._below.get(medium, {}), shown
        yield Step(missing=tuple(one for one in before if one not in shown))

    async def _replies(self, comment: str, name: str, shown: dict[str, None]) -> list[Answer]:
        """All replies to a comment that has more of them than came with it."""
        answers = []
        async for reply, _ in self._graph.pages(f"{comment}/replies", {"fields": _COMMENT}):
            found = items_of(reply)
            shown |= dict.fromkeys(text(one, "id") for one in found)
            answers += [self._graph.answer(name, reply)] if found else []
        return answers

    def _meet(self, medium: str, at: str) -> None:
        """Take note of a medium; the oldest one gives way."""
        self._media.setdefault(medium, at)
        if len(self._media) > _REMEMBERED:
            oldest = min(self._media, key=self._media.__getitem__)
            self._media.pop(oldest)
            self._counts.pop(oldest, None)
            self._below.pop(oldest, None)


def _time(item: Mapping[str, Any]) -> str:
    """When a medium was posted, to the second, so that times can be compared as text."""
    return text(item, "timestamp")[:19]


INSTAGRAM = Platform(
    "instagram",
    InstagramAccount,
    promise=30,
    floor=60,
    ceiling=600,
    needs_token=True,
    address=lambda _handle: BASE,
)
