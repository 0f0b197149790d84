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
        level, rest, value = 0, self.size, leaf
        self._emit(0, value)
        while rest & 1:
            value = merkle.node_hash(self._peaks.pop(), value)
            rest >>= 1
            level += 1
            if level % 8 == 0:
                self._emit(level // 8, value)
        self._peaks.append(value)
        self.size += 1

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
