"""`muniment schedule run`: what cron or a systemd timer calls every day."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from app.cli._attention import due_soon_of, overdue_of, requests_due
from app.cli._output import emit_facts, json_option, note, progress, say
from app.cli._session import Session, pass_session

if TYPE_CHECKING:
    from archive import Reader
    from schedules import Matter

_OVERDUE = 1


@click.command("run")
@click.option(
    "--due", is_flag=True, required=True, expose_value=False, help="All that is due today."
)
@click.option("--every", metavar="PERIOD", help="A new list no sooner than this after the last.")
@json_option
@pass_session
def run(session: Session, every: str | None, as_json: bool) -> None:
    """Do what is due today, for cron or a timer: run lists, make lists, remind.

    It runs every disposal that two persons have approved and nothing stands against, then lists
    what is due, unless a list waits already: what falls due meanwhile is on the next one. It
    approves nothing, so that an agent's key is enough. One line says what was done, and one for
    each matter that waits for a person goes to stderr.

    The status is 1 when something is overdue: a list that has waited for more than 30 days or
    has lost an approval, a run that cannot go on, a hold that is to be looked at, a request that
    was to be answered. What is due of a request within two business days is told. It can be run
    again at any time, and goes on where it was interrupted.

    \b
    Example:
      muniment --as nightly schedule run --due
      muniment --as nightly schedule run --due --every P3M
    """
    from archive.errors import UsageError
    from schedules import Period, daily

    try:
        period = Period.parse(every) if every else None
    except ValueError as error:
        raise UsageError(f"--every: {error}", hint="write a period such as P3M") from error
    archive, signer = session.archive(), session.signer()
    with progress("Records") as advance:
        done = daily(archive, signer, period, advance)
    with archive.read() as reader:
        done.matters += _requests(session, reader)
    overdue = sum(matter.overdue for matter in done.matters)
    facts = {
        "disposed": sum(one.disposed for one in done.ran),
        "kept": sum(len(one.kept) for one in done.ran),
        "certificates": [one.number for one in done.ran],
        "proposed": [one.id for one in done.proposed],
        "listed": sum(len(one.listing.items) for one in done.proposed),
        "waiting": [matter.said for matter in done.matters],
        "overdue": overdue,
    }
    if as_json:
        emit_facts(facts, as_json=True)
    else:
        say(
            f"Lists run: {len(done.ran)} ({facts['disposed']} disposed of, {facts['kept']} kept); "
            f"newly listed: {facts['listed']}; waiting for people: {len(done.matters)}, "
            f"overdue: {overdue}"
        )
    for matter in done.matters:
        note(f"{matter.said}{' (overdue)' if matter.overdue else ''}")
    if overdue:
        click.get_current_context().exit(_OVERDUE)


def _requests(session: Session, reader: "Reader") -> "Iterator[Matter]":
    """What the body has to do about requests, overdue or soon."""
    from schedules import Matter

    waiting = requests_due(session, reader)
    late = overdue_of(waiting)
    for one in (*late, *due_soon_of(waiting)):
        said = f"request {one.request.number}: {one.next.title if one.next else ''} by {one.due}"
        yield Matter(said, overdue=one in late)
