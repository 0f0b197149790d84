"""A noun of the command line, whose help tells each of its commands in a whole sentence."""

import click

_WHOLE = 1000


class Noun(click.Group):
    """A group of commands; click itself would cut what they say to the width of the terminal."""

    group_class = type

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Their names, and what the first sentence of their help says."""
        rows = [
            (name, command.get_short_help_str(_WHOLE))
            for name in self.list_commands(ctx)
            if (command := self.get_command(ctx, name)) is not None
        ]
        with formatter.section("Commands"):
            formatter.write_dl(rows)
