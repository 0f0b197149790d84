"""The log as static files: C2SP tlog-tiles, for anybody to fetch, follow and prove entries from.

`checkpoint`, `tile/(level)/(index)` and `tile/entries/(index)`; the index in groups of three
digits, all but the last after an `x`; unfinished tiles as `(index).p/(width)`.
"""

import shutil
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select

from archive import _schema, merkle, notes
from archive._archive import Archive
from archive._files import sync_folder, write_durably
from archive._log import Reader
from archive._store import translated
from archive._tiles import WIDTH
from archive.checkpoints import check_kept
from archive.errors import Refused, VerificationError

_HEIGHT = 8
_LONGEST = 0xFFFF


@dataclass(frozen=True, slots=True)
class Exported:
    """What is in the folder now: so many entries, of which so many files were written just now."""

    size: int
    files: int


def export_tiles(archive: Archive, folder: Path) -> Exported:
    """Bring a static copy of the log's public half to its newest checkpoint.

    Headers, tiles and the checkpoint; sealed halves stay in the archive. Only what has grown is
    written; a full tile is never written again; the checkpoint comes last. Raises VerificationError
    when what is there belongs to no beginning of this log, or the log itself is damaged; Refused
    when an entry's header is longer than 65,535 bytes, which the format cannot hold.
    """
    with archive.read() as reader, translated():
        size, note = reader.head.size, reader.checkpoint()
        newest = notes.open_checkpoint(note, [archive.log_key])
        if (newest.size, newest.root) != (size, reader.root_at(size)):
            raise VerificationError(
                "the newest checkpoint is not that of the stored tree",
                hint="run muniment verify; nothing was published",
            )
        done = _exported(archive, reader, folder)
        export = _Export(reader, folder)
        for level, index, width in _tiles(done, size):
            export.tile(level, index, width)
        if (folder / "checkpoint").exists() and done == size:
            return Exported(size, export.files)
        _write(folder / "checkpoint", note.encode())
        for outgrown in _outgrown(folder, done, size):
            shutil.rmtree(outgrown, ignore_errors=True)
        return Exported(size, export.files + 1)


class _Export:
    def __init__(self, reader: Reader, folder: Path) -> None:
        self._reader = reader
        self._folder = folder
        self.files = 0

    def tile(self, level: int, index: int, width: int) -> None:
        """Write one tile, and with one of level 0 its entries."""
        stored = self._stored(level, index)[: width * merkle.HASH_BYTES]
        if level:
            below = (self._stored(level - 1, index * WIDTH + i) for i in range(width))
            good = b"".join(merkle.root_of(_hashes(one)) for one in below)
        else:
            entries = list(self._reader.entries(index * WIDTH, index * WIDTH + width))
            good = b"".join(entry.leaf_hash for entry in entries)
            self._put("entries", index, width, b"".join(_framed(e.seq, e.header) for e in entries))
        if stored != good:
            raise VerificationError(
                f"tile {level}/{index} does not hold the hashes of what is below it",
                hint="run muniment verify; nothing was published",
            )
        self._put(str(level), index, width, stored)

    def _stored(self, level: int, index: int) -> bytes:
        tile = _schema.tile
        query = select(tile.c.hashes).where(tile.c.level == level, tile.c.idx == index)
        return bytes(self._reader.conn.execute(query).scalar() or b"")

    def _put(self, level: str, index: int, width: int, data: bytes) -> None:
        path = self._folder / _path(level, index, width)
        if path.exists():
            if path.read_bytes() != data:
                raise VerificationError(
                    f"{path} is not what this log has there",
                    hint="export into a new folder, and find out who could write to this one",
                )
            return
        _write(path, data)
        self.files += 1


def _exported(archive: Archive, reader: Reader, folder: Path) -> int:
    """How many entries the folder covers; 0 when it is new."""
    path = folder / "checkpoint"
    if not path.exists():
        return 0
    return max(one.size for one in check_kept(archive, reader, path))


def _tiles(done: int, size: int) -> Iterator[tuple[int, int, int]]:
    """Level, index and width of each tile that a tree of `size` has and one of `done` has not."""
    level = 0
    while size >> (_HEIGHT * level):
        had, has = done >> (_HEIGHT * level), size >> (_HEIGHT * level)
        for index in range(had // WIDTH, -(-has // WIDTH)):
            width = min(WIDTH, has - index * WIDTH)
            if index * WIDTH + width > had:
                yield level, index, width
        level += 1


def _outgrown(folder: Path, done: int, size: int) -> Iterator[Path]:
    """The folders of unfinished tiles of a tree of `done` that are full in one of `size`."""
    level = 0
    while done >> (_HEIGHT * level):
        index, width = divmod(done >> (_HEIGHT * level), WIDTH)
        if width and (index + 1) * WIDTH <= size >> (_HEIGHT * level):
            yield (folder / _path(str(level), index, width)).parent
            if level == 0:
                yield (folder / _path("entries", index, width)).parent
        level += 1


def _path(level: str, index: int, width: int) -> str:
    groups = [f"{index % 1000:03}"]
    while index := index // 1000:
        groups.append(f"x{index % 1000:03}")
    name = "/".join(reversed(groups))
    return f"tile/{level}/{name}" + (f".p/{width}" if width < WIDTH else "")


def _framed(seq: int, header: bytes) -> bytes:
    if len(header) > _LONGEST:
        raise Refused(
            f"the header of entry {seq} has {len(header)} bytes; tiles hold at most {_LONGEST}",
            hint="this log cannot be exported as tiles; publish its checkpoints instead",
        )
    return struct.pack(">H", len(header)) + header


def _hashes(stored: bytes) -> list[bytes]:
    size = merkle.HASH_BYTES
    return [stored[i : i + size] for i in range(0, len(stored), size)]


def _write(path: Path, data: bytes) -> None:
    """Write a file durably, and the folders that it needs."""
    fresh = [one for one in path.parents if not one.exists()]
    path.parent.mkdir(parents=True, exist_ok=True)
    write_durably(path, data)
    for one in fresh:
        sync_folder(one.parent)
