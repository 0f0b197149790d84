"""The tree computed anew, leaf by leaf, and held against the stored tiles."""

from collections.abc import Callable

from archive import merkle
from archive._tiles import WIDTH

Stored = Callable[[int, int], bytes]
"""The stored bytes of tile (tier, index); empty when there is none."""


class TreeReplay:
    """Adds leaves in order, keeps O(log n) hashes, and compares each tile as it fills."""

    def __init__(self, stored: Stored, report: Callable[[str, str], None]) -> None:
        self._stored = stored
        self._report = report
        self._peaks: list[bytes] = []
        self._tiers: list[list[bytes]] = []
        self._filled: list[int] = []
        self.size = 0

    def add(self, leaf: bytes) -> None:
        """Add the next leaf hash."""
        self._carry(0, self.size, leaf)
        self.size += 1

    def extend(self, leaves: bytes) -> None:
        """Add leaf hashes, joined: as `add` for each, by whole subtrees where they fit."""
        size = merkle.HASH_BYTES
        run = [leaves[at : at + size] for at in range(0, len(leaves), size)]
        at = 0
        while at < len(run):
            if self.size % WIDTH or len(run) - at < WIDTH:
                self.add(run[at])
                at += 1
            else:
                self._add_tile(run[at : at + WIDTH])
                at += WIDTH

    def _add_tile(self, run: list[bytes]) -> None:
        """Add the leaf hashes of one whole tile."""
        if not self._tiers:
            self._tiers.append([])
            self._filled.append(0)
        self._tiers[0] = run
        self._compare(0)
        self._filled[0] += 1
        self._tiers[0] = []
        self._carry(8, self.size >> 8, merkle.root_of(run))
        self.size += WIDTH

    @property
    def root(self) -> bytes:
        """The root of the tree so far."""
        if not self._peaks:
            return merkle.EMPTY_ROOT
        root = self._peaks[-1]
        for peak in reversed(self._peaks[:-1]):
            root = merkle.node_hash(peak, root)
        return root

    def finish(self) -> list[tuple[int, int]]:
        """Compare the unfinished tiles; returns how many tiles each tier must have stored."""
        for tier, held in enumerate(self._tiers):
            if held:
                self._compare(tier)
        return [
            (tier, self._filled[tier] + (1 if held else 0)) for tier, held in enumerate(self._tiers)
        ]

    def _carry(self, level: int, rest: int, value: bytes) -> None:
        """Join a complete subtree of a level with those before it; `rest` is how many there are."""
        if level % 8 == 0:
            self._emit(level // 8, value)
        while rest & 1:
            value = merkle.node_hash(self._peaks.pop(), value)
            rest >>= 1
            level += 1
            if level % 8 == 0:
                self._emit(level // 8, value)
        self._peaks.append(value)

    def _emit(self, tier: int, value: bytes) -> None:
        if tier == len(self._tiers):
            self._tiers.append([])
            self._filled.append(0)
        self._tiers[tier].append(value)
        if len(self._tiers[tier]) == WIDTH:
            self._compare(tier)
            self._filled[tier] += 1
            self._tiers[tier] = []

    def _compare(self, tier: int) -> None:
        index = self._filled[tier]
        expected, stored = b"".join(self._tiers[tier]), self._stored(tier, index)
        if stored == expected:
            return
        size = merkle.HASH_BYTES
        first = next(
            (
                at // size
                for at in range(0, len(expected), size)
                if stored[at : at + size] != expected[at : at + size]
            ),
            len(expected) // size,
        )
        if tier == 0 and first < min(len(stored), len(expected)) // size:
            place, problem = f"entry {index * WIDTH + first}", "not the entry that the tree holds"
        else:
            place, problem = f"tile {tier}/{index}", f"differs from the entries at hash {first}"
        self._report(place, problem)
