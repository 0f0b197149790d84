"""Web archives: WARC (ISO 28500) and ARC files, packed or not, as the pages that they hold.

Every response, resource and conversion is a page. Its key is the address, so that each fetch of an
address is a version of one record: ``revision`` is the record's own id (in ARC its date), and the
time is that of the fetch. The versions are put in order by the time of the archive's first record.
The account is the host of the first page unless the caller says another, the platform ``web``.

``raw`` is the record as it stands: its header, the server's header and the body as it was sent. The
text is that of HTML without its head, or of other texts as they are. An answer other than 200 has
it in ``status``; 404 and 410 say that the page is not there: removed, without a word of who did it
or when. A block whose digest is another than the record states is noted. Requests, metadata and
revisits, which say that nothing has changed, are no items: they are counted in a remark.

A file that is cut short or damaged gives all whole records, and of a page that it is cut short in
what there is, with a note; the rest is rejected.
"""

import base64
import hashlib
import logging
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from io import BytesIO
from typing import Any
from urllib.parse import urlsplit

from warcio.bufferedreaders import BufferedReader
from warcio.exceptions import ArchiveLoadFailed
from warcio.recordloader import ArcWarcRecordLoader
from warcio.statusandheaders import StatusAndHeadersParserException

from archive import SourceError
from ingest._boxes import Stream
from ingest._capture import AccountName, Attachment, Capture, Rejected, Remark, Told
from ingest._export import Export
from ingest._page import page_of
from ingest._source import UNREADABLE, Item, Source, reason_of, whose
from ingest._times import from_iso
from ingest._warc import GZIP, Framed, Inflated, arc_fields, begins, framed, holds_another

_SUFFIXES = (".warc", ".warc.gz", ".arc", ".arc.gz")
_PAGES = ("response", "resource", "conversion")
_OTHERS = ("warcinfo", "request", "metadata", "revisit")
_GONE = ("404", "410")
_SERVED = re.compile(rb"^[^\r\n]++\r?\n(?:[^\r\n]++\r?\n)*(?:\r?\n)?HTTP/\d")
_DIGESTS = {"sha1": hashlib.sha1, "sha256": hashlib.sha256, "md5": hashlib.md5}
_LOOKED_AT = 1000
"""How many records are looked at for the first page."""

logging.getLogger("warcio").addHandler(logging.NullHandler())  # else it writes to the terminal


class WebArchive:
    """Reads WARC and ARC: one file, or all those in a zip, tar or folder."""

    name = "warc"
    version = 1

    def sniff(self, export: Export) -> bool:
        return bool(_files(export))

    def frame(self, source_file: str) -> tuple[bytes, bytes]:
        return b"", b"\r\n\r\n"

    def read(self, export: Export, told: Told) -> Source:
        files = _files(export)
        if not files:
            raise SourceError(f"{export.path.name} holds no web archive")
        made = [_made(export, file) for file in files]
        return Source(
            told.platform or "web",
            whose(told, _host(export, files[0])),
            frozenset(),
            tuple(files),
            _items(export, files),
            max((one for one in made if one is not None), default=None),
        )


def _files(export: Export) -> list[str]:
    found = export.find(lambda name: name.lower().endswith(_SUFFIXES))
    if not found and len(export.names) == 1:
        found = export.names
    return [name for name in found if begins(export.head(name))]


@contextmanager
def _opened(export: Export, file: str) -> Iterator[Iterator[Framed]]:
    packed = export.head(file, len(GZIP)) == GZIP
    with export.open(file) as plain:
        stream: Stream = Inflated(plain, export.path, export.limits) if packed else plain
        yield framed(stream, export.limits)


def _made(export: Export, file: str) -> datetime | None:
    with _opened(export, file) as records:
        for one in records:
            try:
                return _Record(one).time
            except UNREADABLE:
                continue
    return None


def _host(export: Export, file: str) -> AccountName | None:
    with _opened(export, file) as records:
        for _, one in zip(range(_LOOKED_AT), records, strict=False):
            try:
                record = _Record(one)
                host = urlsplit(record.url).netloc if record.url.startswith("http") else ""
            except UNREADABLE:
                continue
            if record.type in _PAGES and host:
                return AccountName(host)
    return None


def _items(export: Export, files: list[str]) -> Iterator[Item]:
    others: Counter[str] = Counter()
    for file in files:
        with _opened(export, file) as records:
            for one in records:
                try:
                    if one.error and not one.short:
                        raise ValueError(one.error)
                    record = _Record(one)
                    if record.type in _PAGES:
                        yield _capture(record, one, export.limits.item, file)
                    elif record.type == "continuation":
                        raise ValueError("it is one segment of a record, and they are not joined")
                    elif record.type in _OTHERS:
                        _check_other(record.type, one)
                        others[record.type] += 1
                    else:
                        raise ValueError(f"a record of the type {record.type!r} is not known")
                except UNREADABLE as error:
                    yield Rejected(one.error or reason_of(error), one.raw, file)
                else:
                    if one.short:
                        yield Rejected(one.error, b"", file)
    if others:
        counts = ", ".join(f"{count} {name}" for name, count in sorted(others.items()))
        yield Remark(f"records that are no pages: {counts}")


def _check_other(kind: str, one: Framed) -> None:
    """ValueError when a record that is no page may hold one."""
    if one.short or one.loose:
        raise ValueError(one.error or "what follows it is no record: its length may be wrong")
    if holds_another(one):
        raise ValueError("another record begins inside it")
    if kind != "revisit" and _SERVED.search(one.raw):
        raise ValueError("a server's answer stands in it")


class _Record:
    """A record as warcio reads it; ValueError when it cannot."""

    def __init__(self, one: Framed) -> None:
        self._loader = ArcWarcRecordLoader(verify_http=False)
        try:
            read = self._loader.parse_record_stream(
                BytesIO(one.raw), known_format="arc" if one.arc else "warc"
            )
        except (ArchiveLoadFailed, StatusAndHeadersParserException, EOFError) as error:
            raise ValueError(f"it is no readable record ({str(error).strip()})") from error
        self._read: Any = read
        self.type = str(read.rec_type)
        if one.arc:
            fields = arc_fields(one.raw)
            self.url, self.time = fields["url"], _stamp(fields["date"])
            self.id, self.media = fields["date"], fields["type"]
        else:
            self.url = self._header("WARC-Target-URI").strip("<> ")
            self.time = from_iso(self._header("WARC-Date"))
            self.id, self.media = (
                self._header("WARC-Record-ID").strip("<>"),
                read.content_type or "",
            )
        self.digest = self._header("WARC-Block-Digest")

    def _header(self, name: str) -> str:
        return self._read.rec_headers.get_header(name) or ""

    def http(self, name: str) -> str:
        """A field of the server's header; "" where there is none."""
        headers = self._read.http_headers
        return (headers.get_header(name) or "") if headers else ""

    @property
    def status(self) -> str:
        """What the server said, such as ``404 Not Found``; "" where it said nothing."""
        headers = self._read.http_headers
        return str(headers.statusline).strip() if headers else ""

    def body(self, limit: int) -> bytes:
        """What the server sent, unpacked; ValueError when it is longer than `limit` bytes."""
        packed = self.http("Content-Encoding").lower()
        if packed not in ("", "identity", *BufferedReader.get_supported_decompressors()):
            raise ValueError(f"it is packed as {packed}, which is not read here")
        stream = self._read.content_stream()
        held, size = [], 0
        while data := stream.read(1 << 16):
            held.append(data)
            size += len(data)
            if size > limit:
                raise ValueError(f"it unpacks to more than {limit} bytes")
        return b"".join(held)


def _capture(record: _Record, one: Framed, limit: int, file: str) -> Capture:
    if not record.url:
        raise ValueError("it names no address")
    notes = []
    media = record.http("Content-Type") or record.media
    title, text, language = "", "", ""
    try:
        body = record.body(limit)
        title, text, language = page_of(body, media)
    except UNREADABLE as error:
        notes.append(f"its text could not be read: {reason_of(error)}")
    if one.short:
        notes.append("the file ends inside it: what follows is missing")
    if one.loose:
        notes.append("what follows it is no record: the length that it states may be wrong")
    if not one.short and _differs(record.digest, one.raw):
        notes.append("its block has another digest than it states")
    status = record.status
    moved = record.http("Location") if status.startswith("3") else ""
    return Capture(
        native_id=record.url,
        kind="page",
        raw=one.raw,
        text=text,
        title=title,
        url=record.url,
        occurred_at=record.time,
        language=record.http("Content-Language") or language,
        visibility="public",
        state="removed" if status[:3] in _GONE else "live",
        status="" if status.startswith("200") else status,
        attachments=(Attachment(url=moved, link=True),) if moved else (),
        source_file=file,
        revision=record.id,
        notes=tuple(notes),
    )


def _differs(digest: str, raw: bytes) -> bool:
    """Whether a block has another digest than is stated, in base 32 or 16."""
    name, _, stated = digest.lower().partition(":")
    make = _DIGESTS.get(name)
    if make is None:
        return False
    block = raw[raw.find(b"\r\n\r\n") + 4 :]
    found = make(block, usedforsecurity=False).digest()
    known = {len(one): one for one in (found.hex(), base64.b32encode(found).decode().lower())}
    return known.get(len(stated), stated) != stated


def _stamp(text: str) -> datetime | None:
    try:
        return datetime.strptime(text, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        return None
