"""The commands `muniment request attach` and `attachment`: the correspondence of a request."""

from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from app.cli._attention import today
from app.cli._new_file import write_new
from app.cli._output import say
from app.cli._session import Session, pass_session

if TYPE_CHECKING:
    from archive import Reader
    from exports.requests import Request

_SHOWN = ("number", "direction", "day", "name", "type", "size", "note", "sha256")
_WAYS = {"in": "received", "out": "sent"}


@click.command()
@click.argument("key", metavar="REQUEST")
@click.argument(
    "path", metavar="FILE", type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@click.option(
    "--direction",
    type=click.Choice(["in", "out"]),
    required=True,
    help="Whether the body received it, or sent it.",
)
@click.option(
    "--received",
    "--sent",
    "day",
    type=click.DateTime(["%Y-%m-%d"]),
    help="The day on which it came, or went; else today.",
)
@click.option("--note", default="", metavar="TEXT", help="What it is; kept encrypted.")
@pass_session
def attach(
    session: Session,
    key: str,
    path: Path,
    direction: Literal["in", "out"],
    day: datetime | None,
    note: str,
) -> None:
    """Keep a letter, an e-mail or another file with a request.

    It is kept encrypted, as are its name and the note. request show lists what there is.

    \b
    Example:
      muniment request attach 2026-0001 request.eml --direction in --received 2026-11-02
      muniment request attach 2026-0001 answer.pdf --direction out --note "Our answer"
    """
    from exports.requests import attach as attach_file
    from exports.requests import find_request

    now = today(session)
    with session.archive().write(session.signer()) as writer:
        found = find_request(writer, key)
        kept = attach_file(
            writer,
            found,
            path,
            direction=direction,
            day=day.date() if day else now,
            today=now,
            note=note,
        )
    say(f"request {found.number}: attachment {kept.number}, {kept.size} bytes, {kept.sha256}")


@click.command()
@click.argument("key", metavar="REQUEST")
@click.argument("number", metavar="N", type=click.IntRange(min=1))
@click.option(
    "-o",
    "--output",
    "path",
    required=True,
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Where to write it.",
)
@pass_session
def attachment(session: Session, key: str, number: int, path: Path) -> None:
    """Write a piece of a request's correspondence to a file.

    \b
    Example:
      muniment request attachment 2026-0001 1 -o request.eml
    """
    from exports.requests import content_of, find_request

    with session.archive().read() as reader:
        found, content = content_of(reader, find_request(reader, key), number)
        write_new(path, content)
    say(f"{found.name} is in {path}, {found.size} bytes, {found.sha256}")


def letters_of(reader: "Reader", request: "Request") -> list[dict[str, Any]]:
    """The correspondence of a request, for showing."""
    from exports.requests import correspondence

    letters = map(asdict, correspondence(reader, request))
    return [{name: letter[name] for name in _SHOWN} for letter in letters]


def letter_told(letter: dict[str, Any]) -> str:
    """One of `letters_of`, as a line."""
    note = f": {letter['note']}" if letter["note"] else ""
    return (
        f"attachment {letter['number']}, {_WAYS[letter['direction']]} {letter['day']}, "
        f"{letter['name'] or 'erased'} ({letter['size']} bytes){note}"
    )
