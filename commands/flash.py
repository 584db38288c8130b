"""`gonogo flash`: the same as flash.sh, for a laptop that has the program and no checkout."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gonogo.build.flash.command import flash

if TYPE_CHECKING:
    import click

__all__ = ["COMMANDS", "flash"]

COMMANDS: tuple[click.Command, ...] = (flash,)
