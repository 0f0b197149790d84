"""The command `muniment request search`, and the searches that were made for a request."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from app.cli._asked import query_of, saved_option
from app.cli._nowhere import note_nowhere, nowhere_json
from app.cli._output import emit_facts, json_option, local_time, say
from app.cli._restrict import note_unsearched
from app.cli._session import Session, pass_session

if TYPE_CHECKING:
    from archive import Reader
    from exports.requests import Request


@click.command()
@click.argument("key", metavar="REQUEST")
@click.argument("query", required=False)
@saved_option
@json_option
@pass_session
def search(session: Session, key: str, query: str | None, name: str | None, as_json: bool) -> None:
    """Search, and add what is found.

    What is found is added to the responsive records, each once, and what it answers with it, up to
    the post at the top. The query, how it was understood, who asked
    when, how much was found, a digest of it, and what the index covered are kept as evidence;
    request show lists them.

    \b
    Example:
      muniment request search 2026-0001 'parking AND date:[2026-01-01 to 2026-06-30]'
      muniment request search 2026-0001 --saved meetings
    """
    from exports.requests import search_for
    from schedules import record_sets
    from search import SearchIndex

    archive = session.archive()
    query = query_of(archive, query, name)
    searched, added = search_for(archive, session.signer(), key, query)
    note_unsearched(archive)
    with SearchIndex.open(archive, sets=record_sets(archive)) as index:
        nowhere = index.nowhere(query)
    if as_json:
        facts = {"query": query, "parsed": searched.parsed, "found": len(searched.found)}
        more = {
            "new": added.new,
            "context": added.context,
            "position": searched.position,
            "engine": searched.engine,
        }
        emit_facts(facts | more | {"nowhere": nowhere_json(nowhere)}, as_json=True)
        return
    note_nowhere(nowhere)
    say(
        f"{len(searched.found)} found, {added.new} new{context_told(added.context)}; "
        f"the index covers {searched.position} entries ({searched.engine})"
    )


def context_told(count: int) -> str:
    """How many records came along because others answer them; "" for none."""
    return f", and {count} that they answer" if count else ""


def searches_of(reader: "Reader", request: "Request", zone: str) -> list[dict[str, Any]]:
    """The searches that were made for a request, for showing: by whom, and times in `zone`."""
    from archive import actors
    from exports.requests import searches

    names = {actor.id: actor.name for actor in actors.every(reader)}
    return [
        asdict(one) | {"at": local_time(one.at, zone), "actor": names.get(one.actor, one.actor)}
        for one in searches(reader, request)
    ]


def told(search: dict[str, Any]) -> str:
    """One of `searches_of`, as lines."""
    lines = [
        f"searched {search['at']} by {search['actor']}: {search['query']}",
        f"  understood as {search['parsed']}",
        f"  {search['count']} found in {search['position']} entries by {search['engine']}",
    ]
    if search["restricted"]:
        lines.append(f"  {search['restricted']} restricted and not searched")
    if search["digest"]:
        lines.append(f"  SHA-256 of the ids found: {search['digest']}")
    return "\n".join(lines)
