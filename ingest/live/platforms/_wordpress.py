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

import httpx

from archive import UsageError
from ingest._capture import Capture
from ingest._json import loads
from ingest._times import from_gmt
from ingest.live._calls import Reply
from ingest.live._platform import Answer, Cursor, Known, Look, Place, Platform, Seen, Step
from ingest.live._trouble import Denied, Missing, Odd, Trouble
from ingest.readers._wordpress_rest import WordPressAnswers

_PAGE = 100
_PAGES = 10
_THREADS = 50
_REMEMBERED = 2000
_WINDOW = timedelta(days=30)
_AGAIN = timedelta(days=2)
"""How much is read again with every poll."""
_ZONES = timedelta(hours=14)
"""How far a site's own time may be ahead of UTC."""
_SECOND = timedelta(seconds=1)

_STATUSES = "publish,future,draft,pending,private,trash"
_STANDINGS = ("all", "spam", "trash")
"""What comments are asked for: "all" is what is approved or waits."""
_EMBEDDED = "author,wp:featuredmedia"
_SINCE = {"posts": "modified_after", "pages": "modified_after", "comments": "after"}
_TIME = {"posts": "modified", "pages": "modified", "comments": "date"}
_PLACES = {"post": "posts", "page": "pages", "attachment": "media"}
_COMMENT = re.compile(r"(\d+)#comment-(\d+)")
_RIGHTS = ("edit_others_posts", "edit_others_pages", "moderate_comments")
_NO_EDITOR = "give the account a new application password, of an editor of the site"
_GONE = frozenset(("rest_post_invalid_id", "rest_comment_invalid_id"))


class _Hidden(Denied):
    """Something that only whoever moderates may see; `status` and `address` of the answer."""

    def __init__(self, said: str, hint: str, reply: Reply) -> None:
        super().__init__(said, hint)
        self.status, self.address = reply.status, reply.address


class WordPressSite:
    """One site."""

    def __init__(self, place: Place) -> None:
        self._place, self._time = place, place.time
        user, _, password = place.token.partition(":")
        if place.token and not (user and password):
            raise UsageError(
                f"the token of {place.handle} is not USER:PASSWORD",
                hint="give the user's name, a colon, and an application password of that user",
            )
        auth = httpx.BasicAuth(user, password) if password else None
        self._calls = place.calls(auth=auth, judge=self._judge)
        self._moderates = bool(password)
        self._found = self._plain = False
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
        again = _AGAIN if self._found else _WINDOW
        await self._find()
        for kind in _SINCE:
            last = cursor.get(kind)
            after = datetime.fromisoformat(last) - again if last else None
            async for step in self._upwards(kind, after):
                yield step
        async for step in self._lately():
            yield step

    def stream(self, cursor: Cursor) -> None:  # a site has none
        return None

    async def look(self, known: Known) -> Look:
        kind = known.place.partition("/")[0]
        try:
            reply = await self._ask(f"wp/v2/{known.place}", self._wanted(kind, single=True))
        except Missing as error:
            return Look.at_nothing(error, self._time.now())
        except _Hidden as error:
            return Look(False, Seen(self._time.now(), error.status, error.address))
        seen = Seen(self._time.now(), reply.status, reply.address)
        return Look(False, seen, (Answer(f"{known.place}.json", reply.body),))

    async def well(self) -> bool:
        await self._find()
        return True

    async def _find(self) -> None:
        """Find the interface, and whether the token is good for what is asked with it.

        The interface is below wp-json, or behind a parameter where the site's addresses are plain
        ones; `Odd` where there is none. WordPress takes whoever gives a wrong password for nobody,
        and answers.
        """
        if not self._found:
            self._plain = False
            wanted = {"_fields": "namespaces"}
            try:
                spoken = (await self._ask("", wanted)).json()
            except Odd:
                self._plain = True
                spoken = (await self._ask("", wanted)).json()
            if "wp/v2" not in spoken.get("namespaces", ()):
                raise Odd(f"{self._place.address} has no interface of WordPress that can be read")
            self._found = True
        if self._moderates:
            wanted = {"context": "edit", "_fields": "capabilities"}
            may = (await self._ask("wp/v2/users/me", wanted)).json()["capabilities"]
            if not all(may.get(one) for one in _RIGHTS):
                raise Denied(f"the user of {self._place.handle}'s token is no editor", _NO_EDITOR)

    async def _upwards(self, kind: str, after: datetime | None) -> AsyncIterator[Step]:
        """Everything of a kind since a moment of the site's, page by page, oldest first.

        Each page is asked for by the time at which the one before it ended: what is changed
        meanwhile moves to the end, and would else push others out of sight.
        """
        page = 1
        while True:
            asked = {"order": "asc", "orderby": _TIME[kind], "page": page}
            if after is not None:
                asked[_SINCE[kind]] = after.isoformat()
            reply = await self._list(kind, asked)
            found = reply.json()
            answers = [*self._new(f"{kind}.json", reply)]
            if kind == "comments":
                self._note_threads(found)
            else:
                for post in found:
                    answers += await self._revisions(kind, post)
            times = [datetime.fromisoformat(one[_TIME[kind]]) for one in found]
            yield Step(tuple(answers), {kind: self._until(max(times))} if times else {})
            if page >= _pages_of(reply):
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
        shown = set[str]()
        for status in (_STANDINGS if self._moderates else ("approve",)) if posts else ():
            asked = {"order": "desc", "orderby": "date", "post": ",".join(posts), "status": status}
            for page in range(1, _PAGES + 1):
                reply = await self._list("comments", {**asked, "page": page})
                found = reply.json()
                shown |= {f"{one['post']}#comment-{one['id']}" for one in found}
                yield Step(self._new("comments.json", reply))
                if page >= _pages_of(reply):
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

    async def _revisions(self, kind: str, post: Mapping[str, Any]) -> list[Answer]:
        """The revisions of a post whose newest one was not seen yet; none without a token."""
        number = str(post["id"])
        newest = [str(one["id"]) for one in post["_links"].get("predecessor-version", ())]
        if not self._moderates or not newest or self._revised.get(number) == newest[0]:
            return []
        answers, page, pages = list[Answer](), 1, 1
        while page <= pages:
            try:
                reply = await self._list(f"{kind}/{number}/revisions", {"page": page})
            except Missing:
                return answers
            if reply.json():
                answers.append(Answer(f"{kind}/{number}/revisions.json", reply.body))
            page, pages = page + 1, _pages_of(reply)
        self._revised[number] = newest[0]
        _shorten(self._revised)
        return answers

    async def _list(self, kind: str, asked: Mapping[str, Any]) -> Reply:
        wanted = {**self._wanted(kind), "per_page": _PAGE, **asked}
        return await self._ask(f"wp/v2/{kind}", wanted)

    def _wanted(self, kind: str, *, single: bool = False) -> dict[str, str]:
        """What to ask for of a kind, so that all of it is given that may be seen."""
        wanted = {"_embed": _EMBEDDED} if kind in _PLACES.values() else {}
        if not self._moderates:
            return wanted
        wanted["context"] = "edit"
        if kind == "comments" and not single:
            wanted |= {"status": "any", "type": "all"}
        elif kind in _SINCE and not single:
            wanted["status"] = _STATUSES
        return wanted

    async def _ask(self, path: str, asked: Mapping[str, Any]) -> Reply:
        if self._plain:
            return await self._calls.get("", {"rest_route": f"/{path}", **asked})
        return await self._calls.get(f"wp-json/{path}", asked)

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

    def _judge(self, reply: Reply) -> Trouble | None:
        """What WordPress says by a code: whether there is no such item, or merely no such page."""
        if reply.status not in {401, 403, 404}:
            return None
        code, message = _error_in(reply)
        said = f"{reply.address} answered {reply.status}" + (f": {message}" if message else "")
        if reply.status == 404:
            return None if code in _GONE else Odd(said)
        if not self._moderates:
            return _Hidden(said, "name an application password of an editor by --token", reply)
        return Denied(said, _NO_EDITOR)


def _place_of(item: Capture) -> str:
    """Where in the interface a post stands; "" for what is none of `_PLACES`."""
    try:
        found = loads(item.raw)
    except ValueError:  # it comes from an export
        return "posts" if item.kind == "post" else ""
    return _PLACES.get(str(found.get("type")), "") if isinstance(found, dict) else ""


def _error_in(reply: Reply) -> tuple[str, str]:
    """The code and the message of an error, in a line; "" where it is none of WordPress'."""
    try:
        found = loads(reply.body)
    except ValueError:
        return "", ""
    told = found if isinstance(found, dict) else {}
    return str(told.get("code", "")), " ".join(str(told.get("message", "")).split())


def _pages_of(reply: Reply) -> int:
    return int(reply.headers.get("X-WP-TotalPages") or 1)


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
