"""`muniment hold`: legal holds."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from app.cli._hold_notices import acknowledge, remind, reviewed
from app.cli._hold_report import list_, report, show
from app.cli._noun import Noun
from app.cli._output import say
from app.cli._session import Session, pass_session

if TYPE_CHECKING:
    from archive import Reader
    from schedules import Criteria

DAY = click.DateTime(["%Y-%m-%d"])


@click.group(cls=Noun)
def hold() -> None:
    """Legal holds: what they catch is not disposed of, whatever the schedule says.

    A hold by query, account, author or period also catches what is captured later. It can be
    widened, and it ends when it is released; there is no narrowing.

    \b
    Example:
      muniment hold place doe --query 'flood AND pump' --matter "Doe v. Town" --custodian "Clerk"
      muniment hold widen doe --author mastodon:@doe
      muniment hold release doe --reason "settled on 1 May"
    """


for _command in (acknowledge, list_, remind, report, reviewed, show):
    hold.add_command(_command)


def _scope(command: Any) -> Any:
    """The options that say what a hold covers, and who answers for it."""
    for option in reversed(
        (
            click.option(
                "--query", default="", help="Hold what matches this query, now and later."
            ),
            click.option(
                "--record", "records", multiple=True, metavar="ID", help="Hold this record."
            ),
            click.option(
                "--request",
                "requests",
                multiple=True,
                metavar="NUMBER",
                help="Hold the file of this request: who asked, for what, every letter.",
            ),
            click.option(
                "--account", metavar="[PLATFORM:]HANDLE", help="Of this account of the body."
            ),
            click.option("--author", metavar="[PLATFORM:]HANDLE", help="By this author."),
            click.option(
                "--from", "since", type=DAY, metavar="DATE", help="Published on this day or later."
            ),
            click.option(
                "--to", "until", type=DAY, metavar="DATE", help="Published on this day or earlier."
            ),
            click.option(
                "--custodian",
                "custodians",
                multiple=True,
                metavar="NAME",
                help="Who answers for what is held; may be repeated.",
            ),
        )
    ):
        command = option(command)
    return command


@hold.command("place")
@click.argument("name")
@_scope
@click.option(
    "--kind",
    type=click.Choice(["litigation", "request", "audit"]),
    default="litigation",
    show_default=True,
    help="What the hold is for.",
)
@click.option("--matter", default="", help="The case, request or audit.")
@click.option("--remind", metavar="DATE|PERIOD", help="When to look at it again, such as P90D.")
@pass_session
def place_(
    session: Session, /, name: str, kind: str, matter: str, remind: str | None, **asked: Any
) -> None:
    """Place a hold on records, on files of requests, and on what fits all the criteria given.

    For alternatives place it by one set of criteria and widen it by the next. A record whose
    publication is not dated fits any period. A reminder by a period recurs.

    \b
    Example:
      muniment hold place doe --query flood --from 2026-01-01 --matter "Doe v. Town" --remind P90D
      muniment hold place audit --account mastodon:@library --kind audit --custodian "Clerk"
      muniment hold place roe --record 8a22fe3ae1b6 --record 5b1c07de9f20 --matter "Roe v. Town"
      muniment hold place appeal --request 2026-0001 --matter "Review 2026 PAC 17"
    """
    from schedules import NEVER, HoldKind, Reminder, place, today

    archive, signer = session.archive(), session.signer()
    with archive.write(signer) as writer:
        criteria = _criteria(writer, asked)
        placed = place(
            archive,
            writer,
            name,
            HoldKind(kind),
            matter=matter,
            custodians=asked["custodians"],
            record_ids=asked["records"],
            requests=asked["requests"],
            criteria=criteria,
            reminder=Reminder.parse(remind, today(archive)) if remind else NEVER,
        )
    later = ", and what fits later" if criteria else ""
    say(f"{placed.name} holds {placed.records} record{_s(placed.records)}{later}")


@hold.command("widen")
@click.argument("name", metavar="HOLD")
@_scope
@pass_session
def widen_(session: Session, /, name: str, **asked: Any) -> None:
    """Let a hold cover more: what fits all of these criteria is held as well.

    What it covers already stays held. Its custodians are asked to acknowledge it anew, unless all
    that is new is a custodian.

    \b
    Example:
      muniment hold widen doe --query '"pump station"' --from 2025-06-01
      muniment hold widen doe --record 8a22fe3ae1b6 --custodian "Ann Roe, Parks"
    """
    from schedules import find_hold, widen

    archive, signer = session.archive(), session.signer()
    with archive.write(signer) as writer:
        before = find_hold(writer, name)
        after = widen(
            archive,
            writer,
            before,
            custodians=asked["custodians"],
            record_ids=asked["records"],
            requests=asked["requests"],
            criteria=_criteria(writer, asked),
        )
    more = after.records - before.records
    say(f"{after.name} holds {more} more record{_s(more)}, {after.records} in all")


@hold.command("release")
@click.argument("name", metavar="HOLD")
@click.option("--reason", required=True, help="Why the hold ends.")
@pass_session
def release_(session: Session, name: str, reason: str) -> None:
    """End a hold, the whole of it. Officers and directors do.

    To narrow one, place the narrower hold first, and release the wider one.

    \b
    Example:
      muniment hold release doe --reason "settled on 1 May"
    """
    from schedules import find_hold, release

    archive, signer = session.archive(), session.signer()
    with archive.write(signer) as writer:
        found = find_hold(writer, name)
        release(writer, found, reason)
    say(f"{found.name} is released; it held {found.records} record{_s(found.records)}")


@hold.command("refresh")
@pass_session
def refresh(session: Session) -> None:
    """Apply every hold to what was captured since. A disposal does this by itself.

    \b
    Example:
      muniment hold refresh
    """
    from schedules import cover

    archive, signer = session.archive(), session.signer()
    with archive.write(signer) as writer:
        _, caught = cover(archive, writer)
    for name, count in caught.items():
        say(f"{name} holds {count} more record{_s(count)}")
    if not caught:
        say("no hold caught anything new")


def _criteria(reader: "Reader", asked: dict[str, Any]) -> "Criteria":
    from schedules import Criteria, find_author

    account, author = asked["account"], asked["author"]
    since: datetime | None = asked["since"]
    until: datetime | None = asked["until"]
    found = _account(reader, account) if account else None
    return Criteria(
        query=asked["query"],
        account=found.id if found else None,
        author_key=find_author(reader, author, found.platform if found else "") if author else None,
        since=since.date() if since else None,
        until=until.date() if until else None,
        author=author or "",
    )


def _account(reader: "Reader", wanted: str) -> Any:
    from archive import accounts
    from archive.errors import NotFound, UsageError

    bare = wanted.lower().lstrip("@")
    found = [
        one
        for one in accounts.every(reader)
        if bare in {one.id, one.handle.lower().lstrip("@")}
        or wanted.lower().replace(":@", ":") == f"{one.platform}:{one.handle.lstrip('@')}".lower()
    ]
    if not found:
        raise NotFound(f"there is no account {wanted}", hint="see: muniment account list")
    if len(found) > 1:
        raise UsageError(f"several accounts are called {wanted}", hint="say PLATFORM:HANDLE")
    return found[0]


def _s(count: int) -> str:
    return "" if count == 1 else "s"
