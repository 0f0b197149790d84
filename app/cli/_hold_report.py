"""The commands of `muniment hold` that show holds: list, show, report."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from app.cli._output import csv_option, emit, emit_csv, emit_facts, json_option, local_time, say
from app.cli._session import Session, pass_session

if TYPE_CHECKING:
    from datetime import date

    from archive import Archive, Reader
    from schedules import Hold, HoldReport

_COLUMNS = [
    *("name", "kind", "state", "records", "placed", "released", "id"),
    *("unacknowledged", "remind", "due"),
]
_CHANGES = ["at", "change", "records", "by", "words"]
_HELD = ["record", "kind", "platform", "account", "status", "published", "captured", "held_since"]


@click.command("list")
@click.option("--all", "every", is_flag=True, help="The released ones too.")
@json_option
@pass_session
def list_(session: Session, every: bool, as_json: bool) -> None:
    """List the holds in place, who has not acknowledged them, and when to look at them again.

    \b
    Example:
      muniment hold list --all
    """
    from schedules import holds, today

    archive = session.archive()
    with archive.read() as reader:
        day = today(archive)
        found = [one for one in holds(reader) if every or one.active]
    rows = (_row(one, archive, day) for one in found)
    emit(rows if as_json else map(_listed, rows), _COLUMNS, as_json)


@click.command()
@click.argument("name", metavar="HOLD")
@click.option("--records", "listed", is_flag=True, help="Print the ids of the records only.")
@json_option
@pass_session
def show(session: Session, name: str, listed: bool, as_json: bool) -> None:
    """Show a hold: what it is for, what it catches, and who answers for it.

    \b
    Example:
      muniment hold show doe
      muniment hold show doe --records
    """
    from schedules import find_hold, held_records
    from schedules import report as full

    archive = session.archive()
    with archive.read() as reader:
        found = find_hold(reader, name)
        if listed:
            ids = ({"record": one.record} for one in held_records(reader, found))
            emit(ids, ["record"], as_json)
            return
        facts = _facts(full(reader, found), archive)
    emit_facts(facts if as_json else _filled(facts), as_json)


@click.command()
@click.argument("name", metavar="HOLD")
@json_option
@csv_option
@pass_session
def report(session: Session, name: str, as_json: bool, as_csv: bool) -> None:
    """Report on a hold: who placed it and when, its scope, and every change since.

    With --csv the records that it holds, or held until it was released, as a table.

    \b
    Example:
      muniment hold report doe
      muniment hold report doe --csv > held.csv
    """
    from schedules import find_hold
    from schedules import report as full

    archive = session.archive()
    with archive.read() as reader:
        found = find_hold(reader, name)
        if as_csv:
            emit_csv(_held(reader, found, archive.config.timezone), _HELD)
            return
        told = full(reader, found)
    changes = list(_changes(told, archive.config.timezone))
    facts = _facts(told, archive)
    if as_json:
        emit_facts(facts | {"changes": changes}, as_json)
        return
    emit_facts(_filled(facts))
    say()
    emit(changes, _CHANGES)


def _row(one: "Hold", archive: "Archive", day: "date") -> dict[str, Any]:
    zone = archive.config.timezone
    return {
        "name": one.name,
        "kind": one.kind.value,
        "state": "in place" if one.active else "released",
        "records": one.records,
        "placed": (local_time(one.placed_at, zone) or "")[:10],
        "released": (local_time(one.released_at, zone) or "")[:10],
        "id": one.id,
        "unacknowledged": list(one.outstanding),
        "remind": one.remind if one.active else None,
        "due": one.due(day),
    }


def _facts(told: "HoldReport", archive: "Archive") -> dict[str, Any]:
    from schedules import today

    one, zone = told.hold, archive.config.timezone
    return _row(one, archive, today(archive)) | {
        "placed_by": told.placed_by,
        "placed_with": told.placed_with,
        "matter": one.matter,
        "scope": list(told.scope),
        "acknowledged": [
            f"{custodian.name} ({(local_time(custodian.acknowledged_at, zone) or '')[:10]})"
            for custodian in one.custodians
            if custodian.acknowledged_at
        ],
        "custodians": [custodian.name for custodian in one.custodians],
        "every": one.every,
        "release_reason": told.release_reason,
    }


def _listed(facts: dict[str, Any]) -> dict[str, Any]:
    """With names that may have commas in them told apart."""
    return {k: "; ".join(v) if isinstance(v, list) else v for k, v in facts.items()}


def _filled(facts: dict[str, Any]) -> dict[str, Any]:
    """What there is to say, for people."""
    said = _listed(facts) | {"scope": "; or ".join(facts["scope"])}
    return {k: v for k, v in said.items() if v not in (None, "", []) and v is not False}


def _changes(told: "HoldReport", zone: str) -> Iterator[dict[str, Any]]:
    for change in told.changes:
        yield {
            "at": local_time(change.at, zone),
            "change": change.change,
            "records": change.records or None,
            "by": change.actor,
            "words": change.words,
        }


def _held(reader: "Reader", found: "Hold", zone: str) -> Iterator[dict[str, Any]]:
    from archive import accounts, chunked, records
    from schedules import held_records, request_numbers

    named = {one.id: one.handle for one in accounts.every(reader)}
    for page in chunked(list(held_records(reader, found))):
        ids = [caught.record for caught in page]
        known, numbers = records.get_many(reader, ids), request_numbers(reader, ids)
        for caught in page:
            since = local_time(caught.at, zone)
            if number := numbers.get(caught.record):
                yield {"record": number, "kind": "request", "held_since": since}
                continue
            record = known[caught.record]
            yield {
                "record": record.id,
                "kind": record.kind,
                "platform": record.platform,
                "account": named.get(record.account, record.account),
                "status": record.status,
                "published": local_time(record.occurred_at, zone),
                "captured": local_time(record.captured_at, zone),
                "held_since": since,
            }
