"""The command itself: options in, exit code out. `gonogo flash` and flash.sh are both this one."""

from __future__ import annotations

import sys
from typing import Any

import click

from gonogo.base.errors import FlashError
from gonogo.build.flash.options import asked, options

EXIT_USAGE = 1  # 2 is what click itself takes, and here it is a refusal of the preflight


class Misused(click.UsageError):
    """An option that does not exist, or a value that it cannot have."""

    exit_code = EXIT_USAGE


class FlashCommand(click.Command):
    """Ends with exit code 1 where it is misused."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """As ever, with that exit code."""
        try:
            return super().parse_args(ctx, args)
        except click.UsageError as error:
            raise Misused(error.format_message(), error.ctx) from error


@click.command(cls=FlashCommand)
@options
def flash(**given: Any) -> None:  # noqa: ANN401 - the options, by their names
    """Write a station onto a disk, verify it, and hear whether it inspects.

    Of a station only the slot that does not start is written, and it starts next, on trial. Exit
    codes: 0 done, 1 usage, 2 refused before a write, 3 signature or kind of image, 4 no such disk
    or busy, 5 the disk failed, 6 read back otherwise, 7 unhealthy and rolled back, 8 no answer, 130
    stopped.
    """
    from gonogo.build.flash.job import flash as carry_out  # noqa: PLC0415 - light completion

    try:
        code = carry_out(asked(given))
    except FlashError as error:  # before there was a log
        click.echo(str(error), err=True)
        code = error.exit_code
    sys.exit(code)
