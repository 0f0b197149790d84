"""`muniment account`: the accounts whose content is kept, and what a policy asks of them."""

from datetime import datetime
from typing import TYPE_CHECKING

import click

from app.cli._decision import DAY, past_or_today, reason_given, reason_options
from app.cli._noun import Noun
from app.cli._output import emit, emit_facts, emit_texts, json_option, local_time, say
from app.cli._session import Session, pass_session

if TYPE_CHECKING:
    from typing import Any

    from archive.accounts import Account

_STANDING = {
    "shown": "the profile shows it",
    "missing": "MISSING from the profile",
    "no profile": "no profile was captured",
    "not demanded": "no policy demands it",
}


@click.group(cls=Noun)
def account() -> None:
    """The social-media accounts that are kept.

    An account is named by its handle, by PLATFORM:HANDLE, or by the end of its id.

    \b
    Example:
      muniment account list
      muniment account unanswered
    """


@account.command()
@click.argument("platform")
@click.argument("handle")
@click.option("--name", default="", help="The name that the account shows.")
@click.option("--url", default="", help="Where it is.")
@click.option("--purpose", default="", metavar="TEXT", help="What it is kept for.")
@click.option(
    "--poster", "posters", multiple=True, metavar="NAME", help="Who may post; may be repeated."
)
@click.option("--notice", default="", metavar="TEXT", help="What its profile has to say.")
@pass_session
def add(
    session: Session,
    platform: str,
    handle: str,
    name: str,
    url: str,
    purpose: str,
    posters: tuple[str, ...],
    notice: str,
) -> None:
    """Add an account. An ingest adds the accounts that it finds by itself.

    The policy demands a notice of public disclosure on every account and names the phrases that
    count as one; --notice asks for a wording of your own instead.

    \b
    Example:
      muniment account add mastodon @library@example.social --name "Cook Memorial Library" \\
          --purpose "Programs and closures" --poster "Jane Roe" --poster "Li Wei"
    """
    from archive import accounts

    archive, signer = session.archive(), session.signer()
    with archive.write(signer) as writer:
        known = accounts.find(writer, platform, handle)
        kept = known or accounts.find_or_add(
            writer,
            platform,
            handle,
            name=name,
            url=url,
            purpose=purpose,
            notice=notice,
            posters=posters,
        )
    say(f"{platform} {handle} {'was there already' if known else 'is kept'}: {kept}")
    if known and (name or url or purpose or notice or posters):
        say(f"nothing of it was changed; see: muniment account change {handle}")


@account.command()
@click.argument("account_", metavar="ACCOUNT")
@click.option("--name", help="The name that the account shows.")
@click.option("--url", help="Where it is.")
@click.option("--purpose", metavar="TEXT", help="What it is kept for.")
@click.option(
    "--poster", "posters", multiple=True, metavar="NAME", help="All who may post from now on."
)
@click.option("--notice", metavar="TEXT", help='What its profile has to say; "" as the policy.')
@pass_session
def change(
    session: Session,
    account_: str,
    name: str | None,
    url: str | None,
    purpose: str | None,
    posters: tuple[str, ...],
    notice: str | None,
) -> None:
    """Change what is said about an account; what is not given stays, "" takes it away.

    What was said before stays in the log.

    \b
    Example:
      muniment account change @library@example.social --poster "Jane Roe"
    """
    from archive import accounts

    with session.archive().write(session.signer()) as writer:
        changed = accounts.change(
            writer,
            accounts.get(writer, account_),
            name=name,
            url=url,
            purpose=purpose,
            notice=notice,
            posters=posters or None,
        )
    say(f"{changed.platform} {changed.handle} is changed")


@account.command()
@click.argument("account_", metavar="ACCOUNT")
@click.option("--on", "day", type=DAY, help="The day on which it was given up; else today.")
@click.option("--reason", default="", metavar="TEXT", help="Why, in your words.")
@pass_session
def close(session: Session, account_: str, day: datetime | None, reason: str) -> None:
    """Record that an account was given up: what it holds stays in the archive.

    Series of a retention schedule may count from that day (trigger = "account_closed").

    \b
    Example:
      muniment account close @library@example.social --on 2026-06-30
    """
    from archive import accounts

    on = past_or_today(session, day)
    with session.archive().write(session.signer()) as writer:
        found = accounts.get(writer, account_)
        accounts.close(writer, found, on, reason)
    say(f"{found.platform} {found.handle} is closed since {on}")


@account.command()
@click.argument("account_", metavar="ACCOUNT")
@click.option("--reason", required=True, metavar="TEXT", help="Why, in your words.")
@pass_session
def reopen(session: Session, account_: str, reason: str) -> None:
    """Record that a closed account is in use again, or was closed by mistake.

    \b
    Example:
      muniment account reopen @library@example.social --reason "Closed by mistake"
    """
    from archive import accounts

    with session.archive().write(session.signer()) as writer:
        found = accounts.get(writer, account_)
        accounts.reopen(writer, found, reason)
    say(f"{found.platform} {found.handle} is in use")


@account.command()
@click.argument("account_", metavar="ACCOUNT")
@json_option
@pass_session
def show(session: Session, account_: str, as_json: bool) -> None:
    """Show an account: its purpose, who may post, and whether its profile shows the notice.

    \b
    Example:
      muniment account show @library@example.social
    """
    from app.cli._attention import today
    from archive import accounts
    from ingest.duties import notices

    archive = session.archive()
    with archive.read() as reader:
        found = accounts.get(reader, account_)
        [notice] = [n for n in notices(reader, today(session)) if n.account.id == found.id]
    facts = _facts(found) | {
        "disclosure": notice.standing if as_json else _STANDING[notice.standing],
        "profile_captured": local_time(
            notice.captured_at, "" if as_json else archive.config.timezone
        ),
    }
    if as_json:
        emit_facts(facts, as_json=True)
    else:
        emit_facts({name: value for name, value in facts.items() if value not in (None, "", [])})


@account.command("list")
@json_option
@pass_session
def list_(session: Session, as_json: bool) -> None:
    """List the accounts, and whether their profiles show the notice of public disclosure.

    \b
    Example:
      muniment account list --json
    """
    from app.cli._attention import today
    from ingest.duties import notices

    with session.archive().read() as reader:
        rows = [
            _facts(one.account) | {"disclosure": one.standing}
            for one in notices(reader, today(session))
        ]
    columns = ["platform", "handle", "name", "url", "disclosure", "id"]
    emit(
        rows, [*columns, "purpose", "posters", "notice", "closed"] if as_json else columns, as_json
    )


@account.command()
@click.option("--since", type=DAY, help="From this day on; else the last 30 days that count.")
@click.option(
    "--days", type=click.IntRange(min=1), help="Business days for an answer; else the policy's."
)
@json_option
@pass_session
def unanswered(session: Session, since: datetime | None, days: int | None, as_json: bool) -> None:
    """List comments and messages of others that nobody answered in time.

    In time is what the policy says, in business days of the body's calendar. An answer is a reply
    by one of the accounts, or a later one below the same comment or in the same messages. What was
    removed, is restricted, or needs no answer (account answered) is left out.

    \b
    Example:
      muniment account unanswered
      muniment account unanswered --since 2026-01-01 --json
    """
    from app.cli._attention import overdue, window

    archive = session.archive()
    zone = "" if as_json else archive.config.timezone
    with archive.read() as reader:
        span = window(session, reader, days, since.date() if since is not None else None)
        rows = [
            {
                "record": one.record.id,
                "platform": one.record.platform,
                "kind": one.record.kind,
                "author": one.author,
                "written": local_time(one.written_at, zone),
                "text": one.text,
            }
            for one in overdue(reader, span)
        ]
    columns = ["record", "platform", "kind", "author", "written"]
    if as_json:
        emit(rows, [*columns, "text"], as_json)
    else:
        emit_texts(rows, columns, "text")


@account.command()
@click.argument("record")
@reason_options
@pass_session
def answered(session: Session, record: str, reason: str | None, reason_file: "Any") -> None:
    """Record that a comment needs no answer any more, and why: it was answered elsewhere.

    \b
    Example:
      muniment account answered 8a22fe3ae1b6 --reason "Answered by telephone on Monday"
    """
    from ingest.duties import set_answered

    said = reason_given(reason, reason_file)
    with session.archive().write(session.signer()) as writer:
        done = set_answered(writer, record, reason=said)
    say(f"{done.id} needs no answer any more")


def _facts(one: "Account") -> "dict[str, Any]":
    return {
        "platform": one.platform,
        "handle": one.handle,
        "name": one.name,
        "url": one.url,
        "purpose": one.purpose,
        "posters": list(one.posters),
        "notice": one.notice,
        "closed": one.closed,
        "id": one.id,
    }
