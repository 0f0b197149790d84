"""The stored tree: tiles of 256 hashes (C2SP tlog-tiles), level 0 holding the leaf hashes.

A tile's row grows until it holds 256 hashes; hash i of a tile at level n + 1 is the root of full
tile i at level n. What storage returns is re-hashed before anything is built on it.
"""

from collections.abc import Sequence
from functools import lru_cache

from sqlalchemy import Connection, bindparam, select, update

from archive import _schema, merkle
from archive._store import insert_rows, stored_bytes
from archive.errors import VerificationError

WIDTH = 256
_HEIGHT = 8
_STORED = select(_schema.tile.c.hashes).where(
    _schema.tile.c.level == bindparam("tier"), _schema.tile.c.idx == bindparam("index")
)


class Tiles:
    """Reads complete subtrees out of stored tiles, keeping the tiles it has read."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._read: dict[tuple[int, int], bytes] = {}
        self.node = lru_cache(maxsize=4096)(self._node)
        """The hash of complete subtree (level, index); VerificationError when it is not stored.

        Neighbours share most of their proofs' hashes.
        """

    def _node(self, level: int, index: int) -> bytes:
        tier, height = divmod(level, _HEIGHT)
        tile, offset = divmod(index << height, WIDTH)
        stored = self.tile(tier, tile)
        start, stop = offset * merkle.HASH_BYTES, (offset + (1 << height)) * merkle.HASH_BYTES
        if len(stored) < stop:
            raise VerificationError(f"tile {tier}/{tile}: cut short or missing")
        return merkle.root_of(_split(stored[start:stop]))

    def tile(self, tier: int, index: int) -> bytes:
        """The stored hashes of tile (tier, index), joined; empty when there is none."""
        key = (tier, index)
        if key not in self._read:
            found = self._connection.execute(_STORED, {"tier": tier, "index": index}).scalar()
            self._read[key] = stored_bytes(b"" if found is None else found, f"tile {tier}/{index}")
        return self._read[key]


class Edge:
    """The right edge of the tree: what appending needs, and no more."""

    def __init__(self, connection: Connection, size: int) -> None:
        """Load the unfinished tiles of a tree of `size` leaves."""
        self._connection = connection
        self._tiers: list[list[bytes]] = []
        self._stored: list[int] = []
        self.size = size
        tiles = Tiles(connection)
        count = size
        while count:
            full, width = divmod(count, WIDTH)
            stored = tiles.tile(len(self._tiers), full) if width else b""
            if len(stored) != width * merkle.HASH_BYTES:
                raise VerificationError(f"tile {len(self._tiers)}/{full}: cut short or overlong")
            self._tiers.append(_split(stored))
            self._stored.append(width)
            count = full

    @property
    def root(self) -> bytes:
        """The tree's root, computed from the edge."""
        peaks: list[bytes] = []
        for tier in reversed(self._tiers):
            start = 0
            while start < len(tier):
                width = 1 << ((len(tier) - start).bit_length() - 1)
                peaks.append(merkle.root_of(tier[start : start + width]))
                start += width
        if not peaks:
            return merkle.EMPTY_ROOT
        root = peaks.pop()
        while peaks:
            root = merkle.node_hash(peaks.pop(), root)
        return root

    def append(self, leaves: Sequence[bytes]) -> None:
        """Add leaf hashes and store the tiles that they change."""
        self._extend(0, self.size, leaves)
        self.size += len(leaves)

    def _extend(self, tier: int, count: int, hashes: Sequence[bytes]) -> None:
        if not hashes:
            return
        if tier == len(self._tiers):
            self._tiers.append([])
            self._stored.append(0)
        held = [*self._tiers[tier], *hashes]
        first = count // WIDTH
        carried: list[bytes] = []
        fresh: list[tuple[int, int, bytes]] = []
        for start in range(0, len(held), WIDTH):
            run = held[start : start + WIDTH]
            index = first + start // WIDTH
            if start == 0 and self._stored[tier]:
                self._grow(tier, index, run)
            else:
                fresh.append((tier, index, b"".join(run)))
            if len(run) == WIDTH:
                carried.append(merkle.root_of(run))
        insert_rows(self._connection, _schema.tile, fresh)
        rest = len(held) % WIDTH
        self._tiers[tier] = held[len(held) - rest :]
        self._stored[tier] = rest
        self._extend(tier + 1, first, carried)

    def _grow(self, tier: int, index: int, run: Sequence[bytes]) -> None:
        table = _schema.tile
        self._connection.execute(
            update(table)
            .where(table.c.level == tier, table.c.idx == index)
            .values(hashes=b"".join(run))
        )


def _split(stored: bytes) -> list[bytes]:
    size = merkle.HASH_BYTES
    return [stored[i : i + size] for i in range(0, len(stored), size)]
