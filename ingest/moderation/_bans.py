"""Who was banned, why, and until when: block lists are public records themselves."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from sqlalchemy import or_, select

from archive import (
    Draft,
    NotFound,
    Reader,
    Record,
    Refused,
    UsageError,
    Writer,
    accounts,
    new_id,
    records,
    restrictions,
)
from ingest.moderation._adoption import policy_in_force
from ingest.moderation._removals import violations
from ingest.moderation._tables import ban_table
from ingest.moderation._words import find_one, reasoned

_c = ban_table.c


@dataclass(frozen=True, slots=True)
class Ban:
    """A ban of an author, whose keyed hash is `author_key`.

    In force from the day `banned_on` to before `unbanned_on`; `banned_at` and `unbanned_at` are
    when that was recorded.
    """

    id: str
    author_key: str
    platform: str | None
    policy: str
    policy_version: str
    clause: str
    exception: str
    actor: str
    banned_at: str
    banned_on: str
    unbanned_at: str | None
    unbanned_on: str | None


def ban(
    writer: Writer,
    author: str,
    platform: str,
    *,
    clause: str,
    reason: str,
    day: date,
    policy: str = "",
    exception: bool = False,
    evidence: Sequence[Path] = (),
) -> Ban:
    """Record that an author was banned on `day`, by handle (or name) on a platform.

    The policy says how many violations a ban needs: recorded removals, under this policy, of what
    the author wrote, not restored. `exception` bans without them, `reason` then says why. Raises
    UsageError, NotFound, and Refused when there are too few violations or the author is banned
    already.
    """
    platforms = sorted({one.platform for one in accounts.every(writer)})
    if platform not in platforms:
        known = ", ".join(platforms) or "none yet"
        raise NotFound(f"no account on {platform} is kept", hint=f"platforms of ours: {known}")
    author_key = records.author_key_of(writer, platform, author)
    rules = policy_in_force(writer, policy, day)
    if open_bans(writer, author_key):
        raise Refused("the author is banned already", hint="see: muniment moderate blocked")
    if not exception:
        counted = violations(writer, author_key, rules.code)
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
        "platform": platform,
        "policy": rules.code,
        "policy_version": rules.version,
        "clause": rules.clause(clause).code,
        "exception": exception,
        "day": day.isoformat(),
    }
    subject = new_id()
    parts = reasoned(writer, subject, reason, evidence, [("author/handle", author)])
    writer.append([Draft("author.banned", subject, data, parts)])
    return find_ban(writer, subject)


def unban(
    writer: Writer,
    ban_id: str,
    *,
    reason: str,
    day: date,
    appeal: str = "",
    evidence: Sequence[Path] = (),
) -> Ban:
    """Record that a ban ended on `day`.

    Raises UsageError without a reason, or for a day before the ban; NotFound; Refused when it has
    ended already.
    """
    found = find_ban(writer, ban_id)
    if found.unbanned_at is not None:
        raise Refused("the ban has ended already", hint="see: muniment moderate list --bans")
    if day.isoformat() < found.banned_on:
        raise UsageError(f"the ban began on {found.banned_on}, after {day}")
    data = {"author_key": found.author_key, "day": day.isoformat()}
    data |= {"appeal": appeal} if appeal else {}
    parts = reasoned(writer, found.id, reason, evidence)
    writer.append([Draft("author.unbanned", found.id, data, parts)])
    return find_ban(writer, found.id)


def author_of(reader: Reader, record_id: str) -> tuple[str, str]:
    """The handle (or name) of a record's author, and the platform.

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
            return author, record.platform
    raise NotFound(
        "the record does not say who wrote it", hint="name the author: --author and --platform"
    )


def bans(reader: Reader) -> list[Ban]:
    """All bans, in the order in which they were decided."""
    query = select(ban_table).order_by(_c.id)
    return [Ban(**row) for row in reader.conn.execute(query).mappings()]


def open_bans(reader: Reader, author_key: str) -> list[Ban]:
    """The bans of an author that are in force."""
    query = select(ban_table).where(_c.author_key == author_key, _c.unbanned_at.is_(None))
    return [Ban(**row) for row in reader.conn.execute(query.order_by(_c.id)).mappings()]


def blocked(reader: Reader, day: date) -> list[Ban]:
    """The block list as it stood at the end of a day: every ban in force then, oldest first."""
    at = day.isoformat()
    query = (
        select(ban_table)
        .where(_c.banned_on <= at, or_(_c.unbanned_on.is_(None), _c.unbanned_on > at))
        .order_by(_c.banned_on, _c.id)
    )
    return [Ban(**row) for row in reader.conn.execute(query).mappings()]


def find_ban(reader: Reader, ban_id: str) -> Ban:
    """The ban of an id, or of the end of one; NotFound."""
    return Ban(**find_one(reader, ban_table, ban_id, "ban"))


def banned(reader: Reader, one: Ban) -> tuple[str, str]:
    """Who was banned, by handle or name, and the reason."""
    for _, sealed in reader.open(reader.history(one.id, {"author.banned"})):
        if sealed is not None:
            return sealed.get("author/handle") or "", sealed.text("reason")
    return "", ""
