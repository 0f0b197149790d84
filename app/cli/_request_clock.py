"""The commands that move a request's clock: extend, treat, step, pause, resume."""

from datetime import date, datetime
from typing import TYPE_CHECKING

import click

from app.cli._attention import today
from app.cli._output import note, say
from app.cli._session import Session, pass_session

if TYPE_CHECKING:
    from exports.requests import Request, Rules

_DAY = click.DateTime(["%Y-%m-%d"])
_on = click.option("--on", type=_DAY, help="The day on which it happened; else today.")


@click.command()
@click.argument("key", metavar="REQUEST")
@click.option("--ground", metavar="GROUND", help="The act's ground; a wrong one lists them.")
@click.option("--days", type=click.IntRange(min=1), help="Fewer days than the act gives.")
@click.option("--until", type=_DAY, help="The new day, where the act leaves it to the body.")
@click.option("--on", type=_DAY, help="The day on which the requester was told; else today.")
@click.option("--agreed-until", type=_DAY, help="The date that the requester agreed to in writing.")
@click.option("--reason", default="", metavar="TEXT", help="The reason, as the requester reads it.")
@pass_session
def extend(
    session: Session,
    key: str,
    ground: str | None,
    days: int | None,
    until: datetime | None,
    on: datetime | None,
    agreed_until: datetime | None,
    reason: str,
) -> None:
    """Extend the due date.

    On a ground of the act, or as agreed with the requester in writing.

    \b
    Example:
      muniment request extend 2026-0001 --ground consultation
      muniment request extend 2026-0001 --agreed-until 2027-01-15
    """
    from archive.errors import UsageError
    from exports.requests import agree, day_text, find_request, load_rules
    from exports.requests import extend as extend_request

    if (ground is None) == (agreed_until is None):
        raise UsageError("an extension needs a ground or an agreement", hint="give one of them")
    if days is not None and until is not None:
        raise UsageError("--days and --until both say how long", hint="give one of them")
    archive, signer = session.archive(), session.signer()
    with archive.write(signer) as writer:
        found = find_request(writer, key)
        rules = load_rules(found.jurisdiction, writer)
        if agreed_until is not None:
            agree(writer, found, agreed_until.date(), reason=reason)
            due, how = agreed_until.date(), _agreed(rules)
        else:
            done = extend_request(
                writer,
                found,
                rules,
                ground=ground or "",
                today=today(session),
                days=days,
                until=_date(until),
                on=_date(on),
                reason=reason,
            )
            due = done.due
            counted = "as named" if done.counted is None else done.counted.explained()
            how = f"{counted} ({checked(done.source, done.verified)})"
    say(f"request {found.number} is now due on {day_text(due)}")
    say(how)
    if closed := rules.calendar.closed(due):
        note(f"the body is closed on that day ({closed})")


@click.command()
@click.argument("key", metavar="REQUEST")
@click.argument("track", metavar="TRACK")
@click.option("--on", type=_DAY, help="The day on which that was decided; else today.")
@pass_session
def treat(session: Session, key: str, track: str, on: datetime | None) -> None:
    """Answer a request on another track of the act.

    In Illinois: recurrent, voluminous, commercial, ordinary. Its dates are counted anew, and
    request show lists the notices that the act asks for.

    \b
    Example:
      muniment request treat 2026-0001 voluminous
    """
    from exports.requests import find_request, load_rules
    from exports.requests import treat as treat_request

    archive = session.archive()
    with archive.write(session.signer()) as writer:
        before = find_request(writer, key)
        rules = load_rules(before.jurisdiction, writer)
        treat_request(writer, before, rules, track, today=today(session), on=_date(on))
        found = find_request(writer, key)
    say(f"request {found.number} is {track}; {_due(found)}")
    say(f"what is to be done by when: muniment request show {found.number}")


@click.command()
@click.argument("key", metavar="REQUEST")
@click.argument("code", metavar="STEP")
@_on
@click.option("--note", "noted", default="", metavar="TEXT", help="A note; kept encrypted.")
@pass_session
def step(session: Session, key: str, code: str, on: datetime | None, noted: str) -> None:
    """Record a step that the act speaks of: a notice, an appeal, a review.

    What follows from it is counted from that day. A wrong step lists those that there are. Also
    for requests that are answered.

    \b
    Example:
      muniment request step 2026-0001 noticed --on 2026-11-04
    """
    from exports.requests import find_request, load_rules, take_step

    archive, day = session.archive(), today(session)
    with archive.write(session.signer()) as writer:
        before = find_request(writer, key)
        rules = load_rules(before.jurisdiction, writer)
        after = take_step(writer, before, rules, code, on=_date(on) or day, today=day, note=noted)
    moved = f"; {_due(after)}" if after.due != before.due else ""
    say(f"request {after.number}: {code} on {_date(on) or day}{moved}")


@click.command()
@click.argument("key", metavar="REQUEST")
@click.option("--ground", required=True, metavar="GROUND", help="A wrong one lists them.")
@_on
@pass_session
def pause(session: Session, key: str, ground: str, on: datetime | None) -> None:
    """Stop the clock, where the act lets it stop while the requester is asked.

    \b
    Example:
      muniment request pause 2026-0001 --ground information
    """
    from exports.requests import find_request, load_rules
    from exports.requests import pause as pause_request

    archive, day = session.archive(), today(session)
    with archive.write(session.signer()) as writer:
        found = find_request(writer, key)
        rules = load_rules(found.jurisdiction, writer)
        pause_request(writer, found, rules, ground, on=_date(on) or day, today=day)
    say(f"the clock of request {found.number} stands since {_date(on) or day}")


@click.command()
@click.argument("key", metavar="REQUEST")
@_on
@pass_session
def resume(session: Session, key: str, on: datetime | None) -> None:
    """Let the clock go on: the requester answered.

    \b
    Example:
      muniment request resume 2026-0001 --on 2026-11-09
    """
    from exports.requests import find_request, load_rules
    from exports.requests import resume as resume_request

    archive, day = session.archive(), today(session)
    with archive.write(session.signer()) as writer:
        before = find_request(writer, key)
        rules = load_rules(before.jurisdiction, writer)
        found = resume_request(writer, before, rules, on=_date(on) or day, today=day)
    say(f"the clock of request {found.number} runs again; {_due(found)}")


def checked(source: str, verified: bool) -> str:
    """What a date rests on, and whether that was compared with the law itself."""
    return source if verified else f"{source}, not verified"


def _agreed(rules: "Rules") -> str:
    act = rules.jurisdiction
    source = act.agreement_source or f"{act.title} has no rule about that"
    return f"as agreed in writing ({source})"


def _due(found: "Request") -> str:
    from exports.requests import day_text

    return f"due on {day_text(found.due)}" if found.due is not None else "no due day"


def _date(moment: datetime | None) -> date | None:
    return None if moment is None else moment.date()
