"""`muniment saved`: queries that are kept under a name."""

from typing import TYPE_CHECKING, Any

import click

from app.cli._decision import actor_names
from app.cli._noun import Noun
from app.cli._output import emit, json_option, local_time, say
from app.cli._session import Session, pass_session

if TYPE_CHECKING:
    from search import SavedSearch

_COLUMNS = ("name", "query", "by", "at")


@click.group(cls=Noun)
def saved() -> None:
    """Queries that are kept under a name.

    What is kept is the query in its words: `last-month` is the month before the day on which it is
    run.

    \b
    Example:
      muniment saved add meetings 'agenda OR minutes date:last-month'
      muniment search --saved meetings
      muniment request search 2026-0001 --saved meetings
    """


@saved.command("add")
@click.argument("name")
@click.argument("query")
@pass_session
def add(session: Session, name: str, query: str) -> None:
    """Save a query, in the place of the one that has the name.

    A query that could not be run now is refused.

    \b
    Example:
      muniment saved add threats 'threat* AND NOT author:"Maple Grove"'
    """
    from schedules import record_sets
    from search import SearchIndex, save_search

    archive, signer = session.archive(), session.signer()
    with (
        SearchIndex.open(archive, sets=record_sets(archive)) as index,
        archive.write(signer) as writer,
    ):
        kept = save_search(index, writer, name, query)
        understood = index.explain(query)
    say(f"{kept.name}: {understood}")


@saved.command("list")
@json_option
@pass_session
def list_(session: Session, as_json: bool) -> None:
    """List the saved queries.

    \b
    Example:
      muniment saved list
    """
    from search import saved_searches

    with session.archive().read() as reader:
        found = saved_searches(reader)
    _emit(session, found, _COLUMNS, as_json)


@saved.command("history")
@click.argument("name")
@json_option
@pass_session
def history(session: Session, name: str, as_json: bool) -> None:
    """Show every query that was saved under a name, and when it was given up; the oldest first.

    \b
    Example:
      muniment saved history threats
    """
    from search import history_of

    with session.archive().read() as reader:
        found = history_of(reader, name)
    _emit(session, found, ("what", *_COLUMNS), as_json)


@saved.command("remove")
@click.argument("name")
@pass_session
def remove(session: Session, name: str) -> None:
    """Give up a name. What was saved under it stays in the log.

    \b
    Example:
      muniment saved remove threats
    """
    from search import remove_search

    archive, signer = session.archive(), session.signer()
    with archive.write(signer) as writer:
        found = remove_search(writer, name)
    say(f"{found.name} is not a saved search any more; it was: {found.query}")


def _emit(
    session: Session, found: "list[SavedSearch]", columns: tuple[str, ...], as_json: bool
) -> None:
    names, zone = actor_names(session), session.archive().config.timezone
    emit((_row(one, names, "" if as_json else zone) for one in found), columns, as_json)


def _row(one: "SavedSearch", names: dict[str, str], zone: str) -> dict[str, Any]:
    return {
        "what": "removed" if one.removed else "saved",
        "name": one.name,
        "query": one.query,
        "by": names.get(one.actor, one.actor),
        "at": local_time(one.at, zone),
    }
