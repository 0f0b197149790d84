"""`muniment calendar`: the days on which the body is closed, by which due dates are counted."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from app.cli._attention import today
from app.cli._new_file import write_new
from app.cli._noun import Noun
from app.cli._output import emit, json_option, note, say
from app.cli._session import Session, pass_session

if TYPE_CHECKING:
    from exports.requests import BusinessCalendar, Moved

_MOVED = ["number", "due", "becomes"]


@click.group(cls=Noun)
def calendar() -> None:
    """The days on which the body is closed: no due date counts them.

    Until you adopt a list of your own, the calendar that comes with the act counts.

    \b
    Example:
      muniment calendar new --year 2027 -o closures-2027.toml
      muniment calendar adopt closures-2027.toml --dry-run
      muniment calendar adopt closures-2027.toml
    """


@calendar.command()
@click.option("--year", type=click.IntRange(1990, 2100), help="The year; else the next one.")
@click.option(
    "-o",
    "--output",
    "path",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Where to write it; else it is printed.",
)
@pass_session
def new(session: Session, year: int | None, path: Path | None) -> None:
    """Write a list of a year's closures to start from.

    It has the days that count as closed as things stand. Correct it, and adopt it.

    \b
    Example:
      muniment calendar new --year 2027 -o closures-2027.toml
    """
    from exports.requests import draft_calendar, load_rules

    archive = session.archive()
    wanted = year or today(session).year + 1
    with archive.read() as reader:
        closures = load_rules(archive.config.jurisdiction, reader).calendar
    text = draft_calendar(closures, wanted, archive.config.name)
    if path is None:
        say(text.rstrip("\n"))
        return
    write_new(path, [text.encode()])
    say(f"{path} lists the closures of {wanted}: correct it, then muniment calendar adopt {path}")


@calendar.command()
@click.argument(
    "path", metavar="FILE", type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@click.option("--dry-run", is_flag=True, help="Say what it would move; adopt nothing.")
@json_option
@pass_session
def adopt(session: Session, path: Path, dry_run: bool, as_json: bool) -> None:
    """Adopt a list of closures: from then on it decides about the days that it speaks of.

    Says which due dates of open requests move, and sets them anew. Dates that were named, or
    agreed on with a requester, stay. A changed list needs a higher version.

    \b
    Example:
      muniment calendar adopt closures-2027.toml --dry-run
      muniment calendar adopt closures-2027.toml
    """
    from exports.requests import (
        BusinessCalendar,
        adopt_calendar,
        load_rules,
        moved_by,
        refuse_calendar,
    )

    archive = session.archive()
    found = BusinessCalendar(_read(path), name=str(path))
    code = archive.config.jurisdiction
    if dry_run:
        with archive.read() as reader:
            refuse_calendar(reader, found)
            moved = moved_by(reader, load_rules(code, reader).calendar.with_(found))
    else:
        with archive.write(session.signer()) as writer:
            moved = adopt_calendar(writer, found, load_rules(code, writer).calendar)
    _emit_moved(moved, as_json)
    tell = note if as_json else say
    if dry_run:
        tell(f"{found.label} would be in force {_span(found)}; nothing was adopted")
    else:
        tell(f"{found.label} is adopted, in force {_span(found)}")
    if not found.verified:
        tell("it says verified = false: nobody has compared it with the body's decision")


@calendar.command("list")
@json_option
@pass_session
def list_(session: Session, as_json: bool) -> None:
    """List the calendars that were adopted, the newest last.

    \b
    Example:
      muniment calendar list
    """
    from exports.requests import adopted_calendars

    columns = ["code", "version", "effective_from", "effective_to", "digest"]
    with session.archive().read() as reader:
        rows = [{name: getattr(one, name) for name in columns} for one in adopted_calendars(reader)]
    emit(rows, columns, as_json)


@calendar.command()
@click.option("--year", type=click.IntRange(1990, 2100), help="The year; else this one.")
@json_option
@pass_session
def show(session: Session, year: int | None, as_json: bool) -> None:
    """Show the closures of a year, and which list says so.

    Saturdays and Sundays are closed beside them.

    \b
    Example:
      muniment calendar show --year 2027
    """
    from exports.requests import load_rules

    archive = session.archive()
    wanted = year or today(session).year
    with archive.read() as reader:
        closures = load_rules(archive.config.jurisdiction, reader).calendar
    rows = [
        {"day": day, "weekday": f"{day:%A}", "name": why, "calendar": one.label}
        | {"verified": one.verified}
        for day, why, one in closures.year(wanted)
    ]
    emit(rows, ["day", "weekday", "name", "calendar", "verified"], as_json)


def _read(path: Path) -> bytes:
    from archive import StorageError

    try:
        return path.read_bytes()
    except OSError as error:
        raise StorageError(f"{path} cannot be read ({error.strerror})") from error


def _emit_moved(moved: "list[Moved]", as_json: bool) -> None:
    rows = [
        {"number": one.request.number, "due": one.request.due, "becomes": one.counted.due}
        for one in moved
    ]
    if rows or as_json:
        emit(rows, _MOVED, as_json)
    else:
        say("no due date moves")


def _span(found: "BusinessCalendar") -> str:
    end = f" to {found.effective_to}" if found.effective_to else ""
    return f"from {found.effective_from}{end}"
