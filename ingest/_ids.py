"""Ids that carry the time at which they were given out, held against the time that is claimed.

X: 64-bit snowflakes, milliseconds since 2010-11-04T01:42:54.657Z above 22 bits. Mastodon: whole
numbers, milliseconds since 1970 above 16 bits. AT Protocol: record keys that are TIDs, 13
characters of sortable base 32, microseconds since 1970 above 10 bits (atproto.com/specs/tid).
"""

import re
from datetime import UTC, datetime, timedelta

from archive import times

_X_EPOCH = 1_288_834_974_657
_X_FIRST = 1 << 37  # ids of before the snowflakes were counted up, and say nothing
_MASTODON_FIRST = 10**15
_TID = re.compile("[2-7a-j][2-7a-z]{12}")
_DIGITS = str.maketrans("234567abcdefghijklmnopqrstuvwxyz", "0123456789abcdefghijklmnopqrstuv")
_ORIGIN = datetime(1970, 1, 1, tzinfo=UTC)
_LATEST = datetime(2200, 1, 1, tzinfo=UTC)
_TOLERANCE = timedelta(minutes=1)


def x_time(native_id: str) -> datetime | None:
    """When X gave out the id of a post; None for ids that do not say."""
    number = _whole(native_id)
    if number is None or number < _X_FIRST:
        return None
    return _moment(((number >> 22) + _X_EPOCH) * 1000)


def mastodon_time(native_id: str) -> datetime | None:
    """When a Mastodon server gave out the number of a status; None for ids that do not say."""
    number = _whole(native_id)
    if number is None or number < _MASTODON_FIRST:
        return None
    return _moment((number >> 16) * 1000)


def tid_time(key: str) -> datetime | None:
    """When a record key of the AT Protocol was made; None for keys that are no TIDs."""
    if _TID.fullmatch(key) is None:
        return None
    return _moment(int(key.translate(_DIGITS), 32) >> 10)


def disagreement(given_out: datetime | None, claimed: datetime | None) -> tuple[str, ...]:
    """A note where an id and the claimed time are more than a minute apart; else nothing."""
    if given_out is None or claimed is None or abs(given_out - claimed) <= _TOLERANCE:
        return ()
    return (f"by its id it was made at {times.to_text(given_out)}, not at the time that it claims",)


def _whole(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 20 else None


def _moment(microseconds: int) -> datetime | None:
    moment = _ORIGIN + timedelta(microseconds=microseconds)
    return moment if moment < _LATEST else None
