"""The commands of `muniment hold` that ask something of people: acknowledge, remind, reviewed."""

import click

from app.cli._output import say
from app.cli._session import Session, pass_session


@click.command()
@click.argument("name", metavar="HOLD")
@click.option("--custodian", default="", metavar="NAME", help="Who; else whoever acts.")
@click.option("--how", default="", help="How it was given, when somebody else records it.")
@pass_session
def acknowledge(session: Session, name: str, custodian: str, how: str) -> None:
    """Record that a custodian has acknowledged a hold.

    A custodian who is an actor signs for it. For everybody else an officer records it, and says
    how it was given. After the hold is widened it is to be acknowledged anew.

    \b
    Example:
      muniment --as ben hold acknowledge doe
      muniment hold acknowledge doe --custodian "Ann Roe, Parks" --how "by letter of 3 March"
    """
    from schedules import acknowledge as acknowledged
    from schedules import find_hold

    archive, signer = session.archive(), session.signer()
    with archive.write(signer) as writer:
        who = acknowledged(writer, find_hold(writer, name), custodian, how)
        left = find_hold(writer, name).outstanding
    say(f"{who} has acknowledged {name}; outstanding: {'; '.join(left) or 'nobody'}")


@click.command()
@click.argument("name", metavar="HOLD")
@click.argument("when", metavar="DATE|PERIOD|never")
@pass_session
def remind(session: Session, name: str, when: str) -> None:
    """Set when a hold is to be looked at again: a day, a period that recurs, or never.

    `muniment status` and `hold list` show what is due.

    \b
    Example:
      muniment hold remind doe 2026-09-01
      muniment hold remind doe P90D
    """
    from schedules import NEVER, Reminder, find_hold, today
    from schedules import remind as set_reminder

    archive, signer = session.archive(), session.signer()
    reminder = NEVER if when == "never" else Reminder.parse(when, today(archive))
    with archive.write(signer) as writer:
        set_reminder(writer, find_hold(writer, name), reminder)
    say(f"{name} is to be looked at again: {reminder.day or 'never'}")


@click.command()
@click.argument("name", metavar="HOLD")
@click.option("--note", required=True, help="What came of it.")
@click.option("--remind", metavar="DATE|PERIOD", help="When to look at it again.")
@pass_session
def reviewed(session: Session, name: str, note: str, remind: str | None) -> None:
    """Record that a hold was looked at, and set its next reminder.

    Without --remind, one by a period recurs, and one for a day is done with.

    \b
    Example:
      muniment hold reviewed doe --note "Counsel says that it goes on"
    """
    from schedules import Reminder, find_hold, today
    from schedules import reviewed as look

    archive, signer = session.archive(), session.signer()
    day = today(archive)
    reminder = Reminder.parse(remind, day) if remind else None
    with archive.write(signer) as writer:
        following = look(writer, find_hold(writer, name), note, day, reminder)
    say(f"{name} is to be looked at again: {following.day or 'never'}")
