"""How long an answer's headers ask to wait.

`Retry-After` (RFC 9110 section 10.2.3), and limits as Mastodon (`X-RateLimit-*`, an ISO time),
X (`x-rate-limit-*`, seconds since 1970), Bluesky (`RateLimit-*`, seconds since 1970) and the IETF
draft (`RateLimit-Reset`, seconds from now) write them; Meta's `X-App-Usage`, `X-Page-Usage` and
`X-Business-Use-Case-Usage` (JSON: per cent used, and minutes until access is regained) for their
part (developers.facebook.com/docs/graph-api/overview/rate-limiting, seen 2026-11).
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import orjson

_REMAINING = ("x-ratelimit-remaining", "x-rate-limit-remaining", "ratelimit-remaining")
_RESET = ("x-ratelimit-reset", "x-rate-limit-reset", "ratelimit-reset")
_USAGE = ("x-app-usage", "x-page-usage")
_USAGE_OF_CASES = "x-business-use-case-usage"
_REGAINED = "estimated_time_to_regain_access"
_NEARLY_ALL = 90
_USED_UP_FOR = 300.0
_A_MOMENT = 1_000_000_000
"""A number from here on is seconds since 1970, a lesser one seconds from now."""

LONGEST = 24 * 3600.0


def asked_wait(headers: Mapping[str, str], now: datetime) -> float | None:
    """In how many seconds the next call may be made; None where the headers do not say."""
    told = headers.get("retry-after")
    wait = None if told is None else _seconds(told, now)
    if wait is None:
        wait = _reset(headers, now)
    if wait is None:
        wait = _used_up(headers)
    return None if wait is None else min(max(wait, 0.0), LONGEST)


def spent_wait(headers: Mapping[str, str], now: datetime) -> float:
    """As `asked_wait`, for an answer that succeeded: 0 while further calls are left."""
    left = next((headers[name] for name in _REMAINING if name in headers), "")
    if left.strip() not in {"0", "0.0"}:
        return _used_up(headers) or 0.0
    return min(max(_reset(headers, now) or 0.0, 0.0), LONGEST)


def _reset(headers: Mapping[str, str], now: datetime) -> float | None:
    return next((_seconds(headers[name], now) for name in _RESET if name in headers), None)


def _used_up(headers: Mapping[str, str]) -> float | None:
    """How long Meta wants to be left alone; None while there is enough left."""
    usages = [_object(headers[name]) for name in _USAGE if name in headers]
    for cases in _object(headers.get(_USAGE_OF_CASES, "{}")).values():
        usages += [one for one in cases if isinstance(one, dict)] if isinstance(cases, list) else []
    regained = [one[_REGAINED] for one in usages if isinstance(one.get(_REGAINED), int | float)]
    if any(regained):
        return min(float(max(regained)) * 60, LONGEST)
    used = [one for usage in usages for one in usage.values() if isinstance(one, int | float)]
    return _USED_UP_FOR if any(one >= _NEARLY_ALL for one in used) else None


def _object(told: str) -> dict[str, Any]:
    try:
        found = orjson.loads(told)
    except orjson.JSONDecodeError:
        return {}
    return found if isinstance(found, dict) else {}


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
