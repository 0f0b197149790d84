"""Asking a time-stamping authority over HTTP (RFC 3161 section 3.4)."""

import time
from http.client import HTTPException, HTTPResponse
from typing import IO
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, OpenerDirector, Request, build_opener

from archive.errors import SourceError, UsageError

TIMEOUT_SECONDS = 30.0
MAX_ANSWER = 1 << 18
_QUERY, _REPLY = "application/timestamp-query", "application/timestamp-reply"
_PIECE = 1 << 14


def ask(url: str, query: bytes, *, timeout: float = TIMEOUT_SECONDS) -> bytes:
    """The answer of the authority at `url` to a query (DER), as it came: nothing in it is checked.

    `timeout` in seconds bounds each wait, and four times that the whole. Follows three redirects,
    never from https to http. Raises UsageError when the address is none, SourceError when the
    authority cannot be reached or answers with anything else than a time-stamp answer.
    """
    _check_address(url)
    headers = {"Content-Type": _QUERY, "Accept": _REPLY, "User-Agent": "muniment"}
    request = Request(url, data=query, headers=headers, method="POST")  # noqa: S310 - http(s) alone
    opener: OpenerDirector = build_opener(_Redirects)
    try:
        with opener.open(request, timeout=timeout) as response:
            return _body(url, response, time.monotonic() + 4 * timeout)
    except HTTPError as error:
        error.close()
        raise _failed(url, f"answers {error.code} {error.reason}".rstrip()) from error
    except TimeoutError as error:
        raise _failed(url, "does not answer in time") from error
    except URLError as error:
        if isinstance(error.reason, TimeoutError):
            raise _failed(url, "does not answer in time") from error
        raise _failed(url, f"cannot be reached ({_words(error.reason)})") from error
    except (OSError, HTTPException) as error:
        raise _failed(url, f"broke off ({_words(error)})") from error


class _Redirects(HTTPRedirectHandler):
    """Repeats the query where a redirect points to; the base class would ask without it."""

    max_redirections = 3
    max_repeats = 1

    def redirect_request(
        self, req: Request, fp: IO[bytes], code: int, msg: str, headers: object, newurl: str
    ) -> Request:
        """The same query at the new address; SourceError when that is no place to send it."""
        fp.close()
        secure = urlsplit(req.full_url).scheme == "https"
        if urlsplit(newurl).scheme not in ({"https"} if secure else {"http", "https"}):
            raise _failed(req.full_url, f"redirects to {newurl}, which is not followed")
        headers = dict(req.headers)
        return Request(newurl, data=req.data, headers=headers, method="POST")  # noqa: S310 - as above


def _check_address(url: str) -> None:
    try:
        parts = urlsplit(url)
        known = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
    except ValueError:
        parts, known = urlsplit(""), False
    if not known or not url.isascii() or not url.isprintable() or " " in url:
        raise UsageError(
            f"{url!r} is not the address of a time-stamping authority",
            hint="give one that begins with https:// or http://",
        )
    if parts.username is not None or parts.password is not None:
        raise UsageError(
            "an address with a name or a password in it can be read by others",
            hint="give the authority's address without them",
        )


def _body(url: str, response: HTTPResponse, deadline: float) -> bytes:
    kind = response.headers.get_content_type()
    if kind != _REPLY:
        raise _failed(url, f"sends no time-stamp answer but {kind}")
    pieces: list[bytes] = []
    size = 0
    while piece := response.read1(_PIECE):
        pieces.append(piece)
        size += len(piece)
        if size > MAX_ANSWER:
            raise _failed(url, f"sends more than {MAX_ANSWER >> 10} KiB")
        if time.monotonic() > deadline:
            raise _failed(url, "does not answer in time")
    expected = response.headers.get("Content-Length", "")
    if expected.isdigit() and int(expected) != size:
        raise _failed(url, f"broke off after {size} of {expected} bytes")
    return b"".join(pieces)


def _failed(url: str, problem: str) -> SourceError:
    return SourceError(
        f"the time-stamping authority {url} {problem}",
        hint="try again later, name another by --tsa, or see muniment timestamp --request",
    )


def _words(reason: object) -> str:
    return str(getattr(reason, "strerror", None) or reason or type(reason).__name__)
