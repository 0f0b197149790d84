"""Makes Tantivy write anew what holds deleted documents; its Python package has no call for that.

Segments of fewer than 10,000 documents count as equally large to Tantivy, and it merges eight that
are. How many are deleted it is told by meta.json. There the segments with deleted documents are
said to hold but one that is not. A few documents are taken out of them and put in again, each in a
segment of its own, until a merge begins. It goes by the documents themselves, and leaves out each
word that is only in deleted ones. Whether it took place is looked up in the end.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import orjson
import tantivy

from search._engine import DamagedIndex

META = "meta.json"
TOGETHER = 8
"""How many segments are merged at once: as many documents as that, less one, have to be given."""
_HEAP = 15_000_000


def merge_deleted(
    folder: Path, index: tantivy.Index, those: tantivy.Query, again: Sequence[str]
) -> None:
    """Merge all segments with deleted documents, while no writer is open.

    `those` finds a few documents that are there, and `again` has the same ones, as JSON. Raises
    DamagedIndex when any deleted document is still there afterwards.
    """
    if not _with_deleted(folder):
        return
    writer = index.writer(_HEAP, 1)
    writer.delete_documents_by_query(those)
    writer.commit()
    writer.wait_merging_threads()
    before = _with_deleted(folder)
    _understate(folder)
    alone = TOGETHER - 1 - len(before)
    writer = index.writer(_HEAP, 1)
    for number, document in enumerate(again):
        writer.add_json(document)
        if number < alone:
            writer.commit()
    writer.commit()
    writer.wait_merging_threads()
    writer = index.writer(_HEAP, 1)
    writer.garbage_collect_files()
    writer.wait_merging_threads()
    there = {path.name.partition(".")[0] for path in folder.iterdir() if len(path.stem) >= _LENGTH}
    left = _ids(_segments(folder))
    if _with_deleted(folder) or not (there <= left and left.isdisjoint(before)):
        raise DamagedIndex("its engine does not let go of what was deleted")


_LENGTH = 32


def _understate(folder: Path) -> None:
    """Say of the segments with deleted documents that they hold but one that is not."""
    meta = orjson.loads((folder / META).read_bytes())
    for segment in meta["segments"]:
        if segment["deletes"]:
            segment["deletes"]["num_deleted_docs"] = segment["max_doc"] - 1
    (folder / META).write_bytes(orjson.dumps(meta))


def _with_deleted(folder: Path) -> set[str]:
    return _ids(segment for segment in _segments(folder) if segment["deletes"])


def _segments(folder: Path) -> list[dict[str, Any]]:
    segments: list[dict[str, Any]] = orjson.loads((folder / META).read_bytes())["segments"]
    return segments


def _ids(segments: Iterable[dict[str, Any]]) -> set[str]:
    return {segment["segment_id"].replace("-", "") for segment in segments}
