"""`muniment appeal`: appeals against removals and bans, and their outcome."""

from datetime import datetime
from pathlib import Path
from typing import Any

import click

from app.cli._decision import (
    DAY,
    actor_names,
    day_or_today,
    evidence_option,
    past_or_today,
    reason_given,
    reason_options,
    unsaid,
    words,
)
from app.cli._noun import Noun
from app.cli._output import emit, json_option, local_time, note, say
from app.cli._session import Session, pass_session

_COLUMNS = (
    "appeal",
    "record",
    "ban",
    "received",
    "due",
    "state",
    "decided_at",
    "decided_by",
    "own_decision",
    "appellant",
    "text",
    "reason",
)


@click.group(cls=Noun)
def appeal() -> None:
    """Record appeals against removals and bans, and their outcome.

    \b
    Example:
      muniment appeal file 8a22fe3ae1b6 --appellant "Pat Public" --text "I was on topic."
      muniment appeal decide 77c1a20be4d5 reversed --reason "It was on topic."
    """


@appeal.command("file")
@click.argument("record", required=False)
@click.option("--ban", "ban_id", default="", metavar="BAN", help="Instead of a record: the ban.")
@click.option("--appellant", required=True, metavar="NAME", help="Who appeals.")
@click.option("--text", metavar="TEXT", help="What they write.")
@click.option(
    "--text-file",
    type=click.File(encoding="utf-8"),
    help="Read it from a file, or from - (standard input).",
)
@click.option("--received", type=DAY, help="The day on which it was received; else today.")
@evidence_option
@pass_session
def file_(
    session: Session,
    record: str | None,
    ban_id: str,
    appellant: str,
    text: str | None,
    text_file: Any,
    received: datetime | None,
    evidence: tuple[Path, ...],
) -> None:
    """Record a written appeal against the removal of RECORD, or against a ban.

    \b
    Example:
      muniment appeal file 8a22fe3ae1b6 --appellant "Pat Public" --text-file letter.txt
      muniment appeal file --ban 5d0c77f0a1b2 --appellant "Pat Public" --text "Why me?"
    """
    from archive import UsageError
    from ingest import moderation

    if (record is None) != bool(ban_id):
        raise UsageError("name a record, or a ban by --ban")
    said = words(text, text_file, "--text")
    with session.archive().write(session.signer()) as writer:
        done = moderation.file_appeal(
            writer,
            record or "",
            appellant=appellant,
            text=said,
            received=past_or_today(session, received),
            ban_id=ban_id,
            evidence=evidence,
        )
    due = f"to be decided by {done.due}" if done.due else "the policy sets no day for a decision"
    say(f"appeal {done.id} is filed, {due}")


@appeal.command()
@click.argument("appeal_id", metavar="APPEAL")
@click.argument("outcome", type=click.Choice(["affirmed", "reversed"]))
@reason_options
@evidence_option
@pass_session
def decide(
    session: Session,
    appeal_id: str,
    outcome: Any,
    reason: str | None,
    reason_file: Any,
    evidence: tuple[Path, ...],
) -> None:
    """Record the director's decision: affirmed, or reversed.

    Reversed puts the record back, or ends the ban, at once.

    \b
    Example:
      muniment appeal decide 77c1a20be4d5 reversed --reason "It was on topic."
    """
    from ingest import moderation

    said = reason_given(reason, reason_file)
    with session.archive().write(session.signer()) as writer:
        done = moderation.decide_appeal(
            writer,
            appeal_id,
            outcome=outcome,
            reason=said,
            day=day_or_today(session, None),
            evidence=evidence,
        )
        own = moderation.about_own(writer, done)
    undone = f"{done.record} is restored" if done.record else f"the ban {done.ban} has ended"
    also = f", {undone}" if outcome == "reversed" else ""
    say(f"appeal {done.id} is {done.outcome}{also}")
    if own:
        note("you decided about your own decision: the list of appeals and the report say so")


@appeal.command("list")
@click.option("--open", "open_only", is_flag=True, help="Only those to be decided.")
@json_option
@pass_session
def list_(session: Session, open_only: bool, as_json: bool) -> None:
    """List appeals; those past their day are overdue.

    An own decision is one by who had also removed the record, or banned the author.

    \b
    Example:
      muniment appeal list --open
    """
    from ingest import moderation

    zone = "" if as_json else session.archive().config.timezone
    today, names = day_or_today(session, None).isoformat(), actor_names(session)
    rows = []
    with session.archive().read() as reader:
        for one in moderation.appeals(reader, open_only=open_only):
            overdue = one.outcome is None and one.due is not None and one.due < today
            appellant, text = moderation.appeal_words(reader, one)
            reason = moderation.decision_of(reader, one)
            rows.append(
                {
                    "appeal": one.id,
                    "record": one.record,
                    "ban": one.ban,
                    "received": one.received,
                    "due": one.due,
                    "state": one.outcome or ("overdue" if overdue else "open"),
                    "decided_at": local_time(one.decided_at, zone),
                    "decided_by": names.get(one.actor or "", one.actor),
                    "own_decision": moderation.about_own(reader, one),
                    "appellant": appellant or unsaid(reader, one.subject),
                    "text": text or unsaid(reader, one.subject),
                    "reason": reason or (unsaid(reader, one.subject) if one.outcome else None),
                }
            )
    emit(rows, _COLUMNS, as_json)
