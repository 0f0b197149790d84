"""The members of a row of the generic lists, JSON Lines and CSV: docs/interchange.md in code."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, tzinfo
from typing import Any, get_args
from zoneinfo import ZoneInfo

from ingest._capture import (
    KINDS,
    Attachment,
    Capture,
    Gone,
    Kind,
    PollOption,
    Remover,
    Shared,
    State,
    Visibility,
)
from ingest._export import Export
from ingest._times import from_iso, from_seconds

_STATES = get_args(State)
_VISIBILITIES = get_args(Visibility)
_REMOVERS = tuple(filter(None, get_args(Remover)))
_NO_ZONE = "none"

COMMON = frozenset(
    (
        *("id", "kind", "author", "handle", "text", "title", "parent", "thread", "url"),
        *("occurred_at", "edited_at", "removed_at", "time_zone", "language", "visibility"),
        *("state", "status", "removed_by", "removal_reason", "deleted", "location", "revision"),
    )
)
"""The members whose values are single, in both forms."""
NESTED = frozenset(("shared", "poll", "reactions", "attachments"))
"""The members that are lists or objects in JSON Lines."""
MEMBERS = COMMON | NESTED


def item_of(row: Mapping[str, Any], raw: bytes, file: str, export: Export) -> Capture | Gone:
    """The item of a row; ValueError says which member is not what it should be."""
    native_id = _key(row, "id")
    if not native_id:
        raise ValueError("it has no id")
    kind: Kind = _one_of(row, "kind", KINDS, "post")
    zone = _zone(row)
    if _truth(row, "deleted"):
        return Gone(
            native_id=native_id,
            kind=kind,
            raw=raw,
            removed_at=_time(row, "removed_at", zone),
            removed_by=_one_of(row, "removed_by", _REMOVERS, ""),
            reason=_text(row, "removal_reason"),
            source_file=file,
        )
    visibility: Visibility = _one_of(row, "visibility", _VISIBILITIES, "unknown")
    return Capture(
        native_id=native_id,
        kind=kind,
        raw=raw,
        text=_text(row, "text"),
        title=_text(row, "title"),
        author_name=_text(row, "author"),
        author_handle=_text(row, "handle"),
        url=_text(row, "url"),
        parent=_key(row, "parent"),
        thread=_key(row, "thread"),
        occurred_at=_time(row, "occurred_at", zone),
        edited_at=_time(row, "edited_at", zone),
        removed_at=_time(row, "removed_at", zone),
        language=_text(row, "language"),
        visibility=visibility,
        state=_one_of(row, "state", _STATES, "live"),
        status=_text(row, "status"),
        attachments=tuple(_attachments(row, file, export)),
        source_file=file,
        shared=_shared(row, zone),
        poll=tuple(_poll(row)),
        location=_text(row, "location"),
        naive=zone is UTC,
        removed_by=_one_of(row, "removed_by", _REMOVERS, ""),
        removal_reason=_text(row, "removal_reason"),
        reactions=_reactions(row),
        revision=_text(row, "revision"),
    )


def _key(row: Mapping[str, Any], name: str) -> str:
    value = row.get(name)
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise ValueError(f"its {name} is neither text nor a whole number")
    return str(value)


def _one_of(row: Mapping[str, Any], name: str, known: tuple[Any, ...], default: str) -> Any:
    value = row.get(name)
    if value is None:
        return default
    if value not in known:
        raise ValueError(f"its {name} is none of {', '.join(known)}")
    return value


def _truth(row: Mapping[str, Any], name: str) -> bool:
    value = row.get(name)
    if value is None or isinstance(value, bool):
        return bool(value)
    raise ValueError(f"its {name} is neither true nor false")


def _zone(row: Mapping[str, Any]) -> tzinfo | None:
    name = _text(row, "time_zone")
    if not name:
        return None
    if name == _NO_ZONE:
        return UTC
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise ValueError(f"its time_zone {name!r} is not known") from error


def _time(row: Mapping[str, Any], name: str, zone: tzinfo | None) -> datetime | None:
    value = row.get(name)
    if value is None:
        return None
    moment = from_iso(value) if isinstance(value, str) else from_seconds(value)
    if moment is None and zone is not None and isinstance(value, str):
        moment = _in_zone(value, zone)
    if moment is None:
        raise ValueError(f"its {name} is no time with a zone")
    return moment


def _in_zone(value: str, zone: tzinfo) -> datetime | None:
    try:
        moment = datetime.fromisoformat(value)
        return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _shared(row: Mapping[str, Any], zone: tzinfo | None) -> Shared | None:
    given = row.get("shared")
    if given is None:
        return None
    if not isinstance(given, dict):
        raise ValueError("its shared is no object")
    return Shared(
        text=_text(given, "text"),
        author_name=_text(given, "author"),
        author_handle=_text(given, "handle"),
        url=_text(given, "url"),
        native_id=_key(given, "id"),
        occurred_at=_time(given, "occurred_at", zone),
    )


def _poll(row: Mapping[str, Any]) -> Iterator[PollOption]:
    for one in _objects(row, "poll"):
        votes = one.get("votes")
        if votes is not None and (isinstance(votes, bool) or not isinstance(votes, int)):
            raise ValueError("the votes of its poll are no whole numbers")
        yield PollOption(_text(one, "text"), votes)


def _reactions(row: Mapping[str, Any]) -> tuple[tuple[str, int], ...]:
    given = row.get("reactions")
    if given is None:
        return ()
    if not isinstance(given, dict) or not all(type(one) is int for one in given.values()):
        raise ValueError("its reactions are not whole numbers by name")
    return tuple(given.items())


def _attachments(row: Mapping[str, Any], file: str, export: Export) -> Iterator[Attachment]:
    folder = file.rpartition("/")[0] + "/" if "/" in file else ""
    for one in _objects(row, "attachments"):
        member = _text(one, "file")
        name = _text(one, "name") or member.rpartition("/")[2]
        yield Attachment(
            name=name,
            type=_text(one, "type"),
            alt=_text(one, "alt"),
            url=_text(one, "url"),
            member=folder + member if member and folder + member in export else "",
            link=_truth(one, "link"),
            sha256=_text(one, "sha256"),
        )


def _objects(row: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    given = row.get(name)
    if given is None:
        return []
    if not isinstance(given, list) or not all(isinstance(one, dict) for one in given):
        raise ValueError(f"its {name} is no list of objects")
    return given


def _text(row: Mapping[str, Any], name: str) -> str:
    value = row.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise ValueError(f"its {name} is no text")
    return value
