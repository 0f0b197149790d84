"""What could not be read: kept sealed with the reason, once however often it is met; and listed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from sqlalchemy import Select, select

from archive import Draft, NotFound, Parts, Reader, UsageError, Writer, new_id, times
from ingest._capture import Rejected
from ingest._context import Context
from ingest._projection import rejected_before, rejected_table, run_table

_FOUND = 2


@dataclass(frozen=True, slots=True)
class Rejection:
    """An item, or a stretch of a source, that could not be read.

    `at` is when that was; `recovered` the run that read it after all, "" where none has.
    """

    id: str
    run: str
    account: str
    at: str
    recovered: str
    reason: str
    source_file: str
    raw: bytes


def kept(writer: Writer, run: Context, rejected: Sequence[Rejected]) -> list[Draft]:
    """The entries that keep the bytes and the reason of rejected items not kept before."""
    lookups = [
        writer.lookup("rejected", run.account, one.reason, sha256(one.raw).hexdigest())
        for one in rejected
    ]
    known = rejected_before(writer, lookups)
    drafts = []
    for one, lookup in zip(rejected, lookups, strict=True):
        if lookup in known:
            continue
        known.add(lookup)
        parts = Parts.of(
            [("reason", one.reason), ("source_file", one.source_file), ("raw", one.raw)]
        )
        data = {"run": run.run, "lookup": lookup}
        drafts.append(Draft("capture.rejected", new_id(), data, parts))
    return drafts


def rejections(reader: Reader, account: str = "", *, every: bool = False) -> Iterator[Rejection]:
    """What is still rejected, oldest first, of all accounts or of one by its id; with `every` also
    what was read since.
    """
    query = _query().order_by(rejected_table.c.id)
    if account:
        query = query.where(run_table.c.account == account)
    if not every:
        query = query.where(rejected_table.c.recovered.is_(None))
    return _opened(reader, query)


def rejection(reader: Reader, rejection_id: str) -> Rejection:
    """The one of an id, or of an end of one; NotFound, UsageError when several fit."""
    column = rejected_table.c.id
    query = _query().where(column.endswith(rejection_id.strip().lower(), autoescape=True))
    found = list(_opened(reader, query.limit(_FOUND)))
    if not found or not rejection_id.strip():
        raise NotFound(
            f"there is no rejected item {rejection_id}", hint="see: muniment ingest rejected list"
        )
    if len(found) > 1:
        raise UsageError(f"several rejected items fit {rejection_id}", hint="give more of the id")
    return found[0]


def mark(one: Rejected | Rejection) -> bytes:
    """By what a rejected item is known again, whatever the reason is."""
    return sha256(one.source_file.encode(errors="replace") + b"\0" + one.raw).digest()


def read_since(writer: Writer, run: Context, met: set[bytes]) -> list[Draft]:
    """The entries that say of items which earlier runs of the same bytes rejected, and which this
    run, that has gone through all of them, did not (`met`), that they were read.
    """
    query = _query().where(
        run_table.c.file == run.file,
        run_table.c.account == run.account,
        rejected_table.c.recovered.is_(None),
    )
    return [recovered(one, run.run) for one in _opened(writer, query) if mark(one) not in met]


def recovered(one: Rejection, run: str) -> Draft:
    """The entry that says that a run has read what was rejected."""
    return Draft("capture.recovered", one.id, {"run": run})


def _query() -> Select[Any]:
    join = rejected_table.join(run_table, rejected_table.c.run == run_table.c.id)
    column = rejected_table.c
    return select(column.id, column.run, run_table.c.account, column.recovered).select_from(join)


def _opened(reader: Reader, query: Select[Any]) -> Iterator[Rejection]:
    for found, run, account, since in reader.conn.execute(query).fetchall():
        [(entry, parts)] = reader.open(reader.history(found, {"capture.rejected"}))
        sealed = parts or Parts(())
        yield Rejection(
            id=found,
            run=run,
            account=account,
            at=times.to_text(entry.at),
            recovered=since or "",
            reason=sealed.text("reason"),
            source_file=sealed.get("source_file") or "",
            raw=sealed.bytes_of("raw") or b"",
        )
