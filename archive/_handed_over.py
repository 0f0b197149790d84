"""Sealed halves that come encoded, and what of them is known already.

The table of records needs a few texts of a capture, and where its bytes end that count for a
version: its gist. Whoever seals a half for another process to append works that out, and packs the
bytes, on the way: neither takes a key.
"""

import struct
from collections.abc import Sequence
from functools import cached_property
from typing import NamedTuple

from archive._packing import Packer
from archive._parts import (
    FIELD,
    SEED_BYTES,
    SINGLE,
    Field,
    Parts,
    Sealed,
    decode_fields,
    encoded_length,
)
from archive.errors import VerificationError

_UNSIGNIFICANT = frozenset({"raw", "source_file"})


_Plain = tuple[str | None, str | None, str | None, str | None, str | None, str | None, int]


class Gist(NamedTuple):
    """Texts of single parts, None where there is none; `author` is the handle, else the name.

    `significant` is how many bytes of the encoded parts count for a version: a change behind them
    makes no new one.
    """

    occurred_at: str | None
    edited_at: str | None
    removed_at: str | None
    visibility: str | None
    parent: str | None
    author: str | None
    significant: int


class HandedOver(Sealed):
    """A sealed half as it was encoded, its commitment known; cut into words when asked for them.

    `gist` and `packed`, the bytes as they are encrypted, are None where nobody worked them out.
    """

    gist: Gist | None
    packed: bytes | None

    def __init__(
        self,
        data: bytes,
        commitment: bytes,
        gist: _Plain | None = None,
        packed: bytes | None = None,
    ) -> None:
        known = {
            "seed": data[:SEED_BYTES],
            "encoded": data[SEED_BYTES:],
            "commitment": commitment,
            "gist": None if gist is None else Gist(*gist),
            "packed": packed,
        }
        self.__dict__.update(known)

    def __bool__(self) -> bool:
        return bool(self.encoded)

    @cached_property
    def fields(self) -> tuple[Field, ...]:
        return decode_fields(self.encode())

    @cached_property
    def singles(self) -> dict[str, bytes]:
        """The single parts by path, in order; runs of words are passed over.

        VerificationError when the bytes are malformed.
        """
        return {name: value for kind, name, value in _uncut(self.encoded) if kind == SINGLE}

    @cached_property
    def whole(self) -> Sequence[tuple[str, bytes]]:
        """As of all parts, but no words are cut for it; VerificationError as for `singles`."""
        return [(name, value) for _, name, value in _uncut(self.encoded)]


def _uncut(encoded: bytes) -> list[tuple[int, str, bytes]]:
    """The kind, the name and the bytes of each field, those of a run together."""
    at = 0
    found: list[tuple[int, str, bytes]] = []
    try:
        while at < len(encoded):
            kind, name_length, number = FIELD.unpack_from(encoded, at)
            name = at + FIELD.size
            start, length = name + name_length, number
            if kind != SINGLE:
                length = sum(struct.unpack_from(f">{number}I", encoded, start))
                start += 4 * number
            at = start + length
            found.append((kind, encoded[name : name + name_length].decode(), encoded[start:at]))
    except (struct.error, UnicodeDecodeError, MemoryError) as error:
        raise VerificationError(f"sealed half: malformed ({error})") from error
    return found


Handed = tuple[bytes, bytes, _Plain, bytes | None]
"""What `HandedOver` is made of again in another process: quickly pickled."""


def hand_over(sealed: Sealed, packer: Packer) -> Handed:
    """A sealed half with all that can be worked out of it without a key."""
    data = sealed.encode()
    packed = packer.pack(data)
    smaller = packed if len(packed) < len(data) else None
    return data, sealed.commitment, (*gist_of(sealed),), smaller


def gist_of(parts: Parts) -> Gist:
    """The gist of parts, worked out where they do not bring it along."""
    if isinstance(parts, HandedOver) and parts.gist is not None:
        return parts.gist
    single = parts.singles.get
    author = single("author/handle") or single("author/name")
    return Gist(
        _text(single("occurred_at")),
        _text(single("edited_at")),
        _text(single("removed_at")),
        _text(single("visibility")),
        _text(single("parent")),
        _text(author),
        _significant(parts),
    )


def _text(value: bytes | None) -> str | None:
    return None if value is None else value.decode()


def _significant(parts: Parts) -> int:
    """What does not count stands at the end: raw, source_file and whatever is under observed/."""
    encoded = parts.encoded
    end = len(encoded)
    for name, value in reversed(parts.singles.items()):
        unsignificant = name in _UNSIGNIFICANT or name.startswith("observed/")
        if not unsignificant or not encoded.endswith(value, 0, end):
            break
        end -= encoded_length(name, value)
    return end
