"""Appeals against removals: filed in writing, decided within the policy's days."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from sqlalchemy import select

from archive import Draft, Parts, Reader, Refused, UsageError, Writer, new_id, records
from ingest.moderation._adoption import adopted_policies, adopted_policy
from ingest.moderation._decisions import (
    Removal,
    find_one,
    find_removal,
    open_removals,
    restorations,
)
from ingest.moderation._tables import appeal_table

Result = Literal["affirmed", "reversed"]
_c = appeal_table.c


@dataclass(frozen=True, slots=True)
class Appeal:
    """An appeal against a removal. Open until `decided_at`; `due` is a date.

    `due` is None where the policy does not say how long a decision may take.
    """

    id: str
    record: str
    removal: str
    filed_at: str
    due: str | None
    outcome: str | None
    decided_at: str | None
    actor: str | None


def file_appeal(
    writer: Writer, record_id: str, *, appellant: str, text: str, received: date
) -> Appeal:
    """Record a written appeal against the latest open removal of a record.

    It is to be decided within the days that the policy of the removal gives, counted from the day
    on which it was received. Raises UsageError when appellant or text is empty, Refused when
    nothing is removed, or an appeal against that removal was filed already.
    """
    if not appellant.strip() or not text.strip():
        raise UsageError("an appeal needs who appeals, and what they write")
    record = records.get(writer, record_id)
    held = open_removals(writer, record.id)
    if not held:
        raise Refused("no removal of this record is open, so there is nothing to appeal against")
    removal = held[-1]
    earlier = _against(writer, removal)
    if earlier:
        state = "decided" if earlier[-1].decided_at else "open"
        raise Refused(f"an appeal against this removal is {state} already")
    appeal = new_id()
    data = {"appeal": appeal, "removal": removal.id}
    days = _days(writer, removal)
    if days is not None:
        data["due"] = (received + timedelta(days=days)).isoformat()
    parts = Parts.of([("appellant", appellant.strip()), ("text", text)])
    writer.append([Draft("appeal.filed", record.id, data, parts)])
    return find_appeal(writer, appeal)


def decide_appeal(writer: Writer, appeal_id: str, *, outcome: Result, reason: str) -> Appeal:
    """Record the decision of an appeal. Reversed, the record is restored in the same transaction.

    Raises UsageError for an empty reason, NotFound, Refused when it was decided already.
    """
    if not reason.strip():
        raise UsageError("a decision needs its reason", hint="give it by --reason or --reason-file")
    appeal = find_appeal(writer, appeal_id)
    if appeal.decided_at is not None:
        raise Refused(f"the appeal was {appeal.outcome} already")
    parts = Parts.of([("reason", reason.strip())])
    data = {"appeal": appeal.id, "outcome": outcome}
    drafts = [Draft("appeal.decided", appeal.record, data, parts)]
    removal = find_removal(writer, appeal.removal)
    if outcome == "reversed" and removal.restored_at is None:
        drafts += restorations([removal], reason, appeal.id)
    writer.append(drafts)
    return find_appeal(writer, appeal.id)


def appeals(reader: Reader, *, open_only: bool = False) -> list[Appeal]:
    """All appeals, in the order in which they were filed."""
    query = select(appeal_table).order_by(_c.id)
    if open_only:
        query = query.where(_c.decided_at.is_(None))
    return [Appeal(**row) for row in reader.conn.execute(query).mappings()]


def find_appeal(reader: Reader, appeal_id: str) -> Appeal:
    """The appeal of an id, or of the end of one; NotFound."""
    return Appeal(**find_one(reader, appeal_table, appeal_id, "appeal"))


def appeal_words(reader: Reader, appeal: Appeal) -> tuple[str, str]:
    """Who appeals, and what they write; empty when that was disposed of with the record."""
    filed = reader.history(appeal.record, {"appeal.filed"})
    for _, sealed in reader.open([one for one in filed if one.data["appeal"] == appeal.id]):
        if sealed is not None:
            return sealed.text("appellant"), sealed.text("text")
    return "", ""


def _against(reader: Reader, removal: Removal) -> list[Appeal]:
    query = select(appeal_table).where(_c.removal == removal.id).order_by(_c.id)
    return [Appeal(**row) for row in reader.conn.execute(query).mappings()]


def _days(reader: Reader, removal: Removal) -> int | None:
    for one in adopted_policies(reader):
        if (one.code, one.version) == (removal.policy, removal.policy_version):
            return adopted_policy(reader, one).appeal_days
    return None
