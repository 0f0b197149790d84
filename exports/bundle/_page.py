"""`index.html`: one page with everything in it that reads, searches and verifies the bundle.

The data stands in a script block that no browser runs, so its text is never markup. The page's
policy lets exactly its own script and style run, by their digests, and no request leave it.
"""

import re
from base64 import b64encode
from collections.abc import Iterator, Mapping
from hashlib import sha256
from html import escape
from importlib.resources import files
from typing import Any

import orjson

from archive.errors import VerificationError
from exports.bundle import _labels
from exports.bundle._disclosed import Item
from exports.bundle._extract import PAGE_DATA
from exports.bundle._summary import Summary

_PLACE = re.compile(rb"\{\{([a-z]+)\}\}")
_UNSAFE = {b"<": b"\\u003c", b">": b"\\u003e", b"&": b"\\u0026"}


def page(summary: Summary, records: Iterator[bytes]) -> Iterator[bytes]:
    """The page in pieces; `records` are what `page_record` gave, in order."""
    style, script = _asset("page.css"), _asset("page.js")
    places = {
        b"title": escape(summary.title).encode(),
        b"policy": _policy(style, script).encode(),
        b"style": style,
        b"script": script,
    }
    before, after = (
        _PLACE.sub(lambda found: places[found[1]], half)
        for half in _asset("page.html").split(b"{{data}}")
    )
    head = _inert(orjson.dumps(_about(summary)))
    yield before + head[:-1] + b',"records":[\n'
    for position, record in enumerate(records):
        yield (b",\n" if position else b"") + record
    yield b"\n]}" + after


def page_record(item: Item, path: tuple[bytes, ...]) -> bytes:
    """A record with its path to the root, as it stands in the page."""
    return _inert(orjson.dumps(item.to_json() | {"path": [b64encode(p).decode() for p in path]}))


def records_in(data: bytes) -> list[dict[str, Any]]:
    """The records that stand in a page; VerificationError when they cannot be read."""
    found = PAGE_DATA.search(data)
    try:
        records = orjson.loads(found[2])["records"] if found else None
    except (ValueError, KeyError, TypeError) as error:
        raise VerificationError(f"its data cannot be read ({error})") from error
    if not isinstance(records, list) or not all(isinstance(record, dict) for record in records):
        raise VerificationError("it holds no records")
    return records


def _about(summary: Summary) -> Mapping[str, Any]:
    request = summary.request
    return {
        "title": summary.title,
        "body": request.body_name,
        "request": request.number,
        "subject": request.subject,
        "received": request.received.isoformat(),
        "date": summary.at.date().isoformat(),
        "checkpoint": summary.checkpoint,
        "key": str(summary.key),
        "titles": {code: title for code, title, _ in summary.exemption_rows()},
        "fields": _labels.FIELDS,
        "outcomes": _labels.OUTCOMES,
        "platforms": _labels.PLATFORMS,
    }


def _inert(data: bytes) -> bytes:
    for character, escaped in _UNSAFE.items():
        data = data.replace(character, escaped)
    return data


def _policy(style: bytes, script: bytes) -> str:
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src 'sha256-{b64encode(sha256(script).digest()).decode()}'",
            f"style-src 'sha256-{b64encode(sha256(style).digest()).decode()}'",
            "base-uri 'none'",
            "form-action 'none'",
        )
    )


def _asset(name: str) -> bytes:
    return files("exports.bundle").joinpath(name).read_bytes()
