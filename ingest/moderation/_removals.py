"""Decisions about what stands on the body's pages: removed, hidden, refused, restored, edited.

Each names its reason; what is taken down also the clause of the policy in force that day.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Literal

from sqlalchemy import func, select

from archive import (
    Draft,
    Reader,
    Record,
    Refused,
    UsageError,
    Writer,
    accounts,
    new_id,
    records,
    times,
)
from archive.records import record_table
from ingest.moderation._adoption import policy_in_force
from ingest.moderation._tables import explanation_table, removal_table
from ingest.moderation._words import find_one, reasoned

Extent = Literal["all", "part"]
By = Literal["staff", "platform", "author"]
Action = Literal["remove", "hide", "refuse"]


@dataclass(frozen=True, slots=True)
class Removal:
    """A removal that was decided. Open until `restored_at`. Times are texts (`archive.times`).

    `action` is what was done: removed, hidden from the public, or refused before it was published.
    """

    id: str
    record: str
    policy: str
    policy_version: str
    clause: str
    extent: str
    by: str
    action: str
    actor: str
    removed_at: str
    restored_at: str | None


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a record vanished that no decision of the body removed."""

    id: str
    record: str
    by: str
    actor: str
    explained_at: str


def remove(
    writer: Writer,
    record_id: str,
    *,
    clause: str,
    reason: str,
    day: date,
    moment: datetime | None = None,
    policy: str = "",
    extent: Extent = "all",
    by: By = "staff",
    action: Action = "remove",
    evidence: Sequence[Path] = (),
) -> Removal:
    """Record that a post was removed or hidden, in whole or in part, and why.

    The version of the policy is the one in force on `day`. It was taken down at `moment`, or now.
    Raises UsageError for an empty reason or an unknown clause, NotFound for an unknown record or
    policy, Refused when the record is removed already or disposed of.
    """
    record = present(writer, record_id)
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
        "action": action,
    }
    if moment is not None:
        data["removed_at"] = times.to_text(moment)
    parts = reasoned(writer, record.id, reason, evidence)
    writer.append([Draft("record.removed", record.id, data, parts)])
    return find_removal(writer, removal)


def explain(
    writer: Writer,
    record_id: str,
    *,
    by: By,
    reason: str,
    day: date | None = None,
    moment: datetime | None = None,
    clause: str = "",
    policy: str = "",
    evidence: Sequence[Path] = (),
) -> Removal | Explanation:
    """Say afterwards why a record vanished from its source.

    What the staff took down becomes a removal under a clause, at `moment` (else now), by the policy
    of `day` (else of the day on which it was missed); what its author or the platform took away
    keeps its status. Raises UsageError when a clause is missing or too many, Refused when the
    record has not vanished, or is explained already.
    """
    record = records.get(writer, record_id)
    if record.status != "vanished" or record.vanished_at is None:
        raise Refused(
            f"the record is {record.status}: only what has vanished is explained",
            hint="to record a removal: muniment moderate remove",
        )
    if any(one.record == record.id for one in explanations(writer)):
        raise Refused("the record is explained already", hint="see: muniment record history")
    if by == "staff":
        if not clause:
            raise UsageError("a removal by the staff needs its clause", hint="give it by --clause")
        return remove(
            writer,
            record.id,
            clause=clause,
            reason=reason,
            day=day or date.fromisoformat(record.vanished_at[:10]),
            moment=moment,
            policy=policy,
            evidence=evidence,
        )
    if clause or policy:
        raise UsageError(f"what the {by} took away is under no clause of a policy")
    explanation = new_id()
    data = {"explanation": explanation, "by": by}
    parts = reasoned(writer, record.id, reason, evidence)
    writer.append([Draft("record.explained", record.id, data, parts)])
    return next(one for one in explanations(writer) if one.id == explanation)


def edited_own(
    writer: Writer, record_id: str, *, reason: str, evidence: Sequence[Path] = ()
) -> Record:
    """Record that the body edited a post of its own, and why. The new text comes by capture.

    Raises UsageError for an empty reason, Refused when somebody else wrote the record, or it is
    disposed of.
    """
    record = present(writer, record_id)
    own = accounts.by_id(writer, record.account)
    names = filter(None, (own.handle, own.name))
    if record.author_key not in {
        records.author_key_of(writer, record.platform, name) for name in names
    }:
        raise Refused(
            "the body may edit what it wrote itself, and this is somebody else's",
            hint="what others wrote is removed, in whole or in part: muniment moderate remove",
        )
    parts = reasoned(writer, record.id, reason, evidence)
    writer.append([Draft("record.edited_own", record.id, {}, parts)])
    return record


def restore(
    writer: Writer, record_id: str, *, reason: str, evidence: Sequence[Path] = ()
) -> list[Removal]:
    """Record that a removed post was put back, and why; every open removal of it ends.

    Raises UsageError for an empty reason, NotFound for an unknown record, Refused when no removal
    is open, or the record is disposed of.
    """
    record = present(writer, record_id)
    held = open_removals(writer, record.id)
    if not held:
        raise Refused(
            "no removal of this record is open", hint="see: muniment moderate list --open"
        )
    writer.append(restorations(writer, held, reason, evidence=evidence))
    return [find_removal(writer, one.id) for one in held]


def restorations(
    writer: Writer,
    held: Sequence[Removal],
    reason: str,
    appeal: str = "",
    evidence: Sequence[Path] = (),
) -> list[Draft]:
    """The entries that end removals, because of an appeal when one is named."""
    also = {"appeal": appeal} if appeal else {}
    return [
        Draft(
            "record.restored",
            one.record,
            {"removal": one.id, **also},
            reasoned(writer, one.record, reason, evidence),
        )
        for one in held
    ]


def present(reader: Reader, record_id: str) -> Record:
    """The record of an id; Refused when it is disposed of, for then nothing is added to it."""
    record = records.get(reader, record_id)
    if record.status == "disposed":
        raise Refused(
            "the record has been disposed of", hint="the certificate of disposal answers for it"
        )
    return record


def violations(reader: Reader, author_key: str, policy: str) -> int:
    """How many records of an author the staff removed under a policy, and did not restore.

    What its author or the platform took down is no violation.
    """
    removal, record = removal_table.c, record_table.c
    query = (
        select(func.count(func.distinct(removal.record)))
        .join_from(removal_table, record_table, removal.record == record.id)
        .where(
            record.author_key == author_key,
            removal.policy == policy,
            removal.by == "staff",
            removal.restored_at.is_(None),
        )
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


def explanations(reader: Reader) -> list[Explanation]:
    """All explanations of what vanished, in the order in which they were given."""
    query = select(explanation_table).order_by(explanation_table.c.id)
    return [Explanation(**row) for row in reader.conn.execute(query).mappings()]


def find_removal(reader: Reader, removal: str) -> Removal:
    """The removal of an id; NotFound."""
    return Removal(**find_one(reader, removal_table, removal, "removal"))


def reason_of(reader: Reader, subject: str, entry_type: str, key: str, value: str) -> str:
    """The reason that stands in a decision; "" when it was disposed of with its record."""
    entries = [one for one in reader.history(subject, {entry_type}) if one.data[key] == value]
    return next((sealed.text("reason") for _, sealed in reader.open(entries) if sealed), "")
