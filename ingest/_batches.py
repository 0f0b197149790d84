"""The items of an export in batches, ready to be appended."""

from collections.abc import Generator, Iterator
from dataclasses import dataclass
from itertools import islice

from archive import SourceError
from ingest._capture import Capture, Gone, Prepared, Rejected, Remark
from ingest._export import Export
from ingest._source import Item, Source

_MOST_BYTES = 4 << 20

Ready = Capture | Prepared | Gone | Rejected | Remark


@dataclass(frozen=True, slots=True)
class Batch:
    """Items that are appended together, and how many bytes of the export are read by then."""

    items: list[Ready]
    bytes_read: int


def batches(export: Export, source: Source, size: int) -> Generator[Batch, None, None]:
    """The items in batches of bounded count and bytes; what cannot be read is among them.

    SourceError when nothing at all can be read.
    """
    items = _everything(export, source)
    while batch := list(_some(items, size, source.account.handle)):
        yield Batch(batch, export.bytes_read)


def _some(items: Iterator[Item], size: int, account: str) -> Iterator[Ready]:
    weight = 0
    for item in islice(items, size):
        if isinstance(item, Remark):
            yield item
            continue
        if isinstance(item, Capture) and not item.attachments:
            yield Prepared.of(item, account)
        else:
            yield item
        weight += len(item.raw)
        if weight > _MOST_BYTES:
            return


def _everything(export: Export, source: Source) -> Iterator[Item]:
    any_read = False
    try:
        for item in source.items:
            yield item
            any_read = True
    except SourceError as error:
        if not any_read:
            raise
        yield Rejected(f"the rest could not be read: {error}", b"", export.path.name)
    for member in export.refused:
        yield Rejected(f"not read: {member.reason}", member.name.encode(errors="replace"))
