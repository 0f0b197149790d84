"""The command `muniment request exemptions`: what the act exempts, and by which code."""

from pathlib import Path

import click

from app.cli._new_file import write_new
from app.cli._output import emit, json_option, note, say
from app.cli._request_decide import rules_of
from app.cli._session import Session, pass_session


@click.command()
@click.argument("word", default="")
@click.option(
    "-o",
    "--output",
    "path",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Write them as a file to change.",
)
@json_option
@pass_session
def exemptions(session: Session, word: str, path: Path | None, as_json: bool) -> None:
    """List the codes that --exemption takes, all or those with a word in their title.

    Each with where it stands, and whether its title was compared with the act. What is missing or
    wrong you put right in exemptions.csv in the archive's folder: its lines count before those that
    come with the act.

    \b
    Example:
      muniment request exemptions
      muniment request exemptions library
      muniment request exemptions -o exemptions.csv
    """
    from exports.requests import EXEMPTIONS_FILE, exemptions_csv

    archive = session.archive()
    rules = rules_of(archive)
    found = rules.exemptions.with_word(word)
    if path is None:
        rows = [
            {
                "code": one.code,
                "title": one.title,
                "section": one.section,
                "checked": "yes" if one.verified else "no",
            }
            for one in found
        ]
        emit(rows, ["code", "title", "section", "checked"], as_json)
        if not found:
            note(f"none has {word!r}: put it into {archive.folder / EXEMPTIONS_FILE}")
        return
    write_new(path, [exemptions_csv(found).encode()])
    say(f"{path}: change it, and put it into {archive.folder / EXEMPTIONS_FILE}")
