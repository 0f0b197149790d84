"""`muniment capture`: watch accounts by the platforms' own interfaces, as things happen."""

from typing import TYPE_CHECKING, Any

import click

from app.cli._noun import Noun
from app.cli._output import emit, json_option, local_time, note, say
from app.cli._session import Session, pass_session

if TYPE_CHECKING:
    from collections.abc import Iterable

    from archive.accounts import Account
    from ingest.live import Outcome, Standing

_FAILED = 1
_LATE = 1


@click.group(cls=Noun)
def capture() -> None:
    """Capture accounts live, by the platforms' own interfaces.

    What is posted, edited and deleted is archived within seconds where a platform streams, else at
    the next poll. One process, muniment capture run, watches all accounts.

    \b
    Example:
      muniment capture add mastodon:library@example.social --token library-mastodon
      muniment capture run
      muniment capture status
    """


@capture.command()
@click.argument("account", metavar="ACCOUNT")
@click.option("--url", default="", metavar="URL", help="Where its interface is; else its server.")
@click.option(
    "--promise", type=click.IntRange(min=1), metavar="MINUTES", help="The longest gap that is none."
)
@click.option(
    "--interval", type=click.IntRange(min=1), metavar="SECONDS", help="Look at least that often."
)
@click.option("--token", "secret", default="", metavar="NAME", help="The name of its token.")
@click.option(
    "--token-fd",
    type=click.IntRange(min=0),
    metavar="N",
    help="Read that token from this file descriptor and put it into the system's keyring.",
)
@click.option(
    "--option", "options", multiple=True, metavar="NAME=VALUE", help="What the platform asks for."
)
@pass_session
def add(
    session: Session,
    account: str,
    url: str,
    promise: int | None,
    interval: int | None,
    secret: str,
    token_fd: int | None,
    options: tuple[str, ...],
) -> None:
    """Watch an account from now on, or watch it otherwise than before.

    ACCOUNT is one that the archive knows (muniment account list), or PLATFORM:HANDLE. A token is
    only named here. When the account is watched it is looked for in the environment
    (MUNIMENT_TOKEN_NAME), in what --token-fd gives, and in the system's keyring.

    \b
    Example:
      muniment capture add mastodon:library@example.social --token library-mastodon --token-fd 3 \\
          3< token.txt
      muniment capture add mastodon:library@example.social --promise 30
    """
    from archive import UsageError
    from ingest.live import keep_in_keyring, platform_named, watch

    archive, signer = session.archive(), session.signer()
    with archive.read() as reader:
        platform, handle = _named(reader, account)
    known = platform_named(platform)
    if token_fd is not None:
        keep_in_keyring(secret, _token(token_fd, secret))
    if known.needs_token and not secret:
        raise UsageError(f"{platform} wants a token", hint="name one by --token")
    address = url or known.address(handle)
    if not address:
        raise UsageError(
            f"it is not said where {platform} {handle} is",
            hint="give its address by --url; docs/capture.md says how each platform's are named",
        )
    with archive.write(signer) as writer:
        watch(
            writer,
            platform,
            handle,
            address=address,
            promise=promise or known.promise,
            secret=secret,
            interval=interval or 0,
            options=_options(options),
        )
    say(f"{platform} {handle} is watched by: muniment capture run")


@capture.command()
@click.argument("account", metavar="ACCOUNT")
@pass_session
def remove(session: Session, account: str) -> None:
    """Watch an account no more. What was captured stays.

    \b
    Example:
      muniment capture remove library@example.social
    """
    from ingest.live import unwatch

    with session.archive().write(session.signer()) as writer:
        found = unwatch(writer, account)
    say(f"{found.account.platform} {found.account.handle} is watched no more")


@capture.command("list")
@json_option
@pass_session
def list_(session: Session, as_json: bool) -> None:
    """List the accounts that are watched, and how.

    \b
    Example:
      muniment capture list --json
    """
    from ingest.live import watches

    with session.archive().read() as reader:
        rows = [
            {
                "platform": one.account.platform,
                "handle": one.account.handle,
                "url": one.address,
                "promise": one.promise,
                "interval": one.interval or None,
                "token": one.secret or None,
                "options": dict(one.options),
                "id": one.account.id,
            }
            for one in watches(reader)
        ]
    columns = ["platform", "handle", "url", "promise", "interval", "token"]
    emit(rows, [*columns, "options", "id"] if as_json else columns, as_json)


@capture.command()
@click.option("--once", is_flag=True, help="Poll every account once, and end.")
@click.option(
    "--token-fd",
    type=click.IntRange(min=0),
    metavar="N",
    help="Read tokens from this file descriptor, NAME=TOKEN a line.",
)
@click.option("--mail", multiple=True, metavar="ADDRESS", help="Mail whom when one is not heard.")
@click.option("--smtp", default="", metavar="HOST[:PORT]", help="The server that takes that mail.")
@click.option("--notify", default="", metavar="URL", help="Post a notice there, as JSON, too.")
@click.option(
    "--webhook", default="", metavar="HOST:PORT", help="Take there what Meta's webhooks send."
)
@click.option(
    "--webhook-secret", default="", metavar="NAME", help="The name of the app's secret for that."
)
@pass_session
def run(
    session: Session,
    once: bool,
    token_fd: int | None,
    mail: tuple[str, ...],
    smtp: str,
    notify: str,
    webhook: str,
    webhook_secret: str,
) -> None:
    """Watch all accounts until it is told to stop (SIGTERM, Ctrl-C).

    One that is killed loses nothing: the next one goes on from where each account was. With --once
    the exit status is 1 when an account could not be polled. An account that is not heard for
    longer than its promise is said on stderr, and to whom --mail and --notify name.

    The secret of --webhook is looked for as tokens are, and the word that Meta asks for when the
    webhook is set up under the same name with -verify behind it (docs/operations.md).

    \b
    Example:
      muniment --as nightly capture run --webhook 127.0.0.1:8787 --webhook-secret library-app
      muniment --as nightly capture run --mail clerk@library.example --smtp localhost
      muniment capture run --once
    """
    import asyncio

    from archive import UsageError
    from ingest.live import Capture, Notices, Tokens, Webhook, address_of, read_tokens, secrets_of

    tokens = Tokens(read_tokens(token_fd) if token_fd is not None else None)
    notices = Notices(mail, smtp, notify)
    notices.check()
    process = Capture(
        session.archive(),
        session.signer(),
        tokens=tokens,
        say=(lambda _: None) if once else note,
        notices=notices,
    )
    if webhook and (once or not webhook_secret):
        raise UsageError(
            "--webhook goes with --webhook-secret NAME, and not with --once",
            hint="see: muniment capture run --help",
        )
    if not once:
        beside = []
        if webhook:
            secret, verify = secrets_of(webhook_secret, tokens.find)
            receiver = Webhook(
                *address_of(webhook),
                secret=secret,
                verify=verify,
                receive=process.receive,
                now=session.archive().clock,
                say=note,
            )
            beside.append(receiver.serve())
        asyncio.run(process.run(*beside))
        return
    outcomes = asyncio.run(process.once())
    for one in outcomes:
        say(_outcome(one))
    if any(one.trouble for one in outcomes):
        click.get_current_context().exit(_FAILED)


@capture.command()
@json_option
@pass_session
def status(session: Session, as_json: bool) -> None:
    """Say how the watched accounts stand: heard until when, failing, late, and their gaps.

    An account is late when it was not heard for longer than its promise; the exit status is then 1.

    \b
    Example:
      muniment capture status --json
    """
    from ingest.live import standings

    archive = session.archive()
    zone = "" if as_json else archive.config.timezone
    with archive.read() as reader:
        found = standings(reader, archive.clock())
    if not found and not as_json:
        note("no account is watched; add one by: muniment capture add")
    columns = ["platform", "handle", "state", "heard", "why", "gaps", "last_gap"]
    emit(
        [_standing(one, zone) for one in found],
        [*columns, "promise", "last_gap_from", "last_gap_why", "id"] if as_json else columns,
        as_json,
    )
    if any(one.state == "late" for one in found):
        click.get_current_context().exit(_LATE)


def _named(reader: Any, wanted: str) -> tuple[str, str]:
    """The platform and handle of a known account, or those of PLATFORM:HANDLE."""
    from archive import NotFound, UsageError, accounts

    try:
        account: Account = accounts.get(reader, wanted)
    except NotFound:
        platform, colon, handle = wanted.partition(":")
        if not colon or not handle:
            raise UsageError(
                f"there is no account {wanted}", hint="name a new one as PLATFORM:HANDLE"
            ) from None
        return platform, handle.removeprefix("@")
    return account.platform, account.handle


def _token(descriptor: int, name: str) -> str:
    from archive import UsageError
    from ingest.live import read_token

    if not name:
        raise UsageError("the token has no name", hint="give one by --token NAME")
    return read_token(descriptor)


def _options(given: "Iterable[str]") -> dict[str, str]:
    from archive import UsageError

    pairs = [one.partition("=") for one in given]
    if not all(name and equals for name, equals, _ in pairs):
        raise UsageError("an option is not NAME=VALUE", hint="see: muniment capture add --help")
    return {name: value for name, _, value in pairs}


def _outcome(one: "Outcome") -> str:
    hint = f"; {one.hint}" if one.hint else ""
    return f"{one.watch.name}: {one.trouble or 'polled'}{hint}"


def _standing(one: "Standing", zone: str) -> dict[str, Any]:
    account, gap = one.watch.account, one.gap
    return {
        "platform": account.platform,
        "handle": account.handle,
        "state": one.state,
        "heard": local_time(one.heard, zone),
        "why": one.why or None,
        "gaps": one.gaps,
        "last_gap": local_time(gap.until, zone) if gap else None,
        "last_gap_from": local_time(gap.since, zone) if gap else None,
        "last_gap_why": gap.why if gap else None,
        "promise": one.watch.promise,
        "id": account.id,
    }
