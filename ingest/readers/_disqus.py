"""Disqus' XML export: the threads of a site and the comments in them.

The account is the forum. Every ``<post>`` is a comment: its key is its ``dsq:id``, its parent the
post that it answers, else its thread. Every ``<thread>`` is a page of the site that can be
commented on, its key ``thread-`` and its ``dsq:id``. Times are UTC.

Deleted comments and spam are removed; they keep their text where the export has it. The export does
not say when, by whom or why, so nothing is made of that. ``status`` is deleted, spam or
unapproved; what is not approved is pending. Posts of threads that the export does not hold are kept
under the thread's number. Addresses of mail and network stay in the raw bytes alone.
"""

import re
from collections.abc import Iterator
from itertools import islice

from lxml import etree

from archive import SourceError
from ingest._between import apart
from ingest._boxes import Stream
from ingest._capture import AccountName, Capture, Rejected, State, Told
from ingest._export import Export
from ingest._html import to_text
from ingest._source import UNREADABLE, Item, Source, reason_of, whose
from ingest._times import from_iso
from ingest._xml import Elements, Parser

_NS = "{http://disqus.com}"
_ID = "{http://disqus.com/disqus-internals}id"
_SIGN = b"http://disqus.com/disqus-internals"
_OPENING = (
    b'<?xml version="1.0"?><disqus xmlns="http://disqus.com"'
    b' xmlns:dsq="http://disqus.com/disqus-internals"'
    b' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
)
_NOTHING = re.compile(rb"\xef\xbb\xbf|<\?[^<>]*+(?<=\?)>|<disqus\b[^<>]*+>")
_IN_CATEGORY = (f"{_NS}forum", f"{_NS}title", f"{_NS}isDefault")
_LOOKED_AT = 100
"""How many elements are looked at for the forum's name."""


class DisqusExport:
    """Reads Disqus' XML: one file, or all those in a zip, tar or folder."""

    name = "disqus"
    version = 1

    def sniff(self, export: Export) -> bool:
        return bool(_files(export))

    def frame(self, source_file: str) -> tuple[bytes, bytes]:
        return _OPENING, b"</disqus>"

    def read(self, export: Export, told: Told) -> Source:
        files = _files(export)
        if not files:
            raise SourceError(f"{export.path.name} is no export of Disqus")
        known = whose(told, _forum(export, files[0]))
        return Source(
            "disqus",
            known,
            frozenset(("page", "comment")),
            tuple(files),
            (item for file in files for item in _items(export, file)),
        )


def _files(export: Export) -> list[str]:
    found = export.find(lambda name: name.lower().endswith(".xml"))
    return [name for name in found if _SIGN in export.head(name)]


def _elements(stream: Stream, export: Export) -> Elements:
    return Elements(
        stream,
        root="disqus",
        outer=("category", "thread", "post"),
        around=("disqus",),
        limit=export.limits.item,
        only=True,
    )


def _forum(export: Export, file: str) -> AccountName | None:
    with export.open(file) as stream:
        elements = _elements(stream, export)
        for cut in islice(elements, _LOOKED_AT):
            try:
                forum = _value(_parser(elements).parse(cut.raw), "forum")
            except UNREADABLE:
                continue
            if forum:
                return AccountName(forum)
    return None


def _parser(elements: Elements) -> Parser:
    return Parser(elements.head, around=("disqus",))


def _items(export: Export, file: str) -> Iterator[Item]:
    links: dict[str, str] = {}
    parser: Parser | None = None
    with export.open(file) as stream:
        elements = _elements(stream, export)
        for cut in elements:
            try:
                if cut.error:
                    raise ValueError(cut.error)
                if parser is None:
                    parser = _parser(elements)
                    yield from _before(elements.head, file)
                node = parser.parse(cut.raw)
                name = etree.QName(node).localname
                if name == "thread":
                    links[node.get(_ID, "")] = _value(node, "link")
                    yield _thread(node, cut.raw, file)
                elif name == "post":
                    yield _post(node, cut.raw, file, links)
                elif not len(node) or any(one.tag not in _IN_CATEGORY for one in node):
                    raise ValueError("it is no whole category")
            except UNREADABLE as error:
                yield Rejected(reason_of(error), cut.raw, file)


def _before(head: bytes, file: str) -> Iterator[Rejected]:
    """What stands before the first element, where nothing but comments should."""
    left = _NOTHING.sub(b"", apart(head)[0]).strip()
    if left:
        yield Rejected("it stands before the first item", left, file)


def _thread(node: etree._Element, raw: bytes, file: str) -> Capture:
    status = "deleted" if _says(node, "isDeleted") else ""
    return Capture(
        native_id=f"thread-{_key(node)}",
        kind="page",
        raw=raw,
        text=to_text(_value(node, "message")),
        title=_value(node, "title"),
        author_name=_author(node, "name"),
        author_handle=_author(node, "username"),
        url=_value(node, "link"),
        occurred_at=from_iso(_value(node, "createdAt")),
        visibility="unknown" if status else "public",
        state="removed" if status else "live",
        status=status,
        source_file=file,
    )


def _post(node: etree._Element, raw: bytes, file: str, links: dict[str, str]) -> Capture:
    key = _key(node)
    thread, parent = _reference(node, "thread"), _reference(node, "parent")
    link = links.get(thread, "")
    state, status = _state(node)
    return Capture(
        native_id=key,
        kind="comment",
        raw=raw,
        text=to_text(_value(node, "message")),
        author_name=_author(node, "name"),
        author_handle=_author(node, "username"),
        url=f"{link}#comment-{key}" if link else "",
        parent=parent or (f"thread-{thread}" if thread else ""),
        thread=f"thread-{thread}" if thread else "",
        occurred_at=from_iso(_value(node, "createdAt")),
        visibility="public" if state == "live" else "unknown",
        state=state,
        status=status,
        source_file=file,
    )


def _state(node: etree._Element) -> tuple[State, str]:
    if _says(node, "isDeleted"):
        return "removed", "deleted"
    if _says(node, "isSpam"):
        return "removed", "spam"
    if _value(node, "isApproved") == "false":
        return "pending", "unapproved"
    return "live", ""


def _key(node: etree._Element) -> str:
    key = node.get(_ID, "")
    if not key:
        raise ValueError("it has no dsq:id")
    return key


def _reference(node: etree._Element, name: str) -> str:
    found = node.find(_NS + name)
    return "" if found is None else found.get(_ID, "")


def _author(node: etree._Element, name: str) -> str:
    return (node.findtext(f"{_NS}author/{_NS}{name}") or "").strip()


def _says(node: etree._Element, name: str) -> bool:
    return _value(node, name) == "true"


def _value(node: etree._Element, name: str) -> str:
    return (node.findtext(_NS + name) or "").strip()
