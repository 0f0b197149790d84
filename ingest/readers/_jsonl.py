"""JSON Lines of Muniment's own making: the way in for anything that has no reader yet.

One JSON object a line, UTF-8. ``id`` (text or number) is required; ``kind`` is post (the default),
comment, share, message or page; ``author`` and ``handle`` name who wrote it; ``text`` and
``title`` are plain text; ``parent`` and ``thread`` are ids; ``occurred_at``, ``edited_at`` and
``removed_at`` are RFC 3339 with a zone, or seconds since 1970; ``state`` is live (the default) or
removed; ``visibility`` is public, unlisted, followers, direct or unknown; ``url``, ``language``;
``attachments`` is a list of objects with ``name``, ``type``, ``alt``, ``url``, ``sha256``. Other
members stay in the raw line. The platform is ``jsonl``, the account is named by --account.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, get_args

import orjson

from archive import SourceError
from ingest._boxes import CHUNK, Stream
from ingest._capture import (
    KINDS,
    Attachment,
    Capture,
    Kind,
    Rejected,
    State,
    Told,
    Visibility,
)
from ingest._export import Export
from ingest._json import loads
from ingest._source import UNREADABLE, Item, Source, reason_of, whose
from ingest._times import from_iso, from_seconds

_SUFFIXES = (".jsonl", ".ndjson")
_STATES = get_args(State)
_VISIBILITIES = get_args(Visibility)


class JsonLines:
    """Reads JSON Lines: one file, or all of those in a zip, tar or folder."""

    name = "jsonl"
    version = 1

    def sniff(self, export: Export) -> bool:
        return bool(export.find(_is_lines))

    def frame(self, source_file: str) -> tuple[bytes, bytes]:
        return b"", b"\n"

    def read(self, export: Export, told: Told) -> Source:
        files = export.find(_is_lines) or export.names
        if len(files) != 1 and not all(map(_is_lines, files)):
            raise SourceError(f"{export.path.name} holds no file that ends in .jsonl")
        known = whose(told, None)
        platform = told.platform or self.name
        return Source(platform, known, frozenset(KINDS), tuple(files), _items(export, files))


def _is_lines(name: str) -> bool:
    return name.endswith(_SUFFIXES)


def _items(export: Export, files: list[str]) -> Iterator[Item]:
    for file in files:
        with export.open(file) as stream:
            for raw in _lines(stream, export.limits.item):
                try:
                    yield _item(raw, file)
                except UNREADABLE as error:
                    yield Rejected(reason_of(error), raw, file)


def _lines(stream: Stream, limit: int) -> Iterator[bytes]:
    """The lines that are not blank, without their ends."""
    held = b""
    broken: SourceError | None = None
    while True:
        try:
            data = stream.read(CHUNK)
        except SourceError as error:
            data, broken = b"", error
        if not data:
            break
        lines = (held + data).split(b"\n")
        held = lines.pop()
        if len(held) > limit:
            raise SourceError(f"a line is longer than {limit} bytes")
        yield from (line.rstrip(b"\r") for line in lines if line and not line.isspace())
    if held and not held.isspace():
        yield held.rstrip(b"\r")
    if broken is not None:
        raise broken


def _item(raw: bytes, file: str) -> Capture:
    try:
        row = orjson.loads(raw)
    except orjson.JSONDecodeError:
        row = loads(raw)  # what orjson refuses may still be JSON: lone surrogates
    if not isinstance(row, dict):
        raise ValueError("it is no JSON object")
    native_id = row.get("id")
    if isinstance(native_id, bool) or not isinstance(native_id, str | int) or native_id == "":
        raise ValueError("it has no id")
    kind: Kind = _one_of(row, "kind", KINDS, "post")
    state: State = _one_of(row, "state", _STATES, "live")
    visibility: Visibility = _one_of(row, "visibility", _VISIBILITIES, "unknown")
    parent, thread = row.get("parent"), row.get("thread")
    return Capture(
        native_id=str(native_id),
        kind=kind,
        raw=raw,
        text=_text(row, "text"),
        title=_text(row, "title"),
        author_name=_text(row, "author"),
        author_handle=_text(row, "handle"),
        url=_text(row, "url"),
        parent="" if parent is None else str(parent),
        thread="" if thread is None else str(thread),
        occurred_at=_time(row, "occurred_at"),
        edited_at=_time(row, "edited_at"),
        removed_at=_time(row, "removed_at"),
        language=_text(row, "language"),
        visibility=visibility,
        state=state,
        attachments=tuple(_attachments(row)) if "attachments" in row else (),
        source_file=file,
    )


def _one_of(row: Mapping[str, Any], key: str, known: tuple[Any, ...], default: str) -> Any:
    value = row.get(key)
    if value is None:
        return default
    if value not in known:
        raise ValueError(f"its {key} is none of {', '.join(known)}")
    return value


def _time(row: Mapping[str, Any], key: str) -> datetime | None:
    value = row.get(key)
    if value is None:
        return None
    moment = from_iso(value) if isinstance(value, str) else from_seconds(value)
    if moment is None:
        raise ValueError(f"its {key} is no time with a zone")
    return moment


def _attachments(row: Mapping[str, Any]) -> Iterator[Attachment]:
    given = row["attachments"]
    for one in given if isinstance(given, list) else ():
        if isinstance(one, dict):
            yield Attachment(
                name=_text(one, "name"),
                type=_text(one, "type"),
                alt=_text(one, "alt"),
                url=_text(one, "url"),
                sha256=_text(one, "sha256"),
            )


def _text(row: Mapping[str, Any], key: str) -> str:
    value = row.get(key)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise ValueError(f"its {key} is no text")
    return value
