"""Bluesky in JSON: what its services answer, and its streams of events, kept in files or lines.

Answers: ``getAuthorFeed``, ``getPostThread``, ``getPosts``, ``getQuotes``, ``searchPosts``,
``listNotifications``, ``getProfile`` (app.bsky), ``listRecords``, ``getRecord``,
``updateSubjectStatus`` (com.atproto), ``queryEvents`` (tools.ozone), also recorded as lists of
``[call, status, answer]``. Events: the firehose in JSON or in frames of DAG-CBOR, each behind its
length in 4 bytes; Jetstream. What others wrote in a thread carries its own author. Labels are a
post's status. A post of a thread that is "not found", and a record that is, are removed, by whom
the answer does not say: deleted and taken down look the same. What is blocked, and answers that
hold no post, are counted.

A reposted post's words are the other author's. Where an answer does not give a repost's address,
its key is ``repost:DID:`` and the post's address. Other keys, versions and times are those of
`ingest.readers._atproto`. The account is the one whose records are listed, or the caller names it.
"""

import re
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from typing import Any

import libipld

from archive import SourceError
from ingest._boxes import Stream
from ingest._capture import AccountName, Capture, Gone, Rejected, Told
from ingest._export import Export
from ingest._json import Piece
from ingest._located import each_once
from ingest._shapes import table, text, texts
from ingest._source import UNREADABLE, Item, Source, reason_of, whose
from ingest._times import from_iso
from ingest.readers._answers import answers_in, documents, is_answer, not_captured
from ingest.readers._atproto import (
    CAPTURED,
    author_of,
    capture_of,
    collection_of,
    counts_of,
    repository_of,
    shared_of,
)
from ingest.readers._bluesky_documents import BESIDE, LISTS, items_in
from ingest.readers._bluesky_events import (
    Known,
    in_commit,
    in_jetstream,
    in_message,
    in_moderation,
)

_MARK = re.compile(
    rb'"(?:uri|did|DID|repo)"\s*:\s*"(?:at://|did:)|"\$bytes(?:_len)?"\s*:|'
    rb'"\$type"\s*:\s*"(?:app\.bsky|com\.atproto|tools\.ozone)\.'
)
_IN_EVENT = frozenset(("frame", "drop", "invalid", "update", "header", "body"))
_IN_HEADER = frozenset(("op", "t"))
_NAMED = re.compile(rb'"(?:DID|did)"\s*:\s*"(did:[^"]+)",\s*"[Hh]andle"\s*:\s*"([^"]+)"')
_LISTED = re.compile(
    rb'"(?:records|postRecords)"\s*:\s*\[\s*\{[^{}]*?"uri"\s*:\s*"at://(did:[^/"]+)/'
)
_RECORDED = re.compile(rb'"(?:accountMeta|accounts)"\s*:')
_ADDRESS = re.compile(r"at://\S+")
_WRITTEN = frozenset(("uri", "cid", "commit", "validationStatus"))
_HEAD = 16 << 10
_FRAMES = ".frames.bin"


class Bluesky:
    """Reads answers of Bluesky's services and its streams of events.

    `own` is the account's DID, where it is known before.
    """

    name = "bluesky"
    version = 2

    def __init__(self, own: str = "") -> None:
        self.own = own

    def sniff(self, export: Export) -> bool:
        return is_answer(export, _MARK) or bool(_frames_in(export))

    def frame(self, source_file: str) -> tuple[bytes, bytes] | None:
        return None if source_file.endswith(_FRAMES) else (b"", b"\n")

    def read(self, export: Export, told: Told) -> Source:
        files = answers_in(export, _MARK) + _frames_in(export)
        if not files:
            raise SourceError(f"{export.path.name} holds no answers of Bluesky")
        did, found = _owner(export.head(files[0], _HEAD))
        known = whose(told, found)
        taken = _Taken(Known(known, self.own or did))
        return Source("bluesky", known, frozenset(), tuple(files), taken.all(export, files))


def _frames_in(export: Export) -> list[str]:
    return export.find(lambda name: name.endswith(_FRAMES))


def _owner(head: bytes) -> tuple[str, AccountName | None]:
    """The DID whose records the first file lists, and the account as it names it."""
    named = _NAMED.search(head) if _RECORDED.search(head) else None
    if named:
        did, handle = (one.decode(errors="replace") for one in named.groups())
        return did, AccountName(handle, url=f"https://bsky.app/profile/{handle}")
    if listed := _LISTED.search(head):
        did = listed[1].decode(errors="replace")
        return did, AccountName(did, url=f"https://bsky.app/profile/{did}")
    return "", None


class _Taken:
    """The items of one source."""

    def __init__(self, known: Known) -> None:
        self._known = known

    def all(self, export: Export, files: list[str]) -> Iterator[Item]:
        for file in files:
            if file.endswith(_FRAMES):
                yield from self._frames(export, file)
                continue
            for piece in documents(export, file, LISTS, beside=BESIDE):
                yield from self._document(piece, file)
        yield from not_captured(self._known.passed)

    def _document(self, piece: Piece, file: str) -> Iterator[Item]:
        if piece.error:
            yield Rejected(piece.error, piece.raw, file)
            return
        try:
            inner = list(items_in(piece))
        except UNREADABLE as error:
            yield Rejected(reason_of(error), piece.raw, file)
            return
        for one in inner:
            if one.error:
                yield Rejected(one.error, one.raw, file)
            else:
                yield from self._guarded(self._item(one.value, one.raw, file), one.raw, file)

    def _guarded(self, items: Iterator[Item], raw: bytes, file: str) -> Iterator[Item]:
        try:
            yield from items
        except UNREADABLE as error:
            yield Rejected(reason_of(error), raw, file)

    def _frames(self, export: Export, file: str) -> Iterator[Item]:
        with export.open(file) as stream:
            for raw, whole in _frames(stream, export.limits.item):
                if whole:
                    yield from self._guarded(self._frame(raw, file), raw, file)
                else:
                    yield Rejected("a frame is cut off", raw, file)

    def _frame(self, raw: bytes, file: str) -> Iterator[Item]:
        header, body = libipld.decode_dag_cbor_multi(raw)
        yield from in_message(header, body, raw, file, self._known)

    def _item(self, of: Any, raw: bytes, file: str) -> Iterator[Item]:
        if not isinstance(of, dict):
            raise ValueError("it is no object")
        yield from self._event(of, raw, file) or self._answer(of, raw, file)

    def _event(self, of: Mapping[str, Any], raw: bytes, file: str) -> Iterator[Item] | None:
        known = self._known
        if "frame" in of or ("header" in of and "body" in of):
            message = table(of, "frame") or of
            header, body = table(message, "header"), table(message, "body")
            found = in_message(header, body, raw, file, known)
            return _whole(found, raw, of, {**of, **message}.keys() - _IN_EVENT | header.keys())
        if "ops" in of and "repo" in of:
            return _whole(in_commit(of, raw, file, known), raw, of, frozenset())
        if text(of, "did") and text(of, "kind"):
            return _whole(in_jetstream(of, raw, file, known), raw, of, frozenset())
        if "event" in of and "subject" in of:
            return in_moderation(of, raw, file, known)
        return None

    def _answer(self, of: Mapping[str, Any], raw: bytes, file: str) -> Iterator[Item]:
        known = self._known
        kind = (text(of, "$type") or text(table(of, "value"), "$type")).rpartition("#")[2]
        if table(of, "post"):
            yield self._in_feed(of, raw, file)
        elif "takedown" in of and "subject" in of:
            yield from self._takedown(of, raw, file)
        elif of.get("notFound") is True or kind == "threadItemNotFound":
            uri = text(of, "uri")
            yield Gone(known.key_of(uri), known.kind_of(uri), raw, source_file=file)
        elif of.get("blocked") is True or kind.startswith("threadItem"):
            known.passed["blocked posts"] += 1
        elif text(of, "uri") and (table(of, "value") or table(of, "record")):
            yield from self._record(of, raw, file)
        elif text(of, "error"):
            yield from self._error(of, raw, file)
        elif text(of, "did") and text(of, "handle"):
            yield self._profile(of, raw, file)
        elif table(of, "Identity"):
            yield self._recorded(of, raw, file)
        elif _says_no_more(of):
            known.passed["answers without content"] += 1
        else:
            raise ValueError("it is no answer and no event that is known")

    def _in_feed(self, item: Mapping[str, Any], raw: bytes, file: str) -> Capture:
        post, reason = table(item, "post"), table(item, "reason")
        if not text(reason, "$type").endswith("#reasonRepost"):
            return self._view(post, raw, file)
        by, uri = table(reason, "by"), text(post, "uri")
        author = author_of(by)
        return Capture(
            native_id=text(reason, "uri") or f"repost:{text(by, 'did')}:{uri}",
            kind="share",
            raw=raw,
            author_name=author.name,
            author_handle=author.handle,
            parent=uri,
            occurred_at=from_iso(reason.get("indexedAt")),
            visibility="public",
            source_file=file,
            shared=shared_of(post),
            reactions=counts_of(post),
            revision=text(reason, "cid"),
        )

    def _view(self, view: Mapping[str, Any], raw: bytes, file: str) -> Capture:
        uri, record = text(view, "uri"), table(view, "record") or table(view, "value")
        shown = table(view, "author")
        did = repository_of(uri)
        author = author_of(shown) if shown else self._known.named(did)
        own = self._known.is_own(did)
        return capture_of(uri, text(view, "cid"), record, raw, author, file, view=view, own=own)

    def _record(self, of: Mapping[str, Any], raw: bytes, file: str) -> Iterator[Item]:
        collection = collection_of(text(of, "uri"))
        if collection in CAPTURED:
            yield self._view(of, raw, file)
        else:
            if text(table(of, "value") or table(of, "record"), "$type") in CAPTURED:
                raise ValueError("its address names another kind of record than it is")
            self._known.passed[collection] += 1

    def _takedown(self, of: Mapping[str, Any], raw: bytes, file: str) -> Iterator[Item]:
        known, subject, taken = self._known, table(of, "subject"), table(of, "takedown")
        uri = text(subject, "uri") or f"at://{text(subject, 'did')}/app.bsky.actor.profile/self"
        if taken.get("applied") is True:
            yield Gone(
                known.key_of(uri),
                known.kind_of(uri),
                raw,
                removed_by="platform",
                reason=text(taken, "ref"),
                source_file=file,
            )
        elif taken.get("applied") is False:
            known.passed["takedowns that were lifted"] += 1
        else:
            raise ValueError("it does not say whether it was taken down")

    def _error(self, of: Mapping[str, Any], raw: bytes, file: str) -> Iterator[Item]:
        named = _ADDRESS.search(text(of, "message"))
        missing = text(of, "error") in ("RecordNotFound", "NotFound")
        if named and missing:
            uri = named[0]
            yield Gone(self._known.key_of(uri), self._known.kind_of(uri), raw, source_file=file)
        elif named or missing or not text(of, "message"):
            raise ValueError("it does not say what became of which record")
        else:
            self._known.passed[text(of, "error")] += 1

    def _profile(self, of: Mapping[str, Any], raw: bytes, file: str) -> Capture:
        did = text(of, "did")
        own = self._known.is_own(did) or self._known.is_own(text(of, "handle"))
        return capture_of(
            f"at://{did}/app.bsky.actor.profile/self",
            "",
            {key: of.get(key) for key in ("displayName", "description", "createdAt")},
            raw,
            author_of(of),
            file,
            view=of,
            own=own,
        )

    def _recorded(self, of: Mapping[str, Any], raw: bytes, file: str) -> Capture:
        """What a moderation tool kept about an account beside its posts."""
        shown = table(of, "Profile")
        record = {
            "displayName": text(shown, "DisplayName"),
            "description": text(shown, "Description"),
            "labels": [{"val": one} for one in texts(of, "AccountLabels")],
        }
        did = text(table(of, "Identity"), "DID")
        uri = f"at://{did}/app.bsky.actor.profile/self"
        own = self._known.is_own(did)
        return capture_of(uri, "", record, raw, self._known.named(did), file, own=own)


def _whole(
    items: Iterator[Item], raw: bytes, of: Mapping[str, Any], around: AbstractSet[str]
) -> Iterator[Item]:
    """The items of an event; ValueError when it has none and its bytes hold more than it says."""
    kept = False
    for item in items:
        kept = True
        yield item
    if not kept:
        if not around <= _IN_HEADER:
            raise ValueError("it has members that such a message does not have")
        each_once(raw, of)


def _says_no_more(of: Mapping[str, Any]) -> bool:
    """An answer to a write names the record or the commit, no content."""
    return bool(table(of, "commit")) and of.keys() <= _WRITTEN


def _frames(stream: Stream, limit: int) -> Iterator[tuple[bytes, bool]]:
    """Frames behind their lengths, and whether each is whole."""
    held = b""
    while True:
        data = stream.read(1 << 16)
        held += data
        while len(held) >= 4:
            size = int.from_bytes(held[:4], "big")
            if size > limit:
                raise SourceError(f"a frame is longer than {limit} bytes")
            if len(held) < 4 + size:
                break
            yield held[4 : 4 + size], True
            held = held[4 + size :]
        if not data:
            break
    if held:
        yield held, False
