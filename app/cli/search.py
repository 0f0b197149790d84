"""`muniment search`: find records, completely and counted."""

import json
from itertools import islice
from typing import TYPE_CHECKING, Any

import click

from app.cli._asked import query_of, saved_option
from app.cli._facets import emit_facets, facet_names, facets_json, timeline
from app.cli._hits import Form, Shown, emit_hits, emit_hits_csv, emit_hits_json, with_context
from app.cli._nowhere import counted, note_nowhere, nowhere_json
from app.cli._output import csv_option, emit_facts, json_option, note, on_terminal, say
from app.cli._restrict import note_unsearched
from app.cli._session import Session, pass_session

if TYPE_CHECKING:
    from collections.abc import Iterable

    from search import FacetName, Nowhere, Results, SearchIndex, Sort


_FEW = 5_000
"""Up to how many records it is shown how they lie in time."""


@click.command()
@click.argument("query", required=False)
@saved_option
@click.option(
    "--limit", type=click.IntRange(0, 10_000), default=20, show_default=True, help="Hits to show."
)
@click.option("--all", "everything", is_flag=True, help="Show every hit.")
@click.option(
    "--sort",
    type=click.Choice(["rank", "date"]),
    default="rank",
    show_default=True,
    help="The best first, or the oldest first.",
)
@click.option(
    "--context", is_flag=True, help="Show with each hit what it answers or shares, up to the top."
)
@click.option(
    "--group", is_flag=True, help="Show records that say the same, and bare shares, as one."
)
@click.option("--count", is_flag=True, help="Only say how many records match.")
@click.option(
    "--facets",
    callback=facet_names,
    metavar="NAMES",
    help="Count the records by these instead: platform,author,status,kind,account,month.",
)
@click.option("--explain", is_flag=True, help="Say how the query is understood; search nothing.")
@csv_option
@json_option
@pass_session
def search(
    session: Session,
    query: str | None,
    name: str | None,
    limit: int,
    everything: bool,
    sort: "Sort",
    context: bool,
    group: bool,
    count: bool,
    facets: "tuple[FacetName, ...]",
    explain: bool,
    as_csv: bool,
    as_json: bool,
) -> None:
    """Find records: all that match, in any of their versions, and how many there are.

    \b
    word word        both words, in any form (library, libraries), any case, any accent
    "two words"      side by side; "two words"~5: the second at most 5 words after the first
    AND OR NOT ( )   in capitals; OR beside words without an operator needs parentheses
    librar*  b?dget  a word by its beginning, or with any one letter; *mobile by its end
    color~  color~2  a word with one or two letters different
    #tag  @handle    as such; telephone numbers, addresses and URLs as they are written
    *                every record
    field:value      field:(a OR b), field:"two words"

    \b
    text        title, text, what it repeats of others, poll, place, names and descriptions of
                attachments (what no field is named for); exact: only in the form as written
    author      platform    account    title    attachment    lang    tag (a hashtag)
    kind        post, comment, share, message, page, profile
    status      live, pending, edited, removed, vanished, held (under a legal hold)
    series      its retention series, by code or title
    in          the thread of a record, by its id: the post and every answer
    reason      why it was removed; clause: under which clause of the policy
    has         attachment, reason, title
    date        when it was written; captured; removed: 2025, 2025-03, 2025-03-31, >=2025-03,
                [2025-01-01 TO 2025-03-31], "march 2025", 2025-q1, yesterday, last-month,
                "last 30 days", "since march 2025"; days begin where the archive is

    A query that could be misread is refused, with the place that is wrong. It is one argument:
    keep it in single quotes, so that the shell leaves its quotation marks alone. Where a word is
    nowhere, words near it that are somewhere are named.

    With --group, records that say the same words in the same order are shown as one, with the ids
    of the others; the total counts all of them. Months are those of the archive's time zone.

    \b
    Example:
      muniment search 'tulips AND NOT status:removed'
      muniment search 'author:"Jane Roe" date:[2025-01-01 TO 2025-03-31]' --all --sort date
      muniment search 'status:removed date:"last year"' --all --csv > removed.csv
      muniment search --saved meetings
      muniment search 'kind:comment parking' --context --group
      muniment search 'date:2025' --facets platform,status,month
    """
    from schedules import record_sets
    from search import SearchIndex

    _refuse_together(
        {"--explain": explain, "--count": count, "--facets": facets},
        {"--context": context, "--group": group},
    )
    archive = session.archive()
    query = query_of(archive, query, name)
    form = Form(context, group, everything, archive.config.timezone)
    with SearchIndex.open(archive, sets=record_sets(archive)) as index:
        if explain:
            _say_how(index, query, as_json)
            return
        index.explain(query)  # a query that is wrong is refused before anything is indexed
        index.catch_up()
        if index.rebuilt:
            note(f"the search index was built anew: {index.rebuilt}")
        page = not (count or facets or group or everything)
        results = index.search(query, limit=limit if page else 0, sort=sort)
        nowhere = index.nowhere(query)
        facts = _facts(index, results, nowhere, restricted=note_unsearched(archive))
        if count:
            emit_facts(facts, as_json) if as_json else say(str(results.total))
        elif facets:
            found = index.facets(query, facets)
            if as_json:
                emit_facts(facts | {"facets": facets_json(found)}, as_json)
            else:
                note(counted(results.total))
                emit_facets(found, as_csv=as_csv, everything=everything)
        else:
            total, hits = _hits(index, query, sort, results, form, limit)
            if as_json:
                _emit_json(facts | ({"groups": total} if group else {}), hits, form)
            else:
                note(_heading(results, total, form, limit))
                if on_terminal() and results.total <= _FEW:
                    _note_timeline(index, query)
                emit_hits_csv(hits, form) if as_csv else emit_hits(hits, form)
        if not as_json:
            note_nowhere(nowhere)
            note(_coverage(index, results))


def _refuse_together(instead: dict[str, object], beside: dict[str, bool]) -> None:
    """Raises UsageError when what is asked for instead of hits is asked for with something else."""
    given = [name for name, value in instead.items() if value]
    with_hits = [name for name, value in beside.items() if value]
    if given and len(given + with_hits) > 1:
        first, second = (given + with_hits)[:2]
        raise click.UsageError(f"{first} and {second} cannot be given together")


def _say_how(index: "SearchIndex", query: str, as_json: bool) -> None:
    understood = index.explain(query)
    if as_json:
        emit_facts({"query": query, "parsed": understood, "engine": index.engine}, as_json)
    else:
        say(understood)


def _hits(
    index: "SearchIndex", query: str, sort: "Sort", results: "Results", form: Form, limit: int
) -> "tuple[int, Iterable[Shown]]":
    """How many lines there are to show, and those that are wanted of them, streamed."""
    total = results.total
    hits: Iterable[Shown]
    if form.group:
        groups = index.groups(query, sort=sort)
        total = groups.total
        shown = (Shown(one.hit, one.others) for one in groups.groups)
        hits = shown if form.everything else islice(shown, limit)
    else:
        hits = map(Shown, index.hits(query, sort=sort) if form.everything else results.hits)
    return total, with_context(index, hits) if form.context else hits


def _heading(results: "Results", total: int, form: Form, limit: int) -> str:
    found = counted(results.total)
    if form.group:
        found += " in 1 group" if total == 1 else f" in {total} groups"
    if form.everything or total <= limit:
        return found
    return f"{found}, of which the first {limit}; --all shows every one"


def _note_timeline(index: "SearchIndex", query: str) -> None:
    line = timeline(*index.facets(query, ["month"]))
    if line:
        note(line)


def _coverage(index: "SearchIndex", results: "Results") -> str:
    whole = "" if results.complete else " (entries were appended meanwhile)"
    return f"searched by {index.engine} over {results.position} of {results.head} entries{whole}"


def _facts(
    index: "SearchIndex", results: "Results", nowhere: "list[Nowhere]", restricted: int
) -> dict[str, Any]:
    return {
        "total": results.total,
        "position": results.position,
        "head": results.head,
        "engine": index.engine,
        "restricted": restricted,
        "nowhere": nowhere_json(nowhere),
    }


def _emit_json(facts: dict[str, Any], hits: "Iterable[Shown]", form: Form) -> None:
    """One object: the facts, and the hits, streamed."""
    click.echo(f'{json.dumps(facts)[:-1]}, "hits":')
    emit_hits_json(hits, form)
    click.echo("}")
