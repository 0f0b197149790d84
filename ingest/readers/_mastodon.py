"""The archive that Mastodon lets an account download: ``outbox.json``, ``actor.json``, media.

The outbox is an ActivityStreams collection of the account's own ``Create`` and ``Announce``
activities in their present state; ``totalItems`` is a counter of the server's that often differs,
so nothing is made of it. Likes, bookmarks and followers are not captured.

A note's id is the note's own URI, a share's that of its activity. Notes that answer another are
comments, notes addressed to named people only are messages.
"""

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from archive import SourceError
from ingest._capture import AccountName, Attachment, Capture, Kind, Told, Visibility
from ingest._export import Export
from ingest._html import to_text
from ingest._json import array_items, object_of
from ingest._source import Item, Source, each, whose
from ingest._times import from_iso

_PUBLIC = frozenset(("https://www.w3.org/ns/activitystreams#Public", "as:Public", "Public"))
_ACTOR_LIMIT = 1 << 20


class MastodonArchive:
    """Reads a Mastodon archive: tar.gz, zip or folder."""

    name = "mastodon"
    version = 1

    def sniff(self, export: Export) -> bool:
        outbox = export.find_file("outbox.json")
        return outbox is not None and b"ActivityStreams".lower() in export.head(outbox).lower()

    def frame(self, source_file: str) -> tuple[bytes, bytes]:
        return b'{"@context":"https://www.w3.org/ns/activitystreams","orderedItems":[', b"]}"

    def read(self, export: Export, told: Told) -> Source:
        outbox = export.find_file("outbox.json")
        if outbox is None:
            raise SourceError(f"{export.path.name} holds no outbox.json")
        base = outbox.removesuffix("outbox.json")
        known = whose(told, _actor(export, base))
        return Source(
            "mastodon",
            known,
            frozenset(("post", "comment", "share", "message")),
            (outbox,),
            _items(export, outbox, base, known),
            export.written_at(outbox),
        )


def _actor(export: Export, base: str) -> AccountName | None:
    if base + "actor.json" not in export:
        return None
    actor = object_of(export.head(base + "actor.json", _ACTOR_LIMIT))
    if not isinstance(actor, dict) or not _text(actor, "preferredUsername"):
        return None
    host = urlsplit(_text(actor, "id")).netloc
    handle = f"{_text(actor, 'preferredUsername')}@{host}".rstrip("@")
    return AccountName(handle, _text(actor, "name"), _text(actor, "url"))


def _items(export: Export, outbox: str, base: str, account: AccountName) -> Iterator[Item]:
    def make(activity: Any, raw: bytes) -> Capture:
        kind, note = activity.get("type"), activity.get("object")
        if kind == "Create" and isinstance(note, dict):
            return _note(activity, note, raw, export, base, account, outbox)
        if kind == "Announce":
            return _share(activity, raw, account, outbox)
        raise ValueError(f"an activity of the kind {kind!r} is not known")

    with export.open(outbox) as stream:
        pieces = array_items(stream, "orderedItems", limit=export.limits.item)
        yield from each(pieces, outbox, make)


def _note(
    activity: Mapping[str, Any],
    note: Mapping[str, Any],
    raw: bytes,
    export: Export,
    base: str,
    account: AccountName,
    file: str,
) -> Capture:
    parent = _text(note, "inReplyTo")
    visibility = _visibility(note if "to" in note else activity)
    kind: Kind = "message" if visibility == "direct" else "comment" if parent else "post"
    languages = note.get("contentMap")
    return Capture(
        native_id=_id(note),
        kind=kind,
        raw=raw,
        text=_content(note),
        title=_text(note, "summary"),
        author_name=account.name,
        author_handle=account.handle,
        url=_text(note, "url"),
        parent=parent,
        thread=_text(note, "conversation"),
        occurred_at=from_iso(note.get("published")) or from_iso(activity.get("published")),
        edited_at=from_iso(note.get("updated")),
        language=next(iter(languages), "") if isinstance(languages, dict) else "",
        visibility=visibility,
        attachments=tuple(
            _attachment(one, export, base)
            for one in _list(note.get("attachment"))
            if isinstance(one, dict)
        ),
        source_file=file,
    )


def _share(activity: Mapping[str, Any], raw: bytes, account: AccountName, file: str) -> Capture:
    shared = activity.get("object")
    note = shared if isinstance(shared, dict) else {}
    return Capture(
        native_id=_id(activity),
        kind="share",
        raw=raw,
        text=_content(note),
        author_name=account.name,
        author_handle=account.handle,
        url=_id(activity),
        parent=shared if isinstance(shared, str) else _text(note, "id"),
        occurred_at=from_iso(activity.get("published")),
        visibility=_visibility(activity),
        source_file=file,
    )


def _content(note: Mapping[str, Any]) -> str:
    text = to_text(_text(note, "content"))
    options = [
        f"- {_text(option, 'name')}"
        for option in (*_list(note.get("oneOf")), *_list(note.get("anyOf")))
        if isinstance(option, dict)
    ]
    return "\n".join((text, "", *options)) if options else text


def _visibility(addressed: Mapping[str, Any]) -> Visibility:
    to, copied = _list(addressed.get("to")), _list(addressed.get("cc"))
    if any(one in _PUBLIC for one in to):
        return "public"
    if any(one in _PUBLIC for one in copied):
        return "unlisted"
    if any(isinstance(one, str) and one.endswith("/followers") for one in (*to, *copied)):
        return "followers"
    return "direct" if to or copied else "unknown"


def _attachment(one: Mapping[str, Any], export: Export, base: str) -> Attachment:
    url = _text(one, "url")
    member = base + url.lstrip("/")
    return Attachment(
        name=url.rpartition("/")[2],
        type=_text(one, "mediaType"),
        alt=_text(one, "name"),
        url=url,
        member=member if member in export else "",
    )


def _id(of: Mapping[str, Any]) -> str:
    found = _text(of, "id")
    if not found:
        raise ValueError("it has no id")
    return found


def _text(of: Mapping[str, Any], key: str) -> str:
    value = of.get(key)
    return value if isinstance(value, str) else ""


def _list(value: object) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]
