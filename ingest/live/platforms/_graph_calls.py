"""The Graph API's own ways: errors in bodies, and pages by cursors.

Error codes are those of developers.facebook.com/docs/graph-api/guides/error-handling and
…/overview/rate-limiting, seen 2026-11. An answer may name its next page by an address with the
token in it: the token is cut out of the bytes before a reader sees them. An item's own bytes stay.
"""

from collections.abc import AsyncIterator, Mapping
from typing import Any
from urllib.parse import quote

from ingest._shapes import number, table, tables, text
from ingest.live._calls import Bearer, Calls, Reply
from ingest.live._limits import asked_wait
from ingest.live._platform import Answer, Place
from ingest.live._trouble import Denied, Missing, Odd, Outage, Throttled, Trouble

BASE = "https://graph.facebook.com/v24.0"
PAGE = 100
_HIDDEN = b"..."
_EXPIRED = frozenset((102, 190, 463, 467))
_PERMISSION = frozenset((3, 10, *range(200, 300)))
_LIMITS = frozenset((4, 17, 32, 341, 613, *range(80000, 80015)))
_PASSING = frozenset((1, 2))
_NOT_THERE = 33
_ALIAS = 803
_LIMITED_FOR = 300.0


class Graph:
    """The calls of one account."""

    def __init__(self, place: Place) -> None:
        self._time = place.time
        self._tokens = [place.token.encode(), quote(place.token, safe="").encode()]
        self.calls: Calls = place.calls(auth=Bearer(place.token), judge=self._judge)

    async def pages(
        self, path: str, params: Mapping[str, Any], after: str = ""
    ) -> AsyncIterator[tuple[Reply, str]]:
        """The answers to a listing, each with the cursor of the next page, "" for the last."""
        while True:
            asked = {**params, "limit": PAGE, **({"after": after} if after else {})}
            reply = await self.calls.get(path, asked)
            paging = table(_object(reply), "paging")
            before, after = after, text(table(paging, "cursors"), "after")
            if "next" not in paging or after == before:
                after = ""
            yield reply, after
            if not after:
                return

    def answer(self, name: str, reply: Reply) -> Answer:
        """An answer for a reader, without the token."""
        body = reply.body
        for token in self._tokens:
            body = body.replace(token, _HIDDEN)
        return Answer(name, body)

    def _judge(self, reply: Reply) -> Trouble | None:
        error = table(_object(reply), "error") if b'"error"' in reply.body[:200] else {}
        if not error or reply.status < 400:
            return None
        code, said = number(error, "code"), f"{reply.address} answered {reply.status}"
        said += f" (error {code}: {text(error, 'message')[:200]})"
        if code in _EXPIRED:
            return Denied(said, "make a new Page token, keep it under the same name, start again")
        if code in _PERMISSION:
            return Denied(said, "give the token the permissions that docs/capture.md names")
        if code in _LIMITS:
            wait = asked_wait(reply.headers, self._time.now())
            return Throttled(said, wait or _LIMITED_FOR)
        if code == _ALIAS or (code == 100 and number(error, "error_subcode") == _NOT_THERE):
            return Missing(said, reply.status, reply.address, reply.body)
        if code in _PASSING or error.get("is_transient") is True:
            return Outage(said)
        return None


def items_of(reply: Reply) -> list[Mapping[str, Any]]:
    """What a page lists; `Odd` when it is no page."""
    found = _object(reply)
    if "data" not in found:
        raise Odd(f"{reply.address} answered without data")
    return tables(found, "data")


def _object(reply: Reply) -> Mapping[str, Any]:
    found = reply.json()
    return found if isinstance(found, dict) else {}
