"""The actors' private keys that are kept on this machine, outside every archive.

Folder: MUNIMENT_KEYS, else `keys` among this person's settings; below it a folder for each archive,
named by the archive's id, with one OpenSSH key file for each actor, named by the actor.
"""

import os
import shutil
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import click
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from archive import Archive, actors, keys, new_id
from archive.errors import KeyProblem, UsageError

_LONGEST_NAME = 100


def root() -> Path:
    """Where all archives' private keys are."""
    named = os.environ.get("MUNIMENT_KEYS")
    return Path(named) if named else Path(click.get_app_dir("muniment")) / "keys"


@dataclass(frozen=True, slots=True)
class Keyring:
    """The private keys for one archive."""

    folder: Path

    @classmethod
    def of(cls, archive_id: str) -> "Keyring":
        """The keyring of an archive."""
        return cls(root() / archive_id)

    @classmethod
    def beside(cls) -> "Keyring":
        """A keyring for an archive that does not exist yet; `settle` or `discard` it."""
        return cls(root() / f".{new_id()}.new")

    def settle(self, archive_id: str) -> "Keyring":
        """Give the keyring to an archive that has just been made."""
        settled = Keyring.of(archive_id)
        self.folder.replace(settled.folder)
        return settled

    def discard(self) -> None:
        """Remove a keyring whose archive was not made after all."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def path(self, name: str) -> Path:
        """An actor's key file; UsageError when the name cannot be a file's name."""
        if (
            not name.isprintable()
            or name != name.strip()
            or "/" in name
            or not 0 < len(name.encode()) <= _LONGEST_NAME
            or name.startswith(".")
        ):
            raise UsageError(
                f"{name!r} cannot be an actor's name",
                hint="use a name of at most 100 bytes without slashes or a leading dot",
            )
        return self.folder / name

    def names(self) -> list[str]:
        """The actors who have a private key here."""
        if not self.folder.is_dir():
            return []
        return sorted(path.name for path in self.folder.iterdir() if path.name[0] != ".")

    def create(self, name: str, passphrase: bytes | None) -> Ed25519PrivateKey:
        """A new private key for an actor; KeyProblem when there is one already."""
        return keys.create_actor_key(self.path(name), passphrase)

    def remove(self, name: str) -> None:
        """Remove a key that `create` made, and the folder when it was the only one."""
        self.path(name).unlink(missing_ok=True)
        with suppress(OSError):
            self.folder.rmdir()

    def signer(
        self, archive: Archive, name: str | None, ask: Callable[[str], bytes | None]
    ) -> keys.ActorKey:
        """The named actor, or the only one with a key here, ready to sign.

        `ask` gives the passphrase of what it is told, or None. Raises KeyProblem, UsageError.
        """
        chosen = name or self._only()
        path = self.path(chosen)
        if not path.exists():
            raise self._missing(archive, chosen)
        try:
            key = keys.load_actor_key(path)
        except keys.PassphraseNeeded:
            passphrase = ask(f"{chosen}'s key")
            if not passphrase:
                raise
            key = keys.load_actor_key(path, passphrase)
        with archive.read() as reader:
            actor = actors.by_key(reader, keys.public_bytes(key))
        if actor is None or actor.name != chosen:
            raise KeyProblem(
                f"the key {path} is not {chosen}'s key in this archive",
                hint="see: muniment actor list; put back the right key file",
            )
        return keys.ActorKey(actor.id, key)

    def _only(self) -> str:
        names = self.names()
        if len(names) > 1:
            raise UsageError(
                f"several actors have keys here: {', '.join(names)}", hint="say who with --as NAME"
            )
        if not names:
            raise KeyProblem(
                "no actor of this archive has a private key here",
                hint=f"put your key into {self.folder}, or set MUNIMENT_KEYS",
            )
        return names[0]

    def _missing(self, archive: Archive, name: str) -> KeyProblem:
        with archive.read() as reader:
            known = [actor.name for actor in actors.every(reader)]
        if name in known:
            return KeyProblem(
                f"{name}'s private key is not here ({self.path(name)})",
                hint="put it there, set MUNIMENT_KEYS, or act as somebody else with --as",
            )
        return KeyProblem(
            f"there is no actor named {name}",
            hint=f"actors are {', '.join(known)}; muniment actor add {name} makes a new one",
        )
