"""Answers of WordPress' REST interface, as saved: posts, pages, media, comments, revisions.

A file is one answer: a list of items, or a single one. The account is the site, as in its exports,
and keys are those of the exports: a post's number, ``post#comment-number`` for a comment. Text is
``content.raw`` where the answer has it (``context=edit``), else the rendered text. Times are
``date_gmt``; where that is missing ``date`` is read, which is the site's own time without a zone.

A comment's status is approved, hold, spam or trash, each of which needs a query of its own; hold is
pending, spam and trash are removed. The interface gives comments no time of change. A revision is a
record of its own, ``post:revision-number``, below its post: WordPress keeps the newest state as a
revision too, and what it says is not published by itself. Posts name their author by number only,
unless the answer embeds it. An error that the site answered with is rejected: it names no item.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from archive import SourceError
from ingest._capture import AccountName, Attachment, Capture, Kind, Rejected, Told
from ingest._export import Export
from ingest._html import to_text
from ingest._json import Piece, array_items, loads
from ingest._shapes import name_or_number, number, table, tables, text
from ingest._source import Source, each, whose
from ingest._times import from_gmt
from ingest.readers._wordpress import state_of

_HEAD = 64 * 1024
_ERROR = re.compile(rb'\s*\{\s*"code"\s*:\s*"rest_')
_ITEM = re.compile(rb'\s*+\[?\s*+\{\s*"')
_REVISION = re.compile(r"\d+-(?:revision|autosave)-v\d+\Z")
_ROOT = re.compile(r"/(?:wp-json|index\.php\?rest_route=|\?rest_route=)")


class WordPressAnswers:
    """Reads answers of the REST interface: one JSON file, or all those in a zip, tar or folder."""

    name = "wordpress-rest"
    version = 1

    def sniff(self, export: Export) -> bool:
        return bool(_files(export))

    def frame(self, source_file: str) -> tuple[bytes, bytes]:
        return b"[", b"]"

    def read(self, export: Export, told: Told) -> Source:
        files = _files(export)
        if not files:
            raise SourceError(f"{export.path.name} holds no answer of WordPress' interface")
        firsts = [first for file in files if (first := _first(export, file)) is not None]
        site = next((site for first in firsts if (site := _site(first)) is not None), None)
        return Source(
            "wordpress",
            whose(told, site),
            frozenset(map(_kind, firsts)),
            tuple(files),
            (item for file in files for item in each(_pieces(export, file), file, _maker(file))),
        )


def _files(export: Export) -> list[str]:
    found = export.find(lambda name: name.lower().endswith(".json"))
    return [name for name in found if _is_answer(export.head(name, _HEAD))]


def _is_answer(head: bytes) -> bool:
    if _ERROR.match(head):
        return True
    known = b'"date_gmt"' in head and b'"rendered"' in head
    return known and _ITEM.match(head) is not None


def _pieces(export: Export, file: str) -> Iterator[Piece]:
    limit = export.limits.item
    if export.head(file).lstrip().startswith(b"["):
        with export.open(file) as stream:
            yield from array_items(stream, limit=limit)
        return
    raw = export.head(file, limit).strip()
    try:
        yield Piece(raw, loads(raw))
    except ValueError as error:
        yield Piece(raw, error=str(error))


def _first(export: Export, file: str) -> Mapping[str, Any] | None:
    piece = next(_pieces(export, file), None)
    return piece.value if piece is not None and isinstance(piece.value, dict) else None


def _site(item: Mapping[str, Any]) -> AccountName | None:
    """The site by the address of the interface that an item names, else by the item's own."""
    for one in tables(table(item, "_links"), "self") + tables(table(item, "_links"), "parent"):
        root, found, _ = _split(text(one, "href"))
        if found and root:
            return AccountName(re.sub(r"^https?://", "", root), url=root)
    try:
        parts = urlsplit(text(item, "link"))
    except ValueError:
        return None
    if not parts.netloc:
        return None
    return AccountName(parts.netloc, url=f"{parts.scheme}://{parts.netloc}")


def _split(address: str) -> tuple[str, bool, str]:
    found = _ROOT.search(address)
    if found is None:
        return address, False, ""
    return address[: found.start()], True, address[found.end() :]


def _kind(item: Mapping[str, Any]) -> Kind:
    if "author_name" in item:
        return "comment"
    return "post" if text(item, "type") in ("post", "") else "page"


def _maker(file: str) -> Any:
    def make(item: Any, raw: bytes) -> Capture | Rejected:
        if not isinstance(item, dict):
            raise ValueError("it is no JSON object")
        if text(item, "code").startswith("rest_"):
            return Rejected(f"the site answered with an error: {text(item, 'message')}", raw, file)
        if number(item, "id") is None:
            raise ValueError("it has no id")
        if "author_name" in item:
            return _comment(item, raw, file)
        if _REVISION.match(text(item, "slug")) and number(item, "parent"):
            return _revision(item, raw, file)
        return _post(item, raw, file)

    return make


def _post(item: Mapping[str, Any], raw: bytes, file: str) -> Capture:
    posted, naive = _posted(item)
    modified = _gmt(item, "modified_gmt")
    status = text(item, "status")
    state = state_of(status)
    protected = bool(text(item, "password")) or table(item, "content").get("protected") is True
    author = next(iter(tables(table(item, "_embedded"), "author")), {})
    return Capture(
        native_id=name_or_number(item, "id"),
        kind=_kind(item),
        raw=raw,
        text=_written(item, "content") or _written(item, "description"),
        title=_written(item, "title"),
        author_name=text(author, "name"),
        author_handle=text(author, "slug"),
        url=text(item, "link"),
        parent=_reference(item, "parent") or _reference(item, "post"),
        occurred_at=posted,
        edited_at=modified if modified and posted and modified > posted else None,
        naive=naive,
        visibility="public" if status in ("publish", "inherit") and not protected else "unknown",
        state=state,
        status=status,
        attachments=tuple(_files_of(item)),
        source_file=file,
    )


def _comment(item: Mapping[str, Any], raw: bytes, file: str) -> Capture:
    posted, naive = _posted(item)
    post, parent = _reference(item, "post"), _reference(item, "parent")
    if not post:
        raise ValueError("the comment names no post")
    status = text(item, "status")
    return Capture(
        native_id=f"{post}#comment-{name_or_number(item, 'id')}",
        kind="comment",
        raw=raw,
        text=_written(item, "content"),
        author_name=text(item, "author_name"),
        url=text(item, "link"),
        parent=f"{post}#comment-{parent}" if parent else post,
        thread=post,
        occurred_at=posted,
        naive=naive,
        visibility="public" if status == "approved" else "unknown",
        state=state_of(status),
        status=status,
        source_file=file,
    )


def _revision(item: Mapping[str, Any], raw: bytes, file: str) -> Capture:
    posted, naive = _posted(item)
    post = _reference(item, "parent")
    return Capture(
        native_id=f"{post}:revision-{name_or_number(item, 'id')}",
        kind="post",
        raw=raw,
        text=_written(item, "content"),
        title=_written(item, "title"),
        parent=post,
        thread=post,
        occurred_at=posted,
        naive=naive,
        status="revision",
        source_file=file,
    )


def _files_of(item: Mapping[str, Any]) -> Iterator[Attachment]:
    embedded = tables(table(item, "_embedded"), "wp:featuredmedia")
    for one in (item, *embedded):
        url = text(one, "source_url")
        if url:
            yield Attachment(
                name=url.rpartition("/")[2],
                type=text(one, "mime_type"),
                alt=text(one, "alt_text"),
                url=url,
            )


def _written(item: Mapping[str, Any], key: str) -> str:
    """The text as it was written, else as it is rendered."""
    value = item.get(key)
    if isinstance(value, str):
        return to_text(value).strip()
    written = table(item, key)
    return to_text(text(written, "raw") or text(written, "rendered")).strip()


def _reference(item: Mapping[str, Any], key: str) -> str:
    return str(number(item, key) or "")


def _posted(item: Mapping[str, Any]) -> tuple[datetime | None, bool]:
    """When it was posted, and whether that is the site's own time without a zone."""
    known = _gmt(item, "date_gmt")
    if known is not None:
        return known, False
    try:
        local = datetime.fromisoformat(text(item, "date"))
    except ValueError:
        return None, False
    return (local.replace(tzinfo=UTC), True) if local.tzinfo is None else (local, False)


def _gmt(item: Mapping[str, Any], key: str) -> datetime | None:
    return from_gmt(text(item, key))
