"""How long an answer's headers ask to wait.

`Retry-After` (RFC 9110 section 10.2.3), and limits as Mastodon (`X-RateLimit-*`, an ISO time),
X (`x-rate-limit-*`, seconds since 1970), Bluesky (`RateLimit-*`, seconds since 1970) and the IETF
draft (`RateLimit-Reset`, seconds from now) write them.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

_REMAINING = ("x-ratelimit-remaining", "x-rate-limit-remaining", "ratelimit-remaining")
_RESET = ("x-ratelimit-reset", "x-rate-limit-reset", "ratelimit-reset")
_A_MOMENT = 1_000_000_000
"""A number from here on is seconds since 1970, a lesser one seconds from now."""

LONGEST = 24 * 3600.0


def asked_wait(headers: Mapping[str, str], now: datetime) -> float | None:
    """In how many seconds the next call may be made; None where the headers do not say."""
    told = headers.get("retry-after")
    wait = None if told is None else _seconds(told, now)
    if wait is None:
        wait = _reset(headers, now)
    return None if wait is None else min(max(wait, 0.0), LONGEST)


def spent_wait(headers: Mapping[str, str], now: datetime) -> float:
    """As `asked_wait`, for an answer that succeeded: 0 while further calls are left."""
    left = next((headers[name] for name in _REMAINING if name in headers), "")
    if left.strip() not in {"0", "0.0"}:
        return 0.0
    return min(max(_reset(headers, now) or 0.0, 0.0), LONGEST)


def _reset(headers: Mapping[str, str], now: datetime) -> float | None:
    return next((_seconds(headers[name], now) for name in _RESET if name in headers), None)


def _seconds(told: str, now: datetime) -> float | None:
    try:
        number = float(told)
    except ValueError:
        moment = _moment(told)
        return None if moment is None else (moment - now).total_seconds()
    if number != number or number < 0:
        return None
    return number - now.timestamp() if number >= _A_MOMENT else number


def _moment(told: str) -> datetime | None:
    for parse in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            found = parse(told.strip())
        except ValueError:
            continue
        return found if found.tzinfo else found.replace(tzinfo=UTC)
    return None
