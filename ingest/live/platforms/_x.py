"""An account on X: its posts and what mentions it, by the X API v2.

Asked for are ``users/:id/tweets`` and ``mentions`` upwards from ``since_id``, and once an hour each
recent post by ``tweets?ids=``, a hundred at a time: one that is ``resource-not-found`` there is
looked at twice. X counts every post that it gives: ``--option deletions=no`` leaves that out. An
edited post is a new one, whose thread names the first.
"""

from collections.abc import AsyncIterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from ingest._capture import Capture
from ingest._shapes import table, tables, text
from ingest.live._calls import Bearer, Reply
from ingest.live._platform import Answer, Cursor, Known, Look, Place, Platform, Seen, Step
from ingest.live._trouble import Denied, Missing, Odd, Throttled, Trouble
from ingest.readers._x_api import XAnswers

BASE = "https://api.x.com/2"
_PAGE = 100
_EVERY = timedelta(hours=1)
_REMEMBERED = 500
_CAPPED_FOR = 6 * 3600.0
_NOT_FOUND = "/resource-not-found"
_FIELDS = {
    "tweet.fields": "author_id,created_at,conversation_id,edit_history_tweet_ids,attachments,geo,"
    "in_reply_to_user_id,lang,note_tweet,public_metrics,referenced_tweets",
    "expansions": "author_id,referenced_tweets.id,referenced_tweets.id.author_id,"
    "attachments.media_keys,attachments.poll_ids,geo.place_id",
    "user.fields": "name,username",
    "media.fields": "alt_text,media_key,preview_image_url,type,url,variants",
    "poll.fields": "options",
    "place.fields": "full_name",
}


class XAccount:
    """One account."""

    def __init__(self, place: Place) -> None:
        self._handle, self._time = place.handle, place.time
        self._calls = place.calls(auth=Bearer(place.token), judge=_judge)
        self._deletions = place.options.get("deletions") != "no"
        self.reader = XAnswers()
        self._id = ""
        self._checked: dict[str, datetime | None] = {}
        """Recent posts, and when each was asked for by its id."""

    def recall(self, item: Capture) -> str:
        if not self._deletions or not item.native_id.isdigit():
            return ""
        self._checked.setdefault(item.native_id, None)
        if len(self._checked) > _REMEMBERED:
            del self._checked[min(self._checked, key=int)]
        return item.native_id

    async def poll(self, cursor: Cursor) -> AsyncIterator[Step]:
        if not self._id:
            found = _object(await self._calls.get(f"users/by/username/{self._handle}"))
            self._id = text(table(found, "data"), "id")
            if not self._id:
                raise Denied(
                    f"X shows no account {self._handle} to this token",
                    hint="name it as X does now, without @; a protected one needs its own token",
                )
        for name in ("tweets", "mentions"):
            async for step in self._upwards(name, cursor):
                yield step
        now = self._time.now()
        due = [key for key, at in self._checked.items() if at is None or now - at >= _EVERY]
        if due[:_PAGE]:
            yield await self._check(due[:_PAGE], now)

    def stream(self, cursor: Cursor) -> None:  # only for searches
        return None

    async def look(self, known: Known) -> Look:
        reply = await self._calls.get("tweets", {"ids": known.place, **_FIELDS})
        seen = Seen(self._time.now(), reply.status, reply.address, reply.body)
        if known.place in _not_found(reply):
            return Look(True, seen)
        return Look(False, seen, _answers("tweet", reply))

    async def well(self) -> bool:
        try:
            return "data" in _object(await self._calls.get(f"users/{self._id}"))
        except Missing:
            return False

    async def _upwards(self, name: str, cursor: Cursor) -> AsyncIterator[Step]:
        """All that is newer than what is archived, newest first; it goes on where it was."""
        since, top = cursor.get(name, ""), cursor.get(f"{name}.top", "")
        page = cursor.get(f"{name}.page", "")
        asked = {"max_results": _PAGE, **({"since_id": since} if since else {}), **_FIELDS}
        while True:
            more = {"pagination_token": page} if page else {}
            try:
                reply = await self._calls.get(f"users/{self._id}/{name}", {**asked, **more})
            except Odd:
                if page:
                    yield Step(cursor={f"{name}.page": "", f"{name}.top": ""})
                raise
            meta = table(_object(reply), "meta")
            top = max(top, text(meta, "newest_id"), key=lambda one: int(one or 0))
            page = text(meta, "next_token")
            moved = {
                name: since if page else top or since,
                f"{name}.top": top if page else "",
                f"{name}.page": page,
            }
            yield Step(_answers(name, reply), moved)
            if not page:
                return

    async def _check(self, wanted: list[str], now: datetime) -> Step:
        """Ask for posts by their ids: as they are now, and which are not found."""
        reply = await self._calls.get("tweets", {"ids": ",".join(wanted), **_FIELDS})
        self._checked |= dict.fromkeys(wanted, now)
        missing = _not_found(reply)
        for one in missing:
            self._checked.pop(one, None)
        return Step(_answers("tweet", reply), missing=tuple(missing))


def _answers(name: str, reply: Reply) -> tuple[Answer, ...]:
    """An answer for the reader, unless there is no post in it."""
    return (Answer(f"{name}.json", reply.body),) if "data" in _object(reply) else ()


def _not_found(reply: Reply) -> list[str]:
    """The posts that X says it does not find, and not merely that it does not show them."""
    return [
        text(one, "resource_id") or text(one, "value")
        for one in tables(_object(reply), "errors")
        if text(one, "type").endswith(_NOT_FOUND)
    ]


def _object(reply: Reply) -> Mapping[str, Any]:
    found = reply.json()
    if not isinstance(found, dict):
        raise Odd(f"{reply.address} answered with no object")
    return found


def _judge(reply: Reply) -> Trouble | None:
    if reply.status in {403, 429} and b"/usage-capped" in reply.body:
        said = f"{reply.address} answered {reply.status}: X gives no more posts this month"
        return Throttled(said, _CAPPED_FOR)
    return None


X = Platform(
    "x",
    XAccount,
    promise=60,
    floor=60,
    ceiling=900,
    needs_token=True,
    address=lambda _handle: BASE,
)
