"""Reading back after a disposal: nothing of the records may be left in the vault or the folder.

It reads the vault's tables themselves (docs/format.md), not through the code that erased them.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnClause, column, func, select, table

from archive import Archive, Reader, chunked
from archive.errors import VerificationError

_entry = table("entry", column("seq"), column("subject"))
_sealed = table("sealed", column("seq"))
_data_key = table("data_key", column("subject"))
_blob = table("blob", column("name"), column("subject"))


def read_back(archive: Archive, reader: Reader, records: Sequence[str]) -> None:
    """Raise VerificationError when a key, a sealed half or an attachment of a record is left."""
    remains = {
        "data keys": _count(reader, records, _data_key.c.subject),
        "attachments": _count(reader, records, _blob.c.subject),
        "sealed halves": sum(
            reader.conn.execute(
                select(func.count())
                .select_from(_sealed.join(_entry, _entry.c.seq == _sealed.c.seq))
                .where(_entry.c.subject.in_(chunk))
            ).scalar_one()
            for chunk in chunked(records)
        ),
        "attachment files": _orphans(archive, reader),
    }
    left = [f"{count} {what}" for what, count in remains.items() if count]
    if left:
        raise VerificationError(
            f"after the disposal there are left: {', '.join(left)}",
            hint="run the disposal again; if it stays so, restore from a backup and report it",
        )


def _count(reader: Reader, records: Sequence[str], subject: ColumnClause[Any]) -> int:
    return sum(
        reader.conn.execute(select(func.count()).where(subject.in_(chunk))).scalar_one()
        for chunk in chunked(records)
    )


def _orphans(archive: Archive, reader: Reader) -> int:
    """How many files of the blob folder no row knows."""
    known = set(reader.conn.execute(select(_blob.c.name)).scalars())
    return sum(
        1 for path in archive.blob_folder.rglob("*") if path.is_file() and path.name not in known
    )
