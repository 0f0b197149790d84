"""JSON Feed, versions 1 and 1.1 (jsonfeed.org/version/1.1), read item by item.

As other feeds, it shows the newest items only, so nothing can be said to have vanished from it; the
account is the site that it names, the platform ``feed`` unless the caller says another. So are the
keys: an item's ``id`` (a number is taken for its text), else its address, else ``item:time:place``.
An item is a comment when its address ends in ``#comment-`` and a number, as WordPress writes it.

The text is ``content_text``, else ``content_html``, else ``summary``. ``authors`` (``author`` in
version 1) and ``language`` of the feed are those of the items that name none. ``date_modified``
behind ``date_published`` is an edit; a time without a zone is read as UTC and marked. ``image``,
``banner_image`` and ``attachments`` are files elsewhere, ``external_url`` is a link. Where the feed
has a next page, that is told.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from archive import SourceError
from ingest._capture import AccountName, Attachment, Capture, Remark, Told
from ingest._export import Export
from ingest._html import to_text
from ingest._json import array_items
from ingest._places import Places
from ingest._shapes import name_or_number, tables, text
from ingest._source import Item, Source, each, whose
from ingest._times import from_iso
from ingest._tree import tree_items
from ingest.readers._answers import answers_in, is_answer
from ingest.readers._feed import page_of

_MARK = re.compile(rb'"version"\s*+:\s*+"https?:\\?/\\?/(?:www\.)?jsonfeed\.org\\?/version\\?/1')
_AUTHORS = ("author", "authors")


class JSONFeed:
    """Reads JSON Feed: one file, or all those in a zip, tar or folder."""

    name = "jsonfeed"
    version = 1

    def sniff(self, export: Export) -> bool:
        return is_answer(export, _MARK)

    def frame(self, source_file: str) -> None:
        return None

    def read(self, export: Export, told: Told) -> Source:
        files = answers_in(export, _MARK)
        if not files:
            raise SourceError(f"{export.path.name} holds no JSON Feed")
        places = Places()
        return Source(
            told.platform or "feed",
            whose(told, _site(_about(export, files[0]))),
            frozenset(),
            tuple(files),
            (item for file in files for item in _items(export, file, places)),
        )


def _about(export: Export, file: str) -> dict[str, Any]:
    """What the feed says of itself, as far as it can be read: its members but for the items."""
    found: dict[str, Any] = {}
    with export.open(file) as stream:
        pieces = tree_items(stream, whole=frozenset(_AUTHORS), limit=export.limits.item)
        try:
            for path, piece in pieces:
                if len(path) == 1 and path[0] != "items" and not piece.error:
                    if path == ("authors",):
                        found.setdefault("authors", []).append(piece.value)
                    else:
                        found.setdefault(path[0], piece.value)
        except SourceError:
            return found
    return found


def _site(about: Mapping[str, Any]) -> AccountName | None:
    link = text(about, "home_page_url") or text(about, "feed_url")
    if not link:
        return None
    handle = re.sub(r"^https?://", "", link).rstrip("/")
    return AccountName(handle, text(about, "title"), link)


def _items(export: Export, file: str, places: Places) -> Iterator[Item]:
    about = _about(export, file)

    def make(item: Any, raw: bytes) -> Capture:
        if not isinstance(item, dict):
            raise ValueError("it is no JSON object")
        return _item(item, raw, file, about, places)

    with export.open(file) as stream:
        pieces = array_items(stream, "items", limit=export.limits.item)
        yield from each(pieces, file, make)
    following = text(about, "next_url")
    if following:
        yield Remark(f"{file} is one page of a feed that goes on at {following}")


def _item(
    item: Mapping[str, Any], raw: bytes, file: str, about: Mapping[str, Any], places: Places
) -> Capture:
    published, naive = _time(item, "date_published")
    modified, also_naive = _time(item, "date_modified")
    posted = published or modified
    link = text(item, "url")
    key = name_or_number(item, "id") or link
    answered = page_of(link) or page_of(key)
    return Capture(
        native_id=key or places.key("item", posted.isoformat() if posted else "undated"),
        kind="comment" if answered else "post",
        raw=raw,
        text=_text(item),
        title=text(item, "title"),
        author_name=_authors(item) or _authors(about),
        url=link,
        parent=answered,
        thread=answered,
        occurred_at=posted,
        edited_at=modified if modified and posted and modified > posted else None,
        naive=naive or also_naive,
        language=text(item, "language") or text(about, "language"),
        visibility="public",
        attachments=tuple(_attached(item)),
        source_file=file,
    )


def _text(item: Mapping[str, Any]) -> str:
    plain, marked_up = text(item, "content_text"), text(item, "content_html")
    return plain or to_text(marked_up).strip() or text(item, "summary")


def _authors(of: Mapping[str, Any]) -> str:
    found = tables(of, "authors") or tables(of, "author")
    names = [text(one, "name") or text(one, "url") for one in found]
    return ", ".join(dict.fromkeys(filter(None, names)))


def _attached(item: Mapping[str, Any]) -> Iterator[Attachment]:
    seen: set[str] = set()
    pictures = [{"url": text(item, name)} for name in ("image", "banner_image")]
    for one in (*tables(item, "attachments"), *pictures):
        url = text(one, "url")
        if url and url not in seen:
            seen.add(url)
            name = text(one, "title") or url.rpartition("/")[2]
            yield Attachment(name=name, type=text(one, "mime_type"), url=url)
    elsewhere = text(item, "external_url")
    if elsewhere:
        yield Attachment(url=elsewhere, link=True)


def _time(item: Mapping[str, Any], key: str) -> tuple[datetime | None, bool]:
    """A time, and whether it names no zone."""
    written = text(item, key)
    known = from_iso(written)
    if known is not None:
        return known, False
    try:
        local = datetime.fromisoformat(written)
    except ValueError:
        return None, False
    return (local.replace(tzinfo=UTC), True) if local.tzinfo is None else (None, False)
