"""The tables that Reddit gives on a data request."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from ingest._capture import AccountName, Attachment, Capture, Gone, Kind
from ingest._csv import header_of, rows, titled
from ingest._export import Export
from ingest._source import Item
from ingest._times import from_gmt, from_iso

_KNOWN = frozenset(
    (
        *("id", "permalink", "date", "ip", "subreddit", "gildings", "link", "parent", "body"),
        *("media", "title", "url", "thread_id", "from", "to", "subject", "message_id", "message"),
        *("created_at", "updated_at", "username", "thread_parent_message_id", "channel_url"),
        *("channel_name", "conversation_type"),
    )
)
_LINK = re.compile(r"/comments/(\w+)")
_FULL = re.compile(r"t\d_\w+$")


@dataclass(frozen=True, slots=True)
class Form:
    """A table: what its rows are, the first part of their full names, the columns that mark it."""

    kind: Kind
    prefix: str
    columns: frozenset[str]


_FORMS = (
    Form("comment", "t1_", frozenset(("id", "permalink", "date", "subreddit", "parent", "body"))),
    Form("post", "t3_", frozenset(("id", "permalink", "date", "subreddit", "title", "body"))),
    Form("message", "t4_", frozenset(("id", "thread_id", "date", "from", "to", "body"))),
    Form("message", "", frozenset(("message_id", "created_at", "username", "message"))),
)


def form_of(head: bytes) -> Form | None:
    """What a file that begins so is; None when it is no table of Reddit's."""
    names = set(header_of(head))
    return next((form for form in _FORMS if form.columns <= names), None)


def rows_of(export: Export, file: str, form: Form, account: AccountName) -> Iterator[Item]:
    """The items of one table."""

    def make(row: dict[str, str], raw: bytes) -> Item:
        if not form.prefix:
            return _chat(row, raw, file)
        native_id = _full(row["id"], form.prefix)
        if row["body"] in ("[deleted]", "[removed]") and form.kind == "comment":
            by_author = row["body"] == "[deleted]"
            return Gone(
                native_id=native_id,
                kind=form.kind,
                raw=raw,
                removed_by="author" if by_author else "moderator",
                source_file=file,
            )
        return _item(row, raw, file, form, native_id, account)

    with export.open(file) as stream:
        found = rows(stream, limit=export.limits.item)
        yield from titled(found, file, make, _KNOWN)


def _item(
    row: dict[str, str], raw: bytes, file: str, form: Form, native_id: str, account: AccountName
) -> Capture:
    is_message = form.kind == "message"
    link = _LINK.search(row.get("link", ""))
    post = f"t3_{link[1]}" if link else ""
    parent = row.get("parent", "")
    urls = (row.get("media", ""), row.get("url", "") if form.kind == "post" else "")
    return Capture(
        native_id=native_id,
        kind=form.kind,
        raw=raw,
        text=row["body"],
        title=row.get("title", "") or row.get("subject", ""),
        author_name="" if is_message else account.name,
        author_handle=row["from"] if is_message else account.handle,
        url=row.get("permalink", ""),
        parent=(_full(parent, "t1_") if parent else post) if form.kind == "comment" else "",
        thread=row["thread_id"] if is_message else post,
        occurred_at=_time(row["date"]),
        visibility="direct" if is_message else "public",
        attachments=tuple(_attachment(url) for url in urls if url.startswith("http")),
        source_file=file,
    )


def _chat(row: dict[str, str], raw: bytes, file: str) -> Capture:
    if not row["message_id"]:
        raise ValueError("it has no id")
    posted, changed = _time(row["created_at"]), _time(row.get("updated_at", ""))
    return Capture(
        native_id=row["message_id"],
        kind="message",
        raw=raw,
        text=row["message"],
        author_handle=row["username"],
        parent=row.get("thread_parent_message_id", ""),
        thread=row.get("channel_url", ""),
        occurred_at=posted,
        edited_at=changed if changed != posted else None,
        visibility="direct",
        source_file=file,
    )


def _full(name: str, prefix: str) -> str:
    if not name:
        raise ValueError("it has no id")
    return name if _FULL.match(name) else prefix + name


def _attachment(url: str) -> Attachment:
    is_media = "redd.it/" in url
    return Attachment(name=url.rpartition("/")[2] if is_media else "", url=url, link=not is_media)


def _time(cell: str) -> datetime | None:
    return from_gmt(cell.removesuffix(" UTC")) if cell.endswith("UTC") else from_iso(cell)
