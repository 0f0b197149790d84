"""Changes made to the bytes of an export at random, as damage and malice would make them."""

import random
import re
from collections.abc import Callable
from dataclasses import dataclass

_JSON_TOKEN = re.compile(rb'"(?:[^"\\]|\\.){0,200}"|-?\d+(?:\.\d+)?|true|false|null')
_TAG = re.compile(rb"<[^<>]{1,200}>")
_NUMBER = re.compile(rb"\d+")

VALUES = (
    b"null", b"true", b"[]", b"{}", b'""', b"0", b"-1", b"1e400", b"NaN", b"-Infinity", b"1.5",
    b"9" * 30, b"9" * 5000, b"-62169958800", b"253402300800000", b"[null]", b'[[["x"]]]',
    b'{"a":{"b":[{}]}}', b'"\\ud83d"', b'"\\u0000"', b'"\\udc00\\ud800"', b'["a","b"]',
    b'"' + b"x" * 70_000 + b'"', b'[{"id":1},"x",null]', b'"2026-13-45T99:99:99Z"', b'{"":""}',
    b'"0000-00-00 00:00:00"', b'"9999-12-31T23:59:59-23:59"', b'"0001-01-01T00:00:00+23:59"',
    b'"../../etc/passwd"', b'"https://[::1"', b'"at://did:plc:x//"', b'"\xc3"', b'"\xed\xa0\x80"',
    b"[" * 3000 + b"]" * 3000, b'{"a":' * 3000 + b"1" + b"}" * 3000,
)  # fmt: skip
"""Values of JSON, most of them none that an export should hold there."""

NOISE = (
    b"\0", b"\0" * 64, b"\xff\xfe", b"\xef\xbb\xbf", b"\x80", b"\xed\xa0\x80", b"\x1a", b"\x0c",
    b'"', b"'", b"\\", b"{", b"}", b"[", b"]", b",", b":", b'"]', b"}]", b"]}", b"\n", b"\r",
    b"\r\n", b"\n\n", b'"\n"', b"\t", b";", b"=", b"\xe2\x80\xa8", b"window.YTD.tweets.part0 = ",
    b"<", b">", b"</", b"/>", b"<!--", b"-->", b"<![CDATA[", b"]]>", b"<?x", b"?>",
    b"&", b"&amp", b"&lol;", b"&#0;", b"&#xD800;", b"&#x110000;", b"&#99999999999;",
    b'<!DOCTYPE a [<!ENTITY lol "ha"><!ENTITY lol2 "&lol;&lol;">]>',
    b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
    b"</item>", b"<item>", b"</channel></rss>", b"<entry>", b"</entry>", b"</post>", b"<post>",
    b"WARC/1.0\r\n", b"Content-Length: -1\r\n", b"Content-Length: 99999999999999\r\n\r\n",
    b"Content-Length: 1e9\r\n", b"Transfer-Encoding: chunked\r\n", b"\x1f\x8b\x08\0\0\0\0\0",
    b"\xff" * 9 + b"\x7f", b"\x80" * 32, b"\x1b" + b"\xff" * 8, b"\x9b" + b"\xff" * 8,
    b"\xd8\x2a" * 40, b"\xa1" * 400, b"\x9f" * 400,
)  # fmt: skip
"""Bytes that mean something to one format or another."""


@dataclass(frozen=True, slots=True)
class Mutated:
    """Bytes after changes; `fresh` are those that the changes wrote, as (start, end)."""

    data: bytes
    fresh: tuple[tuple[int, int], ...]
    what: tuple[str, ...]


class Mutator:
    """Draws changes from a generator; `others` are files to take pieces from."""

    def __init__(self, chance: random.Random, others: list[bytes]) -> None:
        self._chance = chance
        self._others = others
        self._kinds: tuple[Callable[[bytes], tuple[int, int, bytes]], ...] = (
            self._flip,
            self._value,
            self._value,
            self._value,
            self._structure,
            self._noise,
            self._noise,
            self._lose,
            self._lose_a_line,
            self._twice,
            self._foreign,
            self._number,
            self._tag,
            self._cut,
            self._flood,
        )

    def mutate(self, data: bytes) -> Mutated:
        """One to four changes; rarely the whole of it in another encoding."""
        if self._chance.random() < 0.03:
            return self._encoded(data)
        fresh: list[tuple[int, int]] = []
        what: list[str] = []
        for _ in range(self._chance.choice((1, 1, 1, 2, 4))):
            change = self._chance.choice(self._kinds)
            start, end, written = change(data)
            data = data[:start] + written + data[end:]
            moved = len(written) - (end - start)
            fresh = [_shifted(one, start, end, moved) for one in fresh]
            fresh.append((start, start + len(written)))
            what.append(f"{change.__name__.strip('_')} at {start}-{end}: {written[:40]!r}")
        return Mutated(data, tuple(fresh), tuple(what))

    def _place(self, data: bytes) -> int:
        return self._chance.randrange(len(data) + 1)

    def _stretch(self, data: bytes, longest: int) -> tuple[int, int]:
        start = self._place(data)
        return start, min(len(data), start + self._chance.randint(1, longest))

    def _flip(self, data: bytes) -> tuple[int, int, bytes]:
        start, end = self._stretch(data, 3)
        return start, end, self._chance.randbytes(end - start)

    def _noise(self, data: bytes) -> tuple[int, int, bytes]:
        start = self._place(data)
        return start, start, self._chance.choice(NOISE)

    def _value(self, data: bytes) -> tuple[int, int, bytes]:
        start, end = self._near(_JSON_TOKEN, data)
        return start, end, self._chance.choice(VALUES)

    def _structure(self, data: bytes) -> tuple[int, int, bytes]:
        """A whole object or list replaced by another value."""
        start, _ = self._near(re.compile(rb"[\[{]"), data)
        depth, end = 0, start
        for token in re.finditer(rb"[\[\]{}]", data[start : start + 5000]):
            depth += 1 if token.group() in b"[{" else -1
            end = start + token.end()
            if depth <= 0:
                break
        return start, end, self._chance.choice(VALUES)

    def _number(self, data: bytes) -> tuple[int, int, bytes]:
        start, end = self._near(_NUMBER, data)
        return (
            start,
            end,
            self._chance.choice((b"0", b"-1", b"9" * 20, b"", b"1.0", b"99999999999")),
        )

    def _tag(self, data: bytes) -> tuple[int, int, bytes]:
        start, end = self._near(_TAG, data)
        return start, end, self._chance.choice((b"", data[start:end] * 2, b"<x>", b"</x>", b"<!--"))

    def _lose(self, data: bytes) -> tuple[int, int, bytes]:
        return *self._stretch(data, 200), b""

    def _lose_a_line(self, data: bytes) -> tuple[int, int, bytes]:
        place = self._place(data)
        end = data.find(b"\n", place) + 1
        return data.rfind(b"\n", 0, place) + 1, end or len(data), b""

    def _twice(self, data: bytes) -> tuple[int, int, bytes]:
        start, end = self._stretch(data, 2000)
        return end, end, data[start:end]

    def _foreign(self, data: bytes) -> tuple[int, int, bytes]:
        other = self._chance.choice(self._others)
        start, end = self._stretch(other, 2000)
        place = self._place(data)
        return place, place, other[start:end]

    def _cut(self, data: bytes) -> tuple[int, int, bytes]:
        return self._place(data), len(data), b""

    def _flood(self, data: bytes) -> tuple[int, int, bytes]:
        """One short thing so often that whoever looks at it twice each time never ends."""
        start = self._place(data)
        many = self._chance.choice((100, 20_000))
        return start, start, self._chance.choice(NOISE)[:12] * many

    def _near(self, pattern: re.Pattern[bytes], data: bytes) -> tuple[int, int]:
        found = pattern.search(data, self._place(data)) or pattern.search(data)
        return found.span() if found else self._stretch(data, 20)

    def _encoded(self, data: bytes) -> Mutated:
        encoding = self._chance.choice(("utf-16", "utf-32-be", "utf-8-sig", "utf-7", "cp037"))
        text = data.decode("latin-1")
        written = text.encode(encoding, errors="replace")
        return Mutated(written, ((0, len(written)),), (f"encoded as {encoding}",))


def _shifted(fresh: tuple[int, int], start: int, end: int, moved: int) -> tuple[int, int]:
    """Where a stretch stands after the bytes from `start` to `end` were replaced."""
    first, last = fresh
    return (
        first if first <= start else max(start, first + moved),
        last if last <= start else max(start, last + moved),
    )
