"""What `?` and `help` show of the table of commands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gonogo.base.errors import CommandUnknown
from gonogo.console.serial.screen import columns
from gonogo.console.serial.table import beginning, listed, manual, matching

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gonogo.console.serial.table import Command

FEW = 8  # commands, which are listed with what they do


def help_on(commands: Sequence[Command], before: str) -> list[str]:
    """What a line may become that begins so: one command's manual, few in a line each, or words."""
    found = beginning(commands, before)
    whole = matching(commands, before.split()) if before.endswith(" ") else []
    if len(found) == 1 or len(whole) == 1:
        return manual((whole or found)[0])
    if not found:
        return ["no command begins so"]
    return listed(found) if len(found) <= FEW else columns([each.words for each in found])


def help_with(commands: Sequence[Command], words: Sequence[str]) -> list[str]:
    """The list, or the manual of the command that is named; CommandUnknown."""
    if not words:
        return listed(commands)
    found = beginning(commands, " ".join(words))
    if not found:
        raise CommandUnknown(f"'{' '.join(words)}' is no command; `?` lists them")
    return [line for each in found for line in manual(each)]
