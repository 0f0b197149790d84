"""XML read piecewise: elements cut out of the byte stream by name, then parsed one by one.

Because each element is parsed alone, one that is not well-formed is lost alone, and its bytes are
exactly those of the source. A document type declaration is refused, or passed over unread where
feeds have one, so there are no entities but XML's own five.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from lxml import etree

from archive.errors import SourceError
from ingest._between import apart, follow
from ingest._boxes import Stream

_CHUNK = 256 * 1024
_LONGEST_TOKEN = 1024
_TAG_REST = re.compile(rb"""(?:[^>"']++|"[^"]*+"|'[^']*+')*+>""")
_ENCODING = re.compile(rb"""<\?xml[^>]*encoding\s*=\s*["']([A-Za-z0-9._-]+)["']""")
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_DECLARATION = re.compile(rb"""<!(?:[^>"'\[]|"[^"]*"|'[^']*')*+([>\[])""")
_HEADING = re.compile(r"<\?(?:.*?\?>|.*)|<!--(?:.*?-->|.*)|<!DOCTYPE[^>\[]*>|\ufeff", re.DOTALL)
_STRANGE = rb"<(?!\?|/(?:[^\s<>/:=!?]+:)?%b\s*>)"
_ENDS = {b"<![CDATA[": b"]]>", b"<!--": b"-->", b"<?": b"?>"}


@dataclass(slots=True)
class Cut:
    """An element cut out of a stream: its bytes, without those of the `inner` elements.

    `error` says why its end is not there; an element without a name is what was left over.
    """

    raw: bytes = b""
    inner: list["Cut"] = field(default_factory=list)
    error: str = ""


class Tag(NamedTuple):
    """A tag of interest, its places counted in bytes from the start of the stream."""

    start: int
    end: int
    name: str
    closes: bool
    empty: bool


class Elements:
    """The `outer` elements of a document whose root is `root`, the `inner` ones cut out of them.

    Names are local names; elements of one name do not nest, and an outer element that stands in
    one of another name is part of it. Iterate once. What stands before, between and behind the
    outer elements is passed over when it is sound, else it is a `Cut` with an error, as some
    element may be hidden there: a comment that holds the end of one is not sound. When the document
    does not reach the end of its root, the last `Cut` has an error. With `around`, no other
    elements than these are open where the first outer one begins, else what stands before it is
    not sound. With `doctype` a document type that declares nothing of its own is passed over;
    SourceError for any other. With `only` no other elements stand beside the outer ones: any that
    does is not sound.
    """

    def __init__(
        self,
        stream: Stream,
        *,
        root: str,
        outer: str | tuple[str, ...],
        inner: str = "",
        limit: int,
        around: tuple[str, ...] = (),
        doctype: bool = False,
        only: bool = False,
    ) -> None:
        self._root = root
        self._strange = re.compile(_STRANGE % root.encode()) if only else None
        self._known = tuple(name.encode() for name in around)
        self._outer = (outer,) if isinstance(outer, str) else outer
        hidden = b"|".join(re.escape(name.encode()) for name in self._outer)
        self._hides = re.compile(rb"</(?:[^\s<>/:=!?]+:)?(?:%b)\s*>" % hidden)
        names = (root, *self._outer, *((inner,) if inner else ()))
        self._markup = _Markup(stream, names, limit, doctype=doctype)
        self._open = ""
        self._cut: Cut | None = None
        self._child = -1
        self._kept = 0
        self._after = 0
        self._around: tuple[bytes, ...] = ()
        self.head = b""
        """What stands before the first outer element; known once the iteration has begun."""

    def __iter__(self) -> Iterator[Cut]:
        complete = False
        for tag in self._markup.tags():
            if tag.name == self._root:
                self._markup.begun = True
                complete = complete or tag.closes or tag.empty
            elif tag.name in self._outer and self._open in ("", tag.name):
                yield from self._at_outer(tag)
            elif self._cut is not None and tag.name not in self._outer:
                self._at_inner(tag)
        self._see_head(self._markup.end)
        error = self._markup.error or "the file ends before its end"
        if self._cut is not None:
            yield self._finish(self._markup.end, error)
            return
        if complete:
            yield from self._between(self._markup.end)
        else:
            yield Cut(self._markup.slice(self._after, self._markup.end), error=error)

    def _between(self, end: int) -> Iterator[Cut]:
        """What stands between the last outer element and `end`, if it is not sound."""
        markup = self._markup.slice(self._after, end)
        if markup and not markup.isspace():
            around, sound = follow(markup, self._around)
            if self._known and {one.rpartition(b":")[2] for one in around}.difference(self._known):
                sound = False
            if self._after and len(around) > len(self._around):
                sound = False
            sound = sound and not self._hidden(markup)
            if sound or not self._after:
                self._around = around
            if not sound:
                yield Cut(markup, error="it is damaged, and may hold what cannot be read")

    def _hidden(self, markup: bytes) -> bool:
        """Whether an element that ends in a comment, or one that is not known, stands there."""
        outside, inside = apart(markup)
        strange = self._strange if self._after else None
        return bool(self._hides.search(inside) or (strange and strange.search(outside)))

    def _see_head(self, end: int) -> None:
        if not self.head:
            self.head = self._markup.slice(0, end)

    def _at_outer(self, tag: Tag) -> Iterator[Cut]:
        if tag.closes:
            if self._cut is not None:
                yield self._finish(tag.end, "")
            return
        self._see_head(tag.start)
        if self._cut is not None:
            yield self._finish(tag.start, "another one begins inside it")
        else:
            yield from self._between(tag.start)
        self._cut, self._child, self._kept, self._open = Cut(), -1, tag.start, tag.name
        self._markup.keep = tag.start
        if tag.empty:
            yield self._finish(tag.end, "")

    def _at_inner(self, tag: Tag) -> None:
        if tag.closes and self._child >= 0:
            self._end_child(tag.end, "")
        elif not tag.closes:
            if self._child >= 0:
                self._end_child(tag.start, "another one begins inside it")
            self._take(tag.start)
            self._child = tag.start
            if tag.empty:
                self._end_child(tag.end, "")

    def _take(self, end: int) -> None:
        if self._cut is not None:
            self._cut.raw += self._markup.slice(self._kept, end)
        self._kept = self._markup.keep = end

    def _end_child(self, end: int, error: str) -> None:
        if self._cut is not None:
            self._cut.inner.append(Cut(self._markup.slice(self._child, end), error=error))
        self._child = -1
        self._kept = self._markup.keep = end

    def _finish(self, end: int, error: str) -> Cut:
        if self._child >= 0:
            self._end_child(end, error or "it is not closed")
        self._take(end)
        cut = self._cut or Cut()
        cut.error = error
        self._cut, self._open = None, ""
        self._after = end
        return cut


class _Markup:
    """The tags of some names in a byte stream; comments, CDATA and instructions passed over."""

    def __init__(
        self, stream: Stream, names: tuple[str, ...], limit: int, *, doctype: bool
    ) -> None:
        alternatives = b"|".join(re.escape(name.encode()) for name in names)
        self._token = re.compile(
            rb"<!\[CDATA\[|<!--|<\?|<!|<(/?)(?:[^\s<>/:=!?]+:)?(%b)(?=[\s/>])" % alternatives
        )
        self._stream, self._limit, self._doctype = stream, limit, doctype
        self._data = b""
        self._base = 0
        self._at = 0
        self._ended = False
        self.keep = 0
        """Bytes from here on stay within reach of `slice`."""
        self.begun = False
        """Whether the root element was met: no document type is declared behind its tag."""
        self.error = ""

    @property
    def end(self) -> int:
        return self._base + len(self._data)

    def slice(self, start: int, end: int) -> bytes:
        return self._data[start - self._base : end - self._base]

    def tags(self) -> Iterator[Tag]:
        while True:
            match = self._token.search(self._data, self._at - self._base)
            if match is None or (match.group() == b"<!" and not self._sees(match.start() + 9)):
                if not self._fill(self._base + match.start() if match else None):
                    return
            elif match.group() in _ENDS:
                if not self._pass(match):
                    return
            elif match.group() == b"<!":
                if not self._pass_declaration(match.start()):
                    return
            elif (tag := self._tag(match)) is not None:
                yield tag
            elif not self._fill(self._base + match.start()):
                return

    def _sees(self, place: int) -> bool:
        return self._ended or place <= len(self._data)

    def _tag(self, match: re.Match[bytes]) -> Tag | None:
        rest = _TAG_REST.match(self._data, match.end())
        if rest is None:
            return None
        self._at = self._base + rest.end()
        return Tag(
            self._base + match.start(),
            self._at,
            match.group(2).decode(),
            bool(match.group(1)),
            rest.group().endswith(b"/>"),
        )

    def _pass_declaration(self, start: int) -> bool:
        place = self._base + start
        if self._doctype and self.begun:
            self._at = place + 2
            return True
        found = _DECLARATION.match(self._data, start) if self._doctype else None
        while self._doctype and found is None and self._fill(place):
            found = _DECLARATION.match(self._data, place - self._base)
        if found is None or found.group(1) != b">":
            raise SourceError(
                "it declares a document type, which no export does",
                hint="entities are not read, for safety",
            )
        self._at = self._base + found.end()
        return True

    def _pass(self, match: re.Match[bytes]) -> bool:
        ending = _ENDS[match.group()]
        self._at = self._base + match.end()
        while True:
            found = self._data.find(ending, self._at - self._base)
            if found >= 0:
                self._at = self._base + found + len(ending)
                return True
            if not self._fill(max(self._at, self.end - len(ending))):
                return False

    def _fill(self, at: int | None) -> bool:
        """Read on, going on at `at` (else just before what was not there yet); False at the end."""
        if self._ended:
            return False
        self._at = max(self._at, self.end - _LONGEST_TOKEN) if at is None else at
        try:
            more = self._stream.read(max(_CHUNK, len(self._data) // 2))
        except SourceError as error:
            more, self.error = b"", str(error)
        self._ended = not more
        start = min(self.keep, self._at) - self._base
        self._data = self._data[start:] + more
        self._base += start
        if len(self._data) > self._limit + _CHUNK:
            raise SourceError(f"one item is longer than {self._limit} bytes")
        return True


class Parser:
    """Parses cut-out elements in the namespaces and the encoding of their document's `head`."""

    def __init__(self, head: bytes, *, around: tuple[str, ...]) -> None:
        declared = _ENCODING.search(head)
        self.encoding = declared.group(1).decode() if declared else "utf-8"
        opening, closing = b"", b""
        for name in around:
            tag = re.search(rb"<((?:[^\s<>/:=!?]+:)?%b)(?=[\s/>])" % name.encode(), head)
            rest = _TAG_REST.match(head, tag.end()) if tag else None
            if tag and rest:
                opening += head[tag.start() : rest.end()]
                closing = b"</%b>" % tag.group(1) + closing
        if not opening:
            raise SourceError(f"it has no <{around[0]}> element")
        self._depth = closing.count(b"</")
        self._opening, self._closing = opening, closing

    def parse(self, raw: bytes) -> etree._Element:
        """The element; ValueError with a readable message when it is not well-formed.

        Characters that XML has no place for, and bytes that are none of the encoding, become
        U+FFFD: the bytes themselves stay in the capture's `raw`.
        """
        try:
            return self._element(raw, self.encoding)
        except (etree.XMLSyntaxError, LookupError):
            pass
        try:
            return self._element(self._readable(raw).encode(), "utf-8")
        except etree.XMLSyntaxError as error:
            raise ValueError(error.msg or "not well-formed") from error

    def document(self, raw: bytes) -> bytes:
        """The element in its document's own, as UTF-8, with U+FFFD as in `parse`."""
        whole = self._readable(self._opening + raw + self._closing)
        return b'<?xml version="1.0" encoding="utf-8"?>' + whole.encode()

    def completed(self, head: bytes) -> bytes:
        """What stands before the first element as a document, as `document`."""
        whole = _HEADING.sub("", self._readable(head + self._closing))
        return b'<?xml version="1.0" encoding="utf-8"?>' + whole.encode()

    def _readable(self, raw: bytes) -> str:
        try:
            text = raw.decode(self.encoding, errors="replace")
        except LookupError:
            text = raw.decode(errors="replace")
        return _ILLEGAL.sub("\ufffd", text)

    def _element(self, raw: bytes, encoding: str) -> etree._Element:
        parser = etree.XMLParser(
            encoding=encoding,
            resolve_entities=False,
            no_network=True,
            load_dtd=False,
            huge_tree=True,
            remove_comments=True,
            remove_pis=True,
        )
        node = etree.fromstring(self._opening + raw + self._closing, parser)
        for _ in range(self._depth):
            node = node[0]
        return node
