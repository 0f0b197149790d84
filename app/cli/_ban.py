"""The commands of `muniment moderate` about authors: banned, no longer banned, the block list."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from app.cli._decision import (
    DAY,
    actor_names,
    clause_option,
    evidence_option,
    past_or_today,
    policy_option,
    reason_given,
    reason_options,
)
from app.cli._output import csv_option, emit, emit_csv, json_option, say
from app.cli._session import Session, pass_session

if TYPE_CHECKING:
    from archive import Reader
    from ingest.moderation import Ban

BANS = (
    "ban",
    "author",
    "platform",
    "banned_on",
    "policy",
    "clause",
    "exception",
    "actor",
    "unbanned_on",
    "reason",
)


@click.command()
@click.argument("record", required=False)
@click.option("--author", default="", metavar="HANDLE", help="Instead of a record: who is banned.")
@click.option("--platform", default="", metavar="NAME", help="With --author: where.")
@policy_option
@clause_option(required=True)
@reason_options
@evidence_option
@click.option("--exception", is_flag=True, help="Ban without the violations that the policy asks.")
@click.option("--on", "day", type=DAY, help="The day of the ban, whose policy applies; else today.")
@pass_session
def ban(
    session: Session,
    record: str | None,
    author: str,
    platform: str,
    policy: str,
    clause: str,
    reason: str | None,
    reason_file: Any,
    evidence: tuple[Path, ...],
    exception: bool,
    day: datetime | None,
) -> None:
    """Record that the author of RECORD was banned, and why.

    \b
    Example:
      muniment moderate ban 8a22fe3ae1b6 --clause IV.5 --reason "Third pill shop in a week"
      muniment moderate ban --author spammer --platform x --clause IV.5 --reason-file why.txt
    """
    from archive import UsageError
    from ingest import moderation

    if (record is None) != bool(author and platform):
        raise UsageError("name a record, or an author by --author and --platform")
    said = reason_given(reason, reason_file)
    with session.archive().write(session.signer()) as writer:
        if record is not None:
            author, platform = moderation.author_of(writer, record)
        done = moderation.ban(
            writer,
            author,
            platform,
            policy=policy,
            clause=clause,
            reason=said,
            day=past_or_today(session, day),
            exception=exception,
            evidence=evidence,
        )
    say(f"ban of {author} recorded under {done.policy} {done.clause}: {done.id}")


@click.command()
@click.argument("ban_id", metavar="BAN")
@reason_options
@evidence_option
@click.option("--on", "day", type=DAY, help="The day on which it ended; else today.")
@pass_session
def unban(
    session: Session,
    ban_id: str,
    reason: str | None,
    reason_file: Any,
    evidence: tuple[Path, ...],
    day: datetime | None,
) -> None:
    """Record that a ban has ended, and why.

    \b
    Example:
      muniment moderate unban 5d0c77f0a1b2 --reason "Has undertaken to stay on topic"
    """
    from ingest import moderation

    said = reason_given(reason, reason_file)
    with session.archive().write(session.signer()) as writer:
        done = moderation.unban(
            writer, ban_id, reason=said, day=past_or_today(session, day), evidence=evidence
        )
    say(f"ban {done.id} has ended")


@click.command()
@click.option("--at", "day", type=DAY, help="As it stood at the end of this day; else today.")
@csv_option
@json_option
@pass_session
def blocked(session: Session, day: datetime | None, as_csv: bool, as_json: bool) -> None:
    """The block list, as it stands or as it stood on a day. Block lists are public records.

    \b
    Example:
      muniment moderate blocked --at 2026-03-31 --csv > blocked.csv
    """
    from ingest import moderation

    names = actor_names(session)
    at = past_or_today(session, day)
    with session.archive().read() as reader:
        rows = ban_rows(reader, moderation.blocked(reader, at), names)
        if as_csv:
            emit_csv(rows, BANS)
        else:
            emit(rows, BANS, as_json)


def ban_rows(
    reader: "Reader", found: "Iterable[Ban]", names: dict[str, str]
) -> Iterator[dict[str, Any]]:
    """Bans as rows of the columns `BANS`."""
    from ingest import moderation

    for one in found:
        author, reason = moderation.banned(reader, one)
        yield {
            "ban": one.id,
            "author": author,
            "platform": one.platform,
            "banned_on": one.banned_on,
            "policy": one.policy,
            "clause": one.clause,
            "exception": one.exception,
            "actor": names.get(one.actor, one.actor),
            "unbanned_on": one.unbanned_on,
            "reason": reason,
        }
