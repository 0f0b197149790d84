"""Pages of a body's site as web archives (WARC 1.1, ISO 28500), captured again when they change.

The account is the site, the address where it begins. ``capture add --option pages="/ /policy"``
says which pages, else it is the first one alone. A page has changed when its title or its text has,
or, where it has no text, its bytes: what a server puts into a page anew each time, such as tokens,
is no change. A record holds the server's answer with its headers; what was packed on the way is
unpacked, and its headers say so no more.
"""

from collections.abc import AsyncIterator
from hashlib import sha256
from io import BytesIO
from urllib.parse import urljoin, urlsplit

from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from archive import UsageError, times
from ingest._capture import Capture
from ingest._page import page_of
from ingest.live._calls import Reply
from ingest.live._platform import Answer, Cursor, Known, Look, Place, Platform, Step
from ingest.live._trouble import Missing, Trouble
from ingest.live.platforms._addresses import answers, look_at
from ingest.readers._warc import WebArchive

_UNPACKED = frozenset(("content-encoding", "content-length", "transfer-encoding"))


class Site:
    """Some pages of one site."""

    def __init__(self, place: Place) -> None:
        self._place, self._time = place, place.time
        self._calls = place.calls(headers={"Accept-Encoding": "identity"})
        named = place.options.get("pages", "").split() or [place.address]
        self._pages = [urljoin(place.address, one) for one in named]
        for page in self._pages:
            if urlsplit(page)[:2] != urlsplit(place.address)[:2]:
                raise UsageError(f"{page} is no page of {place.address}")
        self._archived: set[str] = set()
        self.reader = WebArchive()

    def recall(self, item: Capture) -> str:
        self._archived.add(item.native_id)
        return item.native_id if item.native_id in self._pages else ""

    async def poll(self, cursor: Cursor) -> AsyncIterator[Step]:
        first: Trouble | None = None
        for page in self._pages:
            try:
                yield await self._page(page, cursor)
            except Missing as error:
                if page in self._archived:
                    yield Step(missing=(page,))
                else:
                    first = first or error
        if first is not None:
            raise first

    def stream(self, cursor: Cursor) -> None:  # a site has none
        return None

    async def look(self, known: Known) -> Look:
        return await look_at(self._calls, self._time, known)

    async def well(self) -> bool:
        return await answers(self._calls, self._place.address)

    async def _page(self, page: str, cursor: Cursor) -> Step:
        name = sha256(page.encode()).hexdigest()[:16]
        reply = await self._calls.get(page)
        digest = _said(reply)
        if cursor.get(name) == digest:
            return Step()
        return Step((Answer("page.warc", self._record(page, reply)),), {name: digest})

    def _record(self, page: str, reply: Reply) -> bytes:
        """The answer as one WARC record."""
        held = BytesIO()
        headers = [
            (name, value)
            for name, value in reply.headers.multi_items()
            if name.lower() not in _UNPACKED
        ]
        headers.append(("content-length", str(len(reply.body))))
        writer = WARCWriter(held, gzip=False, warc_version="WARC/1.1")
        record = writer.create_warc_record(
            page,
            "response",
            payload=BytesIO(reply.body),
            length=len(reply.body),
            http_headers=StatusAndHeaders(f"{reply.status} OK", headers, protocol="HTTP/1.1"),
            warc_headers_dict={"WARC-Date": times.to_text(self._time.now())},
        )
        writer.write_record(record)
        return held.getvalue()


def _said(reply: Reply) -> str:
    """A digest of what a page says, in hex."""
    title, text, _ = page_of(reply.body, reply.headers.get("Content-Type", ""))
    said = f"{title}\n{text}".encode(errors="surrogatepass") if title or text else reply.body
    return sha256(said).hexdigest()[:32]


WEB = Platform("web", Site, promise=24 * 60, floor=900, ceiling=6 * 3600)
