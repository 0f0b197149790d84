"""`records.warc`: a bundle's records as a web archive (WARC 1.1, ISO 28500), one record each.

A source item leaves as it was captured only where it is shown whole; of anything else what is shown
is a resource. Nothing is compressed, so that it can be searched.
"""

import io
import re
from collections.abc import Iterator
from datetime import datetime
from hashlib import sha256
from typing import IO, Any, Protocol
from uuid import UUID, uuid5

from warcio.archiveiterator import ArchiveIterator
from warcio.warcwriter import WARCWriter

from archive import ShownPart, VerificationError, times
from exports.bundle import _attached, _load
from exports.bundle._disclosed import Item
from exports.bundle._packed import Unread

NAME = "data/records.warc"
HEAD_BYTES = 4096
_LENGTH = re.compile(rb"^content-length:[ \t]*([0-9]+)[ \t]*\r?$", re.IGNORECASE | re.MULTILINE)
_ID = re.compile(rb"^WARC-Record-ID: <urn:uuid:([0-9a-f-]{36})>\r$", re.MULTILINE)
_DATE = re.compile(rb"^WARC-Date: ([0-9TZ:.-]{20,27})\r$", re.MULTILINE)
_URI = re.compile(r"https?://[!-~]+\Z")
_END = b"\r\n\r\n"


class Sink(Protocol):
    """Takes bytes one after the other."""

    def write(self, data: bytes, /) -> int: ...

    def flush(self) -> None: ...


class WebArchive:
    """Writes the file, a record after the other; `made` dates its first record."""

    def __init__(self, out: Sink, request: str, made: datetime) -> None:
        self._out = out
        self._writer = WARCWriter(out, gzip=False, warc_version="WARC/1.1")
        fields = b"software: Muniment\r\nformat: WARC File Format 1.1\r\n"
        self._write("warcinfo", None, fields, "application/warc-fields", UUID(request), made)

    def add(self, item: Item) -> None:
        """The next record: its source item when that is shown, else its words as they are shown."""
        raw = next((p.value for p in _shown(item) if p.path == "raw"), None)
        if raw is not None and _is_record(raw):
            self._out.write(raw + _END)
            return
        held = {field.name: field.text() for field in item.fields}
        address = held.get("url", "")
        known = uuid5(UUID(item.record), str(item.index))
        target = address if _URI.match(address) else f"urn:uuid:{item.record}"
        block, kind = raw, "application/octet-stream"
        if block is None:
            block, kind = _load.text_of(item).encode(), "text/plain; charset=utf-8"
        self._write("resource", target, block, kind, known, item.entry().at)

    def _write(
        self, type_: str, uri: str | None, block: bytes, kind: str, known: UUID, at: datetime
    ) -> None:
        headers = {
            "WARC-Record-ID": f"<urn:uuid:{known}>",
            "WARC-Date": times.to_text(at),
            "WARC-Block-Digest": f"sha256:{sha256(block).hexdigest()}",
            "WARC-Payload-Digest": f"sha256:{sha256(block).hexdigest()}",
        }
        record = self._writer.create_warc_record(
            uri,
            type_,
            payload=io.BytesIO(block),
            length=len(block),
            warc_content_type=kind,
            warc_headers_dict=headers,
        )
        self._writer.write_record(record)


def named(head: bytes) -> tuple[str, datetime]:
    """The id and the time of the first record, from the first bytes of the file.

    VerificationError when they are not there.
    """
    known, made = _ID.search(head), _DATE.search(head)
    try:
        if known is None or made is None:
            raise ValueError("no record")
        return str(UUID(known[1].decode())), times.from_text(made[1].decode())
    except ValueError as error:
        raise VerificationError(f"does not begin as a web archive ({error})") from error


def texts(source: IO[bytes], unread: Unread) -> Iterator[tuple[int, str]]:
    """Every text in the file with the number of its record, 0 for what stands before the first."""
    for number, record in enumerate(ArchiveIterator(source)):
        yield number, _headers(record.rec_headers)
        if record.http_headers is not None:
            yield number, _headers(record.http_headers)
        for text in _attached.texts(io.BytesIO(record.content_stream().read()), unread):
            yield number, text


def _headers(headers: Any) -> str:
    named = [(name, value) for name, value in headers.headers if name.lower() != "content-length"]
    return "\n".join((headers.statusline, *(f"{name}: {value}" for name, value in named)))


def _shown(item: Item) -> Iterator[ShownPart]:
    return (part for part in item.parts if isinstance(part, ShownPart))


def _is_record(raw: bytes) -> bool:
    """Whether a source item is itself one whole record of a web archive."""
    head, between, block = raw.partition(_END)
    length = _LENGTH.findall(head)
    return raw.startswith(b"WARC/1.") and between != b"" and length == [b"%d" % len(block)]
