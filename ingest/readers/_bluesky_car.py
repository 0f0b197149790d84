"""The repository that Bluesky lets an account download: one CAR file.

A commit (atproto.com/specs/repository) names the account's DID and the root of a Merkle search
tree, whose keys are ``collection/key`` and whose values are records. It is the present state: what
was edited or deleted is not in it. Posts, reposts and the profile are captured, `raw` being the
record's block of DAG-CBOR; likes, follows, blocks and record types that are no posts, among them
those that were given up, are counted. Repositories hold no handle, so the account is its DID unless
the caller names it, and no blobs: pictures that stand in the same folder or zip under their CID, as
tools download them, are taken along.

The export counts as made when the repository was last written to, which the commit's ``rev``, a
TID, says; the commits of 2022 and 2023 have none. Keys, versions and times are those of
`ingest.readers._atproto`. A record that the tree names but the archive does not hold, and a post
that no tree leads to, are rejected.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any

from archive import SourceError
from ingest._capture import AccountName, Rejected, Told
from ingest._car import Blocks, CarStream, Damage, decode, is_car
from ingest._export import Export
from ingest._ids import tid_time
from ingest._source import UNREADABLE, Item, Source, reason_of, whose
from ingest.readers._answers import not_captured
from ingest.readers._atproto import CAPTURED, capture_of, cid_text

_NAME = ".car"
_PAGE = "https://bsky.app/profile/"
_AGAIN = "download the repository again"


class BlueskyRepository:
    """Reads the CAR file of a repository, alone or among others' files."""

    name = "bluesky-car"
    version = 1

    def sniff(self, export: Export) -> bool:
        return _car_in(export) is not None

    def frame(self, source_file: str) -> None:
        return None

    def read(self, export: Export, told: Told) -> Source:
        file = _car_in(export)
        if file is None:
            raise SourceError(f"{export.path.name} holds no CAR file")
        did, made_at = _commit_of(export, file)
        known = whose(told, AccountName(did, url=_PAGE + did))
        return Source(
            "bluesky",
            known,
            frozenset(("post", "comment", "share")),
            (file,),
            _items(export, file, did, known),
            made_at,
        )


def _car_in(export: Export) -> str | None:
    """The CAR file: of any name when it is alone."""
    alone = len(export.names) == 1
    for name in export.find(lambda one: alone or one.endswith(_NAME)):
        try:
            if is_car(export.head(name, 256)):
                return name
        except SourceError:
            continue
    return None


def _commit_of(export: Export, file: str) -> tuple[str, datetime | None]:
    """Whose repository it is, as its commit says, or another commit of it where that is cut off;
    and when it was last written to. SourceError when no commit is there.
    """
    other = ""
    with export.open(file) as stream:
        car = CarStream(stream, export.limits.item)
        for found in car.blocks():
            if isinstance(found, Damage):
                continue
            if found[0] == car.root:
                commit = _commit(found[1])
                return commit["did"], tid_time(str(commit.get("rev")))
            if not other and b"cdid" in found[1] and b"csig" in found[1]:
                with suppress(SourceError):
                    other = str(_commit(found[1])["did"])
    if not other:
        raise SourceError(f"{file} does not hold the commit that it names", hint=_AGAIN)
    return other, None


def _commit(block: bytes) -> Mapping[str, Any]:
    try:
        commit = decode(block)
    except ValueError as error:
        raise SourceError(f"the commit cannot be read ({error})", hint=_AGAIN) from error
    known = isinstance(commit, dict) and isinstance(commit.get("did"), str)
    if not known or not isinstance(commit.get("data"), bytes):
        raise SourceError("its root is no commit of a repository")
    return dict(commit)


def _items(export: Export, file: str, did: str, account: AccountName) -> Iterator[Item]:
    blobs = {name.rpartition("/")[2]: name for name in export.names if name != file}
    passed: Counter[str] = Counter()
    whole = True
    with export.open(file) as stream:
        blocks = Blocks(CarStream(stream, export.limits.item))
    with blocks:
        blocks.meet(blocks.root)
        for found in _tree(blocks):
            if isinstance(found, Damage):
                whole = False
                yield Rejected(found.reason, found.raw, file)
                continue
            key, cid = found
            block, _ = blocks.meet(cid)
            collection = key.partition("/")[0]
            if collection not in CAPTURED:
                passed[collection] += 1
                continue
            if block is None:
                yield Rejected(f"the record {key} is not in the archive", b"", file)
                continue
            try:
                yield capture_of(
                    f"at://{did}/{key}",
                    cid_text(cid),
                    _record(block, collection),
                    block,
                    account,
                    file,
                    member=lambda blob: blobs.get(blob, ""),
                )
            except UNREADABLE as error:
                yield Rejected(reason_of(error), block, file)
        for damage in blocks.damage():
            yield Rejected(damage.reason, damage.raw, file)
        yield from _left_over(blocks, passed, file, whole=whole)
    yield from not_captured(passed)


def _record(block: bytes, collection: str) -> Mapping[str, Any]:
    record = decode(block)
    if not isinstance(record, dict) or record.get("$type") != collection:
        raise ValueError(f"it is no record of the kind {collection}")
    return record


def _tree(blocks: Blocks) -> Iterator[tuple[str, bytes] | Damage]:
    """The keys and values of a tree, in the order of the keys; what is not there as damage."""
    commit = blocks.get(blocks.root)
    if commit is None:
        yield Damage(b"", "the commit that the archive names is cut off")
        return
    waiting: list[bytes | tuple[str, bytes]] = [_commit(commit)["data"]]
    while waiting:
        found = waiting.pop()
        if isinstance(found, tuple):
            yield found
            continue
        block, first = blocks.meet(found)
        if block is None or not first:
            reason = "is cut off" if block is None else "comes back to itself"
            yield Damage(b"", f"the tree of the repository {reason}")
            continue
        try:
            waiting += reversed(list(_node(decode(block))))
        except UNREADABLE as error:
            yield Damage(block, reason_of(error))


def _node(node: Any) -> Iterator[bytes | tuple[str, bytes]]:
    """What a node holds: links to nodes, and keys with their values; keys share beginnings."""
    if node["l"] is not None:
        yield _link(node["l"])
    key = b""
    for entry in node["e"]:
        key = key[: entry["p"]] + entry["k"]
        yield key.decode(), _link(entry["v"])
        if entry["t"] is not None:
            yield _link(entry["t"])


def _link(value: Any) -> bytes:
    if not isinstance(value, bytes):
        raise ValueError("a node of the tree names no block")
    return value


def _left_over(blocks: Blocks, passed: Counter[str], file: str, *, whole: bool) -> Iterator[Item]:
    """Posts in blocks that the tree does not lead to: nobody says under which key."""
    reason = "an earlier or deleted state" if whole else "the tree is damaged"
    for block in blocks.unmet():
        try:
            value = decode(block)
        except ValueError:
            continue
        kind = value.get("$type") if isinstance(value, dict) else None
        if isinstance(kind, str) and kind not in CAPTURED:
            passed[f"{kind} of earlier states"] += 1
        elif kind is not None:
            yield Rejected(f"the tree does not lead to this record: {reason}", block, file)
