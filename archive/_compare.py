"""A log held against a backup of it: what it has that the backup does not have."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection

from archive import merkle, notes
from archive._entry import Entry
from archive._log import NO_SECRETS, Reader
from archive._logkeys import log_keys
from archive._manifest import Manifest
from archive._restricted import RESTRICTED, UNRESTRICTED
from archive._tiles import Tiles
from archive.errors import Refused, VerificationError


@dataclass(frozen=True, slots=True)
class Beyond:
    """A log that extends a backup, or is a beginning of it: its head, and its entries beyond.

    `types` counts these by type; `disposed` are the disposals among them in order, `holds` the
    entries that placed, widened or released a hold, `restricted` those by which a record is
    restricted.
    """

    size: int
    root: bytes
    types: Mapping[str, int]
    disposed: tuple[Entry, ...]
    holds: tuple[Entry, ...]
    restricted: tuple[Entry, ...]

    @property
    def entries(self) -> int:
        """How many entries the backup does not have."""
        return sum(self.types.values())


def compare(connection: Connection, folder: Path, manifest: Manifest, stored: Reader) -> Beyond:
    """What the log in `connection`, the archive's in `folder`, has beyond a checked backup.

    `stored` reads the backup. Refused when neither extends the other. VerificationError when what
    the log has beyond the backup does not lead to a signed head.
    """
    reader = Reader(connection, NO_SECRETS, folder / "blobs")
    shorter, longer = sorted((reader, stored), key=lambda one: one.head.size)
    size = shorter.head.size
    if longer.root_at(size) != shorter.head.root:
        raise Refused(
            f"{folder} holds a log that is neither a beginning of the backup's nor goes on from it",
            hint="restore into a folder that does not exist yet, and compare the two",
        )
    proof = longer.consistency_proof(size)
    merkle.verify_consistency(size, longer.head.size, shorter.head.root, longer.head.root, proof)
    if longer is stored:
        return Beyond(size, reader.head.root, {}, (), (), ())
    return _beyond(reader, manifest)


def _beyond(reader: Reader, manifest: Manifest) -> Beyond:
    tree = _Growing(Tiles(reader.conn), manifest.size)
    types = Counter[str]()
    disposed: list[Entry] = []
    holds: list[Entry] = []
    restricted: dict[str, Entry] = {}
    for number, entry in enumerate(reader.entries(manifest.size), manifest.size):
        if entry.seq != number:
            raise VerificationError(f"entry {number}: missing")
        tree.add(entry.leaf_hash)
        types[entry.type] += 1
        if entry.type == "record.disposed":
            disposed.append(entry)
        elif entry.type in {"hold.placed", "hold.widened", "hold.released"}:
            holds.append(entry)
        elif entry.type == RESTRICTED:
            restricted[entry.subject] = entry
        elif entry.type == UNRESTRICTED:
            restricted.pop(entry.subject, None)
    if tree.root != reader.head.root:
        raise VerificationError("its newest entries do not lead to its head")
    _, key = log_keys(reader, manifest.archive)[-1]
    checkpoint = notes.open_checkpoint(reader.checkpoint(), [key])
    signed = (checkpoint.origin, checkpoint.size, checkpoint.root)
    if signed != (manifest.origin, reader.head.size, reader.head.root):
        raise VerificationError("its newest checkpoint is not over its head")
    return Beyond(
        reader.head.size,
        reader.head.root,
        types,
        tuple(disposed),
        tuple(holds),
        tuple(restricted.values()),
    )


class _Growing:
    """The root of a stored tree that goes on with other leaves than the stored ones."""

    def __init__(self, tiles: Tiles, size: int) -> None:
        self._peaks: list[tuple[int, bytes]] = []
        start = 0
        while start < size:
            level = (size - start).bit_length() - 1
            self._peaks.append((level, tiles.node(level, start >> level)))
            start += 1 << level

    def add(self, leaf: bytes) -> None:
        level, value = 0, leaf
        while self._peaks and self._peaks[-1][0] == level:
            value = merkle.node_hash(self._peaks.pop()[1], value)
            level += 1
        self._peaks.append((level, value))

    @property
    def root(self) -> bytes:
        if not self._peaks:
            return merkle.EMPTY_ROOT
        root = self._peaks[-1][1]
        for _, peak in reversed(self._peaks[:-1]):
            root = merkle.node_hash(peak, root)
        return root
