"""HMAC-SHA-256 (RFC 2104) under one key again and again.

A measured reason: the standard library sets up the key each time, which takes longer than hashing
a short text does. Here its two halves are hashed once.
"""

from collections.abc import Callable
from hashlib import sha256

_BLOCK = 64
_INNER = bytes(byte ^ 0x36 for byte in range(256))
_OUTER = bytes(byte ^ 0x5C for byte in range(256))


def keyed(key: bytes) -> Callable[[bytes], bytes]:
    """HMAC-SHA-256 under a key of at most 64 bytes; ValueError for a longer one."""
    if len(key) > _BLOCK:
        raise ValueError(f"a key of more than {_BLOCK} bytes")
    padded = key.ljust(_BLOCK, b"\x00")
    inside, outside = sha256(padded.translate(_INNER)), sha256(padded.translate(_OUTER))

    def digest(data: bytes) -> bytes:
        inner, outer = inside.copy(), outside.copy()
        inner.update(data)
        outer.update(inner.digest())
        return outer.digest()

    return digest
