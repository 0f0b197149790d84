"""`muniment moderate`: what was removed and who was banned, with the reasons."""

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from app.cli._decision import DAY, actor_names, day_or_today, reason_given, reason_options
from app.cli._output import emit, json_option, local_time, say
from app.cli._restrict import lift, restrict, restricted
from app.cli._session import Session, pass_session

if TYPE_CHECKING:
    from archive import Reader

_REMOVALS = (
    "record",
    "removed_at",
    "policy",
    "policy_version",
    "clause",
    "extent",
    "by",
    "actor",
    "restored_at",
    "reason",
)
_BANS = ("ban", "author", "banned_at", "policy", "clause", "actor", "unbanned_at", "reason")

policy_option = click.option(
    "--policy", default="", metavar="CODE", help="The policy; needed when several are adopted."
)
clause_option = click.option(
    "--clause", required=True, metavar="CODE", help="The clause; see: muniment policy show."
)
on_option = click.option("--on", "day", type=DAY, help="The day whose policy applies; else today.")


@click.group()
def moderate() -> None:
    """Record removals, restorations and bans.

    \b
    Example:
      muniment moderate remove 8a22fe3ae1b6 --clause IV.5 --reason "Link to a pill shop"
      muniment moderate list
    """


for _command in (restrict, lift, restricted):
    moderate.add_command(_command)


@moderate.command()
@click.argument("record")
@policy_option
@clause_option
@reason_options
@click.option("--part", is_flag=True, help="Only a part of it was removed.")
@click.option(
    "--by",
    type=click.Choice(["staff", "platform", "author"]),
    default="staff",
    show_default=True,
    help="Who took it down.",
)
@on_option
@pass_session
def remove(
    session: Session,
    record: str,
    policy: str,
    clause: str,
    reason: str | None,
    reason_file: Any,
    part: bool,
    by: Any,
    day: datetime | None,
) -> None:
    """Record that a post or comment was removed, under which clause, and why.

    \b
    Example:
      muniment moderate remove 8a22fe3ae1b6 --clause IV.5 --reason "Link to a pill shop"
    """
    from ingest import moderation

    said = reason_given(reason, reason_file)
    with session.archive().write(session.signer()) as writer:
        done = moderation.remove(
            writer,
            record,
            policy=policy,
            clause=clause,
            reason=said,
            day=day_or_today(session, day),
            extent="part" if part else "all",
            by=by,
        )
    say(f"removal of {done.record} recorded under {done.policy} {done.clause}: {done.id}")


@moderate.command()
@click.argument("record")
@reason_options
@pass_session
def restore(session: Session, record: str, reason: str | None, reason_file: Any) -> None:
    """Record that a removed post or comment was put back, and why.

    \b
    Example:
      muniment moderate restore 8a22fe3ae1b6 --reason "Removed by mistake: it is on topic"
    """
    from ingest import moderation

    said = reason_given(reason, reason_file)
    with session.archive().write(session.signer()) as writer:
        done = moderation.restore(writer, record, reason=said)
    say(f"{done[0].record} is restored")


@moderate.command()
@click.argument("record", required=False)
@click.option("--author", default="", metavar="HANDLE", help="Instead of a record: who is banned.")
@click.option("--platform", default="", metavar="NAME", help="With --author: where.")
@policy_option
@clause_option
@reason_options
@click.option("--exception", is_flag=True, help="Ban without the violations that the policy asks.")
@on_option
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
    exception: bool,
    day: datetime | None,
) -> None:
    """Record that the author of RECORD was banned, and why.

    \b
    Example:
      muniment moderate ban 8a22fe3ae1b6 --clause IV.5 --reason "Third pill shop in a week"
      muniment moderate ban --author spammer --platform x --clause IV.5 --reason-file why.txt
    """
    from archive import UsageError, records
    from ingest import moderation

    if (record is None) != bool(author and platform):
        raise UsageError("name a record, or an author by --author and --platform")
    said = reason_given(reason, reason_file)
    with session.archive().write(session.signer()) as writer:
        if record is not None:
            author, key = moderation.author_of(writer, record)
        else:
            key = records.author_key_of(writer, platform, author)
        done = moderation.ban(
            writer,
            author,
            key,
            policy=policy,
            clause=clause,
            reason=said,
            day=day_or_today(session, day),
            exception=exception,
        )
    say(f"ban of {author} recorded under {done.policy} {done.clause}: {done.id}")


@moderate.command()
@click.argument("ban_id", metavar="BAN")
@reason_options
@pass_session
def unban(session: Session, ban_id: str, reason: str | None, reason_file: Any) -> None:
    """Record that a ban has ended, and why.

    \b
    Example:
      muniment moderate unban 5d0c77f0a1b2 --reason "Has undertaken to stay on topic"
    """
    from ingest import moderation

    said = reason_given(reason, reason_file)
    with session.archive().write(session.signer()) as writer:
        done = moderation.unban(writer, ban_id, reason=said)
    say(f"ban {done.id} has ended")


@moderate.command("list")
@click.option("--bans", is_flag=True, help="List bans instead of removals.")
@click.option("--open", "open_only", is_flag=True, help="Only those still in force.")
@json_option
@pass_session
def list_(session: Session, bans: bool, open_only: bool, as_json: bool) -> None:
    """List removals, or bans.

    \b
    Example:
      muniment moderate list --open
      muniment moderate list --bans --json
    """
    names = actor_names(session)
    zone = "" if as_json else session.archive().config.timezone
    with session.archive().read() as reader:
        rows = (_bans if bans else _removals)(reader, names, zone, open_only)
        emit(rows, _BANS if bans else _REMOVALS, as_json)


def _removals(
    reader: "Reader", names: dict[str, str], zone: str, open_only: bool
) -> Iterator[dict[str, Any]]:
    from ingest import moderation

    for one in moderation.removals(reader, open_only=open_only):
        yield {
            "record": one.record,
            "removed_at": local_time(one.removed_at, zone),
            "policy": one.policy,
            "policy_version": one.policy_version,
            "clause": one.clause,
            "extent": one.extent,
            "by": one.by,
            "actor": names.get(one.actor, one.actor),
            "restored_at": local_time(one.restored_at, zone),
            "reason": moderation.reason_of(reader, one.record, "record.removed", "removal", one.id),
        }


def _bans(
    reader: "Reader", names: dict[str, str], zone: str, open_only: bool
) -> Iterator[dict[str, Any]]:
    from ingest import moderation

    for one in moderation.bans(reader):
        if open_only and one.unbanned_at:
            continue
        author, reason = moderation.banned(reader, one)
        yield {
            "ban": one.id,
            "author": author,
            "banned_at": local_time(one.banned_at, zone),
            "policy": one.policy,
            "clause": one.clause,
            "actor": names.get(one.actor, one.actor),
            "unbanned_at": local_time(one.unbanned_at, zone),
            "reason": reason,
        }
