"""What happened on Bluesky: messages of the firehose, of Jetstream, and of moderation (Ozone).

A message of the firehose has a header and a body (atproto.com/specs/event-stream). A ``#commit``
lists what was created, updated and deleted; a record's content stands in its ``blocks``, a CAR, in
JSON as ``$bytes``. Deletions are the author's own: what a service takes down makes no such message.
``#account`` says that an account was ended, by its owner or by the service. Times are those of the
message.

`raw` is the whole message, also where several records of one message are captured.
"""

import base64
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any

from archive import SourceError
from ingest._capture import AccountName, Capture, Gone, Kind, Remover
from ingest._car import CarStream, Damage, decode
from ingest._shapes import number, table, text
from ingest._times import from_iso
from ingest.readers._atproto import (
    CAPTURED,
    PROFILE,
    REPOST,
    capture_of,
    cid_text,
    collection_of,
    repository_of,
)

_ORIGIN = datetime(1970, 1, 1, tzinfo=UTC)
_ENDED: Mapping[str, Remover] = {
    "deleted": "author",
    "deactivated": "author",
    "takendown": "platform",
    "suspended": "platform",
}
_ALWAYS = frozenset(("did", "repo", "seq", "time", "$type"))
_SILENT: Mapping[str, frozenset[str]] = {
    "#identity": _ALWAYS | {"handle"},
    "#handle": _ALWAYS | {"handle"},
    "#sync": _ALWAYS | {"blocks", "rev"},
    "#migrate": _ALWAYS | {"migrateTo"},
    "#info": _ALWAYS | {"name", "message"},
    "": _ALWAYS | {"error", "message"},
}
_IN_ACCOUNT = _ALWAYS | {"active", "status"}
_IN_BODY = _ALWAYS | frozenset(
    (
        *("ops", "rev", "since", "blobs", "blocks", "commit", "prev", "prevData"),
        *("rebase", "tooBig"),
    )
)
_IN_JETSTREAM = frozenset(("did", "time_us", "kind"))
_IN_COMMIT = frozenset(("rev", "operation", "collection", "rkey", "record", "cid"))
_NOT_CAPTURED = frozenset(
    (
        *("app.bsky.feed.like", "app.bsky.feed.generator", "app.bsky.feed.threadgate"),
        *("app.bsky.feed.postgate", "app.bsky.graph.follow", "app.bsky.graph.block"),
        *("app.bsky.graph.list", "app.bsky.graph.listitem", "app.bsky.graph.listblock"),
        *("app.bsky.graph.starterpack", "app.bsky.graph.verification", "app.bsky.actor.status"),
        *("app.bsky.labeler.service", "app.bsky.notification.declaration"),
        *("chat.bsky.actor.declaration", "com.atproto.lexicon.schema"),
    )
)
_TAKEDOWNS = ("modEventTakedown",)
_HANDLES = 100_000
_BLOCK_LIMIT = 4 << 20


@dataclass(slots=True)
class Known:
    """What a source has told so far: whose DID is whose, and what was met that is not captured."""

    account: AccountName
    own: str = ""
    names: dict[str, AccountName] = field(default_factory=dict)
    passed: Counter[str] = field(default_factory=Counter)

    def is_own(self, did: str) -> bool:
        """Whether a DID, or a handle in its place, is the account's."""
        return bool(did) and did.lower() in (self.own.lower(), self.account.handle.lower())

    def named(self, did: str) -> AccountName:
        """Who a DID is, as far as the source has told."""
        if self.is_own(did):
            return self.account
        return self.names.get(did, AccountName(did, url=f"https://bsky.app/profile/{did}"))

    def learn(self, did: str, handle: str) -> None:
        """Note the handle of a DID, of the first hundred thousand."""
        if did and handle and len(self.names) < _HANDLES:
            self.names[did] = AccountName(handle, url=f"https://bsky.app/profile/{handle}")

    def kind_of(self, uri: str) -> Kind:
        """What a record is by its address alone."""
        collection = collection_of(uri)
        if collection == PROFILE:
            return "profile" if self.is_own(repository_of(uri)) else "page"
        return "share" if collection == REPOST else "post"

    def key_of(self, uri: str) -> str:
        """The native id of a record by its address."""
        return "profile" if self.kind_of(uri) == "profile" else uri


def in_message(
    header: Mapping[str, Any], body: Mapping[str, Any], raw: bytes, file: str, known: Known
) -> Iterator[Capture | Gone]:
    """What a message of the firehose says; ValueError when it is of a kind that is not known."""
    kind, did = text(header, "t"), text(body, "did")
    if kind == "#commit":
        yield from in_commit(body, raw, file, known)
    elif kind == "#account":
        yield from _account(did, body, raw, file, known)
    elif kind == "#tombstone":
        yield _ended(did, "deleted", from_iso(body.get("time")), raw, file, known)
    elif "ops" in body:
        raise ValueError("a commit that does not call itself one")
    elif kind in _SILENT and (kind or header.get("op") == -1):
        _check_members(body, _SILENT[kind])
        known.learn(did, text(body, "handle"))
        known.passed[kind or "error message"] += 1
    else:
        raise ValueError(f"a message of the kind {kind!r} is not known")


def in_commit(
    body: Mapping[str, Any], raw: bytes, file: str, known: Known
) -> Iterator[Capture | Gone]:
    """The records that a commit created, updated or deleted."""
    did, when = text(body, "repo"), from_iso(body.get("time"))
    ops = body.get("ops")
    if not isinstance(ops, list) or not all(isinstance(one, dict) for one in ops):
        raise ValueError("it does not say what was done")
    if not ops and body.get("since") is not None:
        raise ValueError("nothing was done, but it is not the first commit")
    blocks = _blocks(body)
    if all(text(op, "path").partition("/")[0] not in CAPTURED for op in ops):
        _check_members(body, _IN_BODY)
    for op in ops:
        uri, action = f"at://{did}/{text(op, 'path')}", text(op, "action")
        collection = collection_of(uri)
        cid = cid_text(op.get("cid"))
        if collection not in CAPTURED:
            block = blocks.get(cid)
            _check_passed(action, collection, None if block is None else decode(block))
            known.passed[f"{action} of {collection}"] += 1
        elif action == "delete":
            yield _deleted(uri, when, raw, file, known)
        elif action in ("create", "update"):
            yield _captured(uri, cid, _record(blocks, cid), raw, file, known)
        else:
            raise ValueError(f"an operation {action!r} is not known")


def in_jetstream(
    line: Mapping[str, Any], raw: bytes, file: str, known: Known
) -> Iterator[Capture | Gone]:
    """What a line of Jetstream says; ValueError when it is of a kind that is not known."""
    did, kind = text(line, "did"), text(line, "kind")
    if kind == "account":
        yield from _account(did, table(line, "account"), raw, file, known)
        return
    if kind == "identity":
        _check_members(line, _IN_JETSTREAM | {"identity"})
        _check_members(table(line, "identity"), _SILENT["#identity"])
        known.learn(did, text(table(line, "identity"), "handle"))
        known.passed["#identity"] += 1
        return
    commit = table(line, "commit")
    if kind != "commit" or not commit:
        raise ValueError(f"a line of the kind {kind!r} is not known")
    collection, action = text(commit, "collection"), text(commit, "operation")
    uri = f"at://{did}/{collection}/{text(commit, 'rkey')}"
    if collection_of(uri) not in CAPTURED:
        _check_members(line, _IN_JETSTREAM | {"commit"})
        _check_members(commit, _IN_COMMIT)
        _check_passed(action, collection, commit.get("record"))
        known.passed[f"{action} of {collection}"] += 1
    elif action == "delete":
        microseconds = number(line, "time_us")
        when = None if microseconds is None else _ORIGIN + timedelta(microseconds=microseconds)
        yield _deleted(uri, when, raw, file, known)
    elif action in ("create", "update"):
        yield _captured(uri, cid_text(commit.get("cid")), table(commit, "record"), raw, file, known)
    else:
        raise ValueError(f"an operation {action!r} is not known")


def in_moderation(
    event: Mapping[str, Any], raw: bytes, file: str, known: Known
) -> Iterator[Capture | Gone]:
    """What a moderator of a service did: takedowns; reports, tags and labels are counted."""
    what = table(event, "event")
    kind = text(what, "$type").rpartition("#")[2]
    if kind not in _TAKEDOWNS:
        known.passed[kind or "moderation event"] += 1
        return
    subject, when = table(event, "subject"), from_iso(event.get("createdAt"))
    reason = text(what, "comment")
    uri, did = text(subject, "uri"), text(subject, "did")
    if uri:
        yield Gone(known.key_of(uri), known.kind_of(uri), raw, when, "moderator", reason, file)
    elif did:
        yield _page(did, raw, when, "moderator", reason or "takedown", file, known)
    else:
        raise ValueError("it does not say what was taken down")


def _account(
    did: str, body: Mapping[str, Any], raw: bytes, file: str, known: Known
) -> Iterator[Gone]:
    if body.get("active") is False:
        yield _ended(did, text(body, "status"), from_iso(body.get("time")), raw, file, known)
    elif body.get("active") is True:
        _check_members(body, _IN_ACCOUNT)
        known.passed["#account"] += 1
    else:
        raise ValueError("it does not say whether the account is active")


def _ended(
    did: str, status: str, when: datetime | None, raw: bytes, file: str, known: Known
) -> Gone:
    return _page(did, raw, when, _ENDED.get(status, ""), status, file, known)


def _page(
    did: str,
    raw: bytes,
    when: datetime | None,
    by: Remover,
    reason: str,
    file: str,
    known: Known,
) -> Gone:
    if not did:
        raise ValueError("it does not say whose account it is about")
    if known.is_own(did):
        return Gone("profile", "profile", raw, when, by, reason, file)
    return Gone(f"at://{did}/{PROFILE}/self", "page", raw, when, by, reason, file)


def _deleted(uri: str, when: datetime | None, raw: bytes, file: str, known: Known) -> Gone:
    return Gone(known.key_of(uri), known.kind_of(uri), raw, when, "author", source_file=file)


def _captured(
    uri: str, cid: str, record: Mapping[str, Any], raw: bytes, file: str, known: Known
) -> Capture:
    did = repository_of(uri)
    return capture_of(uri, cid, record, raw, known.named(did), file, own=known.is_own(did))


def _check_passed(action: str, collection: str, record: Any) -> None:
    """ValueError when a record that is passed over may be another than its path says.

    Where the source does not hold it, its collection has to be one that is known.
    """
    if action not in ("create", "update", "delete"):
        raise ValueError(f"an operation {action!r} is not known")
    kind = record.get("$type") if isinstance(record, dict) else None
    if kind not in (None, collection):
        raise ValueError("its path names another kind of record than it is")
    if kind is None and collection not in _NOT_CAPTURED:
        raise ValueError(f"the source does not say what a {collection!r} is")


def _check_members(of: Mapping[str, Any], known: frozenset[str]) -> None:
    """ValueError when a message that is passed over holds more than it should."""
    if not of.keys() <= known:
        raise ValueError("it has members that such a message does not have")


def _blocks(body: Mapping[str, Any]) -> dict[str, bytes]:
    """The blocks of a commit by CID; none where the source keeps only their length."""
    given = body.get("blocks")
    if isinstance(given, dict):
        encoded = text(given, "$bytes")
        given = base64.b64decode(encoded + "=" * (-len(encoded) % 4), validate=True)
    if not isinstance(given, bytes) or not given:
        return {}
    try:
        found = list(CarStream(BytesIO(given), _BLOCK_LIMIT).blocks())
    except SourceError as error:
        raise ValueError(str(error)) from error
    if any(isinstance(one, Damage) for one in found):
        raise ValueError("its blocks are damaged")
    return {cid_text(one[0]): one[1] for one in found if not isinstance(one, Damage)}


def _record(blocks: Mapping[str, bytes], cid: str) -> Mapping[str, Any]:
    record = decode(blocks[cid]) if cid in blocks else None
    if not isinstance(record, dict):
        raise ValueError("it names a record whose content is not in the source")
    return record
