"""The items in a document of Bluesky's: a recorded call, a thread, a list, or one by itself.

Each has its own bytes. What stands beside them in a member that is not known is a piece with an
error, for damage may have moved items there; the items are read all the same.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ingest._json import Piece
from ingest._located import Inside, Located, located
from ingest._shapes import table

LISTS = ("feed", "records", "posts", "events", "notifications", "messages")
BESIDE = frozenset(
    (
        *("cursor", "hitsTotal", "seenAt", "priority", "threadgate", "hasOtherReplies"),
        *("uri", "cid"),
        *("description", "lenient", "accounts"),
    )
)
"""What stands beside the items of an answer."""
_IN_RECORDING = frozenset(("capturedAt", "accountMeta", "postRecords"))
_IN_NODE = frozenset(("$type", "post", "parent", "replies", "threadContext", "done"))
_IN_ANSWER = Inside(
    frozenset(("thread", "parent", "replies", "value")),
    frozenset((*LISTS, "post", "accountMeta", "postRecords")),
)


def items_in(piece: Piece) -> Iterator[Piece]:
    """The items of a document: itself, or what stands in its lists."""
    value = piece.value
    if isinstance(value, list) and len(value) == 3 and isinstance(value[2], dict):
        # a recorded call: its name, the status, the answer
        value = located(piece.raw, _IN_ANSWER)[2]
        if isinstance(value.get("thread"), dict | list) or any(name in value for name in LISTS):
            yield from items_in(Piece(value.raw, value))
        else:
            yield Piece(piece.raw, value)
    elif isinstance(value, dict) and isinstance(value.get("thread"), dict | list):
        whole = located(piece.raw, _IN_ANSWER)
        thread = whole["thread"]
        items = thread if isinstance(thread, list) else [thread]
        yield from _beside(whole, BESIDE | {"thread"}, items)
        yield from _in_thread(thread)
    elif isinstance(value, dict) and "postRecords" in value:
        whole = located(piece.raw, _IN_ANSWER)
        about, posts = whole.get("accountMeta", []), whole["postRecords"]
        found = [*(about if isinstance(about, list) else (about,)), *posts]
        yield from _beside(whole, _IN_RECORDING, found)
        for one in found:
            if not isinstance(one, Located):
                raise ValueError("what it lists is no object")
            yield Piece(one.raw, one)
    elif isinstance(value, dict) and (name := _list_in(value)):
        whole = located(piece.raw, _IN_ANSWER)
        yield from _beside(whole, BESIDE | {name}, whole[name])
        yield from (Piece(raw, one) for raw, one in whole[name].elements())
    else:
        yield piece


def _beside(of: Located, known: frozenset[str], items: Iterable[Any]) -> Iterator[Piece]:
    """What stands beside some items, if words stand in a member that is not known.

    Damage may have moved items there.
    """
    for name, value in of.items():
        if name not in known and value and isinstance(value, str | list | dict):
            raw = of.without(one for one in items if isinstance(one, Located))
            yield Piece(raw, error=f"it has a member {name!r}, which is not known")
            return


def _list_in(value: Mapping[str, Any]) -> str:
    return next((name for name in LISTS if isinstance(value.get(name), list)), "")


def _in_thread(thread: Any) -> Iterator[Piece]:
    """The posts of a thread, those answered before the answers, however deep it is."""
    if isinstance(thread, list):
        for one in thread:
            post = table(one, "value").get("post")
            found = post if isinstance(post, Located) else one
            yield Piece(found.raw, found)
        return
    waiting = [thread]
    while waiting:
        node = waiting.pop()
        if not isinstance(node, Located):
            raise ValueError("a part of the thread is no object")
        parent, post = node.get("parent"), node.get("post")
        if isinstance(parent, Located) and not node.get("done"):
            node["done"] = True
            waiting += [node, parent]
            continue
        found, replies = node, node.get("replies") or []
        replies = replies if isinstance(replies, list) else [replies]
        if isinstance(post, Located):
            yield from _beside(node, _IN_NODE, [post, parent, *replies])
            found = post
        yield Piece(found.raw, found)
        waiting += reversed(replies)
