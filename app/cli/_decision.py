"""What commands that record a decision share: its reason, its day, and who made it."""

from collections.abc import Callable
from datetime import date, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click

from app.cli._session import Session

if TYPE_CHECKING:
    from archive import Reader

DAY = click.DateTime(["%Y-%m-%d"])


policy_option = click.option(
    "--policy", default="", metavar="CODE", help="The policy; needed when several are adopted."
)
on_option = click.option("--on", "day", type=DAY, help="The day it was taken down; else today.")


def clause_option(*, required: bool) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """--clause CODE."""
    needed: dict[str, Any] = {"required": True} if required else {"default": ""}
    described = "The clause; see: muniment policy show."
    return click.option("--clause", metavar="CODE", help=described, **needed)


def reason_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """--reason and --reason-file; hand both to `reason_given`."""
    from_file = click.option(
        "--reason-file",
        type=click.File(encoding="utf-8"),
        help="Read the reason from a file, or from - (standard input).",
    )
    return click.option("--reason", metavar="TEXT", help="The reason, in your words.")(
        from_file(command)
    )


def evidence_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """--evidence FILE, any number of times: `evidence`, a tuple of paths."""
    return click.option(
        "--evidence",
        multiple=True,
        metavar="FILE",
        type=click.Path(exists=True, dir_okay=False, path_type=Path),
        help="A file to keep with it, such as a screenshot; may be given several times.",
    )(command)


def reason_given(reason: str | None, reason_file: Any) -> str:
    """The reason as one text; UsageError when there is none, or two."""
    return words(reason, reason_file, "--reason")


def words(text: str | None, file: Any, option: str) -> str:
    """A text given by an option, or by the option's file.

    UsageError when by neither or both, when it is empty, or the file is no text in UTF-8.
    """
    from archive import UsageError

    if (text is None) == (file is None):
        raise UsageError(f"give either {option} or {option}-file")
    try:
        found: str = file.read() if text is None else text
    except UnicodeDecodeError as error:
        hint = "save it as UTF-8"
        raise UsageError(f"{option}-file is no text in UTF-8", hint=hint) from error
    if not found.strip():
        raise UsageError(f"{option} is empty")
    if not found.isprintable() and any("\ud800" <= char <= "\udfff" for char in found):
        raise UsageError(f"{option} is no text in UTF-8", hint=f"put it in a file: {option}-file")
    return found


def day_or_today(session: Session, given: datetime | None) -> date:
    """The day that was given, else today where the archive is."""
    if given is not None:
        return given.date()
    return session.clock().astimezone(ZoneInfo(session.archive().config.timezone)).date()


def past_or_today(session: Session, given: datetime | None) -> date:
    """As `day_or_today`; UsageError when that day has not come yet."""
    from archive import UsageError

    today, day = day_or_today(session, None), day_or_today(session, given)
    if day > today:
        raise UsageError(f"{day} has not come yet", hint=f"today is {today}")
    return day


def on_the_day(session: Session, given: datetime | None) -> dict[str, Any]:
    """A past day, and its first moment where it is before today; UsageError when it is to come."""
    day = past_or_today(session, given)
    earlier = day < day_or_today(session, None)
    return {"day": day, "moment": start_of(session, day) if earlier else None}


def start_of(session: Session, day: date) -> datetime:
    """The first moment of a day where the archive is."""
    return datetime.combine(day, time(), ZoneInfo(session.archive().config.timezone))


def unsaid(reader: "Reader", subject: str) -> str:
    """Why the words of a decision about a record or a ban are not shown."""
    return "(restricted)" if reader.restricted([subject]) else "(disposed of)"


def actor_names(session: Session) -> dict[str, str]:
    """The actors' names by their ids."""
    from archive import actors

    with session.archive().read() as reader:
        return {one.id: one.name for one in actors.every(reader)}
