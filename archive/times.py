"""UTC times as fixed-width text: how they stand in headers, sealed parts and database columns."""

from datetime import UTC, datetime


def utc_now() -> datetime:
    """The time of this machine's clock, timezone-aware UTC."""
    return datetime.now(UTC)


def to_text(moment: datetime) -> str:
    """``2026-11-22T22:00:00.123456Z``: 27 characters, UTC, microseconds, sortable as text.

    Raises ValueError for a naive datetime.
    """
    if moment.tzinfo is None:
        raise ValueError("a time without a time zone cannot be recorded")
    return moment.astimezone(UTC).isoformat(timespec="microseconds")[:26] + "Z"


def from_text(text: str) -> datetime:
    """The inverse of `to_text`; ValueError for any other form."""
    if len(text) != 27 or text[10] != "T" or text[26] != "Z":
        raise ValueError(f"not a recorded time: {text!r}")
    return datetime.fromisoformat(text)
