"""`muniment actor`: who decides, and with which key."""

from pathlib import Path

import click

from app.cli._output import emit, json_option, say
from app.cli._session import Session, pass_session


@click.group()
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
@click.option(
    "--public-key",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Take this OpenSSH Ed25519 public key instead of making a new key here.",
)
@click.option("--no-passphrase", is_flag=True, help="Leave the new key without a passphrase.")
@pass_session
def add(
    session: Session,
    name: str,
    roles: tuple[str, ...],
    public_key: Path | None,
    no_passphrase: bool,
) -> None:
    """Make somebody an actor.

    Two persons need two keys. Somebody who works on another machine makes a key there
    (ssh-keygen -t ed25519) and hands over the public half only.

    \b
    Example:
      muniment actor add ben --role director
      muniment actor add carla --public-key carla.pub
    """
    from app.cli._keyring import Keyring
    from archive import actors, keys

    archive, signer = session.archive(), session.signer()
    keyring = Keyring.of(archive.config.id)
    path = keyring.path(name)
    if public_key is not None:
        public = _read_public_key(public_key)
    else:
        secret = None if no_passphrase else session.passphrases.ask(f"{name}'s key", new=True)
        public = keys.public_bytes(keyring.create(name, secret))
    try:
        with archive.write(signer) as writer:
            added = actors.add(writer, name, public, roles)
    except BaseException:
        if public_key is None:
            keyring.remove(name)
        raise
    say(f"{added.name} is an actor ({', '.join(added.roles)})")
    if public_key is None:
        say(f"{name}'s private key is {path}")


@actor.command("list")
@json_option
@pass_session
def list_(session: Session, as_json: bool) -> None:
    """List the actors: name, roles, and whether the private key is here.

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
            }
            for one in actors.every(reader)
        ]
    columns = ["name", "roles", "key_here", "id", *(["public_key"] if as_json else [])]
    emit(rows, columns, as_json)


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
