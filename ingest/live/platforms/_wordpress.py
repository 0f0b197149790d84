"""WordPress: posts, pages, their revisions and comments, by the site's REST interface (`wp/v2`).

The account is the site. Its token is ``USER:PASSWORD``, an application password of a user who may
edit others' posts and moderate comments (an editor): then drafts, private posts, the trash, and
comments of every status are seen, as they were written (``context=edit``). Without a token there
is only what everybody sees. A comment that is shown no more may then wait, lie in the trash or
count as spam; the site answers 401 for all of these, which is not that it is gone.

Posts and pages are asked for by when they were changed; a post's revisions follow where it has new
ones. Comments have no such time. Those of threads in which something was said in the last 30 days
are read anew with every poll, up to `_THREADS` threads and `_PAGES` pages at once, so that edits
and changes of status show by comparison. An edit in an older thread, or one that is undone between
two polls, does not show.

Only the interface's own words that there is no such post or comment count as gone. The cursor is
the site's own time, by which it sorts and selects; that goes back when the season or the zone
changes, or with a comment that bears a false date, so that a little is read twice.
"""

import re
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

from ingest._capture import Capture
from ingest._json import loads
from ingest._times import from_gmt
from ingest.live._calls import Reply
from ingest.live._platform import Answer, Cursor, Known, Look, Place, Platform, Seen, Step
from ingest.live._trouble import Missing
from ingest.live.platforms._wordpress_interface import PLACES, Hidden, Interface, pages_of
from ingest.readers._wordpress_rest import WordPressAnswers

_PAGES = 10
_THREADS = 50
_REMEMBERED = 2000
_WINDOW = timedelta(days=30)
_AGAIN = timedelta(days=2)
"""How much is read again with every poll."""
_ZONES = timedelta(hours=14)
"""How far a site's own time may be ahead of UTC."""
_SECOND = timedelta(seconds=1)

_STANDINGS = ("approve", "hold", "spam", "trash")
"""What comments are asked for; without a token, for the first alone."""
_TIME = {"posts": "modified", "pages": "modified", "comments": "date"}
_COMMENT = re.compile(r"(\d+)#comment-(\d+)")


class WordPressSite:
    """One site."""

    def __init__(self, place: Place) -> None:
        self._time = place.time
        self._interface = Interface(place)
        self._complete = False
        self._comments: dict[str, datetime] = {}
        self._threads: dict[str, datetime] = {}
        """Posts by number, with a late comment's time; the one read longest ago first."""
        self._revised: dict[str, str] = {}
        self._bodies: dict[str, bytes] = {}
        self.reader = WordPressAnswers()

    def recall(self, item: Capture) -> str:
        comment = _COMMENT.fullmatch(item.native_id)
        if comment is None:
            place = _place_of(item) if item.native_id.isdecimal() else ""
            return f"{place}/{item.native_id}" if place else ""
        if item.occurred_at is not None:
            self._comments[item.native_id] = item.occurred_at
            _shorten(self._comments)
        return f"comments/{comment[2]}"

    async def poll(self, cursor: Cursor) -> AsyncIterator[Step]:
        await self._interface.find()
        for kind in _TIME:
            async for step in self._upwards(kind, cursor.get(kind, "")):
                yield step
        async for step in self._lately():
            yield step
        self._complete = True

    def stream(self, cursor: Cursor) -> None:  # a site has none
        return None

    async def look(self, known: Known) -> Look:
        try:
            reply = await self._interface.one(known.place)
        except Missing as error:
            return Look.at_nothing(error, self._time.now())
        except Hidden as error:
            return Look(False, Seen(self._time.now(), error.status, error.address))
        seen = Seen(self._time.now(), reply.status, reply.address)
        return Look(False, seen, (Answer(f"{known.place}.json", reply.body),))

    async def well(self) -> bool:
        await self._interface.find()
        return True

    async def _upwards(self, kind: str, last: str) -> AsyncIterator[Step]:
        """Everything of a kind since the cursor, and some of before, page by page, oldest first.

        Each page is asked for by the time at which the one before it ended: what is changed
        meanwhile moves to the end, and would else push others out of sight.
        """
        again = _AGAIN if self._complete else _WINDOW
        after = datetime.fromisoformat(last) - again if last else None
        page = 1
        while True:
            asked = {"order": "asc", "orderby": _TIME[kind], "page": page}
            reply = await self._interface.listed(kind, asked, after)
            found = reply.json()
            yield Step(self._new(f"{kind}.json", reply))
            if kind == "comments":
                self._note_threads(found)
            elif self._interface.moderates:
                for post in found:
                    yield Step(await self._revisions(kind, post))
            times = [datetime.fromisoformat(one[_TIME[kind]]) for one in found]
            if times:
                last = max(last, self._until(max(times)))
                yield Step(cursor={kind: last})
            if page >= pages_of(reply):
                return
            page += 1
            if times and (after is None or max(times) - _SECOND > after):
                after, page = max(times) - _SECOND, 1

    def _note_threads(self, comments: Sequence[Mapping[str, Any]]) -> None:
        for one in comments:
            at = from_gmt(str(one["date_gmt"]))
            if at is not None and self._time.now() - at < _WINDOW:
                self._threads[str(one["post"])] = at

    async def _lately(self) -> AsyncIterator[Step]:
        """The comments of threads in which something was said lately, as they are now; what was
        there before, and is not, is missing.
        """
        oldest = self._time.now() - _WINDOW
        self._threads = {post: at for post, at in self._threads.items() if at > oldest}
        posts = list(self._threads)[:_THREADS]
        for post in posts:
            self._threads[post] = self._threads.pop(post)
        if not posts:
            return
        shown = set[str]()
        for status in _STANDINGS if self._interface.moderates else _STANDINGS[:1]:
            asked = {"order": "desc", "orderby": "date", "post": ",".join(posts), "status": status}
            for page in range(1, _PAGES + 1):
                reply = await self._interface.listed("comments", {**asked, "page": page})
                found = reply.json()
                shown |= {f"{one['post']}#comment-{one['id']}" for one in found}
                yield Step(self._new("comments.json", reply))
                if page >= pages_of(reply):
                    break
                if page == _PAGES:
                    dates = [from_gmt(str(one["date_gmt"])) for one in found]
                    oldest = max([oldest, *(one for one in dates if one is not None)])
        yield Step(missing=tuple(self._absent(posts, shown, oldest)))

    def _absent(self, posts: Sequence[str], shown: set[str], oldest: datetime) -> list[str]:
        """The known comments to these posts that are younger than `oldest` and were not shown;
        they are forgotten here until they are seen again.
        """
        among = set(posts)
        absent = [
            one
            for one, at in self._comments.items()
            if at > oldest and one not in shown and one.partition("#")[0] in among
        ]
        for one in absent:
            del self._comments[one]
        return absent

    async def _revisions(self, kind: str, post: Mapping[str, Any]) -> tuple[Answer, ...]:
        """The revisions of a post, if its newest one was not seen yet."""
        number = str(post["id"])
        newest = [str(one["id"]) for one in post["_links"].get("predecessor-version", ())]
        if not newest or self._revised.get(number) == newest[0]:
            return ()
        name = f"{kind}/{number}/revisions"
        replies: list[Reply] = []
        while not replies or len(replies) < pages_of(replies[-1]):
            try:
                replies.append(await self._interface.listed(name, {"page": len(replies) + 1}))
            except Missing:
                return ()
        self._revised[number] = newest[0]
        _shorten(self._revised)
        return tuple(Answer(f"{name}.json", one.body) for one in replies if one.json())

    def _until(self, newest: datetime) -> str:
        """The cursor after an item: its time, but none that lies in the future."""
        latest = self._time.now().astimezone(UTC).replace(tzinfo=None) + _ZONES
        return min(newest, latest).isoformat()

    def _new(self, name: str, reply: Reply) -> tuple[Answer, ...]:
        """An answer with items, unless the same address gave the same bytes the last time."""
        digest = sha256(reply.body).digest()
        if not reply.json() or self._bodies.get(reply.address) == digest:
            return ()
        self._bodies[reply.address] = digest
        _shorten(self._bodies)
        return (Answer(name, reply.body),)


def _place_of(item: Capture) -> str:
    """Where in the interface a post stands; "" for what is none of `PLACES`."""
    try:
        found = loads(item.raw)
    except ValueError:  # it comes from an export
        return "posts" if item.kind == "post" else ""
    return PLACES.get(str(found.get("type")), "") if isinstance(found, dict) else ""


def _shorten(remembered: dict[str, Any]) -> None:
    if len(remembered) > _REMEMBERED:
        del remembered[next(iter(remembered))]


WORDPRESS = Platform(
    "wordpress",
    WordPressSite,
    promise=60,
    floor=60,
    ceiling=600,
    address=lambda handle: f"https://{handle}",
)
