"""What restoring and importing have in common: the archive's keys, and who acts."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from app.cli._session import Session

if TYPE_CHECKING:
    from archive import PutKeys, Restoration, Signer


def put_keys_of(session: Session, path: Path) -> tuple["PutKeys", Callable[[str], bytes | None]]:
    """What puts the keys in `path` in place, and who is asked for their passphrase then."""
    from archive import Config, KeyProblem, keys_of, read_copy

    if path.is_dir():
        return keys_of(path), session.archive_passphrase
    passphrase = session.passphrases.ask("the copy of the keys")
    copy = read_copy(path, passphrase)

    def put(folder: Path) -> None:
        if copy.archive_id != Config.read(folder).id:
            raise KeyProblem(
                f"{path} has the keys of another archive, {copy.name}",
                hint="name the copy of this archive's keys",
            )
        copy.put(folder, passphrase if copy.protected else None)

    return put, lambda _: passphrase


def signer_of(session: Session, made: "Restoration") -> "Signer":
    """Whoever acts, by the log of the restored archive."""
    from app.cli._keyring import Keyring

    keyring = Keyring.of(made.archive.config.id)
    return keyring.signer(made.archive, session.actor, session.passphrases.ask_if_possible)
