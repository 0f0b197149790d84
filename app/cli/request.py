"""`muniment request`: public-records requests, from receipt to answer."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click

from app.cli._output import emit, emit_facts, json_option, note, say
from app.cli._request_decide import determine, redact, rules_of
from app.cli._request_search import search, searches_of, told
from app.cli._request_suggest import suggest
from app.cli._session import Session, pass_session

if TYPE_CHECKING:
    from archive import Archive, Reader
    from exports.requests import Request, Review, Rules

_EXCERPT = 60
_DAY = click.DateTime(["%Y-%m-%d"])


@click.group()
def request() -> None:
    """Public-records requests, from receipt to answer.

    A request is named by its number (2026-0001), or by its id.

    \b
    Example:
      muniment request open --requester "Pat Public" --subject "Comments about parking"
      muniment request search 2026-0001 "parking"
      muniment request determine 2026-0001 undetermined release
      muniment export 2026-0001 -o answer.zip
    """


for _command in (search, determine, redact, suggest):
    request.add_command(_command)


@request.command("open")
@click.option("--requester", required=True, metavar="NAME", help="Who asks.")
@click.option("--contact", default="", metavar="TEXT", help="How to reach them.")
@click.option("--subject", default="", metavar="TEXT", help="What it is about, in a few words.")
@click.option("--text", default="", metavar="TEXT", help="The request in the requester's words.")
@click.option("--received", type=_DAY, help="The day the body received it; else today.")
@click.option(
    "--commercial",
    "purpose",
    flag_value="commercial",
    help="It serves a commercial purpose.",
)
@click.option(
    "--recurrent", "purpose", flag_value="recurrent", help="The requester is a recurrent one."
)
@json_option
@pass_session
def open_(
    session: Session,
    requester: str,
    contact: str,
    subject: str,
    text: str,
    received: datetime | None,
    purpose: str | None,
    as_json: bool,
) -> None:
    """Open a request: give it a number and count its due date.

    A body with closures of its own keeps them in calendar.toml, in the folder of its archive.

    \b
    Example:
      muniment request open --requester "Pat Public" --contact pat@example.org \\
          --subject "Comments about parking" --received 2026-11-02
    """
    from exports.requests import Intake, day_text, open_request

    archive, signer = session.archive(), session.signer()
    today, rules = _today(session, archive), rules_of(archive)
    intake = Intake(
        requester=requester,
        contact=contact,
        subject=subject,
        text=text,
        received=received.date() if received else today,
        purpose=purpose or "public",
    )
    with archive.write(signer) as writer:
        opened, counted = open_request(writer, intake, rules, body=archive.config.name, today=today)
    calendar = rules.calendar
    term = rules.jurisdiction.term(opened.purpose, opened.received)
    explained = counted.explained(term.unit)
    if as_json:
        facts = {"number": opened.number, "id": opened.id, "received": opened.received}
        emit_facts(facts | {"due": opened.due, "counted": explained, "source": term.source}, True)
        return
    say(f"request {opened.number} is due on {day_text(opened.due)}")
    say(
        f"{explained} ({_checked(term.source, term.verified)}; "
        f"calendar: {_checked(calendar.title, calendar.verified)})"
    )
    if opened.due < today:
        note(f"it was due before today: {_silence(rules)}")


@request.command("list")
@click.option("--open", "only_open", is_flag=True, help="Leave out those that are answered.")
@json_option
@pass_session
def list_(session: Session, only_open: bool, as_json: bool) -> None:
    """List the requests by due date.

    \b
    Example:
      muniment request list --open
    """
    from exports.requests import list_requests, standing, tally

    archive = session.archive()
    today = _today(session, archive)
    with archive.read() as reader:
        rows = []
        for one in list_requests(reader, closed=not only_open):
            count = tally(reader, one)
            rows.append(
                {
                    "number": one.number,
                    "received": one.received,
                    "due": one.due,
                    "standing": one.outcome or standing(one.due, today, closed=one.closed),
                    "purpose": one.purpose,
                    "records": count.records,
                    "undetermined": count.undetermined,
                    "id": one.id,
                }
            )
    columns = ["number", "received", "due", "standing", "purpose", "records", "undetermined"]
    emit(rows, [*columns, "id"] if as_json else columns, as_json)


@request.command()
@click.argument("key", metavar="REQUEST")
@click.option("--records", is_flag=True, help="List the responsive records.")
@click.option("--undetermined", is_flag=True, help="List those that nobody has determined yet.")
@json_option
@pass_session
def show(session: Session, key: str, records: bool, undetermined: bool, as_json: bool) -> None:
    """Show a request, and how far it is.

    Who asks for what, by when, what was searched, and how far the review is.

    \b
    Example:
      muniment request show 2026-0001
      muniment request show 2026-0001 --undetermined
    """
    from exports.requests import find_request, review

    archive = session.archive()
    zone = "" if as_json else archive.config.timezone
    with archive.read() as reader:
        found = find_request(reader, key)
        if records or undetermined:
            reviews = review(reader, found, undetermined=undetermined)
            columns = ["record", "version", "outcome", "exemptions", "text"]
            emit(_reviewed(reader, reviews), columns, as_json)
            return
        facts = _facts(session, archive, reader, found)
        searches = searches_of(reader, found, zone)
    if as_json:
        emit_facts(facts | {"searches": searches}, as_json=True)
        return
    emit_facts({name: value for name, value in facts.items() if value not in (None, "")})
    for one in searches:
        say(told(one))


@request.command()
@click.argument("key", metavar="REQUEST")
@click.argument("record_ids", metavar="RECORD...", nargs=-1, required=True)
@pass_session
def add(session: Session, key: str, record_ids: tuple[str, ...]) -> None:
    """Add records that are known to be responsive.

    \b
    Example:
      muniment request add 2026-0001 8a22fe3ae1b6 0198f3c2a7d1
    """
    from exports.requests import add_records, find_request

    with session.archive().write(session.signer()) as writer:
        new = add_records(writer, find_request(writer, key), record_ids)
    say(f"{new} added")


@request.command("set-aside")
@click.argument("key", metavar="REQUEST")
@click.argument("record_ids", metavar="RECORD...", nargs=-1, required=True)
@click.option("--reason", default="", metavar="TEXT", help="Why they do not answer the request.")
@pass_session
def set_aside(session: Session, key: str, record_ids: tuple[str, ...], reason: str) -> None:
    """Take out what does not answer the request.

    For records that a search found by chance. No later search brings them back; request add does.

    \b
    Example:
      muniment request set-aside 2026-0001 8a22fe3ae1b6 --reason "About another park"
    """
    from exports.requests import find_request
    from exports.requests import set_aside as set_records_aside

    with session.archive().write(session.signer()) as writer:
        count = set_records_aside(writer, find_request(writer, key), record_ids, reason=reason)
    say(f"{count} set aside")


@request.command()
@click.argument("key", metavar="REQUEST")
@click.option("--ground", metavar="GROUND", help="The act's ground; a wrong one lists them.")
@click.option("--days", type=click.IntRange(min=1), help="Business days; else all that are given.")
@click.option("--agreed-until", type=_DAY, help="The date that the requester agreed to in writing.")
@pass_session
def extend(
    session: Session,
    key: str,
    ground: str | None,
    days: int | None,
    agreed_until: datetime | None,
) -> None:
    """Extend the due date.

    On a ground of the act, or as agreed with the requester in writing.

    \b
    Example:
      muniment request extend 2026-0001 --ground consultation
      muniment request extend 2026-0001 --agreed-until 2027-01-15
    """
    from archive.errors import UsageError
    from exports.requests import agree, day_text, find_request
    from exports.requests import extend as extend_request

    if (ground is None) == (agreed_until is None):
        raise UsageError("an extension needs a ground or an agreement", hint="give one of them")
    archive, signer = session.archive(), session.signer()
    today, rules = _today(session, archive), rules_of(archive)
    with archive.write(signer) as writer:
        found = find_request(writer, key)
        if agreed_until is not None:
            agree(writer, found, agreed_until.date())
            due, how = agreed_until.date(), "as agreed in writing"
        else:
            counted = extend_request(
                writer, found, rules, ground=ground or "", days=days, today=today
            )
            due, how = counted.due, counted.explained()
    say(f"request {found.number} is now due on {day_text(due)}")
    say(how)


@request.command()
@click.argument("key", metavar="REQUEST")
@click.option("--withdrawn", is_flag=True, help="The requester withdrew it.")
@pass_session
def close(session: Session, key: str, withdrawn: bool) -> None:
    """Close a request.

    It was answered, or withdrawn. Its records may then be disposed of again.

    \b
    Example:
      muniment request close 2026-0001
    """
    from exports.requests import close as close_request
    from exports.requests import find_request

    with session.archive().write(session.signer()) as writer:
        found = find_request(writer, key)
        outcome = close_request(writer, found, withdrawn=withdrawn)
    say(f"request {found.number} is closed: {outcome}")


def _facts(
    session: Session, archive: "Archive", reader: "Reader", found: "Request"
) -> dict[str, Any]:
    from exports.requests import names_of, standing, tally

    names, count = names_of(reader, found), tally(reader, found)
    state: str = standing(found.due, _today(session, archive), closed=found.closed)
    if state == "overdue":
        state = f"overdue: {_silence(rules_of(archive))}"
    return {
        "number": found.number,
        "id": found.id,
        "requester": names.requester,
        "contact": names.contact,
        "subject": names.subject,
        "text": names.text,
        "purpose": found.purpose,
        "received": found.received,
        "due": found.due,
        "extended": found.extended,
        "standing": state,
        "outcome": found.outcome,
        "records": count.records,
        "set_aside": count.set_aside,
        "released": count.release,
        "redacted": count.redact,
        "withheld": count.withhold,
        "undetermined": count.undetermined,
    }


def _reviewed(reader: "Reader", reviews: "list[Review]") -> Iterator[dict[str, Any]]:
    opened = reader.open(reader.entry(one.version) for one in reviews)
    for one, (entry, sealed) in zip(reviews, opened, strict=True):
        text = " ".join(filter(None, map(sealed.text, ("title", "text")))) if sealed else ""
        yield {
            "record": one.record_id,
            "version": entry.data.get("version", 1),
            "outcome": one.outcome or "undetermined",
            "exemptions": list(one.exemptions),
            "text": text if len(text) <= _EXCERPT else text[: _EXCERPT - 1] + "…",
        }


def _today(session: Session, archive: "Archive") -> date:
    """The day it is where the body is."""
    return session.clock().astimezone(ZoneInfo(archive.config.timezone)).date()


def _checked(source: str, verified: bool) -> str:
    """What a date rests on, and whether that was compared with the law itself."""
    return source if verified else f"{source}, not verified"


def _silence(rules: "Rules") -> str:
    act = rules.jurisdiction
    effect = {
        "denial": "without an answer it counts as denied",
        "exhaustion": "without an answer the requester may go to court",
    }[act.silence]
    return f"{effect} ({act.silence_source})"
