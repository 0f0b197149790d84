"""A command that takes files, with commands below it: `muniment ingest FILE…`, `… ingest runs`."""

import click

from app.cli._noun import Noun


class FilesOrCommand(Noun):
    """A group whose first word is a command of its own, or else begins the words of `default`."""

    def __init__(self, default: click.Command, **attributes: object) -> None:
        super().__init__(
            name=default.name,
            help=default.help,
            context_settings={
                "ignore_unknown_options": True,
                "allow_interspersed_args": False,
                "help_option_names": ["-h", "--help"],
            },
        )
        self.default = default

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args[0] in self.commands:
            return super().resolve_command(ctx, args)
        return "", self.default, args

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        self.default.format_usage(ctx, formatter)
        formatter.write_usage(ctx.command_path, "COMMAND [ARGS]...", "   or: ")

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        self.default.format_options(ctx, formatter)
        self.format_commands(ctx, formatter)
