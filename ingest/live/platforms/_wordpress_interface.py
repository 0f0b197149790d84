"""How WordPress' REST interface is found and asked, and what its errors say."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import httpx

from archive import UsageError
from ingest._json import loads
from ingest.live._calls import Reply
from ingest.live._platform import Place
from ingest.live._trouble import Denied, Odd, Trouble

PLACES = {"post": "posts", "page": "pages", "attachment": "media"}
"""Where what is of a type stands."""

_PAGE = 100
_EMBEDDED = {"_embed": "author,wp:featuredmedia"}
_POSTS = {"status": "publish,future,draft,pending,private,trash"}
_LISTS = {"posts": _POSTS, "pages": _POSTS, "comments": {"status": "any", "type": "all"}}
"""What is in a list only where it is asked for."""
_SINCE = {"posts": "modified_after", "pages": "modified_after", "comments": "after"}
_RIGHTS = ("edit_others_posts", "edit_others_pages", "moderate_comments")
_NO_EDITOR = "give the account a new application password, of an editor of the site"
_GONE = frozenset(("rest_post_invalid_id", "rest_comment_invalid_id"))


class Hidden(Denied):
    """Something that only whoever moderates may see; `status` and `address` of the answer."""

    def __init__(self, said: str, hint: str, reply: Reply) -> None:
        super().__init__(said, hint)
        self.status, self.address = reply.status, reply.address


class Interface:
    """The interface of one site; `moderates` where there is a token.

    Raises UsageError for a token that is none, `Hidden` without a token for what wants one.
    """

    def __init__(self, place: Place) -> None:
        user, _, password = place.token.partition(":")
        if place.token and not (user and password):
            raise UsageError(
                f"the token of {place.handle} is not USER:PASSWORD",
                hint="give the user's name, a colon, and an application password of that user",
            )
        self.moderates = bool(password)
        self._handle, self._address = place.handle, place.address
        auth = httpx.BasicAuth(user, password) if password else None
        self._calls = place.calls(auth=auth, judge=self._judge)
        self._found = self._plain = False

    async def find(self) -> None:
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
                raise Odd(f"{self._address} has no interface of WordPress that can be read")
            self._found = True
        if self.moderates:
            wanted = {"context": "edit", "_fields": "capabilities"}
            may = (await self._ask("wp/v2/users/me", wanted)).json()["capabilities"]
            if not all(may.get(one) for one in _RIGHTS):
                raise Denied(f"the user of {self._handle}'s token is no editor", _NO_EDITOR)

    async def listed(
        self, kind: str, asked: Mapping[str, Any], after: datetime | None = None
    ) -> Reply:
        """A page of a list, of what is later than a moment of the site's own time."""
        since = {} if after is None else {_SINCE[kind]: after.isoformat()}
        more = _LISTS.get(kind, {}) if self.moderates else {}
        wanted = {**self._wanted(kind), **more, **since, "per_page": _PAGE, **asked}
        return await self._ask(f"wp/v2/{kind}", wanted)

    async def one(self, place: str) -> Reply:
        """A single item, by its list and number; `Missing` when WordPress knows none."""
        return await self._ask(f"wp/v2/{place}", self._wanted(place.partition("/")[0]))

    def _wanted(self, kind: str) -> dict[str, str]:
        """What to ask for, so that an item is given with all that may be seen of it."""
        embedded = _EMBEDDED if kind in PLACES.values() else {}
        return {**embedded, "context": "edit"} if self.moderates else {**embedded}

    async def _ask(self, path: str, asked: Mapping[str, Any]) -> Reply:
        if self._plain:
            return await self._calls.get("", {"rest_route": f"/{path}", **asked})
        return await self._calls.get(f"wp-json/{path}", asked)

    def _judge(self, reply: Reply) -> Trouble | None:
        """What WordPress says by a code: whether there is no such item, or merely no such page."""
        if reply.status not in {401, 403, 404}:
            return None
        code, message = _error_in(reply)
        said = f"{reply.address} answered {reply.status}" + (f": {message}" if message else "")
        if reply.status == 404:
            return None if code in _GONE else Odd(said)
        if not self.moderates:
            return Hidden(said, "name an application password of an editor by --token", reply)
        return Denied(said, _NO_EDITOR)


def _error_in(reply: Reply) -> tuple[str, str]:
    """The code and the message of an error, in a line; "" where it is none of WordPress'."""
    try:
        found = loads(reply.body)
    except ValueError:
        return "", ""
    told = found if isinstance(found, dict) else {}
    return str(told.get("code", "")), " ".join(str(told.get("message", "")).split()).rstrip(".")


def pages_of(reply: Reply) -> int:
    """How many pages a list has."""
    return int(reply.headers.get("X-WP-TotalPages") or 1)
