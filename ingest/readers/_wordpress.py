"""WordPress eXtended RSS (WXR), the export of a WordPress site: posts, pages, comments.

The account is the site. Every ``<item>`` is a record: a post, or a page for everything that is no
post (attachments and menus too, for nothing is dropped). Every ``<wp:comment>`` is a record of its
own, and its bytes are cut out of those of the item that it stands in: each comment has its own
retention, and must not live on in its post's. A comment's key is ``post#comment-id``, a post's its
``wp:post_id``, or its guid or link where it has none. Posts of the type ``attachment`` are pages
with the file at their ``wp:attachment_url``, whose bytes come along where ``wp-content/uploads``
lies beside the export.

Trash and spam are removed, at the time of ``_wp_trash_meta_time`` where that is given; comments on
hold, drafts and what is submitted or scheduled are pending. `status` keeps WordPress' own word, so
that a comment that was approved later is a new version. WordPress leaves spam comments and the
originals of edits out of its exports.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import IO, Any
from urllib.parse import unquote

from lxml import etree

from archive import SourceError
from ingest._capture import AccountName, Attachment, Capture, Rejected, State, Told
from ingest._export import Export
from ingest._html import to_text
from ingest._source import UNREADABLE, Item, Source, reason_of, whose
from ingest._times import from_gmt, from_mail, from_seconds
from ingest._xml import Cut, Elements, Parser

_WP = re.compile(r"https?://wordpress\.org/export/\d+\.\d+/\Z")
_CONTENT = "{http://purl.org/rss/1.0/modules/content/}encoded"
_CREATOR = "{http://purl.org/dc/elements/1.1/}creator"
_NAMESPACE = b"wordpress.org/export/"
_HEAD = 16 * 1024
_TRASHED = "_wp_trash_meta_time"
_APPROVED = {"1": "approved", "0": "hold"}
_UPLOADS = "wp-content/uploads/"
_OPENING = (
    b'<?xml version="1.0"?><rss version="2.0"'
    b' xmlns:content="http://purl.org/rss/1.0/modules/content/"'
    b' xmlns:excerpt="http://wordpress.org/export/1.2/excerpt/"'
    b' xmlns:wfw="http://wellformedweb.org/CommentAPI/"'
    b' xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:wp="http://wordpress.org/export/1.2/">'
    b"<channel>"
)


def state_of(status: str) -> State:
    """What WordPress' word for where a post or comment stands means."""
    if status in ("trash", "spam", "post-trashed"):
        return "removed"
    return "pending" if status in ("hold", "pending", "draft", "auto-draft", "future") else "live"


class WordPressExport:
    """Reads WXR: one file, or all those in a zip, tar or folder."""

    name = "wordpress"
    version = 2

    def sniff(self, export: Export) -> bool:
        return bool(_files(export))

    def frame(self, source_file: str) -> tuple[bytes, bytes]:
        return _OPENING, b"</channel></rss>"

    def read(self, export: Export, told: Told) -> Source:
        files = _files(export)
        if not files:
            raise SourceError(f"{export.path.name} is no export of a WordPress site")
        channel = _channel(_head(export, files[0]))
        uploads = _uploads(export)
        known = whose(told, _site(channel))
        return Source(
            "wordpress",
            known,
            frozenset(("post", "page", "comment")),
            tuple(files),
            (item for file in files for item in _items(export, file, uploads)),
            from_mail(_plain(channel, "pubDate")),
        )


def _files(export: Export) -> list[str]:
    found = export.find(lambda name: name.lower().endswith((".xml", ".wxr")))
    return [name for name in found if _NAMESPACE in export.head(name, _HEAD)]


def _head(export: Export, file: str) -> bytes:
    with export.open(file) as stream:
        elements = _elements(stream, export)
        next(iter(elements), None)
        return elements.head


def _site(channel: etree._Element) -> AccountName | None:
    try:
        about, title = _values(channel), _plain(channel, "title")
        url = about["base_blog_url"] or _plain(channel, "link") or about["base_site_url"]
    except UnicodeDecodeError:  # a reference to half of a surrogate pair
        return None
    if not url:
        return None
    return AccountName(re.sub(r"^https?://", "", url).rstrip("/"), title, url)


def _elements(stream: IO[bytes], export: Export) -> Elements:
    return Elements(
        stream,
        root="rss",
        outer="item",
        inner="comment",
        around=("rss", "channel"),
        limit=export.limits.item,
    )


def _uploads(export: Export) -> dict[str, str]:
    """The members that stand in a site's folder of uploads, by their path in it."""
    found: dict[str, str] = {}
    for name in export.names:
        _, folder, path = name.rpartition(_UPLOADS)
        if folder:
            found.setdefault(path, name)
    return found


def _items(export: Export, file: str, uploads: dict[str, str]) -> Iterator[Item]:
    with export.open(file) as stream:
        elements = _elements(stream, export)
        document: _Document | None = None
        for cut in elements:
            if not cut.raw and cut.error:
                yield Rejected(cut.error, b"", file)
                continue
            document = document or _Document(elements.head, file, uploads)
            yield from document.items(cut)


class _Document:
    """What the items of one file share."""

    def __init__(self, head: bytes, file: str, uploads: dict[str, str]) -> None:
        self._parser = Parser(head, around=("rss", "channel"))
        self._file, self._uploads = file, uploads
        channel = _channel(head)
        self._language = _plain(channel, "language")
        self._names = {
            about["author_login"]: about["author_display_name"]
            for about in map(_values, _children(channel, "author"))
        }

    def items(self, cut: Cut) -> Iterator[Item]:
        """The post, and the comments that stand in it; comments of a lost post are kept."""
        key, link = "", ""
        try:
            if cut.error:
                raise ValueError(cut.error)
            node = self._parser.parse(cut.raw)
            link = _plain(node, "link")
            about = _values(node)
            key = about["post_id"] or _plain(node, "guid") or link
            yield self._post(node, about, key, cut.raw)
        except UNREADABLE as error:
            yield Rejected(reason_of(error), cut.raw, self._file)
        for inner in cut.inner:
            try:
                if inner.error:
                    raise ValueError(inner.error)
                comment = self._parser.parse(inner.raw)
                yield self._comment(comment, key, link, inner.raw)
            except UNREADABLE as error:
                yield Rejected(reason_of(error), inner.raw, self._file)

    def _post(
        self, node: etree._Element, about: Mapping[str, str], key: str, raw: bytes
    ) -> Capture:
        if not key:
            raise ValueError("it has neither a post id nor an address")
        posted = from_gmt(about["post_date_gmt"]) or from_mail(_plain(node, "pubDate"))
        modified = from_gmt(about["post_modified_gmt"])
        status = about["status"]
        open_to_all = status in ("publish", "inherit") and not about["post_password"]
        login = (node.findtext(_CREATOR) or "").strip()
        parent = about["post_parent"]
        address = about["attachment_url"]
        return Capture(
            native_id=key,
            kind="post" if about["post_type"] in ("post", "") else "page",
            raw=raw,
            text=to_text(node.findtext(_CONTENT) or ""),
            title=_plain(node, "title"),
            author_name=self._names.get(login) or login,
            author_handle=login,
            url=_plain(node, "link"),
            parent="" if parent == "0" else parent,
            occurred_at=posted,
            edited_at=modified if modified and posted and modified > posted else None,
            removed_at=_trashed_at(node, "postmeta") if state_of(status) == "removed" else None,
            language=self._language,
            visibility="public" if open_to_all else "unknown",
            state=state_of(status),
            status=status,
            attachments=(self._upload(address),) if address else (),
            source_file=self._file,
        )

    def _upload(self, url: str) -> Attachment:
        _, folder, path = url.rpartition(_UPLOADS)
        member = self._uploads.get(unquote(path), "") if folder else ""
        return Attachment(name=url.rpartition("/")[2], url=url, member=member)

    def _comment(self, node: etree._Element, post: str, link: str, raw: bytes) -> Capture:
        about = _values(node)
        number = about["comment_id"]
        if not number:
            raise ValueError("the comment has no id")
        status = about["comment_approved"]
        status = _APPROVED.get(status, status)
        parent = about["comment_parent"]
        return Capture(
            native_id=f"{post}#comment-{number}",
            kind="comment",
            raw=raw,
            text=to_text(about["comment_content"]),
            author_name=about["comment_author"],
            url=f"{link}#comment-{number}" if link else "",
            parent=post if parent in ("", "0") else f"{post}#comment-{parent}",
            thread=post,
            occurred_at=from_gmt(about["comment_date_gmt"]),
            removed_at=_trashed_at(node, "commentmeta") if state_of(status) == "removed" else None,
            visibility="public" if status == "approved" else "unknown",
            state=state_of(status),
            status=status,
            source_file=self._file,
        )


def _channel(head: bytes) -> etree._Element:
    """The channel's own elements; what stands before the first item is never closed."""
    parser = etree.XMLParser(
        recover=True, resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True
    )
    root: Any = etree.fromstring(head + b"</channel></rss>", parser)
    channel = None if root is None else root.find("channel")
    if channel is None:
        raise SourceError("it has no channel, as every WordPress export has")
    found: etree._Element = channel
    return found


def _trashed_at(node: etree._Element, meta: str) -> datetime | None:
    for one in map(_values, _children(node, meta)):
        if one["meta_key"] == _TRASHED:
            return from_seconds(one["meta_value"])
    return None


def _children(node: etree._Element, name: str) -> Iterator[etree._Element]:
    """The elements of a local name in any of WordPress' export namespaces."""
    for child in node:
        if isinstance(child.tag, str):
            space, _, local = child.tag[1:].rpartition("}")
            if local == name and _WP.match(space):
                yield child


def _values(node: etree._Element) -> defaultdict[str, str]:
    """The texts of the first elements of each local name in WordPress' export namespaces."""
    found: defaultdict[str, str] = defaultdict(str)
    for child in node:
        if isinstance(child.tag, str):
            space, _, local = child.tag[1:].rpartition("}")
            if local not in found and _WP.match(space):
                found[local] = (child.text or "").strip()
    return found


def _plain(node: etree._Element, name: str) -> str:
    return (node.findtext(name) or "").strip()
