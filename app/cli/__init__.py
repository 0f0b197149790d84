"""The command line: one module per noun, each loaded only when it is asked for.

A command's module is named after it and holds a click command of the same name. Commands raise
`archive.errors.MunimentError`; what a person then sees is decided in one place, `app.cli._errors`.
"""

import importlib
import logging
import sys
from collections.abc import Sequence
from typing import Any

import click

from app import __version__
from app.cli._session import Session

COMMANDS = {
    "init": "Make a new archive and its first actor.",
    "status": "Say what the archive holds and what needs attention.",
    "verify": "Check the archive, a bundle, or the proof of an entry.",
    "rebuild": "Compute everything that is derived from the log anew.",
    "backup": "Copy the archive to another place, while it is in use.",
    "restore": "Make a backup the archive again.",
    "export-all": "Write out everything in the archive, for other programs to read.",
    "import-all": "Make an archive of a whole export.",
    "checkpoint": "Print the signed head of the log.",
    "timestamp": "Have the log's head stamped by a time-stamping authority (RFC 3161).",
    "proof": "Prove that an entry, or each entry of a record, stands in the log.",
    "actor": "People and agents that decide or capture.",
    "key": "The archive's own keys: copies of them, passphrases, new ones.",
    "account": "The social-media accounts that are kept.",
    "ingest": "Take exports of social-media accounts into the archive.",
    "capture": "Capture accounts live, by the platforms' own interfaces.",
    "record": "Look at single records.",
    "policy": "Policies that say what may be removed.",
    "moderate": "Record removals, restorations and bans.",
    "appeal": "Record appeals against removals and bans, and their outcome.",
    "search": "Find records: all that match, in any of their versions, and how many there are.",
    "saved": "Queries that are kept under a name.",
    "schedule": "Retention schedules: which records are kept how long, and what is due.",
    "hold": "Legal holds: what they catch is not disposed of, whatever the schedule says.",
    "disposal": "Dispose of what is due: propose, approve by two persons, run, certify.",
    "request": "Public-records requests, from receipt to answer.",
    "calendar": "The days on which the body is closed: no due date counts them.",
    "letter": "Letters to a requester: as text to change, as PDF to send.",
    "fee": "What an answer may cost, by the law's own scales.",
    "export": "Make the bundle that answers a request.",
    "demo": "Work through a library's year in one command.",
}
"""Every command with the first line of its help, so that `muniment --help` loads none of them."""


class Commands(click.Group):
    """The root: finds commands by name, and turns every failure into one line and a status."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        name = cmd_name.replace("-", "_")
        command = getattr(importlib.import_module(f"app.cli.{name}"), name)
        if not isinstance(command, click.Command):
            raise TypeError(f"app.cli.{cmd_name} has no command of its name")
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args[0] not in COMMANDS:
            raise click.UsageError(f"there is no command {args[0]!r}", ctx)
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> None:
        try:
            super().invoke(ctx)
            sys.stdout.flush()
        except Exception as error:
            from app.cli._errors import leave_quietly, reader_left

            if not reader_left(error):
                raise
            ctx.exit(leave_quietly())

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        **extra: Any,
    ) -> Any:
        """Run, and leave with the status that `docs/cli.md` documents."""
        try:
            status = super().main(args, prog_name, complete_var, standalone_mode=False, **extra)
        except (Exception, KeyboardInterrupt) as error:
            if not standalone_mode:
                raise
            from app.cli._errors import report

            status = report(error)
        if not standalone_mode:
            return status
        sys.exit(status)


@click.group(
    "muniment",
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.option(
    "--archive",
    "folder",
    metavar="DIR",
    envvar="MUNIMENT_ARCHIVE",
    help="The archive; else MUNIMENT_ARCHIVE, else the current folder.",
)
@click.option(
    "--as",
    "actor",
    metavar="NAME",
    envvar="MUNIMENT_ACTOR",
    help="Who acts; else MUNIMENT_ACTOR, else the only actor with a key here.",
)
@click.option(
    "--passphrase-fd",
    type=click.IntRange(min=0),
    metavar="N",
    help="Read passphrases from this file descriptor, one a line, instead of asking.",
)
@click.version_option(__version__, prog_name="muniment", message="%(prog)s %(version)s")
@click.pass_context
def cli(
    ctx: click.Context, folder: str | None, actor: str | None, passphrase_fd: int | None
) -> None:
    """Keep a public body's social media as public records.

    \b
    Example:
      muniment init library --name "Cook Memorial Library" --actor ada
      muniment --archive library status
    """
    ctx.obj = ctx.with_resource(Session(folder, actor, passphrase_fd, clock=ctx.obj))


def main() -> None:
    """The entry point of the `muniment` command. What libraries log is not shown to people."""
    logging.getLogger().addHandler(logging.NullHandler())
    cli(prog_name="muniment")
