"""The direct messages of X: one event of a conversation."""

from collections.abc import Mapping
from typing import Any

from ingest._capture import Attachment, Capture
from ingest._places import Places
from ingest._shapes import tables, text, texts
from ingest._times import from_iso
from ingest.readers._x_posts import Archive

_MESSAGE = "messageCreate"
_EVENTS = frozenset(
    ("joinConversation", "participantsJoin", "participantsLeave", "conversationNameUpdate")
)


def event(
    archive: Archive, file: str, conversation: str, places: Places, value: Any, raw: bytes
) -> Capture:
    """The capture of a message, or of who joined, left or named a group.

    Those others have no ids: their key is the conversation, the kind, the time and the place among
    equals; their `status` is the kind.
    """
    [(kind, found)] = value.items()
    if kind == _MESSAGE:
        return _message(archive, file, conversation, found, raw)
    if kind not in _EVENTS:
        raise ValueError(f"an event of the kind {kind!r} is not known")
    return Capture(
        native_id=places.key(f"{conversation}:{kind}", text(found, "createdAt")),
        kind="message",
        raw=raw,
        title=text(found, "name"),
        author_handle=_handle(archive, text(found, "initiatingUserId")),
        thread=conversation,
        occurred_at=from_iso(found.get("createdAt")),
        visibility="direct",
        status=kind,
        source_file=file,
    )


def _message(
    archive: Archive, file: str, conversation: str, found: Mapping[str, Any], raw: bytes
) -> Capture:
    native_id = text(found, "id")
    if not native_id:
        raise ValueError("it has no id")
    reactions: dict[str, int] = {}
    for one in tables(found, "reactions"):
        name = text(one, "reactionKey")
        reactions[name] = reactions.get(name, 0) + 1
    media = texts(found, "mediaUrls")
    return Capture(
        native_id=native_id,
        kind="message",
        raw=raw,
        text=text(found, "text"),
        author_handle=_handle(archive, text(found, "senderId")),
        thread=conversation,
        occurred_at=from_iso(found.get("createdAt")),
        visibility="direct",
        attachments=tuple(_attachment(archive, native_id, url) for url in media),
        source_file=file,
        reactions=tuple(reactions.items()),
    )


def _handle(archive: Archive, number: str) -> str:
    return archive.account.handle if number and number == archive.number else number


def _attachment(archive: Archive, native_id: str, url: str) -> Attachment:
    name = url.rpartition("/")[2]
    return Attachment(name=name, url=url, member=archive.member(f"{native_id}-{name}"))
