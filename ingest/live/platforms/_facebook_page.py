"""A Facebook Page: its feed and the comments below, by the Graph API and by its webhook.

Asked for are ``/PAGE/feed`` and ``/POST/comments`` with ``filter=stream``. Every poll reads the
feed's newest page. A comment moves its post's ``updated_time``: its newest comments are read then.
Edits, hidings and deletions of comments move nothing: of a few posts, those looked at longest ago,
all comments are read. Where the webhook delivers, they come at once.
"""

from collections.abc import AsyncIterator, Mapping
from hashlib import sha256
from typing import Any

from archive import UsageError
from ingest._capture import Capture
from ingest._shapes import text
from ingest.live._calls import Reply
from ingest.live._platform import Answer, Cursor, Known, Look, Place, Platform, Seen, Step
from ingest.live._trouble import Missing
from ingest.live.platforms._graph_calls import BASE, Graph, items_of
from ingest.readers._facebook_known import Known as KnownItems
from ingest.readers._facebook_page import PLATFORM, comment_key
from ingest.readers._facebook_webhook import FacebookWebhook
from ingest.readers._graph import GraphAnswers

_COMMON = "id,message,created_time,from,is_hidden,permalink_url"
_POST = f"{_COMMON},updated_time,story,status_type,attachments,parent_id,shares,place,privacy"
_COMMENT = f"{_COMMON},parent,attachment,like_count,comment_count"
_SECONDS = "%Y-%m-%dT%H:%M:%S"
_WHOLE = 5
_REMEMBERED = 1000


class FacebookPage:
    """One Page, by the token of one."""

    def __init__(self, place: Place) -> None:
        self._place, self._page, self._time = place, place.handle, place.time
        self._graph = Graph(place)
        self._items = KnownItems()
        self.reader = GraphAnswers(self._items)
        self._hook = FacebookWebhook(self._items)
        self._posts: dict[str, str] = {}
        """Posts with their times; the one whose comments were all read longest ago first."""
        self._updated: dict[str, str] = {}
        """The `updated_time` of posts whose comments were read since."""
        self._changed: dict[str, str] = {}
        """The `updated_time` of those whose comments are to be read."""
        self._newest: dict[str, str] = {}
        self._below: dict[str, dict[str, None]] = {}
        self._bodies: dict[str, bytes] = {}
        self._recalled = False

    def recall(self, item: Capture) -> str:
        if item.kind not in {"post", "share", "comment"}:
            return ""
        self._items.recall(item)
        if item.kind == "comment":
            return f"{item.thread} {item.native_id}" if item.thread else ""
        if item.occurred_at is not None:
            self._meet(item.native_id, f"{item.occurred_at:{_SECONDS}}")
        return item.native_id

    async def poll(self, cursor: Cursor) -> AsyncIterator[Step]:
        if not self._recalled:
            for item in await self._place.archived(
                lambda one: bool(one.attachments or one.revision)
            ):
                self._items.recall(item)
            self._recalled = True
        async for step in self._feed(cursor):
            yield step
        for post, updated in list(self._changed.items()):
            async for step in self._comments(post, whole=False):
                yield step
            self._updated[post] = updated
            del self._changed[post]
        for post in list(self._posts)[:_WHOLE]:
            self._posts[post] = self._posts.pop(post)
            async for step in self._comments(post, whole=True):
                yield step

    def stream(self, cursor: Cursor) -> None:  # the webhook is its stream
        return None

    def received(self, body: bytes) -> Step:
        """What the webhook was sent."""
        return Step((Answer("webhook.json", body, self._hook),))

    async def look(self, known: Known) -> Look:
        post, _, comment = known.place.partition(" ")
        fields = _COMMENT if comment else _POST
        self._items.as_of = self._time.now()
        try:
            reply = await self._graph.calls.get(comment or post, {"fields": fields})
        except Missing as error:
            return Look.at_nothing(error, self._time.now())
        name = f"{post}/comments.json" if comment else f"{self._page}/feed.json"
        seen = Seen(self._time.now(), reply.status, reply.address)
        return Look(False, seen, (self._graph.answer(name, reply),))

    async def well(self) -> bool:
        try:
            await self._graph.calls.get(self._page, {"fields": "id"})
        except Missing:
            return False
        return True

    async def _feed(self, cursor: Cursor) -> AsyncIterator[Step]:
        """The newest page, and those before it down to what was known; at first, all of them."""
        until = cursor.get("newest", "")
        newest, first = until, True
        self._items.as_of = self._time.now()
        async for reply, _ in self._graph.pages(f"{self._page}/feed", {"fields": _POST}):
            posts = items_of(reply)
            times = {text(one, "id"): _time(one) for one in posts}
            missing = self._absent_from(times) if first else ()
            for post in posts:
                self._meet(text(post, "id"), _time(post))
                updated = text(post, "updated_time")
                if self._updated.get(text(post, "id")) != updated:
                    self._changed[text(post, "id")] = updated
            newest = max([newest, *times.values()])
            first = False
            yield Step(self._new(f"{self._page}/feed.json", reply), missing=missing)
            if until and min(times.values(), default="") <= until:
                break
        yield Step(cursor={"newest": newest})

    async def _comments(self, post: str, *, whole: bool) -> AsyncIterator[Step]:
        """The comments below a post: all of them, or the newest ones down to what was known."""
        until = "" if whole else self._newest.get(post, "")
        order = "chronological" if whole else "reverse_chronological"
        asked = {"fields": _COMMENT, "filter": "stream", "order": order}
        shown, name = dict[str, None](), f"{post}/comments.json"
        self._items.as_of = self._time.now()
        try:
            async for reply, _ in self._graph.pages(f"{post}/comments", asked):
                found = items_of(reply)
                shown |= dict.fromkeys(comment_key(text(one, "id")) for one in found)
                times = [_time(one) for one in found]
                self._newest[post] = max([self._newest.get(post, ""), *times])
                yield Step(self._new(name, reply))
                if until and min(times, default="") < until:
                    break
        except Missing:
            yield Step(missing=(post,))
            return
        if whole:
            before, self._below[post] = self._below.get(post, {}), shown
            yield Step(missing=tuple(one for one in before if one not in shown))

    def _new(self, name: str, reply: Reply) -> tuple[Answer, ...]:
        """An answer, unless it is empty or the same address gave the same bytes the last time."""
        digest = sha256(reply.body).digest()
        if not items_of(reply) or self._bodies.get(reply.address) == digest:
            return ()
        self._bodies[reply.address] = digest
        if len(self._bodies) > _REMEMBERED:
            del self._bodies[next(iter(self._bodies))]
        return (self._graph.answer(name, reply),)

    def _meet(self, post: str, at: str) -> None:
        """Take note of a post; the oldest one gives way."""
        self._posts.setdefault(post, at)
        if len(self._posts) > _REMEMBERED:
            oldest = min(self._posts, key=self._posts.__getitem__)
            for known in (self._posts, self._updated, self._changed, self._newest, self._below):
                known.pop(oldest, None)

    def _absent_from(self, shown: Mapping[str, str]) -> tuple[str, ...]:
        """Known posts that this page of the newest ones would show."""
        oldest = min(shown.values(), default="")
        return tuple(one for one, at in self._posts.items() if at > oldest and one not in shown)


def _time(item: Mapping[str, Any]) -> str:
    """When an item was made, to the second, so that times can be compared as text."""
    return text(item, "created_time")[:19]


def _address(handle: str) -> str:
    """Where a Page's interface is; UsageError when a Page is not named by its number."""
    if not handle.isdigit():
        raise UsageError(
            f"{handle} is not the number of a Page",
            hint="name it as facebook-page:NUMBER; its About page shows the Page ID",
        )
    return BASE


FACEBOOK_PAGE = Platform(
    PLATFORM,
    FacebookPage,
    promise=30,
    floor=60,
    ceiling=600,
    needs_token=True,
    address=_address,
)
