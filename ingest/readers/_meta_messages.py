"""Direct messages as Facebook and Instagram write them into a download.

One folder a conversation, ``messages/inbox/name_123/message_1.json`` and so on, each file an object
with ``participants``, ``messages`` (newest first) and ``thread_path``. Messages have no ids: their
key is ``message:conversation:milliseconds:place``, the place counted among the messages of the same
millisecond. The conversation is the folder's name, else the last part of ``thread_path``. An unsent
message is removed by its author; nothing is said about when. Reactions are counted.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from ingest._capture import AccountName, Attachment, Capture, Shared
from ingest._export import Export
from ingest._json import array_items
from ingest._places import Places
from ingest._shapes import number, table, tables, text
from ingest._source import Item, each
from ingest._times import from_seconds
from ingest.readers._meta import medium, repaired, said

_MESSAGES = re.compile(r"(?:^|/)message_\d+\.json$")
_THREAD = re.compile(rb'"thread_path"\s*:\s*"((?:[^"\\]|\\.)*)"')
_MEDIA = ("photos", "videos", "audio_files", "files", "gifs", "sticker")
_TAIL = 64 * 1024


def is_messages(export: Export, file: str) -> bool:
    """Whether a file holds a conversation."""
    if not _MESSAGES.search(file):
        return False
    head = export.head(file)
    return b'"participants"' in head or b'"messages"' in head


def messages(export: Export, file: str, places: Places, account: AccountName) -> Iterator[Item]:
    """The messages of one file of a conversation."""
    thread = file.rpartition("/")[0].rpartition("/")[2] or _thread(export, file)

    def make(item: Any, raw: bytes) -> Capture:
        stamp = number(item, "timestamp_ms")
        sent = None if stamp is None else from_seconds(stamp / 1000)
        if sent is None:
            raise ValueError("it has no timestamp_ms")
        author = said(item, "sender_name")
        unsent = item.get("is_unsent") is True
        return Capture(
            native_id=places.key(f"message:{thread}", stamp),
            kind="message",
            raw=raw,
            text=said(item, "content"),
            author_name=author,
            author_handle=account.handle if author and author == account.name else "",
            thread=thread,
            occurred_at=sent,
            visibility="direct",
            state="removed" if unsent else "live",
            removed_by="author" if unsent else "",
            attachments=tuple(_attachments(item, export, file)),
            source_file=file,
            shared=_shared(table(item, "share")),
            reactions=_reactions(item),
        )

    with export.open(file) as stream:
        found = array_items(stream, "messages", limit=export.limits.item)
        yield from each(found, file, make)


def _thread(export: Export, file: str) -> str:
    """The conversation of a file that stands alone, as its end says."""
    tail = b""
    with export.open(file) as stream:
        while data := stream.read(_TAIL):
            tail = tail[-_TAIL:] + data
    found = _THREAD.findall(tail)
    path = found[-1].decode(errors="replace") if found else ""
    return path.rstrip("/").rpartition("/")[2]


def _shared(share: Mapping[str, Any]) -> Shared | None:
    link, words = text(share, "link"), said(share, "share_text")
    owner = said(share, "original_content_owner")
    return Shared(text=words, author_name=owner, url=link) if link or words else None


def _attachments(item: Mapping[str, Any], export: Export, file: str) -> Iterator[Attachment]:
    for kind in _MEDIA:
        for one in tables(item, kind):
            if text(one, "uri"):
                yield medium(one, kind.removesuffix("s"), export, file)
    link = text(table(item, "share"), "link")
    if link:
        yield Attachment(type="share", url=link, link=True)


def _reactions(item: Mapping[str, Any]) -> tuple[tuple[str, int], ...]:
    counts = Counter(repaired(text(one, "reaction")) for one in tables(item, "reactions"))
    return tuple(sorted(counts.items()))
