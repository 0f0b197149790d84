"""`muniment init`: a new archive."""

import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import click

from app.cli._output import note, say
from app.cli._session import CONFIG_FILE, Session, pass_session

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey


@click.command()
@click.argument("folder", metavar="[DIR]", default=".", type=click.Path(path_type=Path))
@click.option("--name", required=True, help="What the archive is called, as people will read it.")
@click.option("--actor", default="officer", show_default=True, help="Its first actor.")
@click.option(
    "--role",
    "roles",
    multiple=True,
    default=("officer",),
    show_default=True,
    help="The first actor's role; may be given several times.",
)
@click.option(
    "--key",
    "private_key",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="The first actor's OpenSSH Ed25519 private key, which stays where it is.",
)
@click.option("--jurisdiction", default="", help="Whose law it answers to, such as US-IL.")
@click.option("--timezone", default="", help="Where its days begin, such as America/Chicago.")
@click.option("--origin", default="", help="The log's name in its checkpoints.")
@click.option("--database", default="", metavar="URL", help="Another database than SQLite.")
@click.option("--protect", is_flag=True, help="Ask for a passphrase for the archive's own keys.")
@click.option("--no-passphrase", is_flag=True, help="Leave the actor's key without a passphrase.")
@pass_session
def init(
    session: Session,
    folder: Path,
    name: str,
    actor: str,
    roles: tuple[str, ...],
    private_key: Path | None,
    jurisdiction: str,
    timezone: str,
    origin: str,
    database: str,
    protect: bool,
    no_passphrase: bool,
) -> None:
    """Make a new archive and its first actor.

    The actor's private key stays with the person, outside the archive; everything the person
    decides is signed with it. A key that the person has already can be used where it is.

    Passphrases are asked for in this order: the actor's key's, that of the archive's keys.

    \b
    Example:
      muniment init library --name "Cook Memorial Library" --actor ada
      muniment init library --name "Cook Memorial Library" --actor ada --key ~/.ssh/id_ed25519
    """
    from app.cli._keyring import Keyring
    from app.cli._rooms import projections
    from archive import Archive, new_id
    from archive.errors import Refused

    if timezone:
        _check_timezone(timezone)
    folder = folder.resolve()
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise Refused(f"{folder} is not empty", hint="name a folder that does not exist yet")
    identity = new_id()
    keyring = Keyring.of(identity)
    keyring.path(actor)
    ask = session.passphrases.ask
    key, secret = None, None
    if private_key is not None:
        key = _existing(session, actor, private_key)
    elif not no_passphrase:
        secret = ask(f"{actor}'s key", new=True)
    locked = ask("the archive's keys", new=True) if protect else None
    try:
        if private_key is not None:
            keyring.link(actor, private_key)
        made = Archive.create(
            folder,
            name=name,
            actor_name=actor,
            actor_key=key or keyring.create(actor, secret),
            roles=roles,
            origin=origin,
            database=database,
            jurisdiction=jurisdiction,
            timezone=timezone,
            passphrase=locked,
            projections=projections(),
            clock=session.clock,
            identity=identity,
        )
    except BaseException:
        if not (folder / CONFIG_FILE).exists():
            keyring.discard()
        raise
    made.close()
    say(f"made the archive {made.config.name} in {folder}")
    say(f"{actor}'s private key is {keyring.path(actor)}")
    say(f"next: muniment --archive {shlex.quote(str(folder))} status")
    _tell_unknown(jurisdiction)
    note(
        "make a copy of the archive's keys and keep it in another safe place: "
        f"muniment --archive {shlex.quote(str(folder))} key backup FILE. "
        "Whoever loses the vault key loses every text in the archive, for ever"
    )


def _tell_unknown(jurisdiction: str) -> None:
    """Say that no request can be opened under a law that there are no rules of."""
    from archive.errors import UsageError
    from exports.requests import load_jurisdiction

    if not jurisdiction:
        return
    try:
        load_jurisdiction(jurisdiction)
    except UsageError as error:
        note(
            f"there are no rules for requests under {jurisdiction!r} ({error.hint}): "
            "until muniment.toml names one that there is, no request can be opened"
        )


def _existing(session: Session, actor: str, path: Path) -> "Ed25519PrivateKey":
    from archive import keys

    try:
        return keys.load_actor_key(path)
    except keys.PassphraseNeeded:
        return keys.load_actor_key(path, session.passphrases.ask(f"{actor}'s key"))


def _check_timezone(name: str) -> None:
    from zoneinfo import ZoneInfo

    from archive.errors import UsageError

    try:
        ZoneInfo(name)
    except (LookupError, ValueError, OSError) as error:
        raise UsageError(
            f"{name!r} is no time zone", hint="name one such as America/Chicago"
        ) from error
