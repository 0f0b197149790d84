"""The actors' private keys that are kept on this machine, outside every archive.

Folder: MUNIMENT_KEYS, else `keys` among this person's settings; below it a folder for each archive,
named by the archive's id, with one OpenSSH key file for each actor, named by the actor, or a
symbolic link to a key that lies elsewhere. A key that takes the place of another one is
`.NAME.new` until the archive knows it; the key before it is kept as `.NAME.old-` and the beginning
of its public half.
"""

import os
import shutil
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import click
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from archive import Archive, actors, keys
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

    def link(self, name: str, file: Path) -> bytes:
        """Use the OpenSSH private key in `file` for an actor; its raw public half.

        KeyProblem when there is a key for that name already, or the file is no such key.
        """
        return self._link(self.path(name), file)

    def prepare(self, name: str, passphrase: bytes | None, file: Path | None = None) -> bytes:
        """Lay a new key, or a link to the one in `file`, beside an actor's; its raw public half.

        `settle_new` puts it in the actor's place once the archive knows it, `remove_new` takes it
        away.
        """
        new = self._new(name)
        new.unlink(missing_ok=True)
        if file is not None:
            return self._link(new, file)
        return keys.public_bytes(keys.create_actor_key(new, passphrase))

    def remove_new(self, archive: Archive, name: str) -> None:
        """Take away a key that was prepared, unless the archive knows it after all."""
        if not self.settle_new(archive, name):
            self._new(name).unlink(missing_ok=True)
            with suppress(OSError):
                self.folder.rmdir()

    def settle_new(self, archive: Archive, name: str) -> bool:
        """Put a prepared key in its actor's place if it is the actor's key in the archive.

        Returns whether it is. The key that it replaces is kept beside it.
        """
        new, path = self._new(name), self.path(name)
        if not new.exists():
            return False
        with archive.read() as reader:
            holder = actors.by_key(reader, keys.public_half(new))
        if holder is None or holder.name != name or _former(holder, keys.public_half(new)):
            return False
        self._keep_former(name, keys.public_half(new))
        new.replace(path)
        return True

    def signer(
        self, archive: Archive, name: str | None, ask: Callable[[str], bytes | None]
    ) -> keys.ActorKey:
        """The named actor, or the only one with a key here, ready to sign.

        `ask` gives the passphrase of what it is told, or None. Raises KeyProblem, UsageError.
        """
        chosen = name or self._only()
        path = self.path(chosen)
        self.settle_new(archive, chosen)
        if not path.exists():
            raise self._missing(archive, chosen)
        actor = self._holder(archive, chosen)
        try:
            key = keys.load_actor_key(path)
        except keys.PassphraseNeeded:
            passphrase = ask(f"{chosen}'s key")
            if not passphrase:
                raise
            key = keys.load_actor_key(path, passphrase)
        return keys.ActorKey(actor.id, key)

    def _holder(self, archive: Archive, name: str) -> actors.Actor:
        """The actor whose key in force lies here under a name; KeyProblem when it is not."""
        path = self.path(name)
        public = keys.public_half(path)
        with archive.read() as reader:
            actor = actors.by_key(reader, public)
        if actor is None or actor.name != name:
            raise KeyProblem(
                f"the key {path} is not {name}'s key in this archive",
                hint="see: muniment actor list; put back the right key file",
            )
        if actor.revoked:
            raise KeyProblem(
                f"{name} is revoked and cannot decide anything",
                hint=f"an officer or director can give a new key: muniment actor rekey {name}",
            )
        if _former(actor, public):
            raise KeyProblem(
                f"the key {path} was {name}'s before; another one has taken its place",
                hint=f"name the new one: muniment actor link {name} FILE",
            )
        return actor

    def _new(self, name: str) -> Path:
        return self.path(name).with_name(f".{name}.new")

    def _keep_former(self, name: str, replaced_by: bytes) -> None:
        path = self.path(name)
        if not path.exists():
            return
        try:
            public = keys.public_half(path)
        except KeyProblem:
            which = "unreadable"
        else:
            which = public.hex()[:8]
            if public == replaced_by:
                return
        with suppress(OSError):
            os.link(path, path.with_name(f".{name}.old-{which}"), follow_symlinks=False)

    def _link(self, path: Path, file: Path) -> bytes:
        if path.is_symlink() or path.exists():
            raise KeyProblem(f"there is already a key at {path}", hint="move it away first")
        public = keys.public_half(file)
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.symlink_to(file.resolve())
        return public

    def _only(self) -> str:
        names = self.names()
        if len(names) > 1:
            raise UsageError(
                f"several actors have keys here: {', '.join(names)}", hint="say who with --as NAME"
            )
        if not names:
            raise KeyProblem(
                "no actor of this archive has a private key here",
                hint="name your key: muniment actor link NAME FILE; or set MUNIMENT_KEYS",
            )
        return names[0]

    def _missing(self, archive: Archive, name: str) -> KeyProblem:
        with archive.read() as reader:
            known = [actor.name for actor in actors.every(reader)]
        path = self.path(name)
        if path.is_symlink():
            return KeyProblem(
                f"{name}'s private key is not where {path} points to ({path.readlink()})",
                hint=f"put it back, or remove the link and run: muniment actor link {name} FILE",
            )
        if name in known:
            return KeyProblem(
                f"{name}'s private key is not here ({path})",
                hint=f"name it: muniment actor link {name} FILE; or act as somebody else with --as",
            )
        return KeyProblem(
            f"there is no actor named {name}",
            hint=f"actors are {', '.join(known)}; muniment actor add {name} makes a new one",
        )


def _former(actor: actors.Actor, public: bytes) -> bool:
    """Whether a key of an actor is not the one in force any more."""
    return actor.revoked or actor.public_key != public.hex()
