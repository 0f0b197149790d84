"""A client of C2SP tlog-tiles that shares no code with the program: it reads files, and hashes."""

import base64
import hashlib
from pathlib import Path


def sha256(*pieces: bytes) -> bytes:
    return hashlib.sha256(b"".join(pieces)).digest()


class Client:
    """A log that is known by its published folder alone."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.origin, size, root, *_ = (folder / "checkpoint").read_text().split("\n")
        self.size, self.root = int(size), base64.b64decode(root)
        self.fetched: list[Path] = []

    def fetch(self, level: str, index: int, width: int) -> bytes:
        name, rest = f"{index % 1000:03d}", index // 1000
        while rest:
            name, rest = f"x{rest % 1000:03d}/{name}", rest // 1000
        path = self.folder / "tile" / level / (name if width == 256 else f"{name}.p/{width}")
        self.fetched.append(path)
        return path.read_bytes()

    def width(self, level: int, index: int) -> int:
        return min(256, (self.size >> (8 * level)) - index * 256)

    def node(self, level: int, index: int) -> bytes:
        """The hash of a full subtree of 2**level leaves."""
        tier, height = divmod(level, 8)
        first = index << height
        tile = self.fetch(str(tier), first // 256, self.width(tier, first // 256))
        hashes = [tile[i : i + 32] for i in range(0, len(tile), 32)]
        hashes = hashes[first % 256 : first % 256 + (1 << height)]
        while len(hashes) > 1:
            pairs = zip(hashes[::2], hashes[1::2], strict=True)
            hashes = [sha256(b"\1", left, right) for left, right in pairs]
        return hashes[0]

    def tree(self, start: int, stop: int) -> bytes:
        """MTH of RFC 6962 section 2.1, by its definition."""
        count = stop - start
        if count & (count - 1) == 0 and start % count == 0:
            return self.node(count.bit_length() - 1, start // count)
        half = 1 << ((count - 1).bit_length() - 1)
        return sha256(b"\1", self.tree(start, start + half), self.tree(start + half, stop))

    def path(self, index: int, start: int, stop: int) -> list[bytes]:
        """PATH of RFC 6962 section 2.1.1, by its definition."""
        if stop - start == 1:
            return []
        half = start + (1 << ((stop - start - 1).bit_length() - 1))
        if index < half:
            return [*self.path(index, start, half), self.tree(half, stop)]
        return [*self.path(index, half, stop), self.tree(start, half)]

    def entries(self) -> list[bytes]:
        """Every entry, cut out of its bundles."""
        found = []
        for index in range(-(-self.size // 256)):
            bundle = self.fetch("entries", index, self.width(0, index))
            while bundle:
                length = int.from_bytes(bundle[:2], "big")
                found.append(bundle[2 : 2 + length])
                assert len(found[-1]) == length
                bundle = bundle[2 + length :]
        return found
