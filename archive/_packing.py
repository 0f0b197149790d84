"""The bytes of a sealed half as they are encrypted: a byte that says how they are packed, and they.

They stand as they are, or as one Zstandard frame where that is smaller (docs/format.md section 8).
"""

import zstandard

from archive.errors import VerificationError

_PLAIN, _ZSTD = b"\x00", b"\x01"
_WORTHWHILE = 128
_MAX_SEALED = 1 << 30


class Packer:
    """Packs and unpacks, for one thread at a time."""

    def __init__(self) -> None:
        self._compress = zstandard.ZstdCompressor(level=-1).compress
        self._decompress = zstandard.ZstdDecompressor().decompress

    def pack(self, plain: bytes) -> bytes:
        """The bytes as they are encrypted."""
        if len(plain) >= _WORTHWHILE:
            smaller = self._compress(plain)
            if len(smaller) < len(plain):
                return _ZSTD + smaller
        return _PLAIN + plain

    def unpack(self, packed: bytes) -> bytes:
        """The inverse of `pack`; VerificationError for anything else."""
        try:
            if packed[:1] == _ZSTD:
                return self._decompress(packed[1:], max_output_size=_MAX_SEALED)
        except zstandard.ZstdError as error:
            raise VerificationError("its sealed half is damaged") from error
        if packed[:1] != _PLAIN:
            raise VerificationError("its sealed half is damaged")
        return packed[1:]
