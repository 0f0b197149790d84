"""`index.html`: one page with everything in it that reads, searches and verifies the bundle.

The data stands in a script block that no browser runs, so its text is never markup. The page's
policy lets exactly its own script and style run, by their digests, and no request leave it. What it
is made of lies in the folder `page`; its scripts are joined into one.
"""

import re
from base64 import b64encode
from collections.abc import Iterator, Mapping
from hashlib import sha256
from html import escape
from importlib.resources import files
from typing import IO, Any

import orjson

from archive.errors import VerificationError
from exports.bundle import _labels
from exports.bundle._disclosed import Item
from exports.bundle._summary import Summary

_SCRIPTS = ("bytes", "data", "evidence", "zip", "bag", "record", "find", "verify", "page")
ASSETS = ("page.html", "page.css", *(f"{name}.js" for name in _SCRIPTS))
_PLACE = re.compile(rb"\{\{([a-z]+)\}\}")
_RECORDS = b',"records":[\n'
_OPENING, _CLOSING = b'<script id="bundle" type="application/json">', b"</script>"
_END = b"]}" + _CLOSING
FURTHER = frozenset({"path", "answers"})
"""What a record in the page has beside what it has in `records.jsonl`."""
_NO_LIST = "its data holds no list of records"
_UNSAFE = {b"<": b"\\u003c", b">": b"\\u003e", b"&": b"\\u0026"}


def page(
    summary: Summary, records: Iterator[bytes], accounts: Mapping[str, str]
) -> Iterator[bytes]:
    """The page in pieces; `records` are what `page_record` gave, `accounts` names by id."""
    style, script = asset("page.css"), b"\n".join(asset(f"{name}.js") for name in _SCRIPTS)
    places = {
        b"title": escape(summary.title).encode(),
        b"policy": _policy(style, script).encode(),
        b"style": style,
        b"script": script,
    }
    before, after = (
        _PLACE.sub(lambda found: places[found[1]], half)
        for half in asset("page.html").split(b"{{data}}")
    )
    head = _inert(orjson.dumps(_about(summary, accounts)))
    yield before + head[:-1] + _RECORDS
    for position, record in enumerate(records):
        yield (b",\n" if position else b"") + record
    yield b"\n]}" + after


def page_record(item: Item, path: tuple[bytes, ...], answers: str = "") -> bytes:
    """A record as it stands in the page: with its path to the root, and what it answers.

    `answers` is the lookup of the record that it answers, "" for none. It is not told where the
    record is withheld, or an exemption hides its parent.
    """
    more = {
        "path": [b64encode(p).decode() for p in path],
        "answers": answers if item.tells_parent else "",
    }
    return _inert(orjson.dumps({**item.json, **more}))


class Opened:
    """A page read from its first byte on, a record at a time.

    `about` is what its data says of the bundle. `bare` is the page without its data: it is whole
    once all `records` have been read, of which each is one line.
    """

    def __init__(self, source: IO[bytes]) -> None:
        """VerificationError when the page is not of its form."""
        self.bare = b""
        head = self._head(source)
        self.about = _object(head + b"}")
        self.records = self._records(source)

    def _head(self, source: IO[bytes]) -> bytes:
        for line in source:
            before, opening, data = line.partition(_OPENING)
            self.bare += before + opening
            if opening:
                if _CLOSING in data or not data.endswith(_RECORDS):
                    raise VerificationError(_NO_LIST)
                return data[: -len(_RECORDS)]
        raise VerificationError("it holds no data")

    def _records(self, source: IO[bytes]) -> Iterator[bytes]:
        more = None
        for line in source:
            if line.startswith(_END):
                if more:
                    break
                self.bare += line[len(_END) - len(_CLOSING) :] + source.read()
                return
            record = line.rstrip(b"\n")
            if not record:
                continue
            if more is False or _CLOSING in record:
                break
            more = record.endswith(b",")
            yield record.removesuffix(b",")
        raise VerificationError(_NO_LIST)


def record_in(line: bytes) -> dict[str, Any]:
    """A record from its line; VerificationError when it is none."""
    return _object(line)


def _object(data: bytes) -> dict[str, Any]:
    try:
        value = orjson.loads(data)
    except ValueError as error:
        raise VerificationError(f"its data cannot be read ({error})") from error
    if not isinstance(value, dict):
        raise VerificationError("its data is no object")
    return value


def _about(summary: Summary, accounts: Mapping[str, str]) -> Mapping[str, Any]:
    request = summary.request
    return {
        "title": summary.title,
        "body": request.body_name,
        "request": request.number,
        "subject": request.subject,
        "received": request.received.isoformat(),
        "date": summary.at.date().isoformat(),
        "supersedes": summary.description.get("Supersedes", ""),
        "checkpoint": summary.checkpoint,
        "key": str(summary.key),
        "stamp": str(summary.stamp.stamped) if summary.stamp else "",
        "titles": {code: title for code, title, _ in summary.exemption_rows()},
        "fields": _labels.FIELDS,
        "outcomes": _labels.OUTCOMES,
        "platforms": _labels.PLATFORMS,
        "accounts": dict(accounts),
    }


def _inert(data: bytes) -> bytes:
    for character, escaped in _UNSAFE.items():
        data = data.replace(character, escaped)
    return data


def _policy(style: bytes, script: bytes) -> str:
    return "; ".join(
        (
            "default-src 'none'",
            "connect-src 'none'",
            f"script-src 'sha256-{b64encode(sha256(script).digest()).decode()}'",
            f"style-src 'sha256-{b64encode(sha256(style).digest()).decode()}'",
            "base-uri 'none'",
            "form-action 'none'",
        )
    )


def asset(name: str) -> bytes:
    """One of the files that the page is made of."""
    return files("exports.bundle").joinpath("page", name).read_bytes()
