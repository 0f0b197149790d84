"""Reading in a process of its own: one core reads, seals and commits, the other appends.

A measured reason: of the time that a comment takes, nearly half goes into reading it and hashing
its parts, which needs neither the database nor a key. The other process gets the export's path and
sends batches; it never sees the archive. What it hands over is encoded parts, packed, with their
commitment and their gist.
"""

import pickle
import traceback
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from datetime import datetime
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from archive import Handed, HandedOver, Packer, SourceError, hand_over
from archive.interrupts import deaf_to_interrupts
from ingest._batches import Batch, Ready, batches
from ingest._boxes import Limits
from ingest._capture import (
    Capture,
    Gone,
    Kind,
    Prepared,
    Rejected,
    Remark,
    State,
    Told,
    Visibility,
)
from ingest._collector import rarely_collecting
from ingest._export import open_export
from ingest.readers import reader_named

WORTHWHILE = 4 << 20
"""From how many bytes on a second process pays for its start."""

_Packed = (
    tuple[str, Kind, State, datetime | None, Visibility, datetime | None, Handed]
    | Capture
    | Gone
    | Rejected
    | Remark
)


def batches_ahead(
    parts: Sequence[Path],
    reader: str,
    told: Told,
    limits: Limits,
    size: int,
    touched: set[str],
) -> Generator[Batch, None, None]:
    """As `batches`, read by a process of its own that stays about one batch ahead.

    At the end the names of the members that it read are added to `touched`. SourceError when
    nothing at all can be read, or that process died.
    """
    context = get_context("spawn")
    here, there = context.Pipe(duplex=False)
    process = context.Process(
        target=_read, args=(there, parts, reader, told, limits, size), daemon=True
    )
    with deaf_to_interrupts():
        process.start()
    there.close()
    with closing(here):
        try:
            yield from _received(here, touched)
        finally:
            process.terminate()
            process.join()


def _received(connection: Connection, touched: set[str]) -> Iterator[Batch]:
    while True:
        try:
            message = pickle.loads(connection.recv_bytes())  # noqa: S301 - from our own process
        except EOFError as error:
            raise SourceError(
                "the process that read the export died",
                hint="run it again: what was taken in is kept, and nothing is taken in twice",
            ) from error
        if isinstance(message, set):
            touched |= message
            return
        if isinstance(message, BaseException):
            raise message
        items, bytes_read = message
        yield Batch([_unpacked(item) for item in items], bytes_read)


def _read(
    connection: Connection,
    parts: Sequence[Path],
    reader: str,
    told: Told,
    limits: Limits,
    size: int,
) -> None:
    """The other process: read the export, send its batches, and at the end what it read."""
    try:
        with rarely_collecting(), open_export(parts[0], limits, parts[1:]) as export:
            source, packer = reader_named(reader).read(export, told), Packer()
            for batch in batches(export, source, size):
                items = [_packed(item, packer) for item in batch.items]
                _send(connection, (items, batch.bytes_read))
            _send(connection, export.touched)
    except BrokenPipeError:
        return
    except Exception as error:  # noqa: BLE001 - it is raised again where the batches are taken
        error.add_note(traceback.format_exc())
        _send(connection, error)


def _send(connection: Connection, message: Any) -> None:
    connection.send_bytes(pickle.dumps(message, pickle.HIGHEST_PROTOCOL))


def _packed(item: Ready, packer: Packer) -> _Packed:
    if not isinstance(item, Prepared):
        return item
    known = (item.native_id, item.kind, item.state, item.edited_at, item.visibility, item.as_of)
    return (*known, hand_over(item.sealed, packer))


def _unpacked(item: _Packed) -> Ready:
    if not isinstance(item, tuple):
        return item
    native_id, kind, state, edited_at, visibility, as_of, handed = item
    return Prepared(native_id, kind, state, edited_at, visibility, HandedOver(*handed), as_of)
