"""What is due: `muniment request list`, `request calendar`, and the dates of one request."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click

from app.cli._attention import SOON, today
from app.cli._output import Row, emit, json_option, say
from app.cli._request_clock import checked
from app.cli._session import Session, pass_session

if TYPE_CHECKING:
    from archive import Reader
    from exports.requests import Agenda, Request, Tally

_COLUMNS = ["number", "due", "left", "next", "standing", "undetermined"]


@click.command("list")
@click.option("--open", "only_open", is_flag=True, help="Leave out those that wait for nothing.")
@json_option
@pass_session
def list_(session: Session, only_open: bool, as_json: bool) -> None:
    """List the requests: what is due first stands first.

    Next is what the body has to do next, left how many business days are left for it. On a
    terminal what is overdue is red, and what is due within two business days yellow.

    \b
    Example:
      muniment request list --open
    """
    from exports.requests import agenda, tally

    archive = session.archive()
    zone = ZoneInfo(archive.config.timezone)
    with archive.read() as reader:
        rows = [
            _row(one) | _counts(tally(reader, one.request))
            for one in agenda(reader, today(session), zone, closed=not only_open)
        ]
    more = ["received", "track", "purpose", "channel", "answer_due", "paused", "records", "id"]
    emit(rows, [*_COLUMNS, *more] if as_json else _COLUMNS, as_json, style=_colour)


@click.command()
@click.option(
    "--ics",
    "path",
    required=True,
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Where to write it.",
)
@pass_session
def calendar(session: Session, path: Path) -> None:
    """Write what is due as a calendar file (iCalendar, RFC 5545).

    For the calendar program that you look at every day: answers, extensions, when silence counts
    as a denial, and every other date that runs. Requests are named by their numbers alone. Written
    again it brings the same events up to date.

    \b
    Example:
      muniment request calendar --ics requests.ics
    """
    from archive import StorageError
    from exports.requests import agenda, icalendar_of

    archive = session.archive()
    zone = ZoneInfo(archive.config.timezone)
    with archive.read() as reader:
        content, count = icalendar_of(
            agenda(reader, today(session), zone),
            name=f"{archive.config.name}: requests",
            origin=archive.config.id,
            at=session.clock(),
            edition=reader.head.size,
        )
    try:
        path.write_bytes(content)
    except OSError as error:
        raise StorageError(f"{path} cannot be written ({error.strerror})") from error
    say(f"{count} dates are in {path}")


def agenda_for(session: Session, reader: "Reader", found: "Request") -> "Agenda":
    """The dates of one request, as of today."""
    from exports.requests import agenda_of, load_rules

    zone = ZoneInfo(session.archive().config.timezone)
    return agenda_of(reader, found, load_rules(found.jurisdiction, reader), today(session), zone)


def dates_of(item: "Agenda") -> list[dict[str, Any]]:
    """Every date of a request, for showing."""
    return [asdict(one) for one in item.dates]


def date_told(date: dict[str, Any]) -> str:
    """One of `dates_of`, as a line."""
    day = date["day"] or "no day set"
    done = f", done {date['done']}" if date["done"] else ""
    missed = f"; otherwise: {date['missed']}" if date["missed"] else ""
    return (
        f"{day}  {date['code']} ({date['by']}): {date['title']}{done}{missed} "
        f"[{checked(date['source'], date['verified'])}]"
    )


def _row(item: "Agenda") -> dict[str, Any]:
    found, following = item.request, item.next
    return {
        "number": found.number,
        "due": item.due,
        "left": item.left,
        "next": following.code if following else None,
        "standing": found.outcome if following is None else item.standing,
        "received": found.received,
        "track": found.track,
        "id": found.id,
        "purpose": found.purpose,
        "channel": found.channel or None,
        "answer_due": found.due,
        "paused": found.paused,
    }


def _counts(count: "Tally") -> dict[str, Any]:
    return {"records": count.records, "undetermined": count.undetermined}


def _colour(row: Row) -> str:
    if row["next"] is None:
        return "dim"
    left = row["left"]
    if left is None:
        return ""
    return "bold red" if left < 0 else "yellow" if left <= SOON else ""
