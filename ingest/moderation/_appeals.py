"""Appeals against removals and bans: filed in writing, decided within the policy's days."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Literal

from sqlalchemy import select

from archive import Draft, Parts, Reader, Refused, UsageError, Writer, actors, new_id
from ingest.moderation._adoption import adopted_policies, adopted_policy
from ingest.moderation._bans import Ban, find_ban, unban
from ingest.moderation._removals import (
    Removal,
    find_removal,
    open_removals,
    present,
    reason_of,
    restorations,
)
from ingest.moderation._tables import appeal_table
from ingest.moderation._words import attached, find_one, reasoned

Result = Literal["affirmed", "reversed"]
DECIDES = "director"
"""The role whose bearers decide appeals."""

_c = appeal_table.c


@dataclass(frozen=True, slots=True)
class Appeal:
    """An appeal against a removal (`record` and `removal`) or against a ban.

    Open until `decided_at`; `received` is the day on which it came in, `filed_at` when that was
    recorded; `due` is a day, None where the policy does not say how long a decision may take.
    """

    id: str
    record: str | None
    removal: str | None
    ban: str | None
    filed_at: str
    received: str
    due: str | None
    outcome: str | None
    decided_at: str | None
    actor: str | None

    @property
    def subject(self) -> str:
        """The record or the ban that it is about."""
        return self.record or self.ban or ""


def file_appeal(
    writer: Writer,
    record_id: str = "",
    *,
    appellant: str,
    text: str,
    received: date,
    ban_id: str = "",
    evidence: Sequence[Path] = (),
) -> Appeal:
    """Record a written appeal against the latest open removal of a record, or against a ban.

    It is to be decided within the days that the policy of that decision gives, counted from the day
    on which it was received. Raises UsageError when appellant or text is empty, Refused when
    there is nothing to appeal against, the record is disposed of, or an appeal was filed already.
    """
    if not appellant.strip() or not text.strip():
        raise UsageError("an appeal needs who appeals, and what they write")
    against = _open_ban(writer, ban_id) if ban_id else _open_removal(writer, record_id)
    subject, key = (against.id, "ban") if isinstance(against, Ban) else (against.record, "removal")
    earlier = _against(writer, key, against.id)
    if earlier:
        state = "decided" if earlier[-1].decided_at else "open"
        noun = "ban" if isinstance(against, Ban) else "removal"
        raise Refused(
            f"an appeal against this {noun} is {state} already", hint="see: muniment appeal list"
        )
    appeal = new_id()
    data = {"appeal": appeal, key: against.id, "received": received.isoformat()}
    days = _days(writer, against)
    if days is not None:
        data["due"] = (received + timedelta(days=days)).isoformat()
    written = [("appellant", appellant.strip()), ("text", text)]
    parts = Parts.of([*written, *attached(writer, subject, evidence)])
    writer.append([Draft("appeal.filed", subject, data, parts)])
    return find_appeal(writer, appeal)


def decide_appeal(
    writer: Writer,
    appeal_id: str,
    *,
    outcome: Result,
    reason: str,
    day: date,
    evidence: Sequence[Path] = (),
) -> Appeal:
    """Record the decision of an appeal. Reversed, the record is restored, or the ban ends on `day`.

    Raises UsageError for an empty reason, NotFound, Refused when it was decided already, or by
    anybody who is no director.
    """
    _check_role(writer)
    appeal = find_appeal(writer, appeal_id)
    if appeal.decided_at is not None:
        raise Refused(f"the appeal was {appeal.outcome} already", hint="see: muniment appeal list")
    parts = reasoned(writer, appeal.subject, reason, evidence)
    data = {"appeal": appeal.id, "outcome": outcome}
    drafts = [Draft("appeal.decided", appeal.subject, data, parts)]
    if outcome == "reversed" and appeal.removal is not None:
        removal = find_removal(writer, appeal.removal)
        if removal.restored_at is None:
            drafts += restorations(writer, [removal], reason, appeal.id)
    writer.append(drafts)
    held = find_ban(writer, appeal.ban) if outcome == "reversed" and appeal.ban else None
    if held is not None and held.unbanned_at is None:
        unban(writer, held.id, reason=reason, day=day, appeal=appeal.id)
    return find_appeal(writer, appeal.id)


def appeals(reader: Reader, *, open_only: bool = False) -> list[Appeal]:
    """All appeals, in the order in which they were filed."""
    query = select(appeal_table).order_by(_c.id)
    if open_only:
        query = query.where(_c.decided_at.is_(None))
    return [Appeal(**row) for row in reader.conn.execute(query).mappings()]


def overdue_appeals(reader: Reader, today: date) -> list[Appeal]:
    """The open appeals whose day is past, in the order in which they were due."""
    query = select(appeal_table).where(_c.decided_at.is_(None), _c.due < today.isoformat())
    rows = reader.conn.execute(query.order_by(_c.due, _c.id)).mappings()
    return [Appeal(**row) for row in rows]


def find_appeal(reader: Reader, appeal_id: str) -> Appeal:
    """The appeal of an id, or of the end of one; NotFound."""
    return Appeal(**find_one(reader, appeal_table, appeal_id, "appeal"))


def appeal_words(reader: Reader, appeal: Appeal) -> tuple[str, str]:
    """Who appeals, and what they write; empty when that was disposed of with the record."""
    filed = reader.history(appeal.subject, {"appeal.filed"})
    for _, sealed in reader.open([one for one in filed if one.data["appeal"] == appeal.id]):
        if sealed is not None:
            return sealed.text("appellant"), sealed.text("text")
    return "", ""


def decision_of(reader: Reader, appeal: Appeal) -> str:
    """The reason for the decision of an appeal; "" when it is open, or that was disposed of."""
    return reason_of(reader, appeal.subject, "appeal.decided", "appeal", appeal.id)


def about_own(reader: Reader, appeal: Appeal) -> bool:
    """Whether who decided an appeal had also taken the decision that it was about."""
    if appeal.removal is not None:
        return find_removal(reader, appeal.removal).actor == appeal.actor
    return appeal.ban is not None and find_ban(reader, appeal.ban).actor == appeal.actor


def _check_role(writer: Writer) -> None:
    actor = actors.get(writer, writer.signer.actor)
    if DECIDES not in actor.roles:
        raise Refused(
            f"appeals are decided by a director, and {actor.name} is none",
            hint="decide as one: --as NAME; to add one: muniment actor add NAME --role director",
        )


def _open_removal(reader: Reader, record_id: str) -> Removal:
    record = present(reader, record_id)
    held = open_removals(reader, record.id)
    if not held:
        raise Refused(
            "no removal of this record is open, so there is nothing to appeal against",
            hint="see: muniment moderate list --open",
        )
    return held[-1]


def _open_ban(reader: Reader, ban_id: str) -> Ban:
    found = find_ban(reader, ban_id)
    if found.unbanned_at is not None:
        raise Refused(
            "the ban has ended, so there is nothing to appeal against",
            hint="see: muniment moderate blocked",
        )
    return found


def _against(reader: Reader, key: str, decision: str) -> list[Appeal]:
    query = select(appeal_table).where(_c[key] == decision).order_by(_c.id)
    return [Appeal(**row) for row in reader.conn.execute(query).mappings()]


def _days(reader: Reader, against: Removal | Ban) -> int | None:
    for one in adopted_policies(reader):
        if (one.code, one.version) == (against.policy, against.policy_version):
            return adopted_policy(reader, one).appeal_days
    return None
