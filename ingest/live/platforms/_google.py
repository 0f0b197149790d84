"""Google's own ways: keys, tokens that last an hour, and reasons in the bodies of errors.

A secret is an API key, an access token, or the JSON of ``client_id``, ``client_secret`` and
``refresh_token``, from which access tokens are made (developers.google.com/identity/protocols/
oauth2, RFC 6749 section 6). Reasons are those of developers.google.com/youtube/v3/docs/errors, seen
2026-11; quotas begin anew at midnight Pacific time.
"""

from collections.abc import Generator, Mapping
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import orjson

from archive import UsageError
from ingest._shapes import table, tables, text
from ingest.live._calls import Bearer, Calls, Reply
from ingest.live._platform import Place
from ingest.live._trouble import Denied, Missing, Outage, Throttled, Trouble

_KEYS = "AIza"
_TOKENS = "https://oauth2.googleapis.com/token"
_PACIFIC = ZoneInfo("America/Los_Angeles")
_QUOTA = frozenset(("quotaExceeded", "dailyLimitExceeded"))
_RATE = frozenset(("rateLimitExceeded", "userRateLimitExceeded"))
_KEY = frozenset(("keyInvalid", "keyExpired", "API_KEY_INVALID", "authError"))
_PASSING = frozenset(("processingFailure", "backendError", "internalError"))
_RATE_FOR = 60.0
_RENEW = "give the account a new key or token: docs/capture.md says which"


class _Key(httpx.Auth):
    """An API key, in a header and not in the address."""

    def __init__(self, key: str) -> None:
        self._key = key

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        request.headers["X-Goog-Api-Key"] = self._key
        yield request


class _Refreshed(httpx.Auth):
    """Access tokens made of a refresh token, a new one when the last one is refused."""

    requires_response_body = True

    def __init__(self, told: Mapping[str, str]) -> None:
        self._told = {key: told[key] for key in ("client_id", "client_secret", "refresh_token")}
        self._address = told.get("token_uri") or _TOKENS
        self._access = ""

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        if not self._access:
            yield from self._refresh()
        request.headers["Authorization"] = f"Bearer {self._access}"
        response = yield request
        if response.status_code == 401:
            yield from self._refresh()
            request.headers["Authorization"] = f"Bearer {self._access}"
            yield request

    def _refresh(self) -> Generator[httpx.Request, httpx.Response, None]:
        wanted = {**self._told, "grant_type": "refresh_token"}
        response = yield httpx.Request("POST", self._address, data=wanted)
        if response.status_code >= 500:
            raise Outage(f"{self._address} answered {response.status_code}")
        if response.status_code != 200:
            raise Denied(f"the refresh token is refused ({response.status_code})", _RENEW)
        self._access = text(_object(response.content), "access_token")


def google(place: Place) -> tuple[Calls, bool]:
    """The calls of an account, and whether they are made in a person's name: not by a key."""
    auth: httpx.Auth
    is_key = place.token.startswith(_KEYS)
    if is_key:
        auth = _Key(place.token)
    elif place.token.startswith("{"):
        told = _object(place.token.encode())
        if not all(text(told, key) for key in ("client_id", "client_secret", "refresh_token")):
            raise UsageError(
                f"the token of {place.handle} lacks client_id, client_secret or refresh_token",
                hint=_RENEW,
            )
        auth = _Refreshed(told)
    else:
        auth = Bearer(place.token)

    def judge(reply: Reply) -> Trouble | None:
        return _trouble(reply, place.time.now())

    return place.calls(auth=auth, judge=judge), not is_key


def _trouble(reply: Reply, now: datetime) -> Trouble | None:
    if reply.status < 400:
        return None
    error = table(_object(reply.body), "error")
    reasons = {text(one, "reason") for one in (*tables(error, "errors"), *tables(error, "details"))}
    said = f"{reply.address} answered {reply.status}"
    if reasons - {""}:
        said += f" ({', '.join(sorted(reasons - {''}))})"
    if reasons & _QUOTA:
        return Throttled(f"{said}: the quota of the day is used up", until_midnight(now))
    if reasons & _RATE:
        return Throttled(said, _RATE_FOR)
    if reasons & _KEY or reply.status == 401:
        return Denied(said, _RENEW)
    if reasons & _PASSING:
        return Outage(said)
    if reply.status == 404:
        return Missing(said, reply.status, reply.address, reply.body)
    return None


def until_midnight(now: datetime) -> float:
    """How many seconds it is until the next day begins in California."""
    day = now.astimezone(_PACIFIC).date() + timedelta(days=1)
    return (datetime.combine(day, time(), _PACIFIC) - now).total_seconds()


def _object(body: bytes) -> Mapping[str, Any]:
    try:
        found = orjson.loads(body)
    except orjson.JSONDecodeError:
        return {}
    return found if isinstance(found, dict) else {}
