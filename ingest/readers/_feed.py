"""RSS (0.9x, 1.0, 2.0) and Atom feeds, read item by item with feedparser.

A feed shows the newest items only, so nothing can be said to have vanished from it. The account is
the site that the feed names, the platform ``feed`` unless the caller says another. A key is the
item's id (``id``, ``guid``), else its link, else the address of its comments; an item without any
gets ``item:time:place``, the place among those of the same claimed time, which survives an edit of
the item but not that older ones leave the feed.

An item is a comment when it says what it answers (RFC 4685) or when its address ends in
``#comment-`` and a number, as WordPress writes it: its thread is what it answers, or the page of
that address. ``updated`` behind ``published`` is an edit. A time without a zone is read as UTC and
marked. The text is the full content, else the summary. An ``at:deleted-entry`` (RFC 6721) is a
removal by the platform.

Each item is cut out of the file and parsed in the root element of its own: entities are none but
XML's and HTML's, for a document type that declares any is refused. An item that is not well-formed
is read as far as feedparser can make it out, with a note; its mark-up may be escaped twice there,
as where a comment's own ``]]>`` ends the CDATA section that it stands in. Bytes that are none of
the encoding that the file names, UTF-8 where it names none, read as U+FFFD, with a note.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

import feedparser
from lxml import etree

from archive import SourceError
from ingest._capture import AccountName, Attachment, Capture, Gone, Rejected, Told
from ingest._export import Export
from ingest._html import to_text
from ingest._places import Places
from ingest._source import UNREADABLE, Item, Source, reason_of, whose
from ingest._times import from_iso, from_mail
from ingest._xml import Elements, Parser

_HEAD = 16 * 1024
_SUFFIXES = (".xml", ".rss", ".atom", ".rdf")
_ROOT = re.compile(
    rb"(?:\xef\xbb\xbf)?(?:\s++|<\?.*?\?>|<!--.*?-->|<!DOCTYPE[^>\[]*+(?:\[.*?\]\s*)?>)*+"
    rb"<(?:[A-Za-z0-9_-]+:)?(rss|feed|RDF)(?=[\s>])",
    re.DOTALL,
)
_NOT_OURS = b"wordpress.org/export/"
_RSS_1 = b"http://purl.org/rss/1.0/"
_COMMENT = re.compile(r"(.+)#comment-\d+\Z")
_DELETED = "{http://purl.org/atompub/tombstones/1.0}"
_AROUND = {"rss": ("rss", "channel"), "feed": ("feed",), "RDF": ("RDF",)}


class Feed:
    """Reads RSS and Atom: one file, or all those in a zip, tar or folder."""

    name = "feed"
    version = 1

    def sniff(self, export: Export) -> bool:
        return bool(_files(export))

    def frame(self, source_file: str) -> None:
        return None

    def read(self, export: Export, told: Told) -> Source:
        files = _files(export)
        if not files:
            raise SourceError(f"{export.path.name} holds no feed")
        places = Places()
        return Source(
            told.platform or self.name,
            whose(told, _site(export, files[0])),
            frozenset(),
            tuple(files),
            (item for file in files for item in _items(export, file, places)),
        )


def _files(export: Export) -> list[str]:
    found = export.find(lambda name: name.lower().endswith(_SUFFIXES))
    if not found and len(export.names) == 1:
        found = export.names
    return [name for name in found if _root(export.head(name, _HEAD))]


def _root(head: bytes) -> str:
    """The local name of a feed's root element; "" when it is no feed."""
    found = _ROOT.match(head)
    if found is None or _NOT_OURS in head:
        return ""
    name = found.group(1).decode()
    return "" if name == "RDF" and _RSS_1 not in head else name


def _elements(stream: Any, export: Export, root: str) -> Elements:
    return Elements(
        stream,
        root=root,
        outer=("item", "entry", "deleted-entry"),
        around=_AROUND[root],
        limit=export.limits.item,
        doctype=True,
    )


def _site(export: Export, file: str) -> AccountName | None:
    root = _root(export.head(file, _HEAD))
    with export.open(file) as stream:
        elements = _elements(stream, export, root)
        next(iter(elements), None)
    try:
        about = _parsed(Parser(elements.head, around=_AROUND[root]).completed(elements.head)).feed
    except UNREADABLE:
        return None
    link = _get(about, "link")
    if not link:
        return None
    handle = re.sub(r"^https?://", "", link).rstrip("/")
    return AccountName(handle, _get(about, "title"), link)


def _parsed(document: bytes) -> Any:
    return feedparser.parse(
        BytesIO(document),
        response_headers={"content-type": "application/xml; charset=utf-8"},
        sanitize_html=False,
        resolve_relative_uris=False,
    )


def _items(export: Export, file: str, places: Places) -> Iterator[Item]:
    root = _root(export.head(file, _HEAD))
    parser: Parser | None = None
    with export.open(file) as stream:
        elements = _elements(stream, export, root)
        for cut in elements:
            try:
                if cut.error:
                    raise ValueError(cut.error)
                parser = parser or Parser(elements.head, around=_AROUND[root])
                if b"deleted-entry" in cut.raw[:64]:
                    yield _deleted(parser.parse(cut.raw), cut.raw, file)
                else:
                    yield _item(parser, cut.raw, file, places)
            except UNREADABLE as error:
                unread = elements.head if parser is None else b""
                yield Rejected(reason_of(error), cut.raw or unread, file)


def _deleted(node: etree._Element, raw: bytes, file: str) -> Gone:
    key = node.get("ref", "")
    if not key:
        raise ValueError("it does not say which entry was deleted")
    return Gone(
        native_id=key,
        kind="post",
        raw=raw,
        removed_at=from_iso(node.get("when")),
        removed_by="platform",
        reason=(node.findtext(_DELETED + "comment") or "").strip(),
        source_file=file,
    )


def _item(parser: Parser, raw: bytes, file: str, places: Places) -> Capture:
    found = _parsed(parser.document(raw))
    if len(found.entries) != 1:
        raise ValueError(f"{len(found.entries)} items are found in it, not one")
    entry = found.entries[0]
    published, naive = _time(entry, "published")
    updated, also_naive = _time(entry, "updated")
    posted = published or updated
    link = _get(entry, "link")
    key = _get(entry, "id") or link or _get(entry, "comments")
    answered = _answered(entry) or page_of(link) or page_of(key)
    return Capture(
        native_id=key or places.key("item", posted.isoformat() if posted else "undated"),
        kind="comment" if answered else "post",
        raw=raw,
        text=to_text(_text(entry)) if found.bozo else _text(entry),
        title=_plain(entry, "title"),
        author_name=_authors(entry),
        url=link,
        parent=answered,
        thread=answered,
        occurred_at=posted,
        edited_at=updated if updated and posted and updated > posted else None,
        naive=naive or also_naive,
        language=_language(entry),
        visibility="public",
        location=_location(entry),
        attachments=tuple(_enclosed(entry)),
        source_file=file,
        notes=tuple(_notes(found, parser, raw)),
    )


def _notes(found: Any, parser: Parser, raw: bytes) -> Iterator[str]:
    if found.bozo and isinstance(found.bozo_exception, Exception):
        yield "it is not well-formed XML, and was read as far as it can be made out"
    try:
        raw.decode(parser.encoding)
    except ValueError:
        yield f"it holds bytes that are no {parser.encoding}"
    except LookupError:
        yield f"its encoding {parser.encoding} is not known, and was read as UTF-8"


def page_of(address: str) -> str:
    """The page that the comment of this address is on; "" where it is no comment's."""
    found = _COMMENT.match(address)
    return found.group(1) if found else ""


def _answered(entry: Any) -> str:
    for name in entry:
        if name.endswith("in-reply-to") and isinstance(entry[name], dict):
            return _get(entry[name], "ref")
    return ""


def _text(entry: Any) -> str:
    for one in entry.get("content") or ():
        if one.get("value"):
            return _shown(one)
    return _plain(entry, "summary")


def _plain(entry: Any, name: str) -> str:
    detail = entry.get(name + "_detail")
    return _shown(detail).strip() if detail else _get(entry, name)


def _shown(detail: Any) -> str:
    value: str = detail.get("value") or ""
    return value if detail.get("type") == "text/plain" else to_text(value)


def _authors(entry: Any) -> str:
    names = [name for one in entry.get("authors") or () if (name := _get(one, "name"))]
    return ", ".join(dict.fromkeys(names)) or _get(entry, "author")


def _language(entry: Any) -> str:
    details = [
        *(entry.get("content") or ()),
        entry.get("summary_detail"),
        entry.get("title_detail"),
    ]
    return next((found for one in details if one and (found := one.get("language"))), "")


def _location(entry: Any) -> str:
    where = entry.get("where") or {}
    if where.get("type") != "Point":
        return ""
    longitude, latitude = where["coordinates"][:2]
    return f"{latitude}, {longitude}"


def _enclosed(entry: Any) -> Iterator[Attachment]:
    seen: set[str] = set()
    links = [one for one in entry.get("links") or () if one.get("rel") == "enclosure"]
    for one in (*links, *(entry.get("media_content") or ())):
        url = _get(one, "href") or _get(one, "url")
        if url and url not in seen:
            seen.add(url)
            yield Attachment(name=url.rpartition("/")[2], type=_get(one, "type"), url=url)


def _time(entry: Any, name: str) -> tuple[datetime | None, bool]:
    """A time, and whether it names no zone."""
    written = dict.get(entry, name) or ""
    known = from_iso(written) or from_mail(written)
    if known is not None:
        return known, False
    parsed = dict.get(entry, name + "_parsed")
    if not parsed:
        return None, False
    year, month, day, hour, minute, second = parsed[:6]
    return datetime(year, month, day, hour, minute, second, tzinfo=UTC), True


def _get(of: Any, name: str) -> str:
    value = of.get(name)
    return value if isinstance(value, str) else ""
