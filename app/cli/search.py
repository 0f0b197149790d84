"""`muniment search`: find records, completely and counted."""

import json
from typing import TYPE_CHECKING, Any

import click

from app.cli._asked import query_of, saved_option
from app.cli._output import (
    csv_option,
    emit,
    emit_csv,
    emit_facts,
    emit_texts,
    json_option,
    local_time,
    note,
    say,
)
from app.cli._restrict import note_unsearched
from app.cli._session import Session, pass_session

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from search import Hit, Results, SearchIndex, Sort

_COLUMNS = ("id", "platform", "author", "date", "status")
_JSON_COLUMNS = (
    *("id", "seq", "version", "versions", "score", "date", "platform", "kind", "status", "author"),
    *("snippet", "marks", "found_in"),
)
_CSV_COLUMNS = tuple(column for column in _JSON_COLUMNS if column != "marks")


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
@click.option("--count", is_flag=True, help="Only say how many records match.")
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
    count: bool,
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
    keep it in single quotes, so that the shell leaves its quotation marks alone.

    \b
    Example:
      muniment search 'tulips AND NOT status:removed'
      muniment search 'author:"Jane Roe" date:[2025-01-01 TO 2025-03-31]' --all --sort date
      muniment search 'status:removed date:"last year"' --all --csv > removed.csv
      muniment search --saved meetings
    """
    from schedules import record_sets
    from search import SearchIndex

    archive = session.archive()
    query = query_of(archive, query, name)
    with SearchIndex.open(archive, sets=record_sets(archive)) as index:
        if explain:
            _say_how(index, query, as_json)
            return
        index.explain(query)  # a query that is wrong is refused before anything is indexed
        index.catch_up()
        if index.rebuilt:
            note(f"the search index was built anew: {index.rebuilt}")
        results = index.search(query, limit=0 if count or everything else limit, sort=sort)
        hits = index.hits(query, sort=sort) if everything else iter(results.hits)
        note_unsearched(archive)
        if as_json:
            _emit_json(index, results, None if count else hits)
            return
        if count:
            say(str(results.total))
        elif as_csv:
            emit_csv(map(_json_row, hits), _CSV_COLUMNS)
        else:
            _emit_page(results, hits, archive.config.timezone, everything=everything)
        note(_coverage(index, results))


def _say_how(index: "SearchIndex", query: str, as_json: bool) -> None:
    understood = index.explain(query)
    if as_json:
        emit_facts({"query": query, "parsed": understood, "engine": index.engine}, as_json)
    else:
        say(understood)


def _emit_page(
    results: "Results", hits: "Iterable[Hit]", timezone: str, *, everything: bool
) -> None:
    records = "1 record" if results.total == 1 else f"{results.total} records"
    shown = len(results.hits)
    if not everything and shown < results.total:
        note(f"{records}, of which the first {shown}; --all shows every one")
    else:
        note(records)
    emit_texts((_row(hit, timezone) for hit in hits), _COLUMNS, "snippet")


def _row(hit: "Hit", timezone: str) -> dict[str, Any]:
    earlier = f"(version {hit.version} of {hit.versions}) " if hit.earlier else ""
    source = "" if hit.snippet.source == "text" else f"{hit.snippet.source}: "
    return {
        "id": hit.id,
        "platform": hit.platform,
        "author": hit.author,
        "date": local_time(hit.date, timezone),
        "status": hit.status,
        "snippet": earlier + source + hit.snippet.marked(),
    }


def _coverage(index: "SearchIndex", results: "Results") -> str:
    whole = "" if results.complete else " (entries were appended meanwhile)"
    return f"searched by {index.engine} over {results.position} of {results.head} entries{whole}"


def _emit_json(index: "SearchIndex", results: "Results", hits: "Iterator[Hit] | None") -> None:
    """One object: the facts, and the hits, streamed, unless they were not asked for."""
    facts = {
        "total": results.total,
        "position": results.position,
        "head": results.head,
        "engine": index.engine,
    }
    if hits is None:
        emit_facts(facts, as_json=True)
        return
    click.echo(f'{json.dumps(facts)[:-1]}, "hits":')
    emit(map(_json_row, hits), _JSON_COLUMNS, as_json=True)
    click.echo("}")


def _json_row(hit: "Hit") -> dict[str, Any]:
    snippet = hit.snippet
    return {name: getattr(hit, name) for name in _JSON_COLUMNS if hasattr(hit, name)} | {
        "snippet": snippet.text,
        "marks": [list(mark) for mark in snippet.marks],
        "found_in": snippet.source,
    }
