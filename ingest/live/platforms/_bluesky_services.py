"""The services of the AT Protocol that are asked about one account: its server, and an AppView."""

from collections.abc import Mapping
from typing import Any

from ingest._shapes import table, tables, text
from ingest.live._calls import Calls, Params, Reply
from ingest.live._platform import Answer, Place
from ingest.live._trouble import Denied, Missing, Odd, Trouble
from ingest.readers._atproto import collection_of, repository_of

ENTRYWAY = "https://bsky.social"
"""Where accounts on Bluesky's own servers are found: each is on one of many servers behind it."""
_NOTHING = frozenset(("RecordNotFound", "RepoNotFound", "NotFound"))
_HOME = "#atproto_pds"


class Services:
    """Calls without a token. `did` and `home`, the server of the repository, stand after `find`.

    The server is the address that the account is watched at, but for Bluesky's entryway, which
    names it. The option `appview` is the address of an AppView, which shows what others replied.
    """

    def __init__(self, place: Place) -> None:
        self._place = place
        self.did, self.home = "", place.address.rstrip("/")
        self._home: Calls = place.calls(judge=_judge)
        view = place.options.get("appview", "")
        self._view: Calls | None = place.calls(base=view, judge=_judge) if view else None

    @property
    def has_view(self) -> bool:
        """Whether an AppView can be asked."""
        return self._view is not None

    async def find(self, did: str = "") -> None:
        """Find the account and its server; by its handle, where its DID is not known by now.

        A handle is no more found while the account is not to be seen, and may become another's.
        """
        if self.did:
            return
        did = did or self._place.handle.removeprefix("@")
        if not did.startswith("did:"):
            reply = await self._get("com.atproto.identity.resolveHandle", {"handle": did})
            did = text(reply.json(), "did")
        if self.home == ENTRYWAY:
            reply = await self._get("com.atproto.repo.describeRepo", {"repo": did})
            named = [
                text(one, "serviceEndpoint")
                for one in tables(table(reply.json(), "didDoc"), "service")
                if text(one, "id").endswith(_HOME)
            ]
            if not named:
                raise Odd(f"{self.home} does not say which server holds {self._place.handle}")
            self.home = named[0].rstrip("/")
            self._home = self._place.calls(base=self.home, judge=_judge)
        self.did = did

    async def revision(self) -> str:
        """The revision of the account's repository; Denied where that is not to be seen."""
        status = await self._status(self.did)
        if status.get("active") is not True:
            said = text(status, "status") or "not active"
            raise Denied(
                f"the account {self._place.handle} is {said} at {self.home}",
                hint="ask whoever runs that server; nothing is taken for vanished meanwhile",
            )
        return text(status, "rev")

    async def is_active(self, did: str) -> bool:
        """Whether the server holds a repository that is to be seen."""
        try:
            return (await self._status(did)).get("active") is True
        except Missing:
            return False

    async def record(self, uri: str) -> Reply:
        """A record; Missing where there is none."""
        asked = {
            "repo": repository_of(uri),
            "collection": collection_of(uri),
            "rkey": uri.rpartition("/")[2],
        }
        return await self._get("com.atproto.repo.getRecord", asked)

    async def current(self, uri: str) -> tuple[Answer, ...]:
        """A record as it is now, as an answer; none where it is not there any more."""
        try:
            return (Answer("record.json", (await self.record(uri)).body),)
        except Missing:
            return ()

    async def records(self, collection: str, **more: Any) -> Reply:
        """A page of the account's records."""
        asked = {"repo": self.did, "collection": collection, **more}
        return await self._get("com.atproto.repo.listRecords", asked)

    async def thread(self, uri: str) -> Reply:
        """A post and what answers it, as the AppView shows them."""
        asked = {"uri": uri, "depth": 100, "parentHeight": 0}
        return await self._get("app.bsky.feed.getPostThread", asked, self._view)

    async def view(self, uri: str) -> Reply:
        """A list of one post or none, as the AppView shows it."""
        return await self._get("app.bsky.feed.getPosts", {"uris": uri}, self._view)

    async def _status(self, did: str) -> Mapping[str, Any]:
        reply = await self._get("com.atproto.sync.getRepoStatus", {"did": did})
        found: Mapping[str, Any] = reply.json()
        return found

    async def _get(self, method: str, asked: Params, at: Calls | None = None) -> Reply:
        return await (at or self._home).get(f"xrpc/{method}", asked)


def _judge(reply: Reply) -> Trouble | None:
    """A 400 by which these services say that there is nothing."""
    if reply.status != 400:
        return None
    said = text(reply.json(), "error")
    if said in _NOTHING:
        return Missing(f"{reply.address} answered {said}", reply.status, reply.address, reply.body)
    return Odd(f"{reply.address} answered 400 {said}: {text(reply.json(), 'message')}"[:500])
