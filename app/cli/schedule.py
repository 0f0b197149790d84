"""`muniment schedule`: retention schedules, and what they say about records."""

from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import click

from app.cli._noun import Noun
from app.cli._output import emit, emit_facts, json_option, note, progress, say
from app.cli._schedule_daily import run
from app.cli._schedule_file import COMMANDS, findings, text_of
from app.cli._schedule_moves import show_moves
from app.cli._session import Session, pass_session

if TYPE_CHECKING:
    from archive import Reader
    from schedules import Adopted, Decision, Schedule, Series

DAY = click.DateTime(["%Y-%m-%d"])
_DUE = ["series", "title", "action", "due", "held", "later", "undetermined"]
_LISTED = ["record", "series", "action", "due", "held", "reason"]
_SERIES = [
    *("code", "title", "action", "trigger", "period", "application", "item", "rule", "missing"),
    *("counts_from", "citation"),
]
_YEARS = ["series", "year", "action", "records", "held"]


@click.group(cls=Noun)
def schedule() -> None:
    """Retention schedules: which records are kept how long, and what is due.

    \b
    Example:
      muniment schedule new --from us-il-local-library -o library.toml
      muniment schedule check library.toml
      muniment schedule adopt library.toml
      muniment schedule due
    """


for _command in (*COMMANDS, run):
    schedule.add_command(_command)


@schedule.command("adopt")
@click.argument("name", metavar="FILE|PRESET")
@click.option("--dry-run", is_flag=True, help="Say what it would move; adopt nothing.")
@click.option("--list", "listed", is_flag=True, help="Every record that moves, with both due days.")
@json_option
@pass_session
def adopt_(session: Session, name: str, dry_run: bool, listed: bool, as_json: bool) -> None:
    """Adopt a schedule from a TOML file, or a preset as it stands.

    First it says which records move: from which series to which, how many become due earlier or
    later than under the schedule in force, and how many are due that were kept, on the day from
    which it is in force. Look at that with --dry-run before you adopt.

    It supersedes the one in force from its effective day on; what was disposed of before stays
    disposed of under the earlier one. A changed schedule needs a higher version.

    \b
    Example:
      muniment schedule adopt library.toml --dry-run
      muniment schedule adopt library.toml
      muniment schedule adopt us-grs-6.4
    """
    from schedules import adopt, adopted, read_schedule, refuse_old_version, today

    text, called = text_of(name)
    new = read_schedule(text, called)
    archive = session.archive()
    signer = None if dry_run else session.signer()
    with archive.read() as reader:
        refuse_old_version(reader, new)
        ahead = [one for one in adopted(reader) if one.effective > today(archive)]
        show_moves(session, reader, new, listed=listed, as_json=as_json)
    tell = note if as_json else say
    if new.jurisdiction != archive.config.jurisdiction:
        note(
            f"This archive answers to the law of {archive.config.jurisdiction}, "
            f"the schedule to that of {new.jurisdiction}."
        )
    if signer is None:
        tell(f"{new.label} would be in force from {new.effective}; nothing was adopted")
    else:
        with archive.write(signer) as writer:
            adopt(writer, text, called)
        until = "; until then nothing changes" if new.effective > today(archive) else ""
        tell(f"{new.label} is adopted, in force from {new.effective}{until}")
    for one in ahead:
        if one.effective >= new.effective:
            tell(f"  {one.label}, to be in force from {one.effective}, is superseded by it")
    for finding in findings(text, new):
        tell(f"  {finding['said']}")


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
    rows = [
        {
            "code": one.code,
            "version": one.version,
            "effective": one.effective,
            "state": _state(one, every, day),
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
                "outside_approvals": ", ".join(str(form) for form in found.authorizations),
                "source": found.source,
            }
        )
        say()
    emit((_series_row(series, found) for series in found.series), _SERIES, as_json)


@schedule.command()
@click.option("--as-of", type=DAY, metavar="DATE", help="On this day instead of today.")
@click.option("--by-year", is_flag=True, help="By series and the year in which they fall due.")
@click.option("--list", "listed", is_flag=True, help="Every record that is due, with the reason.")
@click.option("--undetermined", is_flag=True, help="Every record that is, with the reason.")
@json_option
@pass_session
def due(
    session: Session,
    as_of: datetime | None,
    by_year: bool,
    listed: bool,
    undetermined: bool,
    as_json: bool,
) -> None:
    """Say what is due: per series, per series and year, or with --list record by record.

    "later" are records whose period still runs, or that are kept permanently, "undetermined" those
    that are kept because something is not known or not entered: a rule, a trigger's day, a number,
    a period. The files of requests are counted as records; in the lists they stand by their
    numbers.

    \b
    Example:
      muniment schedule due
      muniment schedule due --by-year
      muniment schedule due --undetermined
      muniment schedule due --as-of 2027-01-01 --list --json
    """
    from archive.errors import UsageError
    from schedules import in_force, load, today

    if by_year + listed + undetermined > 1:
        raise UsageError("--by-year, --list and --undetermined: choose one of them")
    archive = session.archive()
    day = as_of.date() if as_of else today(archive)
    with archive.read() as reader:
        found = load(reader, in_force(reader, day))
        if listed or undetermined:
            groups = {"undetermined"} if undetermined else {"due", "held"}
            decisions = _decided(session, reader, found, day, undated=undetermined)
            emit(_rows_of(groups, decisions, day), _LISTED, as_json)
        elif by_year:
            emit(_year_rows(_counted(session, reader, found, day)), _YEARS, as_json)
        else:
            counts = _counted(session, reader, found, day)
            emit(_series_counts(found, counts, day), _DUE, as_json)


def _state(one: "Adopted", every: "list[Adopted]", day: date) -> str:
    """What was adopted later and is in force by the same day supersedes it, even before then."""
    by = max(one.effective, day)
    if any(later.seq > one.seq and later.effective <= by for later in every):
        return "superseded"
    return "in force" if one.effective <= day else f"from {one.effective}"


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
        "missing": found.obstacle(series),
        "counts_from": series.counts_from.value,
        "citation": series.authority.citation,
    }


def _group(decision: "Decision", day: date) -> str:
    if decision.eligible:
        return "due"
    if decision.action == "permanent":
        return "later"
    if decision.due is None:
        return "undetermined"
    return "held" if decision.frozen and decision.due <= day else "later"


def _decided(
    session: Session,
    reader: "Reader",
    found: "Schedule",
    day: date,
    *,
    undated: bool,
) -> "Iterator[tuple[str, Decision]]":
    """The decisions about records by their ids, and about requests' files by their numbers.

    About records that are due, held or not; or about those that nothing dates.
    """
    from schedules import past_due, survey_requests, undetermined, zone_of

    zone = zone_of(session.archive())
    codes = {series.code for series in found.series}
    due = past_due(reader, found, day, zone, codes)
    by_id = ((record.id, decision) for record, decision in due)
    with progress("Records") as advance:
        for record, decision in undetermined(reader, found, day, zone) if undated else by_id:
            advance(1)
            yield record, decision
    for file, decision in survey_requests(reader, found, day, zone):
        yield file.number, decision


def _counted(
    session: Session,
    reader: "Reader",
    found: "Schedule",
    day: date,
) -> "Iterator[tuple[Decision, int]]":
    """The decisions about all records and requests' files, and how many have each."""
    from schedules import survey_requests, tally, zone_of

    zone = zone_of(session.archive())
    with progress("Records") as advance:
        for decision, count in tally(reader, found, day, zone):
            advance(count)
            yield decision, count
    for _, decision in survey_requests(reader, found, day, zone):
        yield decision, 1


def _series_counts(
    found: "Schedule", decisions: "Iterator[tuple[Decision, int]]", day: date
) -> list[dict[str, Any]]:
    groups = Counter[tuple[str | None, str]]()
    for decision, count in decisions:
        groups[decision.series, _group(decision, day)] += count
    codes: list[tuple[str | None, str, str]] = [
        (series.code, series.title, series.action.value) for series in found.series
    ]
    return [
        {"series": code or "-", "title": title, "action": action}
        | {group: groups[code, group] for group in _DUE[3:]}
        for code, title, action in [*codes, (None, "covered by no series", "")]
    ]


def _year_rows(decisions: "Iterator[tuple[Decision, int]]") -> list[dict[str, Any]]:
    """How many fall due in which year, and how many of them are held; what is due at all."""
    counts, held = Counter[tuple[str, int, str]](), Counter[tuple[str, int, str]]()
    for decision, count in decisions:
        if decision.due is not None and decision.series and decision.action:
            group = decision.series, decision.due.year, decision.action.value
            counts[group] += count
            held[group] += count if decision.frozen else 0
    return [
        {"series": code, "year": year, "action": action, "records": count,
         "held": held[code, year, action]}
        for (code, year, action), count in sorted(counts.items())
    ]  # fmt: skip


def _rows_of(
    groups: set[str], decisions: "Iterator[tuple[str, Decision]]", day: date
) -> Iterator[dict[str, Any]]:
    for name, decision in decisions:
        if _group(decision, day) in groups:
            yield {
                "record": name,
                "series": decision.series,
                "action": decision.action.value if decision.action else "",
                "due": decision.due,
                "held": decision.frozen,
                "reason": decision.reason,
            }
