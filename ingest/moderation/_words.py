"""What decisions share: their reason, the evidence that goes with it, and how they are found."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import Table, select

from archive import NotFound, Parts, Reader, UsageError, Writer
from ingest._attach import type_of
from ingest._boxes import CHUNK

_HEAD = 4096
_LISTED = {"removal": "moderate list", "ban": "moderate list --bans", "appeal": "appeal list"}


def reasoned(
    writer: Writer,
    subject: str,
    reason: str,
    evidence: Sequence[Path] = (),
    before: Sequence[tuple[str, str]] = (),
) -> Parts:
    """The sealed half of a decision: `before`, the reason, and the evidence, which is stored.

    UsageError when the reason is empty, or a file of the evidence cannot be read.
    """
    if not reason.strip():
        raise UsageError("a decision needs its reason", hint="give it by --reason or --reason-file")
    return Parts.of([*before, ("reason", reason.strip()), *attached(writer, subject, evidence)])


def attached(writer: Writer, subject: str, files: Sequence[Path]) -> list[tuple[str, str]]:
    """Store files under `subject`; the fields that name them. UsageError when one is unreadable."""
    fields: list[tuple[str, str]] = []
    for index, path in enumerate(files):
        try:
            with path.open("rb") as stream:
                head = stream.read(_HEAD)
                stream.seek(0)
                ref = writer.put_blob(subject, iter(lambda stream=stream: stream.read(CHUNK), b""))  # type: ignore[misc]  # the default binds the stream of this round
        except OSError as error:
            raise UsageError(f"{path} cannot be read ({error.strerror})") from error
        fields += [
            (f"evidence/{index}/name", path.name),
            (f"evidence/{index}/type", type_of(head, "", path.name)),
            (f"evidence/{index}/sha256", ref.sha256),
            (f"evidence/{index}/blob", ref.name),
        ]
    return fields


def find_one(reader: Reader, table: Table, wanted: str, noun: str) -> Mapping[str, Any]:
    """The row whose id is, or ends in, `wanted` (6 characters at least); NotFound, UsageError."""
    wanted = wanted.strip().lower()
    unknown = NotFound(f"there is no {noun} {wanted}", hint=f"see: muniment {_LISTED[noun]}")
    if len(wanted) < 6 or not set(wanted) <= set("0123456789abcdef-"):
        raise unknown
    query = select(table).where(table.c.id.endswith(wanted, autoescape=True)).limit(2)
    rows = reader.conn.execute(query).mappings().all()
    if not rows:
        raise unknown
    if len(rows) > 1:
        raise UsageError(f"several {noun}s fit {wanted}", hint="give more of the id")
    return dict(rows[0])
