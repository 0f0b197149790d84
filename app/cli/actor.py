"""`muniment actor`: who decides, and with which key."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from app.cli._decision import reason_given, reason_options
from app.cli._noun import Noun
from app.cli._output import emit, json_option, say
from app.cli._session import Session, pass_session

if TYPE_CHECKING:
    from app.cli._keyring import Keyring
    from archive.actors import Actor


def key_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Which key an actor gets: --public-key, --key, or a new one with or without a passphrase."""
    for option in (
        click.option(
            "--no-passphrase", is_flag=True, help="Leave the new key without a passphrase."
        ),
        click.option(
            "--key",
            "private_key",
            type=click.Path(path_type=Path),
            metavar="FILE",
            help="Use this OpenSSH Ed25519 private key; it stays where it is.",
        ),
        click.option(
            "--public-key",
            type=click.Path(path_type=Path),
            metavar="FILE",
            help="Take this OpenSSH Ed25519 public key instead of making a new key here.",
        ),
    ):
        command = option(command)
    return command


@click.group(cls=Noun)
def actor() -> None:
    """People and agents that decide or capture.

    \b
    Example:
      muniment actor add ben --role director
      muniment actor list
    """


@actor.command()
@click.argument("name")
@click.option(
    "--role",
    "roles",
    multiple=True,
    default=("officer",),
    show_default=True,
    help="officer, director, moderator or agent; may be given several times.",
)
@key_options
@pass_session
def add(
    session: Session,
    name: str,
    roles: tuple[str, ...],
    public_key: Path | None,
    private_key: Path | None,
    no_passphrase: bool,
) -> None:
    """Make somebody an actor. Officers and directors do that.

    Two persons need two keys. Somebody who works on another machine makes a key there
    (ssh-keygen -t ed25519) and hands over the public half only. A key that somebody has already on
    this machine is used where it is (--key ~/.ssh/id_ed25519).

    Passphrases are asked for in this order: the archive's, yours, the new key's.

    \b
    Example:
      muniment actor add ben --role director
      muniment actor add carla --public-key carla.pub
    """
    from archive import actors

    archive, signer = session.archive(), session.signer()
    keyring, public = _new_key(session, name, public_key, private_key, no_passphrase)
    try:
        with archive.write(signer) as writer:
            added = actors.add(writer, name, public, roles)
    except BaseException:
        keyring.remove_new(archive, name)
        raise
    archive.publish(added)
    say(f"{added.name} is an actor ({', '.join(added.roles)})")
    if keyring.settle_new(archive, name):
        say(f"{name}'s private key is {keyring.path(name)}")


@actor.command()
@click.argument("name")
@key_options
@reason_options
@pass_session
def rekey(
    session: Session,
    name: str,
    public_key: Path | None,
    private_key: Path | None,
    no_passphrase: bool,
    reason: str | None,
    reason_file: Any,
) -> None:
    """Give an actor a new key: who lost one, or whose key somebody else may have.

    Actors do that themselves while they have their key; else an officer or director does, which
    also brings back an actor who was revoked. The key before it signs nothing from then on; it is
    kept in a file whose name begins with a dot. No key is ever used twice.

    Passphrases are asked for in this order: the archive's, yours, the new key's.

    \b
    Example:
      muniment actor rekey ada
      muniment --as ben actor rekey ada --public-key ada.pub --reason "ada's laptop was stolen"
    """
    from archive import actors

    archive, signer = session.archive(), session.signer()
    why = "" if reason is None and reason_file is None else reason_given(reason, reason_file)
    with archive.read() as reader:
        known = actors.by_name(reader, name)
    keyring, public = _new_key(session, name, public_key, private_key, no_passphrase, known)
    try:
        with archive.write(signer) as writer:
            changed = actors.rekey(writer, known, public, why)
    except BaseException:
        keyring.remove_new(archive, name)
        raise
    archive.publish(changed)
    say(f"{name} signs with a new key from now on")
    if keyring.settle_new(archive, name):
        say(f"{name}'s private key is {keyring.path(name)}")
    elif keyring.path(name).exists():
        say(f"{keyring.path(name)} is {name}'s key no longer")


@actor.command()
@click.argument("name")
@reason_options
@pass_session
def revoke(session: Session, name: str, reason: str | None, reason_file: Any) -> None:
    """Take an actor's key away: it signs nothing from then on.

    What the actor decided before stays valid. Officers and directors do that, and actors for
    themselves. The last officer or director cannot be revoked.

    \b
    Example:
      muniment actor revoke ben --reason "left the library"
    """
    from archive import actors

    why = reason_given(reason, reason_file)
    archive, signer = session.archive(), session.signer()
    with archive.write(signer) as writer:
        actors.revoke(writer, actors.by_name(writer, name), why)
    say(f"{name} is revoked")


@actor.command()
@click.argument("name")
@click.argument("file", type=click.Path(path_type=Path))
@pass_session
def link(session: Session, name: str, file: Path) -> None:
    """Say where an actor's private key lies on this machine.

    The archive has to know its public half already. The file stays where it is.

    \b
    Example:
      muniment actor link ada ~/.ssh/id_ed25519
    """
    from app.cli._keyring import Keyring
    from archive import actors
    from archive.errors import KeyProblem

    archive = session.archive()
    keyring = Keyring.of(archive.config.id)
    with archive.read() as reader:
        known = actors.by_name(reader, name)
    public = keyring.prepare(name, None, file)
    if not keyring.settle_new(archive, name):
        keyring.remove_new(archive, name)
        state = "was" if public.hex() == known.public_key else "is not"
        raise KeyProblem(
            f"{file} {state} {name}'s key in this archive",
            hint="an officer or director can give a new key: "
            f"muniment actor rekey {name} --public-key {file}.pub",
        )
    say(f"{name}'s private key is {keyring.path(name)}, which points to {file.resolve()}")


@actor.command("list")
@json_option
@pass_session
def list_(session: Session, as_json: bool) -> None:
    """List the actors: name, roles, whether the private key is here, id, whether revoked.

    With --json their public keys, too.

    \b
    Example:
      muniment actor list
    """
    from app.cli._keyring import Keyring
    from archive import actors

    archive = session.archive()
    here = set(Keyring.of(archive.config.id).names())
    with archive.read() as reader:
        rows = [
            {
                "name": one.name,
                "roles": list(one.roles),
                "key_here": one.name in here,
                "public_key": one.public_key,
                "id": one.id,
                "revoked": one.revoked,
            }
            for one in actors.every(reader)
        ]
    columns = ["name", "roles", "key_here", "id", "revoked", *(["public_key"] if as_json else [])]
    emit(rows, columns, as_json)


def _new_key(
    session: Session,
    name: str,
    public_key: Path | None,
    private_key: Path | None,
    no_passphrase: bool,
    known: "Actor | None" = None,
) -> "tuple[Keyring, bytes]":
    """The keyring, with a new private key prepared unless only a public one was given, and the
    public half. KeyProblem when a new actor has a key here already.
    """
    from app.cli._keyring import Keyring
    from archive.errors import KeyProblem, UsageError

    if public_key is not None and private_key is not None:
        raise UsageError("give either --public-key or --key")
    keyring = Keyring.of(session.archive().config.id)
    path = keyring.path(name)
    if public_key is not None:
        return keyring, _read_public_key(public_key)
    if known is None and (path.exists() or path.is_symlink()):
        raise KeyProblem(f"there is already a key at {path}", hint="choose another name")
    if private_key is not None:
        return keyring, keyring.prepare(name, None, private_key)
    secret = None if no_passphrase else session.passphrases.ask(f"{name}'s new key", new=True)
    return keyring, keyring.prepare(name, secret)


def _read_public_key(path: Path) -> bytes:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.serialization import load_ssh_public_key

    from archive.errors import KeyProblem

    hint = "make a key with: ssh-keygen -t ed25519; and name its .pub file"
    try:
        key = load_ssh_public_key(path.read_bytes())
    except OSError as error:
        raise KeyProblem(f"{path} cannot be read ({error.strerror})", hint=hint) from error
    except (ValueError, UnsupportedAlgorithm) as error:
        raise KeyProblem(f"{path} is not an OpenSSH public key", hint=hint) from error
    if not isinstance(key, Ed25519PublicKey):
        raise KeyProblem(f"{path} is not an Ed25519 key", hint=hint)
    return key.public_bytes_raw()
