"""What a command is to search for: the query that it was given, or the one that has a name."""

from typing import TYPE_CHECKING

import click

from app.cli._output import note

if TYPE_CHECKING:
    from archive import Archive

saved_option = click.option(
    "--saved", "name", metavar="NAME", help="The query that was saved under a name."
)
"""The option of a command that takes a query; the command gets `name: str | None`."""


def query_of(archive: "Archive", query: str | None, name: str | None) -> str:
    """The query, or the one of that name, which is said then; UsageError for none or both."""
    from archive import UsageError
    from search import find_search

    if (query is None) == (name is None):
        raise UsageError("one query is needed", hint="give QUERY, or --saved NAME")
    if name is None:
        assert query is not None
        return query
    with archive.read() as reader:
        found = find_search(reader, name)
    note(f"{found.name}: {found.query}")
    return found.query
