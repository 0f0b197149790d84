"""ActivityStreams 2.0: collections, single activities and notes, and lines of them (W3C, 2017).

Any file of JSON in that vocabulary: an ``OrderedCollection``, ``Collection`` or a page of one,
one object, or one object a line, as a server's inbox or outbox would keep them. ``Create`` and
``Update`` give a note's version, ``Announce`` a share, ``Undo`` of it and ``Delete`` a removal.
What a ``Delete`` names is known by its address alone; it says neither why nor, mostly, when, and
servers send it in the author's name whether the author or a moderator deleted: it is not said by
whom. An actor that deletes itself is the account's profile, gone; somebody else's is a page.
Likes, follows and the like are counted and not captured.

The platform is ``mastodon``, whose archives hold the same ids, unless the caller names another; the
account is that of the collection's address, else the caller names it. Keys are those of
`ingest.readers._activities`.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from archive import SourceError
from ingest._capture import AccountName, Capture, Gone, Kind, Rejected, Told
from ingest._export import Export
from ingest._json import Piece
from ingest._located import Inside, Located, LocatedList, located
from ingest._shapes import table, text
from ingest._source import UNREADABLE, Item, Source, reason_of, whose
from ingest._times import from_iso
from ingest.readers._activities import (
    ACTORS,
    BESIDE,
    NOTES,
    account_at,
    actor_of,
    note,
    own_id,
    profile,
    share,
)
from ingest.readers._answers import answers_in, documents, is_answer, not_captured

_MARK = re.compile(rb'"@context"[^{]{0,200}?activitystreams', re.IGNORECASE)
_COLLECTIONS = frozenset(
    ("Collection", "OrderedCollection", "CollectionPage", "OrderedCollectionPage")
)
_OWN_OUTBOX = re.compile(rb'"id"\s*:\s*"(https?://[^"\s]+?)/outbox(?:\?[^"\s]*)?"')
_LISTS = ("orderedItems", "items")
_IN_COLLECTION = Inside(frozenset(("first",)), frozenset(_LISTS))
_NOT_CAPTURED = frozenset(
    (
        *("Like", "Dislike", "EmojiReact", "Follow", "Accept", "Reject", "TentativeAccept"),
        *("TentativeReject", "Block", "Flag", "Add", "Remove", "Move", "View", "Read", "Listen"),
        *("Join", "Leave", "Invite", "Offer", "Arrive", "Travel", "Ignore"),
    )
)


class ActivityStreams:
    """Reads ActivityStreams 2.0 in JSON files and lines."""

    name = "activitystreams"
    version = 1

    def sniff(self, export: Export) -> bool:
        return export.find_file("outbox.json") is None and is_answer(export, _MARK)

    def frame(self, source_file: str) -> tuple[bytes, bytes]:
        return b'{"@context":"https://www.w3.org/ns/activitystreams","orderedItems":[', b"]}"

    def read(self, export: Export, told: Told) -> Source:
        files = answers_in(export, _MARK)
        if not files:
            raise SourceError(f"{export.path.name} holds no ActivityStreams")
        owner = _owner(export, files)
        known = whose(told, owner)
        kinds: tuple[Kind, ...] = ("post", "comment", "share", "message") if owner else ()
        taken = _Taken(known)
        return Source(
            told.platform or "mastodon",
            known,
            frozenset(kinds),
            tuple(files),
            taken.all(export, files),
        )


def _owner(export: Export, files: list[str]) -> AccountName | None:
    """Whose outbox the first file is, where it is one."""
    match = _OWN_OUTBOX.search(export.head(files[0], 16 << 10))
    return account_at(match[1].decode(errors="replace")) if match else None


class _Taken:
    """The items of one source, and the counts of what is not captured."""

    def __init__(self, account: AccountName) -> None:
        self._account = account
        self._passed: Counter[str] = Counter()

    def all(self, export: Export, files: list[str]) -> Iterator[Item]:
        for file in files:
            for piece in documents(export, file, _LISTS, beside=BESIDE):
                yield from self._document(piece, file)
        yield from not_captured(self._passed)

    def _document(self, piece: Piece, file: str) -> Iterator[Item]:
        if piece.error:
            yield Rejected(piece.error, piece.raw, file)
            return
        objects: Iterable[Piece] = (piece,)
        if isinstance(piece.value, dict) and _is_collection(piece.value):
            objects = _in_collection(piece)
        for one in objects:
            try:
                item = self._item(one.value, one.raw, file)
            except UNREADABLE as error:
                yield Rejected(reason_of(error), one.raw, file)
                continue
            if item is not None:
                yield item

    def _item(self, value: Any, raw: bytes, file: str) -> Item | None:
        if not isinstance(value, dict):
            raise ValueError("it is no object: an address alone says nothing of what was there")
        kind, of = text(value, "type"), table(value, "object")
        if kind in ("Create", "Update"):
            if not of:
                raise ValueError("it names what it is about by its address alone")
            return self._content(value, of, raw, file)
        if kind == "Announce":
            return share(value, raw, self._named(actor_of(value)), file)
        if kind == "Delete":
            return self._deleted(value, raw, file)
        if kind == "Undo":
            return self._undone(value, of, raw, file)
        if kind == "Tombstone":
            return Gone(
                own_id(value), "post", raw, from_iso(value.get("deleted")), source_file=file
            )
        if kind in NOTES or kind in ACTORS:
            return self._content({}, value, raw, file)
        if kind in _NOT_CAPTURED:
            self._passed[kind] += 1
            return None
        raise ValueError(f"an object of the kind {kind!r} is not known")

    def _content(
        self, activity: Mapping[str, Any], of: Mapping[str, Any], raw: bytes, file: str
    ) -> Capture:
        kind = text(of, "type")
        if kind in ACTORS:
            who = self._named(actor_of({"actor": of}))
            page = profile(of, raw, who, file)
            return page if self._is_own(who) else replace(page, native_id=own_id(of), kind="page")
        if kind not in NOTES:
            raise ValueError(f"an object of the kind {kind!r} is not known")
        author = actor_of(of, "attributedTo")
        return note(
            activity, of, raw, self._named(author if author.handle else actor_of(activity)), file
        )

    def _deleted(self, activity: Mapping[str, Any], raw: bytes, file: str) -> Gone:
        found = activity.get("object")
        of = table(activity, "object")
        target = found if isinstance(found, str) and found else own_id(of)
        when = from_iso(of.get("deleted")) or from_iso(activity.get("published"))
        actor = actor_of(activity)
        if target != actor.url:
            return Gone(target, "post", raw, when, source_file=file)
        if self._is_own(actor):
            return Gone("profile", "profile", raw, when, source_file=file)
        return Gone(target, "page", raw, when, source_file=file)

    def _undone(
        self, activity: Mapping[str, Any], of: Mapping[str, Any], raw: bytes, file: str
    ) -> Gone | None:
        kind = text(of, "type")
        if kind == "Announce":
            when = from_iso(activity.get("published"))
            return Gone(own_id(of), "share", raw, when, "author", source_file=file)
        if kind in _NOT_CAPTURED:
            self._passed[f"Undo of {kind}"] += 1
            return None
        raise ValueError("it does not say what is undone")

    def _is_own(self, actor: AccountName) -> bool:
        return actor.handle.lower() == self._account.handle.lower()

    def _named(self, actor: AccountName) -> AccountName:
        if self._is_own(actor) and not actor.name:
            return replace(self._account, url=actor.url)
        return actor


def _is_collection(value: Mapping[str, Any]) -> bool:
    kind = text(value, "type")
    return kind in _COLLECTIONS or (not kind and any(name in value for name in _LISTS))


def _in_collection(piece: Piece) -> Iterator[Piece]:
    """The members of a collection and of the page that stands in it."""
    whole = located(piece.raw, _IN_COLLECTION)
    for holder in (whole, table(whole, "first")):
        for name in _LISTS:
            found = holder.get(name)
            if isinstance(found, LocatedList):
                yield from (Piece(raw, value) for raw, value in found.elements())
            elif isinstance(found, Located):
                yield Piece(found.raw, found)
