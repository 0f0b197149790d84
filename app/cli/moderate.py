"""`muniment moderate`: what was removed and who was banned, with the reasons."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from app.cli._ban import BANS, ban, ban_rows, blocked, unban
from app.cli._decision import DAY, actor_names, start_of, unsaid
from app.cli._new_file import is_there
from app.cli._noun import Noun
from app.cli._output import csv_option, emit, emit_csv, emit_facts, json_option, local_time, say
from app.cli._remove import edit_own, explain, hide, remove, restore, submitted
from app.cli._restrict import lift, restrict, restricted
from app.cli._session import Session, pass_session

if TYPE_CHECKING:
    from archive import Reader
    from ingest.moderation import Removal, Report

_REMOVALS = (
    "removal",
    "record",
    "removed_at",
    "policy",
    "policy_version",
    "clause",
    "action",
    "extent",
    "by",
    "actor",
    "restored_at",
    "reason",
)
_APPEALS = ("appeal", "appeal_received", "appeal_outcome", "appeal_decided_by")
_APPEALED = (*_REMOVALS[:2], "platform", *_REMOVALS[2:-1], *_APPEALS, "reason")
_COUNTED = ("counted", "what", "count")
_EVIDENCE = ("name", "type", "sha256")


@click.group(cls=Noun)
def moderate() -> None:
    """Record removals, restorations and bans.

    \b
    Example:
      muniment moderate remove 8a22fe3ae1b6 --clause IV.5 --reason "Link to a pill shop"
      muniment moderate list
    """


for _command in (
    *(remove, hide, restore, explain, edit_own, submitted),
    *(ban, unban, blocked),
    *(restrict, lift, restricted),
):
    moderate.add_command(_command)


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
    from ingest import moderation

    names = actor_names(session)
    zone = "" if as_json else session.archive().config.timezone
    with session.archive().read() as reader:
        if bans:
            found = (one for one in moderation.bans(reader) if not (open_only and one.unbanned_at))
            emit(ban_rows(reader, found, names), BANS, as_json)
            return
        removals = moderation.removals(reader, open_only=open_only)
        emit(
            (_removal(reader, one, names, zone) for one in removals),
            _REMOVALS,
            as_json,
        )


@moderate.command()
@click.option("--from", "start", type=DAY, required=True, help="The first day.")
@click.option("--to", "end", type=DAY, required=True, help="The last day.")
@csv_option
@json_option
@pass_session
def report(session: Session, start: datetime, end: datetime, as_csv: bool, as_json: bool) -> None:
    """What was moderated in a period: by clause, platform and moderator; appeals and outcomes.

    Removals count on the day on which they were recorded, bans and appeals on the day on which they
    were made. As CSV every removal of the period, with its reason and what became of an appeal.

    \b
    Example:
      muniment moderate report --from 2026-01-01 --to 2026-06-30
      muniment moderate report --from 2026-01-01 --to 2026-06-30 --csv > removals.csv
    """
    from archive import UsageError
    from ingest import moderation

    if end < start:
        raise UsageError("the period ends before it begins", hint="give the earlier day by --from")
    names = actor_names(session)
    first = start_of(session, start.date())
    behind = start_of(session, end.date() + timedelta(days=1))
    with session.archive().read() as reader:
        found = moderation.report(reader, first, behind)
        if as_csv:
            emit_csv(_appealed(reader, found, names), _APPEALED)
            return
    counts = _counts(found, names)
    period = {"from": start.date().isoformat(), "to": end.date().isoformat()}
    if as_json:
        emit_facts(period | _totals(found) | counts, as_json=True)
        return
    emit_facts(period | _totals(found))
    say()
    emit(_counted(counts), _COUNTED)


@moderate.command()
@click.argument("decision")
@click.option(
    "-o",
    "--output",
    type=click.Path(file_okay=False, path_type=Path),
    help="Write the files into this folder.",
)
@json_option
@pass_session
def evidence(session: Session, decision: str, output: Path | None, as_json: bool) -> None:
    """List the evidence of a removal, ban or appeal, by its id, or write it into a folder.

    \b
    Example:
      muniment moderate evidence 5d0c77f0a1b2 -o evidence
    """
    from ingest import moderation

    with session.archive().read() as reader:
        found = moderation.evidence_for(reader, decision)
        if output is not None:
            output.mkdir(parents=True, exist_ok=True)
            for number, one in enumerate(found, 1):
                target = output / f"{number}-{one.sha256[:12]}{Path(one.name).suffix}"
                if target.exists():
                    raise is_there(target, "folder")
                with target.open("xb") as file:
                    for piece in reader.open_blob(one.subject, one.blob):
                        file.write(piece)
                say(f"{target} is written")
            return
    rows = ({"name": one.name, "type": one.type, "sha256": one.sha256} for one in found)
    emit(rows, _EVIDENCE, as_json)


def _removal(reader: "Reader", one: "Removal", names: dict[str, str], zone: str) -> dict[str, Any]:
    from ingest import moderation

    reason = moderation.reason_of(reader, one.record, "record.removed", "removal", one.id)
    return {
        "removal": one.id,
        "record": one.record,
        "removed_at": local_time(one.removed_at, zone),
        "policy": one.policy,
        "policy_version": one.policy_version,
        "clause": one.clause,
        "action": one.action,
        "extent": one.extent,
        "by": one.by,
        "actor": names.get(one.actor, one.actor),
        "restored_at": local_time(one.restored_at, zone),
        "reason": reason or unsaid(reader, one.record),
    }


def _appealed(reader: "Reader", found: "Report", names: dict[str, str]) -> Iterator[dict[str, Any]]:
    from archive import records
    from ingest import moderation

    appeals = {one.removal: one for one in moderation.appeals(reader)}
    known = records.get_many(reader, [one.record for one in found.removals])
    for one in found.removals:
        row = _removal(reader, one, names, "") | {"platform": known[one.record].platform}
        if appeal := appeals.get(one.id):
            row |= {
                "appeal": appeal.id,
                "appeal_received": appeal.received,
                "appeal_outcome": appeal.outcome or "open",
                "appeal_decided_by": names.get(appeal.actor or "", appeal.actor),
            }
        yield row


def _totals(found: "Report") -> dict[str, int]:
    return {
        "removals": len(found.removals),
        "restored_since": found.restored,
        "vanished_and_explained": len(found.explanations),
        "bans": len(found.bans),
        "bans_by_exception": sum(one.exception == "yes" for one in found.bans),
        "appeals": len(found.appeals),
        "decided_by_who_had_removed_or_banned": found.own,
    }


def _counts(found: "Report", names: dict[str, str]) -> dict[str, dict[str, int]]:
    moderators = Counter(
        {names.get(actor, actor): count for actor, count in found.by_moderator.items()}
    )
    every = {
        "clause": found.by_clause,
        "platform": found.by_platform,
        "moderator": moderators,
        "action": found.by_action,
        "taken_down_by": found.by_remover,
        "appeal": found.outcomes,
    }
    return {name: dict(counter.most_common()) for name, counter in every.items()}


def _counted(counts: dict[str, dict[str, int]]) -> Iterator[dict[str, Any]]:
    for counted, rows in counts.items():
        for what, count in rows.items():
            yield {"counted": counted.replace("_", " "), "what": what, "count": count}
