"""`muniment demo`: the main job end to end."""

from pathlib import Path

import click

from app.cli._new_file import is_there
from app.cli._session import Session, pass_session


@click.command()
@click.argument("folder", metavar="[DIR]", required=False, type=click.Path(path_type=Path))
@pass_session
def demo(session: Session, folder: Path | None) -> None:
    """Work through a library's year in one command.

    On real exports that come with Muniment: capture, removals and an appeal, search, retention and
    a hold, disposal by two people, a request and its answer, verification. Every command is shown
    as you would type it. All of it stays in DIR, a new folder; without DIR it is named by the time.

    \b
    Example:
      muniment demo
      muniment demo /tmp/maple-grove
    """
    from app.demo import run

    now = session.clock().astimezone()
    folder = (folder or Path("demo") / f"{now:%Y-%m-%d-%H%M%S}").resolve()
    if folder.exists():
        raise is_there(folder, "folder")
    run(folder, now.date())
