"""The sealed half of an entry: parts, their salted digests, the commitment, and disclosure.

``digest_i = SHA-256(0x00 ‖ salt_i ‖ len(path) ‖ path ‖ value)`` with a 16-byte salt and the length
as two big-endian bytes; ``commitment = SHA-256(0x02 ‖ count ‖ digest_0 ‖ …)`` with the count as
four big-endian bytes. All salts are SHAKE-256 output over one random 32-byte seed. docs/format.md
is normative.
"""

import os
import re
import struct
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256, shake_256
from typing import Self

from archive.errors import VerificationError

SPLIT = frozenset({"text", "title", "reason", "subject", "requester/name", "appellant"})
"""The fields that are cut into words, so that a redaction can be as small as a word."""

SALT_BYTES = 16
SEED_BYTES = 32

# Thai, Lao, Myanmar, Khmer, kana, bopomofo, CJK ideographs and compatibility forms.
_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3100-\u312f\u31f0-\u31ff"
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
)
_WORD = re.compile(rf"[{_UNSPACED}]\s*|[^\s{_UNSPACED}]+\s*|\s+")
_SURROGATE = re.compile("[\ud800-\udfff]")

_SINGLE, _RUN = 0, 1
_GROUP = struct.Struct(">BHI")


def split_text(text: str) -> list[str]:
    """Cut `text` into words with their trailing white space; joining them gives it back exactly.

    Scripts written without spaces are cut per character.
    """
    return _WORD.findall(text)


def to_bytes(value: str | bytes) -> bytes:
    """A part's value as bytes; a lone surrogate, which UTF-8 has no form for, becomes U+FFFD."""
    if isinstance(value, bytes):
        return value
    try:
        return value.encode()
    except UnicodeEncodeError:
        return _SURROGATE.sub("\ufffd", value).encode()


@lru_cache(maxsize=8192)
def _prefix(path: str) -> bytes:
    encoded = path.encode()
    return struct.pack(">H", len(encoded)) + encoded


@lru_cache(maxsize=8192)
def _indexed(name: str, index: int) -> str:
    return f"{name}/{index}"


def part_digest(salt: bytes, path: str, value: bytes) -> bytes:
    """The 32-byte digest of one part."""
    return sha256(b"\x00" + salt + _prefix(path) + value).digest()


def commitment_of(digests: Sequence[bytes]) -> bytes:
    """The 32-byte commitment to parts with these digests, in this order."""
    return sha256(b"\x02" + struct.pack(">I", len(digests)) + b"".join(digests)).digest()


@dataclass(frozen=True, slots=True)
class Parts:
    """Ordered parts: a flat list of paths and one of values."""

    paths: tuple[str, ...]
    values: tuple[bytes, ...]

    @classmethod
    def of(cls, fields: Iterable[tuple[str, str | bytes | None]]) -> Self:
        """Parts from fields in order; empty ones are left out, those in `SPLIT` cut into words."""
        paths: list[str] = []
        values: list[bytes] = []
        for name, value in fields:
            if not value:
                continue
            if name in SPLIT:
                text = value.decode() if isinstance(value, bytes) else value
                words = split_text(text)
                paths.extend([_indexed(name, i) for i in range(len(words))])
                values.extend([to_bytes(word) for word in words])
            else:
                paths.append(name)
                values.append(to_bytes(value))
        return cls(tuple(paths), tuple(values))

    def seal(self) -> "Sealed":
        """These parts under a fresh random seed."""
        return Sealed(self.paths, self.values, os.urandom(SEED_BYTES))

    def text(self, name: str = "text") -> str:
        """The joined words of a split field, or "" when there are none."""
        prefix = name + "/"
        words = [
            value
            for path, value in zip(self.paths, self.values, strict=True)
            if path.startswith(prefix) and path[len(prefix) :].isdecimal()
        ]
        return b"".join(words).decode()

    def get(self, path: str) -> str | None:
        """A single part as text; None when there is none of that path."""
        value = self.bytes_of(path)
        return None if value is None else value.decode()

    def bytes_of(self, path: str) -> bytes | None:
        """A single part's bytes; None when there is none of that path."""
        try:
            return self.values[self.paths.index(path)]
        except ValueError:
            return None


@dataclass(frozen=True, slots=True)
class ShownPart:
    """A disclosed part: everything needed to recompute its digest."""

    path: str
    salt: bytes
    value: bytes

    @property
    def digest(self) -> bytes:
        return part_digest(self.salt, self.path, self.value)


@dataclass(frozen=True, slots=True)
class HiddenPart:
    """A part that is not shown: only its digest leaves."""

    digest: bytes


@dataclass(frozen=True, slots=True)
class Disclosure:
    """Some parts of a sealed half shown, the others as digests, in their order."""

    parts: tuple[ShownPart | HiddenPart, ...]

    @property
    def commitment(self) -> bytes:
        return commitment_of([part.digest for part in self.parts])


@dataclass(frozen=True, slots=True)
class Sealed(Parts):
    """An opened sealed half: parts with the seed of their salts."""

    seed: bytes

    @property
    def salts(self) -> list[bytes]:
        stream = shake_256(self.seed).digest(SALT_BYTES * len(self.paths))
        return [stream[i : i + SALT_BYTES] for i in range(0, len(stream), SALT_BYTES)]

    @property
    def digests(self) -> list[bytes]:
        return [
            sha256(b"\x00" + salt + _prefix(path) + value).digest()
            for salt, path, value in zip(self.salts, self.paths, self.values, strict=True)
        ]

    @property
    def commitment(self) -> bytes:
        return commitment_of(self.digests)

    def raw(self) -> bytes | None:
        """The item's bytes exactly as the source gave them."""
        return self.bytes_of("raw")

    def disclose(self, shown: Container[int]) -> Disclosure:
        """The parts whose index is in `shown` with salt and value, the others as digests."""
        rows = zip(self.paths, self.salts, self.values, self.digests, strict=True)
        return Disclosure(
            tuple(
                ShownPart(path, salt, value) if index in shown else HiddenPart(digest)
                for index, (path, salt, value, digest) in enumerate(rows)
            )
        )

    def encode(self) -> bytes:
        """The bytes that are encrypted: seed, then groups of parts (docs/format.md)."""
        out = [self.seed]
        paths, values = self.paths, self.values
        i, count = 0, len(paths)
        while i < count:
            path = paths[i]
            if path[-2:] == "/0":
                name, end = path[:-2], i + 1
                while end < count and paths[end] == _indexed(name, end - i):
                    end += 1
                run = values[i:end]
                encoded = name.encode()
                out += (
                    _GROUP.pack(_RUN, len(encoded), len(run)),
                    encoded,
                    struct.pack(f">{len(run)}I", *map(len, run)),
                    *run,
                )
                i = end
            else:
                encoded = path.encode()
                out += (_GROUP.pack(_SINGLE, len(encoded), len(values[i])), encoded, values[i])
                i += 1
        return b"".join(out)

    @classmethod
    def decode(cls, data: bytes) -> Self:
        """The inverse of `encode`; VerificationError when the bytes are of no such form."""
        paths: list[str] = []
        values: list[bytes] = []
        at = SEED_BYTES
        try:
            while at < len(data):
                kind, path_length, number = _GROUP.unpack_from(data, at)
                at += _GROUP.size
                name = data[at : at + path_length].decode()
                at += path_length
                if kind == _SINGLE:
                    paths.append(name)
                    values.append(data[at : at + number])
                    at += number
                elif kind == _RUN:
                    lengths = struct.unpack_from(f">{number}I", data, at)
                    at += 4 * number
                    paths.extend([_indexed(name, i) for i in range(number)])
                    for length in lengths:
                        values.append(data[at : at + length])
                        at += length
                else:
                    raise VerificationError(f"sealed half: unknown group kind {kind}")
        except (struct.error, UnicodeDecodeError) as error:
            raise VerificationError(f"sealed half: malformed ({error})") from error
        if at != len(data):
            raise VerificationError("sealed half: cut short")
        return cls(tuple(paths), tuple(values), data[:SEED_BYTES])
