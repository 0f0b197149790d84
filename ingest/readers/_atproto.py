"""What the readers of Bluesky share: records of the AT Protocol as captures (atproto.com/lexicons).

A record's key is its at-uri, ``at://did/collection/key``; its CID, the hash of its content, names
the version. ``createdAt`` is what the author's program claims, held against the time in the key. A
reply is a comment; a repost is a share; a quoted post's words are the other author's. Labels that
an author or a service put on a post are its status. Pictures and films are named by the CID of
their bytes, which stand elsewhere.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import libipld

from ingest._capture import AccountName, Attachment, Capture, Shared
from ingest._ids import disagreement, tid_time
from ingest._shapes import number, table, tables, text, texts
from ingest._times import from_iso

POST = "app.bsky.feed.post"
REPOST = "app.bsky.feed.repost"
PROFILE = "app.bsky.actor.profile"
CAPTURED = frozenset((POST, REPOST, PROFILE))
_NSID = re.compile(r"[a-zA-Z][a-zA-Z0-9-]*(?:\.[a-zA-Z][a-zA-Z0-9-]*){2,}")
_COUNTS = ("like", "repost", "reply", "quote", "bookmark")
_APP = "https://bsky.app/profile"

Member = Callable[[str], str]
"""Where in the export the blob of a CID stands; "" when it holds none."""


def no_member(_cid: str) -> str:
    """Nowhere: the source holds no blobs."""
    return ""


def collection_of(uri: str) -> str:
    """The kind of record that an at-uri names; ValueError when it names none."""
    parts = uri.split("/")
    known = uri.startswith("at://") and len(parts) == 5 and all(parts[2:])
    if not known or not _NSID.fullmatch(parts[3]):
        raise ValueError(f"{uri!r} is no address of a record")
    return parts[3]


def repository_of(uri: str) -> str:
    """The DID, or the handle, in an at-uri."""
    return uri.removeprefix("at://").partition("/")[0]


def page_of(uri: str) -> str:
    """The address of a post's page in Bluesky's own app."""
    return _page(uri) if uri.startswith("at://") and collection_of(uri) == POST else ""


def _page(uri: str) -> str:
    return f"{_APP}/{repository_of(uri)}/post/{uri.rpartition('/')[2]}"


def capture_of(
    uri: str,
    cid: str,
    record: Mapping[str, Any],
    raw: bytes,
    author: AccountName,
    file: str,
    *,
    view: Mapping[str, Any] | None = None,
    member: Member = no_member,
    own: bool = True,
) -> Capture:
    """The capture of a post, repost or profile record.

    `view` is what a service says around the record: counts, labels, addresses of pictures, the
    words of a quoted post. `own` says whether a profile is that of the account.
    """
    around: Mapping[str, Any] = view or {}
    collection = collection_of(uri)
    made, naive = _made(text(record, "createdAt"))
    labels = sorted({*_labels(record), *_labels(around)})
    common: dict[str, Any] = {
        "raw": raw,
        "author_name": author.name,
        "author_handle": author.handle,
        "occurred_at": made,
        "naive": naive,
        "visibility": "public",
        "status": f"labelled {', '.join(labels)}" if labels else "",
        "source_file": file,
        "revision": cid,
        "reactions": counts_of(around),
        "notes": disagreement(tid_time(uri.rpartition("/")[2]), made),
    }
    if collection == PROFILE:
        return Capture(
            native_id="profile" if own else uri,
            kind="profile" if own else "page",
            text=text(record, "description"),
            title=text(record, "displayName"),
            url=f"{_APP}/{repository_of(uri)}",
            attachments=tuple(
                _blob(table(record, key), "", "", member)
                for key in ("avatar", "banner")
                if table(record, key)
            ),
            **common,
        )
    if collection == REPOST:
        subject = text(table(record, "subject"), "uri")
        if not subject:
            raise ValueError("it does not say what it shares")
        shared = Shared(url=page_of(subject), native_id=subject)
        return Capture(native_id=uri, kind="share", parent=subject, shared=shared, **common)
    if collection != POST or not isinstance(record.get("text"), str):
        raise ValueError("it is no post")
    reply = table(record, "reply")
    parent, embed = text(table(reply, "parent"), "uri"), table(record, "embed")
    return Capture(
        native_id=uri,
        kind="comment" if parent else "post",
        text=text(record, "text"),
        url=_page(uri),
        parent=parent,
        thread=text(table(reply, "root"), "uri"),
        language=next(iter(texts(record, "langs")), ""),
        attachments=(*_attached(embed, table(around, "embed"), member), *_links(record)),
        shared=_quoted(embed, table(around, "embed")),
        **common,
    )


def shared_of(view: Mapping[str, Any]) -> Shared:
    """The post of others in a view of it: its words, author and time."""
    record = table(view, "record") or table(view, "value")
    uri, author = text(view, "uri"), author_of(table(view, "author"))
    return Shared(
        text=text(record, "text"),
        author_name=author.name,
        author_handle=author.handle,
        url=page_of(uri),
        native_id=uri,
        occurred_at=from_iso(record.get("createdAt")),
    )


def author_of(profile: Mapping[str, Any]) -> AccountName:
    """The account that a view of a profile shows; its DID where no handle is valid."""
    handle, did = text(profile, "handle"), text(profile, "did")
    shown = did if handle in ("", "handle.invalid") else handle
    return AccountName(shown, text(profile, "displayName"), f"{_APP}/{shown}" if shown else "")


def counts_of(view: Mapping[str, Any]) -> tuple[tuple[str, int], ...]:
    """The reactions that a view counts, by name."""
    if not view:
        return ()
    counts = [(name, number(view, f"{name}Count")) for name in _COUNTS]
    return tuple([(name, count) for name, count in counts if count is not None])


def cid_text(value: object) -> str:
    """A CID as text, from DAG-CBOR (bytes), JSON (``$link``) or text; "" when it is none."""
    if isinstance(value, bytes):
        return str(libipld.encode_multibase("b", value))
    if isinstance(value, dict):
        return text(value, "$link")
    return value if isinstance(value, str) else ""


def _made(claimed: str) -> tuple[datetime | None, bool]:
    moment = from_iso(claimed)
    if moment is not None:
        return moment, False
    try:
        naive = datetime.fromisoformat(claimed)
    except ValueError:
        return None, False
    return (naive.replace(tzinfo=UTC), True) if naive.tzinfo is None else (None, False)


def _labels(of: Mapping[str, Any]) -> Iterator[str]:
    given = of.get("labels")
    for one in tables(given, "values") if isinstance(given, dict) else tables(of, "labels"):
        if text(one, "val") and one.get("neg") is not True:
            yield text(one, "val")


def _attached(
    embed: Mapping[str, Any], view: Mapping[str, Any], member: Member
) -> Iterator[Attachment]:
    if table(embed, "media"):
        yield from _attached(table(embed, "media"), table(view, "media"), member)
        return
    shown = tables(view, "images")
    for index, one in enumerate(tables(embed, "images")):
        url = text(shown[index], "fullsize") if index < len(shown) else ""
        yield _blob(table(one, "image"), text(one, "alt"), url, member)
    if table(embed, "video"):
        yield _blob(table(embed, "video"), text(embed, "alt"), text(view, "playlist"), member)
    if found := table(embed, "external"):
        yield Attachment(
            name=text(found, "title"),
            alt=text(found, "description"),
            url=text(found, "uri"),
            link=True,
        )


def _blob(blob: Mapping[str, Any], alt: str, url: str, member: Member) -> Attachment:
    """A blob by its CID; those of 2022 stand without a ``ref``."""
    cid = cid_text(blob.get("ref")) or text(blob, "cid")
    return Attachment(
        name=cid, type=text(blob, "mimeType"), alt=alt, url=url, member=member(cid) if cid else ""
    )


def _links(record: Mapping[str, Any]) -> Iterator[Attachment]:
    """Addresses behind words of the text, which the text itself mostly shows cut short."""
    for facet in tables(record, "facets"):
        for feature in tables(facet, "features"):
            uri = text(feature, "uri")
            if uri and uri not in text(record, "text"):
                yield Attachment(url=uri, link=True)


def _quoted(embed: Mapping[str, Any], view: Mapping[str, Any]) -> Shared | None:
    found = table(embed, "record")
    uri = text(found, "uri") or text(table(found, "record"), "uri")
    if not uri:
        return None
    shown = table(view, "record")
    shown = shown if text(shown, "uri") else table(shown, "record")
    if text(shown, "uri") == uri and table(shown, "value"):
        return shared_of(shown)
    return Shared(url=page_of(uri) if uri.count("/") == 4 else "", native_id=uri)
