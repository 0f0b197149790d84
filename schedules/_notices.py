"""What holds ask of people: that custodians acknowledge them, and that somebody looks at them."""

from datetime import date

from archive import Draft, Parts, Writer, actors
from archive.errors import NotFound, Refused, UsageError
from schedules._holds import Hold
from schedules._period import Period
from schedules._reminders import NEVER, Reminder


def acknowledge(writer: Writer, hold: Hold, custodian: str = "", how: str = "") -> str:
    """Record that a custodian has acknowledged a hold as it is now; the custodian's name.

    Who is an actor does so by their own signature. For everybody else an officer or director does,
    and `how` says in which way it was given. UsageError without that, NotFound for somebody who is
    no custodian of the hold. Refused when it was released or is acknowledged already, or when the
    signer may not speak for others.
    """
    signer = actors.get(writer, writer.signer.actor)
    wanted = (custodian.strip() or signer.name).casefold()
    names = [one.name.casefold() for one in hold.custodians]
    if wanted not in names:
        raise NotFound(
            f"{custodian or signer.name} is no custodian of {hold.name}",
            hint=f"its custodians: {'; '.join(one.name for one in hold.custodians) or 'none'}",
        )
    number = names.index(wanted)
    found = hold.custodians[number]
    if not hold.active:
        raise Refused(f'the hold "{hold.name}" was released on {str(hold.released_at)[:10]}')
    if found.acknowledged_at is not None:
        raise Refused(f"{found.name} acknowledged it on {found.acknowledged_at[:10]}")
    own = signer.name.casefold() == wanted
    if not own:
        actors.require_governing(writer, writer.signer, "record what somebody else acknowledged")
        if not how.strip():
            raise UsageError(
                f"nothing says how {found.name} acknowledged it",
                hint='give --how, such as --how "by letter of 3 March"',
            )
    data = {"custodian": number, "own": own}
    writer.append([Draft("hold.acknowledged", hold.id, data, Parts.of([("how", how.strip())]))])
    return found.name


def remind(writer: Writer, hold: Hold, reminder: Reminder) -> None:
    """Set when a hold is to be looked at again. Refused when it was released."""
    _check_active(hold)
    writer.append([Draft("hold.reminded", hold.id, reminder.data)])


def reviewed(
    writer: Writer, hold: Hold, note: str, today: date, reminder: Reminder | None = None
) -> Reminder:
    """Record that somebody looked at a hold, and what came of it; the next reminder.

    Without another one, a reminder that recurs is set for its period from today on, and one of a
    single day is done with. UsageError without a note, Refused when the hold was released.
    """
    if not note.strip():
        raise UsageError("a review needs a note", hint="say by --note what came of it")
    if reminder is None:
        reminder = NEVER
        if hold.every is not None:
            reminder = Reminder(Period.parse(hold.every).last_day(today), hold.every)
    _check_active(hold)
    parts = Parts.of([("note", note.strip())])
    writer.append([Draft("hold.reviewed", hold.id, reminder.data, parts)])
    return reminder


def _check_active(hold: Hold) -> None:
    if not hold.active:
        raise Refused(f'the hold "{hold.name}" was released on {str(hold.released_at)[:10]}')
