"""The archive that Mastodon lets an account download: ``outbox.json``, ``actor.json``, media.

The outbox is an ActivityStreams collection of the account's own ``Create`` and ``Announce``
activities in their present state; ``totalItems`` is a counter of the server's that often differs,
so nothing is made of it. Earlier versions and deleted notes are not in it. A share names what it
shares by its address alone. ``actor.json`` is the account's profile. Likes, bookmarks and
followers are not captured. Keys and kinds are those of `ingest.readers._activities`.
"""

from collections.abc import Iterator
from typing import Any

from archive import SourceError
from ingest._capture import AccountName, Capture, Rejected, Told
from ingest._export import Export
from ingest._json import array_items, object_of
from ingest._source import Item, Source, each, whose
from ingest.readers._activities import BESIDE, Member, actor_of, note, profile, share

_ACTOR_LIMIT = 1 << 20


class MastodonArchive:
    """Reads a Mastodon archive: tar.gz, zip or folder, or its outbox alone."""

    name = "mastodon"
    version = 2

    def sniff(self, export: Export) -> bool:
        outbox = export.find_file("outbox.json")
        return outbox is not None and b"activitystreams" in export.head(outbox).lower()

    def frame(self, source_file: str) -> tuple[bytes, bytes] | None:
        if not source_file.endswith("outbox.json"):
            return None
        return b'{"@context":"https://www.w3.org/ns/activitystreams","orderedItems":[', b"]}"

    def read(self, export: Export, told: Told) -> Source:
        outbox = export.find_file("outbox.json")
        if outbox is None:
            raise SourceError(f"{export.path.name} holds no outbox.json")
        base = outbox.removesuffix("outbox.json")
        actor = _Actor(export, base + "actor.json")
        known = whose(told, actor.account)
        return Source(
            "mastodon",
            known,
            frozenset(("post", "comment", "share", "message")),
            (outbox, actor.file) if actor.raw else (outbox,),
            _items(export, outbox, actor, base, known),
            export.written_at(outbox),
        )


class _Actor:
    """``actor.json``, as far as it can be read."""

    def __init__(self, export: Export, file: str) -> None:
        self.file, self.raw = file, b""
        self.problem = ""
        self.account: AccountName | None = None
        self.value: dict[str, Any] = {}
        if file not in export:
            return
        self.raw = export.head(file, _ACTOR_LIMIT)
        try:
            found = object_of(self.raw)
        except SourceError as error:
            self.problem = str(error)
            return
        if not isinstance(found, dict) or not isinstance(found.get("preferredUsername"), str):
            self.problem = "it does not describe an actor"
            return
        self.value, self.account = found, actor_of({"actor": found})

    def items(self, account: AccountName, member: Member) -> Iterator[Item]:
        if self.problem:
            yield Rejected(self.problem, self.raw, self.file)
        elif self.value:
            yield profile(self.value, self.raw, account, self.file, member)


def _items(
    export: Export, outbox: str, actor: _Actor, base: str, account: AccountName
) -> Iterator[Item]:
    def member(url: str) -> str:
        found = base + url.lstrip("/")
        return found if url and found in export else ""

    def make(activity: Any, raw: bytes) -> Capture:
        kind, of = activity.get("type"), activity.get("object")
        if kind == "Create" and isinstance(of, dict):
            return note(activity, of, raw, account, outbox, member)
        if kind == "Announce":
            return share(activity, raw, account, outbox)
        raise ValueError(f"an activity of the kind {kind!r} is not known")

    yield from actor.items(account, member)
    with export.open(outbox) as stream:
        pieces = array_items(stream, "orderedItems", limit=export.limits.item, beside=BESIDE)
        yield from each(pieces, outbox, make)
