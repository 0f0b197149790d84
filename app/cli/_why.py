"""`muniment record why`: how long a record is kept, and everything that this follows from."""

from datetime import date, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click

from app.cli._decision import DAY
from app.cli._output import emit_facts, json_option
from app.cli._session import Session, pass_session

if TYPE_CHECKING:
    from archive import Reader
    from schedules import Decision, Schedule


@click.command()
@click.argument("record", metavar="ID")
@click.option("--as-of", type=DAY, metavar="DATE", help="On this day instead of today.")
@json_option
@pass_session
def why(session: Session, record: str, as_of: datetime | None, as_json: bool) -> None:
    """Say how long a record is kept, and why: the decision of the retention schedule.

    That is the series and the rule by which it falls under it, the trigger with its day, the day
    from which the period is counted, the period, the day on which it is due, and the holds, open
    requests and undecided appeals that keep it all the same. A request's own file is named by the
    request's number.

    \b
    Example:
      muniment record why 8a22fe3ae1b6
      muniment record why 2026-0001
    """
    from schedules import in_force, load, today, zone_of

    archive = session.archive()
    day = as_of.date() if as_of else today(archive)
    with archive.read() as reader:
        schedule = load(reader, in_force(reader, day))
        name, decision = _decided(reader, record, schedule, day, zone_of(archive))
    facts = {"record": name} | _facts(decision, schedule)
    emit_facts(
        facts if as_json else {k: v for k, v in facts.items() if v not in (None, [])}, as_json
    )


def _decided(
    reader: "Reader", wanted: str, schedule: "Schedule", day: date, zone: ZoneInfo
) -> "tuple[str, Decision]":
    from archive import records
    from schedules import decide, decide_request, find_request_file, frozen

    if file := find_request_file(reader, wanted, zone):
        held = frozen(reader, [file.id]).get(file.id, ())
        return f"request {file.number}", decide_request(file, schedule, day, held)
    found = records.get(reader, wanted)
    ((_, decision),) = decide(reader, [found], schedule, day, zone)
    return found.id, decision


def _facts(decision: "Decision", schedule: "Schedule") -> dict[str, Any]:
    from schedules import FreezeSource

    def held(source: FreezeSource) -> list[str]:
        return [freeze.label for freeze in decision.freezes if freeze.source is source]

    return {
        "outcome": decision.outcome,
        "reason": decision.reason,
        "schedule": schedule.label,
        "series": decision.series,
        "rule": decision.rule,
        "action": decision.action,
        "trigger": decision.trigger,
        "trigger_day": decision.trigger_date,
        "counts_from": decision.counted_from,
        "period": None if decision.period is None else str(decision.period),
        "due": decision.due,
        "holds": held(FreezeSource.HOLD),
        "requests": held(FreezeSource.REQUEST),
        "appeals": held(FreezeSource.APPEAL) + held(FreezeSource.BAN),
    }
