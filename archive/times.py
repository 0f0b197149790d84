"""UTC times as fixed-width text: how they stand in headers, sealed parts and database columns."""

import re
from datetime import UTC, datetime

_FORM = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T(?!24)[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z")


def utc_now() -> datetime:
    """The time of this machine's clock, timezone-aware UTC."""
    return datetime.now(UTC)


def to_text(moment: datetime) -> str:
    """``2026-11-22T22:00:00.123456Z``: 27 characters, UTC, microseconds, sortable as text.

    Raises ValueError for a naive datetime.
    """
    if moment.tzinfo is None:
        raise ValueError("a time without a time zone cannot be recorded")
    if moment.tzinfo is not UTC:
        moment = moment.astimezone(UTC)
    return moment.isoformat(timespec="microseconds")[:26] + "Z"


def from_text(text: str) -> datetime:
    """The inverse of `to_text`; ValueError for any other form."""
    if not _FORM.fullmatch(text):
        raise ValueError(f"not a recorded time: {text!r}")
    return datetime.fromisoformat(text)
