"""`muniment hold`: legal holds."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from app.cli._output import emit, emit_facts, json_option, local_time, say
from app.cli._session import Session, pass_session

if TYPE_CHECKING:
    from archive import Reader
    from schedules import Criteria, Hold

DAY = click.DateTime(["%Y-%m-%d"])
_COLUMNS = ["name", "kind", "state", "records", "placed", "released", "id"]


@click.group()
def hold() -> None:
    """Legal holds: what they catch is not disposed of, whatever the schedule says.

    A hold by query, account, author or period also catches what is captured later.

    \b
    Example:
      muniment hold place doe --query 'flood AND pump' --matter "Doe v. Town" --custodian "Clerk"
      muniment hold release doe --reason "settled on 1 May"
    """


@hold.command("place")
@click.argument("name")
@click.option("--query", default="", help="Hold what matches this query, now and later.")
@click.option("--record", "records", multiple=True, metavar="ID", help="Hold this record.")
@click.option("--account", metavar="[PLATFORM:]HANDLE", help="Of this account of the body.")
@click.option("--author", metavar="[PLATFORM:]HANDLE", help="By this author.")
@click.option("--from", "since", type=DAY, metavar="DATE", help="Published on this day or later.")
@click.option("--to", "until", type=DAY, metavar="DATE", help="Published on this day or earlier.")
@click.option(
    "--kind",
    type=click.Choice(["litigation", "request", "audit"]),
    default="litigation",
    show_default=True,
    help="What the hold is for.",
)
@click.option("--matter", default="", help="The case, request or audit.")
@click.option("--custodian", default="", help="Who answers for the hold.")
@pass_session
def place_(
    session: Session,
    name: str,
    query: str,
    records: tuple[str, ...],
    account: str | None,
    author: str | None,
    since: datetime | None,
    until: datetime | None,
    kind: str,
    matter: str,
    custodian: str,
) -> None:
    """Place a hold on records, and on what fits all the criteria given.

    A record whose publication is not dated fits any period.

    \b
    Example:
      muniment hold place doe --query flood --from 2026-01-01 --matter "Doe v. Town"
      muniment hold place audit --account mastodon:@library --kind audit --custodian "Clerk"
      muniment hold place roe --record 8a22fe3ae1b6 --record 5b1c07de9f20 --matter "Roe v. Town"
    """
    from schedules import Criteria, HoldKind, find_author, place

    archive, signer = session.archive(), session.signer()
    with archive.write(signer) as writer:
        found = _account(writer, account) if account else None
        criteria = Criteria(
            query=query,
            account=found.id if found else None,
            author_key=find_author(writer, author, found.platform if found else "")
            if author
            else None,
            since=since.date() if since else None,
            until=until.date() if until else None,
        )
        placed = place(
            archive,
            writer,
            name,
            HoldKind(kind),
            matter=matter,
            custodian=custodian,
            record_ids=records,
            criteria=criteria,
        )
    later = ", and what fits later" if criteria else ""
    say(f"{placed.name} holds {placed.records} record{_s(placed.records)}{later}")


@hold.command("release")
@click.argument("name", metavar="HOLD")
@click.option("--reason", required=True, help="Why the hold ends.")
@pass_session
def release_(session: Session, name: str, reason: str) -> None:
    """End a hold.

    \b
    Example:
      muniment hold release doe --reason "settled on 1 May"
    """
    from schedules import find_hold, release

    archive, signer = session.archive(), session.signer()
    with archive.write(signer) as writer:
        found = find_hold(writer, name)
        release(writer, found, reason)
    say(f"{found.name} is released; it held {found.records} record{_s(found.records)}")


@hold.command("refresh")
@pass_session
def refresh(session: Session) -> None:
    """Apply every hold to what was captured since. A disposal does this by itself.

    \b
    Example:
      muniment hold refresh
    """
    from schedules import cover

    archive, signer = session.archive(), session.signer()
    with archive.write(signer) as writer:
        _, caught = cover(archive, writer)
    for name, count in caught.items():
        say(f"{name} holds {count} more record{_s(count)}")
    if not caught:
        say("no hold caught anything new")


@hold.command("list")
@click.option("--all", "every", is_flag=True, help="The released ones too.")
@json_option
@pass_session
def list_(session: Session, every: bool, as_json: bool) -> None:
    """List the holds in place.

    \b
    Example:
      muniment hold list --all
    """
    from schedules import holds

    archive = session.archive()
    with archive.read() as reader:
        rows = [_row(one, archive.config.timezone) for one in holds(reader) if every or one.active]
    emit(rows, _COLUMNS, as_json)


@hold.command()
@click.argument("name", metavar="HOLD")
@click.option("--records", "listed", is_flag=True, help="Print the ids of the records only.")
@json_option
@pass_session
def show(session: Session, name: str, listed: bool, as_json: bool) -> None:
    """Show a hold: what it is for and what it catches.

    \b
    Example:
      muniment hold show doe
      muniment hold show doe --records
    """
    from schedules import find_hold, held_records, sheet

    archive = session.archive()
    with archive.read() as reader:
        found = find_hold(reader, name)
        if listed:
            emit(
                ({"record": record} for record in held_records(reader, found)), ["record"], as_json
            )
            return
        said = sheet(reader, found)
        facts = _row(found, archive.config.timezone) | {
            "matter": said.matter,
            "custodian": said.custodian,
            **_criteria(reader, found.criteria),
            "release_reason": said.release_reason,
        }
    emit_facts(
        facts if as_json else {k: v for k, v in facts.items() if v not in (None, "")}, as_json
    )


def _row(one: "Hold", zone: str) -> dict[str, Any]:
    return {
        "name": one.name,
        "kind": one.kind.value,
        "state": "in place" if one.active else "released",
        "records": one.records,
        "placed": (local_time(one.placed_at, zone) or "")[:10],
        "released": (local_time(one.released_at, zone) or "")[:10],
        "id": one.id,
    }


def _criteria(reader: "Reader", criteria: "Criteria") -> dict[str, Any]:
    from archive import accounts

    named = {one.id: f"{one.platform}:{one.handle}" for one in accounts.every(reader)}
    return {
        "query": criteria.query,
        "account": named.get(criteria.account or "", criteria.account),
        "author": "one, by keyed hash" if criteria.author_key else "",
        "from": criteria.since,
        "to": criteria.until,
    }


def _account(reader: "Reader", wanted: str) -> Any:
    from archive import accounts
    from archive.errors import NotFound, UsageError

    bare = wanted.lower().lstrip("@")
    found = [
        one
        for one in accounts.every(reader)
        if bare in {one.id, one.handle.lower().lstrip("@")}
        or wanted.lower().replace(":@", ":") == f"{one.platform}:{one.handle.lstrip('@')}".lower()
    ]
    if not found:
        raise NotFound(f"there is no account {wanted}", hint="see: muniment account list")
    if len(found) > 1:
        raise UsageError(f"several accounts are called {wanted}", hint="say PLATFORM:HANDLE")
    return found[0]


def _s(count: int) -> str:
    return "" if count == 1 else "s"
