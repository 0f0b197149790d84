"""`muniment account`: the accounts whose content is kept."""

import click

from app.cli._output import emit, json_option, say
from app.cli._session import Session, pass_session


@click.group()
def account() -> None:
    """The social-media accounts that are kept.

    \b
    Example:
      muniment account list
    """


@account.command()
@click.argument("platform")
@click.argument("handle")
@click.option("--name", default="", help="The name that the account shows.")
@click.option("--url", default="", help="Where it is.")
@pass_session
def add(session: Session, platform: str, handle: str, name: str, url: str) -> None:
    """Add an account. An ingest adds the accounts that it finds by itself.

    \b
    Example:
      muniment account add mastodon @library@example.social --name "Cook Memorial Library"
    """
    from archive import accounts

    archive, signer = session.archive(), session.signer()
    with archive.write(signer) as writer:
        known = accounts.find(writer, platform, handle)
        kept = known or accounts.find_or_add(writer, platform, handle, name=name, url=url)
    say(f"{platform} {handle} {'was there already' if known else 'is kept'}: {kept}")


@account.command("list")
@json_option
@pass_session
def list_(session: Session, as_json: bool) -> None:
    """List the accounts.

    \b
    Example:
      muniment account list --json
    """
    from archive import accounts

    with session.archive().read() as reader:
        rows = [
            {
                "platform": one.platform,
                "handle": one.handle,
                "name": one.name,
                "url": one.url,
                "id": one.id,
            }
            for one in accounts.every(reader)
        ]
    emit(rows, ["platform", "handle", "name", "url", "id"], as_json)
