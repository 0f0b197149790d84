"""`muniment rebuild`: everything that is derived from the log, computed anew."""

import click

from app.cli._output import say
from app.cli._session import Session, pass_session


@click.command()
@pass_session
def rebuild(session: Session) -> None:
    """Compute everything that is derived from the log anew.

    The tables of records, holds, schedules and requests, and the search index, hold nothing that
    the log does not say. An interrupted rebuild of the tables leaves them as they were; the old
    index serves until the new one is whole. What killed commands left behind is removed.

    \b
    Example:
      muniment rebuild
    """
    from search import SearchIndex

    archive = session.archive()
    archive.rebuild()
    archive.tidy()
    with SearchIndex.open(archive) as index:
        index.rebuild()
    with archive.read() as reader:
        say(f"computed the tables and the search index anew from {reader.head.size} entries")
