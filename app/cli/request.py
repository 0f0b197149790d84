"""`muniment request`: public-records requests, from receipt to answer."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from app.cli._noun import Noun
from app.cli._output import emit, emit_facts, json_option, local_time, say
from app.cli._request_attach import attach, attachment, letter_told, letters_of
from app.cli._request_clock import extend, pause, resume, step, treat
from app.cli._request_decide import determine, redact, sign_off
from app.cli._request_due import agenda_for, calendar, date_told, dates_of, list_
from app.cli._request_exemptions import exemptions
from app.cli._request_open import open_
from app.cli._request_review import review
from app.cli._request_search import context_told, search, searches_of, told
from app.cli._request_suggest import suggest
from app.cli._session import Session, pass_session

if TYPE_CHECKING:
    from archive import Reader
    from exports.requests import Agenda, Request, Review

_EXCERPT = 60


@click.group(cls=Noun)
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


for _command in (
    *(open_, list_, search, determine, redact, exemptions, suggest, review, sign_off),
    *(extend, treat, step, pause, resume, attach, attachment, calendar),
):
    request.add_command(_command)


@request.command()
@click.argument("key", metavar="REQUEST")
@click.option("--records", is_flag=True, help="List the responsive records.")
@click.option("--undetermined", is_flag=True, help="List those that nobody has determined yet.")
@json_option
@pass_session
def show(session: Session, key: str, records: bool, undetermined: bool, as_json: bool) -> None:
    """Show a request, and how far it is.

    Who asks for what, every date that runs and on what it rests, the correspondence, what was
    searched, how far the review is, and each bundle that was issued, with its SHA-256: whoever was
    handed one may ask for it.

    \b
    Example:
      muniment request show 2026-0001
      muniment request show 2026-0001 --undetermined
    """
    from exports.bundle import issues
    from exports.requests import find_request
    from exports.requests import review as reviews_of

    archive = session.archive()
    zone = "" if as_json else archive.config.timezone
    with archive.read() as reader:
        found = find_request(reader, key)
        if records or undetermined:
            reviews = reviews_of(reader, found, undetermined=undetermined)
            columns = ["record", "version", "outcome", "exemptions", "text"]
            emit(_reviewed(reader, reviews), columns, as_json)
            return
        item = agenda_for(session, reader, found)
        facts, letters = _facts(reader, item), letters_of(reader, found)
        searches = searches_of(reader, found, zone)
        issued = [
            {"at": local_time(one.at, zone), "sha256": one.sha256}
            for one in issues(reader, found.id)
        ]
    if as_json:
        more = {"dates": dates_of(item), "correspondence": letters, "searches": searches}
        more["issued"] = issued
        emit_facts(facts | more, as_json=True)
        return
    emit_facts({name: value for name, value in facts.items() if value not in (None, "")})
    for date in dates_of(item):
        say(date_told(date))
    for letter in letters:
        say(letter_told(letter))
    for one in searches:
        say(told(one))
    for bundle in issued:
        say(f"bundle issued {bundle['at']}: SHA-256 {bundle['sha256']}")


@request.command()
@click.argument("key", metavar="REQUEST")
@click.argument("record_ids", metavar="RECORD...", nargs=-1, required=True)
@pass_session
def add(session: Session, key: str, record_ids: tuple[str, ...]) -> None:
    """Add records that are known to be responsive, and what they answer.

    \b
    Example:
      muniment request add 2026-0001 8a22fe3ae1b6 0198f3c2a7d1
    """
    from exports.requests import add_records, find_request

    with session.archive().write(session.signer()) as writer:
        added = add_records(writer, find_request(writer, key), record_ids)
    say(f"{added.new} added{context_told(added.context)}")


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


def _facts(reader: "Reader", item: "Agenda") -> dict[str, Any]:
    from exports.requests import names_of, tally

    found = item.request
    names, count = names_of(reader, found), tally(reader, found)
    return {
        "number": found.number,
        "id": found.id,
        "requester": names.requester,
        "contact": names.contact,
        "subject": names.subject,
        "text": names.text,
        "format": names.format,
        "purpose": found.purpose,
        "track": found.track,
        "received": found.received,
        "channel": found.channel,
        "due": found.due,
        "extended": found.extended,
        "paused": found.paused,
        "standing": item.standing,
        "outcome": found.outcome,
        "records": count.records,
        "set_aside": count.set_aside,
        "released": count.release,
        "redacted": count.redact,
        "withheld": count.withhold,
        "undetermined": count.undetermined,
        "signed_off": _signed_off(reader, found),
    }


def _signed_off(reader: "Reader", found: "Request") -> str | None:
    from archive import actors
    from exports.requests import signed_off

    entry = signed_off(reader, found)
    return f"by {actors.get(reader, entry.actor).name}" if entry else None


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
