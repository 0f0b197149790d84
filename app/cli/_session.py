"""What a command works with: the open archive, whoever acts, the clock, and passphrases.

Made once by the root command from its options; commands receive it by `@pass_session`.
"""

import os
import sys
from collections.abc import Callable
from contextlib import ExitStack
from datetime import datetime
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

import click

if TYPE_CHECKING:
    from archive import Archive, Signer

CONFIG_FILE = "muniment.toml"

Clock = Callable[[], datetime]


class Session:
    """The archive of --archive and the actor of --as, opened when first asked for.

    `clock` gives the time that is recorded; tests hand in their own by the context's `obj`.
    """

    def __init__(
        self,
        folder: str | None = None,
        actor: str | None = None,
        passphrase_fd: int | None = None,
        clock: Clock | None = None,
    ) -> None:
        from archive.times import utc_now

        self.clock: Clock = clock or utc_now
        self.actor = actor
        self._folder = folder
        self.passphrases = Passphrases(passphrase_fd)
        self._for_archive: bytes | None = None
        self._closing = ExitStack()
        self._archive: Archive | None = None
        self._signer: Signer | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._closing.close()

    @property
    def folder(self) -> Path:
        """The archive's folder; NotAnArchive when none was named and this folder is not one."""
        from archive.errors import NotAnArchive

        if self._folder is not None:
            return Path(self._folder)
        if Path(CONFIG_FILE).is_file():
            return Path()
        raise NotAnArchive(
            "no archive was named and this folder is not one",
            hint="use --archive DIR or set MUNIMENT_ARCHIVE; muniment init makes a new archive",
        )

    def archive(self) -> "Archive":
        """The archive with the projections of all rooms, open until the command ends."""
        if self._archive is None:
            from app.cli._output import note
            from app.cli._rooms import projections
            from archive import Archive

            self._archive = self._closing.enter_context(
                Archive.open(
                    self.folder,
                    projections=projections(),
                    clock=self.clock,
                    passphrase=self.archive_passphrase,
                    tell=cache(note),
                )
            )
        return self._archive

    def signer(self) -> "Signer":
        """Whoever acts, with the private key that is kept here.

        KeyProblem when that key is missing, locked, or not the one that the archive knows;
        UsageError when several actors have keys here and none was named.
        """
        if self._signer is None:
            from app.cli._keyring import Keyring

            archive = self.archive()
            keyring = Keyring.of(archive.config.id)
            self._signer = keyring.signer(archive, self.actor, self.passphrases.ask_if_possible)
        return self._signer

    def archive_passphrase(self, what: str) -> bytes | None:
        """The passphrase of the archive's own keys, asked for once; None when nobody is there."""
        if self._for_archive is None:
            self._for_archive = self.passphrases.ask_if_possible(f"the archive's {what}")
        return self._for_archive


pass_session = click.make_pass_decorator(Session)


class Passphrases:
    """Passphrases from a file descriptor, one a line, or from the person at the terminal.

    They are never taken from the command line or the environment, where others could read them.
    """

    def __init__(self, descriptor: int | None) -> None:
        self._descriptor = descriptor

    def ask_if_possible(self, what: str) -> bytes | None:
        """The passphrase for `what`, or None when there is nobody to ask."""
        if self._descriptor is None and not sys.stdin.isatty():
            return None
        return self.ask(what)

    def ask(self, what: str, *, new: bool = False) -> bytes:
        """The passphrase for `what`; typed twice when it is a new one.

        KeyProblem when there is nobody to ask, or nothing more to read.
        """
        from archive.errors import KeyProblem

        if self._descriptor is not None:
            return self._read(self._descriptor, what)
        if not sys.stdin.isatty():
            raise KeyProblem(
                f"{what} needs a passphrase and there is no terminal to ask at",
                hint="give it by --passphrase-fd N, or choose --no-passphrase",
            )
        prompt = f"{'New passphrase' if new else 'Passphrase'} for {what}"
        text: str = click.prompt(prompt, hide_input=True, err=True, confirmation_prompt=new)
        return text.encode()

    @staticmethod
    def _read(descriptor: int, what: str) -> bytes:
        from archive.errors import KeyProblem

        line = bytearray()
        try:
            while (byte := os.read(descriptor, 1)) not in {b"", b"\n"}:
                line += byte
        except OSError as error:
            raise KeyProblem(
                f"the file descriptor {descriptor} cannot be read ({error.strerror})",
                hint="open it for reading, as in --passphrase-fd 3 3<file",
            ) from error
        if not line:
            raise KeyProblem(
                f"no passphrase for {what} on file descriptor {descriptor}",
                hint="write one passphrase a line, in the order in which they are asked for",
            )
        return bytes(line.removesuffix(b"\r"))
