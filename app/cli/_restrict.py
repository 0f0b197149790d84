"""The restricting commands of `muniment moderate`, and opening what is restricted."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from app.cli._decision import actor_names, reason_given, reason_options
from app.cli._output import emit, json_option, local_time, note, say
from app.cli._session import Session, pass_session

if TYPE_CHECKING:
    from archive import Archive, Record

_COLUMNS = ("record", "restricted_at", "by", "to", "platform", "kind", "status")


@click.command()
@click.argument("record")
@click.option(
    "--to",
    "names",
    multiple=True,
    required=True,
    metavar="ACTOR",
    help="Who alone may see it; may be given several times.",
)
@reason_options
@pass_session
def restrict(
    session: Session, record: str, names: tuple[str, ...], reason: str | None, reason_file: Any
) -> None:
    """Close a record whose content may be unlawful to keep or to show.

    Nothing of it is found, shown or exported any more, in none of its versions, nor are the reasons
    of decisions about it. The search index is built anew without it. Only the actors named by --to
    see it, by `record show`, and each time that goes on the record first. Retention, holds and
    verification work as before. Whom the restriction names, or a director, can name others by
    giving it again.

    \b
    Example:
      muniment moderate restrict 8a22fe3ae1b6 --to carla --reason "May be an image of a crime"
    """
    from archive import restrictions

    said = reason_given(reason, reason_file)
    archive = session.archive()
    with archive.write(session.signer()) as writer:
        before = restrictions.every(writer)
        done = restrictions.restrict(writer, record, names, reason=said)
    say(f"{done.record} is restricted to {', '.join(dict.fromkeys(names))}")
    if done in before:
        note("it was so already: nothing was recorded")
    _forget(archive)


@click.command()
@click.argument("record")
@reason_options
@pass_session
def lift(session: Session, record: str, reason: str | None, reason_file: Any) -> None:
    """End the restriction of a record. A director does that, or whom the restriction names.

    \b
    Example:
      muniment moderate lift 8a22fe3ae1b6 --reason "The prosecutor finds nothing unlawful in it"
    """
    from archive import restrictions

    said = reason_given(reason, reason_file)
    with session.archive().write(session.signer()) as writer:
        done = restrictions.lift(writer, record, reason=said)
    say(f"{done.record} is not restricted any more")


@click.command()
@json_option
@pass_session
def restricted(session: Session, as_json: bool) -> None:
    """List the records that are restricted, since when, by whom and to whom.

    \b
    Example:
      muniment moderate restricted --json
    """
    from archive import records, restrictions

    names = actor_names(session)
    archive = session.archive()
    zone = "" if as_json else archive.config.timezone
    with archive.read() as reader:
        held = restrictions.every(reader)
        known = records.get_many(reader, [one.record for one in held])
    rows = [
        {
            "record": one.record,
            "restricted_at": local_time(one.restricted_at, zone),
            "by": names.get(one.actor, one.actor),
            "to": [names.get(actor, actor) for actor in one.actors],
            "platform": known[one.record].platform,
            "kind": known[one.record].kind,
            "status": known[one.record].status,
        }
        for one in held
    ]
    emit(rows, _COLUMNS, as_json)


def access_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """--as and --reason of commands that show a record; hand both to `may_open`."""
    who = click.option("--as", "actor", metavar="NAME", help="Who looks at a restricted record.")
    why = click.option(
        "--reason", metavar="TEXT", help="Why, to see a restricted record; it goes on the record."
    )
    return who(why(command))


def may_open(session: Session, found: "Record", actor: str | None, reason: str | None) -> bool:
    """Whether a restricted record is to be opened: its access is on the record then.

    Without a reason it stays closed. Raises Refused when the restriction does not name the actor.
    """
    from archive import restrictions

    if reason is None:
        return False
    archive = session.archive()
    with archive.read() as reader:
        held = restrictions.find(reader, found.id)
    if held is None:
        note("the record is not restricted: the reason was not recorded")
        return False
    if actor is not None:
        session.actor = actor
    with archive.write(session.signer()) as writer:
        restrictions.access(writer, found, reason=reason)
    return True


def note_unsearched(archive: "Archive") -> int:
    """Say how many records no search finds, if any; how many."""
    from archive import restrictions

    with archive.read() as reader:
        count = len(restrictions.every(reader))
    if count:
        records = "1 record is" if count == 1 else f"{count} records are"
        note(f"{records} restricted and not searched; see: muniment moderate restricted")
    return count


def _forget(archive: "Archive") -> None:
    """Leave no word of what is restricted in the search index."""
    from search import SearchIndex

    with SearchIndex.open(archive) as index:
        index.purge()
