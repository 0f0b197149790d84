"""`muniment schedule`: retention schedules, and what they say about records."""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from app.cli._output import emit, emit_facts, json_option, note, progress, say
from app.cli._session import Session, pass_session

if TYPE_CHECKING:
    from archive import Record
    from schedules import Adopted, Decision, Schedule, Series

DAY = click.DateTime(["%Y-%m-%d"])
_DUE = ["series", "title", "action", "due", "held", "later", "undetermined"]
_LISTED = ["record", "series", "action", "due", "held", "reason"]
_SERIES = ["code", "title", "action", "trigger", "period", "application", "item", "rule", "missing"]


@click.group()
def schedule() -> None:
    """Retention schedules: which records are kept how long, and what is due.

    \b
    Example:
      muniment schedule presets us-il-local-library > library.toml
      muniment schedule adopt library.toml
      muniment schedule due
    """


@schedule.command("adopt")
@click.argument("name", metavar="FILE|PRESET")
@pass_session
def adopt_(session: Session, name: str) -> None:
    """Adopt a schedule from a TOML file, or a preset as it stands.

    It supersedes the one in force from its effective day on; what was disposed of before stays
    disposed of under the earlier one. A changed schedule needs a higher version.

    \b
    Example:
      muniment schedule adopt library.toml
      muniment schedule adopt us-grs-6.4
    """
    from schedules import adopt, read_schedule

    text, called = _text(name)
    new = read_schedule(text, called)
    archive, signer = session.archive(), session.signer()
    with archive.write(signer) as writer:
        adopt(writer, text, called)
    say(f"{new.label} is adopted, in force from {new.effective}")
    if new.jurisdiction != archive.config.jurisdiction:
        note(
            f"This archive answers to the law of {archive.config.jurisdiction}, "
            f"the schedule to that of {new.jurisdiction}."
        )
    for series in new.series:
        if missing := series.obstacle(new.jurisdiction):
            say(f"  nothing of series {series.code} is disposed of: {missing}")


@schedule.command("presets")
@click.argument("name", required=False)
@json_option
def presets_(name: str | None, as_json: bool) -> None:
    """List the schedules that come with the program, or print one to start from.

    \b
    Example:
      muniment schedule presets
      muniment schedule presets us-il-local-library > library.toml
    """
    from schedules import preset, presets

    if name is not None:
        click.echo(preset(name).text, nl=False)
        return
    rows = (
        {
            "name": found.name,
            "title": found.schedule.title,
            "series": len(found.schedule.series),
            "effective": found.schedule.effective,
            "verified": all(series.authority.verified for series in found.schedule.series),
            "source": found.schedule.source,
        }
        for found in presets()
    )
    emit(rows, ["name", "title", "series", "effective", "verified", "source"], as_json)


@schedule.command("list")
@json_option
@pass_session
def list_(session: Session, as_json: bool) -> None:
    """List the schedules that were adopted, and which one is in force.

    \b
    Example:
      muniment schedule list
    """
    from schedules import adopted, today

    archive = session.archive()
    day = today(archive)
    with archive.read() as reader:
        every = list(adopted(reader))
    current = [one for one in every if one.effective <= day][-1:]
    rows = [
        {
            "code": one.code,
            "version": one.version,
            "effective": one.effective,
            "state": _state(one, current, day),
            "digest": one.digest,
        }
        for one in every
    ]
    emit(rows, ["code", "version", "effective", "state", "digest"], as_json)


@schedule.command()
@click.argument("code", required=False)
@click.option("--version", type=click.IntRange(min=1), help="This version instead of the newest.")
@click.option("--file", "as_file", is_flag=True, help="Print the file exactly as it was adopted.")
@json_option
@pass_session
def show(
    session: Session, code: str | None, version: int | None, as_file: bool, as_json: bool
) -> None:
    """Show the series of the schedule in force, or of CODE.

    \b
    Example:
      muniment schedule show
      muniment schedule show town --version 1 --file
    """
    from schedules import file_of, find_adopted, in_force, load, today

    archive = session.archive()
    with archive.read() as reader:
        one = (
            in_force(reader, today(archive))
            if code is None
            else find_adopted(reader, code, version)
        )
        if as_file:
            click.echo(file_of(reader, one), nl=False)
            return
        found = load(reader, one)
    if not as_json:
        emit_facts(
            {
                "schedule": found.label,
                "title": found.title,
                "jurisdiction": found.jurisdiction,
                "effective": found.effective,
                "certificate_required": found.commission_certificate_required,
                "source": found.source,
            }
        )
        say()
    emit((_series_row(series, found) for series in found.series), _SERIES, as_json)


@schedule.command()
@click.option("--as-of", type=DAY, metavar="DATE", help="On this day instead of today.")
@click.option("--list", "listed", is_flag=True, help="Every record that is due, with the reason.")
@json_option
@pass_session
def due(session: Session, as_of: datetime | None, listed: bool, as_json: bool) -> None:
    """Say what is due: per series, or with --list record by record.

    "later" are records whose period still runs, "undetermined" those that are kept because
    something is not known or not entered: a rule, a trigger's day, a number, a period.

    \b
    Example:
      muniment schedule due
      muniment schedule due --as-of 2027-01-01 --list --json
    """
    from schedules import in_force, load, survey, today, zone_of

    archive = session.archive()
    day = as_of.date() if as_of else today(archive)
    with archive.read() as reader, progress("Records") as advance:
        found = load(reader, in_force(reader, day))
        decisions = _counted(survey(reader, found, day, zone_of(archive)), advance)
        if listed:
            emit(_due_rows(decisions, day), _LISTED, as_json)
            return
        groups = Counter((decision.series, _group(decision, day)) for _, decision in decisions)
    codes: list[tuple[str | None, str, str]] = [
        (series.code, series.title, series.action.value) for series in found.series
    ]
    rows = [
        {"series": code or "-", "title": title, "action": action}
        | {group: groups[code, group] for group in _DUE[3:]}
        for code, title, action in [*codes, (None, "covered by no series", "")]
    ]
    emit(rows, _DUE, as_json)


@schedule.command()
@click.argument("record", metavar="RECORD")
@click.option("--as-of", type=DAY, metavar="DATE", help="On this day instead of today.")
@json_option
@pass_session
def why(session: Session, record: str, as_of: datetime | None, as_json: bool) -> None:
    """Say what the schedule says about one record, and why.

    \b
    Example:
      muniment schedule why 8a22fe3ae1b6
    """
    from archive import records
    from schedules import decide, in_force, load, today, zone_of

    archive = session.archive()
    day = as_of.date() if as_of else today(archive)
    with archive.read() as reader:
        wanted = records.get(reader, record)
        found = load(reader, in_force(reader, day))
        ((_, decision),) = decide(reader, [wanted], found, day, zone_of(archive))
    facts = {
        "record": wanted.id,
        "outcome": decision.outcome,
        "reason": decision.reason,
        "schedule": found.label,
        "series": decision.series,
        "rule": decision.rule,
        "action": decision.action,
        "counts_from": decision.trigger_date,
        "due": decision.due,
    }
    emit_facts(facts if as_json else {k: v for k, v in facts.items() if v is not None}, as_json)


def _text(name: str) -> tuple[str, str]:
    """A schedule's text and what to call it: a file's, else a preset's."""
    from archive.errors import UsageError
    from schedules import preset

    path = Path(name)
    if not path.exists() and "/" not in name and path.suffix != ".toml":
        return preset(name).text, name
    try:
        return path.read_text(encoding="utf-8"), path.name
    except UnicodeDecodeError as error:
        raise UsageError(f"{name} is not UTF-8 text", hint="name a TOML file") from error


def _state(one: "Adopted", current: "list[Adopted]", day: date) -> str:
    if one in current:
        return "in force"
    return f"from {one.effective}" if one.effective > day else "superseded"


def _series_row(series: "Series", found: "Schedule") -> dict[str, Any]:
    return {
        "code": series.code,
        "title": series.title,
        "action": series.action.value,
        "trigger": series.trigger.value,
        "period": str(series.period or ""),
        "application": series.authority.application,
        "item": series.authority.item,
        "rule": str(series.rule),
        "missing": series.obstacle(found.jurisdiction),
    }


def _group(decision: "Decision", day: date) -> str:
    if decision.eligible:
        return "due"
    if decision.due is None:
        return "undetermined"
    return "held" if decision.frozen and decision.due <= day else "later"


def _due_rows(
    decisions: "Iterator[tuple[Record, Decision]]", day: date
) -> Iterator[dict[str, Any]]:
    for record, decision in decisions:
        if _group(decision, day) in {"due", "held"}:
            yield {
                "record": record.id,
                "series": decision.series,
                "action": decision.action.value if decision.action else "",
                "due": decision.due,
                "held": decision.frozen,
                "reason": decision.reason,
            }


def _counted(
    decisions: "Iterator[tuple[Record, Decision]]", advance: Callable[[int], None]
) -> "Iterator[tuple[Record, Decision]]":
    for decision in decisions:
        advance(1)
        yield decision
