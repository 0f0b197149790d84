"""The sealed half of an entry: parts, their salted digests, the commitment, and disclosure.

``digest_i = SHA-256(0x00 ‖ salt_i ‖ len(path) ‖ path ‖ value)`` with a 16-byte salt and the length
as two big-endian bytes; ``commitment = SHA-256(0x02 ‖ count ‖ digest_0 ‖ …)`` with the count as
four big-endian bytes. All salts are SHAKE-256 output over one random 32-byte seed. docs/format.md
is normative.
"""

import os
import struct
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from hashlib import sha256, shake_256
from itertools import accumulate, pairwise, repeat
from typing import Self

from archive._words import SPLIT, to_bytes, words_of
from archive.errors import VerificationError

SALT_BYTES = 16
SEED_BYTES = 32

SINGLE, _RUN = 0, 1
FIELD = struct.Struct(">BHI")
_MAX_PATH = 0xFFFF
_OFTEN = 256
"""Of longer runs, or names, nothing is kept for every length: it would fill the memory."""


@lru_cache(maxsize=1024)
def _framed(path: str) -> bytes:
    encoded = path.encode()
    if len(encoded) > _MAX_PATH:
        raise ValueError(f"the path of a part is longer than {_MAX_PATH} bytes")
    return struct.pack(">H", len(encoded)) + encoded


@lru_cache(maxsize=1024)
def _stored_frame(name: bytes) -> bytes:
    return _framed(name.decode())


@lru_cache(maxsize=1024)
def _frames(name: str, count: int) -> tuple[bytes, ...]:
    return tuple([_framed.__wrapped__(f"{name}/{i}") for i in range(count)])


def _run_frames(name: str, count: int) -> tuple[bytes, ...]:
    if count <= _OFTEN:
        return _frames(name, count)
    if len(name) > _OFTEN:
        return _frames.__wrapped__(name, count)
    return _frames(name, 1 << (count - 1).bit_length())[:count]


@lru_cache(maxsize=1024)
def _salt_cutter(count: int) -> struct.Struct:
    return struct.Struct(f"{SALT_BYTES}s" * count)


def part_digest(salt: bytes, path: str, value: bytes) -> bytes:
    """The 32-byte digest of one part."""
    return sha256(b"\x00" + salt + _framed(path) + value).digest()


def commitment_of(digests: Sequence[bytes]) -> bytes:
    """The 32-byte commitment to parts with these digests, in this order."""
    return sha256(b"\x02" + struct.pack(">I", len(digests)) + b"".join(digests)).digest()


def commitment_of_encoded(data: bytes) -> bytes:
    """The commitment of an encoded sealed half (`Sealed.encode`), without making its parts.

    VerificationError when the bytes are of no such form.
    """
    frames: list[bytes] = []
    values: list[bytes] = []
    try:
        for name, value in _cut(data):
            if isinstance(value, bytes):
                frames.append(_stored_frame(name))
                values.append(value)
            else:
                frames += _run_frames(name.decode(), len(value))
                values += value
    except UnicodeDecodeError as error:
        raise VerificationError(f"sealed half: malformed ({error})") from error
    return commitment_of(_digests(data[:SEED_BYTES], frames, values))


def _salts(seed: bytes, count: int) -> tuple[bytes, ...]:
    salts = shake_256(seed).digest(SALT_BYTES * count)
    if count > _OFTEN:
        return tuple([salts[at : at + SALT_BYTES] for at in range(0, len(salts), SALT_BYTES)])
    return _salt_cutter(count).unpack(salts)


def _digests(seed: bytes, frames: Sequence[bytes], values: Sequence[bytes]) -> list[bytes]:
    messages = zip(repeat(b"\x00"), _salts(seed, len(frames)), frames, values, strict=False)
    return [hashed.digest() for hashed in map(sha256, map(b"".join, messages))]


Field = tuple[str, bytes | tuple[bytes, ...]]
"""A part `(path, value)`, or a run of parts `(name, values)` with the paths name/0, name/1, …"""


@dataclass(frozen=True)
class Parts:
    """Ordered parts, held as fields: single parts, and runs of words."""

    fields: tuple[Field, ...]

    @classmethod
    def of(cls, fields: Iterable[tuple[str, str | bytes | None]]) -> Self:
        """Parts from fields in order; empty ones are left out, those in `SPLIT` cut into words."""
        held: list[Field] = []
        for name, value in fields:
            if not value:
                continue
            if isinstance(value, bytes):
                held.append((name, value))
            elif name in SPLIT:
                held.append((name, tuple(words_of(to_bytes(value)))))
            else:
                held.append((name, to_bytes(value)))
        return cls(tuple(held))

    @cached_property
    def singles(self) -> dict[str, bytes]:
        """The single parts by path, in order; runs of words are left out."""
        return {name: value for name, value in self.fields if isinstance(value, bytes)}

    def __bool__(self) -> bool:
        return bool(self.fields)

    def __len__(self) -> int:
        return sum(1 if isinstance(value, bytes) else len(value) for _, value in self.fields)

    @property
    def paths(self) -> tuple[str, ...]:
        """The path of every part, in order."""
        paths: list[str] = []
        for name, value in self.fields:
            if isinstance(value, bytes):
                paths.append(name)
            else:
                paths.extend([f"{name}/{i}" for i in range(len(value))])
        return tuple(paths)

    @property
    def values(self) -> tuple[bytes, ...]:
        """The value of every part, in order."""
        values: list[bytes] = []
        for _, value in self.fields:
            if isinstance(value, bytes):
                values.append(value)
            else:
                values.extend(value)
        return tuple(values)

    @cached_property
    def encoded(self) -> bytes:
        """The fields as bytes (docs/format.md)."""
        return encode_fields(self.fields)

    def seal(self) -> "Sealed":
        """These parts under a fresh random seed; what is sealed already stays as it is."""
        return Sealed(self.fields, os.urandom(SEED_BYTES))

    @cached_property
    def whole(self) -> Sequence[tuple[str, bytes]]:
        """The fields in order, each as one value: the words of a run are joined."""
        return [
            (name, value if isinstance(value, bytes) else b"".join(value))
            for name, value in self.fields
        ]

    def text(self, name: str = "text") -> str:
        """The joined words of a split field, or "" when there are none."""
        for found, value in self.whole:
            if found == name:
                return value.decode()
        return ""

    def get(self, path: str) -> str | None:
        """A single part as text; None when there is none of that path."""
        value = self.bytes_of(path)
        return None if value is None else value.decode()

    def bytes_of(self, path: str) -> bytes | None:
        """A single part's bytes; None when there is none of that path."""
        return self.singles.get(path)


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


@dataclass(frozen=True)
class Sealed(Parts):
    """An opened sealed half: parts with the seed of their salts."""

    seed: bytes

    def seal(self) -> "Sealed":
        """Itself."""
        return self

    @property
    def salts(self) -> tuple[bytes, ...]:
        """The salt of every part, in order."""
        return _salts(self.seed, len(self))

    @property
    def digests(self) -> list[bytes]:
        """The digest of every part, in order."""
        frames: list[bytes] = []
        for name, value in self.fields:
            if isinstance(value, bytes):
                frames.append(_framed(name))
            else:
                frames += _run_frames(name, len(value))
        return _digests(self.seed, frames, self.values)

    @cached_property
    def commitment(self) -> bytes:
        """The commitment that stands in the entry's header."""
        return commitment_of(self.digests)

    def raw(self) -> bytes | None:
        """The item's bytes exactly as the source gave them."""
        return self.bytes_of("raw")

    def disclose(self, shown: Container[int]) -> Disclosure:
        """The parts whose index is in `shown` with salt and value, the others as digests."""
        rows = zip(self.paths, self.salts, self.values, strict=True)
        return Disclosure(
            tuple(
                ShownPart(path, salt, value)
                if index in shown
                else HiddenPart(part_digest(salt, path, value))
                for index, (path, salt, value) in enumerate(rows)
            )
        )

    def encode(self) -> bytes:
        """The bytes that are encrypted: the seed, then the fields (docs/format.md)."""
        return self.seed + self.encoded

    @classmethod
    def decode(cls, data: bytes) -> Self:
        """The inverse of `encode`; VerificationError when the bytes are of no such form."""
        return cls(decode_fields(data), data[:SEED_BYTES])


def encode_fields(fields: Iterable[Field]) -> bytes:
    """Fields as bytes: per field its kind, name length and value length (or number of values),
    then the name, the lengths of a run's values, and the values. ValueError for a path that is too
    long.
    """
    out: list[bytes] = []
    for name, value in fields:
        encoded = name.encode()
        if len(encoded) > _MAX_PATH:
            raise ValueError(f"the path of a part is longer than {_MAX_PATH} bytes")
        if isinstance(value, bytes):
            out += (FIELD.pack(SINGLE, len(encoded), len(value)), encoded, value)
        else:
            out += (
                FIELD.pack(_RUN, len(encoded), len(value)),
                encoded,
                struct.pack(f">{len(value)}I", *map(len, value)),
                *value,
            )
    return b"".join(out)


def encoded_length(name: str, value: bytes) -> int:
    """How many bytes a single part takes up in `encode_fields`."""
    return FIELD.size + len(name.encode()) + len(value)


def decode_fields(data: bytes) -> tuple[Field, ...]:
    """The fields of an encoded sealed half; VerificationError when it is malformed."""
    try:
        return tuple([(name.decode(), value) for name, value in _cut(data)])
    except UnicodeDecodeError as error:
        raise VerificationError(f"sealed half: malformed ({error})") from error


def _cut(data: bytes) -> list[tuple[bytes, bytes | tuple[bytes, ...]]]:
    """The fields of an encoded sealed half; VerificationError when it is malformed."""
    at, end = SEED_BYTES, len(data)
    fields: list[tuple[bytes, bytes | tuple[bytes, ...]]] = []
    try:
        while at < end:
            kind, name_length, number = FIELD.unpack_from(data, at)
            at += FIELD.size + name_length
            name = data[at - name_length : at]
            if kind == SINGLE:
                fields.append((name, data[at : at + number]))
                at += number
            elif kind == _RUN:
                lengths = struct.unpack_from(f">{number}I", data, at)
                borders = list(accumulate(lengths, initial=at + 4 * number))
                at = borders[-1]
                if name_length + len(f"/{max(number, 1) - 1}") > _MAX_PATH:
                    raise VerificationError("sealed half: a path is too long")
                fields.append((name, tuple([data[a:b] for a, b in pairwise(borders)])))
            else:
                raise VerificationError(f"sealed half: unknown kind of field {kind}")
    except (struct.error, MemoryError) as error:
        raise VerificationError(f"sealed half: malformed ({error})") from error
    if at != end:
        raise VerificationError("sealed half: cut short")
    return fields
