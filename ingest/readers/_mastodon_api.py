"""What a Mastodon server answers and streams, kept in files (docs.joinmastodon.org/methods).

Statuses alone or in lists, contexts of threads, histories of edits, notifications, conversations,
searches and reports: the statuses in them are captured, each with its own author. Calls recorded as
lists of ``{method, uri, status, body}`` say more: a ``DELETE`` that succeeded is a removal by the
author, and a history is that of the status in the address. A history kept by itself belongs to the
status whose number its file is named by. Streamed events, ``{event, payload}`` a line, as a
recorded stream, or as they came (``.sse``), give versions and deletions. Other answers are counted.

Keys are those of `ingest.readers._mastodon_statuses`: a status's uri. Where a history's status was
not met, it is the uri that the server would give, for its own accounts; for others
``https://SERVER/statuses/NUMBER``. A deletion of what was not met is rejected, for its uri is not
known; a parent that was not met stays a number. The account is named by the caller.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from archive import SourceError
from ingest._boxes import CHUNK
from ingest._capture import AccountName, Gone, Rejected, Told
from ingest._eventstream import event_blocks
from ingest._export import Export
from ingest._json import Piece, loads
from ingest._located import Inside, Located, located
from ingest._shapes import text
from ingest._source import UNREADABLE, Item, Source, reason_of, whose
from ingest.readers._answers import answers_in, documents, is_answer, not_captured
from ingest.readers._mastodon_statuses import Statuses, author_of, profile_of

_MARK = re.compile(
    rb'"in_reply_to_account_id"\s*:|"spoiler_text"\s*:|"event"\s*:\s*"(?:status\.)?update"|'
    rb"/api/v[12]/(?:statuses|accounts|timelines|instance|admin|streaming|notifications)"
)
_ADDRESSED = re.compile(r"/api/v1/statuses/(\d+)(?:/(\w+))?/?$")
_NUMBER = re.compile(r"\d{5,}")
_CONTENT = re.compile(r'"(?:content|spoiler_text)"\s*:')
_STREAM = ".sse"
_LINE_END = re.compile(r"\r\n|\n|\r")
_CALL = frozenset(("method", "uri", "status", "body"))
_IN_CALLS = Inside(items=frozenset(("body",)))
_CALLED = re.compile(rb'\s*\[\s*\{[^{}\[\]]*"(?:method|uri|body)"\s*:')
_INNER = ("status", "last_status", "statuses", "ancestors", "descendants")
_IN_ANSWER = Inside(items=frozenset(_INNER))


class MastodonAnswers:
    """Reads answers and events of Mastodon servers in JSON files and lines.

    `statuses` are those met before, where it is known that every file is an answer, and of which
    server.
    """

    name = "mastodon-api"
    version = 2

    def __init__(self, statuses: Statuses | None = None) -> None:
        self._statuses = statuses

    def sniff(self, export: Export) -> bool:
        return is_answer(export, _MARK)

    def frame(self, source_file: str) -> tuple[bytes, bytes]:
        return b"", b"\n"

    def read(self, export: Export, told: Told) -> Source:
        files = answers_in(export, _MARK) + export.find(lambda name: name.endswith(_STREAM))
        if self._statuses is not None:
            files = list(export.names)
        if not files:
            raise SourceError(f"{export.path.name} holds no answers of Mastodon")
        known = whose(told, None)
        taken = _Taken(known, self._statuses or Statuses())
        return Source("mastodon", known, frozenset(), tuple(files), taken.all(export, files))


_OF_STATUSES = frozenset(("spoiler_text", "reblogs_count", "visibility", "reblog"))


class _Taken:
    """The items of one source."""

    def __init__(self, account: AccountName, statuses: Statuses) -> None:
        self._account = account
        self._statuses = statuses
        self._passed: Counter[str] = Counter()

    def all(self, export: Export, files: list[str]) -> Iterator[Item]:
        for file in files:
            if file.endswith(_STREAM):
                yield from self._streamed(export, file)
                continue
            history: Mapping[str, Any] = {}
            called = _CALLED.match(export.head(file)) is not None
            for piece in documents(export, file, inside=_IN_CALLS if called else None):
                if _is_version(piece.value):
                    history = history or piece.value
                yield from self._document(piece, file, history)
        yield from not_captured(self._passed)

    def _document(self, piece: Piece, file: str, first: Mapping[str, Any]) -> Iterator[Item]:
        if piece.error:
            yield Rejected(piece.error, piece.raw, file)
            return
        value = piece.value
        try:
            if _is_status(value):
                yield self._statuses.capture(value, piece.raw, file)
            elif _is_version(value):
                named = _NUMBER.search(file.rpartition("/")[2]) or _NUMBER.search(file)
                key = named[0] if named else ""
                yield self._statuses.version(value, piece.raw, file, key, first or value)
            elif not isinstance(value, dict):
                raise ValueError("it is no object")
            elif "method" in value and "body" in value:
                call = value if isinstance(value, Located) else located(piece.raw, _IN_CALLS)
                yield from self._call(call, piece.raw, file)
            elif isinstance(value.get("event"), str):
                yield from self._event(value["event"], value.get("payload"), piece.raw, file)
            else:
                answer = located(piece.raw, _IN_ANSWER)
                yield from self._answer(answer, lambda: located(piece.raw), file, alone=True)
        except UNREADABLE as error:
            yield Rejected(reason_of(error), piece.raw, file)

    def _streamed(self, export: Export, file: str) -> Iterator[Item]:
        with export.open(file) as stream:
            for raw in event_blocks(iter(partial(stream.read, CHUNK), b"")):
                try:
                    for event, data in _events_in(raw.decode()):
                        yield from self._event(event, data, raw, file)
                except UNREADABLE as error:
                    yield Rejected(reason_of(error), raw, file)

    def _answer(
        self, value: Any, anew: Callable[[], Any], file: str, *, alone: bool
    ) -> Iterator[Item]:
        """The statuses in an answer, or the account's profile; what is `alone` must hold one.

        `anew` decodes it so that statuses in unwonted places know their bytes, too.
        """
        found = list(_statuses_in(value))
        if not all(type(one) is Located for one in found):
            found = list(_statuses_in(anew()))
        for one in found:
            try:
                yield self._statuses.capture(one, one.raw, file)
            except UNREADABLE as error:
                yield Rejected(reason_of(error), one.raw, file)
        if found:
            return
        if isinstance(value, Located) and text(value, "acct"):
            if author_of(value).handle.lower() == self._account.handle.lower():
                yield profile_of(value, value.raw, file)
            else:
                self._passed["accounts of others"] += 1
        elif alone and not any(isinstance(value.get(name), dict | list) for name in _INNER):
            raise ValueError("it holds no status that can be read")
        else:
            self._passed["answers without a status"] += 1

    def _call(self, call: Mapping[str, Any], raw: bytes, file: str) -> Iterator[Item]:
        parts, body, status = urlsplit(text(call, "uri")), call["body"], call.get("status")
        addressed = _ADDRESSED.search(parts.path)
        about = addressed[2] if addressed else None
        if not call.keys() <= _CALL:
            raise ValueError("a recorded call has members that are not known")
        if isinstance(status, int) and status >= 400 and "error" in body:
            self._passed[f"error {status}"] += 1
        elif addressed and about == "source":
            self._passed["sources of statuses"] += 1
        elif isinstance(body, str):
            for event, data in _events_in(body):
                yield from self._event(event, data, raw, file)
        elif text(call, "method") == "DELETE" and addressed and not about and _is_status(body):
            gone = self._statuses.capture(body, body.raw, file)
            yield replace(gone, state="removed", removed_by="author")
        elif addressed and about == "history" and isinstance(body, list):
            key = f"{addressed[1]} {parts.scheme}://{parts.netloc}"
            for one in body:
                yield self._statuses.version(one, one.raw, file, key, body[0])
        else:
            yield from self._answer(body, lambda: located(raw)["body"], file, alone=False)

    def _event(self, event: str, payload: Any, raw: bytes, file: str) -> Iterator[Item]:
        if event == "delete":
            number = str(payload).strip()
            known = self._statuses.known(number)
            if known is None:
                raise ValueError("it deletes a status that it names by a number alone")
            yield Gone(known.native_id, known.kind, raw, source_file=file)
            return
        value = loads(payload.encode(errors="surrogatepass")) if isinstance(payload, str) else {}
        found = list(_statuses_in(value)) if isinstance(value, dict) else []
        for one in found:
            yield self._statuses.capture(one, raw, file)
        if not found and _CONTENT.search(str(payload)):
            raise ValueError("it holds no status that can be read")
        if not found:
            self._passed[f"event {event}"] += 1


def _is_status(value: Any) -> bool:
    return isinstance(value, dict) and "uri" in value and "in_reply_to_id" in value


def _is_status_like(value: Mapping[str, Any]) -> bool:
    return "content" in value or not _OF_STATUSES.isdisjoint(value) or _is_status(value)


def _is_version(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and "spoiler_text" in value
        and "account" in value
        and ("id" not in value)
    )


def _statuses_in(value: Any) -> Iterator[Any]:
    """The statuses in an answer, in their order, and what has a content but is none."""
    waiting = [value]
    while waiting:
        found = waiting.pop()
        if isinstance(found, list):
            waiting += reversed(found)
        elif isinstance(found, dict):
            if _is_status_like(found):
                yield found
            else:
                waiting += reversed(found.values())


def _events_in(stream: str) -> Iterator[tuple[str, str]]:
    """The events of a stream of server-sent events: their names and data (WHATWG HTML, 9.2)."""
    event, data = "", list[str]()
    for line in (*_LINE_END.split(stream), ""):
        name, _, value = line.partition(":")
        if name == "event":
            event = value.strip()
        elif name == "data":
            data.append(value.removeprefix(" "))
        elif not line:
            if data:
                yield event, "\n".join(data)
            event, data = "", []
