"""Decisions about what others wrote: removed, restored, banned, unbanned. Each needs its reason."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from sqlalchemy import Table, func, select

from archive import (
    Draft,
    NotFound,
    Parts,
    Reader,
    Record,
    Refused,
    UsageError,
    Writer,
    new_id,
    records,
    restrictions,
)
from archive.records import record_table
from ingest.moderation._adoption import policy_in_force
from ingest.moderation._tables import ban_table, removal_table

Extent = Literal["all", "part"]
By = Literal["staff", "platform", "author"]


@dataclass(frozen=True, slots=True)
class Removal:
    """A removal that was decided. Open until `restored_at`. Times are texts (`archive.times`)."""

    id: str
    record: str
    policy: str
    policy_version: str
    clause: str
    extent: str
    by: str
    actor: str
    removed_at: str
    restored_at: str | None


@dataclass(frozen=True, slots=True)
class Ban:
    """A ban of an author. In force until `unbanned_at`. `author_key` is the author's keyed hash."""

    id: str
    author_key: str
    policy: str
    policy_version: str
    clause: str
    exception: str
    actor: str
    banned_at: str
    unbanned_at: str | None


def remove(
    writer: Writer,
    record_id: str,
    *,
    clause: str,
    reason: str,
    day: date,
    policy: str = "",
    extent: Extent = "all",
    by: By = "staff",
) -> Removal:
    """Record that a post was removed, in whole or in part, and why.

    The version of the policy is the one in force on `day`. Raises UsageError for an empty reason
    or an unknown clause, NotFound for an unknown record or policy, Refused when the record is
    removed already or disposed of.
    """
    record = records.get(writer, record_id)
    if record.status == "disposed":
        raise Refused("the record has been disposed of")
    if any(one.extent == "all" or extent == "part" for one in open_removals(writer, record.id)):
        raise Refused("the record is removed already", hint="see: muniment record history")
    rules = policy_in_force(writer, policy, day)
    removal = new_id()
    data = {
        "removal": removal,
        "policy": rules.code,
        "policy_version": rules.version,
        "clause": rules.clause(clause).code,
        "extent": extent,
        "by": by,
    }
    writer.append([Draft("record.removed", record.id, data, _reason(reason))])
    return find_removal(writer, removal)


def restore(writer: Writer, record_id: str, *, reason: str) -> list[Removal]:
    """Record that a removed post was put back, and why; every open removal of it ends.

    Raises UsageError for an empty reason, NotFound for an unknown record, Refused when no removal
    is open.
    """
    record = records.get(writer, record_id)
    held = open_removals(writer, record.id)
    if not held:
        raise Refused("no removal of this record is open")
    writer.append(restorations(held, reason))
    return [find_removal(writer, one.id) for one in held]


def restorations(held: Sequence[Removal], reason: str, appeal: str = "") -> list[Draft]:
    """The entries that end removals, because of an appeal when one is named."""
    also = {"appeal": appeal} if appeal else {}
    return [
        Draft("record.restored", one.record, {"removal": one.id, **also}, _reason(reason))
        for one in held
    ]


def ban(
    writer: Writer,
    author: str,
    author_key: str,
    *,
    clause: str,
    reason: str,
    day: date,
    policy: str = "",
    exception: bool = False,
) -> Ban:
    """Record that an author was banned.

    The policy says how many violations a ban needs: recorded removals of what the author wrote,
    not restored. `exception` bans without them, `reason` then says why. Raises UsageError,
    NotFound, and Refused when there are too few violations or the author is banned already.
    """
    rules = policy_in_force(writer, policy, day)
    if open_bans(writer, author_key):
        raise Refused("the author is banned already")
    if not exception:
        counted = violations(writer, author_key)
        needed = rules.ban_violations
        if needed is None:
            raise Refused(f"{rules.code} knows no ban", hint="--exception bans all the same")
        if counted < needed:
            raise Refused(
                f"a ban needs {needed} recorded violations, there are {counted}",
                hint="record them first, or say by --exception why this one is enough",
            )
    data = {
        "author_key": author_key,
        "policy": rules.code,
        "policy_version": rules.version,
        "clause": rules.clause(clause).code,
        "exception": exception,
    }
    parts = _reason(reason, [("author/handle", author)])
    entry = writer.append([Draft("author.banned", new_id(), data, parts)])[0]
    return find_ban(writer, entry.subject)


def unban(writer: Writer, ban_id: str, *, reason: str) -> Ban:
    """Record that a ban has ended. Raises UsageError, NotFound, Refused when it has already."""
    found = find_ban(writer, ban_id)
    if found.unbanned_at is not None:
        raise Refused("the ban has ended already")
    data = {"author_key": found.author_key}
    writer.append([Draft("author.unbanned", found.id, data, _reason(reason))])
    return find_ban(writer, found.id)


def author_of(reader: Reader, record_id: str) -> tuple[str, str]:
    """The handle (or name) of a record's author, and the author's keyed hash.

    Raises NotFound when the record is unknown, or its author is, Refused when it is restricted.
    """
    record: Record = records.get(reader, record_id)
    refused = restrictions.refusal(
        reader, record.id, hint="name the author instead of the record: --author and --platform"
    )
    if refused is not None:
        raise refused
    for _, sealed in reader.open([reader.entry(record.last_seq)]):
        author = sealed and (sealed.get("author/handle") or sealed.get("author/name"))
        if author and record.author_key:
            return author, record.author_key
    raise NotFound("nobody knows who wrote this record")


def violations(reader: Reader, author_key: str) -> int:
    """How many records of an author are removed by a decision, and not restored."""
    removal, record = removal_table.c, record_table.c
    query = (
        select(func.count(func.distinct(removal.record)))
        .join_from(removal_table, record_table, removal.record == record.id)
        .where(record.author_key == author_key, removal.restored_at.is_(None))
    )
    return int(reader.conn.execute(query).scalar() or 0)


def removals(reader: Reader, *, open_only: bool = False) -> list[Removal]:
    """All removals, in the order in which they were decided."""
    query = select(removal_table).order_by(removal_table.c.id)
    if open_only:
        query = query.where(removal_table.c.restored_at.is_(None))
    return [Removal(**row) for row in reader.conn.execute(query).mappings()]


def open_removals(reader: Reader, record_id: str) -> list[Removal]:
    """The removals of a record that were not undone."""
    column = removal_table.c
    query = select(removal_table).where(column.record == record_id, column.restored_at.is_(None))
    rows = reader.conn.execute(query.order_by(column.id)).mappings()
    return [Removal(**row) for row in rows]


def find_removal(reader: Reader, removal: str) -> Removal:
    """The removal of an id; NotFound."""
    return Removal(**find_one(reader, removal_table, removal, "removal"))


def bans(reader: Reader) -> list[Ban]:
    """All bans, in the order in which they were decided."""
    query = select(ban_table).order_by(ban_table.c.id)
    return [Ban(**row) for row in reader.conn.execute(query).mappings()]


def open_bans(reader: Reader, author_key: str) -> list[Ban]:
    """The bans of an author that are in force."""
    return [one for one in bans(reader) if one.author_key == author_key and one.unbanned_at is None]


def find_ban(reader: Reader, ban_id: str) -> Ban:
    """The ban of an id, or of the end of one; NotFound."""
    return Ban(**find_one(reader, ban_table, ban_id, "ban"))


def reason_of(reader: Reader, subject: str, entry_type: str, key: str, value: str) -> str:
    """The reason that stands in a decision; "" when it was disposed of with its record."""
    entries = [one for one in reader.history(subject, {entry_type}) if one.data[key] == value]
    return next((sealed.text("reason") for _, sealed in reader.open(entries) if sealed), "")


def banned(reader: Reader, one: Ban) -> tuple[str, str]:
    """Who was banned, by handle or name, and the reason."""
    for _, sealed in reader.open(reader.history(one.id, {"author.banned"})):
        if sealed is not None:
            return sealed.get("author/handle") or "", sealed.text("reason")
    return "", ""


def find_one(reader: Reader, table: Table, wanted: str, noun: str) -> Mapping[str, Any]:
    """The row whose id is, or ends in, `wanted` (6 characters at least); NotFound, UsageError."""
    wanted = wanted.strip().lower()
    if len(wanted) < 6 or not set(wanted) <= set("0123456789abcdef-"):
        raise NotFound(f"there is no {noun} {wanted}")
    query = select(table).where(table.c.id.endswith(wanted, autoescape=True)).limit(2)
    rows = reader.conn.execute(query).mappings().all()
    if not rows:
        raise NotFound(f"there is no {noun} {wanted}")
    if len(rows) > 1:
        raise UsageError(f"several {noun}s fit {wanted}", hint="give more of the id")
    return dict(rows[0])


def _reason(reason: str, before: Sequence[tuple[str, str]] = ()) -> Parts:
    if not reason.strip():
        raise UsageError("a decision needs its reason", hint="give it by --reason or --reason-file")
    return Parts.of([*before, ("reason", reason.strip())])
