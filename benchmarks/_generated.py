"""Exports of a size, made up after the shape of what the platforms answer.

For readers of which no sample is at hand that could be repeated. Each function writes one file, or
a folder of them.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from itertools import count
from pathlib import Path
from typing import Any

import libipld

_TOPIC = 200_000
_WORDS = (
    "The bridge on Elm Street stays closed until Friday; please use the detour along Third Avenue. "
    "Questions are answered at the desk, by telephone, and here."
)
_DID = "did:plc:r4kxvneo2uw7o27ctz56ty3x"
_DAG_CBOR = b"\x01\x71\x12\x20"
_ALPHABET = "234567abcdefghijklmnopqrstuvwxyz"
_FIRST = 0x3F0000000000000 << 3
_WARC = (
    "WARC/1.0\r\nWARC-Type: response\r\nWARC-Record-ID: <urn:uuid:00000000-0000-4000-8000-{0:012}>"
    "\r\nWARC-Date: 2026-03-05T06:07:08Z\r\nWARC-Target-URI: https://city.example/news/{0}\r\n"
    "Content-Type: application/http; msgtype=response\r\nContent-Length: {1}\r\n\r\n"
)
_HTTP = "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {}\r\n\r\n"
_LINES = (
    {
        "id": "p{}",
        "author": "Maple Grove Public Library",
        "text": _WORDS,
        "occurred_at": "2026-03-02T15:04:05-06:00",
        "visibility": "public",
        "reactions": {"like": 4},
    },
    {
        "id": "c{}",
        "kind": "comment",
        "parent": "p{}",
        "author": "Ann",
        "text": "Which room?",
        "occurred_at": "2026-03-02 16:10:00",
        "time_zone": "America/Chicago",
    },
)


def json_lines(path: Path, size: int) -> None:
    """Posts and comments, as docs/interchange.md describes them."""
    lines = [json.dumps(line) for line in _LINES]
    _fill(path, size, (lines[n % 2].replace("{}", str(n)) + "\n" for n in count()))


def table(path: Path, size: int) -> None:
    """Rows of CSV, as docs/interchange.md describes them."""
    head = "id,kind,parent,author,text,occurred_at,state,removed_by,reactions.like\n"
    row = 'p{},post,,City of Elm,"{}",2026-03-05T09:00:00-06:00,,,12\n'
    _fill(path, size, (row.format(n, _WORDS) for n in count()), head)


def discourse(path: Path, size: int) -> None:
    """A folder of topics, each with all its posts, as ``/t/NUMBER.json?print=true`` gives it."""
    path.mkdir()
    head = '{"id":12,"title":"Opening hours","slug":"opening-hours","post_stream":{"posts":['
    for topic in range(size // _TOPIC):
        posts = (json.dumps(_discourse_post(n)) for n in count(1))
        _fill(path / f"{topic}.json", _TOPIC, _listed(posts), head, "]}}")


def facebook_graph(path: Path, size: int) -> None:
    """A Page's feed, two comments and a reply under every post."""
    posts = (json.dumps(_facebook_post(n)) for n in count(1))
    _fill(path, size, _listed(posts), '{"data":[', "]}")


def nextdoor(path: Path, size: int) -> None:
    """An agency's posts, with comments below comments."""
    posts = (json.dumps(_nextdoor_post(n)) for n in count(1))
    _fill(path, size, _listed(posts), '{"posts":[', "]}")


def warc(path: Path, size: int) -> None:
    """Responses to requests for pages."""
    page = f"<!doctype html><title>News</title><p>{_WORDS}</p>" * 8
    body = _HTTP.format(len(page)) + page
    records = (_WARC.format(n, len(body)) + body + "\r\n\r\n" for n in count())
    _fill(path, size, records)


def bluesky_car(path: Path, size: int) -> None:
    """A repository of posts, four keys to a node of its tree."""
    blocks: list[bytes] = []
    keys: list[tuple[bytes, bytes]] = []
    for number in range(size // 500 + 1):
        record = {
            "$type": "app.bsky.feed.post",
            "createdAt": "2026-03-05T06:07:08.000Z",
            "langs": ["en"],
            "text": f"{number}: {_WORDS}",
        }
        key = f"app.bsky.feed.post/{_tid(number)}".encode()
        keys.append((key, _kept(blocks, libipld.encode_dag_cbor(record))))
    data = _tree(blocks, keys)
    commit = {"did": _DID, "version": 3, "rev": _tid(0), "prev": None, "data": _Link(data)}
    root = _kept(blocks, _cbor({**commit, "sig": b"\0" * 64}))
    header = _cbor({"roots": [_Link(root)], "version": 1})
    with path.open("wb") as out:
        out.write(_length(len(header)) + header)
        for block in blocks:
            cid = _DAG_CBOR + sha256(block).digest()
            out.write(_length(len(cid + block)) + cid + block)


class _Link(bytes):
    """The CID of a block, where DAG-CBOR has a link."""


def _fill(path: Path, size: int, pieces: Iterator[str], head: str = "", tail: str = "") -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        written = file.write(head)
        while written < size:
            written += file.write(next(pieces))
        file.write(tail)


def _listed(elements: Iterator[str]) -> Iterator[str]:
    yield next(elements)
    for one in elements:
        yield f",{one}"


def _discourse_post(number: int) -> Mapping[str, Any]:
    return {
        "id": 900 + number,
        "name": "Ada Byron",
        "username": "ada",
        "avatar_template": "/user_avatar/talk.lib.example/ada/{size}/1_2.png",
        "created_at": "2026-01-02T03:04:05.678Z",
        "cooked": f'<p>{_WORDS} See <a href="https://city.example/{number}">the page</a>.</p>\n'
        "<p>Thanks &amp; regards</p>",
        "post_number": number,
        "post_type": 1,
        "posts_count": 100,
        "updated_at": "2026-01-03T03:04:05.678Z",
        "reply_count": 0,
        "reply_to_post_number": number - 1 or None,
        "quote_count": 0,
        "incoming_link_count": 3,
        "reads": 12,
        "readers_count": 11,
        "score": 17.4,
        "yours": False,
        "topic_id": 12,
        "topic_slug": "opening-hours",
        "display_username": "Ada Byron",
        "primary_group_name": None,
        "flair_name": None,
        "version": 1,
        "can_edit": False,
        "can_delete": False,
        "can_recover": False,
        "can_wiki": False,
        "link_counts": [{"url": "https://city.example/1", "internal": False, "clicks": 1}],
        "read": True,
        "user_title": None,
        "bookmarked": False,
        "actions_summary": [{"id": 2, "count": 4}],
        "moderator": False,
        "admin": False,
        "staff": False,
        "user_id": 5,
        "hidden": False,
        "trust_level": 2,
        "deleted_at": None,
        "user_deleted": False,
        "edit_reason": None,
        "can_view_edit_history": True,
        "wiki": False,
    }


def _facebook_post(number: int) -> Mapping[str, Any]:
    def said(name: str, **fields: Any) -> dict[str, Any]:
        return {
            "id": f"{number}_{name}",
            "created_time": "2024-03-05T06:07:08+0000",
            "message": _WORDS,
            "from": {"id": name, "name": "Ben"},
            "permalink_url": f"https://www.facebook.com/7/posts/{number}?comment_id={name}",
            "is_hidden": False,
            "like_count": 2,
            **fields,
        }

    picture = {"type": "photo", "media": {"image": {"src": "https://s.example/1.jpg?oe=60F1D543"}}}
    reply = said("3", parent={"id": f"{number}_2"})
    comments = [said("2", comments={"data": [reply]}, comment_count=1), said("4", comment_count=0)]
    return {
        "id": f"7_{number}",
        "created_time": "2024-03-05T05:00:00+0000",
        "updated_time": "2024-03-06T05:00:00+0000",
        "message": _WORDS,
        "from": {"id": "7", "name": "City of Elm"},
        "permalink_url": f"https://www.facebook.com/7/posts/{number}",
        "status_type": "added_photos",
        "is_published": True,
        "privacy": {"value": "EVERYONE"},
        "shares": {"count": 3},
        "attachments": {"data": [picture]},
        "comments": {"data": comments, "paging": {"cursors": {"before": "a", "after": "b"}}},
    }


def _nextdoor_post(number: int) -> Mapping[str, Any]:
    def said(name: int, **fields: Any) -> dict[str, Any]:
        return {
            "id": number * 10 + name,
            "body": _WORDS,
            "author_name": "Ann",
            "creation_date": "2026-03-03T00:00:00Z",
            **fields,
        }

    below = said(2, parent_comment_id=number * 10 + 1)
    return {
        "id": number,
        "subject": "Closed",
        "body": f"<p>{_WORDS}</p>",
        "author": {"name": "Maple Grove"},
        "creation_date": 1772496000,
        "permalink": f"https://nextdoor.com/p/{number}",
        "media_attachments": [{"url": "https://nextdoor.com/a.jpg"}],
        "like_count": 4,
        "comments": [said(1, comments=[below]), said(3)],
    }


def _tid(number: int) -> str:
    value = _FIRST + (number << 20)
    return "".join(_ALPHABET[value >> shift & 31] for shift in range(60, -1, -5))


def _tree(blocks: list[bytes], keys: Sequence[tuple[bytes, bytes]]) -> bytes:
    """The CID of a node that leads to all keys, and its block with those below it."""
    share = max(len(keys) // 5, 1)
    own = range(share, len(keys), share + 1)[:4] if len(keys) > 4 else range(len(keys))
    below = [*own, len(keys)]
    entries = [
        {
            "p": 0,
            "k": keys[n][0],
            "v": _Link(keys[n][1]),
            "t": _Link(_tree(blocks, keys[n + 1 : after])) if after > n + 1 else None,
        }
        for n, after in zip(own, below[1:], strict=True)
    ]
    left = _Link(_tree(blocks, keys[: below[0]])) if below[0] else None
    return _kept(blocks, _cbor({"l": left, "e": entries}))


def _kept(blocks: list[bytes], block: bytes) -> bytes:
    blocks.append(block)
    return _DAG_CBOR + sha256(block).digest()


def _cbor(value: Any) -> bytes:
    """DAG-CBOR of lists and objects of less than 24 members, with links where `_Link` stands."""
    if isinstance(value, dict):
        ordered = sorted(value.items(), key=lambda item: (len(item[0]), item[0]))
        return bytes((0xA0 + len(value),)) + b"".join(_cbor(k) + _cbor(v) for k, v in ordered)
    if isinstance(value, list):
        return bytes((0x80 + len(value),)) + b"".join(map(_cbor, value))
    if isinstance(value, _Link):
        return b"\xd8\x2a\x58\x25\x00" + value
    return bytes(libipld.encode_dag_cbor(value))


def _length(value: int) -> bytes:
    """An unsigned LEB128 number."""
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes((*out, value))
