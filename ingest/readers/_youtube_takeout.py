"""The tables of YouTube in Google Takeout."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from typing import Any

from ingest._capture import AccountName, Capture, Kind, Visibility
from ingest._csv import header_of, rows, table, titled
from ingest._export import Export
from ingest._shapes import text
from ingest._source import Item
from ingest._times import from_gmt, from_iso

_CHAT = ("live chat id", "channel id", "live chat create timestamp", "price", "video id")
_CHAT_COLUMNS = (*_CHAT, "live chat text")
_KNOWN = frozenset(
    (
        *_CHAT_COLUMNS,
        *("comment id", "comment create timestamp", "parent comment id", "comment text"),
        *("post id", "top-level comment id", "post create timestamp", "post text"),
    )
)
_CHANNEL = re.compile(r"UC[\w-]{22}")
_VISIBILITY: Mapping[str, Visibility] = {"public": "public", "unlisted": "unlisted"}


@dataclass(frozen=True, slots=True)
class Form:
    """A table: `what` its rows are, its columns, and whether the file begins with their names."""

    what: str
    kind: Kind
    columns: tuple[str, ...]
    has_header: bool = True


def form_of(head: bytes) -> Form | None:
    """What a file that begins so is; None when it is no table of YouTube's."""
    columns = header_of(head)
    names = set(columns)
    if {"comment id", "comment create timestamp", "comment text"} <= names:
        return Form("comment", "comment", columns)
    if {"live chat id", "live chat create timestamp", "live chat text"} <= names:
        return Form("live chat", "comment", columns)
    if {"post id", "post create timestamp", "post text"} <= names:
        return Form("post", "post", columns)
    if {"video id", "video title (original)"} <= names:
        return Form("video", "post", columns)
    return _without_header(head)


def channel_of(head: bytes, form: Form) -> str:
    """The channel that the first row of a table names; "" when it names none."""
    lines = head.lstrip(b"\xef\xbb\xbf\r\n").split(b"\n")
    if "channel id" not in form.columns:
        return ""
    first = b"\n".join(lines[1:] if form.has_header else lines)
    for row in rows(BytesIO(first), limit=len(head) + 1):
        place = form.columns.index("channel id")
        found = row.cells[place] if len(row.cells) > place else ""
        return found if _CHANNEL.fullmatch(found) else ""
    return ""


def items_of(export: Export, file: str, form: Form, account: AccountName) -> Iterator[Item]:
    """The items of one table."""

    def make(row: dict[str, str], raw: bytes) -> Capture:
        if form.what == "video":
            return _video(row, raw, file, account)
        return _written(form, row, raw, file, account)

    with export.open(file) as stream:
        found = rows(stream, limit=export.limits.item)
        if form.has_header:
            known = _KNOWN if form.what != "video" else frozenset()
            yield from titled(found, file, make, known)
        else:
            yield from table(found, form.columns, file, make)


def _without_header(head: bytes) -> Form | None:
    for row in rows(BytesIO(head), limit=len(head) + 1):
        cells = row.cells
        fits = len(cells) == len(_CHAT_COLUMNS) and _CHANNEL.fullmatch(cells[1])
        if fits and _time(cells[2]) is not None:
            return Form("live chat", "comment", _CHAT_COLUMNS, has_header=False)
        return None
    return None


def _written(
    form: Form, row: dict[str, str], raw: bytes, file: str, account: AccountName
) -> Capture:
    native_id = row[f"{form.what} id"]
    if not native_id:
        raise ValueError("it has no id")
    post, video = row.get("post id", ""), row.get("video id", "")
    top = row.get("top-level comment id", "") or native_id.partition(".")[0]
    is_comment = form.what == "comment"
    channel = row.get("channel id", "")
    ours = channel == account.handle
    return Capture(
        native_id=native_id,
        kind=form.kind,
        raw=raw,
        text=_words(row[f"{form.what} text"]),
        author_name=account.name if ours else "",
        author_handle=channel or account.handle,
        url=_url(video, post, native_id if is_comment else ""),
        parent=(row.get("parent comment id", "") or video or post) if form.kind != "post" else "",
        thread=top if is_comment and top != native_id else "",
        occurred_at=_time(row[f"{form.what} create timestamp"]),
        visibility="public",
        source_file=file,
    )


def _video(row: dict[str, str], raw: bytes, file: str, account: AccountName) -> Capture:
    native_id = row["video id"]
    if not native_id:
        raise ValueError("it has no id")
    privacy = row.get("privacy", "")
    return Capture(
        native_id=native_id,
        kind="post",
        raw=raw,
        text=row.get("video description (original)", ""),
        title=row["video title (original)"],
        author_name=account.name,
        author_handle=account.handle,
        url=_url(native_id, "", ""),
        occurred_at=_time(row.get("video publish timestamp", ""))
        or _time(row.get("video create timestamp", "")),
        visibility=_VISIBILITY.get(privacy.lower(), "unknown"),
        status="" if privacy.lower() in ("", *_VISIBILITY) else privacy,
        language=row.get("video audio language", ""),
        source_file=file,
    )


def _url(video: str, post: str, comment: str) -> str:
    if video:
        return f"https://www.youtube.com/watch?v={video}" + (f"&lc={comment}" if comment else "")
    if post:
        return f"https://www.youtube.com/post/{post}" + (f"?lc={comment}" if comment else "")
    return ""


def _words(cell: str) -> str:
    """The text of a cell: of its segments when it is JSON, else the cell itself."""
    if not cell.startswith("{"):
        return cell
    try:
        found = json.loads(f"[{cell}]")
    except (ValueError, RecursionError):
        return cell
    if len(found) == 1 and isinstance(found[0].get("takeoutSegments"), list):
        found = found[0]["takeoutSegments"]
    return "".join(map(_segment, found))


def _segment(one: Any) -> str:
    if not isinstance(one, dict) or not isinstance(one.get("text"), str):
        raise ValueError("its text has a part that is not known")
    return text(one, "text")


def _time(cell: str) -> datetime | None:
    return from_gmt(cell.removesuffix(" UTC")) if cell.endswith(" UTC") else from_iso(cell)
