"""The command `muniment request open`: a number, a due date, and how that was counted."""

from datetime import datetime
from typing import TYPE_CHECKING

import click

from app.cli._attention import today
from app.cli._output import emit_facts, json_option, note, say
from app.cli._request_clock import checked
from app.cli._session import Session, pass_session

if TYPE_CHECKING:
    from archive import Reader
    from exports.requests import BusinessCalendar, Intake, Request, Rules

DAY = click.DateTime(["%Y-%m-%d"])


@click.command("open")
@click.option("--requester", required=True, metavar="NAME", help="Who asks.")
@click.option("--contact", default="", metavar="TEXT", help="How to reach them.")
@click.option("--subject", default="", metavar="TEXT", help="What it is about, in a few words.")
@click.option("--text", default="", metavar="TEXT", help="The request in the requester's words.")
@click.option("--received", type=DAY, help="The day the body received it; else today.")
@click.option(
    "--channel",
    default="",
    metavar="CHANNEL",
    help="How it came: e-mail, post, in-person, web-form or phone.",
)
@click.option("--purpose", default="ordinary", metavar="PURPOSE", help="ordinary, else commercial.")
@click.option("--format", "wanted", default="", metavar="TEXT", help="The format they want.")
@click.option(
    "--recurrent",
    "track",
    flag_value="recurrent",
    default="",
    help="The requester counts as recurrent.",
)
@click.option(
    "--voluminous",
    "track",
    flag_value="voluminous",
    default="",
    help="The request counts as voluminous.",
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
    channel: str,
    purpose: str,
    wanted: str,
    track: str,
    as_json: bool,
) -> None:
    """Open a request: give it a number and count its due date.

    Who asks, and for what, is kept encrypted. The day of receipt is not counted, and the days on
    which the body is closed are those of its calendar: muniment calendar.

    \b
    Example:
      muniment request open --requester "Pat Public" --contact pat@example.org \\
          --subject "Comments about parking" --received 2026-11-02 --channel e-mail
    """
    from exports.requests import Intake, load_rules, open_request

    archive, signer = session.archive(), session.signer()
    day = today(session)
    intake = Intake(
        requester=requester,
        contact=contact,
        subject=subject,
        text=text,
        received=received.date() if received else day,
        purpose=purpose,
        channel=channel,
        format=wanted,
        track=track,
    )
    with archive.write(signer) as writer:
        rules = load_rules(archive.config.jurisdiction, writer)
        opened, counted = open_request(writer, intake, rules, body=archive.config.name, today=day)
        said = None if counted is None else counted.explained()
        used = [] if counted is None else rules.calendar.counted_by(counted)
        frequent = _frequent(writer, opened, intake, rules)
    term = rules.jurisdiction.term(opened.track, opened.received)
    if as_json:
        facts = {"number": opened.number, "id": opened.id, "received": opened.received}
        emit_facts(facts | {"due": opened.due, "counted": said, "source": term.source}, True)
    else:
        _say_opened(opened, rules, said, used)
    if opened.due is not None and opened.due < day:
        note(f"it was due before today{_silence(rules)}")
    if frequent:
        note(frequent)


def _say_opened(
    opened: "Request", rules: "Rules", said: str | None, used: "list[BusinessCalendar]"
) -> None:
    from exports.requests import day_text

    term = rules.jurisdiction.term(opened.track, opened.received)
    if opened.due is None:
        say(f"request {opened.number} has no due day: {checked(term.source, term.verified)}")
        say(term.standard)
        return
    say(f"request {opened.number} is due on {day_text(opened.due)}")
    named = "; ".join(checked(one.title, one.verified) for one in used)
    rests = "; calendar: ".join(filter(None, (checked(term.source, term.verified), named)))
    say(f"{said} ({rests})")
    if term.standard:
        say(term.standard)


def _silence(rules: "Rules") -> str:
    from exports.requests import EFFECTS

    silence = rules.jurisdiction.silence
    if silence is None:
        return ""
    effect = EFFECTS[silence.effect]
    return f": {effect[0].lower()}{effect[1:]} ({checked(silence.source, silence.verified)})"


def _frequent(reader: "Reader", opened: "Request", intake: "Intake", rules: "Rules") -> str:
    """What to think of where the same person asked often lately; "" where they did not."""
    from exports.requests import reached

    if opened.track != "ordinary":
        return ""
    found = reached(reader, rules.jurisdiction, opened, intake)
    if found is None:
        return ""
    threshold, count = found
    return (
        f"request number {count} of this person within {threshold.days} days: "
        f"{checked(threshold.source, threshold.verified)} may make them {threshold.track}; "
        f"if so: muniment request treat {opened.number} {threshold.track}"
    )
