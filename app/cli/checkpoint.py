"""`muniment checkpoint`: the signed head of the log, to be kept elsewhere."""

import click

from app.cli._session import Session, pass_session


@click.command()
@pass_session
def checkpoint(session: Session) -> None:
    """Print the signed head of the log.

    It is a C2SP tlog-checkpoint: the log's name, its length, its root, and a signature. Keep copies
    where nobody who works with the archive can change them: `muniment verify --since FILE` later
    proves that nothing before it has been altered or taken out.

    \b
    Example:
      muniment checkpoint > 2026-03-02.checkpoint
    """
    with session.archive().read() as reader:
        click.echo(reader.checkpoint(), nl=False)
