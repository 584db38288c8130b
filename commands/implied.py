"""Groups of commands of which one may be left out."""

from __future__ import annotations

from typing import ClassVar

import click


class Implied(click.Group):
    """A word that is no command of it is the first one of the command that is `implied`."""

    implied: ClassVar[str]

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """With that command where it was left out."""
        if args and args[0] not in {*self.commands, *ctx.help_option_names}:
            args = [self.implied, *args]
        return super().parse_args(ctx, args)
