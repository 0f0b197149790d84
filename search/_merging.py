"""Makes Tantivy write anew what holds deleted documents; its Python package has no call for that.

Segments of fewer than 10,000 documents count as equally large to Tantivy, and it merges eight that
are. How many are deleted it is told by meta.json. There the segments with deleted documents are
said to hold but one that is not, and so many of one empty document are put beside them that a merge
begins. A merge goes by the documents themselves, and leaves out each word that is only in deleted
ones. Whether it took place is looked up in the end.
"""

from pathlib import Path
from typing import Any

import orjson
import tantivy

from search._engine import DamagedIndex

META = "meta.json"
_TOGETHER = 8
_HEAP = 15_000_000


def merge_deleted(folder: Path, index: tantivy.Index, empty: str, those: tantivy.Query) -> None:
    """Merge all segments with deleted documents, while no writer is open.

    `empty` is a document without words, as JSON, and `those` finds such documents. Raises
    DamagedIndex when any such segment is still there afterwards.
    """
    meta = orjson.loads((folder / META).read_bytes())
    before = [segment for segment in meta["segments"] if segment["deletes"]]
    for segment in before:
        segment["deletes"]["num_deleted_docs"] = segment["max_doc"] - 1
    (folder / META).write_bytes(orjson.dumps(meta))
    writer = index.writer(_HEAP, 1)
    for _ in range(max(1, _TOGETHER - len(before)) if before else 0):
        writer.add_json(empty)
        writer.commit()
    writer.wait_merging_threads()
    writer = index.writer(_HEAP, 1)
    writer.delete_documents_by_query(those)
    writer.commit()
    writer.garbage_collect_files()
    writer.wait_merging_threads()
    merged = _ids(orjson.loads((folder / META).read_bytes())["segments"])
    there = {path.name.partition(".")[0] for path in folder.iterdir() if len(path.stem) >= _LENGTH}
    if not (there <= merged and merged.isdisjoint(_ids(before))):
        raise DamagedIndex("its engine does not let go of what was deleted")


_LENGTH = 32


def _ids(segments: list[dict[str, Any]]) -> set[str]:
    return {segment["segment_id"].replace("-", "") for segment in segments}
