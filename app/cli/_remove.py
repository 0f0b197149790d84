"""The commands of `muniment moderate` about single posts: removed, hidden, put back, explained."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from app.cli._decision import (
    DAY,
    clause_option,
    evidence_option,
    on_option,
    on_the_day,
    past_or_today,
    policy_option,
    reason_given,
    reason_options,
    start_of,
    words,
)
from app.cli._output import note, say
from app.cli._session import Session, pass_session

if TYPE_CHECKING:
    from ingest.moderation import Action

_BY = click.Choice(["staff", "platform", "author"])


@click.command()
@click.argument("record")
@policy_option
@clause_option(required=True)
@reason_options
@evidence_option
@click.option("--part", is_flag=True, help="Only a part of it was removed.")
@click.option("--by", type=_BY, default="staff", show_default=True, help="Who took it down.")
@on_option
@pass_session
def remove(session: Session, /, record: str, part: bool, by: Any, **told: Any) -> None:
    """Record that a post or comment was removed, under which clause, and why.

    \b
    Example:
      muniment moderate remove 8a22fe3ae1b6 --clause IV.5 --reason "Link to a pill shop"
    """
    _take_down(session, record, "remove", by=by, extent="part" if part else "all", **told)


@click.command()
@click.argument("record")
@policy_option
@clause_option(required=True)
@reason_options
@evidence_option
@on_option
@pass_session
def hide(session: Session, /, record: str, **told: Any) -> None:
    """Record that a comment was hidden from the public, under which clause, and why.

    What is hidden is still seen by its author, and counts as removed.

    \b
    Example:
      muniment moderate hide 8a22fe3ae1b6 --clause IV.6 --reason "About a garden centre"
    """
    _take_down(session, record, "hide", by="staff", extent="all", **told)


def _take_down(
    session: Session,
    record: str,
    action: "Action",
    *,
    by: Any,
    extent: Any,
    policy: str,
    clause: str,
    reason: str | None,
    reason_file: Any,
    evidence: tuple[Path, ...],
    day: datetime | None,
) -> None:
    from archive import records
    from ingest import moderation

    said = reason_given(reason, reason_file)
    with session.archive().write(session.signer()) as writer:
        done = moderation.remove(
            writer,
            record,
            policy=policy,
            clause=clause,
            reason=said,
            **on_the_day(session, day),
            extent=extent,
            by=by,
            action=action,
            evidence=evidence,
        )
        author = records.get(writer, done.record).author_key
        counted = moderation.violations(writer, author, done.policy) if author else 0
    noun = "hiding" if action == "hide" else "removal"
    say(f"{noun} of {done.record} recorded under {done.policy} {done.clause}: {done.id}")
    if counted and done.by == "staff":
        note(f"violations of {done.policy} by this author that are recorded and stand: {counted}")


@click.command()
@click.argument("record")
@reason_options
@evidence_option
@pass_session
def restore(
    session: Session,
    record: str,
    reason: str | None,
    reason_file: Any,
    evidence: tuple[Path, ...],
) -> None:
    """Record that a removed or hidden post or comment was put back, and why.

    \b
    Example:
      muniment moderate restore 8a22fe3ae1b6 --reason "Removed by mistake: it is on topic"
    """
    from ingest import moderation

    said = reason_given(reason, reason_file)
    with session.archive().write(session.signer()) as writer:
        done = moderation.restore(writer, record, reason=said, evidence=evidence)
    say(f"{done[0].record} is restored")


@click.command()
@click.argument("record")
@click.option("--by", type=_BY, required=True, help="Who took it down.")
@policy_option
@clause_option(required=False)
@reason_options
@evidence_option
@click.option(
    "--on",
    "day",
    type=DAY,
    help="The day the staff took it down.",
)
@pass_session
def explain(
    session: Session,
    record: str,
    by: Any,
    policy: str,
    clause: str,
    reason: str | None,
    reason_file: Any,
    evidence: tuple[Path, ...],
    day: datetime | None,
) -> None:
    """Say afterwards why a record vanished from its source.

    What the staff took down becomes a removal, and needs its clause.

    \b
    Example:
      muniment moderate explain 8a22fe3ae1b6 --by staff --clause IV.5 --reason "Spam, on 3 March"
      muniment moderate explain 8a22fe3ae1b6 --by author --reason "She wrote that she deleted it"
    """
    from ingest import moderation

    said = reason_given(reason, reason_file)
    with session.archive().write(session.signer()) as writer:
        done = moderation.explain(
            writer,
            record,
            by=by,
            reason=said,
            **(on_the_day(session, day) if day else {}),
            clause=clause,
            policy=policy,
            evidence=evidence,
        )
    if isinstance(done, moderation.Removal):
        say(f"removal of {done.record} recorded under {done.policy} {done.clause}: {done.id}")
    else:
        say(f"{done.record} was taken away by its {done.by}: {done.id}")


@click.command("edit-own")
@click.argument("record")
@reason_options
@evidence_option
@pass_session
def edit_own(
    session: Session,
    record: str,
    reason: str | None,
    reason_file: Any,
    evidence: tuple[Path, ...],
) -> None:
    """Record that a post of the body's own was edited, and why.

    The new text comes with the next capture; the earlier version stays.

    \b
    Example:
      muniment moderate edit-own 8a22fe3ae1b6 --reason "The room had changed"
    """
    from ingest import moderation

    said = reason_given(reason, reason_file)
    with session.archive().write(session.signer()) as writer:
        done = moderation.edited_own(writer, record, reason=said, evidence=evidence)
    say(f"the edit of {done.id} is recorded")


@click.command()
@click.option("--account", required=True, metavar="ACCOUNT", help="To which account.")
@click.option("--author", required=True, metavar="NAME", help="Who submitted it.")
@click.option("--text", metavar="TEXT", help="What was submitted.")
@click.option(
    "--text-file",
    type=click.File(encoding="utf-8"),
    help="Read it from a file, or from - (standard input).",
)
@click.option("--at", type=DAY, help="The day on which it was submitted.")
@policy_option
@clause_option(required=False)
@reason_options
@evidence_option
@pass_session
def submitted(
    session: Session,
    account: str,
    author: str,
    text: str | None,
    text_file: Any,
    at: datetime | None,
    policy: str,
    clause: str,
    reason: str | None,
    reason_file: Any,
    evidence: tuple[Path, ...],
) -> None:
    """Archive what was submitted for posting and is not published: it is a public record too.

    With --clause and --reason it was refused; without them it is held for approval.

    \b
    Example:
      muniment moderate submitted --account cookmemorial --author "Pat P." --text-file comment.txt
      muniment moderate submitted --account cookmemorial --author Mallory --text "Buy pills" \\
        --clause IV.5 --reason "A link to a pill shop"
    """
    from archive import accounts
    from ingest import moderation

    said = words(text, text_file, "--text")
    refused = bool(clause) or reason is not None or reason_file is not None
    why = reason_given(reason, reason_file) if refused else ""
    day = past_or_today(session, at)
    with session.archive().write(session.signer()) as writer:
        record, refusal = moderation.submit(
            writer,
            accounts.get(writer, account),
            text=said,
            author=author,
            day=day,
            submitted_at=start_of(session, at.date()) if at else None,
            clause=clause,
            reason=why,
            policy=policy,
            evidence=evidence,
        )
    if refusal is None:
        say(f"{record} is archived, held for approval")
    else:
        say(f"{record} is archived, refused under {refusal.policy} {refusal.clause}")
