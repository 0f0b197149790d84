"""`muniment status`: what the archive holds, and what needs attention."""

from itertools import chain
from typing import TYPE_CHECKING, Any

import click
from sqlalchemy import func, select

from app.cli._attention import counts, due_soon_of, overdue_of, requests_due, standing
from app.cli._output import emit_facts, json_option, local_time
from app.cli._session import Session, pass_session

if TYPE_CHECKING:
    from archive import Archive, Reader

_UNFINISHED = (
    "the vault key is being replaced; if no command does that, run: muniment key rotate vault"
)
_SEE = {
    "holds_to_review": "hold list",
    "holds_unacknowledged": "hold list",
    "requests_overdue": "request list --open",
    "requests_due_soon": "request list --open",
    "overdue_appeals": "appeal list --open",
    "unanswered": "account unanswered",
    "restricted": "moderate restricted",
    "not_heard": "capture status",
}
"""What is only counted for people, and the command that lists it."""


@click.command()
@click.option("--quick", is_flag=True, help="Leave out what has to look at every record.")
@json_option
@pass_session
def status(session: Session, quick: bool, as_json: bool) -> None:
    """Say what the archive holds and what needs attention.

    That is: records by status, holds in force, those to be looked at again and those that a
    custodian has not acknowledged, what the retention schedule says is due, open requests with the
    next due date, those that are overdue or due within two business days, appeals that are
    overdue, comments and messages unanswered for longer than the policy allows, accounts whose
    profile lacks the notice of public disclosure, restricted records, accounts that are watched and
    were not heard for longer than promised, and how much of the log the search index covers.

    \b
    Example:
      muniment status
      muniment status --json --quick
    """
    archive = session.archive()
    with archive.read() as reader:
        facts = _log(archive, reader) | _records(reader) | _holds(archive, reader)
        facts |= _retention(archive, reader, quick) | _requests(session, reader)
        facts |= standing(session, reader) | _captured(archive, reader)
        if not quick:
            facts |= counts(session, reader)
    if not quick:
        facts |= _index(archive)
    emit_facts(facts if as_json else _for_people(facts, archive.config.timezone), as_json)


def _log(archive: "Archive", reader: "Reader") -> dict[str, Any]:
    from archive import accounts, actors, vault_rotation_under_way

    return {
        "name": archive.config.name,
        "folder": archive.folder.resolve(),
        "origin": archive.origin,
        "jurisdiction": archive.config.jurisdiction,
        "entries": reader.head.size,
        "newest": reader.head.at,
        "root": reader.head.root.hex(),
        "unfinished": _UNFINISHED if vault_rotation_under_way(archive) else None,
        "actors": [actor.name for actor in actors.every(reader) if not actor.revoked],
        "accounts": len(accounts.every(reader)),
    }


def _records(reader: "Reader") -> dict[str, Any]:
    from archive.records import record_table

    column = record_table.c.status
    counted = select(column, func.count().label("records")).group_by(column).order_by(column)
    return {"records": {row.status: row.records for row in reader.conn.execute(counted)}}


def _holds(archive: "Archive", reader: "Reader") -> dict[str, Any]:
    from schedules import holds, today

    day, found = today(archive), [hold for hold in holds(reader) if hold.active]
    return {
        "holds": [hold.name for hold in found],
        "holds_to_review": [hold.name for hold in found if hold.due(day)],
        "holds_unacknowledged": [hold.name for hold in found if hold.outstanding],
    }


def _retention(archive: "Archive", reader: "Reader", quick: bool) -> dict[str, Any]:
    from archive.errors import NotFound
    from schedules import in_force, load, survey_requests, tally, today, zone_of

    day, zone = today(archive), zone_of(archive)
    try:
        adopted = in_force(reader, day)
    except NotFound:
        return {"schedule": None, "due": None}
    if quick:
        return {"schedule": adopted.label, "due": None}
    schedule = load(reader, adopted)
    records = tally(reader, schedule, day, zone)
    files = ((decision, 1) for _, decision in survey_requests(reader, schedule, day, zone))
    due = sum(count for decision, count in chain(records, files) if decision.eligible)
    return {"schedule": adopted.label, "due": due}


def _requests(session: Session, reader: "Reader") -> dict[str, Any]:
    waiting = requests_due(session, reader)
    return {
        "open_requests": [one.request.number for one in waiting if not one.request.closed],
        "next_due": waiting[0].due if waiting else None,
        "requests_overdue": [one.request.number for one in overdue_of(waiting)],
        "requests_due_soon": [one.request.number for one in due_soon_of(waiting)],
    }


def _captured(archive: "Archive", reader: "Reader") -> dict[str, Any]:
    from ingest.live import standings

    found = standings(reader, archive.clock())
    return {
        "watched": len(found),
        "not_heard": [one.watch.account.handle for one in found if one.state == "late"],
    }


def _index(archive: "Archive") -> dict[str, Any]:
    from search import SearchIndex

    with SearchIndex.open(archive) as index:
        return {"index": {"engine": index.engine, "covers": index.catch_up()}}


def _for_people(facts: dict[str, Any], timezone: str) -> dict[str, Any]:
    shown = {name: value for name, value in facts.items() if value not in (None, [], "")}
    for name, command in _SEE.items():
        found = facts.get(name)
        number = len(found) if isinstance(found, list) else found
        shown.pop(name, None)
        if number:
            shown[name] = f"{number}; see: muniment {command}"
    if not facts["watched"]:
        del shown["watched"]
    records = facts["records"]
    shown |= {
        "newest": local_time(facts["newest"], timezone),
        "records": ", ".join(f"{count} {name}" for name, count in records.items()) or "none",
    }
    if "index" in facts:
        shown["index"] = f"{facts['index']['engine']}, covers {facts['index']['covers']} entries"
    return shown
