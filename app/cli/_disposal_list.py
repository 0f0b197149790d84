"""The lists of disposals: looking at them, taking them to a meeting, striking records off them."""

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from app.cli._decision import reason_given, reason_options
from app.cli._output import (
    csv_option,
    emit,
    emit_csv,
    emit_facts,
    json_option,
    local_time,
    note,
    say,
)
from app.cli._session import Session, pass_session

if TYPE_CHECKING:
    from archive import Archive, Reader
    from schedules import Disposal, Listing

_COLUMNS = [
    *("id", "state", "schedule", "as_of", "listed", "approvals", "proposed"),
    *("struck", "action", "number"),
]
_LISTED = ["record", "series", "due", "excluded", "reason", "struck"]
_TABLE = ["record", "series", "dated", "bytes", "due", "standing", "reason"]
_PAPER = click.option(
    "-o",
    "--output",
    required=True,
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="The PDF to write.",
)


@click.command("list")
@json_option
@pass_session
def list_(session: Session, as_json: bool) -> None:
    """List the disposals.

    \b
    Example:
      muniment disposal list --json
    """
    from schedules import disposals

    archive = session.archive()
    with archive.read() as reader:
        rows = [_row(archive, reader, one) for one in disposals(reader)]
    emit(rows, _COLUMNS, as_json)


@click.command()
@click.argument("disposal_id", metavar="ID")
@click.option("--list", "listed", is_flag=True, help="The list itself, with what is not on it.")
@click.option(
    "--file",
    "as_file",
    is_flag=True,
    help="The list's bytes, of which the digest is.",
)
@csv_option
@json_option
@pass_session
def show(
    session: Session,
    disposal_id: str,
    listed: bool,
    as_file: bool,
    as_csv: bool,
    as_json: bool,
) -> None:
    """Show a disposal, and what it still needs before it can run.

    --csv prints the list as a table for a spreadsheet: every record that is listed, struck off or
    excluded, with the reason.

    \b
    Example:
      muniment disposal show 5b1c07de9f20
      muniment disposal show 5b1c07de9f20 --list
      muniment disposal show 5b1c07de9f20 --csv > list.csv
      muniment disposal show 5b1c07de9f20 --file | sha256sum
    """
    from schedules import find_disposal, listing_of

    archive = session.archive()
    with archive.read() as reader:
        found = find_disposal(reader, disposal_id)
        listing = listing_of(reader, found)
        if as_file:
            click.echo(listing.encode(), nl=False)
        elif as_csv:
            emit_csv(_table(listing), _TABLE)
        elif listed:
            emit(_listed(listing), _LISTED, as_json)
        else:
            facts = _facts(archive, reader, found, listing)
            if not as_json:
                facts = {
                    name: value for name, value in facts.items() if value not in (None, "", [])
                }
            emit_facts(facts, as_json)


@click.command()
@click.argument("disposal_id", metavar="ID")
@_PAPER
@pass_session
def sheet(session: Session, disposal_id: str, output: Path) -> None:
    """Write a disposal's list as a paper for a meeting: PDF/A.

    Per series how many records of which days, what is struck off or excluded and why, who has
    approved, what is still needed, places for signatures, and the digest that the approvals sign.

    \b
    Example:
      muniment disposal sheet 5b1c07de9f20 -o list.pdf
    """
    from schedules import find_disposal, sheet_of, sheet_pdf

    archive = session.archive()
    with archive.read() as reader:
        made = sheet_of(archive, reader, find_disposal(reader, disposal_id))
    output.write_bytes(sheet_pdf(made))
    say(f"The list is {output}")


@click.command("strike")
@click.argument("disposal_id", metavar="ID")
@click.argument("records", nargs=-1, metavar="[RECORD]...")
@click.option("--series", default="", metavar="CODE", help="Everything of this series.")
@reason_options
@pass_session
def strike_(
    session: Session,
    disposal_id: str,
    records: tuple[str, ...],
    series: str,
    reason: str | None,
    reason_file: Any,
) -> None:
    """Strike records off a list, with the reason. Approvals given before count no longer.

    It is for this list alone: what is due is on the next list again. A hold keeps a record longer.

    \b
    Example:
      muniment disposal strike 5b1c07de9f20 24b22d7666de --reason "The board wants to see it first"
    """
    from schedules import find_disposal, strike, today

    why = reason_given(reason, reason_file)
    archive, signer = session.archive(), session.signer()
    with archive.write(signer) as writer:
        found = find_disposal(writer, disposal_id)
        had = len(found.counting(today(archive)))
        off = strike(writer, found, records, why, today(archive), series=series)
        left = find_disposal(writer, found.id)
    say(f"{len(off)} struck off, {left.remaining} remain on the list, {left.digest}")
    if had:
        note("The approvals given so far were of another list: two persons approve this one.")


@click.command("withdraw")
@click.argument("disposal_id", metavar="ID")
@reason_options
@pass_session
def withdraw_(session: Session, disposal_id: str, reason: str | None, reason_file: Any) -> None:
    """Withdraw a list that is not to run. What is due will be on the next list.

    \b
    Example:
      muniment disposal withdraw 5b1c07de9f20 --reason "The schedule is being revised"
    """
    from schedules import find_disposal, today, withdraw

    why = reason_given(reason, reason_file)
    archive, signer = session.archive(), session.signer()
    with archive.write(signer) as writer:
        found = find_disposal(writer, disposal_id)
        withdraw(writer, found, why, today(archive))
    say(f"Disposal {found.id} is withdrawn")


def _row(archive: "Archive", reader: "Reader", one: "Disposal") -> dict[str, Any]:
    from schedules import schedule_of, today

    day = today(archive)
    counting = one.approvals if one.finished_seq is not None else one.counting(day)
    return {
        "id": one.id,
        "state": one.state(day).value,
        "schedule": schedule_of(reader, one).label,
        "as_of": one.as_of,
        "listed": one.listed,
        "approvals": len(counting),
        "proposed": (local_time(one.proposed_at, archive.config.timezone) or "")[:10],
        "struck": one.struck,
        "action": one.action.value,
        "number": one.number or "",
    }


def _facts(
    archive: "Archive", reader: "Reader", found: "Disposal", listing: "Listing"
) -> dict[str, Any]:
    from archive import actors
    from schedules import obstacles, today

    facts = _row(archive, reader, found) | {
        "approvals": [one.name for one in found.approvals if not one.lapsed],
        "proposed_by": actors.get(reader, found.proposed_by).name,
        "series": list(listing.only),
        "excluded": listing.excluded_in_all,
        "digest": found.digest,
        "authorized": [asdict(one) for one in found.authorized.values()],
    }
    if found.finished_seq is None:
        return facts | {"needs": obstacles(reader, found, today(archive))}
    data = reader.entry(found.finished_seq).data
    return facts | {name: data[name] for name in ("disposed", "bytes", "kept")}


def _listed(listing: "Listing") -> Iterator[dict[str, Any]]:
    for item in listing.items:
        yield asdict(item) | {"excluded": False, "struck": False}
    for struck, rows in ((True, listing.struck), (False, listing.excluded)):
        for one in rows:
            yield asdict(one) | {"due": "", "excluded": not struck, "struck": struck}


def _table(listing: "Listing") -> Iterator[dict[str, Any]]:
    for item in listing.items:
        yield asdict(item) | {"bytes": item.size, "standing": "listed"}
    for standing, rows in (("struck off", listing.struck), ("excluded", listing.excluded)):
        for one in rows:
            yield asdict(one) | {"standing": standing}


COMMANDS = (list_, show, sheet, strike_, withdraw_)
